"""Our measures beside those of torch-fidelity, on the same features.  It has no density and no coverage: those have
closed forms in test_judge_measures.py.  With torch-fidelity 0.4.0 all pass."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge.quality import NEIGHBOURS, frechet, kid, precision
from chonk.judge.variety import recall

pytest.importorskip("torch_fidelity", reason="the extra chonk[fidelity] is not installed", exc_type=ImportError)


@pytest.fixture(scope="module", params=[0, 1])
def features(request) -> tuple[np.ndarray, np.ndarray]:
    """Real ones and results: two crowds that overlap, 200 x 12 each."""
    rng = np.random.default_rng(request.param)
    real, fake = rng.normal(size=(2, 200, 12)) @ np.diag(np.linspace(0.3, 2, 12))
    return real, 0.8 * fake + 0.4


def test_kid(features):
    from torch_fidelity.metric_kid import kid_features_to_metric

    real, fake = features
    theirs = kid_features_to_metric(*map(torch.from_numpy, features), kid_subsets=1, kid_subset_size=200, verbose=False)
    assert kid(real, fake) == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-9)


def test_precision_and_recall(features):
    prc = pytest.importorskip("torch_fidelity.metric_prc", reason="torch-fidelity before 0.4 has neither")
    real, fake = features
    theirs = prc.prc_features_to_metric(
        torch.from_numpy(fake), torch.from_numpy(real), prc_neighborhood=NEIGHBOURS, save_cpu_ram=False, verbose=False
    )
    assert precision(real, fake) == pytest.approx(theirs["precision"], abs=1e-6)
    assert recall(real, fake) == pytest.approx(theirs["recall"], abs=1e-6)
    assert 0 < recall(real, fake) < precision(real, fake) < 1


def test_frechet(features):
    from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

    theirs = fid_statistics_to_metric(*(fid_features_to_statistics(torch.from_numpy(x)) for x in features), False)
    assert frechet(*features) == pytest.approx(theirs["frechet_inception_distance"], rel=1e-6)

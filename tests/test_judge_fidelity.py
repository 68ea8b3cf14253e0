"""The extra: a stub in the place of the networks, and what is said where something is missing."""

from __future__ import annotations

import builtins
from urllib.error import URLError

import numpy as np
import pytest
import torch

from chonk.errors import ChonkError, UserError
from chonk.judge import fidelity


def without(monkeypatch):
    """As if torch-fidelity were not installed."""
    real = builtins.__import__

    def missing(name, *rest, **more):
        if name.startswith("torch_fidelity"):
            raise ImportError(f"No module named '{name}'")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)


def test_a_missing_extra_is_said_in_a_line(monkeypatch):
    without(monkeypatch)
    with pytest.raises(UserError, match=r"--features inception: needs torch-fidelity.*pip install 'chonk\[fidelity\]'"):
        fidelity.extractor("inception")


def test_an_unknown_name_is_said_in_a_line():
    with pytest.raises(UserError, match="--features vgg: unknown; choose one of inception, dinov2"):
        fidelity.extractor("vgg")


def test_the_figures_of_any_features(monkeypatch):
    """Mean colours as features: the same crowd, and one that is darker."""
    monkeypatch.setattr(fidelity, "extractor", lambda name: lambda pixels: pixels.double().mean((2, 3)).numpy())
    pixels = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (120, 3, 4, 4), dtype=np.uint8))
    same, other = (fidelity.second_opinion("inception", pixels[:80], fake) for fake in (pixels[80:], pixels[80:] // 2))
    assert same["features"] == "inception-v3-compat 2048"
    assert (
        same["figures"]["fid"]["value"] < 60 < 3000 < other["figures"]["fid"]["value"]
    )  # three means 64 lower: 3 x 64^2
    assert same["figures"]["coverage"]["value"] > 0.8 > other["figures"]["coverage"]["value"]
    assert all(figure["sentence"].endswith(".") for figure in same["figures"].values())


def test_with_torch_fidelity_itself(monkeypatch):
    pytest.importorskip("torch_fidelity", reason="the extra chonk[fidelity] is not installed", exc_type=ImportError)
    from torch_fidelity import FeatureExtractorBase
    from torch_fidelity.registry import FEATURE_EXTRACTORS_REGISTRY

    class Stub(FeatureExtractorBase):
        """Mean colours, where Inception would want its weights."""

        def __init__(self, name, features_list, **_):
            super().__init__(name, features_list)

        @staticmethod
        def get_provided_features_list():
            return ("2048",)

        def forward(self, pixels):
            assert pixels.dtype == torch.uint8 and pixels.shape[1] == 3
            return (pixels.float().mean((2, 3)),)

    class Offline(Stub):
        def __init__(self, name, features_list, **_):
            raise URLError("no route to host")

    monkeypatch.setitem(FEATURE_EXTRACTORS_REGISTRY, "inception-v3-compat", Stub)
    pixels = torch.randint(0, 256, (70, 4, 8, 8), dtype=torch.uint8)
    assert np.allclose(fidelity.extractor("inception")(pixels), pixels[:, :3].double().mean((2, 3)), atol=1e-3)
    monkeypatch.setitem(FEATURE_EXTRACTORS_REGISTRY, "inception-v3-compat", Offline)
    with pytest.raises(ChonkError, match="--features inception: its weights cannot be had .*no route to host"):
        fidelity.extractor("inception")

"""The measures against closed forms and invariants."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge import halves, novelty, planted, quality, sharpness, variety
from chonk.judge.features import features


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def pictures(rng: np.random.Generator, count: int, size: int = 32, channels: int = 3) -> torch.Tensor:
    """Blots of colour: different from each other, smooth, with edges."""
    coarse = torch.from_numpy(rng.integers(0, 2, (count, channels, 4, 4)) * 255)
    return torch.nn.functional.interpolate(coarse.float(), (size, size)).byte()


def test_frechet_distance_of_known_gaussians(rng):
    x = rng.standard_normal((400, 5))
    assert quality.frechet(x, x) == pytest.approx(0, abs=1e-9)
    assert quality.frechet(x, x + 3) == pytest.approx(5 * 9)  # the means alone
    assert quality.frechet(x, 2 * x - x.mean(0)) == pytest.approx(x.var(0, ddof=1).sum())  # (2 sigma - sigma)^2


def test_frechet_distance_with_fewer_pictures_than_features(rng):
    a, b = rng.standard_normal((10, 40)), rng.standard_normal((12, 40))
    covariances = [np.cov(x, rowvar=False) for x in (a, b)]
    values, vectors = np.linalg.eigh(covariances[0])
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ covariances[1] @ root).clip(0)).sum()
    direct = ((a.mean(0) - b.mean(0)) ** 2).sum() + sum(map(np.trace, covariances)) - 2 * cross
    assert quality.frechet(a, b) == pytest.approx(direct, rel=1e-5)


def test_kid_of_points_by_hand():
    a, b = np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]])
    assert quality.kid(a, b) == pytest.approx(1 + 8 - 2 * 1)  # k(0,0) = 1, k(1,1) = 8, k(0,1) = 1


def test_kid_has_no_bias(rng):
    values = [quality.kid(rng.standard_normal((30, 3)), rng.standard_normal((30, 3))) for _ in range(300)]
    assert abs(np.mean(values)) < 4 * np.std(values) / 300**0.5


def test_precision_density_recall_and_coverage_by_hand():
    real = np.array([[float(i)] for i in range(10)])  # balls of radius 5 or more
    assert quality.precision(real, real) == quality.density(real, real) / quality.density(real, real) == 1
    far = real + 100
    assert (
        quality.precision(real, far)
        == quality.density(real, far)
        == variety.recall(real, far)
        == variety.coverage(real, far)
        == 0
    )
    one = np.zeros((10, 1))  # ten times the same: good, and without any reach
    assert quality.precision(real, one) == 1 and variety.recall(real, one) == 0


def test_spread_and_duplicates(rng):
    real = rng.standard_normal((50, 4))
    assert variety.spread(real, 3 * real) == pytest.approx(3)
    assert (
        variety.duplicates(real, np.repeat(real[:25], 2, 0)) == 1
        and variety.spread(real, np.repeat(real[:25], 2, 0)) == 0
    )


def test_features_do_not_know_left_from_right_and_fit_every_size(rng):
    for channels in (3, 4):
        x = pictures(rng, 3, channels=channels)
        assert np.allclose(features(x), features(x.flip(3)), atol=1e-5)
        sizes = {features(pictures(rng, 2, size, channels)).shape for size in (8, 33, 64, 160)}
        assert len(sizes) == 1


def test_features_see_alpha(rng):
    x = pictures(rng, 2, channels=4)
    changed = x.clone()
    changed[:, 3] = 255 - changed[:, 3]
    assert not np.allclose(features(x), features(changed), atol=0.01)


def test_a_copy_is_found_in_every_disguise(rng):
    real = pictures(rng, 12, size=64)
    others = novelty.median_gap(novelty.nearest_training(real, real, same=True))
    for disguise in (
        real,
        real.flip(3),
        torch.roll(real, (2, -2), (2, 3)),
        novelty.zoomed(real.float(), 1.08).round().byte(),
        planted.blurred(real, 1.0),
    ):
        nearest = novelty.nearest_training(disguise, real)
        assert (nearest.index == np.arange(12)).all() and novelty.copies(nearest.gap, others) == 1
    assert novelty.copies(novelty.nearest_training(pictures(rng, 12, size=64), real).gap, others) == 0


def test_blur_and_noise_of_known_amount_are_read_back(rng):
    curves = sharpness.Curves(pictures(rng, 16, size=64))
    other = pictures(rng, 16, size=64)
    soft, grainy = planted.blurred(other, 1.2), planted.noisy(other, 15, rng)
    for known in (curves, curves.part(torch.arange(8))):
        assert known.softness(sharpness.edges(other)) < 0.4 and known.graininess(sharpness.unrest(other)) < 1
        assert known.softness(sharpness.edges(soft)) == pytest.approx(1.2, abs=0.15)
        assert known.graininess(sharpness.unrest(grainy)) == pytest.approx(15, abs=1.5)


def test_match_reads_curves_that_rise_and_that_fall():
    assert sharpness.match(2.5, (0, 1, 2), [1, 2, 3]) == 1.5
    assert sharpness.match(2.5, (0, 1, 2), [3, 2, 1]) == 0.5
    assert sharpness.match(9, (0, 1, 2), [1, 2, 3]) == 2


def test_halves_give_real_pictures_what_results_that_are_real_get(rng):
    real, fake = (
        {"features": rng.standard_normal((80, 6)), "thumbnails": rng.standard_normal((80, 6))} for _ in range(2)
    )
    for name, figure in halves.compare(real, fake, rounds=20).items():
        assert figure.value == pytest.approx(figure.real, abs=4 * (figure.deviation + figure.real_deviation) + 1e-6), (
            name
        )
    again = halves.compare(real, fake, rounds=20)
    assert again == halves.compare(real, fake, rounds=20)


def test_bootstrap_knows_the_error_of_a_mean(rng):
    values = rng.standard_normal(400)
    assert halves.bootstrap(values, lambda x: float(x.mean()), rounds=400) == pytest.approx(1 / 20, rel=0.2)


def test_planted_faults_leave_shape_and_type_alone(rng):
    real, training = pictures(rng, 16, channels=4), pictures(rng, 16, channels=4)
    for name, make in planted.faults(real, training).items():
        assert make().shape == real.shape and make().dtype == torch.uint8, name

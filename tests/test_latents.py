"""Latents are the same numbers everywhere, of the right distribution, and blends hit their ends."""

from __future__ import annotations

import numpy as np
import pytest

from chonk import latents


def test_hash_is_lowbias32():
    """Known answers of Wellons' lowbias32, computed by hand with Python's own integers."""

    def by_hand(x):
        x ^= x >> 16
        x = x * 0x7FEB352D & 0xFFFFFFFF
        x ^= x >> 15
        x = x * 0x846CA68B & 0xFFFFFFFF
        return x ^ x >> 16

    values = [0, 1, 2, 0xDEADBEEF, 0xFFFFFFFF]
    assert latents.hash32(np.array(values, np.uint32)).tolist() == [by_hand(v) for v in values]


def test_hash_is_a_bijection_as_far_as_one_can_look():
    assert len(np.unique(latents.hash32(np.arange(1 << 18, dtype=np.uint32)))) == 1 << 18


def test_latents_of_a_seed_never_change():
    """Figures of the first release: a link made then shows the same pictures for ever."""
    assert np.allclose(latents.latents(7, 1, 4), [[0.17702127, -0.42456225, -2.388227, 1.3322643]], atol=1e-6)
    assert np.allclose(latents.latents(7, 1, 4, "uniform"), [[0.79268247, 0.6235205, 0.7878926, 0.14602022]], atol=1e-6)
    assert np.allclose(
        latents.project(np.array([1, 0, 0]), 4), [[0.23246628, -0.82074136, 0.66909236, 0.5502425]], atol=1e-6
    )


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_latent_number_i_does_not_depend_on_how_many(kind):
    many = latents.latents(3, 10, 17, kind)
    assert np.array_equal(many[4:6], latents.latents(3, 2, 17, kind, first=4))
    assert not np.array_equal(many, latents.latents(4, 10, 17, kind))


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1])
def test_the_first_latents_of_a_seed_are_a_pools_each_once(seed):
    pool = tuple(range(100, 164))
    known = {row.tobytes() for row in latents.latents(latents.POOL_SEED, 64, 5, first=100)}
    drawn = latents.latents(seed, 70, 5, pool=pool)
    assert {row.tobytes() for row in drawn[:64]} == known
    assert np.array_equal(drawn[64:], latents.latents(seed, 6, 5, first=64))
    assert np.array_equal(drawn[60:66], latents.latents(seed, 6, 5, first=60, pool=pool))
    assert not np.array_equal(drawn[:64], latents.latents(seed + 1 & 0xFFFFFFFF, 64, 5, pool=pool))


def test_distributions():
    z = latents.latents(0, 1000, 100).ravel()
    assert abs(z.mean()) < 0.02 and abs(z.std() - 1) < 0.02 and abs((np.abs(z) < 1).mean() - 0.6827) < 0.01
    u = latents.latents(0, 1000, 100, "uniform").ravel()
    assert abs(u.mean()) < 0.01 and abs(u.var() - 1 / 3) < 0.01 and u.min() >= -1 and u.max() <= 1
    assert abs(np.corrcoef(z[:-1], z[1:])[0, 1]) < 0.02


def test_unknown_kind():
    with pytest.raises(ValueError, match="normal or uniform"):
        latents.latents(0, 1, 1, "cauchy")


def test_projection_is_linear_and_its_matrix_grows():
    a, b = np.array([0.5, -1, 2.0]), np.array([1, 1, -0.5])
    assert np.allclose(latents.project(a + b, 20), latents.project(a, 20) + latents.project(b, 20), atol=1e-5)
    assert np.array_equal(latents.project(a, 20), latents.project(a, 100)[:, :20])
    assert not latents.project(np.zeros(3), 20).any()


def test_blend_hits_its_corners_and_is_bilinear():
    corners = np.random.default_rng(0).normal(size=(4, 6)).astype(np.float32)
    grid = latents.blend(corners, 5, 3)
    assert np.allclose([grid[0, 0], grid[0, -1], grid[-1, 0], grid[-1, -1]], corners)
    assert np.allclose(grid[2, 1], corners.mean(0), atol=1e-6)

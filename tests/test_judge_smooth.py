"""Blends that glide, jump or stand still, where the answer is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge.smooth import BLENDS, SIDE, smoothness, steps, unevenness
from chonk.latents import blend


def plain(values: np.ndarray) -> torch.Tensor:
    """A latent's first number as the grey of a picture."""
    grey = torch.from_numpy(np.asarray(values, np.float32)).clamp(0, 1) * 255
    return grey.round().byte()[:, :1, None, None].expand(-1, 3, 8, 8)


def drawn(four: np.ndarray) -> torch.Tensor:
    return plain(between(four))


def between(four: np.ndarray) -> np.ndarray:
    return blend(four, SIDE, SIDE).reshape(SIDE**2, -1)


CORNERS = np.random.default_rng(0).choice([0.0, 1.0], (4 * BLENDS, 1))
CORNERS[::4], CORNERS[1::4], CORNERS[2::4], CORNERS[3::4] = 0, 0.4, 0.5, 1


def test_even_steps_are_smooth():
    found = smoothness(drawn, CORNERS)
    assert found.largest == pytest.approx(1, abs=0.1) and found.jumps == 0 and found.worst.shape == (SIDE, 3, 8, 8)


def test_a_generator_that_turns_over_at_once_jumps():
    found = smoothness(lambda four: plain(1 / (1 + np.exp(-60 * (between(four) - 0.5)))), CORNERS)
    assert found.largest > 10 and found.jumps > 0.9 and "100 % of the rows" in found.sentence()


def test_a_generator_that_always_draws_the_same_does_not_jump():
    assert smoothness(lambda four: plain(np.zeros((SIDE**2, 1))), CORNERS).largest == 1


def test_steps_and_their_ratio_by_hand():
    line = torch.tensor([0, 10, 20, 50], dtype=torch.uint8)[:, None, None, None].expand(-1, 3, 4, 4)
    assert steps(line).tolist() == pytest.approx([10, 10, 30]) and unevenness(line) == pytest.approx(3)
    assert unevenness(torch.tensor([0, 0, 0, 9], dtype=torch.uint8)[:, None, None, None]) == float("inf")

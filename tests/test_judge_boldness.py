"""How boldly a model draws: as boldly as it can without copying."""
from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge.boldness import SCALES, boldness


def pictures(count: int, seed: int) -> torch.Tensor:
    """Coarse random patterns, each quite different from all others."""
    small = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return (torch.nn.functional.interpolate(small, scale_factor=4) * 255).byte()


class Mixer:
    """Draws a training picture again where latents are longer than `until`, and something new where they are not."""

    def __init__(self, training: torch.Tensor, until: float) -> None:
        self.training, self.until = training, until

    def latents(self, seed: int, count: int, truncation: float) -> np.ndarray:
        return np.full((count, 2), truncation)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        copied = self.training[torch.arange(len(z)) % len(self.training)]
        return (copied if z.max() > self.until else pictures(len(z), seed=9)).numpy() / 127.5 - 1


@pytest.mark.parametrize("until, scale", [(2.0, 1.0), (0.9, 0.85), (0.65, 0.6), (0.0, 0.5)])
def test_the_largest_scale_that_does_not_copy(until, scale):
    training = pictures(60, seed=1)
    assert scale in SCALES and boldness(Mixer(training, until), training) == scale


def test_a_set_too_small_to_tell():
    assert boldness(Mixer(pictures(4, 1), 0.0), pictures(4, 1)) == 1.0

"""Smooth: does a blend between pictures glide, or does it jump?

Blends of four corners are drawn, as `chonk draw corners` and the page do.  Along each row and column the latent moves
by equal steps, so in a smooth generator the pictures do too; the figure is how much larger the largest step between
neighbours is than the median step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge.words import share

BLENDS, SIDE = 8, 9
"""How many blends are looked at, and how many pictures each has along a side."""
MAX_RATIO = 2.5
"""Beyond this a blend jumps: the eye sees one picture turn into another between two neighbours."""


@dataclass(frozen=True)
class Smoothness:
    """What was found."""

    largest: float
    """Largest step over the median step, the mean over all rows and columns; 1 is perfectly even."""
    deviation: float
    """One standard deviation of that mean, from how much the blends differ."""
    jumps: float
    """Share of the rows and columns in which it is more than MAX_RATIO."""
    worst: torch.Tensor
    """The pictures of the row or column that jumps most, SIDE x C x S x S bytes."""

    def sentence(self) -> str:
        return (
            f"Blended from picture to picture, the largest step between neighbours is {self.largest:.1f} times the "
            f"usual one "
            f"(up to {MAX_RATIO} is smooth); {share(self.jumps)} of the rows and columns jump more than that."
        )


def steps(line: torch.Tensor) -> torch.Tensor:
    """Root mean square differences of neighbours: K x C x S x S -> K - 1."""
    return (line[1:].float() - line[:-1].float()).square().mean((1, 2, 3)).sqrt()


def unevenness(line: torch.Tensor) -> float:
    """Largest over median step of a line of pictures; 1 where nothing moves at all, infinite where only few steps
    do."""
    size = steps(line)
    usual, largest = float(size.quantile(0.5)), float(size.max())
    return largest / usual if usual > 0 else 1.0 if largest == 0 else float("inf")


def smoothness(blend: Callable[[np.ndarray], torch.Tensor], corners: np.ndarray) -> Smoothness:
    """Looks at the blends between `corners` (4 BLENDS x D latents); `blend` draws the SIDE x SIDE pictures between four
    of them, row by row, as bytes SIDE^2 x C x S x S."""
    drawn = [blend(four).unflatten(0, (SIDE, SIDE)) for four in np.split(corners, len(corners) // 4)]
    lines = [line for grid in drawn for line in (*grid, *grid.transpose(0, 1))]
    ratios = np.array([unevenness(line) for line in lines])
    table = np.clip(ratios, None, 100).reshape(
        len(drawn), -1
    )  # a line that stands still but for one step: bad enough, and a number
    means = table.mean(1)
    return Smoothness(
        float(means.mean()),
        float(means.std() / np.sqrt(max(1, len(means) - 1))),
        float((table > MAX_RATIO).mean()),
        lines[int(table.argmax())],
    )

"""New: is a result a picture of the training set, perhaps mirrored, moved or zoomed a little?

Pictures are compared as a small grid of colours (`thumbnails`), where blur and noise do not hide a copy.  Every
training picture is put into many disguises, and the distance of a result to the nearest one is read in units of the
usual distance between neighbouring real pictures, found the same way (the idea of Meehan et al. 2020, arXiv:2004.05675,
as a ratio).  About 1 is as new as another real picture would be; below NEAR it is a copy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypedDict, Unpack

import numpy as np
import torch
import torch.nn.functional as F

from chonk.judge.variety import NEAR

GRID = 16
"""Side of the grid of colours in which pictures are compared."""
SHIFTS = tuple((dx, dy) for dy in range(-2, 3) for dx in range(-2, 3) if abs(dx) + abs(dy) <= 2)
"""Moves tried, in 1/32 of the side."""
ZOOMS = (0.92, 1.0, 1.08)


class Disguises(TypedDict, total=False):
    """Which disguises `disguises` makes; those of SHIFTS and ZOOMS where nothing is said."""

    shifts: tuple[tuple[int, int], ...]
    zooms: tuple[float, ...]


def thumbnails(pixels: torch.Tensor) -> np.ndarray:
    """Bytes N x C x S x S -> the colours (and alpha) averaged over a GRID x GRID grid, N x (C GRID GRID), 0..1,
    float32."""
    return F.adaptive_avg_pool2d(pixels.float() / 255, GRID).flatten(1).numpy()


def zoomed(pictures: torch.Tensor, zoom: float) -> torch.Tensor:
    """Floats N x C x S x S enlarged about the middle, the edge repeated where they shrink."""
    matrix = torch.tensor([[1 / zoom, 0.0, 0.0], [0.0, 1 / zoom, 0.0]]).expand(len(pictures), 2, 3)
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def disguises(
    pixels: torch.Tensor, shifts: tuple[tuple[int, int], ...] = SHIFTS, zooms: tuple[float, ...] = ZOOMS
) -> Iterator[torch.Tensor]:
    """The `thumbnails` of bytes N x C x S x S, as tensors, in every disguise: mirrored or not, zoomed, moved."""
    fine = F.adaptive_avg_pool2d(pixels.float() / 255, 2 * GRID)
    reach = max(abs(move) for shift in shifts for move in shift)
    for mirrored in (fine, fine.flip(3)):
        for zoom in zooms:
            padded = F.pad(mirrored if zoom == 1 else zoomed(mirrored, zoom), (reach,) * 4, mode="replicate")
            for dx, dy in shifts:
                moved = padded[:, :, reach + dy : reach + dy + 2 * GRID, reach + dx : reach + dx + 2 * GRID]
                yield F.avg_pool2d(moved, 2).flatten(1)


@dataclass(frozen=True)
class Nearest:
    """For each picture asked about: the nearest training picture and how far away it is."""

    index: np.ndarray
    """N numbers of training pictures."""
    gap: np.ndarray
    """N distances between looks."""


def nearest_training(
    pixels: torch.Tensor, training: torch.Tensor, same: bool = False, **disguise: Unpack[Disguises]
) -> Nearest:
    """The nearest of the training pictures in any disguise, for each of `pixels` (bytes N x C x S x S).

    With `same` the two are the same set and no picture is compared with itself.  `disguise` goes to `disguises`."""
    asked = torch.from_numpy(thumbnails(pixels))
    best, index = torch.full((len(asked),), torch.inf), torch.zeros(len(asked), dtype=torch.long)
    for seen in disguises(training, **disguise):
        gaps = torch.cdist(asked, seen)
        if same:
            gaps.fill_diagonal_(torch.inf)
        gap, found = gaps.min(1)
        index = torch.where(gap < best, found, index)
        best = torch.minimum(gap, best)
    return Nearest(index.numpy(), best.numpy().astype(np.float64))


def copies(gap: np.ndarray, typical_gap: float) -> float:
    """Share of the pictures nearer to a training picture than NEAR of the typical_gap (`median_gap`)."""
    return float((gap < NEAR * typical_gap).mean())


def median_gap(real: Nearest) -> float:
    """The typical gap: the median distance of a real picture to the nearest other one, in any disguise."""
    return float(np.median(real.gap))

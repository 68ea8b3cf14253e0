"""Features that know their place: what edges run where, seen at several softnesses, so that crispness tells little.

The features of `chonk.judge.features` are averages over the picture and cannot see a chimera: two well-drawn halves of
different pictures have the same averages as one.  Here the strength of each orientation is averaged over the whole
picture, its quarters and its sixteenths.  They come from the pixels alone: the package's encoder is blind to mosaics of
its own features (docs/score.md)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F

from chonk.judge.features import ANGLES, OPPONENT, orientations

SIDE = 32
"""Side that every picture is reduced to."""
SOFTNESS = (1.2, 2.0, 3.0)
"""Standard deviations of the blurs at which each picture is seen, in pixels of 64: a result that is a little softer
than real pictures looks like a real one at the next of them."""
OCTAVES = 3
GRIDS = (1, 2, 4)
"""Cells each way of which averages are taken."""
MIRRORED = [-i % ANGLES for i in range(ANGLES)]
"""The orientation that each one becomes in a mirror."""


@torch.inference_mode()
def placed_features(pixels: torch.Tensor, batch: int = 64) -> np.ndarray:
    """Bytes N x C x S x S (C = 3, or 4 with alpha; colours on white) -> float32 softnesses x N x D, the same for a
    picture and its mirror image."""
    return np.concatenate(
        [np.stack([_at(part, sigma) for sigma in SOFTNESS]) for part in pixels[:, :3].split(batch)], 1
    )


def _at(pixels: torch.Tensor, sigma: float) -> np.ndarray:
    shrink = shrinking(pixels.shape[-1], sigma)
    level = torch.einsum("oc,nchw->nohw", torch.tensor(OPPONENT), shrink @ (pixels.float() / 255) @ shrink.T)
    parts: list[torch.Tensor] = []
    for octave in range(OCTAVES):
        if octave:
            level = F.avg_pool2d(level, 2)
        energy = orientations(level)  # N x P x ANGLES x h x w
        for cells in GRIDS:
            parts += mirrored(F.adaptive_avg_pool2d(energy.flatten(1, 2), cells).unflatten(1, energy.shape[1:3]).sqrt())
    return torch.cat([part.flatten(1) for part in parts], 1).numpy()


def mirrored(maps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Maps N x P x ANGLES x h x w -> their means with those of the mirror image, and how far they are apart from
    those; the left half of each."""
    left = (maps.shape[-1] + 1) // 2
    other = maps[:, :, MIRRORED].flip(4)
    return ((maps + other) / 2)[..., :left], ((maps - other) / 2).abs()[..., :left]


@lru_cache
def shrinking(size: int, sigma: float) -> torch.Tensor:
    """The matrix, SIDE x size, that blurs a row of pixels (`sigma` in pixels of 64, the edge repeated) and brings it to
    SIDE."""
    sigma = sigma * size / 64
    reach = int(4 * sigma) + 1
    at, seen = torch.arange(size), torch.arange(-reach, size + reach)
    weight = torch.exp(-((at[:, None] - seen) ** 2) / (2 * sigma**2))
    blur = torch.zeros(size, size).index_add_(1, seen.clamp(0, size - 1), weight / weight.sum(1, keepdim=True))
    return F.adaptive_avg_pool2d(blur[None], (SIDE, size))[0]

"""How pictures of a set stand to each other: do they lie on top of each other, so that a part of one fits where another
has its own, and could mirrored ones be among them?"""

from __future__ import annotations

import torch
import torch.nn.functional as F

SIGMA = 2 / 64
"""Standard deviation of the blur under which outlines are compared, as a share of the side."""
MAX_COMPARED = 400
OTHERS = 5
ALIGNED = 0.82
"""Correlation from which on pictures count as aligned.  Measured: painted cats that differ in coat, face and things
0.92 (82 of them 0.85), robots put together of parts 0.90; the built-in character, whose size and pose differ, 0.78;
many different emoji 0.46."""

FARTHER = 1.15
"""How many times as far from the nearest picture mirrored pictures may be as the pictures are from each other, where
they could be of the set.  Measured: emoji 1.07; the built-in character, whose moon stands on one side, 1.33; robots,
creatures and cats that all face one way 2.1, 2.1 and 3.5."""
MIRROR_SIDE = 16
"""Side at which they are compared."""


def alignment(pixels: torch.Tensor) -> float:
    """Bytes N x C x S x S (colours on white) -> how well outlines agree, 0 to 1: the correlation of blurred brightness
    gradients with those of the fifth nearest picture, the median over all pictures."""
    chosen = pixels[:: -(-len(pixels) // MAX_COMPARED)]
    if len(chosen) <= OTHERS:
        return 0.0
    outlines = F.normalize(torch.cat([_gradients(part) for part in chosen.split(64)]))
    correlations = outlines @ outlines.T
    correlations.fill_diagonal_(-1)
    return max(0.0, correlations.topk(OTHERS, 1).values[:, -1].median().item())


def aligned(pixels: torch.Tensor) -> bool:
    """Whether parts of these pictures can be exchanged in place."""
    return alignment(pixels) >= ALIGNED


def mirrorable(pixels: torch.Tensor) -> bool:
    """Whether pictures of the set (bytes N x C x S x S, colours on white) could as well be the other way round:
    mirrored, they are about as near to another picture.  True where there are too few to tell."""
    chosen = pixels[:: -(-len(pixels) // MAX_COMPARED)][:, :3].float()
    if len(chosen) <= OTHERS:
        return True
    small = F.adaptive_avg_pool2d(chosen, MIRROR_SIDE)

    def to_nearest(pictures: torch.Tensor) -> float:
        distances = torch.cdist(pictures.flatten(1), small.flatten(1))
        return distances.fill_diagonal_(torch.inf).amin(1).median().item()

    return to_nearest(small.flip(3)) <= FARTHER * to_nearest(small)


def _gradients(pixels: torch.Tensor) -> torch.Tensor:
    """N x D: the blurred brightness's differences to the right and downwards, side by side."""
    sigma = SIGMA * pixels.shape[-1]
    reach = max(1, round(3 * sigma))
    weights = torch.exp(-(torch.arange(-reach, reach + 1).float() ** 2) / (2 * sigma**2))
    weights = weights / weights.sum()
    level = F.pad(pixels[:, :3].float().mean(1, keepdim=True) / 255, (reach,) * 4, mode="replicate")
    level = F.conv2d(F.conv2d(level, weights.view(1, 1, 1, -1)), weights.view(1, 1, -1, 1))
    right, down = level[..., 1:] - level[..., :-1], level[..., 1:, :] - level[..., :-1, :]
    return torch.cat([right.flatten(1), down.flatten(1)], 1)

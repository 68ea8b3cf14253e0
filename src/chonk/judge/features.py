"""What the measures see of a picture: numbers in which near means alike to the eye.  No network, nothing to download.

Four kinds of things are written down, all the same for a picture and for its mirror image (training shows both):

- *edges*: what share of the upper, middle and lower third has edges of at least so much strength, per octave and
  colour plane, with soft thresholds.  Blur empties the finest octave, noise fills the flat places, ghosts halve every
  strength, fog has none.
- *energy*: mean strength per orientation, octave and plane: texture and direction.
- *contours*: which orientations are found next to which (the idea of Portilla and Simoncelli 2000, joint statistics of
  neighbouring coefficients).  Lines that are bent, torn or cut keep their strength and still differ here.
- *layout*: the colours on a coarse grid, with little weight: real pictures differ most in it, people mind it least.

They rank right: over 26 planted faults and mixtures of them, Spearman's correlation with an independent scorer's
Fréchet distance on a pretrained network is 0.93 for 132 painted cats and 0.84 for 86 emoji (KID 0.92 and 0.73).  The
features were chosen on these two sets, so this is optimistic (docs/score.md); `benchmarks/judge_order.py` asks the same
of any set.

Everything is an average of bounded or compressed numbers, so that one strange pixel cannot rule a distance.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import torch
import torch.nn.functional as F

NAME = "edge statistics 1"
"""Named in score.json: figures compare only between verdicts with the same features."""
ANGLES = 6
OCTAVES = 4
LARGEST = 128
"""Bigger pictures are brought to this side first."""
THRESHOLDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4)
"""Edge strengths, of 1 for black beside white."""
OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (0.5, 0.0, -0.5), (-0.25, 0.5, -0.25))
"""Brightness, red against blue, green against both."""
EDGES, ENERGY, CONTOURS, LAYOUT = 0.8, 12.0, 20.0, 0.3
"""Weights of the four kinds: of the variance of the painted cats, edges have 67 %, energy 24, contours 8, layout 1."""


@torch.inference_mode()
def features(pixels: torch.Tensor, batch: int = 32) -> np.ndarray:
    """Bytes N x C x S x S (C = 3, or 4 with alpha; colours on white) -> float64 N x D, D the same for every S."""
    return np.concatenate([_features(part) for part in pixels.split(batch)]).astype(np.float64)


def _features(pixels: torch.Tensor) -> np.ndarray:
    colours = pixels.float() / 255
    if colours.shape[-1] > LARGEST:
        colours = F.interpolate(colours, (LARGEST, LARGEST), mode="area")
    level = torch.cat([torch.einsum("oc,nchw->nohw", torch.tensor(OPPONENT), colours[:, :3]), colours[:, 3:]], 1)
    parts = [LAYOUT * mirrored_mean(F.adaptive_avg_pool2d(level, 8))]
    for octave in range(OCTAVES):
        if octave:
            level = F.avg_pool2d(level, 2)
        energy = orientations(level)  # N x P x ANGLES x h x w
        parts += [EDGES * edge_shares(energy.amax(2)), ENERGY * mean_energy(energy)]
        if octave < OCTAVES - 1:
            parts.append(CONTOURS * contours(energy[:, 0]))
    return torch.cat([part.flatten(1) for part in parts], 1).numpy()


@lru_cache
def gabors(size: int = 7, wavelength: float = 3.5, sigma: float = 1.6) -> torch.Tensor:
    """Even and odd Gabor filters (Daugman 1985) at ANGLES orientations, 2 ANGLES x 1 x size x size, of zero mean."""
    at = torch.arange(size).float() - size // 2
    y, x = torch.meshgrid(at, at, indexing="ij")
    envelope = torch.exp(-(x**2 + y**2) / (2 * sigma**2))
    filters = []
    for phase in (0.0, math.pi / 2):
        for i in range(ANGLES):
            along = x * math.cos(math.pi * i / ANGLES) + y * math.sin(math.pi * i / ANGLES)
            wave = torch.cos(2 * math.pi / wavelength * along + phase) * envelope
            wave = wave - envelope * wave.sum() / envelope.sum()
            filters.append(2 * wave / wave.abs().sum())
    return torch.stack(filters)[:, None]


def orientations(planes: torch.Tensor) -> torch.Tensor:
    """Planes N x P x h x w -> strength at each orientation (root of even and odd squared), N x P x ANGLES x h x w."""
    number, height, width = planes.shape[1:]
    filters, found = gabors(), []
    for part in planes.split(8):  # few at a time, and in place: it all stays in the processor's cache
        padded = F.pad(part.reshape(-1, 1, height, width), (filters.shape[-1] // 2,) * 4, mode="replicate")
        squared = F.conv2d(padded, filters).square_()
        found.append((squared[:, :ANGLES] + squared[:, ANGLES:]).add_(1e-8).sqrt_())
    return torch.cat(found).view(len(planes), number, ANGLES, height, width)


def mirrored_mean(maps: torch.Tensor) -> torch.Tensor:
    """Maps N x P x h x w, w even, averaged with their mirror images: the left half says all."""
    return ((maps + maps.flip(3)) / 2)[..., : maps.shape[3] // 2]


def edge_shares(strength: torch.Tensor) -> torch.Tensor:
    """Share of each horizontal third that is stronger than each threshold, softly: N x P x h x w -> N x T x P x 3."""
    log = strength.log()
    return torch.stack(
        [F.adaptive_avg_pool2d(torch.sigmoid(4 * (log - math.log(t))), (3, 1))[..., 0] for t in THRESHOLDS], 1
    )


def mean_energy(energy: torch.Tensor) -> torch.Tensor:
    """Mean strength per orientation, a slope and its mirror image taken together: N x P x ANGLES x h x w -> N x P x
    (ANGLES/2 + 1)."""
    mean = energy.mean((3, 4))
    return ((mean + mean[:, :, _mirrored()]) / 2)[:, :, : ANGLES // 2 + 1]


def contours(energy: torch.Tensor) -> torch.Tensor:
    """How often one orientation lies beside another, in four directions: N x ANGLES x h x w -> N x 3 x ANGLES x ANGLES.

    Orientations are shares of the strength at a place, so faint lines count almost as much as strong ones; the two
    diagonal directions are mirror images of each other and become one."""
    here = energy / (energy.sum(1, keepdim=True) + 0.03)
    beside = {}
    for direction in ((0, 3), (3, 0), (2, 2), (2, -2)):
        there = torch.roll(here, direction, (2, 3))
        beside[direction] = here.flatten(2) @ there.flatten(2).transpose(1, 2) / here[0, 0].numel()
    flipped = {direction: table[:, _mirrored()][:, :, _mirrored()] for direction, table in beside.items()}
    return (
        torch.stack(
            [beside[0, 3] + flipped[0, 3].transpose(1, 2), beside[3, 0] + flipped[3, 0], beside[2, 2] + flipped[2, -2]],
            1,
        )
        / 2
    )


def _mirrored() -> list[int]:
    """The orientation that each one becomes in a mirror."""
    return [-i % ANGLES for i in range(ANGLES)]

"""Many pictures from each: varied on the fly, every sample its own way, in one batched operation, as the 2018 author
did by hand (flip, rotate, zoom, crop).  The generator learns to draw the variations."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F

from chonk.learn import distributed


@dataclass(frozen=True)
class AugmentSettings:
    """How far the training pictures are varied."""

    p: float = 0.9
    """Share of the pictures that are turned, zoomed and moved; 0 leaves all of them as they are."""
    flip: bool = True
    """Mirror every other picture.  Not for a character with writing on it or a parting on one side."""
    rotate: float = 6.0
    """Most a picture is turned, degrees either way."""
    zoom: float = 0.1
    """Most a picture grows or shrinks, share of its size."""
    shift: float = 0.05
    """Most a picture moves in each direction, share of its side."""


def ground(pictures: torch.Tensor) -> torch.Tensor:
    """What lies outside a picture: white and, with four channels, transparent.  1 x C x 1 x 1."""
    return torch.tensor([1.0, 1.0, 1.0, -1.0][: pictures.shape[1]], device=pictures.device).view(1, -1, 1, 1)


def augment(pictures: torch.Tensor, settings: AugmentSettings, random: torch.Generator | None = None) -> torch.Tensor:
    """Varies each picture by its own draw: N x C x S x S in [-1, 1] -> the same.  Needs a generator on the CPU, or
    none."""
    if settings.p == 0:
        return pictures
    n = len(pictures)
    draw = distributed.shard(torch.rand(6, n * distributed.world_size(), generator=random), 1).to(
        pictures.device
    )  # the same draws on every device
    if settings.flip:
        pictures = torch.where((draw[0] < settings.p / 2).view(n, 1, 1, 1), pictures.flip(3), pictures)
    angle = (2 * draw[2] - 1) * math.radians(settings.rotate)
    scale = 1 / (1 + (2 * draw[3] - 1) * settings.zoom)
    cos, sin = scale * angle.cos(), scale * angle.sin()
    move = (2 * draw[4:6] - 1) * 2 * settings.shift  # grid_sample's picture is 2 wide
    theta = torch.stack([cos, -sin, move[0], sin, cos, move[1]], 1).view(n, 2, 3)
    grid = F.affine_grid(theta, list(pictures.shape), align_corners=False)
    outside = ground(pictures)
    # Sampling the difference from the ground makes zero padding pad with the ground.
    varied = F.grid_sample(pictures - outside, grid, padding_mode="zeros", align_corners=False) + outside
    return torch.where((draw[1] < settings.p).view(n, 1, 1, 1), varied.clamp(-1, 1), pictures)

"""Many pictures from each: varied on the fly, every sample its own way, in one batched operation.

Two kinds.  `augment` varies the training pictures as the 2018 author did by hand (flip, rotate, zoom, crop), and the
generator learns to draw the variations.  `differentiable` varies real and generated pictures alike inside a step, so
that a discriminator cannot learn the few real ones by heart and the generator does not learn the variations (Zhao et
al. 2020, "Differentiable augmentation for data-efficient GAN training", arXiv:2006.10738).
"""

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


@dataclass(frozen=True)
class DifferentiableSettings:
    """How real and generated pictures are varied inside a step."""

    p: float = 1.0
    """Share of the pictures that are varied."""
    colour: float = 0.5
    """Strength of changes in brightness, saturation and contrast; 0 for none."""
    translation: float = 0.125
    """Most a picture moves in each direction, share of its side."""
    cutout: float = 0.5
    """Side of the square that is covered, share of the picture's side; 0 for none."""


def differentiable(
    pictures: torch.Tensor, settings: DifferentiableSettings, random: torch.Generator | None = None
) -> torch.Tensor:
    """Varies each picture by its own draw so that gradients pass: N x C x S x S -> the same; p = 0 is the identity."""
    n, _channels, size = pictures.shape[:3]
    if settings.p == 0:
        return pictures
    draw = torch.rand(8, n, 1, 1, 1, generator=random).to(pictures.device)
    x, colour = pictures[:, :3], settings.colour
    x = x + (draw[0] - 0.5) * colour  # brightness
    grey = x.mean(1, keepdim=True)
    x = grey + (x - grey) * (1 + (2 * draw[1] - 1) * 2 * colour).clamp(min=0)  # saturation
    middle = x.mean((1, 2, 3), keepdim=True)
    x = middle + (x - middle) * (1 + (2 * draw[2] - 1) * colour)  # contrast
    x = torch.cat([x, pictures[:, 3:]], 1) - ground(pictures)
    reach = round(settings.translation * size)
    at = torch.arange(size, device=pictures.device)
    down = at + ((2 * reach + 1) * draw[3].view(n, 1)).floor().long()  # N x S, rows of the padded picture
    right = at + ((2 * reach + 1) * draw[4].view(n, 1)).floor().long()
    padded = F.pad(x, [reach] * 4).permute(0, 2, 3, 1)  # N x (S+2r) x (S+2r) x C
    rows = torch.arange(n, device=pictures.device).view(n, 1, 1)
    x = padded[rows, down.view(n, size, 1), right.view(n, 1, size)].permute(0, 3, 1, 2)
    half = settings.cutout / 2
    unit = (at + 0.5) / size
    covered = ((unit - draw[5].view(n, 1)).abs() < half).view(n, 1, size, 1) & (
        (unit - draw[6].view(n, 1)).abs() < half
    ).view(n, 1, 1, size)
    x = (x * ~covered) + ground(pictures)
    return torch.where(draw[7] < settings.p, x, pictures)

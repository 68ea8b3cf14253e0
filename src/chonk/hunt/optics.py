"""What light, lens and sensor do to views: N x 3 x side x side, [0, 1], many at a time."""

from __future__ import annotations

import io

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image


def lit(
    frames: torch.Tensor, g: torch.Generator, shadows: tuple[float, float], glares: tuple[float, float]
) -> torch.Tensor:
    """Colour and strength of the light, shadows, glare; of these two the share of views that have it, and how strong
    it is at most."""
    count = len(frames)
    side = frames.shape[-1]
    x, y = (axis.view(side, side) / side - 0.5 for axis in pixels(frames)[:2])

    def number(low: float, high: float) -> torch.Tensor:
        return uniform(g, count, low, high)[:, None, None, None]

    tint = torch.exp(torch.randn(count, 3, 1, 1, generator=g) * 0.1)
    turn = number(-np.pi, np.pi)
    ramp = 1 + number(-0.5, 0.5) * (x * turn.cos() + y * turn.sin())
    edge = torch.sigmoid((x * (turn + 1).cos() + y * (turn + 1).sin() - number(-0.4, 0.4)) * number(4, 60))
    shadow = 1 - edge * number(0, shadows[1]) * (number(0, 1) < shadows[0])
    grey = frames.mean(1, keepdim=True)
    frames = grey + (frames - grey) * number(0.5, 1.35)
    frames = (frames * tint * ramp * shadow).clamp(1e-3, 2) ** torch.exp(number(-0.4, 0.4)) * torch.exp(
        number(-0.6, 0.25)
    )
    gx, gy, wide = number(-0.6, 0.6), number(-0.6, 0.6), number(0.03, 0.3)
    glare = torch.exp(-((x - gx) ** 2 + (y - gy) ** 2 * number(0.2, 2)) / wide**2) * number(0, glares[1])
    glare = glare * (number(0, 1) < glares[0])
    veil = number(0, 0.18) * (number(0, 1) < 0.4)
    return (frames + glare) * (1 - veil) + veil


def blurred(views: torch.Tensor, g: torch.Generator, random: np.random.Generator) -> torch.Tensor:
    """Out of focus, or moved: half of the views, in one of three ways."""
    sharp = torch.rand(len(views), generator=g)
    for i, kernel in enumerate(kernels(random, 3)):
        at = (sharp > 0.5 + 0.16 * i) & (sharp <= 0.66 + 0.16 * i)
        padded = F.pad(views[at].flatten(0, 1)[:, None], (4,) * 4, mode="replicate")
        views[at] = F.conv2d(padded, kernel[None, None]).view(views[at].shape)
    return views


def sensed(views: torch.Tensor, g: torch.Generator, random: np.random.Generator) -> torch.Tensor:
    """Noise and compression."""
    noise = uniform(g, len(views), 0, 1)[:, None, None, None] ** 2 * 0.05
    views = (views + torch.randn(views.shape, generator=g) * noise).clamp(0, 1)
    for i in np.flatnonzero(random.random(len(views)) < 0.1):
        views[i] = compressed(views[i], int(random.integers(30, 85)))
    return views


def kernels(random: np.random.Generator, count: int) -> list[torch.Tensor]:
    """Blurs of 9 x 9: out of focus, or moved."""
    y, x = np.mgrid[-4:5, -4:5].astype(np.float32)
    found = []
    for _ in range(count):
        turn, long, wide = random.uniform(0, np.pi), random.uniform(0.35, 2.1), random.uniform(0.3, 1.6)
        along, across = x * np.cos(turn) + y * np.sin(turn), -x * np.sin(turn) + y * np.cos(turn)
        kernel = np.exp(-(along**2) / (2 * long**2) - across**2 / (2 * min(wide, long) ** 2))
        found.append(torch.from_numpy(kernel / kernel.sum()).float())
    return found


def compressed(view: torch.Tensor, quality: int) -> torch.Tensor:
    """A view 3 x H x W in [0, 1] as JPEG leaves it."""
    data = io.BytesIO()
    Image.fromarray((view.permute(1, 2, 0) * 255).round().byte().numpy()).save(data, "JPEG", quality=quality)
    return torch.from_numpy(np.asarray(Image.open(data), np.float32) / 255).permute(2, 0, 1)


def pixels(views: torch.Tensor) -> torch.Tensor:
    """Where the pixels of square views are, 3 x pixels: across, down, 1."""
    line = torch.arange(views.shape[-1]) + 0.5
    rows, columns = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([columns, rows, torch.ones_like(rows)]).reshape(3, -1)


def uniform(g: torch.Generator, count: int, low: float, high: float) -> torch.Tensor:
    return torch.rand(count, generator=g) * (high - low) + low

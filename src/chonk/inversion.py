"""Reverse look-up: the latent that draws a given picture (Lipton and Tripathi 2017, arXiv:1702.04782; BEGAN, section
4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from PIL import Image

from chonk.latents import latents

if TYPE_CHECKING:
    from chonk.model import Model


class Inversion(NamedTuple):
    """What a look-up came to."""

    z: np.ndarray
    """The latent, latent_dim numbers."""
    distance: float
    """How close it comes: mean |x - G(z)| over all pixels and channels, 0 (the same) to 1 (black against white)."""


def as_target(picture: Image.Image, size: int, channels: int) -> torch.Tensor:
    """A picture as a generator would put it out: 1 x C x size x size in [-1, 1], colours on white, then alpha.

    One of another shape is fitted into the square; resizing happens in premultiplied alpha."""
    picture = picture.convert("RGBA").convert("RGBa")
    scale = size / max(picture.size)
    picture = picture.resize(
        [max(1, round(side * scale)) for side in picture.size],
        Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC,
    )
    square = Image.new("RGBa", (size, size))
    square.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    pixels = np.asarray(square, np.float32) / 255
    on_white = pixels[..., :3] + 1 - pixels[..., 3:]
    planes = np.concatenate([on_white, pixels[..., 3:]], 2)[..., :channels]
    return torch.from_numpy(planes.transpose(2, 0, 1)[None] * 2 - 1)


def invert(
    model: Model, picture: Image.Image, starts: int = 8, steps: int = 200, rate: float = 0.1, seed: int = 0
) -> Inversion:
    """The z that minimises |x - G(z)|, by Adam from several starts at once; the best of them.

    Half of the steps go to all the starts, the other half to the best one alone.  The starts are the closest of 256
    random pictures.  Deterministic for a seed on one machine."""
    target = as_target(picture, model.config.size, model.config.channels)
    config = model.config  # the prior's own: what `Model.latents` would draw again may be just what is looked for
    many = torch.from_numpy(latents(seed, 256, config.latent_dim, config.latent_kind))
    far = (torch.from_numpy(model(many)) - target).abs().mean((1, 2, 3))
    z = many[far.argsort()[:starts]]
    z = descend(model, target, z, steps // 2, rate)
    best = distances(model, target, z).argmin()
    z = descend(model, target, z[best : best + 1], steps - steps // 2, rate)
    with torch.no_grad():
        return Inversion(z[0].numpy(), float(distances(model, target, z)[0]) / 2)


def distances(model: Model, target: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Mean |x - G(z)| for each latent: N x latent_dim -> N, of numbers in [-1, 1]."""
    return (model.generator(z) - target).abs().mean((1, 2, 3))


def descend(model: Model, target: torch.Tensor, z: torch.Tensor, steps: int, rate: float) -> torch.Tensor:
    """Adam on the latents, its rate falling to 0 along a half cosine; what it comes to, for each start its best
    moment."""
    with torch.enable_grad():
        z = z.clone().requires_grad_()
        adam = torch.optim.Adam([z], rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
        best, reached = z.detach().clone(), torch.full((len(z),), float("inf"))
        for _ in range(steps):
            far = distances(model, target, z)
            better = far < reached
            best[better], reached[better] = z.detach()[better], far.detach()[better]
            adam.zero_grad()
            far.sum().backward()
            adam.step()
            schedule.step()
            if model.config.latent_kind == "uniform":
                z.data.clamp_(-1, 1)
        return best

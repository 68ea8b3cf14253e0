"""Reverse look-up: the latent that draws a given picture (Lipton and Tripathi 2017, arXiv:1702.04782; BEGAN, section
4.3)."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, NamedTuple

import numpy as np
import torch
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from chonk.latents import latents
from chonk.pixels import as_target
from chonk.validation import Range, checked

if TYPE_CHECKING:
    from chonk.model import Model

RANDOM = 16
"""Random pictures that may be started from."""


class Inversion(NamedTuple):
    """What a look-up came to."""

    z: np.ndarray
    """The latent, latent_dim numbers."""
    distance: float
    """How close it comes: mean |x - G(z)| over all pixels and channels, 0 (the same) to 1 (black against white)."""


@checked
def invert(
    model: Model,
    picture: Image.Image,
    starts: Annotated[int, Range(1, RANDOM)] = 2,
    steps: Annotated[int, Range(0, 100_000)] = 24,
    rate: Annotated[float, Range(0, 10)] = 0.1,
    seed: Annotated[int, Range(0, 2**32 - 1)] = 0,
    seconds: Annotated[float, Range(0, 1_000_000)] = 3.0,
) -> Inversion:
    """The z that minimises |x - G(z)|, by Adam from several starts at once; the best of them.

    The starts are the closest of what the net itself proposes (`Generator.initial_latents`) and RANDOM random pictures.
    Half of the steps go to all the starts, the other half to the best one alone.  When `seconds` are over the best so
    far is taken; where they are not, the result is deterministic for a seed on one machine.  More steps come closer; a
    bar on the terminal shows how far they are."""
    with Steps(seconds, steps) as clock:
        target = as_target(picture, model.config.size, model.config.channels)
        config = model.config  # the prior's own: what `Model.latents` would draw again may be just what is looked for
        near = model.generator.initial_latents(target).reshape(-1, config.latent_dim)
        far = torch.from_numpy(latents(seed, RANDOM, config.latent_dim, config.latent_kind))
        z = torch.cat([near, far])
        z = z[closeness(model, target, z).argsort()[:starts]]
        z = descend(model, target, z, steps // 2, rate, clock)
        best = closeness(model, target, z).argmin()
        z = descend(model, target, z[best : best + 1], steps - steps // 2, rate, clock)
    return Inversion(z[0].numpy(), float(closeness(model, target, z)[0]) / 2)


class Steps:
    """Counts steps until they or the seconds are over, and shows a bar where somebody sits at the terminal."""

    def __init__(self, seconds: float, steps: int) -> None:
        console = Console(stderr=True)
        self.end = time.monotonic() + seconds
        self.bar = Progress(console=console, transient=True, disable=not console.is_terminal)
        self.task = self.bar.add_task("looking for the picture", total=steps)

    def __enter__(self) -> Steps:
        self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        self.bar.stop()

    def __call__(self, count: int) -> Iterator[int]:
        """0 to count - 1, or fewer."""
        for step in range(count):
            if time.monotonic() > self.end:
                return
            yield step
            self.bar.advance(self.task)


@torch.no_grad()
def closeness(model: Model, target: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """`distances` of any number of latents, a batch at a time."""
    return torch.cat([distances(model, target, part) for part in z.split(16)])


def distances(model: Model, target: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
    """Mean |x - G(z)| for each latent: N x latent_dim -> N, of numbers in [-1, 1]."""
    return (model.generator(z) - target).abs().mean((1, 2, 3))


def descend(model: Model, target: torch.Tensor, z: torch.Tensor, steps: int, rate: float, clock: Steps) -> torch.Tensor:
    """Adam on the latents, its rate falling to 0 along a half cosine; what it comes to, for each start its best
    moment."""
    with torch.enable_grad():
        z = z.clone().requires_grad_()
        adam = torch.optim.Adam([z], rate)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, max(1, steps))
        best, reached = z.detach().clone(), torch.full((len(z),), float("inf"))
        for _ in clock(steps):
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

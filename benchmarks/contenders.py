"""What benchmarks/speed.py times: steps of ours with all tricks or without one, the textbook's, and those of peers."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import peers
import textbook
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn.objectives import OBJECTIVES
from chonk.learn.presets import PRESETS, find_preset
from chonk.learn.run import objective_settings
from chonk.learn.setup import build
from chonk.learn.speed import Speed, has_bf16
from chonk.nets import enlarged

WORTH = enlarged.WORTH


@dataclass(frozen=True)
class Contender:
    """A step: whose, of how many pictures of which side, and how it is computed."""

    whose: str
    """An objective, a preset, "textbook", or a peer's name."""
    size: int = 64
    batch: int = 16
    n: int = 0
    """The n of BEGAN's nets, which then have no vanishing residuals; 0 for the objective's own settings."""
    bf16: bool = True
    channels_last: bool = True
    keep_memory: bool = True
    graphs: bool = True
    """On a GPU: a step is recorded once."""
    short: bool = True
    """Enlarged pictures are convolved from the small ones (chonk/nets/enlarged.py)."""
    passes: int = 1
    """1, or 3 as one would first write BEGAN."""
    parts: int = 1
    """Into how many parts BEGAN's batch is split; their gradients are added up."""
    k: float = 0.5
    """BEGAN's k, held there: at 0 there is less to compute."""

    @property
    def round(self) -> int:
        """After so many steps they begin to repeat: peers have a gradient penalty in every fourth, and WGAN-GP's
        generator learns in every fifth."""
        return 4 if self.whose in peers.PEERS else 5 if self.whose == "wgan" else 1


TRICKS = {
    "a step that is recorded": {"graphs": False},
    "one pass for both players": {"passes": 3},
    "channels last": {"channels_last": False},
    "bfloat16": {"bf16": False},
    "the short way to larger pictures": {"short": False},
    "memory that is kept": {"keep_memory": False},
    "the batch whole, not in halves": {"parts": 2},
    "... in quarters": {"parts": 4},
}
"""trick -> a step without it."""
ELSEWHERE = {
    "cpu": ["a step that is recorded"],
    "cuda": [
        trick for trick in TRICKS if "memory" in trick or "short" in trick or "batch" in trick or "quarters" in trick
    ],
}
"""Tricks that make no difference on a device, or none that is known."""
PAPER = ("start=noise", "latent_dim=64", "patch=1", "warmup=0", "cover=0", "muon=false", "annealed=false")
"""Settings with which BEGAN's step does what the textbook's does."""
WHOLE = {"began": Contender("began"), **{f"began n={n}": Contender("began", n=n) for n in (32, 64)}}
"""BEGAN's steps with all tricks."""
CONTENDERS = {
    **{
        f"textbook n={n}": Contender("textbook", n=n, bf16=False, channels_last=False, keep_memory=False)
        for n in (32, 64)
    },
    **WHOLE,
    **{f"{name} k=0": replace(whole, k=0.0) for name, whole in WHOLE.items()},
    **{
        f"{name} without {trick}": replace(whole, **without)
        for name, whole in WHOLE.items()
        for trick, without in TRICKS.items()
    },
    "began batch 256 in sixteenths": Contender("began", batch=256, parts=16),
    **{name: Contender(name) for name in OBJECTIVES if name != "began"},
    **{f"{name} {size}": Contender(name, size) for size in (128, 256) for name in OBJECTIVES},
    **{f"{name} batch {batch}": Contender(name, batch=batch) for batch in (64, 256) for name in OBJECTIVES},
    **{name: Contender(name, 80 if "2018" in name else 64) for name in PRESETS},
    **{name: Contender(name, batch=4, bf16=False, channels_last=False, keep_memory=False) for name in peers.PEERS},
}


def small(contender: Contender) -> Contender:
    """The same of pictures so small that it takes no time."""
    return replace(contender, size=16, batch=4, n=contender.n and 2)


def begin(contender: Contender, device: str = "cpu") -> tuple[Callable[[], None], Callable[[], object]]:
    """The step, and (not a peer's) a picture drawn: functions without arguments."""
    c = contender
    pixels = torch.randint(
        0, 256, (max(400, c.batch), 3, c.size, c.size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    pictures, index = PictureSet(pixels, ("",) * len(pixels)), torch.arange(c.batch)
    real = pictures.normalized(index).to(device)
    if c.whose in peers.PEERS:
        return peers.begin(c.whose, real), lambda: None
    if c.whose == "textbook":
        began = textbook.Began(c.n, c.size, device=device)
        return partial(began.step, real), lambda: began.g(torch.rand(1, 64, device=device))
    objective, preset = find_preset(c.whose if c.whose in PRESETS else None, c.whose.partition("-")[0])
    settings = (f"filters={c.n}", f"d_filters={c.n}", *PAPER) if c.n else ()
    trained = build(
        {"seed": 0, "objective": objective}, pictures, objective_settings(objective, preset, settings, c.batch)
    )
    speed = Speed(device, 1, c.bf16 and has_bf16(device), c.channels_last, c.graphs and device == "cuda")
    speed.use(trained)
    real = speed.to_device(real)
    if objective == "began":
        play = trained.play if c.passes == 1 else partial(three_passes, trained)
        trained.play = lambda pictures, z, k: in_parts(trained, play, c.parts, pictures, z, c.k)

    def step() -> None:
        enlarged.WORTH = WORTH if c.short else sys.maxsize
        with speed.precision():
            trained.step(real, index, 0.5)

    return step, lambda: trained.trained()(torch.rand(1, trained.generator_config()[2]).to(device))


def three_passes(
    began: torch.nn.Module, real: torch.Tensor, z: torch.Tensor, k: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """BEGAN's `play` with D's losses and G's walked back apart."""
    fake = began.generator(z)
    loss_real, loss_fake = began.loss(real), began.loss(fake.detach())
    (loss_real - k * loss_fake).backward()
    began.discriminator.requires_grad_(False)
    began.loss(fake).backward()
    began.discriminator.requires_grad_(True)
    return loss_real.detach(), loss_fake.detach()


def in_parts(
    began: torch.nn.Module, play: Callable, parts: int, real: torch.Tensor, z: torch.Tensor, k: float
) -> tuple[torch.Tensor, ...]:
    """BEGAN's `play` with parts of the batch, one after another."""
    losses = torch.stack([torch.stack(play(*part, k)) for part in zip(real.chunk(parts), z.chunk(parts))])
    if parts > 1:
        torch._foreach_div_([weight.grad for weight in began.parameters() if weight.grad is not None], parts)
    return losses.mean(0).unbind()

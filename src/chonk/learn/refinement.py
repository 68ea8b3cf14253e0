"""How a refiner (`chonk.nets.refiner`) is taught what belongs together in a set's pictures.

A flow of features learns the set, beginning with what it learned from made-up sets (`chonk.nets.flow`).  It makes one
drawing of a draft d, which is what a generator retrieves: from t d + (1 - t) e it leads to features of the set (SDEdit,
Meng et al. 2021, arXiv:2108.01073).  The noise e is always the same, so the result follows from the draft alone.  The
refiner R begins as the flow's first guess on this way and learns to be there at once,

    L = mean (R(d) - end of the way of d)^2

A flow that has learned a small set by heart leads to its pictures.  The later it begins, t, the more is kept of the
draft; t is as early as hardly any draft becomes a training picture.
"""

from __future__ import annotations

import copy
from itertools import pairwise

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.learn import distributed
from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.optimizer import Adam
from chonk.nets.flow import START, Statistics, load_pretrained_flow, statistics
from chonk.nets.mosaic import Generator
from chonk.nets.refiner import Refiner

LESSONS = 48
"""Noisy pictures that the flow learns from in a step."""
RATE = 0.01
"""Muon's step size for the flow; Adam's is a twentieth."""
GROUP, GROUPS = 16, 256
"""Drafts are made in groups, for the last bits depend on a batch's size, and so many of them; two are a batch."""
SHARPNESS = 0.7
"""Of the drafts' retrieval: in the middle of where calibration ends (`chonk.judge.calibration`)."""
WAY = 2
"""Steps of Heun's method from a draft to its end."""
STARTS = (START, 0.6, 0.7, 0.8)
"""Times from which drafts may be drawn on."""
NEAR, MAX_NEAR, LOOKED_AT = 0.6, 0.04, 8
"""An end is a copy if a training picture's features are nearer than that share of what training pictures are apart from
each other; the first of STARTS is taken that makes so few of the drafts in so many groups one."""


class Refinement(nn.Module):
    """A set's flow, and the drafts that a refiner learns from; `features` N x 32 x 8 x 8 are those of the set."""

    mean: torch.Tensor
    deviation: torch.Tensor
    pictures: torch.Tensor
    noise: torch.Tensor
    start: torch.Tensor

    def __init__(self, features: torch.Tensor, latent_dim: int) -> None:
        super().__init__()
        self.latent_dim = latent_dim
        self.flow = load_pretrained_flow()
        self.average = Average(self.flow, 0.995)
        for name, value in statistics(features)._asdict().items():
            self.register_buffer(name, value, persistent=False)
        noise = torch.randn(1, *features.shape[1:], generator=torch.Generator().manual_seed(0))
        self.register_buffer("noise", noise, persistent=False)
        matrices, rest = matrices_and_rest(self.flow)
        self.optimizers = {
            "flow_muon": Muon(matrices, RATE),
            "flow_adam": Adam(rest, RATE / 20, betas=(0.9, 0.99)),
        }
        self.register_buffer("start", torch.tensor(START))
        self.drafts: dict[int, torch.Tensor] = {}
        self.lessons: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self.drafting: list[Generator] = []

    @property
    def told(self) -> Statistics:
        return Statistics(self.mean, self.deviation, self.pictures)

    def learn_set(self, x: torch.Tensor, pace: float) -> float:
        """One update of the flow with features of the set; returns its mean squared error.  `pace` is the learning
        rate as a share of the highest."""
        for kept in (self.lessons, self.drafts, self.drafting):
            kept.clear()
        t = START + (1 - START) * distributed.rand(len(x)).to(x)
        noise = distributed.randn(*x.shape).to(x)
        loss = F.mse_loss(self.flow.velocity(between(noise, x, t), t, self.told, precision(x)), x - noise)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = pace * (RATE / 20 if name == "flow_adam" else RATE)
            optimizer.step()
        self.average.update(self.flow)
        return loss.item()

    @torch.no_grad()
    def begin(self, refiner: Refiner, generator: Generator) -> None:
        """Chooses the start, and makes the refiner the flow's first guess."""
        known = generator.memory.permute(2, 0, 1, 3).flatten(1)
        gap = torch.cdist(known, known).fill_diagonal_(torch.inf).amin(1).median()
        for start in STARTS:
            self.start.fill_(start)
            self.lessons.clear()
            ends = torch.cat([self.make(generator, number)[1] for number in range(min(LOOKED_AT, GROUPS))])
            nearest = torch.cdist(ends.permute(0, 2, 3, 1).flatten(1), known).amin(1)
            if (nearest < NEAR * gap).float().mean() <= MAX_NEAR:
                break
        refiner.become(self.average.net, self.told, self.noise, float(self.start))

    def lesson(self, generator: Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Drafts, and where their ways end, 2 GROUP x 32 x 8 x 8 each.

        Every group is made once.  After a training was taken up again it is made anew, the same: the generator's drafts
        and the flow stay as they are while the refiner learns."""
        drafts, ends = zip(*(self.make(generator, number) for number in torch.randint(GROUPS, (2,)).tolist()))
        return torch.cat(drafts), torch.cat(ends)

    @torch.no_grad()
    def make(self, generator: Generator, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """One group's drafts, and their ends."""
        if number not in self.drafts:
            self.drafts[number] = self.draft(generator, number)
        if number not in self.lessons:
            self.lessons[number] = self.drafts[number], self.end(self.drafts[number])
        return self.lessons[number]

    def draft(self, generator: Generator, number: int) -> torch.Tensor:
        latents = torch.randn(GROUP, self.latent_dim, generator=torch.Generator().manual_seed(number))
        with torch.autocast(self.noise.device.type, enabled=False):  # its logits would not bear bfloat16
            if not self.drafting:
                self.drafting.append(copy.deepcopy(generator))
                if generator.has_sharpness:
                    self.drafting[0].sharpen(SHARPNESS)
            return self.drafting[0].draft(latents.to(self.noise))[1]

    def end(self, drafts: torch.Tensor) -> torch.Tensor:
        start, dtype = float(self.start), precision(drafts)
        x = between(self.noise, drafts, drafts.new_full((len(drafts),), start))

        def velocity(x: torch.Tensor, t: float) -> torch.Tensor:
            return self.average.net.velocity(x, x.new_full((len(x),), t), self.told, dtype)

        for now, after in pairwise(torch.linspace(start, 1, WAY + 1).tolist()):
            first = velocity(x, now)
            there = x + (after - now) * first
            x = there if after == 1 else x + (after - now) / 2 * (first + velocity(there, after))
        return x


def between(noise: torch.Tensor, features: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """x_t, for a time for each picture."""
    return torch.lerp(noise.expand_as(features), features, t[:, None, None, None])


def precision(x: torch.Tensor) -> torch.dtype:
    """That of autocast; the flow bears it throughout, attention's softmax included."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32

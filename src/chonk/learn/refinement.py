"""How a refiner (`chonk.nets.refiner`) learns what belongs together in a set's pictures.

A flow of features learns the set, beginning with what it learned from made-up sets (`chonk.nets.flow`).  It turns a
draft d, which is what a generator retrieves, into one drawing: integrated from t d + (1 - t) e to time 1, it ends at
features of the set (SDEdit, Meng et al. 2021, arXiv:2108.01073).  The noise e is always the same, so the result follows
from the draft alone.  The refiner R begins as the flow's guess from the start, and learns the whole path in one pass,

    L = mean (R(d) - endpoint of the path from d)^2

A flow that has learned a small set by heart ends at its pictures.  The later the start t, the more of the draft is
kept; t is the earliest at which hardly any draft becomes a training picture.
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
from chonk.nets.flow import START, Statistics, load_pretrained_flow, set_statistics
from chonk.nets.mosaic import Generator
from chonk.nets.refiner import Refiner

BATCH = 48
"""Pictures in a step of the flow."""
RATE = 0.01
"""Muon's step size for the flow; Adam's is a twentieth."""
GROUP, GROUPS = 16, 256
"""Drafts are made in groups of one size, for their last bits depend on it, and in so many; two groups are a batch."""
SHARPNESS = 0.7
"""Of the drafts' retrieval: in the middle of where calibration ends (`chonk.judge.calibration`)."""
HEUN_STEPS = 2
"""Steps of Heun's method from a draft to its target."""
STARTS = (START, 0.6, 0.7, 0.8)
"""Times from which drafts may be drawn on."""
COPY_DISTANCE, MAX_COPIES, CHECKED_GROUPS = 0.6, 0.04, 8
"""A target is a copy of a training picture if it is nearer to its features than that share of the median distance of
training pictures to their nearest; the first of STARTS is taken at which at most so large a share of the drafts, in so
many groups, become copies.  Drafts that are copies before do not count: calibration rejects those."""


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
        for name, value in set_statistics(features)._asdict().items():
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
        self.groups: dict[int, tuple[torch.Tensor, torch.Tensor]] = {}
        self.draft_generator: list[Generator] = []

    @property
    def statistics(self) -> Statistics:
        return Statistics(self.mean, self.deviation, self.pictures)

    def train_flow(self, x: torch.Tensor, rate_scale: float) -> float:
        """One update of the flow with features of the set; returns its mean squared error.  `rate_scale` is the
        learning rate as a share of the highest."""
        for kept in (self.groups, self.drafts, self.draft_generator):
            kept.clear()
        t = START + (1 - START) * distributed.rand(len(x)).to(x)
        noise = distributed.randn(*x.shape).to(x)
        loss = F.mse_loss(self.flow.velocity(interpolate(noise, x, t), t, self.statistics, precision(x)), x - noise)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = rate_scale * (RATE / 20 if name == "flow_adam" else RATE)
            optimizer.step()
        self.average.update(self.flow)
        return loss.item()

    @torch.no_grad()
    def initialize(self, refiner: Refiner, generator: Generator) -> None:
        """Chooses the start time, and sets the refiner to the flow's first guess."""
        memory = generator.memory.permute(2, 0, 1, 3).flatten(1)
        gap = torch.cdist(memory, memory).fill_diagonal_(torch.inf).amin(1).median()

        def is_copy(features: torch.Tensor) -> torch.Tensor:
            return torch.cdist(features.permute(0, 2, 3, 1).flatten(1), memory).amin(1) < COPY_DISTANCE * gap

        for start in STARTS:
            self.start.fill_(start)
            self.groups.clear()
            groups = (self.group(generator, number) for number in range(min(CHECKED_GROUPS, GROUPS)))
            draft_is_copy, target_is_copy = (is_copy(torch.cat(features)) for features in zip(*groups))
            if (target_is_copy & ~draft_is_copy).float().mean() <= MAX_COPIES:
                break
        refiner.fold(self.average.net, self.statistics, self.noise, float(self.start))

    def sample_batch(self, generator: Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """Drafts, and their targets, 2 GROUP x 32 x 8 x 8 each.

        Every group is made once.  After a training was taken up again it is made anew, the same: the generator's drafts
        and the flow stay as they are while the refiner learns."""
        drafts, targets = zip(*(self.group(generator, number) for number in torch.randint(GROUPS, (2,)).tolist()))
        return torch.cat(drafts), torch.cat(targets)

    @torch.no_grad()
    def group(self, generator: Generator, number: int) -> tuple[torch.Tensor, torch.Tensor]:
        """One group's drafts, and their targets."""
        if number not in self.drafts:
            self.drafts[number] = self.draft(generator, number)
        if number not in self.groups:
            self.groups[number] = self.drafts[number], self.target(self.drafts[number])
        return self.groups[number]

    def draft(self, generator: Generator, number: int) -> torch.Tensor:
        latents = torch.randn(GROUP, self.latent_dim, generator=torch.Generator().manual_seed(number))
        with torch.autocast(self.noise.device.type, enabled=False):  # its logits would not bear bfloat16
            if not self.draft_generator:
                self.draft_generator.append(copy.deepcopy(generator))
                if generator.has_sharpness:
                    self.draft_generator[0].sharpen(SHARPNESS)
            return self.draft_generator[0].draft(latents.to(self.noise))[1]

    def target(self, drafts: torch.Tensor) -> torch.Tensor:
        start, dtype = float(self.start), precision(drafts)
        x = interpolate(self.noise, drafts, drafts.new_full((len(drafts),), start))

        def velocity(x: torch.Tensor, t: float) -> torch.Tensor:
            return self.average.net.velocity(x, x.new_full((len(x),), t), self.statistics, dtype)

        for now, after in pairwise(torch.linspace(start, 1, HEUN_STEPS + 1).tolist()):
            first = velocity(x, now)
            there = x + (after - now) * first
            x = there if after == 1 else x + (after - now) / 2 * (first + velocity(there, after))
        return x


def interpolate(noise: torch.Tensor, features: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """x_t, for a time for each picture."""
    return torch.lerp(noise.expand_as(features), features, t[:, None, None, None])


def precision(x: torch.Tensor) -> torch.dtype:
    """That of autocast; the flow bears it throughout, attention's softmax included."""
    device = x.device.type
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else torch.float32

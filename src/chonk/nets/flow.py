"""A rectified flow of features (Liu et al. 2022, arXiv:2209.03003): which features go together in a whole picture.

x_t = t x + (1 - t) noise lies on the path from noise, t = 0, to features x, t = 1.  The net v(x_t, t) learns x - noise;
so x_t + (1 - t) v is the mean of all features that x_t may have come from.  It is pretrained on made-up sets of one
character each, conditioned on the mean and deviation of each set's features, and fine-tuned on the pictures of a set
(`chonk.learn.refinement`), from START on: by then x_t shows already what the picture will be of.  No model holds it: it
is folded into a refiner (`chonk.nets.refiner`).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch.func import functional_call

from chonk.nets.autoencoder import FEATURES, SLOPE

PRETRAINED = Path(__file__).with_name("flow.safetensors")
"""Each row of a matrix as int8 with a scale of its own; `python -m chonk.learn.pretrain_flow` trained it."""
SIDE, WIDTH, BLOCKS, HEADS = 8, 128, 6, 2
START = 0.5
"""The time from which on features are drawn."""
FULL_SET = 16.0
"""The number of pictures that statistics of a whole set are said to come from, however many it has."""


class Statistics(NamedTuple):
    """Of a set's features: what the flow is conditioned on."""

    mean: torch.Tensor
    """N x 32 x side x side."""
    deviation: torch.Tensor
    pictures: torch.Tensor
    """N: how many pictures they were taken from."""

    def expand(self, count: int) -> Statistics:
        """One set's statistics, once for each of `count` pictures."""
        return Statistics(*(value.expand(count, *value.shape[1:]) for value in self))


def set_statistics(features: torch.Tensor) -> Statistics:
    """Of all features of a set, N x 32 x side x side; a batch of one."""
    count = torch.full((1,), FULL_SET, device=features.device)
    return Statistics(features.mean(0, keepdim=True), features.std(0, correction=0, keepdim=True), count)


class Block(nn.Module):
    """Attention among the places, and two layers at each, both scaled and shifted by the time (Peebles and Xie 2022,
    arXiv:2212.09748)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.modulation = nn.Parameter(torch.zeros(1, 1, 6 * WIDTH))
        nn.init.zeros_(self.out.bias)
        nn.init.zeros_(self.down.bias)
        with torch.no_grad():
            self.qkv.weight[:WIDTH] *= (WIDTH // HEADS) ** -0.5

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        scale, shift, gain, scale2, shift2, gain2 = (time + self.modulation).chunk(6, 2)
        h = F.layer_norm(x, (WIDTH,)) * (1 + scale) + shift
        q, k, v = self.qkv(h).view(*h.shape[:2], 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        # Written out: the fused attention's backward pass takes as long on a CPU as all the rest.
        x = x + gain * self.out((F.softmax(q @ k.transpose(2, 3), 3) @ v).transpose(1, 2).flatten(2))
        h = F.layer_norm(x, (WIDTH,)) * (1 + scale2) + shift2
        return x + gain2 * self.down(F.leaky_relu(self.up(h), SLOPE / 2))


class Flow(nn.Module):
    """Noisy features N x 32 x 8 x 8, their times (N; 0 noise, 1 features) and the set's statistics -> velocities."""

    frequencies: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.statistics = nn.Linear(FEATURES, WIDTH), nn.Linear(2 * FEATURES + 1, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(1, SIDE**2, WIDTH))
        self.time = nn.Sequential(
            nn.Linear(64, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), last := nn.Linear(WIDTH, 6 * WIDTH)
        )
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.last = nn.Linear(WIDTH, FEATURES)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.zero_().view(6, WIDTH)[2::3] = 0.3  # both gains
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(200), 32)), persistent=False)

    def conditions(self, t: torch.Tensor, stats: Statistics) -> tuple[torch.Tensor, torch.Tensor]:
        """Embeddings of the times, N x 1 x 6 width, and of statistics and positions, N x 64 x width."""
        # In bfloat16 on every machine, as it was pretrained: it learned what the highest frequencies round to.
        angles = t.bfloat16()[:, None] * self.frequencies.bfloat16()
        dtype = self.positions.dtype
        time = self.time(torch.cat([angles.sin(), angles.cos()], 1).to(dtype))[:, None]
        count = (1 / stats.pictures)[:, None, None].expand(-1, SIDE**2, 1)
        condition = torch.cat([_tokens(stats.mean), _tokens(stats.deviation), count], 2)
        return time, self.statistics(condition.to(dtype)) + self.positions

    def forward(self, x: torch.Tensor, t: torch.Tensor, stats: Statistics) -> torch.Tensor:
        time, condition = self.conditions(t, stats)
        h = self.enter(_tokens(x)) + condition
        for block in self.blocks:
            h = block(h, time)
        return self.last(F.layer_norm(h, (WIDTH,))).transpose(1, 2).reshape(x.shape)

    def velocity(
        self, x: torch.Tensor, t: torch.Tensor, stats: Statistics, dtype: torch.dtype = torch.float32
    ) -> torch.Tensor:
        """The same, computed in `dtype`, whatever autocast says; `stats` of one set or one for each picture."""
        weights = {name: weight.to(dtype) for name, weight in self.named_parameters()}
        with torch.autocast(x.device.type, enabled=False):
            return functional_call(self, weights, (x.to(dtype), t, stats.expand(len(x)))).float()


def _tokens(maps: torch.Tensor) -> torch.Tensor:
    return maps.flatten(2).transpose(1, 2)


def load_pretrained_flow() -> Flow:
    """The flow that comes with the package."""
    flow, stored = Flow(), load_file(PRETRAINED)
    weights = {name: value for name, value in stored.items() if not name.endswith(".scale")}
    flow.load_state_dict({name: value.float() * stored.get(f"{name}.scale", 1) for name, value in weights.items()})
    return flow


def save_pretrained_flow(flow: Flow, file: Path = PRETRAINED) -> None:
    """Writes what `load_pretrained_flow` reads."""
    stored: dict[str, torch.Tensor] = {}
    for name, value in flow.state_dict().items():
        if value.ndim == 2:
            scale = value.abs().amax(1, keepdim=True).clamp(min=1e-8) / 127
            stored |= {name: (value / scale).round().to(torch.int8), f"{name}.scale": scale.half().float()}
        else:
            stored[name] = value.half().contiguous()
    save_file(stored, file)

"""Features that a generator combined from several pictures -> features like those of one picture, whose parts match.

A small transformer over the places: a flow (`chonk.nets.flow`) with fixed time and noise, distilled into one pass.
`chonk.learn.refinement` trains it."""

from __future__ import annotations

from typing import cast

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets import flow as flows
from chonk.nets.autoencoder import FEATURES, SLOPE
from chonk.nets.flow import BLOCKS, HEADS, WIDTH, Flow, Statistics
from chonk.nets.quantised import quantised

torch.fx.wrap("quantised")

EPSILON = 1e-5
LEVELS = 7
"""Weights are whole multiples, -7 to 7, of a scale that 32 of them share: half a byte each on the page."""


@torch.fx.wrap  # one operation to the page
def normalized(x: torch.Tensor) -> torch.Tensor:
    """Every place's channels with mean 0 and variance 1 (Ba et al. 2016, arXiv:1607.06450)."""
    return F.layer_norm(x.permute(0, 2, 3, 1), x.shape[1:2], eps=EPSILON).permute(0, 3, 1, 2)


@torch.fx.wrap  # one operation to the page
def self_attention(qkv: torch.Tensor, heads: int) -> torch.Tensor:
    """Queries, keys and values of all heads, N x 3 C x H x W, -> what each place reads from all, N x C x H x W:
    softmax(q k^T) v (Vaswani et al. 2017, arXiv:1706.03762; weights hold the usual scale)."""
    count, channels, height, width = qkv.shape
    q, k, v = qkv.view(count, 3, heads, channels // (3 * heads), height * width).transpose(3, 4).unbind(1)
    read = F.softmax(q @ k.transpose(2, 3), 3) @ v
    return read.transpose(2, 3).reshape(count, channels // 3, height, width)


class QuantisedLinear(nn.Conv2d):
    """A linear map at each place with quantised weights, learned with the straight-through estimator (Bengio et al.
    2013, arXiv:1308.3432)."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        rounded = quantised(self.weight.detach(), LEVELS)
        weight = self.weight + (rounded - self.weight).detach() if self.training else rounded
        return F.conv2d(x, weight, self.bias)


class Block(nn.Module):
    """Attention among the places, and two layers at each."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = QuantisedLinear(WIDTH, 3 * WIDTH), QuantisedLinear(WIDTH, WIDTH)
        self.up, self.down = QuantisedLinear(WIDTH, 4 * WIDTH), QuantisedLinear(4 * WIDTH, WIDTH)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.out(self_attention(self.qkv(normalized(x)), HEADS))
        return x + self.down(F.leaky_relu(self.up(normalized(x)), SLOPE / 2))

    def fold(self, block: flows.Block, time: torch.Tensor) -> None:
        """Takes the weights of a flow's block at one time, whose scales and shifts become part of them."""
        scale, shift, gain, scale2, shift2, gain2 = (time + block.modulation).flatten().chunk(6)
        set_linear(self.qkv, block.qkv.weight * (1 + scale), block.qkv.weight @ shift)
        set_linear(self.out, block.out.weight * gain[:, None], block.out.bias * gain)
        set_linear(self.up, block.up.weight * (1 + scale2), block.up.bias + block.up.weight @ shift2)
        set_linear(self.down, block.down.weight * gain2[:, None], block.down.bias * gain2)


@torch.no_grad()
def set_linear(layer: nn.Conv2d, weight: torch.Tensor, bias: torch.Tensor) -> None:
    """Gives a 1 x 1 convolution the weights of a linear map, outputs x inputs."""
    layer.weight.copy_(weight[:, :, None, None])
    if layer.bias is not None:
        layer.bias.copy_(bias)


class Refiner(nn.Module):
    """Features N x 32 x side x side -> the same shape; the identity until it is trained."""

    def __init__(self, side: int) -> None:
        super().__init__()
        self.enter = nn.Conv2d(FEATURES, WIDTH, 1)
        self.positions = nn.Parameter(torch.zeros(1, WIDTH, side, side))
        self.blocks = nn.Sequential(*(Block() for _ in range(BLOCKS)))
        self.leave = nn.Conv2d(WIDTH, FEATURES, 1)
        self.carry = nn.Parameter(torch.ones(1, FEATURES, 1, 1))
        self.offset = nn.Parameter(torch.zeros(1, FEATURES, side, side))
        set_linear(self.leave, torch.zeros(FEATURES, WIDTH), torch.zeros(FEATURES))

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        x = normalized(self.blocks(self.enter(features) + self.positions))
        return features * self.carry + self.leave(x) + self.offset

    @torch.no_grad()
    def fold(self, flow: Flow, stats: Statistics, noise: torch.Tensor, t: float) -> None:
        """The flow's guess of the features that t features + (1 - t) noise came from, noise 1 x 32 x side x side: time
        and statistics, which no longer change, go into weights and biases."""
        time, condition = flow.conditions(torch.full((1,), t, device=noise.device), stats)
        enter, last = flow.enter, flow.last
        set_linear(self.enter, t * enter.weight, enter.bias)
        self.positions.copy_(
            _map(condition + F.linear((1 - t) * noise.flatten(2).transpose(1, 2), enter.weight), noise)
        )
        for own, block in zip(self.blocks, flow.blocks):
            cast(Block, own).fold(cast(flows.Block, block), time)
        set_linear(self.leave, (1 - t) * last.weight, (1 - t) * last.bias)
        self.carry.fill_(t)
        self.offset.copy_((1 - t) * noise)


def _map(tokens: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    return tokens.transpose(1, 2).reshape(1, -1, *like.shape[2:])

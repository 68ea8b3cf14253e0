"""Small nets that work on principal components of features instead of pixels: the head start of the classic objectives.

    latent  ->  components  ->  features S/8 x S/8 x 32  ->  picture

The encoder of `chonk.nets.autoencoder` turns pictures into features; the principal components of a set's features
(`chonk.learn.head_start`) are a few hundred numbers that hold most of them.  The players' nets are fully connected
there: a step costs a twentieth of one on pixels.
"""

from __future__ import annotations

import itertools
from typing import Annotated

import torch
import torch.nn as nn

from chonk.nets import base
from chonk.nets.autoencoder import FEATURES, SLOPE, STEP, Decoder
from chonk.validation import Range, checked

Width = Annotated[int, Range(1, 4096)]
Layers = Annotated[int, Range(1, 16)]
"""Units of a layer and hidden layers; a model's settings may come from a stranger."""


class ResidualMLP(nn.Module):
    """A linear map plus a perceptron of `layers` hidden layers that starts as nearly nothing: N x inputs -> N x
    outputs.

    `diagonal` is what the linear map is at first: its first inputs times these numbers are its first outputs; the rest
    0."""

    def __init__(
        self, inputs: int, outputs: int, width: int, layers: int, diagonal: torch.Tensor | None = None
    ) -> None:
        super().__init__()
        widths = [inputs, *[width] * layers]
        self.hidden = nn.Sequential(
            *(part for a, b in itertools.pairwise(widths) for part in (nn.Linear(a, b), nn.LeakyReLU(SLOPE)))
        )
        self.out = nn.Linear(widths[-1], outputs)
        self.linear = nn.Linear(inputs, outputs, bias=False)
        with torch.no_grad():
            self.out.weight.mul_(0.1)
            self.out.bias.zero_()
            self.linear.weight.zero_()
            if diagonal is not None:
                self.linear.weight[: len(diagonal), : len(diagonal)] = torch.diag(diagonal)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.linear(x) + self.out(self.hidden(x))


class Basis(nn.Module):
    """Components N x K -> features N x 32 x side x side: mean + sum of components times directions."""

    def __init__(self, components: int, side: int) -> None:
        super().__init__()
        self.side = side
        self.linear = nn.Linear(components, FEATURES * side**2)
        self.requires_grad_(False)

    def forward(self, components: torch.Tensor) -> torch.Tensor:
        return self.linear(components).reshape(-1, FEATURES, self.side, self.side)


class Generator(base.Generator):
    """Latents N x latent_dim -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    `components` numbers lie between, made by a perceptron of `layers` hidden layers of `width` units.  Raises
    ValueError where a number is out of range or size is no multiple of 8."""

    latent_kind = "uniform"

    @checked
    def __init__(
        self, size: int, channels: int, latent_dim: int, components: Width = 256, width: Width = 512, layers: Layers = 2
    ) -> None:
        super().__init__()
        if size % STEP:
            raise ValueError(f"the side of the pictures must be a multiple of {STEP}, not {size}")
        self.net = ResidualMLP(latent_dim, components, width, layers)
        self.basis = Basis(components, size // STEP)
        self.decoder = Decoder(channels)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.basis(self.net(z)))


class AutoEncoder(nn.Module):
    """Components N x K -> the same, through `hidden` numbers each: the discriminator of BEGAN and EBGAN.

    It begins as the best linear one, which keeps the first `hidden` components; `deviations` (K) are those of the
    components."""

    def __init__(self, components: int, hidden: int, width: int, layers: int, deviations: torch.Tensor) -> None:
        super().__init__()
        first = deviations[:hidden]
        self.encode = ResidualMLP(components, hidden, width, layers, 1 / first)
        self.decoder = ResidualMLP(hidden, components, width, layers, first)

    def forward(self, components: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encode(components))


class Critic(nn.Module):
    """Components N x K -> N, unbounded: the opponent of WGAN-GP."""

    def __init__(self, components: int, width: int, layers: int) -> None:
        super().__init__()
        self.net = ResidualMLP(components, 1, width, layers)

    def forward(self, components: torch.Tensor) -> torch.Tensor:
        return self.net(components).squeeze(1)

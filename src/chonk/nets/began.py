"""The networks of BEGAN, as in its paper and as they were on the 2018 page.

Berthelot, Schumm and Metz 2017, arXiv:1703.10717, section 3.6.  A generator is a projection of the latent to a small
picture and sets of 3x3 convolutions with nearest-neighbour upsampling between them; the discriminator is an
auto-encoder whose decoder is such a generator.  Everything is made of operations that a browser has too.
"""

from __future__ import annotations

import itertools
import math
from typing import Annotated, Any, Literal

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets import base
from chonk.nets.autoencoder import FEATURES, STEP, Decoder, Encoder
from chonk.nets.layers import Layer, LayerSet, activate, initialise
from chonk.nets.mean_shift import MeanShift
from chonk.validation import Range, checked

Sets = Annotated[int, Range(1, 8)]
Layers = Annotated[int, Range(1, 64)]
Filters = Annotated[int, Range(1, 4096)]
Patch = Annotated[int, Range(1, 64)]
Activation = Literal["elu", "leaky_relu"]
Inject = Literal["none", "latent", "first"]
"""What a net may be built with: sets, layers in a set, filters of a layer, and side of a patch; a model's settings may
come from a stranger."""


def sets_for(size: int, smallest: int = 8) -> int:
    """How many sets of layers the paper uses for pictures of this side: halve while the side stays whole and >=
    `smallest`."""
    halvings = 0
    while size % 2 == 0 and size // 2 >= smallest:
        size, halvings = size // 2, halvings + 1
    return halvings + 1


class Generator(base.Generator):
    """Latents N x latent_dim -> pictures N x channels x size x size in [-1, 1].

    `sets` sets of `layers` convolutions with 2x nearest-neighbour upsampling between them, so the first works at side
    size / 2^(sets-1).  `filters` is the width of the last set; with `doubling` each set before it is twice as wide
    (2018), else all have the same (paper).  `inject` gives the later sets another look at the input: "latent" puts the
    latent, as a square of one channel resized to fit, beside the picture before each upsampling (2018); "first" puts
    the first small picture there (the paper's skip connections, which come to the same after it); "none" does neither.
    With `patch` p the sets draw a picture of side size / p with p^2 times the channels, whose places become squares of
    p x p pixels (Shi et al. 2016, arXiv:1609.05158): wide layers on small maps, which a CPU computes best.  With
    `pretrained` they draw features, at side size / 8, and the package's decoder (`chonk.nets.autoencoder`) makes the
    picture, which then goes a little beyond [-1, 1].  With `anchors`, that many latents are known to draw well, and
    each latent first moves towards those near it (`chonk.nets.mean_shift`); `draw` leaves that out.

    Raises ValueError where a number is out of range, size is no multiple of 2^(sets-1), or the latent to inject is no
    square."""

    latent_kind = "uniform"

    @checked
    def __init__(
        self,
        size: int,
        channels: int,
        latent_dim: int,
        filters: Filters = 64,
        layers: Layers = 2,
        sets: Sets = 4,
        doubling: bool = False,
        activation: Activation = "elu",
        separable: bool = False,
        batch_norm: bool = False,
        vanishing: bool = False,
        inject: Inject = "none",
        patch: Patch = 1,
        pretrained: bool = False,
        anchors: Annotated[int, Range(0, 4096)] = 0,
    ) -> None:
        super().__init__()
        self.mean_shift = MeanShift(anchors, latent_dim) if anchors else None
        self.pixels: nn.Module
        if pretrained:
            self.pixels, patch, drawn = Decoder(channels), STEP, FEATURES
        else:
            shuffle = nn.PixelShuffle(patch) if patch > 1 else nn.Identity()
            self.pixels, drawn = nn.Sequential(shuffle, nn.Tanh()), channels * patch**2
        if size % (patch * 2 ** (sets - 1)):
            raise ValueError(f"the side of the pictures must be a multiple of {patch * 2 ** (sets - 1)}, not {size}")
        size = size // patch
        self.side = math.isqrt(latent_dim)
        if inject == "latent" and self.side**2 != latent_dim:
            raise ValueError(f"latent_dim must be a square number to be injected as a picture, not {latent_dim}")
        self.base, self.inject, self.activation = size >> (sets - 1), inject, activation
        widths = [filters * 2 ** (sets - 1 - i) if doubling else filters for i in range(sets)]
        self.first = nn.Linear(latent_dim, widths[0] * self.base**2, bias=not batch_norm)
        self.first_norm = nn.BatchNorm2d(widths[0] * self.base**2) if batch_norm else None
        extra = {"none": 0, "latent": 1, "first": widths[0]}[inject]
        self.sets = nn.ModuleList(
            LayerSet(
                widths[i - 1] + extra if i else widths[0],
                widths[i],
                layers,
                vanishing,
                activation=activation,
                separable=separable,
                batch_norm=batch_norm,
            )
            for i in range(sets)
        )
        self.last = nn.Conv2d(filters, drawn, 3, padding=1)
        self.width = widths[0]
        initialise(self)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.draw(z if self.mean_shift is None else self.mean_shift(z))

    def draw(self, z: torch.Tensor) -> torch.Tensor:
        """The pictures of latents that stay where they are."""
        h = self.first(z)  # N x (W S0 S0)
        if self.first_norm is not None:
            h = activate(self.first_norm(h.reshape(-1, self.width * self.base**2, 1, 1)), self.activation)
        first = h = h.reshape(-1, self.width, self.base, self.base)  # N x W x S0 x S0
        again = z.reshape(-1, 1, self.side, self.side) if self.inject == "latent" else first
        for i, layers in enumerate(self.sets):
            if i and self.inject != "none":
                side = self.base << i - 1
                h = torch.cat([h, F.interpolate(again, size=(side, side), mode="nearest")], 1)
            h = layers(h, enlarge=i > 0)  # N x W_i x S_i x S_i
        return self.pixels(self.last(h))


class AutoEncoder(nn.Module):
    """Pictures N x channels x size x size -> the same shape, through `hidden` numbers each: BEGAN's discriminator.

    `growing` filters n, 2n, 3n, ... with a stride-2 convolution between sets is the paper's encoder; else every layer
    has n and sets are joined by 2x2 average pooling (2018).  The decoder is a `Generator` of the same options.  With
    `pretrained` the package's encoder comes first, and the layers see its features."""

    @checked
    def __init__(
        self,
        size: int,
        channels: int,
        hidden: int,
        filters: Filters = 64,
        layers: Layers = 2,
        sets: Sets = 4,
        growing: bool = False,
        activation: Activation = "elu",
        separable: bool = False,
        batch_norm: bool = False,
        vanishing: bool = False,
        inject: Inject = "none",
        patch: Patch = 1,
        pretrained: bool = False,
    ) -> None:
        super().__init__()
        self.places: nn.Module
        if pretrained:
            self.places, step, seen = Encoder(), STEP, FEATURES
        else:
            self.places = nn.PixelUnshuffle(patch) if patch > 1 else nn.Identity()
            step, seen = patch, channels * patch**2
        layer: dict[str, Any] = dict(activation=activation, separable=separable, batch_norm=batch_norm)
        inner: dict[str, Any] = layer | dict(layers=layers, vanishing=vanishing)
        widths = [filters * (i + 1) if growing else filters for i in range(sets)]
        self.first = Layer(seen, filters, activation)
        self.encoder = nn.ModuleList(LayerSet(width, width, **inner) for width in widths)
        self.down = nn.ModuleList(
            Layer(a, b, stride=2, **layer) if growing else nn.AvgPool2d(2) for a, b in itertools.pairwise(widths)
        )
        self.code = nn.Linear(widths[-1] * (size // step >> (sets - 1)) ** 2, hidden)
        initialise(self)
        inner |= dict(sets=sets, inject=inject, patch=patch, pretrained=pretrained)
        self.decoder = Generator(size, channels, hidden, filters, **inner)

    def encode(self, pictures: torch.Tensor) -> torch.Tensor:
        """Pictures -> N x hidden, unbounded."""
        h = self.first(self.places(pictures))
        for i, layers in enumerate(self.encoder):
            h = layers(self.down[i - 1](h) if i else h)
        return self.code(h.flatten(1))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.encode(pictures))


@torch.no_grad()
def imitate(generator: Generator, decoder: Generator, mean: torch.Tensor, directions: torch.Tensor) -> None:
    """Makes a generator draw what a decoder of the same shape draws of the codes mean + directions z (hidden; hidden x
    latent_dim)."""
    weights = generator.state_dict() | decoder.state_dict()
    first = weights["first.weight"]
    weights["first.weight"] = first @ directions
    if "first.bias" in weights:
        weights["first.bias"] = weights["first.bias"] + first @ mean
    generator.load_state_dict(weights)

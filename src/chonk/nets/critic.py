"""A net that gives every picture one number: the critic of a Wasserstein GAN."""

from __future__ import annotations

import itertools
from typing import cast

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.autoencoder import FEATURES, STEP, Encoder
from chonk.nets.began import sets_for
from chonk.nets.layers import initialise


class Critic(nn.Module):
    """Pictures N x channels x size x size -> N, unbounded.

    Sets of 3x3 convolutions of n, 2n, 3n, ... filters with 2x2 average pooling between them, without any normalisation:
    a penalty on the slope at each picture makes sense only where pictures do not look at each other.  With `pretrained`
    they see what the package's encoder makes of a picture."""

    def __init__(self, size: int, channels: int, filters: int = 32, layers: int = 2, pretrained: bool = False) -> None:
        super().__init__()
        if pretrained:
            size, channels = size // STEP, FEATURES
        sets = sets_for(size)
        widths = [channels] + [filters * (i + 1) for i in range(sets)]
        self.sets = nn.ModuleList(
            nn.ModuleList(nn.Conv2d(b if i else a, b, 3, padding=1) for i in range(layers))
            for a, b in itertools.pairwise(widths)
        )
        self.last = nn.Linear(widths[-1] * (size >> (sets - 1)) ** 2, 1)
        initialise(self)
        self.places: nn.Module = Encoder() if pretrained else nn.Identity()

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        h = self.places(pictures)
        for i, convolutions in enumerate(self.sets):
            h = F.avg_pool2d(h, 2) if i else h
            for convolution in cast(nn.ModuleList, convolutions):
                h = F.leaky_relu(convolution(h), 0.2)
        return self.last(h.flatten(1)).squeeze(1)

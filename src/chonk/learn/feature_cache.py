"""Features of a set's pictures, each encoded once where there is room."""

from __future__ import annotations

import math

import torch
import torch.nn as nn

from chonk.dataset.picture_set import PictureSet
from chonk.learn.recolour import MAPS, recolour
from chonk.nets.autoencoder import FEATURES, Encoder
from chonk.nets.memory_bank import side_of

MAX_VALUES = 1 << 26
"""Features are kept where all of a set's are no more numbers than this (6,553 pictures of 64 x 64, 409 of 256 x 256);
those of larger sets are encoded anew in each step, five times the encoder's work."""
BATCH = 16
"""The encoder's batch size where features are kept: their last bits depend on it."""


class FeatureCache(nn.Module):
    """The encoder's features of the pictures as they are and in the colours of each of their MAPS colour maps."""

    values: torch.Tensor | None

    def __init__(self, encoder: Encoder, pictures: PictureSet) -> None:
        super().__init__()
        self.encoder, self.pictures = encoder, pictures
        shape = 1 + MAPS, len(pictures), FEATURES * side_of(pictures.size) ** 2
        values = torch.empty(shape, dtype=torch.half) if math.prod(shape) <= MAX_VALUES else None
        self.register_buffer("values", values, persistent=False)
        self.encoded = torch.zeros(len(pictures), dtype=torch.bool)

    def _apply(self, fn, recurse: bool = True) -> FeatureCache:
        """Where the encoder is moved, all is encoded anew: the last bits depend on where and how."""
        self.encoded.fill_(False)
        return super()._apply(fn, recurse)

    @torch.no_grad()
    def forward(self, numbers: torch.Tensor) -> torch.Tensor:
        """Features of the pictures with these numbers, as they are and recoloured: (1 + MAPS) x N x 32 x S/8 x S/8,
        fp16."""
        if self.values is None:
            return torch.cat([self.encode(part) for part in numbers.split(64)], 1)
        missing = numbers[~self.encoded[numbers]].unique()
        for part in missing.split(BATCH) if len(missing) else ():
            full = part[torch.arange(BATCH) % len(part)]
            self.values[:, part] = self.encode(full)[:, : len(part)].flatten(2).to(self.values)
            self.encoded[part] = True
        return self.values[:, numbers].unflatten(2, (FEATURES, side_of(self.pictures.size), -1))

    @torch.no_grad()
    def encode(self, numbers: torch.Tensor, maps: int = MAPS) -> torch.Tensor:
        """The same, encoded now, with only the first `maps` colour maps."""
        pictures = self.pictures.normalized(numbers).to(self.encoder.mean)
        versions = [pictures, *(recolour(pictures, numbers, which) for which in range(maps))]
        return torch.stack([self.encoder(version) for version in versions]).half()

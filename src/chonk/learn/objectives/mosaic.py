"""Mosaics, retrieved place by place (`chonk.nets.mosaic`), trained as in `chonk.learn.objectives.chonk`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch

from chonk.learn.memory_keys import colour_keys, components
from chonk.learn.objectives import base, chonk
from chonk.nets.mosaic import COLOUR_DIM, GRID, Generator, RetrievalConfig
from chonk.validation import Range


@dataclass(frozen=True)
class Settings(chonk.MemorySettings):
    """The mosaic's settings."""

    global_dim: Annotated[int, Range(1, 256)] = 6
    """Dimensions of the latent that describe a result as a whole."""
    local_dim: Annotated[int, Range(1, 128)] = 12
    """Dimensions of the latent for each of 4 x 4 points, which describe the result there."""
    global_gain: base.Weight = RetrievalConfig.global_gain
    """Standard deviation of the global logits: higher values give more coherent results, closer to copies."""
    local_gain: base.Weight = RetrievalConfig.local_gain
    """Standard deviation of the local logits: higher values give more novel results, and patchwork."""
    colour_gain: base.Weight = RetrievalConfig.colour_gain
    """Weight of similar colours, relative to global_gain: higher values give more coherent results, closer to
    copies."""
    neighbour_weight: base.Weight = RetrievalConfig.neighbour_weight
    """How much neighbours must agree: higher values give more coherent results, closer to copies."""
    max_share: base.Share = RetrievalConfig.max_share
    """Share of a result that may come from one picture: lower values give more novel results."""


class Objective(chonk.MemoryObjective):
    """Trains a generator of mosaics (`chonk.nets.mosaic`)."""

    settings: Settings

    def build(self) -> Generator:
        settings, pictures = self.settings, self.pictures
        self.options = {"local_dim": settings.local_dim, "memory_size": self.memory_size} | self.refiner_option
        self.latent_dim = settings.global_dim + COLOUR_DIM + GRID**2 * settings.local_dim
        return Generator(pictures.size, pictures.channels, self.latent_dim, **self.options)

    def fill(self, memory: torch.Tensor) -> None:
        settings = self.settings
        keys = components(memory.flatten(1), settings.global_dim + settings.local_dim)
        global_keys, local_keys = keys.split([settings.global_dim, settings.local_dim], 1)
        config = RetrievalConfig(
            settings.global_gain,
            settings.local_gain,
            settings.colour_gain,
            neighbour_weight=settings.neighbour_weight,
            max_share=settings.max_share,
        )
        self.generator.fill_memory(memory, global_keys, colour_keys(memory), local_keys, config)

    def generator_config(self) -> base.GeneratorConfig:
        return base.GeneratorConfig("mosaic", self.options, self.latent_dim, "normal")

"""The mosaic: features are retrieved place by place (`chonk.nets.mosaic`), trained as `chonk.learn.objectives.chonk`
is."""

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
    """Latent numbers that say what a result is like as a whole."""
    local_dim: Annotated[int, Range(1, 128)] = 12
    """Latent numbers that say what it shows at each of 4 x 4 points."""
    global_gain: base.Weight = RetrievalConfig.global_gain
    """Standard deviation of the logits for the whole: higher is more coherent, and nearer to copying."""
    local_gain: base.Weight = RetrievalConfig.local_gain
    """Standard deviation of each place's own logits: higher is newer, and more of a patchwork."""
    colour_gain: base.Weight = RetrievalConfig.colour_gain
    """Weight of similar colours, as a share of global_gain: higher is more coherent, and nearer to copying."""
    neighbour_weight: base.Weight = RetrievalConfig.neighbour_weight
    """How much neighbours have to agree: higher is more coherent, and nearer to copying."""
    max_share: base.Share = RetrievalConfig.max_share
    """Share of a result that one picture may give: lower is newer."""


class Objective(chonk.MemoryObjective):
    """The generator retrieves place by place (`chonk.nets.mosaic`)."""

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

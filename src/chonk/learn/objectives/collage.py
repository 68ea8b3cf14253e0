"""Collages (`chonk.nets.collage`), trained as in `chonk.learn.objectives.chonk`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import torch

from chonk.learn.colour_readout import colour_readout
from chonk.learn.memory_keys import colour_keys, components
from chonk.learn.objectives import base, chonk
from chonk.nets.collage import GRAFTS, CollageConfig, Generator
from chonk.nets.mosaic import COLOUR_DIM, GRID
from chonk.validation import Range


@dataclass(frozen=True)
class Settings(chonk.MemorySettings):
    """The collage's settings."""

    global_dim: Annotated[int, Range(1, 256)] = 18
    """Dimensions of the latent that describe a picture as a whole."""
    gain: base.Weight = CollageConfig.gain
    """Standard deviation of the logits for a picture: the lower, the longer the blend between two."""
    likeness: base.Weight = CollageConfig.likeness
    """How similar pictures must be to exchange parts: higher values give more coherent results, closer to copies."""
    seam: base.Weight = CollageConfig.seam
    """How much the pictures must agree along a seam."""
    field: base.Weight = CollageConfig.field
    """How much the latent decides where parts are exchanged."""
    colours: base.Share = CollageConfig.colours
    """Share of the colours in the distance of two pictures; the rest is that of the features.  0 as in older trainings,
    in which parts were not harmonized again after they were put in."""

    kept: ClassVar[tuple[str, ...]] = (*chonk.MemorySettings.kept, "colours")


class Objective(chonk.MemoryObjective):
    """Trains a generator of collages (`chonk.nets.collage`)."""

    settings: Settings
    generator: Generator

    def build(self) -> Generator:
        dim = self.settings.global_dim + COLOUR_DIM
        colours = {"colour_metric": True} if self.settings.colours else {}
        self.options = {"memory_size": self.memory_size, "novelty_weight": 0.0} | colours | self.refiner_option
        self.latent_dim = dim + GRAFTS * (dim + GRID**2)
        return Generator(self.pictures.size, self.pictures.channels, self.latent_dim, **self.options)

    def fill(self, memory: torch.Tensor) -> None:
        settings = self.settings
        config = CollageConfig(settings.gain, settings.likeness, settings.seam, settings.field, settings.colours)
        keys = components(memory.flatten(1), settings.global_dim)
        colours = colour_readout(memory, self.generator.decoder) if settings.colours else None
        self.generator.set_pictures(memory, keys, colour_keys(memory), config, colours)

    def generator_config(self) -> base.GeneratorConfig:
        return base.GeneratorConfig("collage", self.options, self.latent_dim, "normal")

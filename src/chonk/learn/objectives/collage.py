"""Whole drawings with exchanged parts (`chonk.nets.collage`), trained as `chonk.learn.objectives.chonk` is."""

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
    """Latent numbers that say what a picture is like as a whole."""
    gain: base.Weight = CollageConfig.gain
    """Standard deviation of the logits for a picture: lower blends longer between two."""
    likeness: base.Weight = CollageConfig.likeness
    """How much pictures that exchange parts have to look alike: higher is more coherent, and nearer to copying."""
    seam: base.Weight = CollageConfig.seam
    """How much the pictures have to agree along a seam."""
    field: base.Weight = CollageConfig.field
    """How much the latent says where parts are exchanged."""
    colours: base.Share = CollageConfig.colours
    """Share of the colours in how much pictures differ, beside that of the features; 0 as in former trainings, which
    left parts the colours that they were given before they were put in."""

    kept: ClassVar[tuple[str, ...]] = (*chonk.MemorySettings.kept, "colours")


class Objective(chonk.MemoryObjective):
    """The generator exchanges parts of whole drawings (`chonk.nets.collage`)."""

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

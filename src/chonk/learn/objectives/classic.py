"""What BEGAN, EBGAN and WGAN-GP share.  From noise they begin with fresh nets, as in their papers; with a head start
the outermost layers of all nets are the package's encoder and decoder (`chonk.nets.pretrained`), which can draw."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn as nn

from chonk.dataset.mirrorable import mirrorable
from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.augment import AugmentSettings
from chonk.learn.average import Average
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.nets.autoencoder import STEP, Decoder, Encoder
from chonk.nets.began import Generator
from chonk.nets.pretrained import load_pretrained_nets

SLOWEST = 0.05
"""Share of the step size that is left at the end of an annealed training."""


@dataclass(frozen=True)
class ClassicSettings(base.Settings):
    """Settings that all three share: how training begins, and the nets."""

    batch: base.Count = 32
    """Pictures per step."""
    latent_dim: base.Count = 16
    """How many numbers make a picture."""
    start: Literal["noise", "drawings"] = "drawings"
    """Begin with what the package's encoder and decoder know of drawings, or from noise, as in the papers."""
    filters: base.Count = 48
    """Filters of the generator in every layer."""
    d_filters: base.Count = 48
    """Filters n of the discriminator: n, 2n, 3n, ... in its encoder."""
    layers: base.Layers = 2
    """Convolutions per set."""
    learning_rate: base.LearningRate = 5e-4
    """Adam's step size."""
    decay: base.Decay = 0.999
    """Memory of the averaged generator, per step."""


def learning(net: nn.Module) -> list[nn.Parameter]:
    """The parameters of a net that learn."""
    return [parameter for parameter in net.parameters() if parameter.requires_grad]


class Classic(base.Objective):
    """A generator and its opponent.  A subclass says how they are built, and plays in `step`."""

    frozen = ("discriminator.places",)
    settings: Any
    """The objective's own, a ClassicSettings."""
    generator: Generator
    discriminator: Any
    average: Average

    def __init__(self, pictures: PictureSet, settings: ClassicSettings, seed: int) -> None:
        super().__init__()
        self.settings, self.latent_dim = settings, settings.latent_dim
        torch.manual_seed(seed)
        self.mirrored = mirrorable(pictures.pixels)
        """Whether mirrored pictures are shown too: learned from, and drawn, only where they could be of the set."""
        self.augment = AugmentSettings(flip=self.mirrored)
        self.has_head_start = settings.start == "drawings"
        self.constant_rate = not self.has_head_start  # with it step sizes fall (`anneal`)
        self.check_size(pictures.size, {"start": settings.start})
        self.side = pictures.size // (STEP if self.has_head_start else 1)  # of the largest map of the players' layers
        self.options, self.generator, self.discriminator = self.build(pictures)
        if self.has_head_start:
            self._load_pretrained(pictures.channels)
        self.numbers = {"steps": 0, "pace": 1.0}

    @staticmethod
    def check_size(size: int, preset: dict[str, Any]) -> None:
        if preset.get("start", ClassicSettings.start) == "drawings" and size % STEP:
            raise ValueError(
                f"pictures of {size} x {size}: the side must be a multiple of {STEP} (for example 32, 48, 64, 128), or "
                "choose a preset that begins from noise (began-noise, ebgan-noise, wgan-noise)"
            )

    def build(self, pictures: PictureSet) -> tuple[dict[str, Any], Generator, nn.Module]:
        """The generator's options, the generator, and its opponent; `pretrained` where they have a head start."""
        raise NotImplementedError

    def _load_pretrained(self, channels: int) -> None:
        """The outermost layers' weights.  Those that see pictures stay as they are, those that draw them learn on."""
        encoder, decoder, _ = load_pretrained_nets(channels)
        for net in self.modules():
            if isinstance(net, Encoder):
                net.load_state_dict(encoder.state_dict())
                net.requires_grad_(False)
            elif isinstance(net, Decoder):
                net.load_state_dict(decoder.state_dict())

    def optimise(self, decay: float, **optimizers: Any) -> None:
        """The players' optimisers, and the averaged generator."""
        self.optimizers = dict(optimizers)
        self.average = Average(self.generator, decay)

    def optimise_with_adam(self, betas: tuple[float, float]) -> None:
        """The same with Adam for either player."""
        s, players = self.settings, {"g": self.generator, "d": self.discriminator}
        adam = {name: Adam(learning(net), s.learning_rate, betas=betas) for name, net in players.items()}
        self.optimise(s.decay, **adam)

    @contextmanager
    def discriminator_fixed(self) -> Iterator[None]:
        """Within it the discriminator's weights get no gradients: the generator's pass needs none of them."""
        weights = learning(self.discriminator)
        for weight in weights:
            weight.requires_grad_(False)
        try:
            yield
        finally:
            for weight in weights:
                weight.requires_grad_(True)

    def random_latents(self, like: torch.Tensor) -> torch.Tensor:
        """As many as there are in `like`, and where it is."""
        return distributed.rand(len(like), self.latent_dim).to(like.device) * 2 - 1

    def anneal(self, progress: float) -> None:
        """Lets the step sizes fall to nearly nothing in the second half of the training."""
        pace = max(SLOWEST, min(1.0, 2 * (1 - progress)))
        self.slow_down(pace / self.numbers["pace"])
        self.numbers["pace"] = pace

    def generator_config(self) -> base.GeneratorConfig:
        return base.GeneratorConfig("began", self.options, self.latent_dim, self.generator.latent_kind)

    def trained(self) -> Generator:
        return self.average.net

"""What BEGAN, EBGAN and WGAN-GP share: their two beginnings, and how the generator is kept near every training picture.

From noise the players work on pixels with fresh nets, as in their papers.  With the head start
(`chonk.learn.head_start`) they work on principal components of what the package's encoder sees, and its decoder draws
what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn as nn

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.average import Average
from chonk.learn.head_start import HeadStart
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.nets import components
from chonk.nets.autoencoder import Encoder
from chonk.nets.base import Generator
from chonk.nets.pretrained import load_pretrained_nets

DECODER_STEPS = 32
"""The decoder learns at every so many-th step; it has drawn before, and a step of it costs ten of the players'."""
HIDDEN_LAYERS = 2
DECODER_RATE, REST_RATE = 0.01, 1e-3
"""Step sizes of Muon and Adam for the decoder."""
SLOWEST = 0.05
"""Share of the step size that is left at the end of an annealed training."""
JITTER = 0.05
"""Deviation of what is added to the latents of training pictures."""


@dataclass(frozen=True)
class ClassicSettings(base.Settings):
    """What all three can be told about their beginning and their nets."""

    batch: base.Count = 32
    """Pictures per step."""
    latent_dim: base.Count = 16
    """How many numbers make a picture."""
    start: Literal["noise", "drawings"] = "noise"
    """Begin from noise, as in 2018, or with what the package knows of drawings; what is better: docs/began.md."""
    components: base.Count = 256
    """With the head start: numbers that the players see of a picture."""
    width: base.Count = 512
    """With the head start: units in each hidden layer of both players."""
    cover: base.Weight = 5.0
    """Weight of the generator's redrawing training pictures from latents of their own, against collapse; 0 leaves it
    out.  From noise it belongs to BEGAN alone."""
    filters: base.Count = 16
    """Filters of the generator in every layer."""
    d_filters: base.Count = 16
    """Filters n of the discriminator: n, 2n, 3n, ... in its encoder."""
    layers: base.Layers = 2
    """Convolutions per set."""
    learning_rate: base.LearningRate = 5e-4
    """Adam's step size."""
    decay: base.Decay = 0.999
    """Memory of the averaged generator, per step."""


def distance(values: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
    """How far pictures (N x C x S x S) are apart as the mean of |v - w|, components (N x K) as the root of the mean
    square: N."""
    if values.ndim == 2:
        return ((values - others).square().mean(1) + 1e-8).sqrt()
    return (values - others).abs().mean((1, 2, 3))


class Classic(base.Objective):
    """A generator and its opponent.  A subclass says how each pair is built, and plays in `step`."""

    frozen = ("encoder",)
    settings: Any
    """The objective's own, a ClassicSettings."""
    generator: Any
    """`chonk.nets.began.Generator`, or with a head start `chonk.nets.components.Generator`."""
    discriminator: Any
    encoder: Encoder
    average: Average

    def __init__(self, pictures: PictureSet, settings: ClassicSettings, seed: int) -> None:
        super().__init__()
        self.settings, self.latent_dim = settings, settings.latent_dim
        self.head_start: HeadStart | None = None
        torch.manual_seed(seed)
        if settings.start == "drawings":
            self._begin_with_drawings(pictures)
        else:
            self.net = "began"
            self.options, self.generator, self.discriminator = self.from_noise(pictures)
        self.numbers = {"steps": 0, "pace": 1.0}

    def _begin_with_drawings(self, pictures: PictureSet) -> None:
        s = self.settings
        self.encoder, decoder, _ = load_pretrained_nets(pictures.channels)
        self.head_start = start = HeadStart(pictures, self.encoder, s.components, s.latent_dim)
        self.latent_dim = start.latent_dim
        self.net, self.options = "components", dict(components=start.components, width=s.width, layers=HIDDEN_LAYERS)
        self.generator = components.Generator(pictures.size, pictures.channels, self.latent_dim, **self.options)
        self.generator.decoder.load_state_dict(decoder.state_dict())
        start.begin(self.generator)
        self.discriminator = self.from_drawings(start)
        self.augment, self.steady = None, False
        self.alone = "with a head start it is quick enough alone (--set start=noise can be shared)"

    def from_noise(self, pictures: PictureSet) -> tuple[dict, nn.Module, nn.Module]:
        """The generator's options, the generator, and its opponent."""
        raise NotImplementedError

    def from_drawings(self, start: HeadStart) -> nn.Module:
        """The opponent for components."""
        raise NotImplementedError

    @property
    def player(self) -> nn.Module:
        """The part of the generator that plays: latents -> what the opponent sees."""
        return self.generator.net if self.head_start else self.generator

    def optimise(self, decay: float, **optimizers: Any) -> None:
        """The players' optimisers, and with a head start the decoder's; and the averaged generator."""
        self.optimizers = dict(optimizers)
        if self.head_start:
            matrices, rest = matrices_and_rest(self.generator.decoder)
            self.optimizers |= {"decoder": Muon(matrices, DECODER_RATE), "decoder_rest": Adam(rest, REST_RATE)}
        self.average = Average(self.generator, decay)

    def optimise_with_adam(self, betas: tuple[float, float]) -> None:
        """The same with Adam for either player."""
        s, players = self.settings, {"g": self.player, "d": self.discriminator}
        adam = {name: Adam(net.parameters(), s.learning_rate, betas=betas) for name, net in players.items()}
        self.optimise(s.decay, **adam)

    def player_inputs(self, pictures: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the players see of a batch, and the latents of its pictures, where they have some."""
        return self.head_start.draw(index) if self.head_start else (pictures, None)

    def random_latents(self, like: torch.Tensor) -> torch.Tensor:
        """As many as there are in `like`, and where it is."""
        return distributed.rand(len(like), self.latent_dim).to(like.device) * 2 - 1

    def cover(self, seen: torch.Tensor, latents: torch.Tensor | None) -> None:
        """Adds the gradient of redrawing each picture from its latent to the generator's."""
        if latents is not None and self.settings.cover:
            near = latents + JITTER * distributed.randn(*latents.shape).to(latents)
            (self.settings.cover * distance(seen, self.player(near).float()).mean()).backward()

    def learn_to_decode(self, pictures: torch.Tensor, redraw: nn.Module) -> None:
        """Every now and then the decoder's gradients, where there is one; `redraw` maps components to those that D
        would draw."""
        if self.head_start and self.numbers["steps"] % DECODER_STEPS == 0:
            self.head_start.decoder_loss(pictures, self.encoder, self.generator, redraw).backward()

    def anneal(self, progress: float) -> None:
        """Lets the step sizes fall to nearly nothing in the second half of the training."""
        pace = max(SLOWEST, min(1.0, 2 * (1 - progress)))
        self.slow_down(pace / self.numbers["pace"])
        self.numbers["pace"] = pace

    def generator_config(self) -> base.GeneratorConfig:
        return base.GeneratorConfig(self.net, self.options, self.latent_dim, self.generator.latent_kind)

    def trained(self) -> Generator:
        return self.average.net

"""What BEGAN, EBGAN and WGAN-GP share: nets and optimisers.  With a head start the outermost layers of all nets are the
package's encoder and decoder (`chonk.nets.pretrained`), which can draw; from noise they are fresh, and work on squares
of pixels."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import torch
import torch.nn as nn

from chonk.dataset.mirrorable import mirrorable
from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.augment import AugmentSettings
from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.nets.autoencoder import STEP, Decoder, Encoder
from chonk.nets.began import AutoEncoder, Generator, sets_for
from chonk.nets.pretrained import load_pretrained_nets
from chonk.validation import Range

SLOWEST = 0.05
"""Share of the step size that is left at the end of an annealed training."""
MUON_RATE = 20
"""Muon's step size in units of Adam's."""


@dataclass(frozen=True)
class ClassicSettings(base.Settings):
    """Settings that all three share: how training begins, and the nets."""

    batch: base.Count = 32
    """Pictures per step."""
    latent_dim: base.Count = 16
    """How many numbers make a picture."""
    start: Literal["noise", "drawings"] = "drawings"
    """Begin with what the package's encoder and decoder know of drawings, or from noise, as in the papers."""
    patch: Annotated[int, Range(1, 64)] = 4
    """From noise: side of the squares of pixels that the outermost layers take as one place; 1 is the papers'."""
    filters: base.Count = 48
    """Filters of the generator in every layer."""
    d_filters: base.Count = 48
    """Filters n of the discriminator: n, 2n, 3n, ... in its encoder."""
    hidden: base.Count = 64
    """How many numbers the discriminator passes a picture through."""
    layers: base.Layers = 2
    """Convolutions per set."""
    warmup: base.Share = 0.4
    """Share of the training in which the discriminator learns alone to redraw pictures, and the generator is its
    decoder, where both have as many filters; 0: none."""
    cover: base.Weight = 5.0
    """Weight of the generator's redrawing training pictures from latents of their own, against collapse; 0 leaves it
    out."""
    mean_shift: base.Share = 0.35
    """After the warm-up: how far a latent moves towards the pictures' own ones near it before it is drawn; 0: not."""
    edges: base.Weight = 0.0
    """Weight, where pictures are redrawn, of the differences between neighbouring pixels beside their colours: 1 helps
    from noise."""
    learning_rate: base.LearningRate = 1e-3
    """Adam's step size at the start."""
    muon: bool = True
    """Muon, with 20 times that step size, for all weights that are matrices."""
    annealed: bool = True
    """Step sizes fall to a twentieth in the second half of the training."""
    decay: base.Decay = 0.999
    """Memory of the averaged generator, per step."""


def learning(net: nn.Module) -> list[nn.Parameter]:
    """The parameters of a net that learn."""
    return [parameter for parameter in net.parameters() if parameter.requires_grad]


class Classic(base.Objective):
    """A generator and its opponent."""

    frozen = ("discriminator.places",)
    single_process: str | None = None
    opponent: type[AutoEncoder] = AutoEncoder
    """What the discriminator is."""
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
        self.constant_rate = not settings.annealed
        self.check_size(pictures.size, {"start": settings.start})
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
        s, size = self.settings, (pictures.size, pictures.channels)
        patch = math.gcd(s.patch, pictures.size)
        sets = sets_for(pictures.size // (STEP if self.has_head_start else patch))
        common: dict[str, Any] = dict(layers=s.layers, sets=sets, patch=patch, pretrained=self.has_head_start)
        options = common | dict(filters=s.filters, anchors=self.anchor_count(pictures))
        return (
            options,
            Generator(*size, s.latent_dim, **options),
            self.opponent(*size, s.hidden, s.d_filters, growing=True, **common),
        )

    def anchor_count(self, pictures: PictureSet) -> int:
        """How many latents of pictures the generator moves others towards."""
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

    def optimise(self, betas: tuple[float, float]) -> None:
        """The players' optimisers, Adam's with these memories, and the averaged generator."""
        s = self.settings
        for name, net in (("g", self.generator), ("d", self.discriminator)):
            matrices, rest = matrices_and_rest(net) if s.muon else ([], learning(net))
            if matrices:
                self.optimizers[f"{name}_muon"] = Muon(matrices, MUON_RATE * s.learning_rate)
            self.optimizers[name] = Adam(rest, s.learning_rate, betas=betas)
        self.average = Average(self.generator, s.decay)

    def move(self, *players: str) -> None:
        """A step of these players' optimisers ("g", "d"); the averaged generator follows."""
        for name, optimizer in self.optimizers.items():
            if name.removesuffix("_muon") in players:
                optimizer.step()
        if "g" in players:
            self.average.update(self.generator)

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

"""BEGAN: Boundary Equilibrium Generative Adversarial Networks (Berthelot, Schumm and Metz 2017, arXiv:1703.10717).

The discriminator D is an auto-encoder, and what it is asked is not "real or not" but "how well can you redraw this":

    L(v) = mean |v - D(v)|                                          (equation 1, with eta = 1)
    D minimises  L(x) - k_t L(G(z))                                 (equation 6)
    G minimises  L(G(z))

where k_t in [0, 1] follows the losses so that L(G(z)) / L(x) stays near gamma (`equilibrium.py`).  High is varied, low
is faultless and all alike.

The paper's game needs hundreds of thousands of steps, most of which D spends on learning to redraw anything.  The
defaults get there on a laptop (docs/began.md): the outermost layers are the package's encoder and decoder; D learns
alone at first, with Muon; G then begins as D's decoder, and to the end redraws training pictures
too, from latents of their own (`cover`).  The preset `began-noise` does the same from noise, with nets that work on
squares of 4 x 4 pixels; the paper's and 2018's do none of this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.objectives import base
from chonk.learn.objectives.classic import ClassicSettings, learning
from chonk.learn.objectives.equilibrium import Equilibrium
from chonk.learn.objectives.warm_up import WarmUp
from chonk.nets.autoencoder import STEP
from chonk.nets.began import AutoEncoder, Generator, sets_for
from chonk.nets.layers import set_carry
from chonk.validation import Range

SMALLEST_K = 1e-6
"""Below this k_t the generator's gradient is not won back from the discriminator's by dividing by k_t, and D's is that
of L(x) alone."""


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """BEGAN's settings."""

    variant: Literal["paper", "2018"] = "paper"
    """Architecture: the paper's, or the 2018 page's (leaky ReLU, z put in again, average pooling)."""
    filters: base.Count = 48
    """Filters n of the generator: in every layer (paper), or in the last set, doubling towards the input (2018)."""
    d_filters: base.Count = 48
    """Filters of the discriminator: n, 2n, 3n, ... in the encoder (paper), or n in every layer (2018)."""
    layers: base.Layers = 2
    """Convolutions per set in the generator."""
    d_layers: base.Layers = 2
    """Convolutions per set in the discriminator."""
    separable: bool = False
    """Depthwise separable convolutions."""
    batch_norm: bool = False
    """Batch normalisation after every convolution but the outermost."""
    skip: bool = False
    """The paper's skip connections: the first small picture beside every later one."""
    vanishing: bool = False
    """Vanishing residual connections inside a set."""
    vanish: Annotated[float, Range(0, 1, above=True)] = 0.7
    """Share of the training after which they are gone (2018: 100,000 steps of 140,000)."""
    gamma: base.Share = 0.9
    """Diversity ratio, 0 to 1: L(G(z)) / L(x) in balance."""
    lambda_k: base.Share = 0.005
    """How fast k_t follows the balance, per step (paper: 0.001, for 200,000 steps)."""
    k_max: base.Share = 0.3
    """What k_t never exceeds.  More than that for long makes D forget how to redraw."""
    beta1: base.Decay = 0.5
    """Adam's memory of the gradient."""
    stall: base.Share = 0.0
    """The learning rate is halved when the mean of M over this share of the training is no lower than the best before;
    0 never."""


class ScaleGradient(torch.autograd.Function):
    """The identity, but what flows back through it is multiplied by `factor`."""

    @staticmethod
    def forward(ctx, x: torch.Tensor, factor: float) -> torch.Tensor:
        ctx.factor = factor
        return x.view_as(x)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor):
        return gradient * ctx.factor, None


class Objective(WarmUp):
    """One step teaches both players with one pass through each net, and exactly as separate passes would (`play`)."""

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__(pictures, settings, seed)
        self.constant_rate = not (settings.vanishing or settings.annealed)
        self.equilibrium = Equilibrium(settings, self.numbers)
        self.optimise((settings.beta1, 0.99 if settings.annealed else 0.999))
        if settings.batch_norm:
            self.single_process = "batch normalisation needs the whole batch in one process"

    def build(self, pictures: PictureSet) -> tuple[dict, Generator, AutoEncoder]:
        s, paper = self.settings, self.settings.variant == "paper"
        if self.has_head_start and not paper:
            raise ValueError("the nets of variant=2018 have no head start: set start=noise, too")
        size, patch = (pictures.size, pictures.channels), math.gcd(s.patch, pictures.size) if paper else 1
        side = pictures.size // (STEP if self.has_head_start else patch)
        skip = "first" if paper and s.skip else "none"
        common: dict[str, Any] = dict(
            sets=sets_for(side) if paper else 4,
            activation="elu" if paper else "leaky_relu",
            separable=s.separable,
            batch_norm=s.batch_norm,
            vanishing=s.vanishing,
            patch=patch,
            pretrained=self.has_head_start,
        )
        of_generator = dict(filters=s.filters, layers=s.layers, doubling=not paper, inject=skip if paper else "latent")
        of_discriminator: dict[str, Any] = dict(filters=s.d_filters, layers=s.d_layers, growing=paper, inject=skip)
        options = common | of_generator | dict(anchors=self.anchor_count(pictures))
        return (
            options,
            Generator(*size, s.latent_dim, **options),
            AutoEncoder(*size, s.hidden, **common, **of_discriminator),
        )

    def can_warm_up(self) -> bool:
        s = self.settings
        paper = s.variant == "paper" and not (s.batch_norm or s.skip or s.vanishing)
        return super().can_warm_up() and paper and s.layers == s.d_layers

    def loss(self, pictures: torch.Tensor) -> torch.Tensor:
        """L(v), the mean over pictures."""
        return self.distance(pictures, self.discriminator(pictures)).mean()

    def losses(self, real: torch.Tensor, fake: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """L(real) and L(fake).  In one batch, unless batch normalisation would mix the two halves' statistics."""
        if self.settings.batch_norm:
            return self.loss(real), self.loss(fake)
        redrawn = self.discriminator(torch.cat([real, fake])).split([len(real), len(fake)])
        return self.distance(real, redrawn[0]).mean(), self.distance(fake, redrawn[1]).mean()

    def play(self, real: torch.Tensor, z: torch.Tensor, k: float) -> tuple[torch.Tensor, torch.Tensor]:
        """Both players' gradients into `.grad`; returns L(x) and L(G(z))."""
        return self.record(self.one_pass, real, z, k) if k >= SMALLEST_K else self.record(self.two_passes, real, z)

    def one_pass(
        self, real: torch.Tensor, z: torch.Tensor, k: float | torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """`play` in one pass: back-propagate L(x) - k L(G(z)) once, which is D's loss, and where the gradient leaves D
        towards G it is -k times the gradient of G's own loss L(G(z)): multiply by -1/k."""
        loss_real, loss_fake = self.losses(real, ScaleGradient.apply(self.generator(z), -1 / k))
        (loss_real - k * loss_fake).backward()
        return loss_real.detach(), loss_fake.detach()

    def two_passes(self, real: torch.Tensor, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """`play` where k is (near) 0: there is nothing to divide, but D does not learn from what G drew either, so
        neither pass needs all of D's gradients."""
        fake = self.generator(z)
        loss_real, loss_fake = self.loss(real), self.loss(fake)
        loss_real.backward()
        loss_fake.backward(inputs=learning(self.generator))
        return loss_real.detach(), loss_fake.detach()

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        if self.settings.vanishing:
            set_carry(self, max(0.0, 1 - progress / self.settings.vanish))
        self.numbers["progress"] = progress
        return super().step(pictures, index, progress)

    def warm_up(self, pictures: torch.Tensor) -> dict[str, float]:
        self.numbers["k_free"] = self.numbers["progress"]
        return super().warm_up(pictures) | {"k": 0.0}

    def game(self, seen: torch.Tensor, latents: torch.Tensor | None, progress: float) -> dict[str, float]:
        k = self.numbers["k"]
        losses = torch.stack(self.play(seen, self.random_latents(seen), k))
        loss_real, loss_fake = distributed.all_reduce_mean(losses).tolist()
        self.cover(seen, latents)
        self.move("g", "d")
        m = self.equilibrium.update(loss_real, loss_fake, progress)
        if self.equilibrium.has_stalled(m, progress):
            self.slow_down()  # "decaying by a factor of 2 when the measure of convergence stalls" (section 4.1)
        return {"loss_real": loss_real, "loss_fake": loss_fake, "k": self.numbers["k"], "M": m}

    def concern(self) -> str | None:
        return self.equilibrium.concern()

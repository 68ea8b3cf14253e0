"""WGAN-GP: Improved Training of Wasserstein GANs (Gulrajani et al. 2017, arXiv:1704.00028).

The critic C gives every picture a number, and its slope is held near 1, so that the difference of its means is the
distance in which pictures must be moved to turn one set into the other:

    L_C = E C(G(z)) - E C(x) + lambda E (|grad C(u)| - 1)^2         (equation 3)
    u   = e x + (1 - e) G(z),  e uniform in [0, 1] for each picture
    L_G = - E C(G(z))

The critic is trained `critic_steps` times for each step of the generator (algorithm 1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.average import Average
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.nets.began import Generator, sets_for
from chonk.nets.critic import Critic


@dataclass(frozen=True)
class Settings(base.Settings):
    """WGAN-GP's settings, sized for a CPU."""

    latent_dim: base.Count = 64
    """How many numbers make a picture."""
    filters: base.Count = 16
    """Filters of the generator in every layer."""
    d_filters: base.Count = 16
    """Filters n of the critic: n, 2n, 3n, ..."""
    layers: base.Layers = 2
    """Convolutions per set."""
    penalty: base.Weight = 10.0
    """Weight lambda of the gradient penalty."""
    critic_steps: base.Count = 5
    """The generator learns at every so many-th step."""
    learning_rate: base.LearningRate = 2e-4
    """Adam's step size."""
    decay: base.Decay = 0.995
    """Memory of the averaged generator, per step of the generator."""


def gradient_penalty(critic: Callable, real: torch.Tensor, fake: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """E (|grad C(u)| - 1)^2 at u = e x + (1 - e) G(z).  `real`, `fake` N x C x S x S, `mix` e, N x 1 x 1 x 1 -> scalar.

    Second term of equation 3.  Needs a critic that treats each picture on its own: no batch normalisation."""
    u = (mix * real + (1 - mix) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(critic(u).sum(), u, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


class Objective(base.Objective):
    """Each step shows the critic a batch; every `critic_steps`-th also teaches the generator."""

    steady, alone = True, None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__()
        self.settings = settings
        torch.manual_seed(seed)
        self.options: dict[str, Any] = dict(
            filters=settings.filters, layers=settings.layers, sets=sets_for(pictures.size)
        )
        self.generator = Generator(pictures.size, pictures.channels, settings.latent_dim, **self.options)
        self.critic = Critic(pictures.size, pictures.channels, settings.d_filters, settings.layers)
        self.average = Average(self.generator, settings.decay)
        self.optimizers = {
            name: Adam(net.parameters(), settings.learning_rate, betas=(0.0, 0.9))
            for name, net in (("g", self.generator), ("d", self.critic))
        }
        self.numbers = {"steps": 0}

    def latents(self, pictures: torch.Tensor) -> torch.Tensor:
        """As many as there are pictures, and where they are."""
        return distributed.rand(len(pictures), self.settings.latent_dim).to(pictures.device) * 2 - 1

    def judge(self, pictures: torch.Tensor, z: torch.Tensor, mix: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The critic's gradients into `.grad`; returns the distance and the penalty."""
        with torch.no_grad():
            fake = self.generator(z)
        score_real, score_fake = self.critic(torch.cat([pictures, fake])).split(len(pictures))
        penalty = gradient_penalty(self.critic, pictures, fake, mix)
        distance = score_real.mean() - score_fake.mean()
        (self.settings.penalty * penalty - distance).backward()
        return distance.detach(), penalty.detach()

    def please(self, z: torch.Tensor) -> torch.Tensor:
        """The generator's gradients into `.grad`; returns L_G."""
        self.critic.requires_grad_(False)  # this pass needs no gradients of the critic's weights
        loss = -self.critic(self.generator(z)).mean()
        loss.backward()
        self.critic.requires_grad_(True)
        return loss.detach()

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        self.optimizers["d"].zero_grad()
        distance, penalty = self.record(
            self.judge, pictures, self.latents(pictures), distributed.rand(len(pictures), 1, 1, 1).to(pictures.device)
        )
        self.optimizers["d"].step()
        figures = {"distance": distance.item(), "penalty": penalty.item()}

        self.numbers["steps"] += 1
        if self.numbers["steps"] % self.settings.critic_steps == 0:
            self.optimizers["g"].zero_grad()
            loss = self.record(self.please, self.latents(pictures))
            self.optimizers["g"].step()
            self.average.update(self.generator)
            figures["loss_g"] = loss.item()
        return figures

    def generator_config(self) -> tuple[str, dict, int, str]:
        return "began", self.options, self.settings.latent_dim, Generator.latent_kind

    def trained(self) -> Generator:
        return self.average.net

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
from chonk.learn.objectives import base
from chonk.learn.objectives.classic import Classic, ClassicSettings
from chonk.nets.began import Generator, sets_for
from chonk.nets.critic import Critic


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """WGAN-GP's settings, sized for a CPU."""

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


class Objective(Classic):
    """Each step shows the critic a batch; every `critic_steps`-th also teaches the generator."""

    settings: Settings
    single_process = None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__(pictures, settings, seed)
        self.optimise_with_adam((0.0, 0.9))

    def build(self, pictures: PictureSet) -> tuple[dict[str, Any], Generator, Critic]:
        s, size, pretrained = self.settings, (pictures.size, pictures.channels), self.has_head_start
        options: dict[str, Any] = dict(
            filters=s.filters, layers=s.layers, sets=sets_for(self.side), pretrained=pretrained
        )
        return (
            options,
            Generator(*size, s.latent_dim, **options),
            Critic(*size, s.d_filters, s.layers, pretrained),
        )

    def critic_step(
        self, pictures: torch.Tensor, z: torch.Tensor, mix: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The critic's gradients into `.grad`; returns the distance and the penalty."""
        with torch.no_grad():
            fake = self.generator(z)
        score_real, score_fake = self.discriminator(torch.cat([pictures, fake])).split(len(pictures))
        penalty = gradient_penalty(self.discriminator, pictures, fake, mix)
        distance = score_real.mean() - score_fake.mean()
        (self.settings.penalty * penalty - distance).backward()
        return distance.detach(), penalty.detach()

    def generator_step(self, z: torch.Tensor) -> torch.Tensor:
        """The generator's gradients into `.grad`; returns L_G."""
        with self.discriminator_fixed():
            loss = -self.discriminator(self.generator(z)).mean()
            loss.backward()
        return loss.detach()

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        if self.has_head_start:
            self.anneal(progress)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        mix = distributed.rand(len(pictures), *[1] * (pictures.ndim - 1)).to(pictures.device)
        distance, penalty = self.record(self.critic_step, pictures, self.random_latents(pictures), mix)
        figures = {"distance": distance.item(), "penalty": penalty.item()}
        self.optimizers["d"].step()

        self.numbers["steps"] += 1
        if self.numbers["steps"] % self.settings.critic_steps == 0:
            loss = self.record(self.generator_step, self.random_latents(pictures))
            self.optimizers["g"].step()
            self.average.update(self.generator)
            figures["loss_g"] = loss.item()
        return figures

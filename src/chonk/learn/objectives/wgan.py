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
import torch.nn as nn

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.head_start import HeadStart
from chonk.learn.objectives import base
from chonk.learn.objectives.classic import HIDDEN_LAYERS, Classic, ClassicSettings
from chonk.nets.began import Generator, sets_for
from chonk.nets.components import Critic as ComponentsCritic
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
    steady, alone = True, None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__(pictures, settings, seed)
        self.optimise_with_adam((0.0, 0.9))

    def from_noise(self, pictures: PictureSet) -> tuple[dict[str, Any], Generator, Critic]:
        s = self.settings
        options: dict[str, Any] = dict(filters=s.filters, layers=s.layers, sets=sets_for(pictures.size))
        return (
            options,
            Generator(pictures.size, pictures.channels, s.latent_dim, **options),
            Critic(pictures.size, pictures.channels, s.d_filters, s.layers),
        )

    def from_drawings(self, start: HeadStart) -> nn.Module:
        return ComponentsCritic(start.components, self.settings.width, HIDDEN_LAYERS)

    def critic_step(
        self, pictures: torch.Tensor, z: torch.Tensor, mix: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The critic's gradients into `.grad`; returns the distance and the penalty."""
        with torch.no_grad():
            fake = self.player(z)
        score_real, score_fake = self.discriminator(torch.cat([pictures, fake])).split(len(pictures))
        penalty = gradient_penalty(self.discriminator, pictures, fake, mix)
        distance = score_real.mean() - score_fake.mean()
        (self.settings.penalty * penalty - distance).backward()
        return distance.detach(), penalty.detach()

    def generator_step(self, z: torch.Tensor) -> torch.Tensor:
        """The generator's gradients into `.grad`; returns L_G."""
        self.discriminator.requires_grad_(False)  # this pass needs no gradients of the critic's weights
        loss = -self.discriminator(self.player(z)).mean()
        loss.backward()
        self.discriminator.requires_grad_(True)
        return loss.detach()

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        if self.head_start:
            self.anneal(progress)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        seen, latents = self.player_inputs(pictures, index)
        mix = distributed.rand(len(seen), *[1] * (seen.ndim - 1)).to(seen.device)
        distance, penalty = self.record(self.critic_step, seen, self.random_latents(seen), mix)
        figures = {"distance": distance.item(), "penalty": penalty.item()}
        self.learn_to_decode(pictures, nn.Identity())
        for name, optimizer in self.optimizers.items():
            if name != "g":
                optimizer.step()

        self.numbers["steps"] += 1
        if self.numbers["steps"] % self.settings.critic_steps == 0:
            loss = self.record(self.generator_step, self.random_latents(seen))
            self.cover(seen, latents)
            self.optimizers["g"].step()
            self.average.update(self.generator)
            figures["loss_g"] = loss.item()
        return figures

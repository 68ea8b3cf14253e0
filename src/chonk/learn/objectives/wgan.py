"""WGAN-GP: Improved Training of Wasserstein GANs (Gulrajani et al. 2017, arXiv:1704.00028).

The critic C gives every picture a number, and its slope is held near 1, so that the difference of its means is the
distance in which pictures must be moved to turn one set into the other:

    L_C = E C(G(z)) - E C(x) + lambda E (|grad C(u)| - 1)^2         (equation 3)
    u   = e x + (1 - e) G(z),  e uniform in [0, 1] for each picture
    L_G = - E C(G(z))

The critic is trained `critic_steps` times for each step of the generator (algorithm 1).  It begins as BEGAN does
(`warm_up.py`): C is a linear function of an auto-encoder's code, which learns to redraw at first, and G is its decoder.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.objectives import base
from chonk.learn.objectives.classic import ClassicSettings
from chonk.learn.objectives.warm_up import WarmUp
from chonk.nets.critic import Critic


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """WGAN-GP's settings, sized for a CPU."""

    penalty: base.Weight = 10.0
    """Weight lambda of the gradient penalty."""
    critic_steps: base.Count = 2
    """The generator learns at every so many-th step (paper: 5)."""
    cover: base.Weight = 500.0
    """Weight of the generator's redrawing training pictures from latents of their own, against collapse; 0 leaves it
    out.  A critic's slope is 1 where all pixels together move by 1, so it is larger than BEGAN's."""


def gradient_penalty(critic: Callable, real: torch.Tensor, fake: torch.Tensor, mix: torch.Tensor) -> torch.Tensor:
    """E (|grad C(u)| - 1)^2 at u = e x + (1 - e) G(z).  `real`, `fake` N x C x S x S, `mix` e, N x 1 x 1 x 1 -> scalar.

    Second term of equation 3.  Needs a critic that treats each picture on its own: no batch normalisation."""
    u = (mix * real + (1 - mix) * fake).requires_grad_()
    (slope,) = torch.autograd.grad(critic(u).sum(), u, create_graph=True)
    return (slope.flatten(1).norm(dim=1) - 1).square().mean()


class Objective(WarmUp):
    """Each step shows the critic a batch; every `critic_steps`-th also teaches the generator."""

    settings: Settings
    opponent = Critic

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__(pictures, settings, seed)
        self.optimise((0.0, 0.9))

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

    def game(self, seen: torch.Tensor, latents: torch.Tensor | None, progress: float) -> dict[str, float]:
        mix = distributed.rand(len(seen), *[1] * (seen.ndim - 1)).to(seen.device)
        distance, penalty = self.record(self.critic_step, seen, self.random_latents(seen), mix)
        figures = {"distance": distance.item(), "penalty": penalty.item()}
        self.move("d")
        if (self.numbers["steps"] + 1) % self.settings.critic_steps == 0:
            figures["loss_g"] = self.record(self.generator_step, self.random_latents(seen)).item()
            self.cover(seen, latents)
            self.move("g")
        return figures

"""EBGAN: Energy-based Generative Adversarial Network (Zhao, Mathieu and LeCun 2017, arXiv:1609.03126).

The discriminator is an auto-encoder, and its error is an energy that real pictures should have little of:

    D(v) = ||Dec(Enc(v)) - v||  as the mean squared error           (section 2.3)
    L_D = D(x) + max(0, m - D(G(z)))                                (equation 1)
    L_G = D(G(z)) + w f_PT(Enc(G(z)))                               (equation 2, and section 2.4)
    f_PT(S) = 1 / (N (N - 1)) sum_{i != j} (S_i . S_j / (|S_i| |S_j|))^2         (equation 5)

The margin m says how bad a generated picture must be before D stops caring; the pulling-away term f_PT pushes the codes
of a batch's pictures apart, against collapse.  It begins as BEGAN does (`warm_up.py`): D learns to redraw alone at
first, by absolute errors, whose pictures are sharper.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.objectives import base
from chonk.learn.objectives.classic import ClassicSettings
from chonk.learn.objectives.warm_up import WarmUp


@dataclass(frozen=True)
class Settings(ClassicSettings):
    """EBGAN's settings, sized for a CPU."""

    margin: base.Weight = 0.05
    """The margin m, in mean squared error of pictures in [-1, 1]: a little more than D's error of real ones."""
    pull: base.Weight = 0.1
    """Weight of the pulling-away term; 0 leaves it out."""


def energy(pictures: torch.Tensor, redrawn: torch.Tensor) -> torch.Tensor:
    """Mean squared error of each picture: two N x C x S x S, or N x components -> N."""
    return (pictures - redrawn).square().flatten(1).mean(1)


def discriminator_loss(real: torch.Tensor, fake: torch.Tensor, margin: float) -> torch.Tensor:
    """L_D = D(x) + max(0, m - D(G(z))), the mean over two batches of energies.  Equation 1."""
    return real.mean() + F.relu(margin - fake).mean()


def pulling_away(codes: torch.Tensor) -> torch.Tensor:
    """f_PT: mean squared cosine between different codes of a batch, N x H -> scalar in [0, 1].  Equation 5."""
    directions = F.normalize(codes, dim=1)
    n = len(codes)
    return ((directions @ directions.T).square().sum() - n) / (n * (n - 1))


class Objective(WarmUp):
    """Two passes a step: D's hinge is not a multiple of G's loss, so one backward pass cannot serve both."""

    settings: Settings

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        if settings.pull and settings.batch < 2:
            raise ValueError("the pulling-away term needs batches of 2 or more")
        super().__init__(pictures, settings, seed)
        self.optimise((0.5, 0.99 if settings.annealed else 0.999))

    def game(self, seen: torch.Tensor, latents: torch.Tensor | None, progress: float) -> dict[str, float]:
        s, d = self.settings, self.discriminator
        fake = self.generator(self.random_latents(seen))

        both = torch.cat([seen, fake.detach()])
        real_energy, fake_energy = energy(both, d(both)).split(len(seen))
        discriminator_loss(real_energy, fake_energy, s.margin).backward()
        self.move("d")

        with self.discriminator_fixed():
            codes = d.encode(fake)
            loss, pull = energy(fake, d.decoder(codes)).mean(), pulling_away(distributed.all_gather(codes))
            (loss + s.pull * pull).backward()
        self.cover(seen, latents)
        self.move("g")
        return {"loss_real": real_energy.mean().item(), "loss_fake": loss.item(), "pull": pull.item()}

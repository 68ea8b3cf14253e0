"""The default recipe: a generator that recalls, between an eye and a hand that have seen drawings before.

The encoder that comes with the package turns every training picture x into features e(x), S/8 x S/8.  The generator
(`chonk.nets.mosaic`) recalls those place by place, so that neighbours agree; coverage comes from there, and nothing can collapse.
What is learned is how this set is drawn, and which colours belong together: x is shown recoloured in places, r(x), and the harmonizer h, which
is told the palette p(x), and the decoder, which comes along too, learn

    d(decoder(h(e(r(x)) + noise, p(x))), x) + mean (h(e(r(x)) + noise, p(x)) - e(x))^2 / 2 -> min

d compares at three scales.  What the decoder is shown is always pieced together of two pictures, as x is then: a decoder that sees whole ones only soon
knows by a corner what the rest must be, and is lost where results mix them.  docs/recipe.md tells what each part is worth.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.learn import team
from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.learn.recolour import MAPS, patched, recolour
from chonk.nets.autoencoder import FEATURES
from chonk.nets.mosaic import GRID, HUES, Generator, Manner, side_of
from chonk.nets.starter import starter
from chonk.pictures.dataset import PictureSet

KEPT = 1 << 26
"""Up to so many numbers of features, of recoloured pictures too, are kept as fp16 (6,553 pictures of 64 x 64, 409 of 256 x 256) once they were
needed; those of larger sets are computed anew in each step, five times the encoder's work."""
TOGETHER = 16
"""Pictures that the encoder always sees at a time where features are kept: how many there are changes the last bits."""
SEAM = 2
"""Pixels on each side of a seam between two pictures that the decoder is free to draw as it likes."""
MOST_MEMORY = 1_700_000
"""Numbers that the generator remembers: 400 pictures of 64 x 64, 200 of 128 x 128."""


@dataclass(frozen=True)
class Settings:
    """The default recipe's settings."""

    batch: int = 16
    """Training pictures drawn per step."""
    codes: int = 400
    """How many pictures are remembered; all of them where the set has fewer, and fewer where pictures are large."""
    whole: int = 6
    """Numbers that say what a result is like as a whole."""
    parts: int = 12
    """Numbers that say what it shows at each of 4 x 4 points."""
    whole_wish: float = Manner.whole
    """How loud the wish for the whole is: higher is more of one piece, and nearer to copying."""
    parts_wish: float = Manner.parts
    """How loud each place's own wish is: higher is newer, and more of a patchwork."""
    colours: float = Manner.colours
    """How loud the wish for pictures of like colours is, against that for the whole: higher is more of one piece, and nearer to copying."""
    agreement: float = Manner.agreement
    """How much a place minds its neighbours: higher is more of one piece, and nearer to copying."""
    share: float = Manner.share
    """How much of a result one picture may be: lower is newer."""
    learning_rate: float = 0.02
    """Muon's step size for convolutions."""
    noise: float = 0.15
    """Standard deviation of the noise on the features that are learned from."""
    untouched: float = 0.3
    """Share of the pictures that are learned from in their own colours; the others are recoloured in places."""
    cool: float = 0.5
    """Share of the budget after which the step size falls, in a straight line to a fiftieth."""
    decay: float = 0.995
    """Memory of the averaged generator, per step."""


def difference(error: torch.Tensor) -> torch.Tensor:
    """mean |e| + mean |e_(y+1) - e_y| + mean |e_(x+1) - e_x| over the last two dimensions: colours, and edges."""
    return error.abs().mean() + error.diff(dim=-2).abs().mean() + error.diff(dim=-1).abs().mean()


def picture_loss(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """How far whole pictures are apart: `difference` at full size, half and a quarter of it (colours only)."""
    loss = difference(fake - real)
    for _ in range(2):
        fake, real = F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2)
        loss = loss + 0.5 * (fake - real).abs().mean()
    return loss


def places(features: torch.Tensor) -> torch.Tensor:
    """Some of the places of N x D x S x S features, each seen with a chance of 0.4 to 1 that the whole picture shares: N x 1 x S x S, 1 or 0."""
    return (team.rand(len(features), 1, *features.shape[2:]) < 0.4 + 0.6 * team.rand(len(features), 1, 1, 1)).to(features)


def glimpse(looked: torch.Tensor, seen: torch.Tensor) -> torch.Tensor:
    """The mean over the places that are seen, N x D x S x S -> N x D x 1 x 1.  A palette must do without the rest."""
    return (looked * seen).sum((2, 3), keepdim=True) / seen.sum((2, 3), keepdim=True).clamp(min=1)


def outlines(count: int, side: int) -> torch.Tensor:
    """Where each of `count` pictures shows, in regions of smooth outline that take half of it in the mean, when it is `pieced`: count x 1 x side x side, true or false."""
    return F.interpolate(team.randn(count, 1, 3, 3), size=(side, side), mode="bicubic") > 0


def pieced(values: torch.Tensor, own: torch.Tensor) -> torch.Tensor:
    """Each picture or its features where it is its `own`, and elsewhere the other one of its pair: 0 and 1, 2 and 3 ... of the batch.

    Pairs, so that several processes make of their parts what one makes of the whole (as long as parts are even); the last of an odd number stays whole."""
    other = (torch.arange(len(values), device=values.device) ^ 1).clamp(max=len(values) - 1)
    return torch.where(own, values, values[other])


def inside(own: torch.Tensor) -> torch.Tensor:
    """1 where only one picture shows in SEAM pixels each way, else 0: nobody knows how two pictures should meet."""
    own = own.float()
    return 1 - F.max_pool2d(own, 2 * SEAM + 1, 1, SEAM) - F.max_pool2d(-own, 2 * SEAM + 1, 1, SEAM)


def components(values: torch.Tensor, count: int) -> torch.Tensor:
    """The first principal components of N x D values, N x count, each of mean 0 and variance 1; noise where there are fewer."""
    values = values - values.mean(0)
    rank = min(count, *values.shape, len(values) - 1)
    left, strength, _ = torch.pca_lowrank(values, min(rank + 8, *values.shape), center=False, niter=4)
    rank = min(rank, int((strength > 1e-4 * strength[:1].clamp(min=1e-6)).sum()))
    return torch.cat([left[:, :rank] * len(values) ** 0.5, torch.randn(len(values), count - rank)], 1)


class Objective(base.Objective):
    """Remembers the set's features, and teaches the harmonizer and the decoder to draw them."""

    augment = None
    alone = None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__()
        self.settings, self.pictures = settings, pictures
        torch.manual_seed(seed)
        numbers = FEATURES * side_of(pictures.size)**2
        self.options = {"parts": settings.parts, "codes": min(settings.codes, len(pictures), max(50, MOST_MEMORY // numbers))}
        self.latent_dim = settings.whole + HUES + GRID**2 * settings.parts
        self.generator = Generator(pictures.size, pictures.channels, self.latent_dim, **self.options)
        encoder, decoder, harmonizer = starter(pictures.channels)
        self.eye = [encoder]                            # in a list: it does not learn, so no checkpoint needs it
        self.generator.decoder, self.generator.harmonizer = decoder, harmonizer
        chosen = torch.linspace(0, len(pictures) - 1, self.options["codes"]).round().long()
        room = (1 + MAPS) * len(pictures) * numbers <= KEPT
        self.register_buffer("kept", torch.empty(1 + MAPS, len(pictures), numbers, dtype=torch.half) if room else None, persistent=False)
        self.seen = torch.zeros(len(pictures), dtype=torch.bool)
        remembered = torch.cat([self.look(part, 0)[0] for part in chosen.split(TOGETHER)]).to(encoder.mean)
        whole, parts = components(remembered.flatten(1), settings.whole + settings.parts).split([settings.whole, settings.parts], 1)
        # Colours without places: means of what the features have and of what they lack, so that opposites do not cancel.
        hues = components(torch.cat([F.relu(remembered), F.relu(-remembered)], 1).mean((2, 3)), HUES)
        self.generator.remember(remembered, whole, hues, parts,
                                Manner(settings.whole_wish, settings.parts_wish, settings.colours, agreement=settings.agreement, share=settings.share))
        self.average = Average(self.generator, settings.decay)
        matrices, rest = matrices_and_rest(self.generator)
        self.rates = {"muon": settings.learning_rate, "adam": settings.learning_rate / 15}
        self.optimizers = {"muon": Muon(matrices, self.rates["muon"]), "adam": Adam(rest, self.rates["adam"], betas=(0.5, 0.99))}
        self.numbers = {"steps": 0, "slowed": 1.0}

    def _apply(self, change, recurse: bool = True) -> Objective:
        """Where the nets go, the eye goes too, and sees everything anew: the last bits depend on where and how."""
        self.eye[0]._apply(change, recurse)
        self.seen.fill_(False)
        return super()._apply(change, recurse)

    @torch.no_grad()
    def see(self, numbers: torch.Tensor) -> torch.Tensor:
        """Features of the pictures with these numbers, as they are and recoloured: (1 + MAPS) x N x 32 x S/8 x S/8, fp16."""
        if self.kept is None:
            return torch.cat([self.look(part) for part in numbers.split(64)], 1)
        missing = numbers[~self.seen[numbers]].unique()
        for part in missing.split(TOGETHER) if len(missing) else ():
            self.kept[:, part] = self.look(part[torch.arange(TOGETHER) % len(part)])[:, :len(part)].flatten(2).to(self.kept)
            self.seen[part] = True
        return self.kept[:, numbers].unflatten(2, (FEATURES, side_of(self.pictures.size), -1))

    @torch.no_grad()
    def look(self, numbers: torch.Tensor, recoloured: int = MAPS) -> torch.Tensor:
        """What the encoder makes of them now, in so many other colours too."""
        encoder = self.eye[0]
        pictures = self.pictures.unit(numbers).to(encoder.mean)
        versions = [pictures] + [recolour(pictures, numbers, which) for which in range(recoloured)]
        return torch.stack([encoder(version) for version in versions]).half()

    def slow_down(self, factor: float = 0.5) -> None:
        self.numbers["slowed"] *= factor

    def set_rates(self, progress: float) -> None:
        """The step sizes of this moment: 30 steps of warming up, then full, then falling from `cool` on."""
        share = min(1.0, (self.numbers["steps"] + 1) / 30) * min(1.0, max(0.02, (1 - progress) / (1 - self.settings.cool)))
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.rates[name] * share * self.numbers["slowed"]

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        self.set_rates(progress)
        versions = self.see(index)
        features, shown = versions[0].to(pictures), patched(versions, self.settings.untouched).to(pictures)
        shown = shown + self.settings.noise * team.randn(*shown.shape).to(shown)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        draw, mend = self.record(self.learn, pictures, features, shown, places(features), outlines(len(features), features.shape[-1]).to(pictures.device))
        for optimizer in self.optimizers.values():
            optimizer.step()
        self.numbers["steps"] += 1
        self.average.update(self.generator)
        return {"draw": draw.item(), "mend": mend.item()}

    def learn(self, pictures: torch.Tensor, features: torch.Tensor, shown: torch.Tensor, seen: torch.Tensor, own: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Gradients into `.grad`; returns both parts of the loss: how the pictures are drawn, and how the features that were shown are mended."""
        harmonizer = self.generator.harmonizer
        mended = harmonizer(shown, glimpse(harmonizer.look(features), seen)).to(pictures.dtype)
        drawn = self.generator.decoder(pieced(mended, own)).to(pictures.dtype)
        own = F.interpolate(own.to(pictures), size=pictures.shape[2:], mode="nearest") > 0
        free = inside(own).to(pictures)
        draw = picture_loss(drawn * free, pieced(pictures, own) * free)
        mend = F.mse_loss(mended, features)
        (draw + mend / 2).backward()
        return draw.detach(), mend.detach()

    def generator_config(self) -> tuple[str, dict, int, str]:
        return "mosaic", self.options, self.latent_dim, Generator.latent_kind

    def trained(self) -> nn.Module:
        return self.average.net

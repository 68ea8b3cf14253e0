"""The default recipe: every picture has a latent, and every latent is made of pictures.

Two lessons at once, both of them matching, so that nothing can collapse:

    codes      L = d(G(z_i + s_i e), x_i)         each training picture i keeps a code z_i and a spread s_i that are
                                                  learned with G (GLO, Bojanowski et al. 2018, arXiv:1707.05776)
    patchwork  L = sum_p d(G(z)_p, x_{t(p)}_p)    random z from the prior; each square p of the result is drawn to the
                                                  square that a one-to-one pairing with real pictures gives it
                                                  (learn/patches.py)

The codes alone give clean copies and blotchy mixtures between them.  The patchwork makes the mixtures whole: a random
latent is held to real squares everywhere, but to squares of different pictures, so what comes out is new.  A random latent
does not go into the net as it is: far from every code there is only fog.  It picks a mixture of codes, by a softmax over
the codes it points at (`Generator.anchored`), so z stays N(0, 1) for everybody and needs no fitting afterwards.
d is `patches.difference`, for whole pictures at three scales.  docs/recipe.md tells what each part is worth.
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F
from scipy.linalg import eigh

from chonk.learn import patches
from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.objectives import base
from chonk.nets.patchwork import Generator
from chonk.pictures.dataset import PictureSet

THUMB = 16
"""Side of the thumbnails whose principal components start the codes."""


@dataclass(frozen=True)
class Settings:
    """The default recipe's settings."""

    batch: int = 8
    """Training pictures per step; as many random latents come on top."""
    latent_dim: int = 64
    """How many numbers make a picture."""
    learning_rate: float = 0.03
    """Muon's step size for convolutions."""
    code_rate: float = 0.01
    """Adam's step size for the codes."""
    spread: float = 0.3
    """Standard deviation of the noise on a code at the start."""
    focus: float = 0.17
    """How sharply a random latent picks codes to mix: higher is crisper, and nearer to copying (0.15: 1 % copies, 0.25: 14 %)."""
    anchors: int = 400
    """How many codes there are to pick from; all of them where the set has fewer pictures."""
    patchwork: float = 1.0
    """Weight of the patchwork's loss against that of the codes."""
    begin: float = 0.25
    """Share of the budget after which the patchwork begins: first there must be something to pair."""
    cool: float = 0.6
    """Share of the budget after which the step size falls, in a straight line to a fiftieth."""
    pool: int = 256
    """Random latents that are paired at a time."""
    rounds: int = 2
    """How often each of them is shown before new ones are paired."""
    decay: float = 0.995
    """Memory of the averaged generator, per step."""


def principal_codes(pictures: PictureSet, dim: int) -> torch.Tensor:
    """Codes to begin with, N x dim: the principal components of the colour thumbnails, each with variance 1.

    Pictures alike begin with codes alike, so the map from codes to pictures begins smooth."""
    thumbs = torch.cat([F.adaptive_avg_pool2d(pictures.unit(part), THUMB).flatten(1) for part in torch.arange(len(pictures)).split(1024)])
    thumbs = (thumbs - thumbs.mean(0)).double()
    size, wanted = thumbs.shape[1], min(dim, len(pictures) - 1)
    _, vectors = eigh((thumbs.T @ thumbs).numpy(), subset_by_index=(size - wanted, size - 1))
    codes = (thumbs @ torch.from_numpy(vectors).flip(1)).float()
    codes = codes / codes.std(0).clamp(min=1e-6)
    return torch.cat([codes, torch.randn(len(codes), dim - codes.shape[1])], 1)


def picture_loss(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """How far whole pictures are apart: `difference` at full size, half and a quarter of it (colours only)."""
    loss = patches.difference(fake - real)
    for _ in range(2):
        fake, real = F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2)
        loss = loss + 0.5 * (fake - real).abs().mean()
    return loss


class Pool(nn.Module):
    """Random latents, and which real square each of their squares is to become.  Buffers: a checkpoint keeps it."""

    def __init__(self, size: int, count: int, latent_dim: int) -> None:
        super().__init__()
        self.sides = [size // 2, size // 4]
        self.unit = patches.search_step(size)
        self.count = count
        self.register_buffer("latents", torch.zeros(count, latent_dim))
        self.register_buffer("real", torch.zeros(count, dtype=torch.int64))
        self.register_buffer("offsets", torch.zeros(2, 2, dtype=torch.int64))
        for i, side in enumerate(self.sides):
            self.register_buffer(f"pairs{i}", torch.zeros(count, (2 * size // side) ** 2, dtype=torch.int16))

    @torch.no_grad()
    def refill(self, generator: nn.Module, pictures: PictureSet) -> None:
        """Draws new latents, and pairs their pictures with as many real ones."""
        device = next(generator.parameters()).device
        self.latents.copy_(torch.randn(self.latents.shape))
        numbers = torch.cat([torch.randperm(len(pictures)) for _ in range(-(-self.count // len(pictures)))])[:self.count]
        self.real.copy_(numbers)
        fake = torch.cat([generator(part) for part in self.latents.to(device).split(64)]).float().cpu()
        real = pictures.unit(numbers)
        for i, side in enumerate(self.sides):
            self.offsets[i] = self.unit * (1 + torch.randint(side // 2 // self.unit, (2,)))
            pairs = patches.pair(fake, real, side, *self.offsets[i].tolist())
            getattr(self, f"pairs{i}").copy_(pairs)

    def loss(self, fake: torch.Tensor, which: torch.Tensor, pictures: PictureSet) -> torch.Tensor:
        """The patchwork's loss of the pictures drawn from latents number `which`, mean over the two sizes of square."""
        total = fake.new_zeros(())
        for i, side in enumerate(self.sides):
            top, left = self.offsets[i].tolist()
            pairing = self.real.cpu()[getattr(self, f"pairs{i}")[which].long().cpu()]
            target = patches.targets(pictures.pixels, pairing, side, top, left).to(fake.device)
            total = total + patches.patch_loss(fake, target, side, top, left)
        return total / len(self.sides)


class Objective(base.Objective):
    """Codes from the start, the patchwork from `begin` on."""

    augment = None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__()
        self.settings, self.pictures = settings, pictures
        torch.manual_seed(seed)
        self.options = {"anchors": min(settings.anchors, len(pictures))}
        self.generator = Generator(pictures.size, pictures.channels, settings.latent_dim, **self.options)
        self.codes = nn.Parameter(principal_codes(pictures, settings.latent_dim))
        self.set_anchors()
        self.average = Average(self.generator, settings.decay)
        self.log_spread = nn.Parameter(torch.full_like(self.codes, settings.spread).log())
        self.pool = Pool(pictures.size, min(settings.pool, 4 * len(pictures)), settings.latent_dim)
        matrices, rest = matrices_and_rest(self.generator)
        self.rates = {"muon": settings.learning_rate, "adam": settings.learning_rate / 15, "codes": settings.code_rate}
        self.optimizers = {"muon": Muon(matrices, self.rates["muon"]),
                           "adam": torch.optim.Adam(rest, self.rates["adam"], betas=(0.9, 0.99)),
                           "codes": torch.optim.Adam([self.codes, self.log_spread], self.rates["codes"], betas=(0.5, 0.99))}
        self.numbers = {"steps": 0, "pooled": 0, "slowed": 1.0}

    def slow_down(self, factor: float = 0.5) -> None:
        self.numbers["slowed"] *= factor

    def set_rates(self, progress: float) -> None:
        """The step sizes of this moment: 30 steps of warming up, then full, then falling from `cool` on."""
        s = self.settings
        share = min(1.0, (self.numbers["steps"] + 1) / 30) * min(1.0, max(0.02, (1 - progress) / (1 - s.cool)))
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.rates[name] * share * self.numbers["slowed"]

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        s, n = self.settings, len(pictures)
        self.set_rates(progress)
        index = index.to(self.codes.device)
        spread = self.log_spread[index].exp().clamp(max=1.0)
        latents = self.codes[index] + spread * torch.randn(spread.shape).to(spread.device)
        patchwork = s.patchwork > 0 and progress >= s.begin
        if patchwork:
            which = self.next_of_pool(n)
            latents = torch.cat([latents, self.generator.anchored(self.pool.latents[which.to(latents.device)])])
        fake = self.generator.draw(latents)
        loss = picture_loss(fake[:n], pictures)
        figures = {"codes": loss.item()}
        if patchwork:
            drawn = self.pool.loss(fake[n:], which, self.pictures)
            loss = loss + s.patchwork * drawn
            figures["patchwork"] = drawn.item()
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        loss.backward()
        for optimizer in self.optimizers.values():
            optimizer.step()
        self.average.update(self.generator)
        self.numbers["steps"] += 1
        if self.numbers["steps"] % 20 == 0:
            self.standardize()
        return figures

    def next_of_pool(self, count: int) -> torch.Tensor:
        """Which of the pool's latents are next; refills the pool after `rounds` times through."""
        at = self.numbers["pooled"] % (self.settings.rounds * self.pool.count)
        if at == 0 or at + count > self.settings.rounds * self.pool.count:
            self.pool.refill(self.generator, self.pictures)
            self.numbers["pooled"] = at = 0
        self.numbers["pooled"] += count
        return torch.arange(at, at + count) % self.pool.count

    @torch.no_grad()
    def standardize(self) -> None:
        """Codes back to mean 0 and variance 1 in every dimension, and the anchors to where the codes are now."""
        self.codes.sub_(self.codes.mean(0)).div_(self.codes.std(0).clamp(min=1e-6))
        self.set_anchors()

    @torch.no_grad()
    def set_anchors(self) -> None:
        """The generator's anchors are the codes, or evenly chosen ones of them."""
        chosen = torch.linspace(0, len(self.codes) - 1, self.generator.anchors, device=self.codes.device).round().long()
        self.generator.set_anchors(self.codes[chosen], self.settings.focus)

    def generator_config(self) -> tuple[str, dict, int, str]:
        return "patchwork", self.options, self.settings.latent_dim, Generator.latent_kind

    def trained(self) -> nn.Module:
        return self.average.net

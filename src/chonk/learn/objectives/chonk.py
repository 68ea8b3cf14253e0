"""The default recipe: a generator of features between an eye and a hand that have seen drawings before.

The encoder that comes with the package turns every training picture x into features e(x), S/8 x S/8; the decoder, which comes
along and learns on, draws pictures of features.  What is left to learn from few pictures is a generator of features, eight
times narrower than pictures and so cheap that thousands of steps fit into minutes.  Four lessons a step:

    draw       d(decoder(e(x) + noise), x) -> min                    the hand gets used to this set
    codes      |plan(c_i + noise) - e(x_i)| -> min                   each picture i keeps codes c_i that are learned along
                                                                     (GLO, Bojanowski et al. 2018, arXiv:1707.05776): nothing is lost
    critic     softplus(D(plan(mix z)) - D(e(x))) -> min             tells features of results from those of pictures, place by
               + R1/2 E |grad D(e(x))|^2                             place and as a whole (Jolicoeur-Martineau 2018, arXiv:1807.00734;
                                                                     Mescheder et al. 2018, arXiv:1801.04406)
    results    softplus(D(e(x)) - D(plan(mix z))) -> min             mixtures of codes become as whole as pictures are

The codes hold every picture in its place, so the adversary cannot collapse; it only mends what lies between.  d compares at
three scales.  docs/recipe.md tells what each part is worth.
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
from chonk.nets.autoencoder import starter
from chonk.nets.feature_critic import FeatureCritic
from chonk.nets.mosaic import CORNERS, Generator
from chonk.pictures.dataset import PictureSet

KEPT = 4096
"""Up to so many pictures' features are kept; those of larger sets are seen anew each time."""
PENALTY_EVERY = 4


@dataclass(frozen=True)
class Settings:
    """The default recipe's settings."""

    batch: int = 8
    """Training pictures drawn per step."""
    mixtures: int = 16
    """Known codes and new mixtures of codes per step: so many of each."""
    whole: int = 24
    """Numbers that say which pictures a result is like as a whole."""
    parts: int = 12
    """Numbers that say what it shows at a place."""
    width: int = 96
    """Filters of the generator of features."""
    learning_rate: float = 0.02
    """Muon's step size for convolutions."""
    code_rate: float = 0.005
    """Adam's step size for the codes."""
    critic_rate: float = 1e-3
    """Adam's step size for the critic."""
    focus: float = 3.0
    """How sharply a result chooses the pictures that it is like as a whole: higher is crisper, and nearer to copying."""
    focus_whole: float = 2.0
    """How much that weighs where a place chooses what to show."""
    focus_parts: float = 4.5
    """How sharply a place chooses for itself: higher is newer, and more of a patchwork."""
    adversary: float = 0.2
    """Weight of the critic's opinion against the other lessons."""
    begin: float = 0.15
    """Share of the budget after which the critic begins: first there must be something to criticise."""
    penalty: float = 1.0
    """Weight of the critic's gradient penalty, per number of a feature map."""
    noise: float = 0.15
    """Standard deviation of the noise on the features that the decoder and the critic see."""
    whole_noise: float = 0.2
    """Standard deviation of the noise on codes for the whole."""
    parts_noise: float = 0.4
    """Standard deviation of the noise on codes for parts; higher than the other, so that what is everywhere goes into the whole."""
    codes: int = 400
    """How many pictures are remembered to mix; all of them where the set has fewer."""
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


def components(values: torch.Tensor, count: int) -> torch.Tensor:
    """The first principal components of N x D values, N x count, each of mean 0 and variance 1; noise where there are fewer."""
    values = values - values.mean(0)
    rank = min(count, *values.shape, len(values) - 1)
    left, strength, _ = torch.pca_lowrank(values, min(rank + 8, *values.shape), center=False, niter=4)
    rank = min(rank, int((strength > 1e-4 * strength[:1].clamp(min=1e-6)).sum()))
    return torch.cat([left[:, :rank] * len(values) ** 0.5, torch.randn(len(values), count - rank)], 1)


def first_codes(features: torch.Tensor, whole: int, parts: int, base_side: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Codes to begin with, N x whole and N x parts x base x base, from features N x 32 x side x side.

    The whole: principal components of everything.  A part: those of what the whole leaves unsaid at that place.  Pictures alike
    begin with codes alike, so the map from codes to pictures begins smooth."""
    flat = features.flatten(1) - features.flatten(1).mean(0)
    of_whole = components(flat, whole)
    rest = (flat - of_whole @ (of_whole.T @ flat) / len(flat)).reshape(features.shape)
    cell = features.shape[-1] // base_side
    places = rest.unfold(2, cell, cell).unfold(3, cell, cell).permute(2, 3, 0, 1, 4, 5).flatten(0, 1).flatten(2)
    return of_whole, torch.stack([components(place, parts) for place in places], 2).reshape(len(flat), parts, base_side, base_side)


class Objective(base.Objective):
    """The four lessons, all in one step."""

    augment = None
    alone = None

    def __init__(self, pictures: PictureSet, settings: Settings, seed: int) -> None:
        super().__init__()
        if settings.mixtures % team.size():
            raise ValueError(f"mixtures {settings.mixtures}: cannot be shared equally by {team.size()} processes")
        self.settings, self.pictures = settings, pictures
        torch.manual_seed(seed)
        self.options = {"parts": settings.parts, "codes": min(settings.codes, len(pictures)), "width": settings.width}
        self.latent_dim = settings.whole + CORNERS * settings.parts
        self.generator = Generator(pictures.size, pictures.channels, self.latent_dim, **self.options)
        encoder, decoder = starter(pictures.channels)
        self.eye = [encoder]                            # in a list: it does not learn, so no checkpoint needs it
        self.generator.decoder.load_state_dict(decoder.state_dict())
        chosen = torch.linspace(0, len(pictures) - 1, min(KEPT, len(pictures))).round().long()
        self.kept = self.see(chosen)
        whole, parts = first_codes(self.kept, settings.whole, settings.parts, self.generator.base)
        if len(chosen) < len(pictures):                 # the rest begin with the codes of one of these, and part from it as they learn
            lent = torch.linspace(0, len(chosen) - 1, len(pictures)).round().long()
            whole, parts = whole[lent], parts[lent]
        self.whole, self.parts = nn.Parameter(whole), nn.Parameter(parts)
        self.remember()
        self.critic = FeatureCritic()
        self.average = Average(self.generator, settings.decay)
        matrices, rest = matrices_and_rest(self.generator)
        self.rates = {"muon": settings.learning_rate, "adam": settings.learning_rate / 15, "codes": settings.code_rate, "critic": settings.critic_rate}
        self.optimizers = {"muon": Muon(matrices, self.rates["muon"]),
                           "adam": torch.optim.Adam(rest, self.rates["adam"], betas=(0.5, 0.99)),
                           "codes": torch.optim.Adam([self.whole, self.parts], self.rates["codes"], betas=(0.5, 0.99)),
                           "critic": torch.optim.Adam(self.critic.parameters(), self.rates["critic"], betas=(0.0, 0.99))}
        self.numbers = {"steps": 0, "slowed": 1.0}

    @torch.no_grad()
    def see(self, numbers: torch.Tensor) -> torch.Tensor:
        """Features of the pictures with these numbers."""
        encoder = self.eye[0]
        return torch.cat([encoder(self.pictures.unit(part).to(encoder.mean)) for part in numbers.split(64)])

    def seen(self, numbers: torch.Tensor) -> torch.Tensor:
        """The same, from memory where all of them are kept."""
        found = self.kept[numbers] if len(self.kept) == len(self.pictures) else self.see(numbers)
        return found.to(self.whole)

    def slow_down(self, factor: float = 0.5) -> None:
        self.numbers["slowed"] *= factor

    def set_rates(self, progress: float) -> None:
        """The step sizes of this moment: 30 steps of warming up, then full, then falling from `cool` on."""
        share = min(1.0, (self.numbers["steps"] + 1) / 30) * min(1.0, max(0.02, (1 - progress) / (1 - self.settings.cool)))
        for name, optimizer in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = self.rates[name] * share * self.numbers["slowed"]

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        s, device, m = self.settings, pictures.device, self.settings.mixtures // team.size()
        self.set_rates(progress)
        known = team.part(torch.randint(len(self.pictures), (s.mixtures,)))
        # Once the critic has begun, the hand also draws what the plan says of every other picture, so that both fit to the pixel.
        planned, seen = (index[::2], index[1::2]) if progress >= s.begin else (index[:0], index)
        latents = torch.cat([self.codes_of(known), self.generator.mix(team.randn(m, self.latent_dim).to(device)), self.codes_of(planned)])
        old, new, own = self.generator.plan(latents).to(self.whole.dtype).split([m, m, len(planned)])
        real = self.seen(known)
        codes = (old - real).abs().mean()
        drawn = self.generator.decoder(torch.cat([own, self.noisy(self.seen(seen))])).to(pictures.dtype)
        draw = picture_loss(drawn, torch.cat([pictures[::2], pictures[1::2]]) if len(planned) else pictures)
        loss, figures = codes + draw, {"codes": codes.item(), "draw": draw.item()}
        if progress >= s.begin:
            blurred = torch.cat([self.noisy(new), self.noisy(real)])
            figures["critic"] = self.teach_critic(blurred.detach())
            self.critic.requires_grad_(False)
            fake, true = self.critic(blurred).chunk(2)
            self.critic.requires_grad_(True)
            opinion = F.softplus(true.detach() - fake).mean()
            loss = loss + s.adversary * opinion
            figures["results"] = opinion.item()
        learning = [optimizer for name, optimizer in self.optimizers.items() if name != "critic"]
        for optimizer in learning:
            optimizer.zero_grad()
        loss.backward()
        for optimizer in learning:
            optimizer.step()
        self.numbers["steps"] += 1
        if self.numbers["steps"] % 20 == 0:
            self.remember()
        self.average.update(self.generator)
        return figures

    def teach_critic(self, features: torch.Tensor) -> float:
        """One step of the critic on results and as many pictures, 2N x 32 x side x side; returns its loss."""
        s = self.settings
        penalized = s.penalty > 0 and self.numbers["steps"] % PENALTY_EVERY == 0
        fake, true = self.critic(features.requires_grad_(penalized)).chunk(2)
        loss = wanted = F.softplus(fake - true).mean()
        if penalized:
            slope, = torch.autograd.grad(true.mean(1).sum(), features, create_graph=True)
            loss = wanted + PENALTY_EVERY * s.penalty / 2 * slope.chunk(2)[1].square().sum((1, 2, 3)).mean()
        self.optimizers["critic"].zero_grad()
        loss.backward()
        self.optimizers["critic"].step()
        return wanted.item()

    def codes_of(self, numbers: torch.Tensor) -> torch.Tensor:
        """The codes of these pictures with fresh noise, as the plan wants them."""
        numbers = numbers.to(self.whole.device)
        return self.generator.spread(self.noisy(self.whole[numbers], self.settings.whole_noise), self.noisy(self.parts[numbers], self.settings.parts_noise))

    def noisy(self, values: torch.Tensor, deviation: float | None = None) -> torch.Tensor:
        """The values with Gaussian noise, that of features where nothing else is said."""
        return values + (self.settings.noise if deviation is None else deviation) * team.randn(*values.shape).to(values.device)

    @torch.no_grad()
    def remember(self) -> None:
        """Brings codes back to mean 0 and variance 1 in every dimension, and shows the generator the ones to mix."""
        for codes in (self.whole, self.parts):
            codes.sub_(codes.mean(0)).div_(codes.std(0).clamp(min=1e-6))
        chosen = torch.linspace(0, len(self.whole) - 1, self.generator.codes, device=self.whole.device).round().long()
        s = self.settings
        self.generator.remember(self.whole[chosen], self.parts[chosen], (s.focus, s.focus_whole, s.focus_parts))

    def generator_config(self) -> tuple[str, dict, int, str]:
        return "mosaic", self.options, self.latent_dim, Generator.latent_kind

    def trained(self) -> nn.Module:
        return self.average.net

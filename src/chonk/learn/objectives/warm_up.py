"""How BEGAN, EBGAN and WGAN-GP get to their games soon: D learns to redraw pictures alone, and G then begins as D's
decoder.

Meanwhile G draws what D's decoder makes of codes that lie as those of real pictures do.  At the end every training
picture, and its mirror image if that could be of the set, is given a latent of its own, and G becomes the decoder after
the linear map that leads from these latents to the pictures' codes; from then on it redraws them too (`cover`).
docs/began.md tells what that is worth.
"""

from __future__ import annotations

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.augment import AugmentSettings
from chonk.learn.even import uniform_latents
from chonk.learn.objectives.classic import Classic, ClassicSettings
from chonk.nets.began import imitate

RECENT = 256
"""While D learns alone: the last codes by which G's latents are mapped to codes."""
INTERVAL = 25
"""Steps after which G takes over D's decoder again."""

MAX_COVERED = 4096
"""Pictures that get latents of their own."""
MAX_ANCHORS = 1024
"""Of these latents, mirrored pictures' included, those that others move towards: they are part of the model."""
JITTER = 0.05
"""Deviation of what is added to a picture's latent."""
VARY = AugmentSettings(flip=False, rotate=1.0, zoom=0.015, shift=0.0075)
"""Pictures are hardly moved: the few numbers of a code should tell them apart, not where they are."""


def distance(pictures: torch.Tensor, others: torch.Tensor, edges: float = 0.0) -> torch.Tensor:
    """How far pictures are apart, two N x C x S x S -> N: mean |v - w|, and `edges` times the same of the differences
    between neighbouring pixels."""
    error = pictures - others
    apart = error.abs().mean((1, 2, 3))
    if edges:
        apart = apart + edges * (error.diff(dim=2).abs().mean((1, 2, 3)) + error.diff(dim=3).abs().mean((1, 2, 3)))
    return apart


class WarmUp(Classic):
    """A game whose discriminator is or has an auto-encoder that learns alone at first.  A subclass says in `game` what
    follows."""

    latents: torch.Tensor
    recent: torch.Tensor

    def __init__(self, pictures: PictureSet, settings: ClassicSettings, seed: int) -> None:
        super().__init__(pictures, settings, seed)
        self.warms_up = self.can_warm_up()
        if self.warms_up:
            self._prepare(pictures)

    def distance(self, pictures: torch.Tensor, others: torch.Tensor) -> torch.Tensor:
        """`distance` with the weight of edges that was set."""
        return distance(pictures, others, self.settings.edges)

    def cover(self, seen: torch.Tensor, latents: torch.Tensor | None) -> None:
        """Adds the gradient of redrawing each picture from its latent to the generator's."""
        if latents is not None and self.settings.cover:
            near = latents + JITTER * distributed.randn(*latents.shape).to(latents)
            (self.settings.cover * self.distance(seen, self.generator.draw(near).float()).mean()).backward()

    def can_warm_up(self) -> bool:
        """Whether G can begin as D's decoder: both have the same shape."""
        s = self.settings
        return bool(s.warmup) and s.filters == s.d_filters and self.latent_dim <= s.hidden

    def anchor_count(self, pictures: PictureSet) -> int:
        """How many of the pictures' latents others move towards; 0 without a warm-up."""
        wanted = self.settings.mean_shift and self.can_warm_up()
        return min(MAX_ANCHORS, min(MAX_COVERED, len(pictures)) * (1 + self.mirrored)) if wanted else 0

    def _prepare(self, pictures: PictureSet) -> None:
        """Room for latents of the pictures, and of their mirror images: so `player_inputs` mirrors, not the loop."""
        self.augment = VARY
        shown = pictures.some(MAX_COVERED)
        self.pictures = [shown]
        self.register_buffer("latents", torch.zeros(2, len(shown), self.latent_dim))
        self.register_buffer("recent", torch.zeros(RECENT, self.settings.hidden))
        self.numbers["ready"] = 0

    @torch.no_grad()
    def _imitate_decoder(self, codes: torch.Tensor, latents: torch.Tensor | None) -> None:
        """Lets G draw what D's decoder draws of codes that lie as these do (N x hidden): those of the given latents, or
        of the cube turned and stretched to the codes' covariance."""
        mean, centred = codes.mean(0), codes - codes.mean(0)
        if latents is None:
            values, vectors = torch.linalg.eigh(centred.T @ centred / len(codes))
            root = vectors * (3 * values.clamp(min=0)).sqrt() @ vectors.T
            noise = torch.randn(len(root), self.latent_dim, generator=torch.Generator().manual_seed(0))
            directions = root @ torch.linalg.qr(noise)[0].to(root)
        else:
            directions = torch.linalg.lstsq(latents - latents.mean(0), centred).solution.T
            mean = mean - directions @ latents.mean(0)
        for net in (self.generator, self.average.net):
            imitate(net, self.discriminator.decoder, mean, directions)

    def warm_up(self, pictures: torch.Tensor) -> dict[str, float]:
        """A step in which D learns alone."""
        codes = self.discriminator.encode(pictures)
        loss = self.distance(pictures, self.discriminator.decoder(codes)).mean()
        loss.backward()
        self.move("d")
        everywhere = distributed.all_gather(codes.detach().float())
        self.recent.copy_(torch.cat([self.recent, everywhere])[-RECENT:])
        if self.numbers["steps"] % INTERVAL == 0:
            self._imitate_decoder(self.recent, None)
        return {"loss_real": distributed.all_reduce_mean(loss.detach()).item()}

    @torch.no_grad()
    def end_warm_up(self, device: torch.device) -> None:
        """Gives every picture and its mirror image, if it is one of the set, a latent, and G what D's decoder has
        learned."""
        shown = self.pictures[0].float() / 127.5 - 1
        parts = [part for side in (shown, shown.flip(3))[: 1 + self.mirrored] for part in side.split(64)]
        codes = torch.cat([self.discriminator.encode(part.to(device)).float() for part in parts])
        centred = (codes - codes.mean(0)).cpu()
        axes = torch.linalg.svd(centred, full_matrices=False).Vh[: self.latent_dim]
        latents = uniform_latents(centred @ axes.T).to(codes)
        self.latents[: 1 + self.mirrored].copy_(latents.view(1 + self.mirrored, len(shown), -1))
        self._imitate_decoder(codes, latents)
        for net in (self.generator, self.average.net):
            if net.mean_shift is not None:
                chosen = torch.linspace(0, len(latents) - 1, net.mean_shift.count).long()
                net.mean_shift.set_anchors(latents[chosen], self.settings.mean_shift)
        self.numbers["ready"] = 1

    def player_inputs(self, pictures: torch.Tensor, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What the players see of a batch, and the latents of its pictures, where they have some."""
        if not self.warms_up:
            return pictures, None
        mirrored = distributed.rand(len(pictures)) < 0.5 * self.mirrored
        pictures = torch.where(mirrored.view(-1, 1, 1, 1).to(pictures.device), pictures.flip(3), pictures)
        if not self.numbers["ready"]:
            return pictures, None
        covered = (index % self.latents.shape[1]).to(pictures.device)
        return pictures, self.latents[mirrored.long().to(pictures.device), covered]

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        if self.settings.annealed:
            self.anneal(progress)
        for optimizer in self.optimizers.values():
            optimizer.zero_grad()
        warm = self.warms_up and not self.numbers["ready"] and progress < self.settings.warmup
        if self.warms_up and not (warm or self.numbers["ready"]):
            self.end_warm_up(pictures.device)
        seen, latents = self.player_inputs(pictures, index)
        figures = self.warm_up(seen) if warm else self.game(seen, latents, progress)
        self.numbers["steps"] += 1
        return figures

    def game(self, seen: torch.Tensor, latents: torch.Tensor | None, progress: float) -> dict[str, float]:
        """A step of the game, with `cover` where the pictures `seen` have latents; gradients are none yet."""
        raise NotImplementedError

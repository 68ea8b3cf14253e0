"""The head start: a game between nets that already know what drawings are made of.

What the package's encoder sees in the pictures of a set (`chonk.nets.pretrained`), in several variations of each, is
put on its principal components.  On those the players play, D beginning as the best linear auto-encoder and G as the
best linear map from latents that the training pictures were given (`uniform_latents`); the package's decoder, which
learns on, makes pictures of it.
"""

from __future__ import annotations

import torch
import torch.nn as nn

from chonk.dataset.picture_set import PictureSet
from chonk.learn.augment import AugmentSettings, augment
from chonk.learn.even import uniform_latents
from chonk.learn.losses import reconstruction_loss
from chonk.nets.autoencoder import FEATURES, STEP, Encoder
from chonk.nets.components import Generator

VARIATIONS, MAX_VARIED = 8, 4096
"""Of each picture, and of all pictures together."""
MAX_NUMBERS = 1 << 24
"""Features of all of them that are looked at together: 64 MiB."""
VARY = AugmentSettings(rotate=1.0, zoom=0.015, shift=0.0075)
"""Pictures are mirrored and hardly moved: what moves a picture fills components that could tell pictures apart."""
SHOWN, NOISE = 16, 0.1
"""Pictures from which the decoder learns at a time, and the noise on their features."""


class HeadStart(nn.Module):
    """The components of a set's pictures and their latents.  Raises ValueError for a side that is no multiple of 8."""

    values: torch.Tensor
    latents: torch.Tensor
    deviations: torch.Tensor
    mean: torch.Tensor
    directions: torch.Tensor
    inverse: torch.Tensor

    def __init__(self, pictures: PictureSet, encoder: Encoder, components: int, latent_dim: int) -> None:
        super().__init__()
        if pictures.size % STEP:
            raise ValueError(
                f"a head start needs pictures whose side is a multiple of {STEP}, not {pictures.size}: set start=noise"
            )
        limit = min(MAX_VARIED, MAX_NUMBERS // (FEATURES * (pictures.size // STEP) ** 2))
        kept = torch.arange(min(len(pictures), limit))
        rounds = max(1, min(VARIATIONS, limit // len(kept)))
        encoded = torch.stack(
            [encode(pictures, kept, encoder, round_) for round_ in range(rounds)]
        )  # rounds x N x features
        flat = encoded.flatten(0, 1)
        count = min(components, len(flat) - 1, flat.shape[1])
        mean = flat.mean(0)
        directions = (
            torch.linalg.svd(flat - mean, full_matrices=False).Vh[:count]
            if len(flat) <= 2 * count
            else (torch.svd_lowrank(flat - mean, q=count, niter=3)[2].T)
        )
        values = (flat - mean) @ directions.T
        scale = values.std(0).clamp(min=1e-4) ** 0.2  # the small ones a little louder
        values = values / scale
        whole = values.square().mean().sqrt()
        scale, values = scale * whole, values / whole
        self.latent_dim = min(latent_dim, count)
        self.register_buffer("values", values.view(rounds, len(kept), count))
        self.register_buffer("latents", uniform_latents(values[:, : self.latent_dim]).view(rounds, len(kept), -1))
        self.register_buffer("deviations", values.std(0).clamp(min=1e-4))
        self.register_buffer("mean", mean)
        self.register_buffer("directions", directions * scale[:, None])
        self.register_buffer("inverse", directions / scale[:, None])

    @property
    def components(self) -> int:
        return self.values.shape[2]

    def begin(self, generator: Generator) -> None:
        """Gives a fresh generator the basis, and the linear map from latents to components that fits best."""
        with torch.no_grad():
            basis = generator.basis
            basis.linear.weight.copy_(self.directions.T)
            basis.linear.bias.copy_(self.mean)
            fit = torch.linalg.lstsq(self.latents.flatten(0, 1), self.values.flatten(0, 1)).solution
            generator.net.linear.weight.copy_(fit.T)

    def draw(self, index: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Some variation of each of the pictures: components N x K, and their latents N x latent_dim."""
        rounds, kept = self.values.shape[:2]
        variation = torch.randint(rounds, (len(index),)).to(self.values.device)
        number = index.to(self.values.device) % kept
        return self.values[variation, number], self.latents[variation, number]

    def decoder_loss(
        self, pictures: torch.Tensor, encoder: Encoder, generator: Generator, redraw: nn.Module
    ) -> torch.Tensor:
        """How far the decoder's pictures are from real ones, drawn from their features and from what D made of them."""
        shown = augment(pictures[:SHOWN], VARY)
        with torch.no_grad():
            features = encoder(shown).float()
            components = (features.flatten(1) - self.mean) @ self.inverse.T
            redrawn = generator.basis(redraw(components).float())
        both = torch.cat([features, redrawn])
        both = both + NOISE * torch.randn(both.shape).to(both)
        return reconstruction_loss(generator.decoder(both).float(), torch.cat([shown, shown]))


@torch.no_grad()
def encode(pictures: PictureSet, index: torch.Tensor, encoder: Encoder, round_: int) -> torch.Tensor:
    """Features of one variation of each picture, N x (32 S/8 S/8); the same every time."""
    random = torch.Generator().manual_seed(round_)
    parts = (augment(pictures.normalized(part), VARY, random) for part in index.split(64))
    return torch.cat([encoder(part).flatten(1) for part in parts])

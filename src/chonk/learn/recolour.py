"""Recoloured pictures: what the harmonizer (`chonk.nets.harmonizer`) learns from.

A colour map turns all hues by one angle, makes all colours paler or stronger and all tones lighter or darker; what is
white or black stays so, and lines stay lines.  Each picture has a few maps of its own, always the same ones, so that a
training goes on as it began."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from chonk.learn import distributed

MAPS = 4
"""Colour maps of a picture."""
TURNED, STRONGEST, TONES = 2 * math.pi, 1.6, 0.5
"""Hues are turned by up to a whole circle; colours made up to so much stronger; tones y become y^exp(N(0, 0.5^2))."""
REGIONS = 3
"""Regions of a picture, each of a version drawn by chance."""
OWN = 0.7
"""Share of the pictures in which one region keeps its colours."""
GREY = torch.tensor([0.299, 0.587, 0.114])
"""What red, green and blue add to the tone (ITU-R BT.601)."""


def recolour(pictures: torch.Tensor, numbers: torch.Tensor, which: int) -> torch.Tensor:
    """The pictures (N x 3 or 4 x S x S, [-1, 1]) with these numbers in the set, each by its own map `which` (0 to MAPS
    - 1)."""

    def draw(number: int) -> torch.Tensor:
        random = torch.Generator().manual_seed(MAPS * number + which)
        return torch.cat([torch.rand(2, generator=random), torch.randn(1, generator=random)])

    turn, strength, tone = torch.stack([draw(number) for number in numbers.tolist()]).to(pictures).T
    colours, rest = (pictures[:, :3] + 1) / 2, pictures[:, 3:]
    tones = torch.einsum("nchw,c->nhw", colours, GREY.to(pictures))[:, None]
    cos, sin = torch.cos(TURNED * turn)[:, None, None], torch.sin(TURNED * turn)[:, None, None]
    # Rodrigues' rotation about the axis of greys, (1, 1, 1) / sqrt 3.
    across = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]).to(pictures) / 3**0.5
    turned = STRONGEST * strength[:, None, None] * (cos * torch.eye(3).to(pictures) + sin * across + (1 - cos) / 3)
    mapped = tones ** torch.exp(TONES * tone)[:, None, None, None] + torch.einsum(
        "nij,njhw->nihw", turned, colours - tones
    )
    return torch.cat([mapped.clamp(0, 1) * 2 - 1, rest], 1)


def patched(versions: torch.Tensor, keep_colours: float) -> torch.Tensor:
    """Features of pictures as they are (version 0) and recoloured, V x N x D x S x S -> N x D x S x S, each picture in
    regions of smooth outline, each of one version.  A share of `keep_colours` stays as it is."""
    count, side = versions.shape[1], versions.shape[-1]
    choice = (distributed.rand(count, REGIONS) * len(versions)).long()
    choice[:, 0] *= (distributed.rand(count) >= OWN).long()
    choice *= (distributed.rand(count, 1) >= keep_colours).long()
    field = F.interpolate(
        distributed.randn(count, REGIONS, 4, 4), size=(side, side), mode="bicubic"
    ) + 0.7 * distributed.randn(count, REGIONS, 1, 1)
    chosen = choice.gather(1, field.argmax(1).flatten(1)).view(1, count, 1, side, side).to(versions.device)
    return versions.take_along_dim(chosen, 0)[0]


def random_mask(features: torch.Tensor) -> torch.Tensor:
    """Some of the places of N x D x S x S features, each seen with a chance of 0.4 to 1 that the whole picture shares:
    N x 1 x S x S, 1 or 0."""
    return (
        distributed.rand(len(features), 1, *features.shape[2:]) < 0.4 + 0.6 * distributed.rand(len(features), 1, 1, 1)
    ).to(features)


def masked_mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """The mean over the places that are seen, N x D x S x S -> N x D x 1 x 1.  A palette must do without the rest."""
    return (values * mask).sum((2, 3), keepdim=True) / mask.sum((2, 3), keepdim=True).clamp(min=1)

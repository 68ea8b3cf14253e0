"""Which stickers are hidden: those of many that differ most, so that nobody need guess which of two twins is meant."""

from __future__ import annotations

import numpy as np
from PIL import Image

SIDE = 12
"""Of the thumbnails that are compared: outline, colours and their places, no details that a phone would miss."""
ODD = 0.1
"""Share of the candidates that is left out as unlike all others: of generated pictures the broken ones are among
them."""


ALIKE = 0.15
"""Distance below which two pictures are the same to somebody in a hurry."""


def descriptors(pictures: list[Image.Image]) -> np.ndarray:
    """Numbers for each picture whose differences are those that strike the eye: a small picture on grey, and how
    much there is of every colour.  N x D."""
    rows = []
    for picture in pictures:
        ground = Image.new("RGBA", picture.size, (200, 200, 200, 255))
        ground.alpha_composite(picture.convert("RGBA"))
        small = np.asarray(ground.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX), np.float32) / 255
        coarse = np.floor(np.asarray(ground.convert("RGB").resize((32, 32), Image.Resampling.BOX)) / 64).astype(int)
        shares = np.bincount((coarse @ (16, 4, 1)).ravel(), minlength=64) / coarse[..., 0].size
        rows.append(np.concatenate([small.ravel() / SIDE, np.sqrt(shares)]))
    return np.stack(rows)


def different(pictures: list[Image.Image], count: int) -> list[int]:
    """The numbers of `count` pictures, each the farthest from those before it; fewer where all others are like one
    of them.

    The first is the most usual one.  The first ten of thirty are the same as ten."""
    found = descriptors(pictures)
    away = np.linalg.norm(found[:, None] - found[None], axis=2)
    nearest = np.sort(away, 1)[:, 1:6].mean(1)
    usual = np.argsort(nearest, kind="stable")[: round(len(pictures) * (1 - ODD))]
    chosen = [int(usual[np.argmin(away[np.ix_(usual, usual)].sum(1))])]
    while len(chosen) < count:
        nearest_chosen = away[np.ix_(usual, np.array(chosen))].min(1)
        if nearest_chosen.max() < ALIKE:
            break
        chosen.append(int(usual[np.argmax(nearest_chosen)]))
    return chosen

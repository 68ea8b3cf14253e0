"""Which stickers of a run are hidden in Sticker Hunt: the printed sheet and the page must agree on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from chonk.dataset.different import different
from chonk.dataset.training_set import training_pictures
from chonk.errors import UserError
from chonk.model import Model, load
from chonk.paths import model_folder
from chonk.pixels import as_pictures

CANDIDATES, SEED = 300, 5
"""Generated pictures of which the most different ones are taken, and their seed."""
MIN_HIDDEN = 2
"""Fewer are no hunt."""
OTHERS = 60
"""Pictures that are not hidden, for the recognizer to tell them from those that are."""


@dataclass(frozen=True)
class Hidden:
    """The hidden stickers, the most different ones first, and others like them that are none."""

    stickers: list[Image.Image]
    others: list[Image.Image]


def hidden(run: Path, count: int, of_set: bool) -> Hidden:
    """The stickers of a run: generated ones, or `of_set` its training pictures.  The first ten of thirty are the
    same as ten.

    Fewer than `count` where there are not so many different ones.  Raises UserError for a count out of range, for a
    run that is none, for training pictures that are gone, and where all pictures are alike."""
    candidates = _of_set(run) if of_set else _generated(load(run))
    chosen = different(candidates, count)
    if len(chosen) < MIN_HIDDEN:
        raise UserError(f"{run}: its pictures are too much alike for a hunt")
    rest = [number for number in range(len(candidates)) if number not in set(chosen)]
    return Hidden(
        [candidates[i] for i in chosen], [candidates[i] for i in rest[:: max(1, len(rest) // OTHERS)][:OTHERS]]
    )


def _generated(model: Model) -> list[Image.Image]:
    return list(model.sample(CANDIDATES, SEED))


def _of_set(run: Path) -> list[Image.Image]:
    folder = model_folder(run)
    training = training_pictures(folder.parent if folder.name == "model" else folder)
    if training is None:
        raise UserError(f"{run}: the pictures it was trained on are gone or changed; hide generated ones instead")
    return as_pictures(training[0].some(1000).numpy() / 127.5 - 1)

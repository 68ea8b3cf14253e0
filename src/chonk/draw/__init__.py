"""`chonk draw`: pictures out of a trained model.  A new thing to draw is its settings, one function and one line in
DRAWERS."""

from __future__ import annotations

import json
import re
from pathlib import Path

from chonk import settings
from chonk.draw import moving, sheets, single
from chonk.draw.linked import linked
from chonk.draw.place import LISTING, Job, place, staged
from chonk.errors import UserError

DRAWERS = {
    settings.Samples: single.samples,
    settings.Stickers: single.stickers,
    settings.Grid: sheets.grid,
    settings.Corners: sheets.corners,
    settings.Arithmetic: sheets.arithmetic,
    settings.Walk: moving.walk,
    settings.Film: moving.film,
}
"""Everything that can be drawn, by its settings.  Each function writes its files into the folder of the Job it is
given."""


def draw(wish: settings.Draw) -> list[Path]:
    """Draws what is wished for and returns the files.  Nothing half-written is left behind, whatever happens.

    Raises UserError for a run that is none and for settings out of range."""
    ground = colour(wish.background)
    if not 1 <= wish.scale <= 64:
        raise UserError(f"--scale {wish.scale}: choose 1 to 64")
    target = place(wish)
    if not wish.run:
        raise UserError(f"which model? Name its folder: chonk draw RUN {'--link ...' if wish.link else target.what}")
    drawer = linked if wish.link else DRAWERS[type(wish.what)]
    with staged(target) as folder:
        drawer(Job(wish, ground, folder, target.names))
        names = sorted(file.name for file in folder.iterdir() if file.name != LISTING)
    files = [target.folder / name for name in names]
    print(
        json.dumps({"files": [str(file) for file in files]})
        if wish.json
        else f"drawn: {files[0]}" + (f" to {names[-1]}" if len(names) > 1 else "")
    )
    return files


def colour(text: str | None) -> tuple[int, int, int] | None:
    """#rrggbb as three bytes; None stays None."""
    if text is None:
        return None
    if not re.fullmatch("#[0-9a-fA-F]{6}", text):
        raise UserError(f"--background {text}: a colour is written #rrggbb, for example #ffe0f0")
    return tuple(bytes.fromhex(text[1:]))

"""`chonk draw`: pictures out of a trained model.  A new thing to draw is its settings, one function and one line in
DRAWERS."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chonk import settings
from chonk.draw import hunt, moving, packs, sheets, single
from chonk.draw.linked import linked
from chonk.draw.place import LISTING, Job, place, staged
from chonk.errors import UserError
from chonk.files import rgb

DRAWERS: dict[type, Callable[[Job, Any], None]] = {
    settings.Samples: single.samples,
    settings.Stickers: single.stickers,
    settings.Grid: sheets.grid,
    settings.Corners: sheets.corners,
    settings.Arithmetic: sheets.arithmetic,
    settings.Walk: moving.walk,
    settings.Film: moving.film,
    settings.Pack: packs.pack,
    settings.Hunt: hunt.hunt,
}
"""Everything that can be drawn, by its own settings.  Each function gets the Job and those, and writes its files into
the folder of the Job."""


def draw(wish: settings.Draw) -> list[Path]:
    """Draws what is wished for and returns the files.  Nothing half-written is left behind, whatever happens.

    Raises UserError for a run that is none and for settings out of range."""
    ground = None if wish.background is None else rgb(wish.background)
    if wish.size and wish.scale > 1:
        raise UserError("--size gives finished pictures and --scale the model's own pixels; leave out one of them")
    target = place(wish)
    if not wish.run:
        raise UserError(f"which model? Name its folder: chonk draw RUN {'--link ...' if wish.link else target.what}")
    with staged(target) as folder:
        job = Job(wish, wish.run, ground, folder, target.names)
        if wish.link:
            linked(job)
        else:
            DRAWERS[type(wish.what)](job, wish.what)
        names = sorted(file.name for file in folder.iterdir() if file.name != LISTING)
    files = [target.folder / name for name in names]
    print(
        json.dumps({"files": [str(file) for file in files]})
        if wish.json
        else f"drawn: {files[0]}" + (f" to {names[-1]}" if len(names) > 1 else "")
    )
    return files

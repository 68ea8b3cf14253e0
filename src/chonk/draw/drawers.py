"""What can be drawn.  A new thing to draw is its settings, one function and one line in DRAWERS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chonk import settings
from chonk.draw import hunt, moving, packs, sheets, single
from chonk.draw.place import Job

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

"""What each app takes as a pack of stickers: apps.json, which the page reads too."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Limits:
    """Of one file."""

    ending: str
    width: int
    height: int
    max_bytes: int
    """The file has fewer.  Kilobytes are 1,000 bytes here, so what fits does so where they are 1,024 too."""
    max_frames: int = 1
    max_seconds: float = 0.0
    """How long it may move; 0 where it does not."""
    loops: int = 0
    """How many times it plays; 0 for ever."""


@dataclass(frozen=True)
class App:
    """Stickers of one kind, still or moving, for one app."""

    sticker: Limits
    counts: range
    """How many stickers a pack may have."""
    covers: tuple[tuple[str, Limits], ...] = ()
    """Further pictures of the pack, made of its first sticker: name without ending, limits."""
    margin: int = 0
    """Transparent pixels around what is drawn."""
    stroke: int = 0
    """Width of the white line around it, in pixels."""
    archive: str = ""
    """Ending of the one file in which the app wants them all."""


def _app(entry: dict) -> App:
    minimum, maximum, step = entry["counts"]
    covers = tuple((name, Limits(**limits)) for name, limits in entry.get("covers", ()))
    return App(
        **entry | {"sticker": Limits(**entry["sticker"]), "counts": range(minimum, maximum + 1, step), "covers": covers}
    )


STILL, MOVING = (
    {name: _app(entry) for name, entry in kind.items()}
    for kind in json.loads(Path(__file__).with_name("apps.json").read_text(encoding="utf-8")).values()
)
"""By the app's name; stickers that move are animated WebP, animated PNG or WebM."""

SIDES = {"imessage": (300, 408, 618)}
"""Apps that take several sizes."""

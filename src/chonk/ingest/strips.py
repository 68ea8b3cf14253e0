"""Strips that are the same on all pictures of a set: the bars of screenshots, a painted frame, a line of text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

MAX_FILES = 64
"""Pictures that are compared, evenly chosen."""
MIN_FILES = 6
SAME = 8
"""Levels by which most pictures may differ from the usual one where they are the same."""
OTHER = 24
"""Levels from which on a strip is something else than the ground."""
NEARLY_ALL = 0.97
"""Share of the picture above which the pictures are no set but one picture."""
SIDES = ("top", "bottom", "left", "right")


def same_strips(files: list[Path]) -> list[str]:
    """At which sides opaque pictures of one size show the same, which is not just their ground: some of SIDES.

    files: finished pictures; fewer than six that are opaque say nothing."""
    stack = []
    for file in files[:: max(1, len(files) // MAX_FILES)]:
        with Image.open(file) as picture:
            if picture.mode == "RGB":
                stack.append(
                    np.asarray(picture.resize((64, 64), Image.Resampling.BOX) if picture.width > 64 else picture)
                )
    if len(stack) < MIN_FILES:
        return []
    pictures = np.stack(stack).astype(np.int16)
    usual = np.median(pictures, axis=0)
    fixed = (np.abs(pictures - usual).max(3) <= SAME).mean(0) >= 0.8
    if not 0 < fixed.mean() <= NEARLY_ALL:
        return []
    inner = np.median(usual[fixed], axis=0)
    other = fixed & (np.abs(usual - inner).max(2) > OTHER)
    return [
        side for side, turns in zip(SIDES, (0, 2, 3, 1)) if _is_strip(np.rot90(fixed, turns), np.rot90(other, turns))
    ]


def _is_strip(fixed: np.ndarray, other: np.ndarray) -> bool:
    """Whether the first rows are a strip: the same on all, at least two of them, with something on them."""
    same = fixed.mean(1) >= 0.95
    rows = len(same) if same.all() else int(np.argmin(same))
    return 2 <= rows < len(same) / 2 and bool(other[:rows].mean() > 0.1)

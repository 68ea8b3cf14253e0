"""What is on a picture and does not belong to it: stray specks far from the drawing, bars of one colour along two
sides."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

SPECK, SPECKS = 0.01, 0.025
"""Shares of what is drawn that a stray speck, as a letter of a signature, and all of them together may have ..."""
FEW_PIXELS = 16
"""... each of them so many pixels at least."""
THIN = 0.01
"""Share of the picture's side, two pixels at least, up to which something along its very edge is a line that an export
left."""
FAR = 0.25
"""How far from everything else a speck is stray, in sides of what else is drawn."""
EVEN = 20
"""Levels within which a bar is of one colour (compression included)."""
SMALLEST = 64
"""Side in pixels of a picture that is looked at for bars; on a sprite, two rows of one colour are drawn."""
SOFT = 3
"""Rows beside a bar into which compression and scaling may have blurred it."""
MIN_BAR, MIN_REST = 0.02, 0.3
"""Width of a bar, and of what must lie between two, as shares of the picture's side."""


def stray_specks(drawn: np.ndarray) -> np.ndarray | None:
    """Which pixels of a mask of what is drawn (H x W) are specks far from all the rest, as a mask; None where there
    are none.

    A forgotten dot in a corner, a signature or a line along the edge would make the box of the drawing as large as the
    canvas. Sparks near the drawing stay."""
    labels, count = ndimage.label(drawn, np.ones((3, 3), bool))
    if count < 2:
        return None
    areas = np.bincount(labels.ravel())
    areas[0] = 0
    boxes = ndimage.find_objects(labels)
    thin = max(2, THIN * max(drawn.shape))
    lines = np.array([False, *(_is_edge_line(box, drawn.shape, thin) for box in boxes)])
    total = int(areas[~lines].sum())
    small = (areas <= max(SPECK * total, min(FEW_PIXELS, SPECKS * total))) | lines
    main = [boxes[n - 1] for n in range(1, count + 1) if not small[n]]
    if not main:
        return None
    top, left = (min(box[axis].start for box in main) for axis in (0, 1))
    bottom, right = (max(box[axis].stop for box in main) for axis in (0, 1))
    far = FAR * max(bottom - top, right - left)

    def is_stray(number: int) -> bool:
        rows, columns = boxes[number - 1]
        return max(top - rows.stop, rows.start - bottom, left - columns.stop, columns.start - right) > far

    stray = np.zeros(count + 1, bool)
    stray[[n for n in range(1, count + 1) if small[n] and is_stray(n)]] = True
    if areas[stray & ~lines].sum() > SPECKS * total:
        stray &= lines
    return stray[labels] if stray.any() else None


def _is_edge_line(box: tuple[slice, slice], sides: tuple[int, ...], thin: float) -> bool:
    """Whether something is no more than a line along an edge of the picture, as long as half of it."""
    for axis in (0, 1):
        along, across = box[axis], box[1 - axis]
        at_edge = along.start == 0 or along.stop == sides[axis]
        if at_edge and along.stop - along.start <= thin and across.stop - across.start >= sides[1 - axis] / 2:
            return True
    return False


def without_bars(pixels: np.ndarray) -> tuple[int, int, int, int] | None:
    """The box between two bars of one colour at the left and right, at the top and bottom, or both; None where there
    are none.

    A bar runs along a whole side, as between a film and the edge of a screen, and ends sharply. pixels: H x W x 4
    bytes, opaque."""
    height, width = pixels.shape[:2]
    if min(height, width) < SMALLEST:
        return None
    rgb = pixels[..., :3].astype(np.int16)
    border = np.concatenate([rgb[0], rgb[-1], rgb[:, 0], rgb[:, -1]])
    if (np.abs(border - np.median(border, axis=0)).max(1) <= EVEN).mean() > 0.98:
        return None  # the same on all four sides is its ground
    top, bottom = _pair(rgb)
    left, right = _pair(rgb[top : height - bottom].swapaxes(0, 1))
    if not (left or right or top or bottom):
        return None
    return left, top, width - right, height - bottom


def _pair(rows: np.ndarray) -> tuple[int, int]:
    """How many rows at the start and at the end are bars of one and the same colour. rows: H x W x 3; (0, 0) where
    not both are."""
    colour = np.median(rows[0], axis=0)
    if (np.abs(rows[[0, -1]] - colour).max(2) <= EVEN).mean() < 0.98:
        return 0, 0
    flat = (np.abs(rows - colour).max(2) <= EVEN).mean(1) >= 0.99
    if flat.all():
        return 0, 0
    first, last = int(np.argmin(flat)), int(np.argmin(flat[::-1]))
    least = max(2, MIN_BAR * len(rows))
    if min(first, last) < least or len(rows) - first - last < MIN_REST * len(rows):
        return 0, 0
    first, last = first + _soft(rows[first:]), last + _soft(rows[::-1][last:])
    inside = rows[first], rows[-last - 1]
    sharp = all((np.abs(row - colour).max(1) > 2 * EVEN).mean() >= 0.5 for row in inside)
    return (first, last) if sharp else (0, 0)


def _soft(rows: np.ndarray) -> int:
    """How many rows next to a bar are still a mixture of it and the picture: at most SOFT."""
    return next((n for n in range(SOFT) if np.abs(rows[n] - rows[SOFT]).mean() <= EVEN / 4), SOFT)

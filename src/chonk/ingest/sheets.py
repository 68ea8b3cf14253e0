"""A sheet of many figures is told from one picture: it falls into rows and columns with empty lanes between them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

Box = tuple[int, int, int, int]
EVEN = 0.35
"""Standard deviation over mean of the cells' sides up to which they are of one size."""
PITCH = 0.05
"""The same of the distances between figures in a single row."""
FULL = 0.75
"""Share of the cells that must hold something."""


def figures(drawn: np.ndarray) -> list[Box]:
    """The cells (left, top, right, bottom) of the figures on a sheet, row by row; empty where this is one picture.

    drawn: mask of what is drawn, H x W. A sheet has at least two rows and two columns, or four figures in one row or
    column."""
    rows, columns = (_runs(np.any(drawn, axis=axis)) for axis in (1, 0))
    if not ((len(rows) >= 2 and len(columns) >= 2) or max(len(rows), len(columns)) >= 4):
        return []
    for runs in (rows, columns):
        sides = np.array([stop - start for start, stop in runs])
        if sides.std() > EVEN * sides.mean():
            return []
    if min(len(rows), len(columns)) == 1:  # letters of a word are not as evenly spaced as the steps of an animation
        middles = np.diff([(start + stop) / 2 for start, stop in max(rows, columns, key=len)])
        if middles.std() > PITCH * middles.mean():
            return []
    wide, high = (np.mean([stop - start for start, stop in runs]) for runs in (columns, rows))
    if not 0.4 <= wide / high <= 2.5 or min(wide, high) < 8:
        return []
    across, along = _lines(columns, drawn.shape[1]), _lines(rows, drawn.shape[0])
    cells = [(left, top, right, bottom) for top, bottom in pairwise(along) for left, right in pairwise(across)]
    found = [cell for cell in cells if drawn[cell[1] : cell[3], cell[0] : cell[2]].any()]
    return found if len(found) >= max(4, FULL * len(cells)) else []


def _runs(some: np.ndarray) -> list[tuple[int, int]]:
    """The runs of true values, as (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], some, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def _lines(runs: list[tuple[int, int]], side: int) -> list[int]:
    """Where the cells around some runs begin and end: evenly where that cuts no run, else halfway between the runs."""
    even = [round(side * n / len(runs)) for n in range(len(runs) + 1)]
    if all(start >= left and stop <= right for (start, stop), left, right in zip(runs, even[:-1], even[1:])):
        return even
    return [0, *((stop + start) // 2 for (_, stop), (start, _) in pairwise(runs)), side]

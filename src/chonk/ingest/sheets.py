"""How a sheet of many figures is recognized: it falls into rows and columns, with empty lanes or sharp seams
between them."""

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
LABEL = 0.5
"""Height of a line of text as a share of the figures', up to which it is their label and no row of its own."""
RULE, THIN = 0.97, 0.02
"""Share of its length that a ruled line covers, and its greatest width as a share of the sheet's side."""
SEAM, STEP = 0.6, 16
"""Share of its length along which the two sides of a seam differ, and by how many levels."""
MAX_SEAMS, SMALLEST = 24, 16
"""Pictures side by side, and their least side in pixels."""


def figures(drawn: np.ndarray) -> list[Box]:
    """The cells (left, top, right, bottom) of the figures on a sheet, row by row; empty where this is one picture.

    drawn: mask of what is drawn, H x W. A sheet has at least two rows and two columns, or four figures in one row or
    column."""
    plain = drawn & _without_rules(drawn) & _without_rules(drawn.T).T
    is_ruled, drawn = bool((plain != drawn).any()), plain
    all_runs = [_runs(np.any(drawn, axis=axis)) for axis in (1, 0)]
    rows, columns = ([run for run in runs if run[1] - run[0] > LABEL * _longest(runs)] for runs in all_runs)
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
    along, across = rows, columns
    if not is_ruled:
        along, across = _spans(rows, all_runs[0], drawn.shape[0]), _spans(columns, all_runs[1], drawn.shape[1])
    cells = [(left, top, right, bottom) for top, bottom in along for left, right in across]
    found = [cell for cell in cells if drawn[cell[1] : cell[3], cell[0] : cell[2]].any()]
    return found if len(found) >= max(4, FULL * len(cells)) else []


def tiles(pixels: np.ndarray) -> list[Box]:
    """The pictures of a sheet on which each has its own ground and touches the next; empty where this is one picture.

    pixels: H x W x 4 bytes."""
    sides = pixels.shape[:2]
    counts = []
    for part in (pixels.swapaxes(0, 1), pixels):
        some = part[:: max(1, len(part) // 256), :, :3].astype(np.int16)
        counts.append(_even_seams((np.abs(np.diff(some, axis=1)).max(2) > STEP).mean(0)))
    if min(counts) < 2 or not 0.4 <= (sides[1] / counts[1]) / (sides[0] / counts[0]) <= 2.5:
        return []
    along, across = ([round(side * n / count) for n in range(count + 1)] for side, count in zip(sides, counts))
    cells = [(left, top, right, bottom) for top, bottom in pairwise(along) for left, right in pairwise(across)]
    busy = [
        pixels[top:bottom, left:right, :3][2:-2, 2:-2].std((0, 1)).max() > STEP / 2
        for left, top, right, bottom in cells
    ]
    return [_without_frame(pixels, cell) for cell in cells] if np.mean(busy) >= FULL else []


def _without_frame(pixels: np.ndarray, cell: Box) -> Box:
    """A cell without the ruled lines along its sides."""
    left, top, right, bottom = cell
    part = pixels[top:bottom, left:right, :3].astype(np.int16)
    low, high = zip(*(_frame(rows) for rows in (part, part.swapaxes(0, 1))))
    return left + low[1], top + low[0], right - high[1], bottom - high[0]


def _frame(rows: np.ndarray) -> tuple[int, int]:
    """How many rows at the start and at the end are a line: of one colour, another one than what follows."""
    reach = max(2, round(THIN * len(rows)))

    def width(rows: np.ndarray) -> int:
        flat = rows[: reach + 1].std(1).max(1) < STEP / 2
        other = np.abs(rows[:reach].mean(1) - rows[reach].mean(0)).max(1) > STEP
        lines = flat[:reach] & other
        return reach if lines.all() else int(np.argmin(lines))

    return width(rows), width(rows[::-1])


def _even_seams(steps: np.ndarray) -> int:
    """Into how many even parts seams divide a side, 1 where there are none. steps: for every two neighbouring lines,
    the share of their length along which they differ."""
    side = len(steps) + 1
    for count in range(min(MAX_SEAMS, side // SMALLEST), 1, -1):
        at = np.rint(np.arange(1, count) * side / count).astype(int) - 1
        if (np.maximum(np.maximum(steps[at - 1], steps[at]), steps[at + 1]) >= SEAM).all():
            return count
    return 1


def _without_rules(drawn: np.ndarray) -> np.ndarray:
    """A mask without the thin rows that are drawn from edge to edge: the lines of a ruled sheet."""
    full = drawn.mean(1) >= RULE
    rules = [run for run in _runs(full) if run[1] - run[0] <= max(2, THIN * len(drawn))]
    out = drawn.copy()
    for start, stop in rules:
        out[start:stop] = False
    return out


def _longest(runs: list[tuple[int, int]]) -> int:
    return max((stop - start for start, stop in runs), default=0)


def _runs(some: np.ndarray) -> list[tuple[int, int]]:
    """The runs of true values, as (start, stop)."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], some, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist()))


def _spans(runs: list[tuple[int, int]], all_runs: list[tuple[int, int]], side: int) -> list[tuple[int, int]]:
    """Where the cells around some runs begin and end: evenly where that cuts no run, else halfway to the next run.
    all_runs: also those of labels, which are left out."""
    even = [round(side * n / len(runs)) for n in range(len(runs) + 1)]
    fits = all(start >= left and stop <= right for (start, stop), left, right in zip(runs, even[:-1], even[1:]))
    if fits and runs == all_runs:
        return list(pairwise(even))
    lines = [0, *((stop + start) // 2 for (_, stop), (start, _) in pairwise(all_runs)), side]
    return [(lines[n], lines[n + 1]) for n, run in enumerate(all_runs) if run in runs]

"""Pixel art: recognised by its grid, and scaled by whole factors without blur."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

MAX_COLOURS = 64
MAX_ALPHAS = 4
"""Levels of transparency that a sprite may use, for a shadow or glass; the soft edge of a small drawing has more."""
MAX_CELLS = 256
"""Drawn pixels along the longer side beyond which a picture is no pixel art."""
MIN_LOSSY = 6
"""Width of a drawn pixel, from which on lossy compression leaves enough of its middle."""
STEP = 24
"""Levels between neighbours from which on they are an edge, not noise."""


@dataclass(frozen=True)
class Sprite:
    """A picture as it was drawn, one pixel for each drawn pixel."""

    pixels: np.ndarray
    """H x W x 4 bytes."""
    cell: float
    """The width of a drawn pixel in the file."""
    origin: tuple[float, float] = (0.0, 0.0)
    """Where the grid begins, x and y, in pixels of the file."""

    def box(self, box: tuple[int, int, int, int]) -> tuple[int, int, int, int]:
        """A box of the file in drawn pixels, those that it cuts included."""
        left, top, right, bottom = ((side - self.origin[n % 2]) / self.cell for n, side in enumerate(box))
        return (
            math.floor(left + 0.1),
            math.floor(top + 0.1),
            math.ceil(right - 0.1),
            math.ceil(bottom - 0.1),
        )


def find_sprite(pixels: np.ndarray, box: tuple[int, int, int, int]) -> Sprite | None:
    """The sprite that a picture shows, or None where it is no pixel art. pixels: H x W x 4 bytes; box: what is drawn
    on it.

    A small picture of few colours is a sprite at its own size; a large one is one if it is made of even blocks:
    exactly, or up to the noise of lossy compression."""
    if cell := _exact_cell(pixels):
        return Sprite(pixels[cell // 2 :: cell, cell // 2 :: cell], cell)
    if max(pixels.shape[:2]) < 8 * MIN_LOSSY:
        return None
    height, width = pixels.shape[:2]
    return _lossy(pixels, (0, 0, width, height)) or _lossy(pixels, box)


def _exact_cell(pixels: np.ndarray) -> int:
    """k where the picture is made of flat k x k blocks, 1 for a small sprite at its own size, 0 where it is neither."""
    codes = _codes(pixels[:: max(1, len(pixels) // 64)])
    if len(np.unique(codes)) > 4 * MAX_COLOURS:
        return 0
    codes = _codes(pixels)
    across = np.flatnonzero((codes[:, 1:] != codes[:, :-1]).any(0)) + 1
    along = np.flatnonzero((codes[1:] != codes[:-1]).any(1)) + 1
    if len(across) < 4 or len(along) < 4:
        return 0
    k = int(np.gcd.reduce(np.concatenate([np.diff(across), np.diff(along)])))
    if k > 1:
        return k if max(pixels.shape[:2]) / k <= MAX_CELLS and across[0] % k == along[0] % k == 0 else 0
    alphas = np.unique(pixels[..., 3])
    hard = len(alphas) <= MAX_ALPHAS or np.isin(pixels[..., 3], (0, 255)).mean() > 0.98
    return int(hard and max(pixels.shape[:2]) <= 96 and len(np.unique(codes)) <= MAX_COLOURS)


def common_grid(pictures: np.ndarray) -> int:
    """The width of one drawn pixel of a set of pixel art, 0 for anything else: what nine in ten of the pictures have.

    pictures: N x H x W x 3 or 4 bytes."""
    opaque = np.full((*pictures.shape[1:3], 4 - pictures.shape[3]), 255, np.uint8)
    grids = np.array([_exact_cell(np.concatenate([picture, opaque], 2)) for picture in pictures])
    found = grids[grids > 0]
    return int(np.bincount(found).argmax()) if len(found) and len(found) >= 0.9 * len(grids) else 0


def _codes(pixels: np.ndarray) -> np.ndarray:
    """One number for each pixel's colour, 0 where it is invisible.  H x W x 4 -> H x W."""
    codes = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    return np.where(pixels[..., 3] > 0, codes, 0)


def _lossy(pixels: np.ndarray, box: tuple[int, int, int, int]) -> Sprite | None:
    """The sprite under a grid of even cells that fills the box, cells as large as possible: all strong edges lie on
    its lines, and the cells' own colours give the picture back."""
    left, top, right, bottom = box
    part = pixels[top:bottom, left:right].astype(np.int16)
    part[part[..., 3] < 128] = 0
    height, width = part.shape[:2]
    across = _edges(part)
    along = _edges(part.swapaxes(0, 1))
    if not (across.any() and along.any()):
        return None
    for columns in range(6, int(width / MIN_LOSSY) + 1):
        cell = width / columns
        rows = round(height / cell)
        if rows < 6 or abs(rows * cell - height) > 1.5 or not (_on_lines(across, columns) and _on_lines(along, rows)):
            continue
        cells = _middles(part, rows, columns)
        if _gives_back(part, cells):
            whole = (
                (round(top / cell), round(left / cell)),
                (round((len(pixels) - bottom) / cell), round((pixels.shape[1] - right) / cell)),
            )
            return Sprite(
                np.pad(cells, ((whole[0][0], whole[1][0]), (whole[0][1], whole[1][1]), (0, 0))),
                cell,
                (left - whole[0][1] * cell, top - whole[0][0] * cell),
            )
    return None


def _edges(part: np.ndarray) -> np.ndarray:
    """How many strong edges lie between every two columns: W - 1 numbers.  Some rows tell as much as all."""
    some = part[:: max(1, len(part) // 96)]
    return (np.abs(np.diff(some, axis=1)).max(2) > STEP).sum(0)


def _on_lines(edges: np.ndarray, cells: int) -> bool:
    """Whether nearly all edges lie on the lines between so many cells, or beside: colours at half the resolution
    bleed by two pixels."""
    width = len(edges) + 1
    lines = np.rint(np.arange(1, cells) * width / cells).astype(int) - 1
    near = np.zeros(width + 1, bool)
    reach = 2 if width >= 9 * cells else 1
    for aside in range(-reach, reach + 1):
        near[np.clip(lines + aside, 0, width)] = True
    return bool(edges[near[: width - 1]].sum() >= 0.93 * edges.sum())


def _middles(part: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """The colour of every cell: the median of nine places around its middle.  rows x columns x 4 bytes."""
    high, wide = (side / count for side, count in zip(part.shape[:2], (rows, columns)))
    places = [
        ((np.arange(count)[:, None] + np.array([0.35, 0.5, 0.65])) * side).astype(int)
        for count, side in ((rows, high), (columns, wide))
    ]
    nine = part[places[0]][:, :, places[1]]  # rows x 3 x columns x 3 x 4
    cells = np.median(nine.transpose(0, 2, 1, 3, 4).reshape(rows, columns, 9, 4), axis=2).astype(np.uint8)
    solid = cells[..., 3] >= 128
    cells[..., 3] = np.where(solid, np.where(cells[..., 3] > 240, 255, cells[..., 3]), 0)
    cells[~solid] = 0
    return cells


def _gives_back(part: np.ndarray, cells: np.ndarray) -> bool:
    """Whether a picture is its cells, enlarged, up to compression noise; the lines between the cells are not looked
    at."""
    inner = []
    for axis in (0, 1):
        place = np.arange(part.shape[axis]) * cells.shape[axis] / part.shape[axis]
        off = np.abs(place - np.floor(place) - 0.5)
        inner.append((np.flatnonzero(off < 0.3), np.floor(place).astype(int)))
    (rows, of_row), (columns, of_column) = inner
    one = part[rows][:, columns]
    other = cells[of_row[rows]][:, of_column[columns]].astype(np.int16)
    return bool((np.abs(one - other).max(2) <= 2 * STEP).mean() >= 0.985)


def enlarge(pixels: np.ndarray, size: int, fill: tuple[int, int, int, int] | None) -> np.ndarray | None:
    """A square sprite of at most `size` pixels, enlarged by the greatest whole factor that fits, on `fill` or, where
    that is None, on its own edge carried outwards; None where it is larger than that.

    It lies in the middle as far as whole drawn pixels allow: their grid begins in the corner, and `common_grid` finds
    it again."""
    side = pixels.shape[0]
    if side > size:
        return None
    factor = size // side
    large = pixels.repeat(factor, 0).repeat(factor, 1)
    before = (size - len(large)) // 2 // factor * factor
    widths = ((before, size - len(large) - before),) * 2 + ((0, 0),)
    out = np.pad(large, widths, mode="edge")
    if fill is not None:
        around = np.ones((size, size), bool)
        around[before : before + len(large), before : before + len(large)] = False
        out[around] = fill
    return out

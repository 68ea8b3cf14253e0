"""Which of many pictures make a pack: those that are whole, and differ from each other."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import label

CELLS = 12
"""Cells across a thumbnail."""


def choose(values: np.ndarray, score: np.ndarray, count: int) -> list[int]:
    """Of N pictures, N x C x S x S in [-1, 1], the numbers of `count` of them, in the order in which they were taken.

    The half of which there is least to say against (their rejection score, `score`, and pieces that hang on nothing),
    but at least `count`, is what may be taken; the first one is the best of it, and each further one the most different
    from all that were taken before."""
    against = score / max(1e-6, score.max()) + np.array([1 - _in_one_piece(picture) for picture in values])
    kth = np.sort(against)[max(count, len(values) // 2) - 1 : max(count, len(values) // 2)]
    able = np.flatnonzero(against <= (kth[0] if len(kth) else np.inf))  # and whoever is as good as the last of these
    able = able[np.argsort(against[able], kind="stable")]
    thumbnails = np.stack([thumbnail(values[i]) for i in able])
    taken, far = [0], np.full(len(able), np.inf)
    while len(taken) < min(count, len(able)):
        far = np.minimum(far, np.linalg.norm(thumbnails - thumbnails[taken[-1]], axis=1))
        far[taken] = -1
        taken.append(int(far.argmax()))
    return [int(able[i]) for i in taken]


def most_alike(values: np.ndarray) -> np.ndarray:
    """For each of N pictures, two or more, the number of the other one that it is most like."""
    thumbnails = np.stack([thumbnail(picture) for picture in values])
    far = np.linalg.norm(thumbnails[:, None] - thumbnails, axis=2)
    np.fill_diagonal(far, np.inf)
    return far.argmin(1)


def _in_one_piece(picture: np.ndarray) -> float:
    """Share of what is drawn that its largest piece has: C x S x S -> 0 to 1.  Opaque pictures have a ground, and so
    one piece."""
    drawn = picture[3] > 0 if len(picture) == 4 else np.ones(picture.shape[1:], bool)
    areas = np.bincount(label(drawn, np.ones((3, 3)))[0].ravel())[1:]
    return float(areas.max() / areas.sum()) if len(areas) else 0.0


def thumbnail(picture: np.ndarray) -> np.ndarray:
    """C x S x S -> means of 12 x 12 cells, as one vector."""
    edges = np.linspace(0, picture.shape[1], CELLS + 1).astype(int)
    sums = np.add.reduceat(np.add.reduceat(picture, edges[:-1], 1), edges[:-1], 2)
    return (sums / np.diff(edges)[:, None] / np.diff(edges)).ravel()

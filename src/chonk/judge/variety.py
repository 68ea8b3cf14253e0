"""Varied: do the results reach everywhere the real pictures are, and do they differ from one another?

Recall and coverage ask it in features; spread and duplicates on the pictures themselves (`thumbnails`), where a person
would.
"""

from __future__ import annotations

import numpy as np

from chonk.judge.quality import NEIGHBOURS, distances, inside

NEAR = 0.5
"""Two pictures are as good as the same when they are nearer than this share of the usual distance between
neighbouring real pictures."""


def recall(real: np.ndarray, fake: np.ndarray) -> float:
    """Share of the real pictures inside some result's ball (Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 2)."""
    return float(inside(fake, real).any(0).mean())


def coverage(real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS) -> float:
    """Share of the real pictures whose ball holds a result (Naeem et al. 2020, arXiv:2002.09797, eq. 5)."""
    return float(inside(real, fake, k).any(1).mean())


def neighbours(thumbnails: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row the number of the nearest other row and its distance."""
    gaps = distances(thumbnails, thumbnails)
    np.fill_diagonal(gaps, np.inf)
    nearest = gaps.argmin(1)
    return nearest, gaps[np.arange(len(thumbnails)), nearest]


def spread(real: np.ndarray, fake: np.ndarray) -> float:
    """Median distance between nearest results over the same for real pictures; 1 is as varied as they are, 0 all alike.

    Rows are `thumbnails`; nearest distances shrink as pictures are added, so give equal counts."""
    return float(np.median(neighbours(fake)[1]) / np.median(neighbours(real)[1]))


def duplicates(real: np.ndarray, fake: np.ndarray) -> float:
    """Share of the results that have a near-twin among the results (nearer than NEAR of the real typical_gap); equal
    counts."""
    return float((neighbours(fake)[1] < NEAR * np.median(neighbours(real)[1])).mean())


def distinct(thumbnails: np.ndarray, gap: float) -> np.ndarray:
    """Numbers of the rows that are no nearer than `gap` to an earlier one of them."""
    near = distances(thumbnails, thumbnails) < gap
    kept = np.zeros(len(thumbnails), bool)
    for i in range(len(thumbnails)):
        kept[i] = not (near[i] & kept).any()
    return np.flatnonzero(kept)

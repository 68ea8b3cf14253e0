"""Good: how close the results are to the real pictures, as distributions of features and picture by picture.

Everything here works on features (`chonk.judge.features`), N x D, and says nothing about copying: a copier scores
perfectly.  `chonk.judge.novelty` stands beside it for that.
"""

from __future__ import annotations

import numpy as np

NEIGHBOURS = 5
"""k of the k-nearest-neighbour balls, as in the papers on density and coverage."""


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, arXiv:1706.08500, eq. 6).

    |mu_a - mu_b|^2 + tr(A) + tr(B) - 2 tr((A B)^1/2), 0 for equal moments, lower is better.  The last trace is the
    nuclear norm of Xa' Xb, with X the centred features over sqrt(n - 1), so it costs n^3 rather than D^3.  It grows as
    n falls: compare equal counts only."""
    centred = [(x - x.mean(0)) / np.sqrt(len(x) - 1) for x in (a, b)]
    variances = sum(float((x**2).sum()) for x in centred)
    shared = np.linalg.svd(centred[0] @ centred[1].T, compute_uv=False).sum()
    return float(((a.mean(0) - b.mean(0)) ** 2).sum() + variances - 2 * shared)


def kernel(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """The cubic kernel of KID: (x y / D + 1)^3, len(a) x len(b)."""
    return (a @ b.T / a.shape[1] + 1) ** 3


def kid(a: np.ndarray, b: np.ndarray) -> float:
    """Kernel distance: the unbiased squared MMD under `kernel` (Binkowski et al. 2018, arXiv:1801.01401, eq. 4).

    About 0 (also a little below) for the same distribution, whatever the counts; lower is better."""
    within = 0.0
    for x in (a, b):
        k = kernel(x, x)
        within += (k.sum() - np.trace(k)) / (len(x) * (len(x) - 1))
    return float(within - 2 * kernel(a, b).mean())


def distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Euclidean distance of every row of `a` to every row of `b`, len(a) x len(b)."""
    squared = (a**2).sum(1)[:, None] + (b**2).sum(1)[None] - 2 * (a @ b.T)
    return np.sqrt(squared.clip(0))


def radii(x: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """Distance of each row to its k-th nearest other row (the farthest one where there are fewer)."""
    return np.sort(distances(x, x), axis=1)[:, min(k, len(x) - 1)]


def inside(real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """Is fake j strictly inside the ball of real i?  len(real) x len(fake)."""
    return distances(real, fake) < radii(real, k)[:, None]


def precision(real: np.ndarray, fake: np.ndarray) -> float:
    """Share of the results inside some real picture's ball (Kynkäänniemi et al. 2019, arXiv:1904.06991, eq. 2)."""
    return float(inside(real, fake).any(0).mean())


def density(real: np.ndarray, fake: np.ndarray) -> float:
    """How many real balls hold a result, over k; about 1 for real pictures (Naeem et al. 2020, arXiv:2002.09797, eq.
    4)."""
    return float(density_each(real, fake).mean())


def density_each(real: np.ndarray, fake: np.ndarray, k: int = NEIGHBOURS) -> np.ndarray:
    """The density of each result by itself: the best look most like several real pictures, the worst like none."""
    return inside(real, fake, k).sum(0) / k

"""How sharply to retrieve, and what to reject: as near to single remembered pictures as possible without copying.

A generator with a memory keeps the more to single pictures the sharper it retrieves: then a result is of one piece
and may be a training picture again, else it is patchwork.  Where the line is depends on the set.  And some results
are copies, or incoherent, however they are drawn; the generator tells them by how near they are to its memory, and
rejects them.

Copies and duplicates are rare, so their number among some hundred results hangs on luck.  Hence no sharpness is judged
by itself: results of all SHARPNESSES together show how either share grows with sharpness, by a logistic
regression, and the sharpness is where the curve meets its limit, between those that were tried if need be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.quick_eval import FEW, QuickEval, quick_eval
from chonk.judge.variety import duplicates

SHARPNESSES = (1.6, 1.1, 0.75, 0.5, 0.35, 0.24, 0.16, 0.1)
"""Times the sharpness that the recipe asks for."""
START = 0.35
"""The first that is tried: then sharper ones until they copy too much, and softer ones until they hardly do."""
RESULTS = 500
"""Drawn at each, of latents of its own."""
MAX_COPIES, MAX_DUPLICATES, REAL = 0.012, 0.02, 0.1
"""Shares of what is shown that may be a copy, or have a twin among as many as there are training pictures; of real
pictures' own shares, that part where it is more."""
MAX_DUPLICATES_AMONG = 400
FRESH = 0.8
"""Share of the results, the newest ones, that is not rejected."""
COHERENT = 0.5
"""Share of those, the most coherent ones, that is shown."""
BEYOND, HARDLY = 5.0, 0.5
"""Times a limit: what is sharper than one that goes so far beyond it, and what is softer than one that stays so far
below, would not count, and is not tried."""
MAX_REJECTED = 0.9
"""At most so many are rejected for being too near to training pictures, where FRESH of them hold too many copies."""


@dataclass(frozen=True)
class Results:
    """What a generator makes of RESULTS latents."""

    novelty: np.ndarray
    """How far each is from the nearest single remembered picture."""
    incoherence: np.ndarray
    """How far its places are from the pictures that are nearest there."""
    pictures: Callable[[np.ndarray], torch.Tensor]
    """The pictures with these numbers as bytes, C x S x S each: only those that would be shown need to be drawn."""


@dataclass(frozen=True)
class Calibration:
    """The sharpness of a generator's retrieval; what it shows is at least so new and at most so incoherent."""

    sharpness: float = 1.0
    min_novelty: float = 0.0
    max_incoherence: float = np.inf


def choose(draw: Callable[[float, int], Results], training: torch.Tensor) -> Calibration:
    """The sharpness at which, of the FRESH of `draw(sharpness, seed)`, the COHERENT hold as many copies as MAX_COPIES
    or have as many duplicates as MAX_DUPLICATES, or REAL times as many as real pictures do, whichever comes first; and
    the limits that leave these.  Where training pictures (bytes N x C x S x S) are too few to tell, nothing is asked
    for."""
    reference = quick_eval(training[:, :3])  # as they look on white
    if reference is None:
        return Calibration()
    limits = {
        "copies": max(MAX_COPIES, REAL * reference.real["copies"]),
        "duplicates": max(MAX_DUPLICATES, REAL * reference.real["duplicates"]),
    }
    thumbnails = novelty.thumbnails(reference.training)
    counts: dict[str, list[float]] = {"copies": [], "duplicates": []}
    tried: list[float] = []
    totals: list[int] = []

    def far(sharpness: float) -> float:
        """What is shown at this sharpness is counted: how many times a limit that is, of the two the more."""
        results = draw(sharpness, SHARPNESSES.index(sharpness))
        shown, _ = kept(results, np.quantile(results.novelty, 1 - FRESH))
        pixels = results.pictures(np.flatnonzero(shown))[:, :3]
        tried.append(sharpness)
        counts["copies"].append(int(copied(pixels, reference).sum()))
        counts["duplicates"].append(expected_duplicates(thumbnails, novelty.thumbnails(pixels)))
        totals.append(len(pixels))
        return max(counts[name][-1] / (limit * len(pixels)) for name, limit in limits.items())

    first = far(START)
    sharper = sorted(sharpness for sharpness in SHARPNESSES if sharpness > START)
    softer = sorted((sharpness for sharpness in SHARPNESSES if sharpness < START), reverse=True)
    for rest, is_enough in ((sharper, lambda found: found > BEYOND), (softer, lambda found: found < HARDLY)):
        found = first
        for sharpness in rest:
            if is_enough(found):
                break
            found = far(sharpness)
    sharpness = min(crossing(tried, counts[name], totals, limit) for name, limit in limits.items())
    results = draw(sharpness, len(SHARPNESSES))
    copies = np.full(len(results.novelty), np.nan)
    for rejected in np.arange(1 - FRESH, MAX_REJECTED + 0.01, 0.02):
        min_novelty = float(np.quantile(results.novelty, rejected))
        shown, max_incoherence = kept(results, min_novelty)
        asked = np.flatnonzero(shown & np.isnan(copies))
        if len(asked):
            copies[asked] = copied(results.pictures(asked)[:, :3], reference)
        if copies[shown].mean() <= 2 * limits["copies"]:  # a few more than the curve says are luck
            break
    return Calibration(sharpness, min_novelty, max_incoherence)


def kept(results: Results, min_novelty: float) -> tuple[np.ndarray, float]:
    """Which results are shown, and the limit of incoherence that leaves them."""
    novel = results.novelty >= min_novelty
    max_incoherence = float(np.quantile(results.incoherence[novel], COHERENT))
    return novel & (results.incoherence <= max_incoherence), max_incoherence


def copied(pixels: torch.Tensor, reference: QuickEval) -> np.ndarray:
    """Which results (bytes N x 3 x S x S) are copies."""
    gap = novelty.nearest_training(pixels, reference.training, **FEW).gap
    return gap < novelty.NEAR * reference.typical_gap


def expected_duplicates(thumbnails: np.ndarray, seen: np.ndarray) -> float:
    """How many of the results `seen` would have a duplicate among as many as there are training pictures,
    MAX_DUPLICATES_AMONG at most: a share grows with how many it is taken among."""
    count = min(len(thumbnails), len(seen))
    parts = (seen[i * count : (i + 1) * count] for i in range(len(seen) // count))
    share = float(np.mean([duplicates(thumbnails[:count], part) for part in parts]))
    return min(1.0, share * min(len(thumbnails), MAX_DUPLICATES_AMONG) / count) * len(seen)


def crossing(sharpnesses: Sequence[float], counts: Sequence[float], totals: Sequence[int], limit: float) -> float:
    """Where the share count / total, as a logistic function of log sharpness that does not fall, is `limit`;
    between the least and the largest of SHARPNESSES.

    Fitted by Newton's method, with a weak prior: half a count at the largest, half a miss at the least.  Of sharpnesses
    whose share is beyond BEYOND limits only the least counts: how steeply it grows there says nothing about where it
    began."""
    x, hit, total = (
        np.array(values, dtype=float)[np.argsort(sharpnesses)] for values in (np.log(sharpnesses), counts, totals)
    )
    ends = np.log([min(SHARPNESSES), max(SHARPNESSES)])
    last = int(np.argmax(np.append(hit > BEYOND * limit * total, True))) + 1
    x = np.concatenate([x[:last], ends])
    hit, total = np.append(hit[:last], [0, 0.5]), np.append(total[:last], [0.5, 0.5])
    inputs = np.stack([np.ones_like(x), x], 1)
    weights = np.array([np.log(limit / (1 - limit)), 1.0])
    for _ in range(50):
        share = 1 / (1 + np.exp(-(inputs @ weights).clip(-30, 30)))
        gradient = inputs.T @ (hit - total * share) - 0.002 * weights * [0, 1]
        curvature = (inputs.T * (total * share * (1 - share) + 1e-6)) @ inputs + 0.002 * np.diag([0, 1])
        weights = weights + np.linalg.solve(curvature, gradient).clip(-2, 2)
    slope = max(weights[1], 1e-3)
    at = (np.log(limit / (1 - limit)) - weights[0]) / slope
    return float(np.exp(np.clip(at, *ends)))

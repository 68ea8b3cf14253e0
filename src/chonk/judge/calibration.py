"""How sharply to retrieve, and what to reject: as close to single training pictures as possible without copying them.

The sharper a generator with a memory retrieves, the closer its results are to single pictures.  Sharp results are
coherent but may be copies; soft ones are patchwork.  The right sharpness depends on the set.  At any sharpness some
results are copies or incoherent; the generator recognizes them by their distance from its memory, and rejects them.

Copies and duplicates are rare, so their number among a few hundred results is mostly chance.  No sharpness is therefore
judged by itself: a logistic regression over the results of several SHARPNESSES shows how each share grows with the
sharpness, and the sharpness at which that curve meets its limit is taken, which may lie between those tried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.quick_eval import FEW, QuickEval, quick_eval
from chonk.judge.variety import duplicates

SHARPNESSES = (1.6, 1.1, 0.75, 0.5, 0.35, 0.24, 0.16, 0.1)
"""Multiples of the recipe's own sharpness that may be tried."""
START = 0.35
"""The first that is tried; then sharper ones until there are far too many copies, and softer ones until there are
hardly any."""
RESULTS = 500
"""Results drawn at each sharpness, from different latents each time."""
MAX_COPIES, MAX_DUPLICATES, REAL = 0.012, 0.02, 0.1
"""Shares of accepted results that may be copies, or have a duplicate among as many as there are training pictures; or,
if that is more, REAL times the same share of real pictures."""
MAX_DUPLICATES_AMONG = 400
NOVEL = 0.8
"""Share of all results, the most novel ones, that passes the limit of novelty."""
COHERENT = 0.5
"""Share of those, the most coherent ones, that is accepted."""
TOO_SHARP, SOFT_ENOUGH = 5.0, 0.5
"""Multiples of a limit: nothing sharper is tried once copies or duplicates are TOO_SHARP times their limit, and nothing
softer once they are SOFT_ENOUGH times it."""
MAX_REJECTED = 0.9
"""At most this share is rejected for too little novelty, where the NOVEL results hold too many copies."""


@dataclass(frozen=True)
class Results:
    """A generator's results for RESULTS latents."""

    novelty: np.ndarray
    """The distance of each result from the nearest training picture."""
    incoherence: np.ndarray
    """The mean distance of its places from the pictures that are nearest at each place."""
    pictures: Callable[[np.ndarray], torch.Tensor]
    """The pictures with these numbers as bytes, C x S x S each: only the accepted ones need to be drawn."""


@dataclass(frozen=True)
class Calibration:
    """The sharpness of a generator's retrieval, and the limits beyond which it rejects results."""

    sharpness: float = 1.0
    min_novelty: float = 0.0
    max_incoherence: float = np.inf


def choose(draw: Callable[[float, int], Results], training: torch.Tensor) -> Calibration:
    """The sharpness at which the accepted results, the COHERENT of the NOVEL ones of `draw(sharpness, seed)`, reach the
    limit of copies or that of duplicates, whichever comes first; and the limits that accept these.  With too few
    training pictures (bytes N x C x S x S) to judge by, nothing is rejected."""
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

    def excess(sharpness: float) -> float:
        """Counts copies and duplicates at this sharpness; returns the larger of the two as a multiple of its limit."""
        results = draw(sharpness, SHARPNESSES.index(sharpness))
        is_accepted, _ = accept(results, np.quantile(results.novelty, 1 - NOVEL))
        pixels = results.pictures(np.flatnonzero(is_accepted))[:, :3]
        tried.append(sharpness)
        counts["copies"].append(int(is_copy(pixels, reference).sum()))
        counts["duplicates"].append(expected_duplicates(thumbnails, novelty.thumbnails(pixels)))
        totals.append(len(pixels))
        return max(counts[name][-1] / (limit * len(pixels)) for name, limit in limits.items())

    first = excess(START)
    sharper = sorted(sharpness for sharpness in SHARPNESSES if sharpness > START)
    softer = sorted((sharpness for sharpness in SHARPNESSES if sharpness < START), reverse=True)
    for others, is_enough in ((sharper, lambda x: x > TOO_SHARP), (softer, lambda x: x < SOFT_ENOUGH)):
        latest = first
        for sharpness in others:
            if is_enough(latest):
                break
            latest = excess(sharpness)
    sharpness = min(crossing(tried, counts[name], totals, limit) for name, limit in limits.items())
    results = draw(sharpness, len(SHARPNESSES))
    copies = np.full(len(results.novelty), np.nan)
    for rejected in np.arange(1 - NOVEL, MAX_REJECTED + 0.01, 0.02):
        min_novelty = float(np.quantile(results.novelty, rejected))
        is_accepted, max_incoherence = accept(results, min_novelty)
        unknown = np.flatnonzero(is_accepted & np.isnan(copies))
        if len(unknown):
            copies[unknown] = is_copy(results.pictures(unknown)[:, :3], reference)
        if copies[is_accepted].mean() <= 2 * limits["copies"]:  # a few more than the curve predicts may be chance
            break
    return Calibration(sharpness, min_novelty, max_incoherence)


def accept(results: Results, min_novelty: float) -> tuple[np.ndarray, float]:
    """Which results are accepted, and the limit of incoherence that does it."""
    novel = results.novelty >= min_novelty
    max_incoherence = float(np.quantile(results.incoherence[novel], COHERENT))
    return novel & (results.incoherence <= max_incoherence), max_incoherence


def is_copy(pixels: torch.Tensor, reference: QuickEval) -> np.ndarray:
    """Which results (bytes N x 3 x S x S) are copies."""
    gap = novelty.nearest_training(pixels, reference.training, **FEW).gap
    return gap < novelty.NEAR * reference.typical_gap


def expected_duplicates(training: np.ndarray, results: np.ndarray) -> float:
    """How many of the results would have a duplicate among as many results as there are training pictures, or
    MAX_DUPLICATES_AMONG if these are more: the share grows with the number compared.  Both are thumbnails."""
    count = min(len(training), len(results))
    parts = (results[i * count : (i + 1) * count] for i in range(len(results) // count))
    share = float(np.mean([duplicates(training[:count], part) for part in parts]))
    return min(1.0, share * min(len(training), MAX_DUPLICATES_AMONG) / count) * len(results)


def crossing(sharpnesses: Sequence[float], counts: Sequence[float], totals: Sequence[int], limit: float) -> float:
    """The sharpness at which the share count / total, fitted as a logistic function of log sharpness that never falls,
    is `limit`; clipped to the range of SHARPNESSES.

    Fitted by Newton's method, with a weak prior: half a count at the largest sharpness, half a miss at the smallest.
    Of the sharpnesses whose share is more than TOO_SHARP limits only the smallest counts: how steeply the share grows
    there says nothing about where it began to grow."""
    x, hit, total = (
        np.array(values, dtype=float)[np.argsort(sharpnesses)] for values in (np.log(sharpnesses), counts, totals)
    )
    ends = np.log([min(SHARPNESSES), max(SHARPNESSES)])
    last = int(np.argmax(np.append(hit > TOO_SHARP * limit * total, True))) + 1
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

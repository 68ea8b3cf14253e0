"""Whole: do the parts of a result belong together?  A classifier tries to tell results from real pictures, by features
that know their place.

This is a classifier two-sample test (Lopez-Paz and Oquab 2017, arXiv:1610.06545): a linear classifier of
`placed_features` is taught on four fifths of the real pictures and of as many results, and asked about the rest.  A
result *passes* if it looks at least as real as the least real fifth of the real pictures; of real pictures that the
test has not seen four fifths do.  What such a test cannot see in a set is found by planting: chimeras made of the real
pictures take the results' place.  So

    whole = (share of results that pass - share of chimeras that pass) / (0.8 - share of chimeras that pass)

is the share of whole pictures among the results, as far as the others are as wrong as chimeras: of planted results of
which so many are real and the rest chimeras it gives back how many, for sets of any size.  Its standard deviation says
when there are too few pictures to tell.  Copies are whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge import planted
from chonk.judge.halves import Figure
from chonk.judge.placed import placed_features

REAL_PASS = 0.8
"""Share of the real pictures that pass."""
MAX_PICTURES, MAX_RESULTS = 400, 600
"""Real pictures that are looked at, and results; a classifier sees as many results as real pictures at a time, for one
that sees more sees finer faults."""
ROUNDS = 4
FOLDS = 5
AXES = 100
"""Principal components of real pictures and chimeras that the classifier sees."""
RIDGE = 0.05
"""Of the mean variance along the axes."""
RESAMPLED = 50
MIN_SPAN = 0.05
"""Range between chimeras and real pictures below which chimeras are as good as real ones to the test."""
MAX_DEVIATION = 0.2
"""Where what chimeras get is less certain than this (a standard deviation), the result is inconclusive."""
MIN_DISTINCT = 2 * FOLDS


@dataclass(frozen=True)
class WholenessResult:
    """What was found out about results."""

    figures: dict[str, Figure]
    """whole, and auc: how surely a real picture can be distinguished from a result, 0.5 not at all and 1 always."""
    scores: np.ndarray
    """How real each result that was looked at (the first ones) seems; from 0 on it passes."""


class Wholeness:
    """Knows real pictures (bytes N x C x S x S), and chimeras made of them."""

    def __init__(self, real: torch.Tensor, seed: int = 0) -> None:
        self.seed = seed
        rng = np.random.default_rng(seed)
        chosen = real[torch.from_numpy(rng.permutation(len(real))[:MAX_PICTURES])]
        seen, made = placed_features(chosen), placed_features(planted.chimeras(chosen, rng))
        self.mean, self.axes = principal_axes(np.concatenate([seen, made], 1))
        self.real = self._project(seen)
        self.chimeras = two_sample_test(self.real, self._project(made), rng)
        self.span = max(REAL_PASS - self.chimeras.passed, MIN_SPAN)
        half, halves = len(chosen) // 2, []
        for _ in range(2 * ROUNDS):
            order = rng.permutation(len(chosen))
            halves.append(two_sample_test(self.real[:, order[:half]], self.real[:, order[half:]], rng, 1))
        passed, auc = np.array([(result.passed, result.auc) for result in halves]).T
        self.unseen = TwoSampleResult(
            float(passed.mean()), float(passed.std()), float(auc.mean()), float(auc.std()), halves[0].scores
        )

    @property
    def deviation(self) -> float:
        """Standard deviation of what chimeras get."""
        return self._whole(self.chimeras)[1]

    @property
    def inconclusive(self) -> str:
        """Why wholeness cannot be measured, and how many pictures it would take; empty if it can.

        It falls about as the square of the number of pictures, for more of them also mean a better classifier
        (docs/score.md)."""
        if self.deviation <= MAX_DEVIATION:
            return ""
        count = self.real.shape[1]
        needed = -(-int(count * (self.deviation / MAX_DEVIATION) ** 0.5) // 10) * 10 + 10
        return f"cannot be told by {count} pictures; of pictures as different as these it takes about {needed}"

    def __call__(self, fake: torch.Tensor) -> WholenessResult:
        """What the test says of results (bytes M x C x S x S) of which none is like another: one picture over and over
        would be known by heart."""
        seen = placed_features(fake[: min(MAX_RESULTS, ROUNDS * self.real.shape[1])])
        result = two_sample_test(self.real, self._project(seen), np.random.default_rng(self.seed))
        (value, deviation), (real, real_deviation) = self._whole(result), self._whole(self.unseen)
        whole = Figure(value, deviation, real, real_deviation, higher=True)
        auc, real_auc = max(0.5, result.auc), max(0.5, self.unseen.auc)
        separability = Figure(auc, result.auc_deviation, real_auc, self.unseen.auc_deviation, higher=False)
        return WholenessResult({"whole": whole, "auc": separability}, result.scores)

    def _whole(self, result: TwoSampleResult) -> tuple[float, float]:
        """The share of whole pictures, and its deviation."""
        value = float(np.clip((result.passed - self.chimeras.passed) / self.span, 0, 1))
        return value, float(np.hypot(result.deviation, (1 - value) * self.chimeras.deviation) / self.span)

    def _project(self, seen: np.ndarray) -> np.ndarray:
        return (seen - self.mean) @ self.axes


@dataclass(frozen=True)
class TwoSampleResult:
    """How fakes do in the test."""

    passed: float
    """Share that passes; and its standard deviation."""
    deviation: float
    auc: float
    auc_deviation: float
    scores: np.ndarray
    """How far each is above the least score that passes, the mean over rounds."""


def two_sample_test(
    real: np.ndarray, fake: np.ndarray, rng: np.random.Generator, rounds: int = ROUNDS
) -> TwoSampleResult:
    """Real pictures against as many fakes at a time (both softnesses x N x K), other ones in each round."""
    count, order = min(real.shape[1], fake.shape[1]), rng.permutation(fake.shape[1])
    total, times, rows = np.zeros(len(order)), np.zeros(len(order)), []
    for number in range(rounds):
        drawn = order[(number * count + np.arange(count)) % len(order)]
        r, f = cross_validated_scores(real, fake[:, drawn], rng)
        deviation = np.std([pass_rate_and_auc(*(rng.choice(x, len(x)) for x in (r, f))) for _ in range(RESAMPLED)], 0)
        rows.append(np.stack([pass_rate_and_auc(r, f), deviation], 1).ravel())
        total[drawn] += f - np.quantile(r, 1 - REAL_PASS)
        times[drawn] += 1
    passed, deviation, auc, auc_deviation = np.mean(rows, 0).tolist()
    return TwoSampleResult(passed, deviation, auc, auc_deviation, total / np.maximum(times, 1))


def principal_axes(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean, and AXES principal axes as D x AXES, of softnesses x N x D.  The axes are scaled so that what lies
    along them is half whitened: its deviation is the root of what it was."""
    rows = seen.reshape(-1, seen.shape[-1])
    mean = rows.mean(0)
    centred = torch.from_numpy(rows - mean)
    generator = torch.Generator().manual_seed(0)
    sketch = centred.T @ (centred @ torch.randn(rows.shape[1], AXES + 20, generator=generator))
    for _ in range(2):  # randomised subspace iteration (Halko et al. 2011, arXiv:0909.4061)
        sketch = centred.T @ (centred @ torch.linalg.qr(sketch).Q)
    axes = torch.linalg.qr(sketch).Q
    _, strength, turn = torch.linalg.svd(centred @ axes, full_matrices=False)
    kept = strength[:AXES] > 1e-4 * strength[0]
    strength, axes = strength[:AXES][kept], (axes @ turn.T)[:, :AXES][:, kept]
    axes = axes / strength.sqrt()
    return mean, (axes / (centred @ axes).std()).numpy()


def cross_validated_scores(
    real: np.ndarray, fake: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """How real each picture looks to a classifier that was not shown it: softnesses x N x K and softnesses x M x K -> N
    and M numbers, higher is more real.

    Ridge regression to 1 and -1 with both kinds weighing the same, FOLDS-fold cross-validated; a picture is in the same
    fold at all softnesses."""
    kinds = [np.concatenate([x, np.ones((*x.shape[:2], 1))], 2).astype(np.float64) for x in (real, fake)]
    folds = [rng.permutation(x.shape[1]) % FOLDS for x in kinds]
    # Sums over each fold; a classifier is taught with those of all other folds.
    parts = [[x[:, fold == number].reshape(-1, x.shape[2]) for number in range(FOLDS)] for x, fold in zip(kinds, folds)]
    squares = np.array([[part.T @ part for part in of_kind] for of_kind in parts])
    sums = np.array([[part.sum(0) for part in of_kind] for of_kind in parts])
    counts = np.array([[len(part) for part in of_kind] for of_kind in parts])
    ridge = RIDGE * np.eye(kinds[0].shape[2])
    ridge[-1, -1] = 1e-9
    scores = [np.empty(len(fold)) for fold in folds]
    for number in range(FOLDS):
        others = np.arange(FOLDS) != number
        share = 0.5 / counts[:, others].sum(1)
        square = np.einsum("k,kij->ij", share, squares[:, others].sum(1)) + ridge
        weights = np.linalg.solve(square, np.array([1, -1]) * share @ sums[:, others].sum(1))
        for x, fold, score in zip(kinds, folds, scores):
            score[fold == number] = (x[:, fold == number] @ weights).mean(0)
    return scores[0], scores[1]


def pass_rate_and_auc(real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """Share of the fakes that pass, and the chance that a real picture scores higher than a fake."""
    order = np.sort(fake)
    below = (np.searchsorted(order, real, "left") + np.searchsorted(order, real, "right")) / 2
    return float((fake >= np.quantile(real, 1 - REAL_PASS)).mean()), float(below.mean() / len(fake))

"""Every figure with its standard deviation, and what real pictures would get: one mechanism for all measures.

The real set is split in two at random, again and again.  One half is the reference; as many results are drawn as there
are pictures in the other half; and the same measure is taken of the results and of that other half, both against the
reference.  Means over the rounds are the figures, and their standard deviations say how sure they are.  Counts are
equal throughout, so the bias that small sets give most of these measures falls on both alike.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

import numpy as np

from chonk.judge import quality, variety

ROUNDS = 10
MIN_PICTURES = 20
"""Below so many real pictures, halves of them say nothing."""
MAX_PICTURES = 500
"""Largest half: beyond it the figures hardly change and the time grows with its cube."""


@dataclass(frozen=True)
class Figure:
    """One number of the verdict."""

    value: float
    """What the results get."""
    deviation: float
    """Its standard deviation over the rounds."""
    real: float
    """What real pictures get that the reference does not hold, counts being equal."""
    real_deviation: float
    higher: bool
    """Is more better?"""

    @classmethod
    def over_rounds(cls, results: np.ndarray, real: np.ndarray, higher: bool) -> Figure:
        """Mean and deviation of what results and real pictures got, a number each in every round."""
        return cls(float(results.mean()), float(results.std()), float(real.mean()), float(real.std()), higher)

    def ratio(self) -> float:
        """How much of what real pictures get the results reach, 0..1 and clipped there."""
        top, bottom = (self.value, self.real) if self.higher else (self.real, self.value)
        return float(np.clip(top / bottom, 0, 1)) if bottom > 0 else 1.0

    def sure_ratio(self) -> float:
        """The same of what they get less one deviation."""
        less = max(0.0, self.value - self.deviation) if self.higher else self.value + self.deviation
        return replace(self, value=less).ratio()


@dataclass(frozen=True)
class Measure:
    """A function (reference, asked) -> number, and how to read it."""

    function: Callable[[np.ndarray, np.ndarray], float]
    higher: bool
    on: str = "features"
    """"features", or "thumbnails" for small grids of colours (`chonk.judge.novelty.thumbnails`)."""


MEASURES = {
    "kid": Measure(lambda real, fake: 1000 * quality.kid(real, fake), higher=False),
    "frechet": Measure(lambda real, fake: 100 * quality.frechet(real, fake) / real.shape[1], higher=False),
    "precision": Measure(quality.precision, higher=True),
    "density": Measure(quality.density, higher=True),
    "recall": Measure(variety.recall, higher=True),
    "coverage": Measure(variety.coverage, higher=True),
    "spread": Measure(variety.spread, higher=True, on="thumbnails"),
    "duplicates": Measure(variety.duplicates, higher=False, on="thumbnails"),
}
"""A new measure of two sets is one line here (and its sentence in `words`).  KID in thousandths; Fréchet in percent of
the variance of the real pictures, which `ruler` has made D."""


def ruler(real: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Features with the real pictures' mean taken off and scaled so that these have mean square 1 in all numbers
    together.

    KID's kernel and the size of a Fréchet distance depend on both; the order of neighbours does not."""
    mean = real.mean(0)
    typical_gap = np.sqrt(((real - mean) ** 2).mean())
    return [(x - mean) / typical_gap for x in (real, *others)]


def compare(
    real: dict[str, np.ndarray],
    fake: dict[str, np.ndarray],
    seed: int = 0,
    rounds: int = ROUNDS,
    measures: dict[str, Measure] = MEASURES,
    scaled: bool = True,
) -> dict[str, Figure]:
    """All measures of the results.  `real` and `fake` hold N x D arrays under "features" and "thumbnails"; features go
    through `ruler` unless they are not to be `scaled`."""
    rng = np.random.default_rng(seed)
    if scaled:
        seen = dict(zip(("real", "fake"), ruler(real["features"], fake["features"])))
        real, fake = real | {"features": seen["real"]}, fake | {"features": seen["fake"]}
    count, results = len(real["features"]), len(fake["features"])
    half = min(count // 2, results, MAX_PICTURES)
    table = np.empty((rounds, len(measures), 2))
    for row in table:
        order, drawn = rng.permutation(count), rng.permutation(results)[:half]
        for column, measure in enumerate(measures.values()):
            reference, other = real[measure.on][order[:half]], real[measure.on][order[half : 2 * half]]
            row[column] = measure.function(reference, fake[measure.on][drawn]), measure.function(reference, other)
    return {
        name: Figure.over_rounds(table[:, column, 0], table[:, column, 1], measure.higher)
        for column, (name, measure) in enumerate(measures.items())
    }


def bootstrap(values: np.ndarray, statistic: Callable[[np.ndarray], float], seed: int = 0, rounds: int = 100) -> float:
    """Standard deviation of a statistic when the values are drawn again with replacement (Efron 1979)."""
    rng = np.random.default_rng(seed)
    return float(np.std([statistic(values[rng.integers(0, len(values), len(values))]) for _ in range(rounds)]))


def as_json(figures: dict[str, Figure]) -> dict[str, dict]:
    """Figures as score.json holds them."""
    return {name: asdict(figure) for name, figure in figures.items()}

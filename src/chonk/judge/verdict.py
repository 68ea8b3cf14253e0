"""The verdict on results, from everything that the measures say about them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from chonk.errors import UserError
from chonk.judge import halves, novelty, variety
from chonk.judge.features import features
from chonk.judge.halves import Figure
from chonk.judge.kinds import Reader
from chonk.judge.quality import density_each
from chonk.judge.sharpness import Sharpness
from chonk.judge.wholeness import MIN_DISTINCT, Wholeness
from chonk.judge.words import Words, words


@dataclass(frozen=True)
class Verdict:
    """All that is known about a set of results."""

    figures: dict[str, Figure]
    words: Words
    nearest: novelty.Nearest
    """For each result the nearest training picture."""
    typical_gap: float
    """The usual gap between neighbouring real pictures."""
    density: np.ndarray
    """The density of each result by itself."""
    nearest_other: tuple[np.ndarray, np.ndarray]
    """For each result the number of the nearest other result, and its distance."""
    realness: np.ndarray
    """How whole each result seems, from 0 on like a real picture; NaN for those that were not looked at."""


class Judge:
    """Knows the pictures that were learned from (bytes N x C x S x S); everything about them is found once.

    Raises UserError where most of them are duplicates: then nothing can be said about copies."""

    def __init__(self, real: torch.Tensor, seed: int = 0) -> None:
        self.pixels, self.seed = real, seed
        self.real = {"features": features(real), "thumbnails": novelty.thumbnails(real)}
        self.among_real = novelty.nearest_training(real, real, same=True)
        self.typical_gap = novelty.median_gap(self.among_real)
        if self.typical_gap == 0:
            raise UserError(
                "more than half of the training pictures are duplicates of each other; prepare them with: chonk gather"
            )
        self.reader = Reader(real, self.real["features"], seed)
        self.sharpness = Sharpness(real, seed)
        self.wholeness = Wholeness(real, seed)

    def __call__(self, fake: torch.Tensor) -> Verdict:
        """The verdict on results (bytes M x C x S x S)."""
        seen = {"features": features(fake), "thumbnails": novelty.thumbnails(fake)}
        nearest = novelty.nearest_training(fake, self.pixels)
        distinct = variety.distinct(seen["thumbnails"], variety.NEAR * self.typical_gap)
        inconclusive = (
            self.wholeness.inconclusive
            if len(distinct) >= MIN_DISTINCT
            else "cannot be told: there are too few kinds of them"
        )
        asked = distinct if len(distinct) >= MIN_DISTINCT else np.arange(len(fake))
        found = self.wholeness(fake[torch.from_numpy(asked)])
        realness = np.full(len(fake), np.nan)
        realness[asked[: len(found.scores)]] = found.scores
        figures = (
            halves.compare(self.real, seen, self.seed)
            | found.figures
            | self._novelty(nearest)
            | self.sharpness(fake)
            | self.reader(seen["features"])
        )
        density = density_each(self.real["features"], seen["features"])
        said = words(figures, inconclusive)
        return Verdict(
            figures, said, nearest, self.typical_gap, density, variety.neighbours(seen["thumbnails"]), realness
        )

    def _novelty(self, nearest: novelty.Nearest) -> dict[str, Figure]:
        """nearest: median distance to the nearest training picture in usual gaps; copies: their share.

        What real pictures get is found by leaving each one out."""
        figures = {}
        for name, higher, statistic in (
            ("nearest", True, lambda gap: float(np.median(gap)) / self.typical_gap),
            ("copies", False, lambda gap: novelty.copies(gap, self.typical_gap)),
        ):
            (value, deviation), (real, real_deviation) = (
                (statistic(gap), halves.bootstrap(gap, statistic, self.seed))
                for gap in (nearest.gap, self.among_real.gap)
            )
            figures[name] = Figure(value, deviation, real, real_deviation, higher)
        return figures

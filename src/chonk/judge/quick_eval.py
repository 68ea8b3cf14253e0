"""A quick evaluation: the verdict's figures in a second, for use while training."""

from __future__ import annotations

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.features import features
from chonk.judge.halves import MEASURES, MIN_PICTURES, ruler
from chonk.judge.sharpness import Curves, edges

MAX_PICTURES = 150
"""Pictures of either side that it compares."""
SEARCHED = 2000
"""Training pictures, evenly chosen, among which copies are looked for."""
SHOWN = ("frechet", "coverage", "spread", "duplicates")
FEW: novelty.Disguises = {"zooms": (1.0,), "shifts": ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))}
"""Disguises in which copies are searched for."""


def quick_eval(real: torch.Tensor) -> QuickEval | None:
    """A QuickEval for a training set; None where it is too small, or too full of duplicates, to be judged by."""
    if len(real) < MIN_PICTURES:
        return None
    made = QuickEval(real)
    return made if made.typical_gap > 0 else None


class QuickEval:
    """Knows the training pictures (bytes N x C x S x S); called with results (bytes M x C x S x S, always those of the
    same latents) it returns a few figures.

    frechet, coverage, spread, duplicates and copies as in the verdict, from up to MAX_PICTURES pictures of half the
    set; softness, pixels of blur; and one number for all of them,

        selection_score = sqrt(d(real, real) / d(real, results)) (1 - copies) (sqrt(spread) + 1 - duplicates) / 2,
        0 to 1, higher is better,

    with d the Fréchet distance at equal counts, spread at most 1, and copies and duplicates as far as they go beyond
    what real pictures show.  A distance alone would choose a copier, or a generator that knows few pictures and draws
    them well; and at the beginning, when all results are duplicates, the spread still shows progress."""

    def __init__(self, real: torch.Tensor) -> None:
        self.training = real = real[:: -(-len(real) // SEARCHED)]
        count = min(MAX_PICTURES, len(real) // 2)
        order = torch.from_numpy(np.random.default_rng(0).permutation(len(real)))
        reference, other = real[order[:count]], real[order[count : 2 * count]]
        self.count, self.raw, self.thumbnails = count, features(reference), novelty.thumbnails(reference)
        self.curves = Curves(reference[:40])
        among = novelty.nearest_training(real, real, same=True, **FEW)
        self.typical_gap = novelty.median_gap(among)
        self.real = (
            self._measure(other) | {"copies": novelty.copies(among.gap, self.typical_gap)} if self.typical_gap else {}
        )

    def _measure(self, pixels: torch.Tensor) -> dict[str, float]:
        rows = dict(zip(("reference", "results"), ruler(self.raw, features(pixels[: self.count]))))
        thumbnails = {"reference": self.thumbnails, "results": novelty.thumbnails(pixels[: self.count])}
        return {
            name: MEASURES[name].function(*(rows if MEASURES[name].on == "features" else thumbnails).values())
            for name in SHOWN
        }

    def __call__(self, fake: torch.Tensor) -> dict[str, float]:
        figures = self._measure(fake)
        figures["copies"] = novelty.copies(novelty.nearest_training(fake, self.training, **FEW).gap, self.typical_gap)
        figures["softness"] = self.curves.softness(edges(fake[:40]))
        spared = [
            1 - max(0.0, figures[name] - self.real[name]) / max(1e-9, 1 - self.real[name])
            for name in ("copies", "duplicates")
        ]
        near = min(1.0, max(self.real["frechet"], 0.0) / max(figures["frechet"], 1e-9)) ** 0.5
        varied = (min(1.0, figures["spread"]) ** 0.5 + spared[1]) / 2
        return {"selection_score": near * spared[0] * varied, **figures}

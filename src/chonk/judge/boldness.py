"""How boldly to draw, and what to doubt: as near to single remembered pictures as results do not copy.

A generator that recalls remembered pictures keeps the more to single ones the louder a result's wish for what it should be as a
whole, against those of its places: then it is of one piece and may be a training picture again, else it is patchwork.  Where the
line is depends on the set.  And some results are copies, or torn, wherever it is drawn; the generator tells them by how near what it made is to what it
remembers, and they are not shown."""
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.cheap import FEW, glance
from chonk.judge.variety import duplicates

LEANINGS = (1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.14, 0.1)
"""Of the loudness of the whole that the recipe asks for; the places are as much louder."""
RESULTS = 1000
MOST_COPIES, MOST_TWINS, REAL = 0.012, 0.02, 0.1
"""Shares of what is shown that may be a copy, or have a twin among the rest; of real pictures' own shares, that part where it is more."""
LEAST_FRESH = 0.8
"""Share of the results that must be new enough: beyond it a generator leans too far."""
WHOLE = 0.5
"""Share of those, the least torn ones, that are shown."""


@dataclass(frozen=True)
class Results:
    """What a generator drew of RESULTS latents."""

    pixels: torch.Tensor
    """Bytes, RESULTS x C x S x S."""
    new: np.ndarray
    """How far each is from the nearest single remembered picture."""
    torn: np.ndarray
    """How far its places are from the pictures that are nearest there."""


@dataclass(frozen=True)
class Boldness:
    """How far a generator leans to single pictures; what it shows is at least so new and at most so torn."""

    leaning: float = 1.0
    least_new: float = 0.0
    most_torn: float = np.inf


def boldness(draw: Callable[[float], Results], training: torch.Tensor) -> Boldness:
    """The largest of LEANINGS at which LEAST_FRESH of `draw(leaning)` are so new that of the WHOLE of them, the least torn, no more are copies than
    MOST_COPIES and no more have twins than MOST_TWINS, or REAL times as many as of real pictures do; at the least leaning, as many as are so new.
    Nothing is asked for where training pictures (bytes N x C x S x S) are too few to tell."""
    known = glance(training[:, :3])                     # as they look on white
    if known is None:
        return Boldness()
    most_copies, most_twins = max(MOST_COPIES, REAL * known.real["copies"]), max(MOST_TWINS, REAL * known.real["duplicates"])
    looks = novelty.looks(known.training)
    for leaning in LEANINGS:
        results = draw(leaning)
        pixels = results.pixels[:, :3]
        copied = novelty.nearest_training(pixels, known.training, **FEW).gap < novelty.NEAR * known.unit
        for least_new in (0.0, *np.quantile(results.new, np.arange(0.02, 1.01 - LEAST_FRESH if leaning > LEANINGS[-1] else 0.9, 0.02))):
            fresh = results.new >= least_new
            most_torn = np.quantile(results.torn[fresh], WHOLE)
            shown = fresh & (results.torn <= most_torn)
            if copied[shown].mean() <= most_copies:
                break
        else:
            continue
        seen = novelty.looks(pixels[torch.from_numpy(shown)])
        count = min(len(looks), len(seen))
        if np.mean([duplicates(looks[:count], seen[i * count:(i + 1) * count]) for i in range(len(seen) // count)]) <= most_twins:
            break
    return Boldness(leaning, float(least_new), float(most_torn))

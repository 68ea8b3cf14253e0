"""How boldly to draw, and what to doubt: as near to single remembered pictures as results do not copy.

A generator that recalls remembered pictures keeps the more to single ones the louder a result's wish for what it should
be as a whole, against those of its places: then it is of one piece and may be a training picture again, else it is
patchwork.  Where the line is depends on the set.  And some results are copies, or torn, wherever it is drawn; the
generator tells them by how near what it made is to what it remembers, and they are not shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.quick_eval import FEW, quick_eval
from chonk.judge.variety import duplicates

SHARPNESSES = (1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.14, 0.1)
"""Of the loudness of the whole that the recipe asks for; the places are as much louder."""
RESULTS = 1000
MAX_COPIES, MAX_TWINS, REAL = 0.012, 0.02, 0.1
"""Shares of what is shown that may be a copy, or have a twin among the rest; of real pictures' own shares, that part
where it is more."""
MIN_FRESH = 0.8
"""Share of the results that must be new enough: beyond it a generator leans too far."""
WHOLE = 0.5
"""Share of those, the least torn ones, that are shown."""


@dataclass(frozen=True)
class Results:
    """What a generator drew of RESULTS latents."""

    pixels: torch.Tensor
    """Bytes, RESULTS x C x S x S."""
    novelty: np.ndarray
    """How far each is from the nearest single remembered picture."""
    incoherence: np.ndarray
    """How far its places are from the pictures that are nearest there."""


@dataclass(frozen=True)
class Calibration:
    """How far a generator leans to single pictures; what it shows is at least so new and at most so torn."""

    sharpness: float = 1.0
    min_novelty: float = 0.0
    max_incoherence: float = np.inf


def choose(draw: Callable[[float], Results], training: torch.Tensor) -> Calibration:
    """The largest of SHARPNESSES at which MIN_FRESH of `draw(sharpness)` are so new that of the WHOLE of them, the
    least torn, no more are copies than MAX_COPIES and no more have twins than MAX_TWINS, or REAL times as many as of
    real pictures do; at the least sharpness, as many as are so new. Nothing is asked for where training pictures (bytes
    N x C x S x S) are too few to tell."""
    known = quick_eval(training[:, :3])  # as they look on white
    if known is None:
        return Calibration()
    most_copies, most_twins = (
        max(MAX_COPIES, REAL * known.real["copies"]),
        max(MAX_TWINS, REAL * known.real["duplicates"]),
    )
    looks = novelty.looks(known.training)
    for sharpness in SHARPNESSES:
        results = draw(sharpness)
        pixels = results.pixels[:, :3]
        copied = novelty.nearest_training(pixels, known.training, **FEW).gap < novelty.NEAR * known.typical_gap
        for min_novelty in (
            0.0,
            *np.quantile(
                results.novelty, np.arange(0.02, 1.01 - MIN_FRESH if sharpness > SHARPNESSES[-1] else 0.9, 0.02)
            ),
        ):
            fresh = results.novelty >= min_novelty
            max_incoherence = np.quantile(results.incoherence[fresh], WHOLE)
            shown = fresh & (results.incoherence <= max_incoherence)
            if copied[shown].mean() <= most_copies:
                break
        else:
            continue
        seen = novelty.looks(pixels[torch.from_numpy(shown)])
        count = min(len(looks), len(seen))
        if (
            np.mean([duplicates(looks[:count], seen[i * count : (i + 1) * count]) for i in range(len(seen) // count)])
            <= most_twins
        ):
            break
    return Calibration(sharpness, float(min_novelty), float(max_incoherence))

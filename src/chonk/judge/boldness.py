"""How boldly to draw: the loudest wish for the whole at which results do not copy.

A generator that recalls remembered pictures keeps the more to single ones the louder a result's wish for what it should be as a
whole: loud ones are of one piece and may be training pictures again, quiet ones are patchwork.  Where the line is depends on the set."""
from __future__ import annotations

from collections.abc import Callable

import torch

from chonk.judge import novelty
from chonk.judge.cheap import FEW, glance

SHARES = (1.0, 0.85, 0.7, 0.5, 0.3, 0.15)
"""Of the loudness that the recipe asks for."""
RESULTS = 400
MOST_COPIES = 0.02


def boldness(draw: Callable[[float], torch.Tensor], training: torch.Tensor) -> float:
    """The largest of SHARES at which no more than MOST_COPIES of `draw(share)` (bytes, RESULTS x C x S x S) are copies, but for one
    standard error, or the least; 1 for training pictures (bytes N x C x S x S) too few to tell."""
    known = glance(training)
    if known is None:
        return SHARES[0]
    allowed = MOST_COPIES + (MOST_COPIES * (1 - MOST_COPIES) / RESULTS) ** 0.5
    for share in SHARES:
        if novelty.copies(novelty.nearest_training(draw(share), known.training, **FEW).gap, known.unit) <= allowed:
            break
    return share

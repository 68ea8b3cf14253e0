"""How boldly to draw: as near to single remembered pictures as results do not copy.

A generator that recalls remembered pictures keeps the more to single ones the louder a result's wish for what it should be as a
whole, against those of its places: then it is of one piece and may be a training picture again, else it is patchwork.  Where the
line is depends on the set."""
from __future__ import annotations

from collections.abc import Callable

import torch

from chonk.judge import novelty
from chonk.judge.cheap import FEW, glance

LEANINGS = (1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.14, 0.1)
"""Of the loudness of the whole that the recipe asks for; the places are as much louder."""
RESULTS = 600
MOST_COPIES = 0.015


def boldness(draw: Callable[[float], torch.Tensor], training: torch.Tensor) -> float:
    """The largest of LEANINGS at which no more of `draw(leaning)` (bytes, RESULTS x C x S x S) are copies than MOST_COPIES, or a quarter of
    how many real pictures resemble each other so closely; the least if none is; 1 for training pictures (bytes N x C x S x S) too few to tell."""
    known = glance(training)
    if known is None:
        return 1.0
    allowed = max(MOST_COPIES, known.real["copies"] / 4)
    for leaning in LEANINGS:
        if novelty.copies(novelty.nearest_training(draw(leaning), known.training, **FEW).gap, known.unit) <= allowed:
            break
    return leaning

"""How boldly to draw: the largest scale of the latents at which results copy no more than real pictures do.

A generator that mixes remembered pictures chooses among them the more sharply the longer its latents are: long ones draw
crisp pictures that may be single training pictures again, short ones blends of many.  Where the line is depends on the set."""
from __future__ import annotations

import numpy as np
import torch

from chonk.judge import novelty
from chonk.judge.cheap import FEW, glance
from chonk.model import Model

SCALES = (1.0, 0.85, 0.7, 0.6, 0.5)
RESULTS = 300
MOST_COPIES = 0.02
"""So many copies are nothing to worry about, even if real pictures of the set are all quite different."""


def boldness(model: Model, training: torch.Tensor) -> float:
    """One of SCALES for a model and its training pictures (bytes N x C x S x S); 1 for a set too small to tell."""
    known = glance(training)
    if known is None:
        return SCALES[0]
    allowed = max(MOST_COPIES, known.real["copies"])
    allowed += 2 * (allowed * (1 - allowed) / RESULTS) ** 0.5           # two standard errors of such a count
    latents = model.latents(0, RESULTS, 1.0)
    for scale in SCALES:
        drawn = torch.from_numpy(np.rint((model(scale * latents).clip(-1, 1) + 1) * 127.5).astype(np.uint8))
        copies = novelty.copies(novelty.nearest_training(drawn, known.training, **FEW).gap, known.unit)
        if copies <= allowed:
            break
    return scale

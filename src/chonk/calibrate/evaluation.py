"""What calibration asks of a generator: the features of many latents, and their novelty and incoherence."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import numpy as np
import torch

from chonk.batched import BATCH
from chonk.model import Model
from chonk.nets.mosaic import Generator

FULL_MEMORY = 400
"""A batch with a memory of this many pictures fills the processor's cache; with a smaller memory, batches are
larger."""


def generator_of(model: Model) -> Generator:
    """The generator of a model that needs calibration: one with a memory bank."""
    return cast(Generator, model.generator)


def evaluate(
    model: Model, z: np.ndarray, progress: Callable[[float], None], keep_features: bool = True
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The features of N latents (no rows of them without `keep_features`), and their novelty and incoherence, N
    each."""
    net, done = generator_of(model), 0

    def evaluate_batch(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
        nonlocal done
        retrieved, features = net.retrieve(part)
        done += len(part)
        progress(done / len(z))
        figures = net.novelty_and_incoherence(retrieved, features)
        return features if keep_features else features[:0], *(values.flatten() for values in figures)

    batch = BATCH * max(1, FULL_MEMORY // net.memory_size)
    features, novelty, incoherence = map(torch.cat, zip(*model.map_batches(evaluate_batch, z, batch=batch)))
    return features, novelty, incoherence

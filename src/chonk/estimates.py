"""How long what follows a training takes, for the time that `chonk make` says is left."""

from __future__ import annotations

import torch

from chonk.calibrate.pool import pool_effort, pool_size

CALIBRATION, POOLED, LATER = 12.0, 0.03, 16.0 + 37.0 + 15.0
"""CPU-seconds that calibration takes, each result of its pool, and what comes after it (learning from originals,
verdict, page), for a hundred pictures of 64 px drawn as mosaics (docs/performance.md, "After the training"); collages
take about half, their pools as long."""
MAX_SPEEDUP = 4
"""Times that all of it is faster with threads, at most."""


def after_training(count: int, size: int, minutes: float) -> tuple[float, float]:
    """Seconds that calibration takes, and all that comes after it, for so many pictures of this size and a training of
    so many minutes."""
    # Times as long as with a hundred pictures of 64 px.
    scale = (0.5 + min(count, 200) / 200) * (size / 64) ** 2 / min(torch.get_num_threads(), MAX_SPEEDUP)
    return scale * (CALIBRATION + POOLED * pool_size(minutes, count) * pool_effort(minutes)), scale * LATER

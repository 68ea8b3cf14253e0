"""How long calibration and the later stages take, for the remaining time that `chonk make` shows."""

from __future__ import annotations

import torch

from chonk.calibrate.pool import pool_effort, pool_size

CALIBRATION, POOLED, LATER = 12.0, 0.05, 16.0 + 37.0 + 15.0
"""CPU-seconds for the calibration, for each result of its pool, and for all that follows (tuning on originals, verdict,
page), with a hundred pictures of 64 px and mosaics (docs/performance.md, "After the training").  For collages the
calibration takes about half of it, the pool the same."""
MAX_SPEEDUP = 4
"""The most by which threads make it faster."""


def after_training(count: int, size: int, minutes: float) -> tuple[float, float]:
    """Seconds that calibration takes, and all that comes after it, for so many pictures of this size and a training of
    so many minutes."""
    # Relative to a hundred pictures of 64 px.
    scale = (0.5 + min(count, 200) / 200) * (size / 64) ** 2 / min(torch.get_num_threads(), MAX_SPEEDUP)
    pooled = pool_size(minutes, count)
    return scale * (CALIBRATION + POOLED * pooled * pool_effort(minutes, pooled)), scale * LATER

"""How long calibration and the later stages take, for the remaining time that `chonk make` shows."""

from __future__ import annotations

import torch

from chonk.calibrate.pool import pool_effort, pool_size

CALIBRATION, POOLED, LATER = 12.0, 0.05, 16.0 + 37.0 + 15.0
"""CPU-seconds for the calibration, for each result of its pool at an effort of 1, and for all that follows (tuning on
originals, verdict, page), with a hundred pictures of 64 px.  The first and the last are those of mosaics
(docs/performance.md, "After the training"); of collages the calibration takes about half.  A result of a collage's pool
took 0.07 on a busy machine (2026-12-01-pool-of-a-thousand.md), of which a quiet one needs about two thirds."""
MAX_SPEEDUP = 4
"""The most by which threads make it faster."""


def after_training(count: int, size: int, minutes: float) -> tuple[float, float]:
    """Seconds that calibration takes, and all that comes after it, for so many pictures of this size and a training of
    so many minutes."""
    # Relative to a hundred pictures of 64 px.
    scale = (0.5 + min(count, 200) / 200) * (size / 64) ** 2 / min(torch.get_num_threads(), MAX_SPEEDUP)
    pooled = pool_size(minutes, count)
    return scale * (CALIBRATION + POOLED * pooled * pool_effort(minutes, pooled)), scale * LATER

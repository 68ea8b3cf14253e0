"""Calibration of a trained model: how sharply it retrieves, which results it rejects (limits.py, judge/calibration.py),
and a pool of good results, which are drawn first (pool.py)."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import torch

from chonk.calibrate.evaluation import evaluate, generator_of
from chonk.calibrate.limits import CANDIDATES, choose_limits, choose_sharpness, set_limits
from chonk.calibrate.pool import NO_FIGURES, fill_pool, pool_effort, pool_latents, pool_size
from chonk.dataset.picture_set import PictureSet
from chonk.learn.checkpoint import checkpoints, load_checkpoint
from chonk.learn.report import Report
from chonk.learn.run import RunFolder
from chonk.model import Model, load
from chonk.model_files import complete_write

MAX_TRAINING = 2000
"""Training pictures, evenly chosen, among which copies are looked for."""


def calibrate_run(run: Path, pictures: Path, report: Callable[..., Report] = Report) -> None:
    """Calibrates a run's model unless that has been done.  `report` makes the display of its progress."""
    if int(os.environ.get("RANK", 0)):  # of several processes only the first one writes
        return
    with RunFolder(run) as folder:
        complete_write(folder.model)
        model = load(run)
        if not model.calibrated:
            with report(0.0, name="calibrating") as shown:
                shown.say("measuring how near to training pictures it may draw without copying them")
                training = PictureSet.load(pictures).some(MAX_TRAINING)
                minutes = minutes_trained(folder)
                size = pool_size(minutes, len(training))
                calibrate(model, training, size, pool_effort(minutes, size), shown.update)
            model.save(run / "model")


def minutes_trained(run: RunFolder) -> float:
    """How long a run has been trained.  Its model, that of the best moment, may have been trained for less."""
    files = checkpoints(run.checkpoints)
    return load_checkpoint(files[-1])[0].seconds / 60 if files else 0.0


def calibrate(
    model: Model,
    training: torch.Tensor,
    size: int = 0,
    effort: float = 1.0,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Sets a model's sharpness, rejection limits and a pool of `size` results, given its training pictures, bytes N x C
    x S x S.  `effort` is that of `pool_latents`; `progress` is called with 0 to 1."""
    limits_progress = (lambda share: progress(share / 2)) if size else progress
    z, figures = pool_latents(model, size, effort), NO_FIGURES
    if generator_of(model).has_sharpness:
        calibration = choose_sharpness(model, training, limits_progress)
    else:
        features, *figures = evaluate(model, z[:CANDIDATES], limits_progress)
        calibration = choose_limits(model, training, features, *figures)
    set_limits(model, calibration)
    if size:
        fill_pool(model, training, size, z, figures, lambda share: progress((1 + share) / 2))

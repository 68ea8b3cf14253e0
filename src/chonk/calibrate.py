"""Calibration of a trained model: how sharply it retrieves, and which results it rejects (judge/calibration.py)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import cast

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.judge.calibration import RESULTS, Results, choose
from chonk.learn.run import RunFolder
from chonk.model import BATCH, Model, as_bytes, load
from chonk.model_files import settle
from chonk.nets.mosaic import MAX_INCOHERENCE, Generator

MAX_TRAINING = 2000
"""Training pictures, evenly chosen, among which copies are looked for."""


def calibrate_run(run: Path, pictures: Path) -> None:
    """Calibrates a run's model where it needs it; once."""
    if int(os.environ.get("RANK", 0)):  # of several processes the first one writes
        return
    with RunFolder(run) as folder:
        settle(folder.model)
        model = load(run)
        if not model.calibrated:
            print("measuring how near to training pictures it may draw without copying them", file=sys.stderr)
            calibrate(model, PictureSet.load(pictures).some(MAX_TRAINING))
            model.save(run / "model")


def calibrate(model: Model, training: torch.Tensor) -> None:
    """Sets a model's sharpness and rejection limits by its training pictures, bytes N x C x S x S."""
    net, now = cast(Generator, model.generator), 1.0
    latents = model.latents(0, RESULTS)

    def sharpen(sharpness: float) -> None:
        nonlocal now
        net.sharpen(sharpness / now)
        now = sharpness

    def draw(sharpness: float) -> Results:
        sharpen(sharpness)
        with torch.inference_mode():
            parts = []
            for z in torch.from_numpy(latents).split(BATCH):
                retrieved, features = net.retrieve(z)
                parts.append((net.decode(features), *net.novelty_and_incoherence(retrieved, features)))
            values, novelty, incoherence = map(torch.cat, zip(*parts))
        return Results(as_bytes(values.numpy()), novelty.flatten().numpy(), incoherence.flatten().numpy())

    found = choose(draw, training)
    sharpen(found.sharpness)
    limits = {
        "min_novelty": min(max(found.min_novelty, 0.0), MAX_INCOHERENCE),
        "max_incoherence": min(max(found.max_incoherence, 0.0), MAX_INCOHERENCE),
    }
    net.min_novelty, net.max_incoherence = limits.values()
    model.config.options.update(limits)
    model.config.training["sharpness"] = found.sharpness

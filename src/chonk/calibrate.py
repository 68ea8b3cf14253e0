"""Calibration of a trained model: how sharply it retrieves, which results it rejects (judge/calibration.py), and a pool
of good ones, which are drawn first."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import torch

from chonk import latents
from chonk.batched import BATCH
from chonk.dataset.picture_set import PictureSet
from chonk.judge import novelty
from chonk.judge.calibration import MAX_COPIES, MAX_DUPLICATES, REAL, RESULTS, Calibration, Results, choose
from chonk.judge.quick_eval import FEW, quick_eval
from chonk.judge.variety import distinct, duplicates, neighbours
from chonk.learn.report import Report
from chonk.learn.run import RunFolder
from chonk.model import Model, load
from chonk.model_files import settle
from chonk.nets.mosaic import MAX_INCOHERENCE, Generator
from chonk.pixels import as_bytes

CANDIDATES, SHOWN = 2500, (0.12, 0.16, 0.2)
"""Results among which limits are chosen, and the shares of them that may be shown."""
USUAL_ROUNDS = 6
"""Times that RESULTS results are drawn, where the sharpness can be set: for a bar that goes on evenly."""
MIN_POOLED, MAX_POOLED, POOL_A_MINUTE = 256, 1024, 128
"""Results in a pool, of which fewer would come again too soon; and how many a minute of training allows for."""
POOL_DRAWN = 2
"""Times a pool's size that candidates are drawn: the others are told by their features."""
POOL_GAP = 0.6
"""What results in a pool are at least from training pictures, in the distance that real ones have (a copy: 0.5)."""
FULL_MEMORY = 400
"""A memory of so many pictures fills the processor's cache with a batch; a smaller one with more results at a time."""
MAX_TRAINING = 2000
"""Training pictures, evenly chosen, among which copies are looked for."""


def calibrate_run(run: Path, pictures: Path, report: Callable[..., Report] = Report) -> None:
    """Calibrates a run's model where it needs it; once.  `report` makes what a person sees of it meanwhile."""
    if int(os.environ.get("RANK", 0)):  # of several processes the first one writes
        return
    with RunFolder(run) as folder:
        settle(folder.model)
        model = load(run)
        if not model.calibrated:
            with report(0.0, name="calibrating") as shown:
                shown.say("measuring how near to training pictures it may draw without copying them")
                calibrate(model, PictureSet.load(pictures).some(MAX_TRAINING), shown.update)
            model.save(run / "model")


def calibrate(model: Model, training: torch.Tensor, progress: Callable[[float], None] = lambda share: None) -> None:
    """Sets a model's sharpness, rejection limits and pool by its training pictures, bytes N x C x S x S, and tells how
    far it is, 0 to 1."""
    choose_sharpness = cast(Generator, model.generator).has_sharpness
    (calibrate_sharpness if choose_sharpness else calibrate_limits)(model, training, lambda share: progress(share / 2))
    fill_pool(model, training, lambda share: progress((1 + share) / 2))


def calibrate_limits(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> None:
    """Of a generator that has no sharpness."""
    set_limits(model, choose_limits(model, training, progress))


def calibrate_sharpness(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> None:
    """Sharpness, and the limits that go with it."""
    net, now, rounds = cast(Generator, model.generator), 1.0, 0.0

    def sharpen(sharpness: float) -> None:
        nonlocal now
        net.sharpen(sharpness / now)
        now = sharpness

    def draw(sharpness: float, seed: int) -> Results:
        nonlocal rounds
        sharpen(sharpness)

        def retrieve(z: torch.Tensor) -> tuple[torch.Tensor, ...]:
            nonlocal rounds
            retrieved, features = net.retrieve(z)
            rounds += len(z) / RESULTS
            progress(min(rounds / USUAL_ROUNDS, 1.0))
            return features, *net.novelty_and_incoherence(retrieved, features)

        features, novelty, incoherence = map(
            torch.cat, zip(*model.each(retrieve, model.latents(seed, RESULTS), batch=batch_of(net)))
        )

        def pictures(which: np.ndarray) -> torch.Tensor:
            return as_bytes(model.apply(net.decode, features[torch.from_numpy(which)].numpy()))

        return Results(novelty.flatten().numpy(), incoherence.flatten().numpy(), pictures)

    found = choose(draw, training)
    sharpen(found.sharpness)
    set_limits(model, found)


def batch_of(net: Generator) -> int:
    """How many results to look at at a time."""
    return BATCH * max(1, FULL_MEMORY // net.memory_size)


def set_limits(model: Model, found: Calibration) -> None:
    """Writes what was found into a model whose sharpness is set already."""
    limits = {
        "min_novelty": min(max(found.min_novelty, 0.0), MAX_INCOHERENCE),
        "max_incoherence": min(max(found.max_incoherence, 0.0), MAX_INCOHERENCE),
    }
    net = cast(Generator, model.generator)
    net.min_novelty, net.max_incoherence = limits.values()
    model.config.options.update(limits)
    model.config.training["sharpness"] = found.sharpness


@torch.inference_mode()
def choose_limits(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> Calibration:
    """The limits of a generator without sharpness: of the results that are new enough the most coherent are shown.  New
    enough is what leaves so few copies among them as `judge.calibration.choose` allows, or else the newest; shown is
    the smallest share of SHOWN that leaves so few duplicates, or else the largest."""
    known = quick_eval(training[:, :3])
    if known is None:
        return Calibration()
    max_copies = max(MAX_COPIES, REAL * known.real["copies"])
    max_duplicates = max(MAX_DUPLICATES, REAL * known.real["duplicates"])
    thumbnails, net = novelty.thumbnails(known.training), cast(Generator, model.generator)
    done = 0

    def retrieve(z: torch.Tensor) -> tuple[torch.Tensor, ...]:
        nonlocal done
        cost, features = net.retrieve(z)
        done += len(z)
        progress(done / CANDIDATES)
        return features, *(values.flatten() for values in net.novelty_and_incoherence(cost, features))

    features, new, incoherence = map(
        torch.cat, zip(*model.each(retrieve, model.latents(0, CANDIDATES), batch=batch_of(net)))
    )
    pixels: dict[int, torch.Tensor] = {}
    gaps: dict[int, float] = {}
    for share in SHOWN:
        for least in torch.quantile(new, torch.arange(0.0, 0.96 - share, 0.05)):
            fresh = torch.nonzero(new >= least)[:, 0]
            shown = fresh[incoherence[fresh].argsort()[: round(share * CANDIDATES)]]
            if asked := [i for i in shown.tolist() if i not in pixels]:
                drawn = as_bytes(model.apply(net.decode, features[asked].numpy()))[:, :3]
                pixels |= zip(asked, drawn)
                gaps |= zip(asked, novelty.nearest_training(drawn, known.training, **FEW).gap)
            if novelty.copies(np.array([gaps[i] for i in shown.tolist()]), known.typical_gap) <= max_copies:
                break
        seen = novelty.thumbnails(torch.stack([pixels[i] for i in shown.tolist()]))
        count = min(len(thumbnails), len(shown))
        if duplicates(thumbnails[:count], seen[:count]) <= max_duplicates:
            break
    return Calibration(1.0, float(least), float(incoherence[shown].max()))


def fill_pool(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> None:
    """Looks for good results beforehand, so that whoever draws need not reject any, and more strictly than they could.
    Of `tries` candidates for each place the most coherent are taken that pass the limits, keep their distance from
    training pictures and have no twin among those taken."""
    net, size = cast(Generator, model.generator), pool_size(model.config.training.get("minutes", 0))
    known = quick_eval(training[:, :3]) if size else None
    if known is None:
        return
    z, done = model.config.truncation * model.prior(latents.POOL_SEED, net.tries * size), 0

    def look(part: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        nonlocal done
        new, incoherence = net.novelty_and_incoherence(*net.retrieve(part))
        done += len(part)
        progress(done / len(z))
        return new.flatten(), incoherence.flatten()

    new, incoherence = (torch.cat(values).numpy() for values in zip(*model.each(look, z, batch=batch_of(net))))
    accepted = np.flatnonzero((new >= net.min_novelty) & (incoherence <= net.max_incoherence))
    numbers = accepted[incoherence[accepted].argsort()][: POOL_DRAWN * size]
    if not len(numbers):
        return
    pixels = as_bytes(model(z[numbers]))[:, :3]
    gap = novelty.nearest_training(pixels, known.training, **FEW).gap
    fresh = np.flatnonzero(gap >= POOL_GAP * known.typical_gap)
    twins = novelty.NEAR * np.median(neighbours(novelty.thumbnails(known.training))[1])
    found = numbers[fresh[distinct(novelty.thumbnails(pixels[fresh]), twins)]]
    size = pool_size(len(found) / POOL_A_MINUTE, size)
    model.config = dataclasses.replace(model.config, pool=tuple(sorted(found[:size].tolist())))


def pool_size(minutes: float, largest: int = MAX_POOLED) -> int:
    """How large a pool a training of so many minutes is worth, for looking should take little of them: a power of two,
    or none."""
    size = min(largest, int(POOL_A_MINUTE * minutes))
    return 1 << (size.bit_length() - 1) if size >= MIN_POOLED else 0

"""Calibration of a trained model: how sharply it retrieves, which results it rejects (judge/calibration.py), and a pool
of good ones, which are drawn first."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Sequence
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
from chonk.learn.checkpoint import checkpoints, load_checkpoint
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
MIN_POOLED, MAX_POOLED = 256, 512
"""Results in a pool, of which fewer would come again too soon."""
POOL_A_MINUTE, POOL_A_PICTURE = 128, 2
"""How many a minute of training allows for; and how many good ones a training picture."""
EFFORT_A_MINUTE, MAX_EFFORT = 0.2, 4.0
"""How many times more candidates than usual a minute of training allows for, at most so many, and at least once."""
POOL_DRAWN = 12
"""Times a pool's size that candidates are drawn, at most: the others are told by their features."""
POOL_NOVELTY = 0.4
"""Share of a model's least novelty that makes it worth looking at the pixels."""
POOL_GAP = 0.6
"""What results in a pool are at least from training pictures, in the distance that real ones have (a copy: 0.5)."""
FULL_MEMORY = 400
"""A memory of so many pictures fills the processor's cache with a batch; a smaller one with more results at a time."""
NONE_KNOWN: Sequence[torch.Tensor] = (torch.empty(0), torch.empty(0))
"""Novelty and incoherence of no candidates."""
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
                training = PictureSet.load(pictures).some(MAX_TRAINING)
                minutes = minutes_trained(folder)
                calibrate(model, training, pool_size(minutes, len(training)), pool_effort(minutes), shown.update)
            model.save(run / "model")


def minutes_trained(run: RunFolder) -> float:
    """How long a run has been trained, which is longer than its model, that of its best moment."""
    files = checkpoints(run.checkpoints)
    return load_checkpoint(files[-1])[0].seconds / 60 if files else 0.0


def calibrate(
    model: Model,
    training: torch.Tensor,
    size: int = 0,
    effort: float = 1.0,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Sets a model's sharpness, rejection limits and a pool of this size by its training pictures, bytes N x C x S x S,
    and tells how far it is, 0 to 1."""
    begun = (lambda share: progress(share / 2)) if size else progress
    z, known = candidates(model, size, effort), NONE_KNOWN
    if cast(Generator, model.generator).has_sharpness:
        found = choose_sharpness(model, training, begun)
    else:
        features, *known = look(model, z[:CANDIDATES], begun)
        found = choose_limits(model, training, features, *known)
    set_limits(model, found)
    if size:
        fill_pool(model, training, size, z, known, lambda share: progress((1 + share) / 2))


def candidates(model: Model, size: int, effort: float = 1.0) -> np.ndarray:
    """Latents among which a pool of this size is looked for, `effort` times `tries` for each of its places, and the
    first CANDIDATES of which say what is rejected."""
    count = max(CANDIDATES, round(effort * cast(Generator, model.generator).tries * size))
    return model.config.truncation * model.prior(latents.POOL_SEED, count)


def choose_sharpness(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> Calibration:
    """Sets the sharpness, and returns it with the limits that go with it."""
    net, now, rounds = cast(Generator, model.generator), 1.0, 0

    def sharpen(sharpness: float) -> None:
        nonlocal now
        net.sharpen(sharpness / now)
        now = sharpness

    def draw(sharpness: float, seed: int) -> Results:
        nonlocal rounds
        sharpen(sharpness)
        features, novelty, incoherence = look(
            model, model.latents(seed, RESULTS), lambda share: progress(min((rounds + share) / USUAL_ROUNDS, 1.0))
        )
        rounds += 1

        def pictures(which: np.ndarray) -> torch.Tensor:
            return as_bytes(model.apply(net.decode, features[torch.from_numpy(which)].numpy()))

        return Results(novelty.numpy(), incoherence.numpy(), pictures)

    found = choose(draw, training)
    sharpen(found.sharpness)
    return found


def look(
    model: Model, z: np.ndarray, progress: Callable[[float], None], keep: bool = True
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The features of N latents, or none where they are not to be kept, and their novelty and incoherence, N each."""
    net, done = cast(Generator, model.generator), 0

    def of_batch(part: torch.Tensor) -> tuple[torch.Tensor, ...]:
        nonlocal done
        retrieved, features = net.retrieve(part)
        done += len(part)
        progress(done / len(z))
        figures = net.novelty_and_incoherence(retrieved, features)
        return features if keep else features[:0], *(values.flatten() for values in figures)

    batch = BATCH * max(1, FULL_MEMORY // net.memory_size)
    features, novelty, incoherence = map(torch.cat, zip(*model.each(of_batch, z, batch=batch)))
    return features, novelty, incoherence


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
def choose_limits(
    model: Model, training: torch.Tensor, features: torch.Tensor, new: torch.Tensor, incoherence: torch.Tensor
) -> Calibration:
    """The limits of a generator without sharpness, by what `look` returns of CANDIDATES latents: of the results that
    are new enough the most coherent are shown.  New enough is what leaves so few copies among them as
    `judge.calibration.choose` allows, or else the newest; shown is the smallest share of SHOWN that leaves so few
    duplicates, or else the largest."""
    reference = quick_eval(training[:, :3])
    if reference is None:
        return Calibration()
    max_copies = max(MAX_COPIES, REAL * reference.real["copies"])
    max_duplicates = max(MAX_DUPLICATES, REAL * reference.real["duplicates"])
    thumbnails, net = novelty.thumbnails(reference.training), cast(Generator, model.generator)
    pixels: dict[int, torch.Tensor] = {}
    gaps: dict[int, float] = {}
    for share in SHOWN:
        for least in torch.quantile(new, torch.arange(0.0, 0.96 - share, 0.05)):
            novel = torch.nonzero(new >= least)[:, 0]
            shown = novel[incoherence[novel].argsort()[: round(share * CANDIDATES)]]
            if asked := [i for i in shown.tolist() if i not in pixels]:
                drawn = as_bytes(model.apply(net.decode, features[asked].numpy()))[:, :3]
                pixels |= zip(asked, drawn)
                gaps |= zip(asked, novelty.nearest_training(drawn, reference.training, **FEW).gap)
            if novelty.copies(np.array([gaps[i] for i in shown.tolist()]), reference.typical_gap) <= max_copies:
                break
        seen = novelty.thumbnails(torch.stack([pixels[i] for i in shown.tolist()]))
        count = min(len(thumbnails), len(shown))
        if duplicates(thumbnails[:count], seen[:count]) <= max_duplicates:
            break
    return Calibration(1.0, float(least), float(incoherence[shown].max()))


def fill_pool(
    model: Model,
    training: torch.Tensor,
    size: int,
    z: np.ndarray,
    known: Sequence[torch.Tensor] = NONE_KNOWN,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Looks for `size` good results beforehand, so that whoever draws need not reject any, and more strictly than they
    could: of the `candidates` z the most coherent that have no twin among those taken.  `known` is the novelty and
    incoherence of the first ones.  Whether they are new is asked of their pixels, which tell a drawing in other colours
    from a copy, as features do not; these only leave out what is next to a training picture.  Where there are fewer
    than `size`, a half of it is taken, and so on."""
    net, reference = cast(Generator, model.generator), quick_eval(training[:, :3])
    if reference is None:
        return
    new, incoherence = known
    if len(z) > len(new):
        _, *rest = look(model, z[len(new) :], progress, keep=False)
        new, incoherence = (torch.cat(both) for both in zip((new, incoherence), rest))
    far = torch.nonzero(new >= POOL_NOVELTY * net.min_novelty)[:, 0]
    worth_drawing = far[incoherence[far].argsort()][: POOL_DRAWN * size].numpy()
    twins = novelty.NEAR * np.median(neighbours(novelty.thumbnails(reference.training))[1])
    found, small = np.empty(0, int), novelty.thumbnails(reference.training[:0])
    for numbers in np.split(worth_drawing, range(size, len(worth_drawing), size)):
        pixels = as_bytes(model(z[numbers]))[:, :3]
        gap = novelty.nearest_training(pixels, reference.training, **FEW).gap
        novel = np.flatnonzero(gap >= POOL_GAP * reference.typical_gap)
        found, small = np.append(found, numbers[novel]), np.append(small, novelty.thumbnails(pixels[novel]), axis=0)
        kept = distinct(small, twins)
        found, small = found[kept], small[kept]
        if len(found) >= size:
            break
    pool = found[: rounded(min(len(found), size))]
    model.config = dataclasses.replace(model.config, pool=tuple(sorted(pool.tolist())))


def pool_size(minutes: float, pictures: int) -> int:
    """How many results a pool should have after a training of so many minutes, of which looking should take little, on
    so many pictures, of which the good results are soon all found."""
    return rounded(min(MAX_POOLED, int(POOL_A_MINUTE * minutes), max(MIN_POOLED, POOL_A_PICTURE * pictures)))


def pool_effort(minutes: float) -> float:
    """How many times more candidates than usual to look for a pool among, after a training of so many minutes."""
    return min(MAX_EFFORT, max(1.0, EFFORT_A_MINUTE * minutes))


def rounded(count: int) -> int:
    """The next lower power of two, or 0 below MIN_POOLED."""
    return 1 << (count.bit_length() - 1) if count >= MIN_POOLED else 0

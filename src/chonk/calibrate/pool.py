"""A model's pool: good results that are found once, after the training, so that whoever draws need not reject any."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import torch

from chonk import latents
from chonk.calibrate.cooccurrence import Cooccurrence
from chonk.calibrate.evaluation import evaluate, generator_of
from chonk.calibrate.limits import CANDIDATES
from chonk.judge import novelty
from chonk.judge.quick_eval import FEW, quick_eval
from chonk.judge.variety import distinct, neighbours
from chonk.model import Model
from chonk.pixels import as_bytes

MIN_POOLED, MAX_POOLED = 256, 1024
"""Results in a pool; of fewer, the same ones would come again too soon."""
POOL_A_MINUTE, MANY_PICTURES = 128, 256
"""Results in a pool for each minute of training, at most, and training pictures from which on it may have more than
MIN_POOLED."""
EFFORT_A_MINUTE, MAX_EFFORT = 102.4, 2048.0
"""The effort of `pool_latents` times the pool's size, for each minute of training and at most; the effort is 1 at
least."""
RANK_WEIGHTS = (3.0, 2.0)
"""What the rank in incoherence counts, and that in the cost of co-occurrence of features."""
COLOUR_WEIGHT, MANY_THINGS, ONE_CHARACTER = 2.0, 0.2, 0.3
"""What the rank in the cost of co-occurrence of colours counts at most: it rises from 0, where pictures have this share
of their features in common, as emoji do, to that, where they have the other one, as pictures of one character do.  The
colours of many different things belong to these things, and a whole animal in another one's is whole."""
COMPARED_SHARE, MIN_COMPARED = 1 / 3, 8
"""The share of the candidates, the most coherent ones, for which co-occurrence is looked at, and how many of them there
are at least for each result in the pool."""
MAX_DRAWN = 12
"""At most this many times a pool's size are drawn; the other candidates are judged by their features alone."""
NOVELTY_SHARE = 0.4
"""Results below this share of the limit of novelty are not drawn."""
MIN_GAP = 0.6
"""The least distance of pooled results from training pictures, where that between real ones is 1 (a copy: 0.5)."""
NO_FIGURES: Sequence[torch.Tensor] = (torch.empty(0), torch.empty(0))
"""Novelty and incoherence of no latents."""


def pool_latents(model: Model, size: int, effort: float = 1.0) -> np.ndarray:
    """The candidates for a pool of this size, `effort` times the generator's `tries` for each of its places.  The
    first CANDIDATES are also those from which limits are chosen."""
    count = max(CANDIDATES, round(effort * generator_of(model).tries * size))
    return model.config.truncation * model.prior(latents.POOL_SEED, count)


def fill_pool(
    model: Model,
    training: torch.Tensor,
    size: int,
    z: np.ndarray,
    figures: Sequence[torch.Tensor] = NO_FIGURES,
    progress: Callable[[float], None] = lambda share: None,
) -> None:
    """Gives a model a pool of `size` results, the best of the candidates z that are novel and have no duplicate among
    those taken; of half the size where they are fewer, and so on.  The best have the lowest weighted sum of ranks in
    incoherence and in the costs of co-occurrence (cooccurrence.py): a Borda count.

    `figures` is the novelty and incoherence of the first candidates, if they have been evaluated.  Novelty is measured
    on pixels: unlike features, they tell a drawing in other colours from a copy.  Features only rule out what is close
    to a training picture."""
    net, reference = generator_of(model), quick_eval(training[:, :3])
    if reference is None:
        return
    novelties, incoherences = figures
    if len(z) > len(novelties):
        _, *rest = evaluate(model, z[len(novelties) :], lambda share: progress(0.7 * share), keep_features=False)
        novelties, incoherences = (torch.cat(both) for both in zip((novelties, incoherences), rest))
    eligible = torch.nonzero(novelties >= NOVELTY_SHARE * net.min_novelty)[:, 0]
    compared = max(round(COMPARED_SHARE * len(z)), MIN_COMPARED * size)
    coherent = eligible[incoherences[eligible].argsort()][:compared]
    cooccurrence = Cooccurrence(net)
    costs_of_both = cooccurrence_costs(
        model, cooccurrence, z[coherent.numpy()], lambda share: progress(0.7 + 0.3 * share)
    )
    costs = torch.cat([incoherences[coherent, None], costs_of_both], 1)
    weights = torch.tensor([*RANK_WEIGHTS, colour_weight(cooccurrence.common)])
    ranks = costs.argsort(dim=0, stable=True).argsort(0).float() @ weights
    ranked = coherent[ranks.argsort(stable=True)][: MAX_DRAWN * size].numpy()
    min_distance = novelty.NEAR * np.median(neighbours(novelty.thumbnails(reference.training))[1])
    pool, thumbnails = np.empty(0, int), novelty.thumbnails(reference.training[:0])
    for numbers in np.split(ranked, range(size, len(ranked), size)):
        pixels = as_bytes(model(z[numbers]))[:, :3]
        gap = novelty.nearest_training(pixels, reference.training, **FEW).gap
        novel = np.flatnonzero(gap >= MIN_GAP * reference.typical_gap)
        pool = np.append(pool, numbers[novel])
        thumbnails = np.append(thumbnails, novelty.thumbnails(pixels[novel]), axis=0)
        kept = distinct(thumbnails, min_distance)
        pool, thumbnails = pool[kept], thumbnails[kept]
        if len(pool) >= size:
            break
    pool = pool[: power_of_two(min(len(pool), size))]
    model.config = dataclasses.replace(model.config, pool=tuple(sorted(pool.tolist())))


def colour_weight(common: float) -> float:
    """What the rank in the cost of co-occurrence of colours counts, given the share that pictures have in common."""
    return COLOUR_WEIGHT * min(1.0, max(0.0, (common - MANY_THINGS) / (ONE_CHARACTER - MANY_THINGS)))


def cooccurrence_costs(
    model: Model, costs: Cooccurrence, z: np.ndarray, progress: Callable[[float], None] = lambda share: None
) -> torch.Tensor:
    """The costs of co-occurrence of N latents' features and of their colours, N x 2.  Their features are retrieved
    anew, because those of all candidates would fill hundreds of megabytes."""
    net, done = generator_of(model), 0

    def costs_of_batch(part: torch.Tensor) -> torch.Tensor:
        nonlocal done
        done += len(part)
        progress(done / len(z))
        return costs(net.retrieve(part)[1])

    return torch.cat(model.map_batches(costs_of_batch, z))


def pool_size(minutes: float, pictures: int) -> int:
    """How many results a pool should have: few after a short training, so that finding them does not take long, and
    few for few pictures, whose good results are soon exhausted."""
    return power_of_two(min(MAX_POOLED if pictures >= MANY_PICTURES else MIN_POOLED, int(POOL_A_MINUTE * minutes)))


def pool_effort(minutes: float, size: int) -> float:
    """The effort of `pool_latents` for a pool of this size after a training of so many minutes."""
    return max(1.0, min(MAX_EFFORT, EFFORT_A_MINUTE * minutes) / max(size, 1))


def power_of_two(count: int) -> int:
    """The largest power of two up to `count`; 0 below MIN_POOLED."""
    return 1 << (count.bit_length() - 1) if count >= MIN_POOLED else 0

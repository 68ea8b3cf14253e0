"""How sharply a model retrieves, and the limits of novelty and incoherence beyond which it rejects results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from chonk.calibrate.evaluation import evaluate, generator_of
from chonk.judge import novelty
from chonk.judge.calibration import MAX_COPIES, MAX_DUPLICATES, REAL, RESULTS, Calibration, Results, choose
from chonk.judge.quick_eval import FEW, quick_eval
from chonk.judge.variety import duplicates
from chonk.model import Model
from chonk.nets.memory_bank import MAX_INCOHERENCE
from chonk.pixels import as_bytes

CANDIDATES, ACCEPTED_SHARES = 2500, (0.12, 0.16, 0.2)
"""Results among which the limits of a generator without sharpness are chosen, and the shares of them that may be
accepted."""
USUAL_ROUNDS = 6
"""How often RESULTS results are usually drawn to find the sharpness: it makes progress even."""


def choose_sharpness(model: Model, training: torch.Tensor, progress: Callable[[float], None]) -> Calibration:
    """Sets the sharpness, and returns it with the limits that go with it."""
    net, current, rounds = generator_of(model), 1.0, 0

    def set_sharpness(sharpness: float) -> None:
        nonlocal current
        net.sharpen(sharpness / current)
        current = sharpness

    def draw(sharpness: float, seed: int) -> Results:
        nonlocal rounds
        set_sharpness(sharpness)
        features, novelty, incoherence = evaluate(
            model, model.latents(seed, RESULTS), lambda share: progress(min((rounds + share) / USUAL_ROUNDS, 1.0))
        )
        rounds += 1

        def pictures(numbers: np.ndarray) -> torch.Tensor:
            return as_bytes(model.apply(net.decode, features[torch.from_numpy(numbers)].numpy()))

        return Results(novelty.numpy(), incoherence.numpy(), pictures)

    calibration = choose(draw, training)
    set_sharpness(calibration.sharpness)
    return calibration


@torch.inference_mode()
def choose_limits(
    model: Model,
    training: torch.Tensor,
    features: torch.Tensor,
    novelties: torch.Tensor,
    incoherences: torch.Tensor,
) -> Calibration:
    """The limits of a generator without sharpness, from what `evaluate` returns for CANDIDATES latents.

    Of the results that are novel enough, the most coherent ones are accepted.  The limit of novelty is the lowest that
    leaves no more copies among them than `judge.calibration.choose` allows, or else the highest that is tried.  The
    share that is accepted is the lowest of ACCEPTED_SHARES that leaves few enough duplicates, or else the highest."""
    reference = quick_eval(training[:, :3])
    if reference is None:
        return Calibration()
    max_copies = max(MAX_COPIES, REAL * reference.real["copies"])
    max_duplicates = max(MAX_DUPLICATES, REAL * reference.real["duplicates"])
    training_thumbnails, net = novelty.thumbnails(reference.training), generator_of(model)
    pixels: dict[int, torch.Tensor] = {}  # of the results that have been drawn, by number
    gaps: dict[int, float] = {}
    for share in ACCEPTED_SHARES:
        for min_novelty in torch.quantile(novelties, torch.arange(0.0, 0.96 - share, 0.05)):
            novel = torch.nonzero(novelties >= min_novelty)[:, 0]
            accepted = novel[incoherences[novel].argsort()[: round(share * CANDIDATES)]]
            if missing := [i for i in accepted.tolist() if i not in pixels]:
                drawn = as_bytes(model.apply(net.decode, features[missing].numpy()))[:, :3]
                pixels |= zip(missing, drawn)
                gaps |= zip(missing, novelty.nearest_training(drawn, reference.training, **FEW).gap)
            if novelty.copies(np.array([gaps[i] for i in accepted.tolist()]), reference.typical_gap) <= max_copies:
                break
        thumbnails = novelty.thumbnails(torch.stack([pixels[i] for i in accepted.tolist()]))
        count = min(len(training_thumbnails), len(accepted))
        if duplicates(training_thumbnails[:count], thumbnails[:count]) <= max_duplicates:
            break
    return Calibration(1.0, float(min_novelty), float(incoherences[accepted].max()))


def set_limits(model: Model, calibration: Calibration) -> None:
    """Writes the limits into a model whose sharpness is set already."""
    limits = {
        "min_novelty": min(max(calibration.min_novelty, 0.0), MAX_INCOHERENCE),
        "max_incoherence": min(max(calibration.max_incoherence, 0.0), MAX_INCOHERENCE),
    }
    net = generator_of(model)
    net.min_novelty, net.max_incoherence = limits.values()
    model.config.options.update(limits)
    model.config.training["sharpness"] = calibration.sharpness

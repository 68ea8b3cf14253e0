"""`chonk tune`: tries settings one after another, as the author of 2018 did by hand for weeks, and ends hopeless
trials early.

Every trial is a run of its own under OUT/trials/, which `chonk draw`, `score` and `page` take as it is.  After an
interruption the same command goes on, with the trial that was interrupted; given several times at once, in two
terminals or on machines that share the folder, it shares the trials out (`study.py`)."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys

import torch
from optuna import Study
from optuna.trial import Trial, TrialState

from chonk.errors import UserError
from chonk.judge.halves import MIN_PICTURES
from chonk.judge.quick_eval import QuickEval, quick_eval
from chonk.learn.best import MAX_PICTURES, SAMPLES, SEED
from chonk.learn.run import describe
from chonk.learn.setup import load_pictures
from chonk.learn.train import TrainingFailed, train
from chonk.model import Model, load
from chonk.pixels import as_bytes
from chonk.settings import Train, Tune
from chonk.tune.cluster import run_on_cluster
from chonk.tune.result import publish
from chonk.tune.spaces import find_space
from chonk.tune.study import next_trial, open_study

PRUNE_CHECKS = 10
"""Into how many parts the budget of a trial is cut to compare it with earlier ones at the same point."""
MINUTES = 5.0


def search(settings: Tune) -> None:
    """Searches, and leaves OUT/tune.html and OUT/tune.json; where all trials are done, it only tells what they found.

    Raises UserError for wrong settings, ChonkError where the machine fails, SystemExit(130) after Ctrl-C."""
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        raise UserError(
            "a search is not for torchrun; start the same command several times instead, they share the trials out"
        )
    study, space, look = begin(settings)
    try:
        if settings.ray:
            run_on_cluster(settings, work_on_machine)
        else:
            work(study, settings, space, look)
    finally:
        publish(study, settings, tell=True)


def begin(settings: Tune) -> tuple[Study, dict[str, tuple], QuickEval]:
    """The study, what it searches, and what trials are judged by.  Raises UserError for wrong settings."""
    pictures = load_pictures(settings)
    _, space, usual = find_space(settings)
    look = quick_eval(pictures.some(MAX_PICTURES))
    if look is None:
        raise UserError(
            f"{settings.pictures}: too few really different pictures to compare trainings by; "
            f"{MIN_PICTURES} are needed at least"
        )
    config, _ = describe(trial_settings(settings, 0, {}), pictures)
    record = {name: config[name] for name in ("objective", "preset", "seed", "settings", "data")}
    record |= {"minutes": settings.minutes, "kimg": settings.kimg, "search": space}
    record |= {"cpu_time": True} if settings.cpu_time else {}
    return open_study(settings, json.loads(json.dumps(record)), space, usual), space, look


def work_on_machine(settings: Tune) -> None:
    """A worker's part of a search on a cluster, in its own process on one of the machines."""
    with contextlib.suppress(SystemExit):  # it was asked to stop, and has written down how far it is
        study, space, look = begin(settings)
        work(study, settings, space, look)


def work(study: Study, settings: Tune, space: dict[str, tuple], look: QuickEval) -> None:
    """Tries one setting after another until there are enough trials."""
    while begun := next_trial(study, settings):
        with begun[1]:
            attempt(study, begun[0], settings, space, look)
        publish(study, settings)


def attempt(study: Study, trial: Trial, settings: Tune, space: dict[str, tuple], look: QuickEval) -> None:
    """Trains one trial and tells the study how good it came out, or that it was ended early."""
    wanted = trial_settings(
        settings, trial.number, {name: trial.suggest_categorical(name, values) for name, values in space.items()}
    )
    ended = False

    def should_prune(figures: dict[str, float], progress: float) -> bool:
        nonlocal ended
        part = int(progress * PRUNE_CHECKS)
        if 0 < part < PRUNE_CHECKS and part not in study.get_trials(deepcopy=False)[trial.number].intermediate_values:
            trial.set_user_attr("figures", figures)
            trial.report(worth(figures), part)
            ended = trial.should_prune()
        return ended

    print(f"trial {trial.number}: {' '.join(wanted.set)}", file=sys.stderr)
    try:
        with contextlib.redirect_stdout(sys.stderr):
            train(wanted, lambda pixels: look, should_prune)
    except TrainingFailed as error:
        print(f"trial {trial.number}: {error}", file=sys.stderr)
        trial.set_user_attr("failure", str(error))
        study.tell(trial, state=TrialState.FAIL)
        return
    if ended:
        shutil.rmtree(wanted.out / "checkpoints")  # nobody will go on with it
        study.tell(trial, state=TrialState.PRUNED)
    else:
        figures = look(pixels(load(wanted.out)))
        trial.set_user_attr("figures", figures)
        study.tell(trial, worth(figures))


def worth(figures: dict[str, float]) -> float:
    """What the search makes as large as it can: the selection_score; and where that is alike, 0 above all, the distance
    decides."""
    return figures["selection_score"] - 1e-6 * figures["frechet"]


def pixels(model: Model) -> torch.Tensor:
    """The pictures that a trial is judged by, as bytes."""
    return as_bytes(model.sample_values(SEED, SAMPLES))


def trial_settings(settings: Tune, number: int, chosen: dict) -> Train:
    """The settings of `chonk train` for a trial."""
    minutes = settings.minutes or (None if settings.kimg else MINUTES)
    return Train(
        pictures=settings.pictures,
        out=settings.out / "trials" / f"{number:04d}",
        minutes=minutes,
        kimg=settings.kimg,
        cpu_time=settings.cpu_time,
        objective=settings.objective,
        preset=settings.preset,
        seed=settings.seed + number,
        threads=settings.threads,
        set=(*settings.set, *(f"{name}={value}" for name, value in chosen.items())),
    )

"""What was tried: a study of Optuna's in OUT/study.journal, and who is working on which trial.

Optuna (Akiba et al. 2019, arXiv:1907.10902) chooses the settings (TPE, Bergstra et al. 2011) and says when a trial is
pruned: when it is worse than the median of the earlier ones was at the same point.  Its journal is JSON, a line
for every event, and may be written by several processes, on several machines if they share the folder."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO

import optuna
from optuna import Study
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import Trial, TrialState

from chonk.errors import UserError
from chonk.learn.run import difference, other
from chonk.settings import Tune

PATIENCE = 3
"""How many looks at a trial, and how many finished ones, there must be before it is ended early."""


def open_study(settings: Tune, record: dict, space: dict[str, tuple], usual: dict) -> Study:
    """The study that OUT holds, or a new one whose first trial is the settings as they usually are; `record` is what a
    search is known by.

    Raises UserError where OUT holds something else, or a study that was begun with other settings."""
    out, journal = settings.out, settings.out / "study.journal"
    if out.exists() and not journal.exists() and (not out.is_dir() or set(out.iterdir()) - {out / "lock"}):
        raise UserError(f"--out {out}: holds something that is no search; name a new or empty folder")
    out.mkdir(parents=True, exist_ok=True)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    with waited_for(out / "lock"):
        study = optuna.create_study(
            storage=JournalStorage(JournalFileBackend(str(journal))),
            study_name="chonk",
            load_if_exists=True,
            direction="maximize",
            pruner=optuna.pruners.MedianPruner(PATIENCE, PATIENCE),
        )
        begun = study.user_attrs.get("begun")
        if begun is None:
            study.set_user_attr("begun", record)
            study.enqueue_trial({name: usual[name] for name, values in space.items() if usual[name] in values})
        elif begun != record:
            name = next(name for name in record | begun if begun.get(name) != record.get(name))
            raise UserError(
                f"--out {out}: was begun with {other(name)} ({difference(begun.get(name), record.get(name))}); "
                "give the same again to go on with it, or name another folder"
            )
    return study


def next_trial(study: Study, settings: Tune) -> tuple[Trial, IO] | None:
    """A trial to work on and the lock that says so: first one that somebody has left unfinished, then a new one.  None
    when there are enough."""
    (settings.out / "trials").mkdir(exist_ok=True)
    with waited_for(settings.out / "lock"):
        trials = study.get_trials(deepcopy=False, states=[state for state in TrialState if state != TrialState.WAITING])
        for trial in trials:
            if trial.state == TrialState.RUNNING and (lock := hold(lock_file(settings, trial.number))):
                return Trial(study, trial._trial_id), lock
        if len(trials) >= settings.trials:
            return None
        # A sampler of its own for every trial: one that began with the seed again would propose the first trials again.
        study.sampler = optuna.samplers.TPESampler(
            seed=settings.seed + len(trials), n_startup_trials=5, constant_liar=True
        )
        new = study.ask()
        return new, waited_for(lock_file(settings, new.number))


def lock_file(settings: Tune, number: int) -> Path:
    return settings.out / "trials" / f"{number:04d}.lock"


def waited_for(file: Path) -> IO:
    """The file, opened and locked until it is closed or its process ends, as soon as no other process holds it."""
    lock = open(file, "w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    return lock


def hold(file: Path) -> IO | None:
    """The file, opened and locked until it is closed or its process ends; None where another process holds it."""
    lock = open(file, "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock

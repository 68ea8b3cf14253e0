"""Callbacks of the training loop: film, best model, curves, checkpoints, sample sheet.

They run after each successful step, in the order of `standard`, in the main process only."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import torch

from chonk.learn.best import Best
from chonk.learn.collapse import CollapseMonitor
from chonk.learn.film import FRAMES, Film
from chonk.learn.metrics import EVERY

if TYPE_CHECKING:
    from chonk.learn.bookkeeping import Bookkeeping

CHECKPOINT_SECONDS = 30
"""Time between two checkpoints: the most that a killed training loses."""
SHEET_SECONDS = 60
"""Time between two sample sheets."""
Prune = Callable[[dict[str, float], float], bool]
"""A judge's figures and the progress -> whether the training should end."""


class Callback:
    """The hooks; here they do nothing."""

    def begin(self, training: Bookkeeping) -> None:
        """Before the first step of a new run."""

    def step(self, training: Bookkeeping, before: float) -> None:
        """After a successful step; `before` is the progress before it."""

    def rewind(self, training: Bookkeeping) -> None:
        """After the state was restored from a checkpoint, or reset to the beginning."""

    def sync(self) -> None:
        """Before a checkpoint is written: its files must be safely on the disk.  Raises OSError."""


class FilmCallback(Callback):
    """Adds frames to the film; warns if their pictures are all alike, or if the objective has a concern."""

    def __init__(self, film: Film, monitor: CollapseMonitor) -> None:
        self.film, self.monitor = film, monitor

    def begin(self, training: Bookkeeping) -> None:
        self.film.add(training.snapshot(), 0)

    def step(self, training: Bookkeeping, before: float) -> None:
        if int(training.progress() * FRAMES) == int(before * FRAMES):
            return
        samples = torch.from_numpy(self.film.add(training.snapshot(), training.state.shown))
        variety, sentence = self.monitor.check(samples, training.state, training.progress())
        training.metrics.add(training.state, {"variety": variety})
        training.say(sentence)
        training.say(self.monitor.once("concern", training.objective.concern()))

    def rewind(self, training: Bookkeeping) -> None:
        self.film.rewind(training.state.shown)

    def sync(self) -> None:
        self.film.sync()


class BestCallback(Callback):
    """Keeps the generator of the best moment; warns of a collapse that the judge finds; prunes."""

    def __init__(self, best: Best, monitor: CollapseMonitor, should_prune: Prune | None) -> None:
        self.best, self.monitor, self.should_prune = best, monitor, should_prune

    def step(self, training: Bookkeeping, before: float) -> None:
        if not self.best.due(training.state, training.progress()):
            return
        figures = self.best.evaluate(training.snapshot(), training.state, training.objective.stage)
        training.metrics.add(training.state, figures)
        training.say(self.monitor.check_duplicates(figures, training.state, training.progress()))
        if self.should_prune and self.should_prune(figures, training.progress()):
            training.stop()


class MetricsCallback(Callback):
    """Writes a line of metrics every EVERY steps."""

    def step(self, training: Bookkeeping, before: float) -> None:
        if training.state.step % EVERY == 0 or training.done():
            training.metrics.write(training.state)

    def rewind(self, training: Bookkeeping) -> None:
        training.metrics.rewind(training.state)


class Every(Callback):
    """Calls one of the training's methods every so many seconds of the wall clock."""

    def __init__(self, seconds: float, action: Callable[[], object]) -> None:
        self.seconds, self.action, self.last = seconds, action, time.monotonic()

    def step(self, training: Bookkeeping, before: float) -> None:
        if time.monotonic() - self.last > self.seconds:
            self.action()
            self.last = time.monotonic()


class FirstCheckpoint(Callback):
    """Saves a checkpoint before the first step, so that a rollback is always possible."""

    def begin(self, training: Bookkeeping) -> None:
        training.save()


def standard(training: Bookkeeping, should_prune: Prune | None) -> list[Callback]:
    """The callbacks of every training."""
    monitor = CollapseMonitor(training.pictures.normalized(slice(0, 256)))
    return [
        FirstCheckpoint(),
        FilmCallback(Film(training.run.film, training.pictures.size), monitor),
        BestCallback(training.best, monitor, should_prune),
        MetricsCallback(),
        Every(CHECKPOINT_SECONDS, training.save),
        Every(SHEET_SECONDS, training.publish),
    ]

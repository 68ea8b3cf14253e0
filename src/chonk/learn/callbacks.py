"""What hangs on the loop: film, best model, curves, checkpoints, sample sheet.  The loop knows none of them by name.

They run after each good step, in the order of `standard`, in the main process only."""

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
"""Time between two checkpoints; a killed training loses no more than this."""
SHEET_SECONDS = 60
"""Time between two sample sheets."""
Prune = Callable[[dict[str, float], float], bool]
"""A judge's figures and the progress -> whether the training should end."""


class Callback:
    """All hooks do nothing here."""

    def begin(self, training: Bookkeeping) -> None:
        """Before the first step of a new run."""

    def step(self, training: Bookkeeping, before: float) -> None:
        """After a good step; `before` is the progress before it."""

    def rewind(self, training: Bookkeeping) -> None:
        """The state has been taken from a checkpoint, or from the beginning."""

    def sync(self) -> None:
        """What a checkpoint counts on must be on the disk.  Raises OSError."""


class FilmCallback(Callback):
    """Adds frames to the film; says so when their pictures are all alike, or the objective's game goes wrong."""

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
    """Keeps the best moment's generator; says so when a judge sees few pictures over and over; prunes."""

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
    """Writes a line of the curves now and then."""

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
    """A run has a checkpoint before its first step, so that whatever comes can go back."""

    def begin(self, training: Bookkeeping) -> None:
        training.save()


def standard(training: Bookkeeping, should_prune: Prune | None) -> list[Callback]:
    """What every training has."""
    monitor = CollapseMonitor(training.pictures.normalized(slice(0, 256)))
    return [
        FirstCheckpoint(),
        FilmCallback(Film(training.run.film, training.pictures.size), monitor),
        BestCallback(training.best, monitor, should_prune),
        MetricsCallback(),
        Every(CHECKPOINT_SECONDS, training.save),
        Every(SHEET_SECONDS, training.publish),
    ]

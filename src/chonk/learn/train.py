"""The training loop: gives batches of pictures to an objective until its budget is spent, and can be interrupted
anywhere.

    while progress < 1:
        pictures = the next batch, augmented
        figures  = objective.step(pictures)
        callbacks: film, best model, curves, checkpoints (chonk.learn.callbacks)

All random numbers of a step follow from the run's seed and the step's number.  So a training that was killed and
continued from its checkpoint gives, on a CPU and with a budget in pictures, bit for bit the same model as one that
never stopped.  Budget, checkpoints and model are in `chonk.learn.bookkeeping`."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import ChonkError, out_of_memory
from chonk.learn import distributed
from chonk.learn.augment import augment
from chonk.learn.best import Judge
from chonk.learn.bookkeeping import Bookkeeping
from chonk.learn.callbacks import Prune
from chonk.learn.interrupt import Interrupt
from chonk.learn.metrics import gone_wrong
from chonk.learn.objectives.base import Objective
from chonk.learn.report import Report
from chonk.learn.run import RunFolder, describe
from chonk.learn.sampler import mix, order
from chonk.learn.setup import build, load_pictures
from chonk.learn.speed import Speed, choose
from chonk.settings import Train

MAX_ROLLBACKS = 3


class TrainingFailed(ChonkError):
    """A training that cannot succeed with its settings: values diverged again and again, or memory ran out."""


def train(
    settings: Train,
    judge: Judge | None = None,
    should_prune: Prune | None = None,
    report: Callable[[float, bool], Report] = Report,
) -> None:
    """Trains a generator on a folder of prepared pictures and leaves a run in `settings.out`; continues an unfinished
    one.

    With a `judge` (learn/best.py) the model is the generator of the best moment; without, that of the last.
    `should_prune` gets the judge's figures and the progress each time, and ends the training by returning True.
    `report` makes the display of its progress.

    Raises UserError for wrong settings or pictures, ChonkError for what goes wrong later, and SystemExit(130) after
    Ctrl-C; whatever happens, the last checkpoint and the model of it stay usable."""
    pictures = load_pictures(settings)
    config, objective_settings = describe(settings, pictures)
    threads = torch.get_num_threads()
    with (
        distributed.process_group(),
        RunFolder(settings.out) if distributed.is_main_process() else nullcontext(RunFolder(settings.out)) as run,
    ):
        config = distributed.broadcast(run.begin(config) if distributed.is_main_process() else config)
        try:
            run_training(settings, config, run, pictures, objective_settings, judge, should_prune, report)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            raise TrainingFailed(
                f"out of memory with batches of {objective_settings.batch}; try a smaller --batch in a new --out, or "
                "smaller pictures"
            ) from error
        finally:
            torch.set_num_threads(threads)


def run_training(
    settings: Train,
    config: dict,
    run: RunFolder,
    pictures: PictureSet,
    objective_settings: Any,
    judge: Judge | None,
    should_prune: Prune | None,
    report: Callable[[float, bool], Report],
) -> None:
    """Trains in a run folder that is set up; the other arguments are those of `train`."""
    objective = build(config, pictures, objective_settings)
    if "speed" in config:
        speed = Speed.read(config["speed"], run.config)
    else:
        speed = choose(objective, pictures, objective_settings.batch, settings.threads, timed=settings.kimg is None)
    if distributed.is_main_process():
        run.note(config | {"speed": speed.as_dict()})
    speed.use(objective)
    training = Training(settings, config, run, pictures, objective, speed, judge, should_prune, report)
    training.rewind()
    if distributed.broadcast(training.done() and run.samples.exists()):
        training.announce("is finished; more --minutes or --kimg than before continue it")
        return
    training.go()
    training.announce("is finished")


def non_finite_weights(objective: Objective) -> str | None:
    """A message if any weight is not finite, which the figures of the step that caused it need not show."""
    norms = torch._foreach_norm([weight.detach() for weight in objective.parameters()])
    return None if bool(torch.stack(norms).isfinite().all()) else "a weight is not finite"


class Training(Bookkeeping):
    """A training: the loop, with its bookkeeping."""

    def go(self) -> None:
        """Trains until the budget is spent, or the user or a callback stops it."""
        self.started = self.clock() - self.state.seconds
        with self.make_report(self.progress(), distributed.is_main_process()) as self.report, Interrupt() as interrupt:
            if not self.state.step:
                for callback in self.callbacks:
                    callback.begin(self)
            while not self.should_end(interrupt.signal_number):
                before = self.progress()
                if self.step(before):
                    for callback in self.callbacks:
                        callback.step(self, before)
            if self.progress() < 1 and self.done():
                gained = self.best.record.gained[0] / 1000
                self.say(f"nothing has become better since {gained:.1f} thousand pictures: stopped before its time")
        if signal_number := int(distributed.all_reduce_max(interrupt.signal_number)[0]):
            self.announce(f"stopped at {100 * self.progress():.0f} %; the same command continues it")
            raise SystemExit(128 + signal_number)

    def should_end(self, signal_number: int) -> bool:
        """Whether to end: one of the processes has a reason to, and the run could be saved."""
        if not any(distributed.all_reduce_max(self.stop_requested, self.done(), signal_number)):
            return False
        return distributed.broadcast(self.close() if distributed.is_main_process() else False)

    def step(self, progress: float) -> bool:
        """Trains on one batch.  False if values were not finite and the training went back to its last checkpoint."""
        started, state, config = time.monotonic(), self.state, self.config
        batch = config["settings"]["batch"]
        # Each process takes its share of the batch.
        index = distributed.shard(order(config["seed"], state.shown, batch, len(self.pictures)))
        torch.manual_seed(mix(config["seed"], state.step))
        pictures = self.speed.to_device(self.on_device.normalized(index))
        if self.objective.augment:
            pictures = augment(pictures, self.objective.augment)
        with self.speed.precision():
            figures = self.objective.step(pictures, index, progress)
        means = distributed.all_reduce_mean(torch.tensor([*figures.values()], dtype=torch.float64)).tolist()
        figures = dict(zip(figures, means))
        wrong = self.invalid_state or gone_wrong(figures, self.metrics.last) or non_finite_weights(self.objective)
        if wrong := distributed.broadcast(wrong):
            self.roll_back(wrong)
            return False
        state.step += 1
        state.shown += batch
        state.seconds = distributed.broadcast(self.clock() - self.started)
        self.metrics.add(state, figures)
        if self.report:
            self.report.update(self.progress(), state.kimg, batch / (time.monotonic() - started), figures)
        return True

    def roll_back(self, wrong: str) -> None:
        """Goes back to the last checkpoint with a smaller learning rate; raises ChonkError after MAX_ROLLBACKS."""
        rollbacks, where = self.state.rollbacks + 1, self.state.kimg
        self.rewind()  # `state` is now the checkpoint's, with its own rollbacks and learning rates
        if rollbacks > MAX_ROLLBACKS:
            if distributed.is_main_process():
                self.publish()
            rate = self.config["settings"]["learning_rate"] * 0.5**rollbacks
            raise TrainingFailed(
                f"training went wrong {rollbacks} times ({wrong} at {where:.1f} thousand pictures); the model of the "
                f"last good moment is in {self.run.model}; try --set learning_rate={rate:.1g} in a new --out"
            )
        self.objective.slow_down(0.5 ** (rollbacks - self.state.rollbacks))
        self.state.rollbacks = rollbacks
        self.say(
            f"numbers went wrong ({wrong} at {where:.1f} thousand pictures): back to {self.state.kimg:.1f}, with a "
            f"smaller learning rate"
        )

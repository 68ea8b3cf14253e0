"""The loop: shows pictures to an objective until the time is up, and loses nothing on the way.

    while progress < 1:
        pictures = the next batch, augmented
        figures  = objective.step(pictures)
        callbacks: film, best model, curves, checkpoints (chonk.learn.callbacks)

Everything that a step draws at random follows from the run's seed and the step's number, so a training that was killed
and taken up again from its checkpoint is, on a CPU and counted in pictures, bit for bit the one that never stopped.
"""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import ChonkError, UserError, out_of_memory
from chonk.files import disk_error, sync, write_whole
from chonk.ingest.pixelart import common_grid
from chonk.learn import distributed
from chonk.learn.augment import augment
from chonk.learn.best import MAX_PICTURES, Best, Judge
from chonk.learn.callbacks import Callback, Prune, standard
from chonk.learn.checkpoint import State, checkpoints, load_checkpoint, save_checkpoint
from chonk.learn.film import sheet
from chonk.learn.interrupt import Interrupt
from chonk.learn.metrics import Metrics, gone_wrong
from chonk.learn.objectives.base import Objective
from chonk.learn.report import Report, span
from chonk.learn.run import DEFAULT_MINUTES, RunFolder, describe
from chonk.learn.sampler import mix, order
from chonk.learn.setup import build, load_pictures
from chonk.learn.speed import Speed, choose, room
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.settings import Train

MAX_ROLLBACKS = 3


class Unfit(ChonkError):
    """The settings are to blame: numbers exploded again and again, or memory ran out."""


def train(
    settings: Train,
    judge: Judge | None = None,
    should_prune: Prune | None = None,
    report: Callable[[float, bool], Report] = Report,
) -> None:
    """Trains a generator on a folder of prepared pictures and leaves a run in `settings.out`; continues an unfinished
    one.

    With a `judge` (learn/best.py) the model is the best moment's generator; without, the last one's.  `should_prune` is
    told each of the judge's figures and the progress, and ends the training by saying True.  `report` makes what a
    person sees meanwhile.

    Raises UserError for wrong settings or pictures, ChonkError for what goes wrong later, and SystemExit(130) after
    Ctrl-C; whatever happens, the last checkpoint and the model of it stay usable."""
    pictures = load_pictures(settings)
    config, own = describe(settings, pictures)
    with (
        distributed.process_group(),
        RunFolder(settings.out) if distributed.is_main_process() else nullcontext(RunFolder(settings.out)) as run,
    ):
        config = distributed.broadcast(run.begin(config) if distributed.is_main_process() else config)
        try:
            work(settings, config, run, pictures, own, judge, should_prune, report)
        except (RuntimeError, MemoryError) as error:
            if not out_of_memory(error):
                raise
            raise Unfit(
                f"out of memory with batches of {own.batch}; try a smaller --batch in a new --out, or smaller pictures"
            ) from error


def work(
    settings: Train,
    config: dict,
    run: RunFolder,
    pictures: PictureSet,
    own: Any,
    judge: Judge | None,
    should_prune: Prune | None,
    report: Callable[[float, bool], Report],
) -> None:
    """The training of a run that is begun; `own` are the objective's settings, the rest is as `train` has it."""
    objective = build(config, pictures, own)
    if "speed" in config:
        speed = Speed.read(config["speed"], run.config)
    else:
        speed = choose(objective, pictures, own.batch, settings.threads, timed=settings.kimg is None)
    if distributed.is_main_process():
        run.note(config | {"speed": speed.as_dict()})
    speed.use(objective)
    training = Training(settings, config, run, pictures, objective, speed, judge, should_prune, report)
    training.rewind()
    if distributed.broadcast(training.done() and run.samples.exists()):
        training.tell("is finished; more --minutes or --kimg than before continue it")
        return
    training.go()
    training.tell("is finished")


def broken(objective: Objective) -> str | None:
    """Says so when a weight is no number any more, whatever the figures of the step that did it looked like."""
    norms = torch._foreach_norm([weight.detach() for weight in objective.parameters()])
    return None if bool(torch.stack(norms).isfinite().all()) else "a weight is no number"


class Training:
    """One training at work: its state, its folder, its clock."""

    def __init__(
        self,
        settings: Train,
        config: dict,
        run: RunFolder,
        pictures: PictureSet,
        objective: Objective,
        speed: Speed,
        judge: Judge | None = None,
        should_prune: Prune | None = None,
        report: Callable[[float, bool], Report] = Report,
    ) -> None:
        self.settings, self.config, self.run, self.pictures, self.objective = settings, config, run, pictures, objective
        self.cell = common_grid(pictures.some(200).numpy().transpose(0, 2, 3, 1))
        self.minutes = settings.minutes if settings.minutes or settings.kimg else DEFAULT_MINUTES
        self.speed = speed
        self.shown = pictures.on(speed.device, room(speed.device))
        self.metrics = Metrics(run.metrics)
        self.clock = time.process_time if settings.cpu_time else time.monotonic
        judge = judge if distributed.is_main_process() else None
        self.best = Best(judge, pictures.some(MAX_PICTURES), self.minutes, settings.kimg, self.clock)
        self.state, self.enough = State(), False
        self.unwell: str | None = None
        self.report: Report | None = None
        self.new_report = report
        self.callbacks: list[Callback] = standard(self, should_prune) if distributed.is_main_process() else []

    def progress(self) -> float:
        """Share of the budget spent, of time or of pictures, whichever is further."""
        spent = [0.0]
        if self.minutes:
            spent.append(self.state.seconds / 60 / self.minutes)
        if self.settings.kimg:
            spent.append(self.state.kimg / self.settings.kimg)
        return min(max(spent), 1.0)

    def done(self) -> bool:
        """The budget is spent; or nothing gets better any more, where that can be told before the end."""
        return self.progress() >= 1 or (self.objective.steady and self.best.stalled())

    def stop(self) -> None:
        """Ends the training after this step."""
        self.enough = True

    def say(self, sentence: str | None) -> None:
        """Tells the person a sentence, if there is one."""
        if sentence and self.report:
            self.report.say(sentence)

    def go(self) -> None:
        """Until the budget is spent, the person has enough, or a callback says so."""
        self.started = self.clock() - self.state.seconds
        with self.new_report(self.progress(), distributed.is_main_process()) as self.report, Interrupt() as interrupt:
            if not self.state.step:
                for callback in self.callbacks:
                    callback.begin(self)
            while not self.ended(interrupt.asked):
                before = self.progress()
                if self.step(before):
                    for callback in self.callbacks:
                        callback.step(self, before)
            if self.progress() < 1 and self.done():
                gained = self.best.record.gained[0] / 1000
                self.say(f"nothing has become better since {gained:.1f} thousand pictures: stopped before its time")
        if asked := int(distributed.all_reduce_max(interrupt.asked)[0]):
            self.tell(f"stopped at {100 * self.progress():.0f} %; the same command continues it")
            raise SystemExit(128 + asked)

    def ended(self, asked: int) -> bool:
        """Whether any process has a reason to end, and the run could be closed."""
        if not any(distributed.all_reduce_max(self.enough, self.done(), asked)):
            return False
        return distributed.broadcast(self.close() if distributed.is_main_process() else False)

    def tell(self, how: str) -> None:
        """How it ended, on stdout: a line for people, or an object for scripts."""
        if not distributed.is_main_process():
            return
        if self.settings.json:
            figures = {name: value for name, value in self.metrics.last.items() if name not in ("seconds", "kimg")}
            print(
                json.dumps(
                    {
                        "run": str(self.run.path),
                        "progress": round(self.progress(), 4),
                        "kimg": self.state.kimg,
                        "seconds": round(self.state.seconds, 1),
                        "figures": figures,
                    }
                )
            )
        else:
            print(
                f"{self.run.path}: {how} ({self.state.kimg:g} thousand pictures, {span(self.state.seconds)}); its "
                f"pictures: {self.run.samples}"
            )

    def step(self, progress: float) -> bool:
        """One batch for the objective.  False when numbers went wrong and the training went back to its last
        checkpoint."""
        started, state, config = time.monotonic(), self.state, self.config
        batch = config["settings"]["batch"]
        index = distributed.shard(order(config["seed"], state.shown, batch, len(self.pictures)))
        torch.manual_seed(mix(config["seed"], state.step))
        pictures = self.speed.show(self.shown.normalized(index))
        if self.objective.augment:
            pictures = augment(pictures, self.objective.augment)
        with self.speed.precision():
            figures = self.objective.step(pictures, index, progress)
        means = distributed.all_reduce_mean(torch.tensor([*figures.values()], dtype=torch.float64)).tolist()
        figures = dict(zip(figures, means))
        wrong = self.unwell or gone_wrong(figures, self.metrics.last) or broken(self.objective)
        if wrong := distributed.broadcast(wrong):
            self.go_back(wrong)
            return False
        state.step += 1
        state.shown += batch
        state.seconds = distributed.broadcast(self.clock() - self.started)
        self.metrics.add(state, figures)
        if self.report:
            self.report.update(self.progress(), state.kimg, batch / (time.monotonic() - started), figures)
        return True

    def go_back(self, wrong: str) -> None:
        """To the last good checkpoint with a smaller learning rate; raises ChonkError the fourth time."""
        rollbacks, where = self.state.rollbacks + 1, self.state.kimg
        self.rewind()
        if rollbacks > MAX_ROLLBACKS:
            if distributed.is_main_process():
                self.publish()
            rate = self.config["settings"]["learning_rate"] * 0.5**rollbacks
            raise Unfit(
                f"training went wrong {rollbacks} times ({wrong} at {where:.1f} thousand pictures); the model of the "
                f"last good moment is in {self.run.model}; try --set learning_rate={rate:.1g} in a new --out"
            )
        self.objective.slow_down(0.5 ** (rollbacks - self.state.rollbacks))
        self.state.rollbacks = rollbacks
        self.say(
            f"numbers went wrong ({wrong} at {where:.1f} thousand pictures): back to {self.state.kimg:.1f}, with a "
            f"smaller learning rate"
        )

    def rewind(self) -> None:
        """Takes up the newest checkpoint, or the beginning where there is none; film and metrics go back with it."""
        files = checkpoints(self.run.checkpoints)[-1:] if distributed.is_main_process() else []
        for file in distributed.broadcast([str(file) for file in files]):
            self.state, tensors, numbers = load_checkpoint(Path(file))
            try:
                self.objective.set_state(tensors, numbers)
                self.best.set_state(tensors, self.state.best, self.snapshot)
            except (KeyError, IndexError, TypeError, AttributeError, ValueError, RuntimeError) as error:
                raise UserError(
                    f"{file}: does not fit this run ({str(error).splitlines()[0]}); remove it to go on from the one "
                    "before, or, where another version of chonk made it, start a new run with another --out"
                ) from error
        distributed.broadcast_tensors(self.objective.state_dict().values())
        self.unwell = None
        for callback in self.callbacks:
            callback.rewind(self)

    def close(self) -> bool:
        """The model, and then the checkpoint that says that it is done; False when there can be none."""
        self.publish()
        return self.save()

    def save(self) -> bool:
        """A checkpoint; what it counts on reaches the disk before it does.

        False when it would have held values that are no numbers: the next step then goes back."""
        tensors, numbers = self.objective.get_state()
        kept, self.state.best = self.best.get_state()
        if not all(bool(value.isfinite().all()) for value in (tensors | kept).values()):
            self.unwell = "an average or an optimiser holds no numbers"
            return False
        try:
            sync(self.run.metrics)
            for callback in self.callbacks:
                callback.sync()
        except OSError as error:
            raise disk_error(self.run.metrics, error) from error
        save_checkpoint(self.run.checkpoints, self.state, tensors | kept, numbers)
        return True

    def snapshot(self) -> Model:
        """The generator as it is now, on the CPU."""
        net, options, latent_dim, kind = self.objective.generator_config()
        training = {name: self.config[name] for name in ("objective", "preset", "seed", "chonk")}
        training |= {
            "kimg": self.state.kimg,
            "minutes": round(self.state.seconds / 60, 2),
            "pictures": len(self.pictures),
        }
        config = ModelConfig(
            net,
            self.pictures.size,
            self.pictures.channels,
            latent_dim,
            kind,
            options,
            self.run.title,
            cell=self.cell,
            training=training,
        )
        return Model(copy.deepcopy(self.objective.trained()).cpu().float(), config)

    def publish(self) -> None:
        """The best model so far and a sheet of its pictures, for people."""
        model = self.best.model or self.snapshot()
        model.save(self.run.model)
        write_whole(self.run.samples, sheet(model.sample_values(1, 25), 5, gap=2, scale=2), durable=False)

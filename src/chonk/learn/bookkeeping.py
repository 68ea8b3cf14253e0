"""The bookkeeping of a training: its budget, its state, and its run folder with checkpoints and model.  The loop is in
`chonk.learn.train`."""

from __future__ import annotations

import copy
import json
import time
from collections.abc import Callable
from pathlib import Path

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.files import disk_error, sync, write_whole
from chonk.ingest.pixelart import common_grid
from chonk.learn import distributed
from chonk.learn.best import MAX_PICTURES, Best, Judge
from chonk.learn.callbacks import Callback, Prune, standard
from chonk.learn.checkpoint import State, checkpoints, load_checkpoint, save_checkpoint
from chonk.learn.film import sheet
from chonk.learn.metrics import Metrics
from chonk.learn.objectives.base import Objective
from chonk.learn.report import Report, span
from chonk.learn.run import DEFAULT_MINUTES, RunFolder
from chonk.learn.speed import Speed, free_memory
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.settings import Train


class Bookkeeping:
    """One training: its settings, its state, its folder, its clock."""

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
        self.on_device = pictures.on(speed.device, free_memory(speed.device))
        self.metrics = Metrics(run.metrics)
        self.clock = time.process_time if settings.cpu_time else time.monotonic
        judge = judge if distributed.is_main_process() else None
        self.best = Best(judge, pictures.some(MAX_PICTURES), self.minutes, settings.kimg, self.clock)
        self.state, self.stop_requested = State(), False
        self.invalid_state: str | None = None
        self.report: Report | None = None
        self.make_report = report
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
        """Whether the budget is spent, or, with constant learning rates, there has been no progress for long."""
        return self.progress() >= 1 or (self.objective.constant_rate and self.best.stalled())

    def stop(self) -> None:
        """Ends the training after this step."""
        self.stop_requested = True

    def say(self, sentence: str | None) -> None:
        """Shows the user a sentence, if there is one."""
        if sentence and self.report:
            self.report.say(sentence)

    def announce(self, how: str) -> None:
        """Prints how it ended: a line for people, or a JSON object for scripts."""
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

    def rewind(self) -> None:
        """Restores the newest checkpoint, or the beginning if there is none, with the film and the metrics of that
        moment."""
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
        self.invalid_state = None
        for callback in self.callbacks:
            callback.rewind(self)

    def close(self) -> bool:
        """Writes the model, and then the checkpoint that marks it as done; False if that was not possible."""
        self.publish()
        return self.save()

    def save(self) -> bool:
        """Writes a checkpoint, after everything that it depends on has reached the disk.

        False if it would hold values that are not finite: the next step then rolls back."""
        tensors, numbers = self.objective.get_state()
        kept, self.state.best = self.best.get_state()
        if not all(bool(value.isfinite().all()) for value in (tensors | kept).values()):
            self.invalid_state = "an average or an optimiser holds no numbers"
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

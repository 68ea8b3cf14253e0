"""The stages of `chonk make`, with the inputs on which each depends."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chonk import __version__, commands
from chonk.beside import Beside
from chonk.errors import UserError
from chonk.ingest.resolution import LARGE, SMALL, choose_resolution
from chonk.learn.objectives import check_name, find_objective
from chonk.learn.presets import find_preset
from chonk.paths import check_output, check_raw
from chonk.settings import Gather, Make, Page, Score, Serve, Train
from chonk.stages import Stages, contents_digest, set_aside, source_digest
from chonk.terminal import end_with_terminal

if TYPE_CHECKING:
    from chonk.learn.report import Report


class Pipeline:
    """One `chonk make`.  Each stage is run unless OUT/make.json says that it was done with the same inputs
    (`chonk.stages`)."""

    def __init__(self, settings: Make) -> None:
        self.settings, self.out = settings, settings.out or default_out(settings.folder)
        self.pictures, self.run, self.site = self.out / "pictures", self.out / "run", self.out / "page"
        self.places = {"out": self.out, "pictures": self.pictures, "run": self.run, "page": self.site}
        self.beside: Beside | None = None
        self.objective = check(settings, self.out)
        self.size = settings.size or SMALL
        self.source = source_digest(settings.folder, self.out) if settings.folder else "character"

    def begin(self) -> None:
        self.stage = Stages(self.out)

    def gather(self) -> None:
        """At --size; without it, at the size it was started with, or else at one that suits pictures and time."""
        from chonk.ingest.gather import gather
        from chonk.ingest.output import size_of

        settings = self.settings
        size = settings.size or self.stage.input("gather", "size")
        inputs = {"source": self.source, "size": size, "cutout": settings.cutout}
        if settings.split_sheets:
            inputs["split_sheets"] = True
        if not settings.folder:
            inputs |= {"character": settings.character, "seed": settings.seed}
        options = Gather(
            source=settings.folder,
            out=self.pictures,
            size=size or SMALL,
            seed=settings.seed,
            cutout=settings.cutout,
            split_sheets=settings.split_sheets,
            character=None if settings.folder else settings.character,
        )

        def clear() -> None:
            # Where only the source has changed, `gather` adds what is new and respects what was taken out.
            if None in (settings.folder, size) or not self.stage.only_changed("gather", inputs, "source"):
                set_aside(self.pictures)  # a person may have put pictures there, or taken some out

        self.stage("gather", inputs, partial(gather, choose_size=None if size else self.choose_size), options, clear)
        if size is None:
            size = size_of(self.pictures)
            self.stage.note("gather", inputs | {"size": size}, done=True)
        self.size = size
        self.gathered = contents_digest(self.pictures, "*.png")

    def choose_size(self, taken: list[dict]) -> int:
        """The size that suits pictures and time, with a message to the user; for the classic objectives, the small
        one."""
        from chonk.learn.objectives.chonk import MemorySettings

        if not issubclass(find_objective(self.objective).Settings, MemorySettings):
            return SMALL
        size, why = choose_resolution(taken, self.settings.minutes)
        other = SMALL + LARGE - size
        print(f"learning them at {size} x {size} pixels: {why} (or choose --size {other})", file=sys.stderr)
        return size

    def train(self) -> None:
        settings = self.settings
        inputs = {
            "pictures": self.gathered,
            "objective": settings.objective,
            "preset": settings.preset,
            "seed": settings.seed,
            "minutes": settings.minutes,
        }
        options = Train(
            pictures=self.pictures,
            out=self.run,
            objective=settings.objective,
            preset=settings.preset,
            seed=settings.seed,
            minutes=settings.minutes,
        )

        def clear() -> None:
            if not self.stage.only_changed("train", inputs, "minutes"):  # else the run is continued
                set_aside(self.run)

        self.stage("train", inputs, partial(commands.train, report=self.report), options, clear)
        self.model = contents_digest(self.run / "model", "*")

    def report(self, progress: float, visible: bool = True, name: str = "training") -> Report:
        """The display of progress for the training or the calibration, with the time left for all stages."""
        from chonk.estimates import after_training
        from chonk.learn.report import Report

        calibration, later = after_training(len(list(self.pictures.glob("*.png"))), self.size, self.settings.minutes)
        if name == "training":
            return Report(progress, visible, plain=True, after=calibration + later, name=name)
        return Report(progress, visible, plain=True, after=later, name=name, expected=calibration)

    @contextlib.contextmanager
    def page_begun(self) -> Iterator[None]:
        """Writes the page in a separate process while the results are judged, if there are threads for both."""
        from torch import get_num_threads, set_num_threads

        threads = get_num_threads()
        todo = self.can_be_judged and not (
            self.stage.is_done("score", self.score_inputs) or self.stage.is_done("page", self.page_inputs)
        )
        if threads < 2 or not todo:
            yield
            return
        arguments = (self.run.absolute(), f"--out={self.site}", f"--title={default_title(self.settings.folder)}")
        set_num_threads(threads - threads // 2)
        try:
            with Beside("page", *arguments, threads=threads // 2) as self.beside:
                yield
        finally:
            set_num_threads(threads)

    def score(self) -> None:
        from chonk.judge.halves import MIN_PICTURES
        from chonk.judge.score import score

        if not self.can_be_judged:
            self.stage.say("score", f": left out, it takes {MIN_PICTURES} pictures")
            return
        self.stage("score", self.score_inputs, score, Score(run=self.run, pictures=self.pictures, out=self.out))

    def page(self) -> None:
        options = Page(runs=(self.run,), out=self.site, title=default_title(self.settings.folder))
        beside = self.beside
        self.stage("page", self.page_inputs, commands.page if beside is None else lambda _: beside.wait(), options)

    @property
    def can_be_judged(self) -> bool:
        from chonk.judge.halves import MIN_PICTURES

        return len(list(self.pictures.glob("*.png"))) >= MIN_PICTURES

    @property
    def score_inputs(self) -> dict:
        return {"model": self.model, "pictures": self.gathered}

    @property
    def page_inputs(self) -> dict:
        return {"model": self.model, "version": __version__}

    def show(self) -> None:
        """Serves the page to a person at a terminal; for scripts it prints where it is."""
        from chonk.play.serve import serve

        if self.settings.json:
            places = {**self.places, "score": self.out / "score.json"}
            print(json.dumps({name: str(place) for name, place in places.items()}))
        elif self.settings.show and sys.stdin.isatty() and sys.stdout.isatty():
            end_with_terminal()  # all is done
            serve(Serve(folder=self.site))
        else:
            print(f"the page is {self.site / 'index.html'}; look at it with: chonk serve {self.site}")


def check(settings: Make, out: Path) -> str:
    """The objective to train with.  Raises UserError at once for whatever a later stage would refuse; only for --size
    does it load PyTorch first."""
    name, preset = find_preset(settings.preset, settings.objective)
    check_name(name)
    if settings.folder:
        if (settings.folder / "make.json").is_file():
            raise UserError(
                f"{settings.folder}: is what chonk make left; give it the folder of your own pictures again, with "
                f"--out {settings.folder} to go on with this one"
            )
        check_raw(settings.folder)
        check_output(out, [settings.folder], anew=True)
    if settings.size:
        try:
            find_objective(name).Objective.check_size(settings.size, preset)
        except ValueError as error:
            raise UserError(f"--size {settings.size}: {error}") from error
    return name


def default_out(folder: Path | None) -> Path:
    """my-stickers.chonk in the current folder for .../my-stickers or my-stickers.zip."""
    return Path(f"{default_title(folder)}.chonk")


def default_title(folder: Path | None) -> str:
    """The title of the model: the name of the folder or the archive."""
    if folder is None:
        return "character"
    path = folder.resolve()
    return (path.name if path.is_dir() else path.stem) or "pictures"

"""`chonk make`: the whole way from a folder of pictures to a page.

Given again, it goes on where it was interrupted, and does again only what depends on a changed source or setting."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chonk import __version__
from chonk.errors import UserError
from chonk.settings import Gather, Make, Page, Score, Serve, Train
from chonk.stages import Stages, keep_aside, of_contents, of_source, remove

if TYPE_CHECKING:
    from chonk.learn.report import Report

AFTER = 30.0
"""Seconds that everything but the training takes, of a hundred pictures of 64 px on two cores (docs/performance.md)."""


def train(settings: Train, report: Callable[..., Report] | None = None) -> None:
    """`chonk train`: gives the training a judge, so that it keeps its best moment, and calibrates the model; neither
    knows the other.  `report` makes what a person sees of it meanwhile (learn/report.py).

    A training that was told to stop leaves a model that does not copy either."""
    from chonk.calibrate import calibrate_run
    from chonk.judge.quick_eval import quick_eval
    from chonk.learn.report import Report
    from chonk.learn.train import train as learn

    try:
        learn(settings, quick_eval, report=report or Report)
    except SystemExit:  # Ctrl-C; a second one leaves out what follows
        calibrate_run(settings.out, settings.pictures)
        raise
    calibrate_run(settings.out, settings.pictures)


def page(settings: Page) -> dict:
    """`chonk page`: gives the page whoever teaches its hunt's recognizer; neither knows the other."""
    from chonk.hunt.train import teach
    from chonk.play.page import page as assembled

    return assembled(settings, teach)


def make(wish: Make) -> dict:
    """Gathers, trains, scores, writes the page and shows it; returns where everything is.

    Raises UserError for a source, a setting or an `--out` that cannot work, before anything is written."""
    from chonk.ingest.gather import gather
    from chonk.judge.halves import MIN_PICTURES
    from chonk.judge.score import score
    from chonk.learn.report import Report
    from chonk.play.serve import serve

    out = wish.out or usual_out(wish.folder)
    pictures, run, site = out / "pictures", out / "run", out / "page"
    check(wish, out)
    source = of_source(wish.folder, out) if wish.folder else "character"
    with spoken(wish.json), nothing_left(out):
        stage = Stages(out)
        stage(
            "gather",
            gather_inputs(wish, source),
            gather,
            gather_settings(wish, pictures),
            fresh=lambda: start_over(stage, wish, source, pictures),
        )
        drawn = of_contents(pictures, "*.png")
        stage(
            "train",
            train_inputs(wish, drawn),
            partial(train, report=partial(Report, plain=True, after=AFTER)),
            train_settings(wish, pictures, run),
            fresh=lambda: make_room(stage, wish, drawn, run),
        )
        model = of_contents(run / "model", "*")
        if len(list(pictures.glob("*.png"))) >= MIN_PICTURES:
            stage("score", {"model": model, "pictures": drawn}, score, Score(run=run, pictures=pictures, out=out))
        else:
            stage.say("score", f": left out, it takes {MIN_PICTURES} pictures")
        stage(
            "page",
            {"model": model, "version": __version__},
            page,
            Page(runs=(run,), out=site, title=usual_title(wish.folder)),
        )
    if wish.json:
        print(
            json.dumps(
                {
                    "out": str(out),
                    "pictures": str(pictures),
                    "run": str(run),
                    "score": str(out / "score.json"),
                    "page": str(site),
                }
            )
        )
    elif wish.show and sys.stdin.isatty() and sys.stdout.isatty():
        serve(Serve(folder=site))
    else:
        print(f"the page is {site / 'index.html'}; look at it with: chonk serve {site}")
    return {"out": out, "pictures": pictures, "run": run, "page": site}


def check(wish: Make, out: Path) -> None:
    """Raises UserError for what a later stage would refuse, long before it begins."""
    from chonk.ingest.ours import check_source
    from chonk.learn.objectives import find_objective
    from chonk.learn.presets import find_preset

    objective = find_objective(find_preset(wish.preset, wish.objective)[0]).Objective
    try:
        objective.check_size(wish.size)
    except ValueError as error:
        raise UserError(f"--size {wish.size}: {error}") from error
    if wish.folder:
        if (wish.folder / "make.json").is_file():
            raise UserError(
                f"{wish.folder}: is what chonk make left; give it the folder of your own pictures again, with "
                f"--out {wish.folder} to go on with this one"
            )
        check_source(wish.folder, out)


def usual_out(folder: Path | None) -> Path:
    """my-stickers.chonk in the current folder for .../my-stickers or my-stickers.zip."""
    return Path(f"{usual_title(folder)}.chonk")


def usual_title(folder: Path | None) -> str:
    """What to call the model: as the folder or the archive is called."""
    if folder is None:
        return "character"
    path = folder.resolve()
    return (path.name if path.is_dir() else path.stem) or "pictures"


def gather_settings(wish: Make, pictures: Path) -> Gather:
    return Gather(
        source=wish.folder,
        out=pictures,
        size=wish.size,
        seed=wish.seed,
        cutout=wish.cutout,
        split_sheets=wish.split_sheets,
        character=None if wish.folder else wish.character,
    )


def gather_inputs(wish: Make, source: str) -> dict:
    own = {} if wish.folder else {"character": wish.character, "seed": wish.seed}
    split = {"split_sheets": True} if wish.split_sheets else {}
    return {"source": source, "size": wish.size, "cutout": wish.cutout, **split, **own}


def start_over(stage: Stages, wish: Make, source: str, pictures: Path) -> None:
    """Clears the pictures, unless all that has changed is the source: then `gather` adds what is new and respects what
    was taken out."""
    if wish.folder is None or stage.done["gather"]["inputs"] | {"source": source} != gather_inputs(wish, source):
        remove(pictures)


def train_settings(wish: Make, pictures: Path, run: Path) -> Train:
    return Train(
        pictures=pictures, out=run, minutes=wish.minutes, objective=wish.objective, preset=wish.preset, seed=wish.seed
    )


def train_inputs(wish: Make, drawn: str) -> dict:
    return {
        "pictures": drawn,
        "objective": wish.objective,
        "preset": wish.preset,
        "seed": wish.seed,
        "minutes": wish.minutes,
    }


def make_room(stage: Stages, wish: Make, drawn: str, run: Path) -> None:
    """Keeps the former run aside, unless all that has changed is how long to train: then it is continued."""
    if stage.done["train"]["inputs"] | {"minutes": wish.minutes} != train_inputs(wish, drawn):
        keep_aside(run)


@contextlib.contextmanager
def spoken(json_only: bool):
    """Where standard output is to be one JSON object, what the stages say goes to standard error."""
    with contextlib.redirect_stdout(sys.stderr) if json_only else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def nothing_left(out: Path):
    """Takes the output folder away again if a first attempt ends before it holds anything but our record."""
    is_new = not out.exists()
    try:
        yield
    except BaseException:
        if is_new and out.is_dir() and {entry.name for entry in out.iterdir()} <= {"make.json"}:
            remove(out)
        raise

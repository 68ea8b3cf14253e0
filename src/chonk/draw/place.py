"""Where drawn files go, and how they get there: all of them or none."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from chonk import settings
from chonk.draw.animation import MOVING
from chonk.errors import UserError
from chonk.files import FORMAT, MAX_LIST, read_json
from chonk.ingest.ours import is_drawing, signature
from chonk.paths import check_output
from chonk.swap import building, recover
from chonk.validation import Folder

if TYPE_CHECKING:
    from chonk.model import Model

STILL = (".png", ".webp")
PRINTED = (".pdf",)
LISTING = "draw.json"
OURS = re.compile(r"(\d{4,}|\d\d|tray|main|tab|contact|pack)\.(png|svg|webp|webm|json|zip|wastickers)")
"""Names of files of which there are several in a drawing."""
ON_SHEET, FINISHED = 256, 512
"""Pixels a picture, where nothing else is asked for: one of several, and one that leaves by itself."""


@dataclass(frozen=True)
class Place:
    """Where the files of a request belong."""

    folder: Path
    names: tuple[str, ...]
    """The files; empty where there is one for each picture."""
    what: str
    """What is drawn."""


@dataclass(frozen=True)
class Job:
    """A request being drawn."""

    request: settings.Draw
    run: Path
    """The run, or the folder of its model."""
    ground: tuple[int, int, int] | None
    """Colour to put transparent pictures on; None to keep them transparent where the format can."""
    folder: Path
    """Where to write."""
    names: tuple[str, ...]
    """The files to write; empty where there is one for each picture."""


def place(request: settings.Draw) -> Place:
    """`--out` is a file where it ends like one that can be drawn, else a folder.  Raises UserError for the wrong
    format."""
    what, kind = type(request.what).__name__.lower(), type(request.what)
    if request.link:
        if request.what != settings.Grid():
            raise UserError(f"--link says itself what to draw; leave out {what}")
        what = "link"
    several = kind in (settings.Samples, settings.Stickers, settings.Pack) and not request.link
    endings_of = {settings.Walk: MOVING, settings.Film: MOVING, settings.Hunt: PRINTED}
    endings = () if several else endings_of.get(kind, STILL)
    file = None if request.out is None or request.out in Folder() else request.out
    if file and file.suffix.lower() not in endings:
        how = f"{what} can be drawn as {', '.join(endings)}" if endings else f"{what} are one file each; name a folder"
        raise UserError(f"--out {request.out}: {how}")
    if several:
        return Place(request.out or Path(what), (), what)
    if file is None:
        usual_of = {settings.Film: (".mp4", ".webp"), settings.Walk: (".webp",), settings.Hunt: PRINTED}
        usual = usual_of.get(kind, (".png",))
        return Place(request.out or Path("."), tuple(what + ending for ending in usual), what)
    return Place(file.parent, (file.name,), what)


@contextlib.contextmanager
def staged(target: Place) -> Iterator[Path]:
    """A folder to draw into; when all files are there they are moved to their place, and the folder goes in any case.

    Files of an earlier drawing are replaced, but never one of another origin, nor is anything put into a set of
    pictures: UserError."""
    check_output(target.folder, [], anew=False)
    for name in target.names:
        if (file := target.folder / name).exists() and file.stat().st_size and not is_drawing(file):
            raise UserError(f"{file}: is there already and chonk did not draw it; name another file with --out")
    new = [parent for parent in (target.folder, *target.folder.parents) if not parent.exists()]
    if target.folder.exists() and not target.folder.is_dir():
        raise UserError(f"--out {target.folder}: is a file; name a folder")
    inside = target.folder / "chonk"  # never made: what is built beside it lies in the target's own folder
    recover(inside)
    target.folder.mkdir(parents=True, exist_ok=True)
    try:
        with building(inside) as scratch:
            (stage := scratch / "new").mkdir()
            yield stage
            names = {file.name for file in stage.iterdir()}
            before = set() if target.names else listed(target)
            foreign = sorted(name for name in names - before - set(target.names) if (target.folder / name).exists())
            if foreign:
                raise UserError(f"--out {target.folder}: has a {foreign[0]} of another origin; name another folder")
            for name in sorted(names):
                (stage / name).replace(target.folder / name)
            for name in before - names:
                (target.folder / name).unlink(missing_ok=True)
    finally:
        for parent in new:
            with contextlib.suppress(OSError):
                parent.rmdir()


def listed(target: Place) -> set[str]:
    """The files that `chonk draw` left there when it drew the same kind of thing before, by its listing."""
    try:
        listing = read_json(target.folder / LISTING, MAX_LIST)
        names = listing["files"] if listing["what"] == target.what else []
        return {LISTING, *(name for name in names if OURS.fullmatch(name))}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def note(job: Job) -> None:
    """draw.json: which files these are and of what seed, so that a later drawing may replace them and nothing else."""
    request = job.request
    listing = {
        "format": FORMAT,
        "what": type(request.what).__name__.lower(),
        "seed": request.seed,
        "truncation": request.truncation,
        "files": sorted(file.name for file in job.folder.iterdir()),
    }
    (job.folder / LISTING).write_text(json.dumps(listing, indent=1) + "\n", encoding="utf-8")


def enlarged(picture: Image.Image, scale: int) -> Image.Image:
    """Every pixel as a square of scale x scale."""
    return (
        picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)
        if scale > 1
        else picture
    )


def pictures_of(job: Job, model: Model, values: np.ndarray, usual: int | None = ON_SHEET) -> list[Image.Image]:
    """A model's output as the request wants it: finished at --size, or else at `usual` if the model's own pictures are
    smaller, or its own pixels magnified by --scale."""
    from chonk.pixels import as_pictures

    own = model.config.size
    size = job.request.size or (own if job.request.scale > 1 else max(own, usual or own))
    return [enlarged(picture, job.request.scale) for picture in as_pictures(model.finish(values, size), job.ground)]


def save_sheet(job: Job, sheet: Image.Image) -> None:
    """The sheet as the one file that was asked for."""
    (name,) = job.names
    sheet.save(job.folder / name, lossless=True, **signature(Path(name).suffix))

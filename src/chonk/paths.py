"""What a command reads and where it writes: decided once for all commands, before anything is loaded.

What is read must be there.  What is written never replaces its own source, and does not lie in a set of pictures, which
`chonk gather` makes anew as a whole."""

from __future__ import annotations

import os
import typing
from dataclasses import dataclass
from pathlib import Path

from chonk.errors import UserError, did_you_mean
from chonk.files import read_json
from chonk.swap import recover
from chonk.validation import Folder, annotated_types

WEIGHTS, CONFIG = "model.safetensors", "config.json"
"""The two files of a model."""
SET = "gather.json"
RECORDS = {
    SET: ("taken", "a folder that chonk gather made"),
    "make.json": ("stages", "a folder that chonk make made"),
    CONFIG: ("objective", "a run of chonk train"),
    "draw.json": ("files", "a folder that chonk draw made"),
    "page.json": ("models", "a page that chonk made"),
    "tune.json": ("trials", "a search of chonk tune"),
}
"""A record's name, what it always holds, and what the folder around it is."""
MAX_BYTES = 64 << 20


@dataclass(frozen=True)
class Source:
    """Beside the type of a setting: a path that the command reads."""

    model: bool = False
    """Whether a model must be there."""
    taken: str = "one RUN at a time"
    """How many the command takes, and what to do with more."""


@dataclass(frozen=True)
class Anew(Folder):
    """Beside the type of a setting: the path of a folder that the command makes anew as a whole."""


def check_paths(settings: typing.Any) -> None:
    """Raises UserError for what a command's settings name as its source and is not there, and for an output that would
    replace its source or lie in a set of pictures."""
    sources: list[Path] = []
    marks = {name: typing.get_args(hint)[1:] for name, hint in annotated_types(settings.__class__).items()}
    for name, beside in marks.items():
        for mark in beside:
            if isinstance(mark, Source):
                value = getattr(settings, name)
                for path in value if isinstance(value, tuple) else [value] if value else []:
                    sources.append(model_folder(path) if mark.model else check_exists(path))
    if out := getattr(settings, "out", None):
        anew = any(isinstance(mark, Anew) for mark in marks["out"])
        check_output(out, sources if anew else [], anew)


def check_exists(path: Path) -> Path:
    """The path.  Raises UserError where nothing is there, naming what has nearly that name."""
    try:
        if not path.exists():
            recover(path)  # a killed process may have set it aside
        if path.exists():
            return path
        near = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except (OSError, ValueError) as error:  # a name that no file can have
        raise UserError(f"{path!s:.80}: cannot be opened ({error})") from error
    raise UserError(f"{path}: no such file or folder{did_you_mean(path.name, near)}")


def check_output(out: Path, sources: list[Path], anew: bool) -> None:
    """Raises UserError where an output would replace a source, being the same or around it, or lie in a set.  With
    `anew` it is made as a whole, else it is a file or a folder that files are put into."""
    place = Path(os.path.realpath(out))
    for source in sources:
        real = Path(os.path.realpath(source))
        if real == place:
            raise UserError(f"{out}: is the source itself; choose another --out")
        if real.is_relative_to(place):
            raise UserError(f"{source}: lies inside the output {out}; choose another --out")
    for folder in (*(() if anew else (place,)), *place.parents):
        if made_by_chonk(folder, (SET,)):
            raise UserError(
                f"{out}: lies in {folder}, a set of pictures that is made anew as a whole; choose another --out"
            )


def check_raw(source: Path) -> None:
    """Raises UserError where chonk made what is to be gathered."""
    if what := made_by_chonk(source):
        raise UserError(f"{source}: is {what}, and no source; name the pictures that it was made of")


def made_by_chonk(folder: Path | str, records: typing.Iterable[str] = RECORDS) -> str | None:
    """What a folder is, where chonk made it; None for any other."""
    for name in records:
        key, what = RECORDS[name]
        file = Path(folder, name)
        if os.path.isfile(file):
            try:
                record = read_json(file, MAX_BYTES)
            except (OSError, ValueError):
                continue
            if isinstance(record, dict) and "format" in record and key in record:
                return what
    return None


def model_folder(path: Path | str) -> Path:
    """The folder that holds a model, for a path to it, to its run or to what `make` left."""
    path = Path(path)
    check_exists(path)
    try:
        for folder in (path, path / "model", path / "run" / "model"):
            if (folder / CONFIG).is_file() and any(file.is_file() for file in weights_files(folder)):
                return folder
    except OSError as error:
        raise UserError(f"{path}: cannot be opened ({error})") from error
    raise UserError(
        f"{path}: holds no model ({WEIGHTS} and {CONFIG}); `chonk train` leaves one in the folder of its run, "
        f"`chonk make` in its .chonk folder"
    )


def weights_files(folder: Path) -> tuple[Path, Path]:
    """Where a model's weights may be: under their name, or still under that which they are written by."""
    return folder / WEIGHTS, folder / f"{WEIGHTS}.new"

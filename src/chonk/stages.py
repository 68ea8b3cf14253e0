"""The record of `chonk make`: which stage was done with which inputs, so that only stages with changed inputs are
repeated."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from chonk.errors import UserError
from chonk.files import FORMAT, read_record, write_whole
from chonk.ingest.walk import find
from chonk.paths import check_exists
from chonk.swap import recover

PLACES = ("pictures", "run", "page")
"""The folders that the stages fill."""
STEPS = {
    "gather": "reading and cleaning the pictures",
    "train": "learning to draw them",
    "score": "judging the results",
    "page": "writing the page",
}
"""The stages in their order, by the names that a person sees."""


class Stages:
    """OUT/make.json: the inputs with which each stage was started, and whether it was finished."""

    def __init__(self, out: Path) -> None:
        """Raises UserError where the folder holds something else, or the record of another version."""
        self.file = out / "make.json"
        self.done: dict[str, dict] = {}
        if self.file.is_file():

            def wrong(why: object) -> UserError:
                return UserError(f"{self.file}: cannot be read ({why}); name another folder with --out")

            raw = read_record(self.file, wrong)
            try:
                self.done = {
                    name: {"inputs": entry["inputs"], "done": entry["done"] is True}
                    for name, entry in raw["stages"].items()
                }
            except (KeyError, TypeError, AttributeError) as error:
                raise wrong(error) from error
            for name in PLACES:
                if (out / name).is_symlink():  # it would be replaced, and its files with it
                    raise UserError(f"{out / name}: is a link; put the folder itself there, or name another --out")
        elif out.exists() and (not out.is_dir() or any(out.iterdir())):
            raise UserError(f"--out {out}: holds something that chonk make did not make; name a new or empty folder")

    def __call__(
        self, name: str, inputs: dict, function: Callable, settings: object, clear: Callable | None = None
    ) -> None:
        """Runs a stage, unless it was done with these inputs, and prints which one it is.  If it was started with other
        inputs before, `clear()` is called first."""
        before, is_done = self.done.get(name), self.is_done(name, inputs)
        self.say(name, ": is done" if is_done else "")
        if is_done:
            return
        if clear and before and before["inputs"] != inputs:
            clear()
        self.note(name, inputs, done=False)
        function(settings)
        self.note(name, inputs, done=True)

    def is_done(self, name: str, inputs: dict) -> bool:
        """Whether a stage was finished with these inputs."""
        return self.done.get(name) == {"inputs": inputs, "done": True}

    def input(self, name: str, key: str) -> Any:
        """One input with which a stage was started; None if it was not."""
        return self.done[name]["inputs"].get(key) if name in self.done else None

    def only_changed(self, name: str, inputs: dict, one: str) -> bool:
        """Whether `one` is the only input of a stage that has changed since it was started."""
        return self.done[name]["inputs"] | {one: inputs[one]} == inputs

    def say(self, name: str, more: str = "") -> None:
        """Prints a line for the user: step 2 of 4, and what it does."""
        print(f"step {[*STEPS].index(name) + 1} of {len(STEPS)}: {STEPS[name]}{more}", file=sys.stderr, flush=True)

    def note(self, name: str, inputs: dict, done: bool) -> None:
        """Writes the record; the old one stays until the new one is whole."""
        self.done[name] = {"inputs": inputs, "done": done}
        self.file.parent.mkdir(parents=True, exist_ok=True)
        write_whole(self.file, json.dumps({"format": FORMAT, "stages": self.done}, indent=1).encode() + b"\n")


def source_digest(source: Path, out: Path) -> str:
    """A digest of the names, sizes and times of the files that `gather` would open in a source.  Raises UserError if
    the source does not exist."""
    check_exists(source)
    digest = hashlib.sha256()
    for entry in find(source, out):
        if entry.reason is None:
            stat = os.stat(entry.path)
            digest.update(f"{entry.name}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def contents_digest(folder: Path, pattern: str) -> str:
    """A digest of the names and the contents of the files in a folder."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob(pattern)):
        digest.update(os.fsencode(file.name) + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def set_aside(folder: Path) -> None:
    """Renames a folder to make room for a new one.  It is kept, because it may hold hours of training, or files that a
    person has put there."""
    recover(folder)
    number = 1
    while (aside := folder.with_name(f"{folder.name}-before-{number}")).exists():
        number += 1
    if folder.exists():
        folder.rename(aside)
        print(f"{folder}: its pictures or settings have changed; the former one is kept as {aside.name}")

"""The output folder: read what an earlier run left, build the new state beside it, put it in place in one step."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from tokenize import TokenError
from typing import Any

import numpy as np

from chonk.errors import ChonkError, UserError
from chonk.files import MAX_LIST, read_record
from chonk.ingest.duplicates import CELLS
from chonk.ingest.record import check
from chonk.settings import Gather
from chonk.swap import building, link_or_copy, recover, swap

LIST = "gather.json"
PRINTS = "fingerprints.npy"
REPORT = "gather.html"
KEPT = ("size", "background", "cutout", "frames", "split_sheets", "keep_duplicates")
"""The settings that every picture of one output shares; for the built-in character, its number and seed as well."""


def size_of(folder: Path) -> int:
    """The side of the pictures that `chonk gather` left in a folder.  Raises UserError where it left none."""

    def wrong(why: object) -> UserError:
        return UserError(f"{folder}: its {LIST} is damaged ({why}); gather into a new folder")

    record = read_record(folder / LIST, wrong, MAX_LIST)
    try:
        return int(check(record)["size"])
    except (ValueError, KeyError, TypeError) as error:
        raise wrong(error) from error


class Output:
    """`with Output(settings) as output:` gives `before` (what gather.json held), `scratch` (a folder beside the output)
    and `new` (the folder being built, with links to everything that is there already); `commit` swaps it in.

    Raises UserError where the output holds other things or was made with other settings, ChonkError where it cannot be
    written.  Left without `commit`, it leaves no trace."""

    def __init__(self, settings: Gather) -> None:
        self.shown = settings.out
        self.path = Path(os.path.realpath(settings.out))
        kept = KEPT if settings.character is None else (*KEPT, "character", "seed")
        self.settings = {key: getattr(settings, key) for key in kept}
        recover(self.path)
        self.on_disk = self._read()
        self.before = self._without_deleted()

    def _without_deleted(self) -> dict:
        """What is there, less the pictures that a person has deleted since; those stay away."""
        rows = self.on_disk["taken"]
        self._there = [n for n, row in enumerate(rows) if (self.path / row["file"]).exists()]
        gone = [row for row in rows if not (self.path / row["file"]).exists()]
        reason = "its picture was deleted from the output by hand"
        skipped = [{"source": row["source"], "sha256": row.get("sha256"), "reason": reason} for row in gone]
        return {**self.on_disk, "taken": [rows[n] for n in self._there], "skipped": self.on_disk["skipped"] + skipped}

    def _read(self) -> dict:
        empty: dict[str, Any] = {"taken": [], "skipped": [], "frame": None}
        if not self.path.exists() or (self.path.is_dir() and not any(self.path.iterdir())):
            return empty
        if not self.path.is_dir():
            raise UserError(f"{self.shown}: is a file; choose another --out")
        if not (self.path / LIST).is_file():
            raise UserError(f"{self.shown}: holds other files; choose a new or empty folder as --out")

        def wrong(why: object) -> UserError:
            return UserError(f"{self.shown}: its {LIST} or {PRINTS} is damaged ({why}); gather into a new folder")

        before = read_record(self.path / LIST, wrong, MAX_LIST)
        try:
            check(before)
            made_with, rows = before["settings"], len(before["taken"])
            prints = None if "character" in made_with else self._stored_prints()
            if any((self.path / row["file"]).is_symlink() for row in before["taken"]):
                raise ValueError("a picture is a link")
        except (OSError, ValueError, OverflowError, KeyError, TypeError, TokenError, MemoryError) as error:
            raise wrong(error) from error
        if prints is not None and len(prints) != rows:
            raise UserError(f"{self.shown}: its {PRINTS} does not fit its {LIST}; gather into a new folder")
        for key in sorted(self.settings.keys() | made_with.keys()):
            now, then = self.settings.get(key), made_with.get(key)
            if (now or None) != (then or None):  # a setting that an older version did not have is off
                raise UserError(
                    f"{self.shown}: was made with {_option(key, then)}, now it is {_option(key, now)}; choose another "
                    f"--out"
                )
        return before

    def prints(self) -> np.ndarray:
        """The fingerprints of the pictures that are there, N x 24 x 24 x 4 bytes."""
        return self._stored_prints()[self._there]

    def _stored_prints(self) -> np.ndarray:
        if not (self.path / PRINTS).is_file():
            return np.empty((0, CELLS, CELLS, 4), np.uint8)
        prints = np.lib.format.open_memmap(
            self.path / PRINTS, mode="r"
        )  # .npy and nothing else: no archives, no pickles
        if prints.shape[1:] != (CELLS, CELLS, 4) or prints.dtype != np.uint8:
            raise ValueError("fingerprints of another shape")
        return prints

    def __enter__(self) -> Output:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as stack:
                self.scratch = stack.enter_context(building(self.path))
                self.new = self.scratch / "new"
                if self.path.is_dir():
                    link_or_copy(self.path, self.new)
                else:
                    self.new.mkdir()
                self._end = stack.pop_all()
        except OSError as error:
            raise self._unwritable(error) from error
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, _: object) -> None:
        self._end.close()
        if isinstance(error, OSError):
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ChonkError:
        return ChonkError(f"{self.shown}: cannot be written ({error.strerror or error})")

    def write(self, name: str, data: bytes) -> None:
        """A file of the new state; never through a link to the old one."""
        (self.new / name).unlink(missing_ok=True)
        (self.new / name).write_bytes(data)

    def commit(self) -> None:
        """Puts the new state in the place of the old one."""
        swap(self.path, self.new, self.scratch)


def _option(key: str, value: object) -> str:
    key = key.replace("_", "-")
    return f"no --{key}" if value in (None, False) else f"--{key}" if value is True else f"--{key} {value}"

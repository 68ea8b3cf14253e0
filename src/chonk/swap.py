"""A folder's new state is built beside it and takes its place at once.

It is built in a hidden folder that goes in the end.  One that a killed process left is known by its lock, which nobody
holds any more: it is removed by the next process that works there, after what had been taken out of its place for the
new state is back."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK, OLD = "chonk.lock", "old"


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """A hidden folder beside `path` to build in.  Raises OSError where there can be none."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        with open(scratch / "lock", "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (scratch / "lock").rename(scratch / LOCK)  # under its name it is held, or its process is dead
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def swap(path: Path, new: Path, scratch: Path) -> None:
    """Puts `new` in the place of `path`, if there is such; the old one is back if that fails, and else goes with
    `scratch`."""
    old = scratch / OLD
    if path.exists():
        path.rename(old)
    try:
        new.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise


def again(source: Path, target: Path) -> None:
    """A file or a folder in a second place: links to the same files where the disk knows such, else copies."""
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=_link)
    else:
        _link(source, target)


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def mend(path: Path) -> None:
    """Puts right what processes left that were killed while they built something for `path`."""
    if not path.parent.is_dir():
        return
    for scratch in path.parent.iterdir():
        if (
            not re.fullmatch(re.escape(f".{path.name}.") + r"[a-z0-9_]{8}", scratch.name)
            or scratch.is_symlink()
            or not dead(scratch)
        ):
            continue
        if not path.exists() and (scratch / OLD).is_dir():
            (scratch / OLD).rename(path)
        shutil.rmtree(scratch, ignore_errors=True)


def dead(scratch: Path) -> bool:
    """Whether this is a folder that somebody built in and does no longer."""
    try:
        handle = os.open(scratch / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)

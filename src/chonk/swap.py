"""A folder's new state is built beside it and takes its place at once.

Where the system can exchange two names, there is no moment without the one or the other. Elsewhere the old state is
set aside first; after a kill in between, the next command that writes or reads there puts it back.

The new state is built in a hidden folder that is removed in the end. One that a killed process left is recognized by
its lock, which nobody holds any more, and removed by the next process that works there."""

from __future__ import annotations

import ctypes
import fcntl
import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOCK, OLD = "chonk.lock", "old"
BEGUN = "lock"
"""The lock's name before it is held."""
YOUNG = 60.0
"""Seconds within which a folder without a held lock may be one that is just being made."""


@contextmanager
def building(path: Path) -> Iterator[Path]:
    """A hidden folder beside `path` to build in.  Raises OSError where there can be none."""
    scratch = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        with open(scratch / BEGUN, "wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            (scratch / BEGUN).rename(scratch / LOCK)  # under its name it is held, or its process is dead
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def swap(path: Path, new: Path, scratch: Path) -> None:
    """Puts `new` in the place of `path`, if there is such; the old one is back if that fails, and else goes with
    `scratch`."""
    if exchange(new, path):
        return
    old = scratch / OLD
    if path.exists():
        path.rename(old)
    try:
        new.rename(path)
    except OSError:
        if old.exists():
            old.rename(path)
        raise


def exchange(one: Path, other: Path) -> bool:
    """Exchanges the names of two folders in one step; False where one of them is missing or the system cannot do it."""
    names = os.fsencode(one), os.fsencode(other)
    libc = ctypes.CDLL(None)
    try:
        if sys.platform == "darwin":
            return libc.renamex_np(*names, 2) == 0  # RENAME_SWAP
        at_cwd = -100
        return libc.renameat2(at_cwd, names[0], at_cwd, names[1], 2) == 0  # RENAME_EXCHANGE
    except AttributeError:
        return False


def link_or_copy(source: Path, target: Path) -> None:
    """Puts a file or a folder in a second place too: as hard links where the disk has them, else as copies."""
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, copy_function=_link)
    else:
        _link(source, target)


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)


def recover(path: Path) -> None:
    """Cleans up after processes that were killed while they built something for `path`."""
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
    """Whether this is a hidden folder whose process has ended."""
    try:
        handle = os.open(scratch / LOCK, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        return _begun_long_ago(scratch)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except OSError:
        return False
    finally:
        os.close(handle)


def _begun_long_ago(scratch: Path) -> bool:
    """Whether a folder has waited for its lock too long.  Nothing else is in it then, so nothing can be lost."""
    try:
        waiting = os.listdir(scratch)
        empty = waiting in ([], [BEGUN]) and not any((scratch / name).stat().st_size for name in waiting)
        return empty and time.time() - scratch.stat().st_mtime > YOUNG
    except OSError:
        return False

"""Which files a folder holds: every entry named, with the reason where it is left out before it is even opened."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from chonk.paths import made_by_chonk

MAX_ENTRIES = 200_000
LITTER_FILES = {"thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r", "picasa.ini", ".ds_store"}
LITTER_FOLDERS = {"__macosx", "$recycle.bin", "system volume information", "@eadir", "lost+found"}
LINK = "a link; links are not followed: put the picture itself there"
METADATA = {"metadata.jsonl", "metadata.csv", "metadata.parquet", "dataset_infos.json", "dataset_info.json"}


@dataclass(frozen=True)
class Entry:
    """One thing found in the source."""

    name: str
    """Where it is, from the source folder on, with forward slashes; undecodable bytes as backslash escapes."""
    path: str
    """The file to open (for a member of an archive: the archive)."""
    member: tuple[int, ...] | None = None
    """The number of the member in its archive; in an archive inside that, two numbers."""
    reason: str | None = None
    """Why it is left out; None where it shall be opened."""


def shown(name: str) -> str:
    """A file name as text that every program can store and print."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def reason_by_name(name: str) -> str | None:
    """Why a file of this name (its last part) is left out without a look, or None."""
    low = name.lower()
    if low in LITTER_FILES:
        return "a system file, not a picture"
    if name.startswith(".") and low.endswith(".icloud"):
        return "a picture that is in iCloud and not on this machine; download it first (Finder: Download Now)"
    if name.startswith("._"):
        return "a hidden file with macOS's notes about another file"
    if name.startswith("."):
        return "a hidden file"
    if low in METADATA:
        return "the data set's description, not a picture"
    return None


def reason_by_folder(name: str) -> str | None:
    """Why a folder of this name is left out, or None."""
    if name.lower() in LITTER_FOLDERS:
        return "a system folder"
    return "a hidden folder" if name.startswith(".") else None


def find(source: Path, out: Path) -> Iterator[Entry]:
    """Everything in a folder and the folders in it, in name order.  Links are named and never followed; the output
    folder and other folders that `chonk` made are left out.  A source that is one file is that one entry."""
    if source.is_file():
        yield Entry(shown(source.name), os.path.realpath(source))
        return
    out_real = os.path.realpath(out)
    stack = [("", str(source))]
    count = 0
    while stack:
        prefix, folder = stack.pop()
        try:
            with os.scandir(folder) as listing:
                children = sorted(listing, key=lambda child: os.fsencode(child.name))
        except OSError as error:
            yield Entry(prefix.rstrip("/") or ".", folder, reason=f"the folder cannot be opened ({error.strerror})")
            continue
        if not children and prefix:
            yield Entry(prefix.rstrip("/"), folder, reason="an empty folder")
        below = []
        for child in children:
            count += 1
            if count > MAX_ENTRIES:
                yield Entry(prefix or ".", folder, reason=f"more than {MAX_ENTRIES:,} files; the rest is left out")
                return
            name = prefix + shown(child.name)
            if child.is_symlink():
                yield Entry(name, child.path, reason=LINK)
            elif child.is_dir(follow_symlinks=False):
                reason = reason_by_folder(child.name)
                if os.path.realpath(child.path) == out_real:
                    reason = "the output folder itself"
                else:
                    reason = reason or made_by_chonk(child.path)
                if reason:
                    yield Entry(name, child.path, reason=reason)
                else:
                    below.append((name + "/", child.path))
            elif not stat.S_ISREG(child.stat(follow_symlinks=False).st_mode):
                yield Entry(name, child.path, reason="not a regular file")
            else:
                yield Entry(name, child.path, reason=reason_by_name(child.name))
        stack += reversed(below)

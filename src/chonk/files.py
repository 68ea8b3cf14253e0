"""How files are read and written.

What is read may come from a stranger: its size and depth are bounded before it is believed, and a link is not followed
to where it leads outside.  What is written is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import json
import math
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeGuard

from chonk.errors import ChonkError, UserError

FORMAT = 1
"""The format number of the JSON files that chonk writes, but for those in `chonk.formats`."""
MAX_SETTINGS = 1 << 20
"""Bytes of a file of settings."""
MAX_LIST = 64 << 20
"""Bytes of a list with an entry for every picture."""


def parse_json(text: str | bytes) -> Any:
    """JSON as the standard has it, without NaN.  Raises ValueError for anything else, too deeply nested things
    included."""
    try:
        return json.loads(text, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def read_json(file: Path, maximum: int = MAX_SETTINGS) -> Any:
    """A JSON file of at most so many bytes.  Raises OSError or ValueError; never waits for a pipe."""
    if not os.path.isfile(file):
        raise FileNotFoundError(2, "no such file")
    if (size := file.stat().st_size) > maximum:
        raise ValueError(f"{size:,} bytes are too many")
    return parse_json(file.read_text(encoding="utf-8"))


def read_record(
    file: Path, wrong: Callable[[object], UserError], maximum: int = MAX_SETTINGS, formats: tuple[int, ...] = (FORMAT,)
) -> dict:
    """A JSON object that chonk wrote, in one of the formats that this version knows.

    Raises UserError for a newer format, and `wrong(why)` for a file that is none of ours."""
    try:
        record = read_json(file, maximum)
        version = record["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise wrong(error) from error
    if type(version) is not int or version not in formats:
        raise UserError(f"{file}: format {version!r:.40} is not known to this version; install a newer chonk")
    return record


def is_number(value: object, minimum: float = -1e300, maximum: float = 1e300) -> TypeGuard[float]:
    """Whether a value from JSON is a finite number in that range; true and false are none."""
    if type(value) is not int and type(value) is not float:
        return False
    return minimum <= value <= maximum and math.isfinite(value)


def rgb(colour: str) -> tuple[int, int, int]:
    """The three bytes of #rrggbb."""
    red, green, blue = bytes.fromhex(colour[1:])
    return red, green, blue


def is_inside(file: Path, folder: Path) -> bool:
    """Whether a plain file really lies in the folder, links followed."""
    return os.path.isfile(file) and file.resolve().is_relative_to(folder.resolve())


@contextlib.contextmanager
def utf8_path(file: Path) -> Iterator[str]:
    """A path under which the file can be opened by a library that knows only names in UTF-8."""
    try:
        os.fspath(file).encode()
    except UnicodeEncodeError:  # then this is no macOS, where all names are UTF-8
        with open(file, "rb") as stream:
            yield f"/dev/fd/{stream.fileno()}"
    else:
        yield os.fspath(file)


def write_whole(file: Path, data: bytes, durable: bool = True) -> None:
    """Writes a file so that it is there completely or not at all; `durable`, also after a power cut.

    Waiting for the disk can take a tenth of a second, so what is written often is made durable later, by `sync`.
    Raises ChonkError, with what to do, where it cannot: a full disk, a read-only folder, a folder that has gone."""
    part = file.with_name(file.name + ".part")
    try:
        part.unlink(missing_ok=True)  # were it a link, we would write where it leads
        try:
            with open(part, "xb") as stream:
                stream.write(data)
                stream.flush()
                if durable:
                    os.fsync(stream.fileno())
            part.replace(file)
        except BaseException:
            part.unlink(missing_ok=True)  # a full disk needs the room
            raise
        if durable:
            sync(file.parent)
    except OSError as error:
        raise disk_error(file, error) from error


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_error(path: Path, error: OSError) -> ChonkError:
    """An error while writing, in words."""
    if error.errno == errno.ENOENT:
        return ChonkError(
            f"{path.parent}: the folder has gone while it was written into; nothing more can be kept there"
        )
    return ChonkError(
        f"{path}: cannot be written ({error.strerror}); make room or choose another --out, what was written before is "
        f"intact"
    )

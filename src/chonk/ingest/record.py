"""What an output's gather.json may say: all of it is checked before it is believed, for it may come with a stranger's
folder."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from chonk.files import is_number


def _box(value: Any) -> bool:
    return _numbers(value, 4) and value[0] < value[2] and value[1] < value[3]


def _numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(is_number(number, -1e6, 1e6) for number in value)


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


ROW: dict[str, Callable[[Any], bool]] = {
    "source": _text,
    "reason": _text,
    "copy_of": _text,
    "note": _text,
    "mirrored": _flag,
    "transparent": _flag,
    "photograph": _flag,
    "pixel_art": _flag,
    "box": _box,
    "canvas": lambda value: _numbers(value, 2),
    "side": lambda value: is_number(value, 0),
    "bars": _flag,
    "specks": _flag,
    "grey_rest": _flag,
    "figures": lambda value: is_number(value, 0),
    "frame": lambda value: is_number(value, 0),
    "sha256": lambda value: value is None or _text(value),
    "file": lambda value: _text(value) and re.fullmatch(r"[0-9]{4,9}\.png", value) is not None,
}
"""What an entry of `taken` or `skipped` may hold, and how each value is checked."""
COPY = {"copy_of", "mirrored"}


def check(record: dict) -> dict:
    """The record as it is.  Raises KeyError, TypeError or ValueError where it is not what `chonk gather` writes."""
    if not isinstance(record["settings"], dict):
        raise TypeError("settings that are none")
    studied = {"box"} if "character" not in record["settings"] else set()
    for list_, needed in (("taken", {"file", "source"} | studied), ("skipped", {"source", "reason"})):
        for row in record[list_]:
            if (
                not isinstance(row, dict)
                or not needed <= row.keys()
                or not all(key in ROW and ROW[key](value) for key, value in row.items())
                or len(COPY & row.keys()) == 1
            ):
                raise ValueError(f"an entry of {list_} that is none")
    frame = record["frame"]
    if frame is not None and not (_numbers(frame["canvas"], 2) and _box(frame["box"])):
        raise ValueError("a frame that is none")
    originals = record.get("originals", {})
    if not all(is_number(originals[key], 1) for key in ("count", "side", "bytes") if originals):
        raise ValueError("originals that are none")
    if not (is_number(record["different"], 0) and is_number(record["size"], 1) and all(map(_text, record["advice"]))):
        raise ValueError("a count, a size or advice that is none")
    return record

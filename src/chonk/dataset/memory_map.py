"""A large set as one file that is mapped instead of read, so that 100,000 pictures take no more memory than 1,000 do.

FOLDER/pixels.safetensors holds the decoded pictures, "pixels": N x 4 x S x S bytes.  It is made at first use, and again
when a picture has come, gone or changed; whoever needs the room may remove it."""

from __future__ import annotations

import errno
import hashlib
import json
import mmap
import os
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
import torch

from chonk.files import parse_json


def fingerprint(files: list[Path]) -> str:
    """Changes when a file of the list has come, gone or changed."""
    stats = ((file.name, stat.st_size, stat.st_mtime_ns) for file in files for stat in [file.stat()])
    return hashlib.sha256(json.dumps(list(stats)).encode()).hexdigest()


def mapped(
    folder: Path, files: list[Path], size: int, read: Callable[[Path], np.ndarray]
) -> tuple[torch.Tensor, bool, mmap.mmap]:
    """The pictures of the files, N x 4 x S x S bytes; whether all are opaque; and the map that the tensor looks
    through.

    `read` gives one picture, 4 x S x S.  In a folder that cannot be written to, the file is a temporary one."""
    cache, key = folder / "pixels.safetensors", fingerprint(files)
    if opened := _open(cache, key, len(files), size):
        return opened
    part = folder / f"pixels.{os.getpid()}.part"
    try:
        part.unlink(missing_ok=True)  # were it a link, we would write where it leads
        stream = open(part, "x+b")
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise
        with tempfile.NamedTemporaryFile() as unnamed:
            _write(cast(BinaryIO, unnamed), files, size, read, key)
            return _reopened(Path(unnamed.name), key, len(files), size)
    try:
        with stream:
            _write(stream, files, size, read, key)
        part.replace(cache)
    finally:
        part.unlink(missing_ok=True)
    return _reopened(cache, key, len(files), size)


def _reopened(file: Path, key: str, count: int, size: int) -> tuple[torch.Tensor, bool, mmap.mmap]:
    """A file that was written just now.  Raises OSError where somebody has changed it since."""
    if (opened := _open(file, key, count, size)) is None:
        raise OSError(f"{file}: was changed while it was opened")
    return opened


def _header(files: list[Path], size: int, key: str, opaque: bool) -> bytes:
    shape = [len(files), 4, size, size]
    text = json.dumps(
        {
            "__metadata__": {"made_from": key, "opaque": "yes" if opaque else "no "},
            "pixels": {"dtype": "U8", "shape": shape, "data_offsets": [0, int(np.prod(shape))]},
        }
    )
    return struct.pack("<Q", len(text)) + text.encode()


def _write(stream: BinaryIO, files: list[Path], size: int, read: Callable[[Path], np.ndarray], key: str) -> None:
    opaque = True
    stream.write(_header(files, size, key, opaque))
    for file in files:
        picture = read(file)
        opaque = opaque and bool(picture[3].min() == 255)
        stream.write(picture.tobytes())
    stream.seek(0)
    stream.write(_header(files, size, key, opaque))  # as long as before, and now it knows
    stream.flush()


def _open(file: Path, key: str, count: int, size: int) -> tuple[torch.Tensor, bool, mmap.mmap] | None:
    """None where the file is not there, not whole or not made from these pictures."""
    try:
        if not os.path.isfile(file):
            return None
        with open(file, "rb") as stream:
            length = struct.unpack("<Q", stream.read(8))[0]
            made = parse_json(stream.read(min(length, 10_000)))["__metadata__"]
            if made["made_from"] != key or os.fstat(stream.fileno()).st_size != 8 + length + 4 * count * size**2:
                return None
            view = mmap.mmap(
                stream.fileno(), 0, access=mmap.ACCESS_COPY
            )  # a copy on writing: torch asks for memory that it may write to
        pixels = torch.frombuffer(view, dtype=torch.uint8, offset=8 + length).view(count, 4, size, size)
        return pixels, made["opaque"] == "yes", view
    except (OSError, ValueError, KeyError, TypeError, struct.error):
        return None

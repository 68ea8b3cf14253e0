"""Pictures whose data ended early: JPEG fills what is missing with plain middle grey."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

MIN_SHARE = 0.08
"""Share of the height from which on a rest is looked at."""
END, SCAN = b"\xff\xd9", b"\xff\xda"
"""The marks at the end of a picture, and at the start of what it shows: a thumbnail in front has both too."""
FILLER = bytes(range(1, 200)) * 400
"""Stands in for missing data; holds no marker, whatever it decodes to is not one even grey."""


def with_end_mark(data: bytes) -> bytes:
    """A JPEG that ends without its end mark, as some cameras and cut downloads leave, with one; others as they are.
    Whether its picture is whole then, `ends_early` says."""
    return data + END if data.startswith(b"\xff\xd8") and data.rfind(END) < data.rfind(SCAN) else data


def grey_rest(pixels: np.ndarray) -> int:
    """How many rows at the bottom are middle grey from edge to edge, below some that are not. pixels: H x W x 4
    bytes."""
    grey = np.abs(pixels[..., :3].astype(np.int16) - 128).max((1, 2)) <= 1
    rest = 0 if grey.all() else int(np.argmin(grey[::-1]))
    return rest if rest > MIN_SHARE * len(grey) else 0


def ends_sharply(pixels: np.ndarray, rest: int) -> bool:
    """Whether the picture goes on to the very edge of its grey rest: on a drawing with a grey ground, that ground
    lies above it too."""
    above = pixels[max(len(pixels) - rest - 3, 0), :, :3].astype(np.int16)
    return bool((np.abs(above - 128).max(1) <= 3).mean() < 0.05)


def ends_early(data: bytes, image: Image.Image) -> bool:
    """Whether a JPEG's data stop before its picture is whole. What follows the picture is never decoded; so more data
    are put before the end mark, and where they change the picture, some were missing."""
    end = data.rfind(END)
    if end < 0:
        return False
    longer = data[:end] + FILLER + data[end:]
    try:
        with Image.open(io.BytesIO(longer), formats=("JPEG", "MPO")) as other:
            other.draft(None, image.size)
            return other.size == image.size and other.convert("RGB").tobytes() != image.convert("RGB").tobytes()
    except (OSError, ValueError, SyntaxError):
        return False

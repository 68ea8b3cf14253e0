"""Large pictures at a size to work with: shrunk band by band, so that a huge scan needs little more memory."""

from __future__ import annotations

import numpy as np
from PIL import Image

from chonk.ingest.colours import to_rgba

WORKING_SIDE = 2048
"""Longest side in pixels that is worked with."""
BAND = 4_000_000
"""Pixels of the file that are converted at a time."""
WHOLE = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N", "LAB")
"""Modes whose conversion looks at all values at once."""


def to_working_size(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGBA in sRGB, no longer than WORKING_SIDE.  profile: its ICC profile, if it has one."""
    factor = -(-max(image.size) // WORKING_SIDE)
    if factor == 1 or image.mode in WHOLE:
        return _reduced(to_rgba(image, profile), factor)
    rows = max(1, BAND // (factor * image.width)) * factor
    out = Image.new("RGBA", (-(-image.width // factor), -(-image.height // factor)))
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        out.paste(_reduced(to_rgba(band, profile), factor), (0, top // factor))
    return out


def _reduced(rgba: Image.Image, factor: int) -> Image.Image:
    return rgba.convert("RGBa").reduce(factor).convert("RGBA") if factor > 1 else rgba


def reduced(pixels: np.ndarray, side: int) -> np.ndarray:
    """RGBA pixels, shrunk by a whole factor to at most that side where they are larger."""
    factor = -(-max(pixels.shape[:2]) // side)
    return np.array(_reduced(Image.fromarray(pixels), factor)) if factor > 1 else pixels

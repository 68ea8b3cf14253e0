"""Any picture file's bytes -> 8-bit RGBA pixels in sRGB, upright, by content and not by name.

Runs inside the worker process (worker.py), because a decoder fed by strangers may crash or hang."""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import (  # noqa: F401  (each plugin registers its format)
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    TiffImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from chonk.ingest.frames import evenly_spaced, fullest, same, showing
from chonk.ingest.jpeg import ends_early, ends_sharply, grey_rest, with_end_mark
from chonk.ingest.kinds import Unusable, sniff, unzipped
from chonk.ingest.ours import drawn_by_chonk
from chonk.ingest.png import needed_chunks
from chonk.ingest.shrink import WORKING_SIDE, to_working_size
from chonk.ingest.svg import MAX_BYTES, draw_svg

MAX_PIXELS = 150_000_000
"""A sheet of A4 at 1200 dots an inch has 139 million."""
MAX_JPEG_PIXELS = 400_000_000
"""JPEG is shrunk while it is decoded."""
MAX_RATIO = 1000
"""Pixels for a byte of the file beyond which one that is too large is no scan but a bomb."""
FRAMES_PIXELS = 32_000_000
"""How many pixels of an animation's frames are held at a time, and gone through for the one that shows most."""
FRAMES_COMPARED = 12
"""How many frames of an animation are looked at for that one."""
SMALLEST = 4
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
SVG_SIDE = 512
ORIENTATION = 0x0112
GREY_REST = "its lower part is plain grey from edge to edge"
"""The note on a picture that may be damaged, or not."""


@dataclass(frozen=True)
class Decoded:
    """One frame of a file."""

    pixels: np.ndarray
    """H x W x 4 bytes: red, green, blue (sRGB, not premultiplied), alpha."""
    frame: int = 0
    """Its number among the file's frames."""
    note: str = ""
    """What a person may want to know: other frames left out, a profile ignored, ..."""


def decode(data: bytes, frames: int = 1) -> list[Decoded]:
    """The pictures in a file: one for a still, up to `frames` evenly spread ones for an animation.

    Raises Unusable with a reason for everything that is not a whole picture of a sane size."""
    if not data:
        raise Unusable("an empty file (0 bytes); copy or download it again")
    kind = sniff(data)
    if kind == "svg":
        data = draw_svg(unzipped(data, MAX_BYTES), SVG_SIDE)
    elif kind != "picture":
        raise Unusable(kind)
    data = needed_chunks(data)
    Image.MAX_IMAGE_PIXELS = None  # _check_size has limits of its own, which depend on the kind
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with Image.open(io.BytesIO(with_end_mark(data)), formats=FORMATS) as image:
                return _frames(image, data, frames)
        except UnidentifiedImageError as error:
            raise Unusable(
                "not a picture that can be read (damaged or of an unknown kind); save or download it again"
            ) from error
        except MemoryError as error:
            raise Unusable("needs too much memory to decode; save it smaller") from error
        except (
            OSError,
            SyntaxError,
            ValueError,
            TypeError,
            IndexError,
            KeyError,
            EOFError,
            ArithmeticError,
            AttributeError,
            NotImplementedError,
            RuntimeError,
            zlib.error,
        ) as error:
            raise Unusable(f"damaged or cut short ({_line(error)}); save or download it again") from error


def _check_size(image: Image.Image, length: int) -> None:
    """Raises Unusable for a picture that is too large or too small; length: bytes of its file."""
    width, height = image.size
    limit = MAX_JPEG_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
    if width * height > max(limit, MAX_RATIO * length):
        raise Unusable(f"declares {width:,} x {height:,} pixels in {length:,} bytes: a decompression bomb")
    if width * height > limit:
        raise Unusable(
            f"{width:,} x {height:,} pixels are more than {limit // 10**6} million; save it smaller, "
            f"{WORKING_SIDE:,} a side are plenty"
        )
    if min(width, height) < SMALLEST:
        raise Unusable(f"too small to be a picture ({width} x {height})")


def _frames(image: Image.Image, data: bytes, wanted: int) -> list[Decoded]:
    _check_size(image, len(data))
    if drawn_by_chonk(image):
        raise Unusable("drawn by chonk, and no source")
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (WORKING_SIDE, WORKING_SIDE))
        return [_jpeg(image, data)]
    count = getattr(image, "n_frames", 1)
    if count == 1:
        return [Decoded(_upright(image))]
    room = max(1, FRAMES_PIXELS // (image.width * image.height))
    if image.format == "TIFF" and wanted == 1:  # pages, not an animation
        kept = next(([one] for number in range(min(count, 4)) for one in _frame(image, number, count)), [])
    elif wanted == 1:
        kept = _fullest(image, count, min(count, room))
    else:
        kept = _different(image, count, wanted, room)
    if not kept:
        raise Unusable("nothing is drawn on its frames")
    return sorted(kept, key=lambda frame: frame.frame)


def _jpeg(image: Image.Image, data: bytes) -> Decoded:
    pixels = _upright(image)
    grey, ended = grey_rest(np.asarray(image.convert("RGB"))), with_end_mark(data)
    if (grey or ended is not data) and ends_early(ended, image):
        raise Unusable("damaged: its lower part is missing; download it again, or crop it")
    return Decoded(pixels, note=GREY_REST if grey and ends_sharply(np.asarray(image.convert("RGB")), grey) else "")


def _fullest(image: Image.Image, count: int, reach: int) -> list[Decoded]:
    """The frame that shows most of the first `reach`: the first one may fade in or be empty. Frames are told in turn,
    since going back in a file would decode it again, and only the best so far are held."""
    numbers = sorted({0, reach - 1, *evenly_spaced(reach)[:FRAMES_COMPARED]})
    frames = {number: one for number in numbers for one in _frame(image, number, count)}
    if not frames:
        return []
    best = fullest([showing(one.pixels) for one in frames.values()])
    return [list(frames.values())[best]]


def _different(image: Image.Image, count: int, wanted: int, room: int) -> list[Decoded]:
    """Up to `wanted` frames that differ, the evenly spread ones first."""
    numbers = evenly_spaced(count)[: min(2 * wanted + 2, max(wanted, room))]
    drawn = {number: frame for number in sorted(numbers) for frame in _frame(image, number, count)}
    kept: list[Decoded] = []
    for number in numbers:
        if (
            number in drawn
            and len(kept) < wanted
            and not any(same(drawn[number].pixels, other.pixels) for other in kept)
        ):
            kept.append(drawn[number])
    return kept


def _frame(image: Image.Image, number: int, count: int) -> list[Decoded]:
    """One frame of an animation, or nothing where nothing is drawn on it."""
    image.seek(number)
    pixels = _upright(image)
    return [] if is_blank(pixels) else [Decoded(pixels, number, f"frame {number + 1} of {count}")]


def is_blank(pixels: np.ndarray) -> bool:
    """Nothing drawn: wholly transparent, or one flat colour from edge to edge."""
    low, high = np.array(Image.fromarray(pixels).getextrema()).T
    if high[3] < 16:
        return True
    return bool(high[3] - low[3] < 8 and (high - low)[:3].max() <= 12)


def _upright(image: Image.Image) -> np.ndarray:
    image.load()
    rgba = to_working_size(image, image.info.get("icc_profile"))
    try:
        rgba.getexif()[ORIENTATION] = image.getexif().get(ORIENTATION, 1)
        rgba = ImageOps.exif_transpose(rgba)
    except Exception:  # a damaged EXIF block breaks its parser in many ways and says nothing about the pixels
        pass
    return np.array(rgba)


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

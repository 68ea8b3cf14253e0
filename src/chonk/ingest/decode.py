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

from chonk.ingest.colours import to_rgba
from chonk.ingest.kinds import Unusable, sniff, unzipped
from chonk.ingest.svg import SvgError, draw_svg

MAX_PIXELS = 50_000_000
WORKING_SIDE = 2048
FRAMES_PIXELS = 32_000_000
"""How many pixels of an animation's frames are held at a time."""
SMALLEST = 4
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
SVG_SIDE = 512


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
        raise Unusable("an empty file (0 bytes)")
    kind = sniff(data)
    if kind == "svg":
        try:
            data = draw_svg(unzipped(data), SVG_SIDE)
        except SvgError as error:
            raise Unusable(str(error)) from error
    elif kind != "picture":
        raise Unusable(kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _frames(image, frames)
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise Unusable(f"declares more than {MAX_PIXELS // 10**6} million pixels: a decompression bomb") from error
        except UnidentifiedImageError as error:
            raise Unusable("not a picture that can be read (damaged or of an unknown kind)") from error
        except MemoryError as error:
            raise Unusable("needs too much memory to decode") from error
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
            raise Unusable(f"damaged or cut short ({_line(error)})") from error


def _frames(image: Image.Image, wanted: int) -> list[Decoded]:
    width, height = image.size
    if image.format in ("JPEG", "MPO"):
        image.draft(None, (WORKING_SIDE, WORKING_SIDE))
    if image.size[0] * image.size[1] > MAX_PIXELS:
        raise Unusable(f"{width} x {height} pixels: more than {MAX_PIXELS // 10**6} million")
    if min(width, height) < SMALLEST:
        raise Unusable(f"too small to be a picture ({width} x {height})")
    count = 1 if image.format == "MPO" else getattr(image, "n_frames", 1)
    if count == 1:
        return [Decoded(_upright(image))]
    if wanted == 1:
        drawn = (frame for number in evenly_spaced(count)[:4] for frame in _frame(image, number, count))
        kept = [next(drawn, None)]
    else:
        room = max(wanted, FRAMES_PIXELS // (image.size[0] * image.size[1]))
        numbers = evenly_spaced(count)[: min(2 * wanted + 2, room)]
        drawn = {number: frame for number in sorted(numbers) for frame in _frame(image, number, count)}
        kept = []
        for (
            number
        ) in numbers:  # the evenly spread ones first; going back and forth in the file would decode it again and again
            if (
                number in drawn
                and len(kept) < wanted
                and not any(same(drawn[number].pixels, other.pixels) for other in kept)
            ):
                kept.append(drawn[number])
    if not kept or kept[0] is None:
        raise Unusable("nothing is drawn on its frames")
    return sorted(kept, key=lambda frame: frame.frame)


def _frame(image: Image.Image, number: int, count: int) -> list[Decoded]:
    """One frame of an animation, or nothing where nothing is drawn on it."""
    image.seek(number)
    pixels = _upright(image)
    return [] if is_blank(pixels) else [Decoded(pixels, number, f"frame {number + 1} of {count}")]


def evenly_spaced(count: int) -> list[int]:
    """0 ... count - 1 so ordered that every beginning of the list is spread evenly: the first frame, the middle one,
    the quarters."""
    order = [0]
    seen = {0}
    parts = 2
    while len(order) < min(count, 256):
        for number in (count * i // parts for i in range(1, parts, 2)):
            if number not in seen:
                seen.add(number)
                order.append(number)
        parts *= 2
    return order


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two frames look alike: on white and at 32 x 32, no place differs by more than a twentieth of the
    range."""
    if one.shape != other.shape:
        return False
    small = [np.asarray(on_white(p).resize((32, 32), Image.Resampling.BOX), np.int16) for p in (one, other)]
    return int(np.abs(small[0] - small[1]).max()) <= 12


def on_white(pixels: np.ndarray) -> Image.Image:
    """RGBA pixels as an RGB picture on white."""
    image = Image.fromarray(pixels)
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("RGB")


def is_blank(pixels: np.ndarray) -> bool:
    """Nothing drawn: wholly transparent, or one flat colour from edge to edge."""
    spans = Image.fromarray(pixels).getextrema()
    if spans[3][1] < 16:
        return True
    return spans[3][1] - spans[3][0] < 8 and max(high - low for low, high in spans[:3]) <= 12


def _upright(image: Image.Image) -> np.ndarray:
    image.load()
    try:
        upright = ImageOps.exif_transpose(image)
    except Exception:  # a damaged EXIF block breaks its parser in many ways and says nothing about the pixels
        upright = image
    rgba = to_rgba(upright, image.info.get("icc_profile"))
    if max(rgba.size) > WORKING_SIDE:
        factor = -(-max(rgba.size) // WORKING_SIDE)
        rgba = rgba.convert("RGBa").reduce(factor).convert("RGBA")
    pixels = np.array(rgba)
    _refuse_grey_rest(pixels, image)
    return pixels


def _refuse_grey_rest(pixels: np.ndarray, image: Image.Image) -> None:
    """A JPEG whose data ended early, repaired by some program, decodes to pure middle grey from there on."""
    if image.format not in ("JPEG", "MPO"):
        return
    grey = np.abs(pixels[..., :3].astype(np.int16) - 128).max((1, 2)) <= 1
    rest = len(grey) if grey.all() else int(np.argmin(grey[::-1]))
    if len(grey) * 0.08 < rest < len(grey):
        raise Unusable("damaged: its lower part is missing (plain grey)")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

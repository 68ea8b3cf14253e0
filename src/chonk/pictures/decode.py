"""Any picture file's bytes -> 8-bit RGBA pixels in sRGB, upright, by content and not by name.

Runs inside the worker process (worker.py), because a decoder fed by strangers may crash or hang."""
from __future__ import annotations

import gzip
import io
import re
import warnings
import zlib
from dataclasses import dataclass

import numpy as np
from PIL import (  # noqa: F401  (each plugin registers its format)
    AvifImagePlugin, BmpImagePlugin, GifImagePlugin, Image, ImageCms, ImageOps, JpegImagePlugin, MpoImagePlugin, PngImagePlugin,
    TiffImagePlugin, UnidentifiedImageError, WebPImagePlugin,
)

from chonk.pictures.svg import SvgError, draw_svg

MAX_PIXELS = 50_000_000
WORKING_SIDE = 2048
FRAMES_PIXELS = 32_000_000
"""How many pixels of an animation's frames are held at a time."""
SMALLEST = 4
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
SVG_SIDE = 512
OTHER_KINDS = {b"8BPS": "a Photoshop file", b"%PDF": "a PDF file", b"%!PS": "a PostScript file", b"\0\0\1\0": "an icon file (.ico)", b"\xff\x0a": "JPEG XL",
               b"\0\0\0\x0cJXL ": "JPEG XL", b"\0\0\0\x0cjP  ": "JPEG 2000", b"gimp xcf": "a GIMP file", b"qoif": "a QOI file"}


class Unusable(Exception):
    """This file gives no picture; the message says why, for the person whose file it is."""


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
            data = draw_svg(_unzipped(data), SVG_SIDE)
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
        except (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, ArithmeticError, AttributeError,
                NotImplementedError, RuntimeError, zlib.error) as error:
            raise Unusable(f"damaged or cut short ({_line(error)})") from error


def sniff(data: bytes) -> str:
    """"picture", "svg", "zip", or the reason why it is none of them."""
    head = data[:16]
    if head.startswith((b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "picture"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        brands = data[8:8 + 64]
        if b"avif" in brands or b"avis" in brands:
            return "picture"
        return "HEIC is not supported; export it as JPEG or PNG" if b"hei" in brands or b"mif1" in brands else "a video, not a picture"
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        start = _unzipped(data, 4096, whole=False)
        if b"<svg" in start:
            return "svg"
        lottie = b'"tgs"' in start or (start.lstrip().startswith(b"{") and b'"v"' in start)
        return "a Telegram animated sticker (.tgs) is not supported; export it as WebP or GIF" if lottie else "a compressed file, not a picture"
    for magic, name in OTHER_KINDS.items():
        if head.startswith(magic):
            return f"{name} is not supported; export it as PNG"
    start = data[:4096]
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "ignore").encode("utf-8", "ignore")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    low = start.lower()
    if low.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a picture"
    if low.startswith(b"<") and (b"<svg" in low or re.match(rb"(<\?xml[^>]*>\s*|<!--.*?-->\s*)*<!doctype\s+svg", low, re.DOTALL) or b":svg" in low[:1024]):
        return "svg"
    if low.startswith(b"<svg"):
        return "svg"
    if not data.strip(b"\0"):
        return "not a picture (nothing but zeros)"
    text = not re.search(rb"[\0-\x08\x0e-\x1a]", start)
    return "not a picture (text)" if text else "not a picture (unknown kind of file)"


def _unzipped(data: bytes, limit: int = 4 << 20, whole: bool = True) -> bytes:
    """An .svgz's content, never more than `limit` bytes."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
            content = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        if whole:
            raise Unusable("a damaged compressed file") from error
        return b""
    if whole and len(content) > limit:
        raise Unusable(f"an SVG larger than {limit >> 20} MB")
    return content[:limit]


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
        drawn = (frame for number in spread(count)[:4] for frame in _frame(image, number, count))
        kept = [next(drawn, None)]
    else:
        room = max(wanted, FRAMES_PIXELS // (image.size[0] * image.size[1]))
        numbers = spread(count)[:min(2 * wanted + 2, room)]
        drawn = {number: frame for number in sorted(numbers) for frame in _frame(image, number, count)}
        kept = []
        for number in numbers:  # the evenly spread ones first; going back and forth in the file would decode it again and again
            if number in drawn and len(kept) < wanted and not any(same(drawn[number].pixels, other.pixels) for other in kept):
                kept.append(drawn[number])
    if not kept or kept[0] is None:
        raise Unusable("nothing is drawn on its frames")
    return sorted(kept, key=lambda frame: frame.frame)


def _frame(image: Image.Image, number: int, count: int) -> list[Decoded]:
    """One frame of an animation, or nothing where nothing is drawn on it."""
    image.seek(number)
    pixels = _upright(image)
    return [] if is_blank(pixels) else [Decoded(pixels, number, f"frame {number + 1} of {count}")]


def spread(count: int) -> list[int]:
    """0 ... count - 1 so ordered that every beginning of the list is spread evenly: the first frame, the middle one, the quarters."""
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
    """Whether two frames look alike: on white and at 32 x 32, no place differs by more than a twentieth of the range."""
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
    rgba = _to_rgba(upright, image.info.get("icc_profile"))
    if max(rgba.size) > WORKING_SIDE:
        factor = -(-max(rgba.size) // WORKING_SIDE)
        rgba = rgba.convert("RGBa").reduce(factor).convert("RGBA")
    pixels = np.array(rgba)
    _refuse_grey_rest(pixels, image)
    return pixels


def _to_rgba(image: Image.Image, profile: bytes | None) -> Image.Image:
    mode = image.mode
    if mode.startswith("I;16") or mode in ("I", "F"):
        image = _deep_grey(image)
    if profile:
        image = _to_srgb(image, profile)
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(image, lab, ImageCms.createProfile("sRGB"), outputMode="RGB")
    return image.convert("RGBA")


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float greys to 8 bits; Pillow's own conversion cuts them off at 255."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16") or (image.mode == "I" and values.min() >= 0 and values.max() <= 65535):
        top = 65535.0
    elif image.mode == "F" and values.min() >= 0 and values.max() <= 1:
        top = 1.0
    else:
        values, top = values - values.min(), max(float(values.max() - values.min()), 1e-9)
    grey = Image.fromarray(np.rint(values / top * 255).clip(0, 255).astype(np.uint8))
    if isinstance(clear, int):
        grey.putalpha(Image.fromarray(np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)))
    return grey


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours from the embedded ICC profile to sRGB; a profile that is damaged or of another kind than the pixels is ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if image.mode in ("P", "PA"):
            image = image.convert("RGBA")
        alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
        if image.info.get("transparency") is not None and image.mode in ("RGB", "L", "1"):
            image = image.convert("RGBA")
            alpha = image.getchannel("A")
        colours = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space)
        if colours is None or (colours == "CMYK") != (image.mode == "CMYK"):
            return image
        if "srgb" in (source.profile.profile_description or "").lower():
            return image
        converted = ImageCms.profileToProfile(image.convert(colours), source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _refuse_grey_rest(pixels: np.ndarray, image: Image.Image) -> None:
    """A JPEG whose data ended early, repaired by some program, decodes to pure middle grey from there on."""
    if image.format not in ("JPEG", "MPO"):
        return
    grey = (np.abs(pixels[..., :3].astype(np.int16) - 128).max((1, 2)) <= 1)
    rest = len(grey) if grey.all() else int(np.argmin(grey[::-1]))
    if len(grey) * 0.08 < rest < len(grey):
        raise Unusable("damaged: its lower part is missing (plain grey)")


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__

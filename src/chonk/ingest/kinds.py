"""What kind of file some bytes are, by their content; names say nothing reliable."""

from __future__ import annotations

import gzip
import io
import re
import zlib

PICTURES = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
OTHER_KINDS = {
    b"8BPS": "a Photoshop file",
    b"%PDF": "a PDF file",
    b"%!PS": "a PostScript file",
    b"gimp xcf": "a GIMP file",
    b"\0\0\1\0": "an icon file (.ico)",
    b"qoif": "a QOI file",
    b"\xff\x0a": "JPEG XL",
    b"\0\0\0\x0cJXL ": "JPEG XL",
    b"\0\0\0\x0cjP  ": "JPEG 2000",
}


class Unusable(Exception):
    """This file gives no picture; the message says why, for the person whose file it is."""


def sniff(data: bytes) -> str:
    """ "picture", "svg", "zip", or the reason why it is none of them."""
    head = data[:16]
    if head.startswith(PICTURES):
        return "picture"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        brands = data[8 : 8 + 64]
        if b"avif" in brands or b"avis" in brands:
            return "picture"
        return (
            "HEIC is not supported; export it as JPEG or PNG"
            if b"hei" in brands or b"mif1" in brands
            else "a video, not a picture"
        )
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        start = unzipped(data, 4096, whole=False)
        if b"<svg" in start:
            return "svg"
        lottie = b'"tgs"' in start or (start.lstrip().startswith(b"{") and b'"v"' in start)
        if lottie:
            return "a Telegram animated sticker (.tgs) is not supported; export it as WebP or GIF"
        return "a compressed file, not a picture"
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
    if low.startswith(b"<") and (b"<svg" in low or b":svg" in low or re.search(rb"<!doctype\s+svg", low)):
        return "svg"
    if not data.strip(b"\0"):
        return "not a picture (nothing but zeros)"
    text = not re.search(rb"[\0-\x08\x0e-\x1a]", start)
    return "not a picture (text)" if text else "not a picture (unknown kind of file)"


def unzipped(data: bytes, limit: int = 4 << 20, whole: bool = True) -> bytes:
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

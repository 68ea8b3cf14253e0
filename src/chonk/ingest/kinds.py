"""What kind of file some bytes are, by their content; names say nothing reliable."""

from __future__ import annotations

import gzip
import io
import os
import re
import zlib

from chonk.ingest.magic import BY_NAME, EXPORT, KINDS, MOVE, NO_PICTURE, PICTURE_NAMES, TEXTS, UNPACK

HEAD = 4096
"""Bytes from the start of a file that tell most kinds."""
PICTURES = (b"\x89PNG", b"\xff\xd8", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
PROLOG = re.compile(rb"\s+|<\?.*?\?>|<!--.*?-->|<!doctype\s+[^\[>]*(\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)


class Unusable(Exception):
    """This file gives no picture; the message says why, for the person whose file it is."""


def sniff(data: bytes) -> str:
    """ "picture", "svg", "zip", or the reason why it is none of them."""
    head = data[:16]
    if head.startswith(PICTURES) and data[8:12] != b"CR\2\0":
        return "picture"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "picture"
    if head[4:8] == b"ftyp":
        return _iso_media(data[8:72])
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        return "zip"
    if head.startswith(b"MZ") and b"PK\5\6" in data[-(1 << 16) - 22 :]:
        return "zip"
    if head.startswith(b"\x1f\x8b"):
        return _compressed(data)
    for at, magic, kind, advice in KINDS:
        if data[at : at + len(magic)] == magic and (at or len(magic) > 3 or not _is_text(data)):
            return _reason(kind, advice)
    if head[:4] == b"\0\0\2\0" and head[4:5] > b"\0":  # in a TGA of the second kind a zero follows
        return _reason("a cursor file (CUR)", EXPORT)
    if _is_pcx(data):
        return _reason("a PCX picture", EXPORT)
    if data[-18:] == b"TRUEVISION-XFILE.\0" or _is_tga(data):
        return _reason("a TGA picture", EXPORT)
    return _text(data)


def with_name(reason: str, name: str) -> str:
    """A reason that says what kind of file it seems to be, where the content did not tell and the name does."""
    ending = os.path.splitext(name.lower())[1]
    if not re.match(
        r"not a picture \((text|unknown kind)|not a picture that can be|a damaged ZIP archive: its d", reason
    ):
        return reason
    if ending in BY_NAME:
        return _reason(*BY_NAME[ending])
    if ending in PICTURE_NAMES and (found := re.fullmatch(r"not a picture \((text|unknown kind of file)\)", reason)):
        return f"not a picture, whatever its name says ({found[1]}); download or save it again"
    return reason


def _reason(kind: str, advice: str) -> str:
    return (
        f"{kind} is not supported; {advice}"
        if advice in (EXPORT, UNPACK, MOVE)
        else f"{kind}; {advice}"
        if advice
        else f"not a picture ({kind})"
    )


def _iso_media(brands: bytes) -> str:
    if b"avif" in brands or b"avis" in brands:
        return "picture"
    if b"hei" in brands or b"hev" in brands or b"mif1" in brands:
        return "HEIC is not supported; export it as JPEG or PNG"
    if b"crx " in brands:
        return _reason("a camera's raw picture", EXPORT)
    return _reason("a sound (M4A)", NO_PICTURE) if brands[:3] == b"M4A" else _reason("a video (MP4 or QuickTime)", MOVE)


def _compressed(data: bytes) -> str:
    start = unzipped(data, 1 << 16, whole=False)
    if start[257:262] == b"ustar":
        return _reason("a TAR archive (tar.gz)", UNPACK)
    if b'"tgs"' in start or (start.lstrip().startswith(b"{") and b'"v"' in start):
        return "a Telegram animated sticker (TGS) is not supported; export it as WebP or GIF"
    return "svg" if _text(start) == "svg" else "a compressed file is not opened; unpack it first"


def _is_pcx(data: bytes) -> bool:
    return len(data) > 128 and data[0] == 10 and data[1] in (0, 2, 3, 4, 5) and data[2] == 1 and data[3] in (1, 2, 4, 8)


def _is_tga(data: bytes) -> bool:
    """TGA files of the first kind have no signature; their header and length say enough."""
    if (
        len(data) < 18
        or data[1] > 1
        or data[2] not in (1, 2, 3, 9, 10, 11)
        or data[16] not in (8, 15, 16, 24, 32)
        or data[17] & 0xC0
    ):
        return False
    width, height = int.from_bytes(data[12:14], "little"), int.from_bytes(data[14:16], "little")
    if not (0 < width <= 16384 and 0 < height <= 16384):
        return False
    colours = int.from_bytes(data[5:7], "little") * ((data[7] + 7) // 8) if data[1] else 0
    return data[2] > 8 or len(data) >= 18 + data[0] + colours + width * height * ((data[16] + 7) // 8)


def _text(data: bytes) -> str:
    start = data
    if start[:2] in (b"\xff\xfe", b"\xfe\xff"):
        start = start.decode("utf-16", "ignore").encode("utf-8", "ignore")
    start = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<"):
        at = 0
        while at < len(start) and (part := PROLOG.match(start, at)):
            at = part.end()
        if re.match(rb"<([\w-]{1,40}:)?svg[\s/>]", start[at : at + 64], re.IGNORECASE):
            return "svg"
    low = start[:HEAD].lower()
    for pattern, kind, advice in TEXTS:
        if re.match(pattern, low, re.DOTALL):
            return f"{kind}; {advice}" if advice != EXPORT else _reason(kind, advice)
    if re.match(rb"<!doctype\s+svg", low):
        return "svg"
    if not data.strip(b"\0"):
        return "not a picture (nothing but zeros: copy or download it again)"
    return "not a picture (text)" if _is_text(start) else "not a picture (unknown kind of file)"


def _is_text(data: bytes) -> bool:
    return not re.search(rb"[\0-\x08\x0e-\x1a]", data[:HEAD])


def unzipped(data: bytes, limit: int, whole: bool = True) -> bytes:
    """An .svgz's content, never more than `limit` bytes; with `whole`, Unusable where it is longer or damaged."""
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

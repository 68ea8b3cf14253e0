"""PNG files as browsers take them: only the chunks that the picture needs, whatever the others hold."""

from __future__ import annotations

import struct
import zlib

from chonk.ingest.kinds import Unusable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"
NEEDED = {b"IHDR", b"PLTE", b"IDAT"}
"""A wrong checksum in one of these means a damaged picture."""
HELPFUL = {b"tRNS", b"gAMA", b"sRGB", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"fdAT"}
"""Transparency, colours, direction, frames; one with a wrong checksum is left out like all other chunks."""
MAX_PROFILE = 1 << 20
"""Bytes of a colour profile; a larger one is left out."""


def needed_chunks(data: bytes) -> bytes:
    """The same picture without texts, thumbnails and other chunks that can be large or broken.

    Raises Unusable where a chunk that the picture needs is damaged or missing, and for Apple's own kind of PNG."""
    if not data.startswith(SIGNATURE):
        return data
    kept = [SIGNATURE]
    at, drawn = len(SIGNATURE), False
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        at += 12 + length
        if kind == b"IEND":
            break
        if kind == b"CgBI":
            raise Unusable(
                "a PNG in Apple's own form (CgBI, from an iOS app), which only Apple's programs read; open it in "
                "Preview and export it as PNG"
            )
        truth = struct.pack(">I", zlib.crc32(kind + body))
        if kind in NEEDED and (len(body) < length or not truth.startswith(check)):
            part = "is cut short" if len(body) < length else "has a wrong checksum"
            raise Unusable(f"damaged: its chunk {kind.decode()} {part}; save or download it again")
        helps = kind in HELPFUL and check == truth and not (kind == b"iCCP" and _too_large(body))
        if kind in NEEDED or helps:
            kept.append(struct.pack(">I", length) + kind + body + truth)
        drawn |= kind == b"IDAT"
    if not drawn:
        raise Unusable("damaged or cut short: a PNG without picture data; save or download it again")
    return b"".join([*kept, END])


def _too_large(profile: bytes) -> bool:
    """Whether a profile chunk (name, 0, method, deflated profile) cannot be inflated to a sane size."""
    inflate = zlib.decompressobj()
    try:
        inflate.decompress(profile[profile.index(0) + 2 :], MAX_PROFILE)
    except (ValueError, zlib.error):
        return True
    return not inflate.eof

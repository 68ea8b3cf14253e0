"""PNG files as browsers take them: only the chunks that the picture needs, whatever the others hold."""

from __future__ import annotations

import struct
import zlib

from chonk.ingest.kinds import Unusable

SIGNATURE = b"\x89PNG\r\n\x1a\n"
NEEDED = {b"IHDR", b"PLTE", b"IDAT", b"IEND"}
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
    at, drawn, whole = len(SIGNATURE), False, False
    while at + 12 <= len(data) and not whole:
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + length]
        check = data[at + 8 + length : at + 12 + length]
        if kind == b"CgBI":
            raise Unusable(
                "a PNG in Apple's own form (CgBI, from an iOS app), which only Apple's programs read; open it in "
                "Preview and export it as PNG"
            )
        intact = len(check) == 4 and zlib.crc32(kind + body) == int.from_bytes(check, "big")
        if kind in NEEDED and not intact:
            part = "is cut short" if len(check) < 4 else "has a wrong checksum"
            raise Unusable(f"damaged: its chunk {kind.decode()} {part}; save or download it again")
        if kind in NEEDED or (kind in HELPFUL and intact and not (kind == b"iCCP" and _too_large(body))):
            kept.append(data[at : at + 12 + length])
        drawn |= kind == b"IDAT"
        whole = kind == b"IEND"
        at += 12 + length
    if not drawn:
        raise Unusable("damaged or cut short: a PNG without picture data; save or download it again")
    if not whole:
        kept.append(b"\0\0\0\0IEND\xaeB`\x82")
    return b"".join(kept)


def _too_large(profile: bytes) -> bool:
    """Whether a profile chunk (name, 0, method, deflated profile) cannot be inflated to a sane size."""
    inflate = zlib.decompressobj()
    try:
        inflate.decompress(profile[profile.index(0) + 2 :], MAX_PROFILE)
    except (ValueError, zlib.error):
        return True
    return not inflate.eof

"""What PNG, WebP and WebM files say of themselves, read by their specifications alone: packs are written with Pillow
and PyAV, so what reads them back is neither.

PNG: W3C "Portable Network Graphics (Third Edition)"; WebP: RFC 9649; WebM: RFC 8794 (EBML) and RFC 9559 (Matroska)."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Facts:
    """Of one file.  Of a still picture: one frame, no seconds."""

    kind: str
    """PNG, WEBP or a codec of Matroska's."""
    size: tuple[int, int]
    """Width and height."""
    frames: int = 1
    seconds: float = 0.0
    """Of one turn, the last frame's included where the file says how long it is shown."""
    loops: int = 0
    """0: for ever."""
    alpha: bool = True
    """Whether it may hold transparency."""


def facts(file: Path | bytes) -> Facts:
    """Reads a file from its first byte to its last.  Fails where it breaks its format's rules."""
    data = file if isinstance(file, bytes) else file.read_bytes()
    if data[:4] == b"RIFF":
        return _webp(data)
    return _webm(data) if data[:4] == b"\x1a\x45\xdf\xa3" else _png(data)


def _png(data: bytes) -> Facts:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    chunks, at = [], 8
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        (check,) = struct.unpack_from(">I", data, at + 8 + length)
        assert check == zlib.crc32(kind + body), kind
        chunks.append((kind, body))
        at += 12 + length
    assert (chunks[0][0], chunks[-1]) == (b"IHDR", (b"IEND", b"")) and at == len(data)
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert rest == [0, 0, 0]
    bits = depth * {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    of = dict(chunks)
    frames, loops = struct.unpack(">II", of[b"acTL"]) if b"acTL" in of else (1, 0)
    shown = [[width, height, b""]]
    seconds, numbers = 0.0, []
    for kind, body in chunks:
        if kind == b"fcTL":
            number, wide, high, x, y, shown_for, of_a_second = struct.unpack_from(">IIIIIHH", body)
            assert x + wide <= width and y + high <= height
            numbers.append(number)
            seconds += shown_for / (of_a_second or 100)
            if len(numbers) == 1:
                assert (wide, high) == (width, height)
            else:
                shown.append([wide, high, b""])
        elif kind in (b"IDAT", b"fdAT"):
            if kind == b"fdAT":
                numbers.append(struct.unpack_from(">I", body)[0])
            shown[-1][2] += body[4:] if kind == b"fdAT" else body
    assert numbers == [*range(len(numbers))] and len(shown) == frames
    for wide, high, packed in shown:
        assert len(zlib.decompress(packed)) == high * (1 + -(-wide * bits // 8))
    return Facts("PNG", (width, height), frames, round(seconds, 6), loops, colour in (4, 6) or b"tRNS" in of)


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<4sI", data, at)
        yield kind, data[at + 8 : at + 8 + length]
        at += 8 + length + length % 2
    assert at == len(data)


def _bits(data: bytes) -> int:
    return int.from_bytes(data, "little")


def _webp(data: bytes) -> Facts:
    assert data[8:12] == b"WEBP" and _bits(data[4:8]) == len(data) - 8
    chunks = list(_chunks(data[12:]))
    if chunks[0][0] != b"VP8X":
        size, alpha = _bitstream(chunks)
        return Facts("WEBP", size, alpha=alpha)
    flags, header = chunks[0][1][0], chunks[0][1]
    size = (1 + _bits(header[4:7]), 1 + _bits(header[7:10]))
    if not flags & 2:
        assert _bitstream(chunks)[0] == size
        return Facts("WEBP", size, alpha=bool(flags & 16))
    (loops,) = (_bits(body[4:6]) for kind, body in chunks if kind == b"ANIM")
    frames = [body for kind, body in chunks if kind == b"ANMF"]
    for body in frames:
        x, y, wide, high = (_bits(body[at : at + 3]) for at in (0, 3, 6, 9))
        assert _bitstream(list(_chunks(body[16:])))[0] == (wide + 1, high + 1)
        assert 2 * x + wide + 1 <= size[0] and 2 * y + high + 1 <= size[1]
    seconds = sum(_bits(body[12:15]) for body in frames) / 1000
    return Facts("WEBP", size, len(frames), seconds, loops, bool(flags & 16))


def _bitstream(chunks: list[tuple[bytes, bytes]]) -> tuple[tuple[int, int], bool]:
    """Width and height of one frame as its own header has them, and whether it has transparency."""
    of = dict(chunks)
    if b"VP8L" in of:
        assert of[b"VP8L"][0] == 0x2F
        word = _bits(of[b"VP8L"][1:5])
        return (1 + (word & 0x3FFF), 1 + (word >> 14 & 0x3FFF)), bool(word >> 28 & 1)
    assert of[b"VP8 "][3:6] == b"\x9d\x01\x2a"
    wide, high = struct.unpack_from("<HH", of[b"VP8 "], 6)
    return (wide & 0x3FFF, high & 0x3FFF), b"ALPH" in of


PARENTS = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0, 0x1F43B675, 0xA0}
"""Segment, Info, Tracks, TrackEntry, Video, Cluster, BlockGroup: elements that hold others."""


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Every element of EBML that holds no others, in order; parents come before their children, empty."""
    at = 0
    while at < len(data):
        length = 9 - data[at].bit_length()
        name = int.from_bytes(data[at : at + length])
        at += length
        length = 9 - data[at].bit_length()
        size = int.from_bytes(data[at : at + length]) & (1 << 7 * length) - 1
        at += length
        if size == (1 << 7 * length) - 1:  # of unknown size: to the end of what holds it
            size = len(data) - at
        assert at + size <= len(data)
        if name in PARENTS:
            yield name, b""
            yield from _elements(data[at : at + size])
        else:
            yield name, data[at : at + size]
        at += size


def _webm(data: bytes) -> Facts:
    elements = list(_elements(data))
    of = dict(elements)
    (track,) = (body for name, body in elements if name == 0x83)
    assert int.from_bytes(track) == 1, "one track, of video"
    scale = int.from_bytes(of.get(0x2AD7B1, b"\x0f\x42\x40")) / 1e9
    frames = sum(name in (0xA1, 0xA3) for name, _ in elements)
    (seconds,) = struct.unpack(">d" if len(of[0x4489]) == 8 else ">f", of[0x4489])
    size = (int.from_bytes(of[0xB0]), int.from_bytes(of[0xBA]))
    has_alpha = of.get(0x53C0, b"\0")[-1:] == b"\1" and frames == sum(name == 0x75A1 for name, _ in elements)
    return Facts(of[0x86].decode(), size, frames, seconds * scale, alpha=has_alpha)

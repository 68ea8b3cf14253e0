"""Broken files of every kind, by the thousand: each gets an answer within its limits, and no decoder crashes or hangs.

300 cases; 5,000 with CHONK_LONG=1.  Cases that once failed are kept in ONCE_FAILED."""

from __future__ import annotations

import base64
import gzip
import io
import os
import struct
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from chonk.ingest import pool
from gather_help import drawing, encode, on

FRESH_WORKERS = True
"""These tests are about what a worker bears."""

CASES = 5000 if os.environ.get("CHONK_LONG") else 300
SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><defs><linearGradient id="g"><stop '
    b'stop-color="red"/></linearGradient></defs>'
    b'<g id="a" transform="rotate(5)"><rect width="9" height="9" fill="url(#g)"/></g><use href="#a" '
    b'x="9"/><style>rect{opacity:.5}</style></svg>'
)
BOMB_HEADER = b"IHDR" + struct.pack(">IIBBBBB", 30000, 30000, 1, 0, 0, 0, 0)
BOMB = (
    b"\x89PNG\r\n\x1a\n\0\0\0\r" + BOMB_HEADER + struct.pack(">I", zlib.crc32(BOMB_HEADER)) + b"\0\0\0\0IEND\xaeB`\x82"
)
EXTREMES = [b"\0\0\0\0", b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\1\0\0", b"\x80\0\0\0"]
ONCE_FAILED = {
    "an SVG in millimetres": (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9mm" height="9mm"><circle cx="9" cy="9" r="9"/></svg>',
        "pictures",
    ),
    "an SVG with a bomb inside": (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image width="9" height="9" '
        b'href="data:image/png;base64,' + base64.b64encode(BOMB) + b'"/></svg>',
        "reason",
    ),
    "a PNG that declares a bomb": (BOMB, "reason"),
    "a JPEG with broken EXIF": (b"\xff\xd8\xff\xe1\0\x14Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12", "reason"),
}
"""name: the file, and what the answer must hold."""


@cache
def seeds() -> dict[str, bytes]:
    """A small good file of every kind."""
    small, opaque = drawing(1, 48), on(drawing(2, 48), "white")
    more = [drawing(number, 48) for number in (3, 4)]
    exif = Image.Exif()
    exif[0x0112] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", encode(small, "PNG"))
    return {
        "png": encode(small, "PNG"),
        "palette": encode(small.quantize(16), "PNG"),
        "profile": encode(opaque, "PNG", icc_profile=profile),
        "grey 16": encode(Image.fromarray(np.asarray(opaque.convert("L"), np.uint16) * 257), "PNG"),
        "apng": encode(small, "PNG", save_all=True, append_images=more),
        "jpeg": encode(opaque, "JPEG", exif=exif),
        "progressive": encode(opaque, "JPEG", progressive=True),
        "cmyk": encode(opaque.convert("CMYK"), "JPEG"),
        "webp": encode(small, "WEBP"),
        "lossless": encode(small, "WEBP", lossless=True),
        "moving webp": encode(small, "WEBP", save_all=True, append_images=more),
        "gif": encode(opaque, "GIF"),
        "moving gif": encode(small, "GIF", save_all=True, append_images=more),
        "bmp": encode(opaque, "BMP"),
        "tiff": encode(small, "TIFF"),
        "tiff lzw": encode(opaque, "TIFF", compression="tiff_lzw"),
        "tiff jpeg": encode(opaque, "TIFF", compression="jpeg"),
        "tiff fax": encode(opaque.convert("1"), "TIFF", compression="group4"),
        "avif": encode(small, "AVIF"),
        "moving avif": encode(small, "AVIF", save_all=True, append_images=more),
        "svg": SVG,
        "svgz": gzip.compress(SVG, mtime=0),
        "zip": pack.getvalue(),
    }


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    """A good file with one to six injuries: bytes changed, numbers made extreme, parts cut out, doubled, swapped in
    from elsewhere, the end lost."""
    data = bytearray(seeds()[draw(st.sampled_from(sorted(seeds())))])
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        if draw(st.booleans()):
            at %= 256  # the headers
        length = draw(st.integers(1, 64))
        match draw(st.sampled_from(["byte", "extreme", "cut", "double", "noise", "end"])):
            case "byte":
                data[at : at + 1] = bytes([draw(st.integers(0, 255))])
            case "extreme":
                data[at : at + 4] = draw(st.sampled_from(EXTREMES))
            case "cut":
                del data[at : at + length]
            case "double":
                data[at:at] = data[at : at + length] * draw(st.integers(1, 20))
            case "noise":
                data[at : at + length] = draw(st.binary(min_size=length, max_size=length))
            case "end":
                del data[at:]
    return bytes(data)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator:
    file = tmp_path_factory.mktemp("fuzz") / "file"
    job = {"size": 32, "background": None, "cutout": True, "frames": 3}
    with pool.WorkerPool() as workers:

        def answer(data: bytes) -> dict:
            file.write_bytes(data)
            ask_for = [{"do": "study", "path": str(file), "member": None, "known": [], "job": job}]
            reply, parts = next(workers.map(ask_for))
            if reply.get("zip"):
                reply, parts = next(workers.map([{"do": "list", "path": str(file), "member": None}]))
                for number, _, reason in reply.get("members", ()):
                    if reason is None:
                        check(*next(workers.map([{**ask_for[0], "member": [number]}])))
            return check(reply, parts)

        yield answer


def check(reply: dict, parts: list[bytes]) -> dict:
    """Pictures or one reason; no dead worker."""
    assert ("reason" in reply) + ("pictures" in reply) + ("members" in reply) == 1
    assert (
        "crash" not in reply.get("reason", "")
        and "too long" not in reply.get("reason", "")
        and "does not end" not in reply.get("reason", "")
    )
    for png in parts[1::2]:
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.size == (32, 32)
    return reply


@pytest.mark.parametrize("kind", sorted(seeds()))
def test_the_good_files_are_good(ask, kind: str) -> None:
    assert "reason" not in ask(seeds()[kind])


@settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(broken())
def test_broken_files(ask, data: bytes) -> None:
    ask(data)


@pytest.mark.parametrize("name", sorted(ONCE_FAILED))
def test_once_failed(ask, name: str) -> None:
    data, answer = ONCE_FAILED[name]
    assert answer in ask(data)

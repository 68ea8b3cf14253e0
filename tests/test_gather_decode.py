"""Every kind of file gives the right pixels: formats, modes, profiles, directions, frames."""

from __future__ import annotations

import gzip
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from chonk.ingest.colours import on_white
from chonk.ingest.decode import decode
from chonk.ingest.frames import evenly_spaced
from chonk.ingest.kinds import Unusable
from gather_help import HIDDEN, drawing, encode, on


def pixels(data: bytes) -> np.ndarray:
    return decode(data)[0].pixels


def away(one: np.ndarray, other: np.ndarray) -> float:
    """Mean difference on white, in levels."""
    return float(np.abs(np.asarray(on_white(one), int) - np.asarray(on_white(other), int)).mean())


@pytest.mark.parametrize(
    "kind, options, allowed",
    [
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("WEBP", {"quality": 80}, 4),
        ("AVIF", {"quality": 80}, 4),
    ],
)
def test_formats_with_alpha(kind: str, options: dict, allowed: float) -> None:
    assert away(pixels(encode(drawing(1), kind, **options)), np.array(drawing(1))) <= allowed


@pytest.mark.parametrize("kind, allowed", [("JPEG", 4), ("BMP", 0), ("TIFF", 0), ("PNG", 0)])
def test_formats_without_alpha(kind: str, allowed: float) -> None:
    picture = on(drawing(2), "white")
    assert away(pixels(encode(picture, kind)), np.array(picture.convert("RGBA"))) <= allowed


@pytest.mark.parametrize("mode", ["1", "L", "P"])
def test_few_colours(mode: str) -> None:
    picture = on(drawing(3), "white").convert(mode)
    np.testing.assert_array_equal(pixels(encode(picture, "PNG")), np.array(picture.convert("RGBA")))


def test_palette_transparency() -> None:
    picture = drawing(3).convert("RGBA").quantize(32)
    got = pixels(encode(picture, "PNG"))
    assert got[0, 0, 3] == 0 and away(got, np.array(picture.convert("RGBA"))) == 0


def test_grey_with_alpha() -> None:
    picture = drawing(4).convert("LA")
    np.testing.assert_array_equal(pixels(encode(picture, "PNG")), np.array(picture.convert("RGBA")))


def test_sixteen_bit_grey_is_divided_by_257() -> None:
    ramp = np.arange(64, dtype=np.uint16)[None].repeat(64, 0) * 1040
    got = pixels(encode(Image.fromarray(ramp), "PNG"))
    np.testing.assert_allclose(got[0, :, 0], ramp[0] / 257, atol=0.51)
    assert (got[..., 3] == 255).all()


def test_float_tiff() -> None:
    ramp = np.linspace(0, 1, 64, dtype=np.float32)[None].repeat(64, 0)
    np.testing.assert_allclose(pixels(encode(Image.fromarray(ramp), "TIFF"))[0, :, 0], ramp[0] * 255, atol=0.51)


def test_cmyk_keeps_its_colours() -> None:
    flat = Image.new("RGB", (64, 64), "white")
    flat.paste((230, 30, 20), (8, 8, 56, 56))
    got = pixels(encode(flat.convert("CMYK"), "JPEG", quality=95))
    np.testing.assert_allclose(got[32, 32, :3], (230, 30, 20), atol=14)
    assert got[2, 2, :3].min() > 240


def test_icc_profile_is_applied() -> None:
    """The same numbers under a profile of swapped primaries are other colours; an sRGB profile changes nothing."""
    picture = on(drawing(5), "white")
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))
    np.testing.assert_array_equal(
        pixels(encode(picture, "PNG", icc_profile=srgb.tobytes())), np.array(picture.convert("RGBA"))
    )
    swapped = bytearray(srgb.tobytes())
    tags = {}
    for i in range(struct.unpack(">I", swapped[128:132])[0]):
        at = 132 + 12 * i
        tags[bytes(swapped[at : at + 4])] = (at, swapped[at : at + 12])
    red, blue = tags[b"rXYZ"], tags[b"bXYZ"]
    swapped[red[0] + 4 : red[0] + 12], swapped[blue[0] + 4 : blue[0] + 12] = blue[1][4:], red[1][4:]
    name = bytes(swapped).find("sRGB".encode("utf-16-be"))
    while name >= 0:
        swapped[name : name + 8] = "XRGB".encode("utf-16-be")
        name = bytes(swapped).find("sRGB".encode("utf-16-be"))
    two = Image.new("RGB", (32, 32), (250, 10, 10))
    two.paste("white", (0, 0, 16, 32))
    got = pixels(encode(two, "PNG", icc_profile=bytes(swapped)))
    assert got[16, 24, 2] > 200 > 60 > got[16, 24, 0]


@pytest.mark.parametrize(
    "orientation, turned",
    [
        (1, None),
        (3, Image.Transpose.ROTATE_180),
        (6, Image.Transpose.ROTATE_90),
        (8, Image.Transpose.ROTATE_270),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
    ],
)
@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_exif_direction(kind: str, orientation: int, turned: Image.Transpose | None) -> None:
    upright = on(drawing(6), "white").crop((0, 0, 128, 100))
    stored = upright if turned is None else upright.transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    np.testing.assert_array_equal(pixels(encode(stored, kind, exif=exif, **options))[..., :3], np.array(upright))


def test_svg_and_svgz() -> None:
    data = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 20 10"><rect width="10" height="10" fill="#f00"/></svg>'
    )
    for got in (pixels(data), pixels(gzip.compress(data, mtime=0))):
        assert got.shape == (256, 512, 4)
        assert tuple(got[128, 100]) == (255, 0, 0, 255) and got[128, 400, 3] == 0


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_frames_of_an_animation(kind: str) -> None:
    frames = [on(drawing(number), "white") for number in (10, 11, 11, 12)]
    data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
    first = decode(data)
    assert len(first) == 1 and first[0].frame == 0
    assert away(first[0].pixels, np.array(frames[0].convert("RGBA"))) < 6
    several = decode(data, 8)
    assert len(several) == 3 and "of" in several[0].note, "equal frames are taken once"


def test_an_empty_first_frame_is_passed_over() -> None:
    frames = [Image.new("RGBA", (128, 128)), drawing(13), drawing(14)]
    got = decode(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True))
    assert len(got) == 1 and got[0].frame > 0


def test_spread_is_even_and_whole() -> None:
    assert evenly_spaced(8)[:4] == [0, 4, 2, 6]
    assert sorted(evenly_spaced(100)) == list(range(100))


@pytest.mark.parametrize(
    "data, reason",
    [
        (b"", "empty file"),
        (b"\0" * 500, "zeros"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"hello", "text"),
        (bytes(range(256)), "unknown"),
        (gzip.compress(b'{"tgs":1,"v":"5.5"}', mtime=0), "Telegram"),
        (b"8BPS\0\1" + b"\0" * 40, "Photoshop"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 50, "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "without picture data"),
    ],
)
def test_what_is_no_picture_says_why(data: bytes, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        decode(data)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_cut_short(kind: str) -> None:
    data = encode(on(drawing(8), "white"), kind)
    with pytest.raises(Unusable):
        decode(data[: len(data) * 2 // 3])


def test_hidden_colours_do_not_survive_white() -> None:
    assert HIDDEN not in {tuple(c) for c in np.asarray(on_white(np.array(drawing(9)))).reshape(-1, 3)}


def test_header_bomb_is_refused_before_decoding() -> None:
    data = bytearray(encode(Image.new("1", (8, 8)), "PNG"))
    data[16:24] = struct.pack(">II", 60000, 60000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    with pytest.raises(Unusable, match="bomb"):
        decode(bytes(data))

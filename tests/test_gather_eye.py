"""What a person would see at once in a set: blurred pixel art, ghosts, negatives, specks, bars, sheets."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, TiffImagePlugin
from scipy import ndimage

from chonk.ingest.clean import find_ground
from chonk.ingest.colours import on_white
from chonk.ingest.cutout import cut_out, flood
from chonk.ingest.decode import decode
from chonk.ingest.leftovers import stray_specks, without_bars
from chonk.ingest.sheets import figures
from chonk.ingest.strips import same_strips
from gather_help import drawing, encode, finished, folder_of, on, run, sources
from test_gather_people import away, place, write, zip_of


def sprite(number: int, size: int = 16, square_head: bool = False) -> np.ndarray:
    """A mirrored sprite of hard pixels on nothing, one cell free all around; a square head fills that square to its
    corners."""
    random = np.random.default_rng(number)
    palette = np.concatenate([random.integers(0, 256, (4, 3)), np.full((4, 1), 255)], 1).astype(np.uint8)
    if not square_head:
        palette[0] = 0
    inner = size - 2
    half = random.integers(0, 4, (inner, inner // 2))
    if square_head:
        half[0] = half[-1] = half[:, 0] = 1
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[1:-1, 1:-1] = palette[np.concatenate([half, half[:, ::-1]], 1)]
    return pixels


def blocks(picture: np.ndarray, side: int) -> bool:
    """Whether a picture is made of flat blocks of that side."""
    height, width = picture.shape[:2]
    cut = picture.reshape(height // side, side, width // side, side, 4)
    return bool((cut == cut[:, :1, :, :1]).all())


# --- pixel art --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("square_head, shadow", [(False, False), (True, False), (True, True)])
def test_sprites_stay_sharp_and_keep_their_transparent_margin(tmp_path: Path, square_head: bool, shadow: bool) -> None:
    source = tmp_path / "in"
    source.mkdir()
    sprites = [sprite(number, square_head=square_head) for number in range(8)]
    for number, pixels in enumerate(sprites):
        if shadow:
            pixels[15, 1:15] = (0, 0, 0, 90)
        Image.fromarray(pixels).save(source / f"{number}.png")
    result = run(source, tmp_path / "out")
    for number, pixels in enumerate(sprites):
        picture = finished(tmp_path / "out", result, f"{number}.png")
        assert blocks(picture, 4)
        if not shadow:  # which lies lower than a sprite in the middle
            np.testing.assert_array_equal(picture[::4, ::4], pixels)


def test_an_opaque_sprite_is_carried_on_over_its_edge(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        scene = np.random.default_rng(number).integers(0, 3, (20, 20, 1)).repeat(4, 2).astype(np.uint8) * 100
        scene[..., 3] = 255
        Image.fromarray(scene).save(source / f"{number}.png")
    result = run(source, tmp_path / "out", size=64)
    picture = finished(tmp_path / "out", result, "0.png")
    assert (picture[..., 3] == 255).all()
    np.testing.assert_array_equal(picture[0], picture[2], "two rows above sixty: the edge again, no other colour")


@pytest.mark.parametrize(
    "cells, side, kind, quality, transparent",
    [
        (16, 512, "WEBP", 80, True),
        (16, 512, "JPEG", 80, False),
        (24, 512, "WEBP", 75, True),
        (12, 500, "JPEG", 90, False),
        (32, 512, "WEBP", 60, False),
        (16, 256, "JPEG", 75, False),
    ],
)
def test_enlarged_pixel_art_is_known_through_compression(
    tmp_path: Path, cells: int, side: int, kind: str, quality: int, transparent: bool
) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        large = Image.fromarray(sprite(number, cells)).resize((side, side), Image.Resampling.NEAREST)
        (source / f"{number}.x").write_bytes(
            encode(large if transparent else on(large, "white"), kind, quality=quality)
        )
    result = run(source, tmp_path / "out", size=96)
    assert all(row["pixel_art"] for row in result["taken"])
    for number in range(4):
        picture = finished(tmp_path / "out", result, f"{number}.x")
        factor = 96 // (cells - 2)
        first = (96 - factor * (cells - 2)) // 2 + factor // 2
        small = picture[first::factor, first::factor][: cells - 2, : cells - 2]
        want = np.array(on(Image.fromarray(sprite(number, cells)), "white"))[1:-1, 1:-1]
        assert away(np.asarray(on_white(np.ascontiguousarray(small))), want) < 12
        assert len(np.unique(picture.reshape(-1, 4), axis=0)) <= cells * cells, "no colours between the cells' own"


def test_drawings_are_no_pixel_art(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(6):
        (source / f"{number}.webp").write_bytes(encode(drawing(number, 256), "WEBP", quality=80))
        (source / f"{number}.jpg").write_bytes(encode(on(drawing(number + 10, 300), "white"), "JPEG", quality=80))
    assert not any(row["pixel_art"] for row in run(source, tmp_path / "out")["taken"])


# --- what does not belong to the drawing ------------------------------------------------------------------------------


@pytest.mark.parametrize("ground", [None, "white", "#80a0c0"])
def test_a_stray_speck_does_not_shrink_the_character(tmp_path: Path, ground: str | None) -> None:
    """The pictures come out as if the speck had never been there."""
    for name in ("clean", "specks"):
        (tmp_path / name).mkdir()
        for number in range(6):
            canvas = Image.new("RGBA", (512, 512))
            canvas.alpha_composite(drawing(number, 128), (30, 20))
            if name == "specks":
                canvas.paste((10, 10, 10, 255), (500, 505, 503, 508))
            (on(canvas, ground) if ground else canvas).save(tmp_path / name / f"{number}.png")
    clean, specks = (run(tmp_path / name, tmp_path / f"{name} out") for name in ("clean", "specks"))
    for number in range(6):
        one = finished(tmp_path / "clean out", clean, f"{number}.png")
        np.testing.assert_array_equal(finished(tmp_path / "specks out", specks, f"{number}.png"), one)
    assert any("speck" in line for line in specks["advice"])


@pytest.mark.parametrize("mark", ["signature", "line"])
def test_marks_far_from_the_character_do_not_shrink_it(tmp_path: Path, mark: str) -> None:
    (tmp_path / "in").mkdir()
    for number in range(6):
        canvas = Image.new("RGBA", (512, 512))
        canvas.alpha_composite(drawing(number, 128), (190, 190))
        if mark == "signature":
            ImageDraw.Draw(canvas).text((470, 495), "artist", fill=(0, 0, 0, 255))
        else:
            canvas.paste((0, 0, 0, 255), (0, 511, 512, 512))
        canvas.save(tmp_path / "in" / f"{number}.png")
    result = run(tmp_path / "in", tmp_path / "out")
    assert all(row["side"] <= 128 for row in result["taken"])
    assert any("signature" in line for line in result["advice"])


def test_sparks_near_a_drawing_belong_to_it() -> None:
    drawn = np.zeros((200, 200), bool)
    drawn[60:140, 60:140] = True
    drawn[50:52, 150:152] = True
    assert stray_specks(drawn) is None
    drawn[190:192, 5:7] = True
    assert int(stray_specks(drawn).sum()) == 4
    confetti = np.zeros((200, 200), bool)
    confetti[::20, ::20] = True
    assert stray_specks(confetti) is None


@pytest.mark.parametrize("colour", ["black", "white", "#202830"])
@pytest.mark.parametrize("upright", [False, True])
@pytest.mark.parametrize("quality", [None, 75])
def test_bars_are_cut_off_and_that_is_said(tmp_path: Path, colour: str, upright: bool, quality: int | None) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(6):
        picture = Image.new("RGB", (256, 144), colour)
        picture.paste(on(drawing(number, 144), "#f0e6c8"), (56, 0))
        picture = picture.transpose(Image.Transpose.ROTATE_90) if upright else picture
        (source / f"{number}.x").write_bytes(
            encode(picture, "JPEG", quality=quality) if quality else encode(picture, "PNG")
        )
    result = run(source, tmp_path / "out", background="white")
    for number in range(6):
        picture = finished(tmp_path / "out", result, f"{number}.x").astype(int)
        border = np.concatenate([picture[0], picture[-1], picture[:, 0], picture[:, -1]])[:, :3]
        assert np.abs(border - (240, 230, 200)).max() < 30
        left, top, right, bottom = result["taken"][number]["box"]
        truth = sorted(place(np.array(drawing(number, 144))))
        left_of_a_bar = np.array(sorted((right - left, bottom - top))) - truth
        assert np.abs(left_of_a_bar).max() <= 6
    assert any("bars" in line for line in result["advice"])


def test_what_is_no_bar_stays() -> None:
    """A drawing on plain ground, one that reaches from top to bottom, a frame without a middle, two sides of two
    colours."""
    plain = np.array(on(drawing(1, 128), "white").convert("RGBA"))
    assert without_bars(plain) is None
    flag = Image.new("RGBA", (120, 90), "white")
    flag.paste((0, 90, 40, 255), (0, 0, 40, 90))
    flag.paste((200, 30, 40, 255), (80, 0, 120, 90))
    assert without_bars(np.array(flag)) is None
    narrow = Image.new("RGBA", (120, 90), "black")
    narrow.paste("white", (55, 0, 65, 90))
    assert without_bars(np.array(narrow)) is None
    scene = np.random.default_rng(0).integers(0, 255, (32, 32, 4), np.uint8)
    scene[:4], scene[-4:], scene[..., 3] = 0, 0, 255
    assert without_bars(scene) is None, "a sprite"


def test_screenshots_are_recognised_by_what_is_the_same_on_all(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(8):
        shot = Image.new("RGB", (180, 320), "#e8e4f0")
        shot.paste((40, 40, 60), (0, 0, 180, 24))
        for icon in range(4):
            shot.paste("white", (100 + 18 * icon, 8, 110 + 18 * icon, 18))
        shot.paste((250, 120, 60), (20, 290, 160, 314))
        shot.paste(on(drawing(number, 150), "#e8e4f0"), (15, 80))
        shot.save(source / f"{number}.png")
    lines = run(source, tmp_path / "out")["advice"]
    assert any("same strip" in line and "top" in line and "bottom" in line for line in lines)
    assert not any("one composition" in line for line in lines), "no praise for what should be cropped"


def test_tall_screenshots_of_small_drawings_have_strips_too(tmp_path: Path) -> None:
    """Nine tenths of them are the same."""
    (tmp_path / "in").mkdir()
    for number in range(8):
        shot = Image.new("RGB", (180, 320), (250, 250, 250))
        shot.paste((30, 60, 160), (0, 0, 180, 25))
        shot.paste((20, 20, 20), (0, 296, 180, 320))
        shot.paste(on(drawing(number, 90), (250, 250, 250)), (45, 100))
        shot.save(tmp_path / "in" / f"{number}.png")
    lines = run(tmp_path / "in", tmp_path / "out")["advice"]
    assert any("same strip at the top and bottom" in line for line in lines)


def test_strips_on_all_sides_are_a_frame(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for number in range(8):
        framed = on(drawing(number), "white")
        ImageDraw.Draw(framed).rectangle([0, 0, 127, 127], outline="black", width=4)
        framed.save(tmp_path / "in" / f"{number}.png")
    assert any("on all four sides" in line for line in run(tmp_path / "in", tmp_path / "out")["advice"])


@pytest.mark.filterwarnings("error")
def test_pictures_with_nothing_in_common_are_no_trouble(tmp_path: Path) -> None:
    files = []
    for number in range(6):
        files.append(tmp_path / f"{number}.png")
        Image.fromarray(np.full((64, 64, 3), 40 * number, np.uint8)).save(files[-1])
    assert same_strips(files) == []


@pytest.mark.parametrize("ground", ["white", None])
def test_a_set_without_strips_is_not_accused(tmp_path: Path, ground: str | None) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(8):
        (on(drawing(number), ground) if ground else drawing(number)).save(source / f"{number}.png")
    assert not any("strip" in line for line in run(source, tmp_path / "out")["advice"])


def sheet(rows: int, columns: int, cell: int = 96, ground: str | None = None) -> Image.Image:
    canvas = Image.new("RGBA", (columns * cell, rows * cell))
    for number in range(rows * columns):
        canvas.paste(drawing(number, cell - 8), (number % columns * cell + 4, number // columns * cell + 4))
    return on(canvas, ground) if ground else canvas


@pytest.mark.parametrize("ground", [None, "white"])
def test_a_sheet_of_many_figures_is_said_to_be_one(tmp_path: Path, ground: str | None) -> None:
    source = folder_of(tmp_path / "in", 6, first=50)
    sheet(4, 4, ground=ground).save(source / "sheet.png")
    result = run(source, tmp_path / "out")
    assert any("sheet.png" in line and "16 figures" in line and "--split-sheets" in line for line in result["advice"])


@pytest.mark.parametrize("ground", [None, "white"])
def test_a_sheet_is_split_where_that_is_wished(tmp_path: Path, ground: str | None) -> None:
    source = tmp_path / "in"
    source.mkdir()
    sheet(3, 4, ground=ground).save(source / "sheet.png")
    result = run(source, tmp_path / "out", split_sheets=True)
    assert len(result["taken"]) == 12
    alone = folder_of(tmp_path / "alone", 12, size=88)
    apart = run(alone, tmp_path / "apart")
    for number in (0, 5, 11):
        one = on_white(finished(tmp_path / "out", {"taken": [result["taken"][number]]}, "sheet.png"))
        other = on_white(finished(tmp_path / "apart", apart, f"drawing {number:03d}.png"))
        assert away(np.asarray(one), np.asarray(other)) < 12
    run(source, tmp_path / "out", split_sheets=True)


def test_pixel_art_sheets_are_split_into_sprites(tmp_path: Path) -> None:
    whole = np.concatenate([np.concatenate([sprite(4 * row + column) for column in range(4)], 1) for row in range(4)])
    (tmp_path / "in").mkdir()
    Image.fromarray(whole.repeat(4, 0).repeat(4, 1)).save(tmp_path / "in" / "sheet.png")
    result = run(tmp_path / "in", tmp_path / "out", split_sheets=True)
    assert len(result["taken"]) == 16 and all(row["pixel_art"] for row in result["taken"])


@pytest.mark.parametrize("how", ["ruled", "labelled", "each on its own ground"])
def test_sheets_as_people_make_them_are_split(tmp_path: Path, how: str) -> None:
    """Ruled lines and captions belong to no figure."""
    (tmp_path / "in").mkdir()
    grounds = ["skyblue", "khaki", "plum", "salmon", "lightgreen", "wheat", "lightgrey", "tan"]
    page = Image.new("RGB", (4 * 100, 3 * 120 if how == "labelled" else 3 * 100), "white")
    pen = ImageDraw.Draw(page)
    for number in range(12):
        x, y = number % 4 * 100, number // 4 * page.height // 3
        ground = grounds[number % 8] if how.startswith("each") else "white"
        page.paste(
            on(drawing(number, 84).resize((100, 100)) if how.startswith("each") else drawing(number, 84), ground),
            (x, y) if how.startswith("each") else (x + 8, y + 8),
        )
        if how == "labelled":
            pen.text((x + 30, y + 104), f"cat {number}", fill="black")
    if how == "ruled":
        for n in range(5):
            pen.line([100 * n, 0, 100 * n, 300], fill="black", width=2)
            pen.line([0, 100 * n, 400, 100 * n], fill="black", width=2)
    page.save(tmp_path / "in" / "sheet.png")
    result = run(tmp_path / "in", tmp_path / "out", split_sheets=True)
    assert len(result["taken"]) == 12
    if not how.startswith("each"):
        for row in result["taken"]:
            with Image.open(tmp_path / "out" / row["file"]) as picture:
                got = find_ground(np.array(picture.convert("RGBA")))
            assert row["side"] <= 84 and got.colour == (255, 255, 255)


def test_one_picture_of_several_parts_is_no_sheet() -> None:
    drawn = np.array(drawing(3))[..., 3] > 12
    assert figures(drawn) == []
    two = np.zeros((100, 200), bool)
    two[20:80, 20:80] = two[20:80, 120:180] = True
    assert figures(two) == [], "two friends beside one another"
    word = np.zeros((60, 300), bool)
    for left, right in ((10, 50), (60, 100), (112, 145), (150, 160), (170, 215)):
        word[10:50, left:right] = True
    assert figures(word) == [], "a word"
    strip = np.zeros((60, 300), bool)
    for n in range(5):
        strip[8 + 3 * (n % 2) : 50, 60 * n + 9 : 60 * n + 50] = True
    assert figures(strip) == [(60 * n, 0, 60 * n + 60, 60) for n in range(5)], "the steps of a walk"
    assert figures(np.zeros((50, 50), bool)) == []


# --- animations -------------------------------------------------------------------------------------------------------


def faded(picture: Image.Image, share: float) -> Image.Image:
    pixels = np.array(picture)
    pixels[..., 3] = np.rint(pixels[..., 3] * share)
    return Image.fromarray(pixels)


@pytest.mark.parametrize(
    "shares",
    [
        (0.08, 0.3, 0.5, 0.7, 0.9, 1.0),
        (0.08, 1.0, 1.0, 0.1),
        (0.0, 0.2, 0.6, 1.0, 1.0),
        (1.0, 0.6, 0.2),
        tuple(np.linspace(0.02, 1, 40)),
    ],
)
@pytest.mark.parametrize("kind", ["WEBP", "PNG"])
def test_of_a_fading_animation_the_frame_that_shows_most(kind: str, shares: tuple) -> None:
    frames = [faded(drawing(5), share) for share in shares]
    options = {"lossless": True} if kind == "WEBP" else {}
    got = decode(encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=40, **options))
    assert len(got) == 1
    assert got[0].pixels[..., 3].max() >= 0.95 * 255


def test_of_a_silhouette_that_is_revealed_the_figure() -> None:
    shadow = np.array(drawing(5))
    shadow[..., :3] = 0
    frames = [Image.fromarray(shadow), drawing(5), drawing(5)]
    assert decode(encode(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=40))[0].frame == 1


def test_of_a_fade_from_a_plain_ground_too() -> None:
    frames = [
        Image.blend(Image.new("RGB", (128, 128), "black"), on(drawing(5), "white"), share)
        for share in (0.1, 0.4, 0.7, 1.0)
    ]
    got = decode(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40, quality=90))
    assert got[0].frame == 3


def test_of_a_figure_that_walks_in_the_frame_where_it_is_whole() -> None:
    frames = []
    for number in range(6):
        canvas = Image.new("RGBA", (128, 128))
        canvas.paste(drawing(5), (128 - 24 * (number + 1) if number < 5 else 0, 0))
        frames.append(canvas)
    got = decode(encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40, lossless=True))
    assert got[0].frame >= 4


def test_a_long_animation_costs_no_more_than_a_second_or_two() -> None:
    frames = [faded(drawing(5, 512), min(1, (number + 1) / 20)) for number in range(120)]
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=40, quality=60, method=0)
    start = time.process_time()
    assert decode(data)[0].pixels[..., 3].max() > 240
    assert time.process_time() - start < 4


def test_a_gif_that_clears_its_frames_leaves_no_ghosts() -> None:
    frames = [drawing(number) for number in (20, 21, 22, 23)]
    got = decode(encode(frames[0], "GIF", save_all=True, append_images=frames[1:], disposal=2, duration=50), 4)
    assert len(got) == 4
    for decoded, frame in zip(got, frames):
        assert ((decoded.pixels[..., 3] > 128) ^ (np.array(frame)[..., 3] > 128)).mean() < 0.02


def test_an_apng_with_a_default_picture_and_an_animated_avif() -> None:
    frames = [drawing(number) for number in (30, 31, 32)]
    data = encode(frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=50)
    assert len(decode(data)) == 1 and decode(data)[0].pixels[..., 3].max() == 255
    moving = encode(frames[0], "AVIF", save_all=True, append_images=frames[1:], duration=50, quality=90)
    assert away(decode(moving)[0].pixels[..., 3], np.array(frames[decode(moving)[0].frame])[..., 3]) < 4


# --- TIFF and PNG as scanners and cameras write them ---------------------------------------------------------


def tiff(values: np.ndarray, **tags: int) -> bytes:
    info = TiffImagePlugin.ImageFileDirectory_v2()
    for number, value in tags.items():
        info[int(number.removeprefix("tag"))] = value
    return encode(Image.fromarray(values), "TIFF", tiffinfo=info)


@pytest.mark.parametrize("kind", [np.uint16, np.uint8])
def test_a_tiff_that_counts_from_white_is_no_negative(kind: type) -> None:
    grey = np.array(on(drawing(1), "white").convert("L")).astype(kind) * (257 if kind is np.uint16 else 1)
    stored = np.iinfo(kind).max - grey
    data = bytearray(
        tiff(grey)
    )  # Pillow writes the tag that it is given but stores its own numbers, so both are put in by hand
    data = data.replace(grey.astype(f"<u{grey.itemsize}").tobytes(), stored.astype(f"<u{grey.itemsize}").tobytes())
    tag = data.index(b"\x06\x01\x03\x00\x01\x00\x00\x00\x01\x00")
    data[tag + 8] = 0
    assert away(decode(bytes(data))[0].pixels[..., 0], np.array(on(drawing(1), "white").convert("L"))) < 1


@pytest.mark.parametrize("bits", [10, 12, 14])
def test_a_scanner_that_fills_a_part_of_sixteen_bits(bits: int) -> None:
    grey = np.array(on(drawing(2), "white").convert("L")).astype(np.uint16)
    values = (grey.astype(int) * (2**bits - 1) // 255).astype(np.uint16)
    assert away(decode(tiff(values))[0].pixels[..., 0], grey) < 2


def test_a_tiff_of_pages(tmp_path: Path) -> None:
    pages = [drawing(40, 128), drawing(41, 100), drawing(42, 160)]
    data = encode(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    one = run(write(tmp_path / "in", {"pages.tif": data}), tmp_path / "one", size=32)
    row = next(row for row in one["taken"] if row["source"] == "pages.tif")
    assert "of 3" in row["note"] and row["canvas"] == [128, 128], "the pages are no animation: the first one is taken"
    assert sources(run(tmp_path / "in", tmp_path / "three", size=32, frames=3)).count("pages.tif") == 3


@pytest.mark.parametrize("mode, allowed", [("CMYK", 14), ("LAB", 10)])
def test_a_tiff_in_other_colours(mode: str, allowed: float) -> None:
    picture = on(drawing(3), "white")
    if mode == "LAB":
        from PIL import ImageCms

        stored = ImageCms.profileToProfile(
            picture, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB"
        )
    else:
        stored = picture.convert("CMYK")
    assert away(decode(encode(stored, "TIFF"))[0].pixels[..., :3], np.array(picture)) < allowed


# --- large scans ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["L", "P", "1"])
def test_a_scan_of_67_million_pixels_is_shrunk(tmp_path: Path, mode: str) -> None:
    scan = Image.new("L", (8200, 8200), 255)
    scan.paste(on(drawing(1, 2048), "white").convert("L"), (3000, 3000))
    data = encode(scan.convert(mode), "PNG", compress_level=1)
    result = run(write(tmp_path / "in", {"scan.png": data}), tmp_path / "out")
    picture = finished(tmp_path / "out", result, "scan.png")
    assert max(place(np.dstack([picture[..., :3], 255 - picture[..., 0]]))) > 48


def test_what_is_too_large_says_what_to_do() -> None:
    import struct
    import zlib

    from chonk.ingest.kinds import Unusable

    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), np.uint8)
    data = bytearray(encode(Image.fromarray(noise), "PNG"))  # as many bytes as so large a scan may well have
    data[16:24] = struct.pack(">II", 16000, 16000)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    with pytest.raises(Unusable, match="16,000 x 16,000 pixels.*smaller"):
        decode(bytes(data))


# --- packs ------------------------------------------------------------------------------------------------------------


def test_the_tray_picture_of_a_pack_is_no_sticker(tmp_path: Path) -> None:
    """Not even where it is like none of them."""
    stickers = {f"{n}.webp": encode(drawing(n), "WEBP", quality=90) for n in range(5)}
    pack = zip_of(
        {
            **stickers,
            "tray.png": encode(drawing(9).resize((96, 96), Image.Resampling.LANCZOS), "PNG"),
            "title.txt": b"x",
        }
    )
    result = run(write(tmp_path / "in", {"pack.wastickers": pack}), tmp_path / "out", size=32)
    assert "pack.wastickers/tray.png" not in sources(result)


# --- cutting out ------------------------------------------------------------------------------------------------------


def spiral(side: int) -> np.ndarray:
    """A lane of ground that winds from the border to the middle."""
    mask = np.zeros((side, side), bool)
    row = column = 0
    mask[0, 0] = True
    steps = [side - 1, side - 1, side - 1] + [n for k in range(side - 3, 0, -2) for n in (k, k)]
    for turn, length in enumerate(steps):
        for _ in range(length):
            row, column = row + (0, 1, 0, -1)[turn % 4], column + (1, 0, -1, 0)[turn % 4]
            mask[row, column] = True
    return mask


def test_the_flood_reaches_the_end_of_a_spiral() -> None:
    mask = spiral(301)
    closed = np.pad(np.zeros((1, 1), bool), 150)
    closed[150, 152] = True
    assert (flood(mask) == mask).all()
    assert not flood(np.pad(mask, 1)).any(), "joined to no border"


def test_the_flood_is_quick_and_right() -> None:
    mask = np.random.default_rng(0).random((2048, 2048)) < 0.62
    start = time.process_time()
    reached = flood(mask)
    assert time.process_time() - start < 1.5
    edge = np.zeros_like(mask)
    edge[0] = edge[-1] = edge[:, 0] = edge[:, -1] = True
    assert (reached == ndimage.binary_propagation(edge & mask, mask=mask)).all()


def test_a_large_noisy_picture_is_cut_out_in_seconds() -> None:
    canvas = on(drawing(1, 2048), "white")
    noisy = np.array(canvas).astype(int) + np.random.default_rng(1).normal(0, 6, (2048, 2048, 1))
    pixels = np.dstack([noisy.clip(0, 255), np.full((2048, 2048), 255)]).astype(np.uint8)
    start = time.process_time()
    alpha = cut_out(pixels, (255, 255, 255))[..., 3]
    assert time.process_time() - start < 5
    truth = np.array(drawing(1, 2048))[..., 3]
    assert ((alpha > 128) ^ (truth > 128)).mean() < 0.02

"""Packs are what the apps take: every file is read back and held against the app's limits."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chonk import draw as drawing
from chonk import settings
from chonk.draw.apps import MOVING, STILL, Limits
from chonk.draw.choose import choose, most_alike
from chonk.draw.encode import RATES, encode, webm
from chonk.draw.loops import breathing
from chonk.draw.packs import NEXT
from chonk.draw.shape import box_of, placed
from chonk.errors import ChonkError, UserError
from chonk.model import Model, ModelConfig
from chonk.settings import Draw
from container_facts import Facts, facts

LIMITS = {
    "whatsapp": ("WEBP", (512, 512), 100_000),
    "telegram": ("PNG", (512, 512), 512_000),
    "signal": ("PNG", (512, 512), 300_000),
    "imessage": ("PNG", (408, 408), 500_000),
    "line": ("PNG", (370, 320), 300_000),
    "discord": ("PNG", (320, 320), 512_000),
}
"""Once more, as the apps' own pages say it: a slip in apps.json would otherwise pass unseen."""
SIZE = 64
MOVING_LIMITS = {
    "whatsapp": ("WEBP", (512, 512), 500_000, 10.0, range(2, 1000)),
    "signal": ("PNG", (512, 512), 300_000, 3.0, range(2, 1000)),
    "imessage": ("PNG", (408, 408), 500_000, 5.0, range(2, 1000)),
    "line": ("PNG", (320, 270), 300_000, 4.0, range(5, 21)),
    "discord": ("PNG", (320, 320), 512_000, 5.0, range(2, 1000)),
}


class Discs(Model):
    """Draws two discs for every latent, of colours and at places that it says: whole pictures that differ, at once."""

    def __call__(self, z: np.ndarray, batch: int = 1) -> np.ndarray:
        y, x = np.mgrid[:SIZE, :SIZE]
        pictures = np.ones((len(z), 4, SIZE, SIZE), np.float32)
        pictures[:, 3] = -1
        for drawn, numbers in zip(pictures, np.tanh(z)):
            for at, colour in ((numbers[:2], numbers[2:5]), (numbers[:2] + 0.5 * numbers[5:7], numbers[4:7])):
                away = np.hypot(y - SIZE / 2 - 14 * at[0], x - SIZE / 2 - 14 * at[1])
                inside = np.clip(13.5 - away, 0, 1)
                for c, value in enumerate((*colour, 1.0)):
                    drawn[c] += inside * (value - drawn[c])
        return pictures


@pytest.fixture(autouse=True)
def run(tmp_path_factory, monkeypatch):
    """A run whose model is one of Discs."""
    config = ModelConfig("began", SIZE, 4, 8, "normal", {"filters": 4, "layers": 1, "sets": 2}, title="Tést")
    model = Discs(Model.build(config).generator, config)
    monkeypatch.setattr("chonk.draw.packs.load_and_note", lambda _run: model)
    return tmp_path_factory.mktemp("packs") / "run"


def picture(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        return opened.convert("RGBA")


def pack(run: Path, out: Path, *what, **settings_) -> dict:
    drawing.draw(Draw(run, settings.Pack(*what, **settings_), out, seed=3))
    return json.loads((out / "pack.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("app", LIMITS)
def test_every_still_sticker_is_within_the_limits_of_its_app(run, tmp_path, app):
    kind, size, most = LIMITS[app]
    count = 8 if app == "line" else 3
    record = pack(run, tmp_path, app, count=count, emoji=("😺", "🎉"))
    assert len(record["stickers"]) == count and [s["emoji"] for s in record["stickers"]][:3] == ["😺", "🎉", "😺"]
    for sticker in record["stickers"]:
        file = tmp_path / sticker["file"]
        assert file.stat().st_size == sticker["bytes"] < most
        assert facts(file) == Facts(kind, size)
        alpha = np.asarray(picture(file))[..., 3]
        assert alpha.max() == 255 and alpha.min() == 0, "a sticker is drawn, and transparent around it"
    assert picture(tmp_path / "contact.png").width == 2 * 128 * min(6, count)


def test_whatsapp_gets_margin_stroke_tray_and_archive(run, tmp_path):
    pack(run, tmp_path, "whatsapp", count=3, author="me")
    pixels = np.asarray(picture(tmp_path / "01.webp"))
    margins = [
        *pixels[:15, :, 3].ravel(),
        *pixels[-15:, :, 3].ravel(),
        *pixels[:, :15, 3].ravel(),
        *pixels[:, -15:, 3].ravel(),
    ]
    assert max(margins) == 0
    rim = np.argwhere(pixels[..., 3] > 200)
    top = pixels[rim[:, 0].min() + 3, rim[rim[:, 0] == rim[:, 0].min()][0, 1]]
    assert top[3] > 250 and top[:3].min() > 225, "a white line around what is drawn"
    assert facts(tmp_path / "tray.png") == Facts("PNG", (96, 96))
    assert (tmp_path / "tray.png").stat().st_size < 50_000
    with zipfile.ZipFile(tmp_path / "pack.wastickers") as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["title.txt", "author.txt", "tray.png", "01.webp", "02.webp", "03.webp"]
        assert archive.read("title.txt").decode() == "Tést" and archive.read("author.txt") == b"me"
        assert archive.read("02.webp") == (tmp_path / "02.webp").read_bytes()


def test_line_gets_its_covers_and_nothing_else_in_the_archive(run, tmp_path):
    pack(run, tmp_path, "line", count=8)
    with zipfile.ZipFile(tmp_path / "pack.zip") as archive:
        assert archive.namelist() == ["main.png", "tab.png", *(f"{n:02}.png" for n in range(1, 9))]
        covers = [facts(archive.read(name)) for name in ("main.png", "tab.png")]
    assert covers == [Facts("PNG", (240, 240)), Facts("PNG", (96, 74))]


@pytest.mark.parametrize("app", MOVING_LIMITS)
def test_stickers_that_move_are_within_their_limits_too(run, tmp_path, monkeypatch, app):
    """Of any number, so as to encode few."""
    kind, size, most, seconds, frames = MOVING_LIMITS[app]
    monkeypatch.setitem(MOVING, app, replace(MOVING[app], counts=range(1, 3)))
    record = pack(run, tmp_path, app, count=1, moves="breathe")
    of_covers = {"whatsapp": {"tray.png": Facts("PNG", (96, 96))}, "line": {"tab.png": Facts("PNG", (96, 74))}}
    for name, cover in of_covers.get(app, {}).items():
        assert facts(tmp_path / name) == cover
    shown = [(sticker["file"], size) for sticker in record["stickers"]]
    for name, side in shown + [("main.png", (240, 240))] * (app == "line"):
        file, read = tmp_path / name, facts(tmp_path / name)
        assert file.stat().st_size < most
        assert (read.kind, read.size, read.alpha) == (kind, side, True) and read.frames in frames
        assert 0.5 < max(1, read.loops) * read.seconds <= seconds
        assert read.loops == (2 if app == "line" else 0), "LINE plays one to four times, and no longer than its seconds"
        assert read.seconds / read.frames >= 0.008, "WhatsApp shows each frame at least so long"


@pytest.mark.parametrize("app", ["signal", "line"])
def test_a_sticker_full_of_detail_loses_frames_evenly_and_keeps_its_time(app):
    texture = np.random.default_rng(0).integers(60, 255, (20, 20, 3)).astype(np.uint8)
    painted = Image.fromarray(texture).resize((220, 220), Image.Resampling.BICUBIC).convert("RGBA")
    limits = MOVING[app].sticker  # less of everything takes less time
    limits = replace(limits, width=limits.width // 2, height=limits.height // 2, max_bytes=limits.max_bytes // 4)
    frames = breathing(painted, 20)
    frames = [placed(frame, box_of(frames), limits.width, limits.height, 8) for frame in frames]
    with Image.open(io.BytesIO(encode(frames, limits, 2.0))) as read:
        durations = []
        for frame in range(read.n_frames):
            read.seek(frame)
            durations.append(read.info["duration"])
    assert 5 <= len(durations) < 20 and sum(durations) == pytest.approx(2000, abs=20)
    assert max(durations) <= 3 * min(durations)


@pytest.mark.parametrize("moves", ["breathe", "walk"])
def test_telegrams_moving_stickers_are_short_silent_vp9_with_alpha(run, tmp_path, monkeypatch, moves):
    monkeypatch.setattr("chonk.draw.packs.FRAMES", 8)
    pack(run, tmp_path, "telegram", count=2, moves=moves)
    assert (tmp_path / "01.webm").stat().st_size < 256_000
    read = facts(tmp_path / "01.webm")
    assert (read.kind, read.size, read.alpha) == ("V_VP9", (512, 512), True)
    assert 2 <= read.frames <= 30 * read.seconds and 0.5 < read.seconds <= 3


@pytest.mark.parametrize("fault", ["byte", "end", "frames"])
def test_a_file_that_breaks_its_format_is_not_read_back(run, tmp_path, fault):
    """What the tests above read with does see faults."""
    pack(run, tmp_path, "discord", count=1, moves="breathe")
    data = bytearray((tmp_path / "01.png").read_bytes())
    if fault == "byte":
        data[len(data) // 2] ^= 1
    elif fault == "end":
        del data[-12:]
    else:  # a frame less than there is, with a checksum that fits
        at = data.index(b"acTL")
        data[at + 7] -= 1
        data[at + 12 : at + 16] = zlib.crc32(data[at : at + 12]).to_bytes(4)
    with pytest.raises((AssertionError, struct.error)):
        facts(bytes(data))


def test_imessage_takes_three_sizes(run, tmp_path):
    for side in (300, 408, 618):
        pack(run, tmp_path, "imessage", picks=(2,), side=side)
        assert picture(tmp_path / "01.png").size == (side, side)


def test_picks_and_links_name_their_pictures(run, tmp_path):
    by_number = pack(run, tmp_path / "a", "signal", picks=(2, 5))
    assert [(s["seed"], s["number"]) for s in by_number["stickers"]] == [(3, 2), (3, 5)]
    links = tmp_path / "links.txt"
    links.write_text("http://127.0.0.1/#v1&view=tune&scale=1&at=s3:1\n#v1&view=tune&scale=1&at=s3:4\n")
    pack(run, tmp_path / "b", "signal", links=(str(links),))
    for name in ("01.png", "02.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_a_later_pack_replaces_an_earlier_one_and_nothing_else(run, tmp_path):
    pack(run, tmp_path, "telegram", picks=(1, 2, 3))
    (tmp_path / "mine.png").write_bytes(b"mine")
    pack(run, tmp_path, "telegram", picks=(1,))
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        "01.png",
        "contact.png",
        "draw.json",
        "mine.png",
        "pack.json",
    ]


def test_the_best_quality_that_fits_is_taken():
    rough = Image.fromarray(np.random.default_rng(0).integers(0, 255, (128, 128, 4)).astype(np.uint8))
    sizes = [len(encode([rough], Limits(".webp", 128, 128, most))) for most in (1_000_000, 40_000, 20_000)]
    assert sizes[0] > 40_000 > sizes[1] > 20_000 > sizes[2]
    few = encode([rough], Limits(".png", 128, 128, 12_000))
    assert len(few) < 12_000
    with pytest.raises(ChonkError, match="does not fit"):
        encode([rough], Limits(".png", 128, 128, 100))


def test_a_video_has_the_best_rate_that_fits():
    """Its first frame takes more bytes than most of the others together."""
    texture = np.random.default_rng(0).integers(60, 255, (20, 20, 3)).astype(np.uint8)
    painted = Image.fromarray(texture).resize((128, 128), Image.Resampling.BICUBIC).convert("RGBA")
    frames = [frame.resize((128, 128)) for frame in breathing(painted, 20)]
    sizes = [len(webm(frames, seconds=2.0, rate=rate)) for rate in RATES[:3]]
    assert sizes[0] > sizes[1] > sizes[2]
    for size in sizes:
        assert len(encode(frames, Limits(".webm", 128, 128, size + 1, 90, 3.0), 2.0)) == size


def test_a_walk_goes_to_the_sticker_that_is_most_alike(run, tmp_path):
    values = np.random.default_rng(0).uniform(-1, 1, (3, 4, 24, 24))[[0, 1, 2, 1, 0]]
    values[2] = 0.9 * values[0]
    assert most_alike(values).tolist() == [4, 3, 0, 1, 0]
    with pytest.raises(UserError, match="at least two"):
        pack(run, tmp_path, "imessage", count=1, moves="walk")


def test_a_pack_is_chosen_for_being_whole_and_different():
    values = np.full((12, 4, 24, 24), 1, np.float32)
    values[:, 3] = -1
    for i in range(12):
        values[i, :, 6:18, 6:18] = np.array([-0.8 + 0.15 * (i // 2), 0.3, -0.4, 1])[:, None, None]
    values[4, :, 0:4, 0:4] = values[4, :, 8:9, 8:9]  # a loose piece
    score = np.zeros(12)
    score[7] = 1
    chosen = choose(values, score, 6)
    assert len(set(chosen)) == 6 and not {4, 7} & set(chosen)
    assert len({i // 2 for i in chosen}) == 6, "of two that are alike only one is taken"
    assert len(set(choose(values, score, 12))) == 12


def test_a_breath_stands_on_its_ground_and_comes_back():
    picture = np.zeros((128, 128, 4), np.uint8)
    picture[40:100, 30:90] = (10, 200, 30, 255)
    frames = breathing(Image.fromarray(picture), 16)
    boxes = [box_of([frame]) for frame in frames]
    assert max(abs(box[3] - boxes[0][3]) for box in boxes) <= 1, "the feet stay where they are"
    heights = [box[3] - box[1] for box in boxes]
    assert max(heights) > heights[0] > min(heights) and abs(heights[0] - heights[8]) <= 1


def test_what_is_drawn_fills_its_place_and_has_clean_edges():
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[..., 1] = 255  # a colour that is hidden
    picture[20:44, 10:54] = (200, 20, 20, 255)
    image = Image.fromarray(picture)
    large = np.asarray(placed(image, box_of([image]), 320, 270, margin=10))
    rows, columns = (np.flatnonzero(large[..., 3].max(axis)) for axis in (1, 0))
    assert columns[0] in (9, 10, 11) and columns[-1] in (308, 309, 310) and 135 in rows
    seen = large[large[..., 3] > 8].astype(int)
    assert np.abs(seen[:, :3] - (200, 20, 20)).max() <= 8


def test_pixel_art_stays_in_whole_pixels():
    sprite = np.random.default_rng(0).integers(0, 255, (14, 12, 4)).astype(np.uint8)
    sprite[..., 3] = 255
    finished = Image.fromarray(sprite.repeat(32, 0).repeat(32, 1))
    pixels = np.asarray(placed(finished, box_of([finished]), 512, 512, 16, 8, cell=32)).astype(int)
    for axis in (0, 1):
        lines = np.flatnonzero((np.diff(pixels[..., :3], axis=axis) != 0).any((1 - axis, 2)))
        assert set(np.diff(lines)[1:-1]) == {33}, "the stroke's lines are the first and the last"


def test_all_apps_are_there_in_both_kinds():
    assert NEXT.keys() == STILL.keys()
    assert STILL.keys() == MOVING.keys() == LIMITS.keys()

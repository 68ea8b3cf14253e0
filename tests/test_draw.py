"""What is drawn is what the model draws, where it belongs, whole or not at all."""

from __future__ import annotations

import io
import json
import os
import random
from pathlib import Path

import numpy as np
import pytest
import resvg_py
import torch
from PIL import Image

from chonk import draw as drawing
from chonk import latents, settings
from chonk.draw.animation import flatten, save_moving
from chonk.draw.moving import round_trip
from chonk.draw.shape import loose
from chonk.draw.trace import trace
from chonk.errors import UserError
from chonk.ingest.decode import decode
from chonk.ingest.kinds import Unusable
from chonk.model import Model, load
from chonk.model_files import ModelConfig
from chonk.settings import Draw
from chonk.synthetic import mascot

SIZE = 16


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run with a small untrained model with alpha and a film of five frames."""
    folder = tmp_path_factory.mktemp("draw") / "run"
    torch.manual_seed(1)
    config = ModelConfig("began", SIZE, 4, 8, "uniform", {"filters": 4, "layers": 1, "sets": 2}, truncation=0.5)
    Model.build(config).save(folder / "model")
    (folder / "film").mkdir()
    frames = []
    for number in range(5):
        Image.new("RGB", (4 * SIZE - 1, 4 * SIZE), (50 * number, 0, 0)).save(folder / "film" / f"{number:03}.png")
        frames.append({"file": f"{number:03}.png", "kimg": number})
    (folder / "film" / "film.json").write_text(json.dumps({"format": 1, "size": SIZE, "columns": 4, "frames": frames}))
    return folder


def pixels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file))


def test_samples_are_the_models(run, tmp_path):
    files = drawing.draw(Draw(run, settings.Samples(count=7), tmp_path / "out", seed=3))
    assert [file.name for file in files] == [f"{n:04}.png" for n in range(1, 8)]
    for file, picture in zip(files, load(run).sample(7, seed=3)):
        assert np.array_equal(pixels(file), np.asarray(picture)) and picture.mode == "RGBA"


def test_later_samples_of_a_seed_are_the_same_pictures(run, tmp_path):
    drawing.draw(Draw(run, settings.Samples(count=5), tmp_path / "a"))
    drawing.draw(Draw(run, settings.Samples(count=2, first=3), tmp_path / "b"))
    for name in ("0004.png", "0005.png"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_fewer_samples_replace_more_and_nothing_else(run, tmp_path):
    drawing.draw(Draw(run, settings.Samples(count=5), tmp_path))
    (tmp_path / "mine.png").write_bytes(b"mine")
    drawing.draw(Draw(run, settings.Samples(count=2), tmp_path))
    assert sorted(os.listdir(tmp_path)) == ["0001.png", "0002.png", "draw.json", "mine.png"]


def test_pictures_of_another_origin_are_never_replaced(run, tmp_path):
    (tmp_path / "0002.png").write_bytes(b"mine")
    with pytest.raises(UserError, match="0002.png"):
        drawing.draw(Draw(run, settings.Samples(count=3), tmp_path))
    assert os.listdir(tmp_path) == ["0002.png"] and (tmp_path / "0002.png").read_bytes() == b"mine"


def test_background_and_scale(run, tmp_path):
    drawing.draw(Draw(run, settings.Samples(count=1), tmp_path, background="#0000ff", scale=3))
    model, shown = load(run), pixels(tmp_path / "0001.png")
    assert shown.shape == (3 * SIZE, 3 * SIZE, 3)
    assert np.array_equal(shown[::3, 1::3], np.asarray(model.draw(model.latents(0, 1), (0, 0, 255))[0]))


def test_grid_is_row_by_row(run, tmp_path):
    drawing.draw(Draw(run, settings.Grid(rows=2, columns=3), tmp_path / "g.png", seed=5, size=SIZE))
    sheet, gap = pixels(tmp_path / "g.png"), 2
    fifth = load(run).sample(6, seed=5)[4]
    assert sheet.shape[:2] == (2 * SIZE + gap, 3 * SIZE + 2 * gap)
    assert np.array_equal(sheet[SIZE + gap :, SIZE + gap : 2 * SIZE + gap], np.asarray(fifth))


def test_corners_hit_their_pictures(run, tmp_path):
    what = settings.Corners(rows=3, columns=3, top_left=(0.1, 0.2, 0.3))
    drawing.draw(Draw(run, what, tmp_path / "c.png", truncation=1.0, seed=2, size=SIZE))
    sheet, model = pixels(tmp_path / "c.png"), load(run)
    assert np.array_equal(sheet[:SIZE, :SIZE], np.asarray(model.draw(latents.project(np.array([0.1, 0.2, 0.3]), 8))[0]))
    assert np.array_equal(sheet[-SIZE:, -SIZE:], np.asarray(model.sample(4, seed=2, truncation=1.0)[3]))


def test_arithmetic_adds_up(run, tmp_path):
    same = (0.3, -0.2, 0.1)
    drawing.draw(Draw(run, settings.Arithmetic(base=(0.5, 0, 0), minus=same, plus=same), tmp_path / "a.png", size=SIZE))
    sheet = pixels(tmp_path / "a.png")
    assert np.abs(sheet[:, :SIZE].astype(int) - sheet[:, -SIZE:]).max() <= 1
    assert not np.array_equal(sheet[:, :SIZE], sheet[:, SIZE + SIZE // 2 :][:, :SIZE])


@pytest.mark.parametrize("kind", ["normal", "uniform"])
def test_a_round_trip_hits_its_stops_in_even_steps(kind):
    stops = latents.latents(1, 3, 50, kind)
    z = round_trip(stops, 10, kind)
    assert z.shape == (30, 50) and np.allclose(z[::10], stops, atol=1e-6)
    steps = np.linalg.norm(np.diff(np.concatenate([z, z[:1]]), axis=0), axis=1)
    assert steps.max() < 2 * steps.min()
    if kind == "normal":
        lengths = np.linalg.norm(z, axis=1)
        assert lengths.min() > 0.9 * np.linalg.norm(stops, axis=1).min()


def test_walk_and_film_play_as_long_as_they_should(run, tmp_path):
    import av

    drawing.draw(Draw(run, settings.Walk(stops=2, seconds=0.5, fps=10), tmp_path / "w.webp"))
    with Image.open(tmp_path / "w.webp") as walk:
        assert (walk.n_frames, walk.mode, walk.info["loop"], walk.size) == (10, "RGBA", 0, (256, 256))
    files = drawing.draw(Draw(run, settings.Film(seconds=2), tmp_path))
    assert [file.name for file in files] == ["film.mp4", "film.webp"]
    with av.open(str(tmp_path / "film.mp4")) as film:
        (video,) = film.streams.video
        assert float(video.duration * video.time_base) == pytest.approx(2) and (video.width, video.height) == (64, 64)
        shown = [frame.to_ndarray(format="rgb24")[:, :63].mean((0, 1)) for frame in film.decode(video=0)]
    assert abs(shown[0][0] - 0) < 4 and abs(shown[-1][0] - 200) < 6 and shown[-1][1] < 6


def test_a_gif_is_on_its_ground(tmp_path):
    frames = [Image.new("RGBA", (4, 4), (9, 9, 9, 0)), Image.new("RGBA", (4, 4), (0, 0, 0, 255))]
    save_moving(frames, tmp_path / "a.gif", 1.0, ground=(255, 0, 0))
    with Image.open(tmp_path / "a.gif") as gif:
        assert gif.convert("RGB").getpixel((0, 0)) == (255, 0, 0) and gif.n_frames == 2 and gif.info["duration"] == 500


def test_a_sticker_is_transparent_around_what_is_drawn_and_without_specks():
    picture = np.zeros((64, 64, 4), np.uint8)
    picture[16:48, 16:48] = (200, 30, 30, 255)
    picture[2, 2] = (0, 0, 0, 255)
    cut = np.asarray(loose(Image.fromarray(picture)))
    assert cut[2, 2, 3] == 0 and tuple(cut[32, 32]) == (200, 30, 30, 255)
    opaque = np.full((64, 64, 3), 255, np.uint8)
    opaque[16:48, 16:48] = (20, 30, 130)
    cut = np.asarray(loose(Image.fromarray(opaque)))
    assert cut[2, 2, 3] == 0 and cut[32, 32, 3] == 255


def test_a_sticker_that_fills_all_of_its_square_gets_round_corners():
    picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    cut = np.asarray(loose(Image.fromarray(picture)))
    assert cut[0, 0, 3] == cut[-1, -1, 3] == 0 and cut[0, 32, 3] == cut[32, 32, 3] == 255


def test_stickers_are_finished_at_512_and_sheets_at_256(run, tmp_path):
    drawing.draw(Draw(run, settings.Stickers(count=1), tmp_path / "s"))
    assert pixels(tmp_path / "s" / "0001.png").shape == (512, 512, 4)
    drawing.draw(Draw(run, settings.Grid(rows=2, columns=2), tmp_path / "g.png"))
    assert pixels(tmp_path / "g.png").shape == (520, 520, 4)
    drawing.draw(Draw(run, settings.Samples(count=1), tmp_path / "own"))
    assert pixels(tmp_path / "own" / "0001.png").shape == (SIZE, SIZE, 4)


def test_svg_stickers(run, tmp_path):
    pytest.importorskip("vtracer", reason="vtracer, an extra, is not installed")
    drawing.draw(Draw(run, settings.Stickers(count=1, svg=True), tmp_path, size=64))
    assert '<svg viewBox="0 0 64 64"' in (tmp_path / "0001.svg").read_text(), "so that it can be shown at any size"


@pytest.mark.parametrize(("soft", "decibels", "paths"), [(False, 21, 70), (True, 21, 400)])
def test_an_svg_shows_what_the_picture_shows_in_few_paths(soft, decibels, paths):
    """Painted shapes too, whose edges are no edges to vtracer: they went, eyes and scarves with them."""
    pytest.importorskip("vtracer", reason="vtracer, an extra, is not installed")
    for seed in (40, 41, 42):
        picture = mascot.draw(mascot.random_truth(random.Random(seed)), 512).convert("RGBA")
        if soft:
            picture = picture.convert("RGBa").resize((64, 64)).resize((512, 512), Image.Resampling.BICUBIC)
            picture = picture.convert("RGBA")
        svg = trace(picture)
        assert svg.count("<path") < paths
        data = bytes(resvg_py.svg_to_bytes(svg_string=svg, width=512, height=512))
        with Image.open(io.BytesIO(data)) as drawn:
            grounds = [np.asarray(flatten(one.convert("RGBA"), (255, 255, 255)), float) for one in (drawn, picture)]
            assert np.array(drawn.convert("RGBA"))[..., 3].min() == 0
        assert 10 * np.log10(255**2 / np.mean((grounds[0] - grounds[1]) ** 2)) > decibels


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000/#", "#"])
def test_a_link_shows_what_the_page_shows(run, tmp_path, address):
    drawing.draw(Draw(run, link=address + "v1&view=grid&seed=9&scale=0.5", out=tmp_path / "link.png", size=32))
    drawing.draw(Draw(run, settings.Grid(), tmp_path / "grid.png", seed=9, size=32))
    assert np.array_equal(pixels(tmp_path / "link.png"), pixels(tmp_path / "grid.png"))


def test_a_link_along_a_direction_needs_the_page_that_has_it(run, tmp_path):
    settings = Draw(run, link="#v1&view=tune&scale=1&at=s5:0~2xd1", out=tmp_path / "t.png", size=SIZE)
    with pytest.raises(UserError, match="chonk page"):
        drawing.draw(settings)
    header = json.dumps({"directions": [{"vector": [1.0] + [0.0] * 7}, {"vector": [0.0, 0.25] + [0.0] * 6}]}).encode()
    page = run.parent / "page" / "models" / "run"
    page.mkdir(parents=True)
    (page / "model.0.bin").write_bytes(b"chonkpg1" + len(header).to_bytes(4, "little") + header)
    drawing.draw(settings)
    model = load(run)
    z = model.latents(5, 1, truncation=1.0)
    z[0, 1] += 0.5
    assert np.array_equal(pixels(tmp_path / "t.png"), np.asarray(model.draw(z)[0]))
    (page / "model.0.bin").write_bytes(b"chonkpg1" + bytes(4) + header)
    with pytest.raises(UserError, match="model.0.bin"):
        drawing.draw(settings)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (Draw(), "which model"),
        (Draw(Path("nowhere")), "nowhere: no such file or folder"),
        (Draw(Path("nowhere"), settings.Film()), "nowhere: no such file or folder"),
        (Draw(Path("run"), settings.Grid(rows=200, columns=200)), "--rows 200 --columns 200"),
        (Draw(Path("run"), settings.Walk(stops=1000, seconds=60, fps=60)), "3,600,000 frames"),
        (Draw(Path("run"), size=512, scale=2), "leave out one"),
        (Draw(Path("run"), settings.Pack("whatsapp", count=2)), "2 stickers: whatsapp takes packs of 3 to 30"),
        (Draw(Path("run"), settings.Pack("line", picks=(1, 2))), "line takes packs of 8, 16, 24, 32 or 40"),
        (Draw(Path("run"), settings.Pack("signal", picks=(0,))), "counted from 1"),
        (Draw(Path("run"), settings.Pack("imessage", side=512)), "300, 408 or 618"),
        (Draw(Path("run"), settings.Pack("telegram", links=("#v1&view=film",))), "names no pictures"),
        (Draw(Path("run"), settings.Grid(), Path("grid.gif")), ".png, .webp"),
        (Draw(Path("run"), settings.Grid(), Path("grid.jpg")), ".png, .webp"),
        (Draw(Path("run"), settings.Film(), Path("film.jpg")), ".webp, .gif, .mp4"),
        (Draw(Path("run"), settings.Film(), Path("film.mov")), ".webp, .gif, .mp4"),
        (Draw(Path("run"), settings.Samples(), Path("samples.png")), "name a folder"),
        (Draw(Path("run"), settings.Film(), link="#v1"), "leave out film"),
        (Draw(link="#v1&view=grid&model=no-such-model"), "which model"),
        (Draw(Path("run"), link="http://example.org"), "not a link"),
        (Draw(Path("run"), link="#v1&view=grid&model=another&seed=3"), "shows the model another.*&model=another"),
    ],
)
def test_mistakes_are_named_and_leave_nothing(run, tmp_path, monkeypatch, settings, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run").symlink_to(run)
    with pytest.raises(UserError, match=words):
        drawing.draw(settings)
    assert os.listdir(tmp_path) == ["run"]


@pytest.mark.parametrize(
    "listing",
    ["", "{}", '{"frames": []}', '{"frames": [{"file": "../model/config.json"}]}', '{"frames": [{"file": "no.png"}]}'],
)
def test_a_strange_film_is_refused(tmp_path, listing):
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "film.json").write_text(listing)
    with pytest.raises(UserError, match="film"):
        drawing.draw(Draw(tmp_path, settings.Film(), tmp_path / "out"))


def test_a_failure_in_the_middle_leaves_nothing(run, tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", full)
    with pytest.raises(OSError):
        drawing.draw(Draw(run, settings.Samples(count=2), tmp_path / "deep" / "out"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("what, name", [
    (settings.Grid(), "grid.webp"), (settings.Grid(), "grid.png"),
    (settings.Walk(2, 0.2), "walk.webp"), (settings.Walk(2, 0.2), "walk.gif"),
])  # fmt: skip
def test_what_was_drawn_is_known_again_and_is_no_source(run, tmp_path, what, name):
    """A sheet or a walk may lie among the user's own pictures; `chonk make .` must not learn from it."""
    drawing.draw(Draw(run, what, tmp_path / name, size=64))
    with pytest.raises(Unusable, match="drawn by chonk"):
        decode((tmp_path / name).read_bytes())

"""The command as a whole: what it leaves, what it adds, what it refuses; framing, grounds, cut-outs and pixel art."""

from __future__ import annotations

import errno
import io
import os
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chonk.errors import ChonkError, UserError
from chonk.ingest import gather as room
from chonk.ingest.advice import advice
from chonk.ingest.clean import find_ground, scale, shared_frame
from chonk.ingest.cutout import cut_out
from chonk.ingest.pixelart import common_grid, enlarge, find_sprite
from chonk.ingest.study import is_photograph
from chonk.settings import Gather
from gather_help import drawing, encode, finished, folder_of, on, reasons, run, sources


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()}


def place(picture: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is drawn."""
    rows, columns = np.flatnonzero((picture[..., 3] > 12).any(1)), np.flatnonzero((picture[..., 3] > 12).any(0))
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


# --- the output -------------------------------------------------------------------------------------------------------


def test_the_same_twice_and_the_source_untouched(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 6)
    before = contents(source)
    run(source, tmp_path / "one", size=32)
    run(source, tmp_path / "two", size=32)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    first = contents(tmp_path / "one")
    run(source, tmp_path / "one", size=32)
    assert contents(tmp_path / "one") == first and contents(source) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in", "one", "two"]


def test_only_what_is_new_is_added(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 5)
    first = run(source, tmp_path / "out", size=32)
    old = contents(tmp_path / "out")
    folder_of(source, 2, first=20)
    (source / "again.png").write_bytes(encode(drawing(3), "PNG"))
    second = run(source, tmp_path / "out", size=32)
    assert second["taken"][:5] == first["taken"] and len(second["taken"]) == 7
    assert reasons(second) == {"again.png": "a copy of drawing 003.png"}
    assert all(contents(tmp_path / "out")[name] == data for name, data in old.items() if name.endswith(".png"))
    third = run(folder_of(tmp_path / "other", 3, first=40), tmp_path / "out", size=32)
    assert len(third["taken"]) == 10 and reasons(third) == reasons(second)
    final = contents(tmp_path / "out")
    run(source, tmp_path / "out", size=32)
    assert contents(tmp_path / "out") == final


def test_a_picture_deleted_by_hand_stays_away(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 6)
    first = run(source, tmp_path / "out", size=32)
    (tmp_path / "out" / "0002.png").unlink()
    folder_of(source, 1, first=30)
    second = run(source, tmp_path / "out", size=32)
    assert (
        second["taken"][:5] == [row for row in first["taken"] if row["file"] != "0002.png"]
        and second["taken"][5]["file"] == "0007.png"
    )
    assert "by hand" in reasons(second)["drawing 001.png"]
    final = contents(tmp_path / "out")
    run(source, tmp_path / "out", size=32)
    assert contents(tmp_path / "out") == final


def test_a_picture_put_there_by_hand_is_not_written_over(tmp_path: Path) -> None:
    source, mine = folder_of(tmp_path / "in", 5), tmp_path / "out" / "0006.png"
    run(source, tmp_path / "out", size=32)
    mine.write_bytes(encode(drawing(50), "PNG"))
    folder_of(source, 2, first=30)
    rows = room.gather(Gather(source=source, out=tmp_path / "out", size=32))["taken"]
    assert mine.read_bytes() == encode(drawing(50), "PNG")
    assert [row["file"] for row in rows[5:]] == ["0007.png", "0008.png"]


def test_an_output_inside_the_source_is_not_read(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    run(source, source / "out", size=32)
    again = run(source, source / "out", size=32)
    assert len(again["taken"]) == 4
    assert reasons(run(source, tmp_path / "other", size=32)) == {"out": "a folder that chonk gather made"}


def test_a_zip_and_a_folder_with_it_give_the_same(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 5)
    with zipfile.ZipFile(tmp_path / "pack.zip", "w") as pack:
        for file in source.iterdir():
            pack.write(file, f"pack/{file.name}")
    plain, packed = run(source, tmp_path / "a", size=32), run(tmp_path / "pack.zip", tmp_path / "b", size=32)
    assert sources(packed) == [f"pack/{name}" for name in sources(plain)]
    assert [contents(tmp_path / "a")[f"000{n}.png"] for n in range(1, 6)] == [
        contents(tmp_path / "b")[f"000{n}.png"] for n in range(1, 6)
    ]


def test_a_data_set_folder_and_a_sticker_pack(tmp_path: Path) -> None:
    for number, split in enumerate(("train", "test")):
        folder_of(tmp_path / "in" / split, 3, first=3 * number)
    (tmp_path / "in" / "train" / "metadata.jsonl").write_text(
        '{"file_name": "drawing 000.png", "text": "a creature"}\n'
    )
    with zipfile.ZipFile(tmp_path / "in" / "pack.wastickers", "w") as pack:
        pack.writestr("1.webp", encode(drawing(50), "WEBP", quality=90))
        pack.writestr("tray.png", encode(drawing(50).resize((96, 96)), "PNG"))
        pack.writestr("title.txt", "Creatures")
    result = run(tmp_path / "in", tmp_path / "out", size=32)
    assert len(result["taken"]) == 7
    assert reasons(result) == {
        "train/metadata.jsonl": "the data set's description, not a picture",
        "pack.wastickers/title.txt": "not a picture (text)",
        "pack.wastickers/tray.png": "the tray picture of a sticker pack, not one of its stickers",
    }


def test_frames(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 3)
    frames = [drawing(number) for number in (60, 61, 62)]
    frames[0].save(source / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
    assert sources(run(source, tmp_path / "one", size=32)).count("moving.webp") == 1
    three = run(source, tmp_path / "three", size=32, frames=3)
    assert [row["frame"] for row in three["taken"] if row["source"] == "moving.webp"] == [0, 1, 2]


def test_the_built_in_character(tmp_path: Path) -> None:
    result = run(None, tmp_path / "out", character=6, seed=3, size=32)
    assert (
        len(result["taken"]) == 6
        and (tmp_path / "out" / "truth.json").exists()
        and (tmp_path / "out" / "gather.html").exists()
    )
    run(None, tmp_path / "white", character=6, seed=3, size=32, background="white")
    with Image.open(tmp_path / "white" / "0001.png") as picture:
        assert picture.mode == "RGB"


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings, words",
    [
        ({"source": Path("nowhere")}, "no such file"),
        ({"source": None}, "name a folder"),
        ({"size": 4}, "--size"),
        ({"background": "bleu"}, "--background"),
        ({"frames": 0}, "--frames"),
    ],
)
def test_mistakes(tmp_path: Path, settings: dict, words: str) -> None:
    with pytest.raises(UserError, match=words):
        room.gather(Gather(**{"source": folder_of(tmp_path / "in", 4), "out": tmp_path / "out", **settings}))
    assert not (tmp_path / "out").exists()


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    with pytest.raises(UserError, match="empty"):
        run(tmp_path / "in", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_other_settings_or_other_files_in_the_output(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    run(source, tmp_path / "out", size=32)
    with pytest.raises(UserError, match="--size 32"):
        run(source, tmp_path / "out", size=48)
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mine.txt").write_text("keep me")
    with pytest.raises(UserError, match="other files"):
        run(source, tmp_path / "letters")
    (tmp_path / "out" / "gather.json").write_text("{")
    with pytest.raises(UserError, match="damaged"):
        run(source, tmp_path / "out", size=32)


def test_few_pictures_are_warned_of(tmp_path: Path, capsys: pytest.CaptureFixture) -> None:
    run(folder_of(tmp_path / "in", 4), tmp_path / "out", size=32)
    assert capsys.readouterr().err.startswith("warning: only 4 different pictures")


def test_a_full_disk_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = folder_of(tmp_path / "in", 5)
    run(source, tmp_path / "out", size=32)
    before = contents(tmp_path / "out")
    folder_of(source, 1, first=70)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    for place_ in ("write", "commit"):
        with monkeypatch.context() as patch, pytest.raises(ChonkError, match="No space left"):
            patch.setattr(room.Output, place_, full)
            run(source, tmp_path / "out", size=32)
        assert contents(tmp_path / "out") == before and sorted(p.name for p in tmp_path.iterdir()) == ["in", "out"]


# --- pictures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "settings", [{}, {"background": "white"}, {"background": "#00aa44"}, {"cutout": True}, {"size": 200}]
)
def test_hidden_colours_never_show(tmp_path: Path, settings: dict) -> None:
    """Grey drawings with magenta under alpha 0: nothing finished may lean towards magenta."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        grey = np.array(drawing(number))
        drawn = grey[..., 3] > 0
        grey[drawn, :3] = grey[drawn, 1:2]
        kind = ("PNG", "WEBP", "TIFF", "PNG")[number]
        (source / f"{number}.{kind.lower()}").write_bytes(
            encode(Image.fromarray(grey), kind, **({"lossless": True, "exact": True} if kind == "WEBP" else {}))
        )
    result = run(source, tmp_path / "out", **settings)
    for row in result["taken"]:
        picture = finished(tmp_path / "out", result, row["source"]).astype(int)
        assert (np.minimum(picture[..., 0], picture[..., 2]) - picture[..., 1]).max() <= 2
        if picture[..., 3].min() == 0:
            assert (picture[picture[..., 3] == 0] == 0).all()


def test_scaling_is_done_in_premultiplied_alpha() -> None:
    """Half red, half invisible blue: at half the size it is red at half alpha."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, ::2], pixels[:, 1::2] = (255, 0, 0, 255), (0, 0, 255, 0)
    small = scale(pixels, 16)[4:12, 4:12].reshape(-1, 4)
    assert (small[:, 0] > 250).all() and small[:, 2].max() == 0 and np.abs(small[:, 3].astype(int) - 128).max() < 20


def test_trimmed_and_centred(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    wide = Image.new("RGBA", (900, 200))
    wide.paste(drawing(5), (600, 40))
    wide.save(source / "wide.png")
    (source / "wide white.jpg").write_bytes(
        encode(on(wide.transpose(Image.Transpose.ROTATE_90), "white"), "JPEG", quality=90)
    )
    result = run(source, tmp_path / "out", keep_duplicates=True)
    left, top, right, bottom = place(finished(tmp_path / "out", result, "wide.png"))
    assert max(right - left, bottom - top) >= 58 and abs(left + right - 64) <= 2 and abs(top + bottom - 64) <= 2
    turned = finished(tmp_path / "out", result, "wide white.jpg")[..., :3].min(2) < 200
    assert max(np.ptp(np.flatnonzero(turned.any(0))), np.ptp(np.flatnonzero(turned.any(1)))) >= 56


def test_a_common_composition_keeps_its_place(tmp_path: Path) -> None:
    """One figure, with and without a tall hat, on one canvas: its feet stay where they are and it keeps its width."""
    source = tmp_path / "in"
    source.mkdir()
    for number in range(6):
        canvas = Image.new("RGBA", (160, 160))
        canvas.paste(drawing(number, 100), (30, 55))
        if number % 2:
            canvas.paste((200, 30, 30, 255), (70, 20, 90, 70))
        canvas.save(source / f"{number}.png")
    shared = run(source, tmp_path / "out")
    assert shared["frame"]["canvas"] == [160, 160]
    scale_of = []
    for number in range(6):
        box = shared["taken"][number]["box"]
        left, _, right, _ = place(finished(tmp_path / "out", shared, f"{number}.png"))
        scale_of.append((right - left) / (box[2] - box[0]))
    assert max(scale_of) / min(scale_of) < 1.08


@pytest.mark.parametrize("shared", [False, True])
def test_a_size_chosen_by_the_pictures_gives_the_same_set_as_one_that_was_named(tmp_path: Path, shared: bool) -> None:
    """Pictures in a common frame, animated files, sheets, archives and copies: nothing is studied twice."""
    source = folder_of(tmp_path / "in", 6)
    if not shared:
        for number in range(6):
            drawing(number, 100 + 10 * number).save(source / f"drawing {number:03d}.png")
        frames = [drawing(number) for number in (60, 61)]
        frames[0].save(source / "moving.webp", save_all=True, append_images=frames[1:], lossless=True)
        drawing(70, 90).save(source / "small.png")
        sheet = Image.new("RGBA", (400, 140))
        for n in range(3):
            sheet.paste(drawing(80 + n, 100), (20 + 125 * n, 20))
        sheet.save(source / "sheet.png")
        with zipfile.ZipFile(source / "more.zip", "w") as archive:
            archive.writestr("a.png", encode(drawing(90), "PNG"))
        drawing(3).save(source / "copy.png")
    settings = {"frames": 2, "split_sheets": True}
    named = run(source, tmp_path / "named", size=128, **settings)
    assert bool(named["frame"]) == shared
    given = []

    def choose_size(rows: list[dict]) -> int:
        given.extend(rows)
        return 128

    chosen = room.gather(Gather(source=source, out=tmp_path / "chosen", size=64, **settings), choose_size)
    assert chosen == named and given == [{k: row[k] for k in row if k != "file"} for row in named["taken"]]
    for row in named["taken"]:
        assert (tmp_path / "chosen" / row["file"]).read_bytes() == (tmp_path / "named" / row["file"]).read_bytes()
    drawing(99).save(source / "new.png")
    assert run(source, tmp_path / "chosen", size=128, **settings)["size"] == 128, "it goes on at that size"


def test_the_built_in_character_is_drawn_at_the_size_that_is_chosen(tmp_path: Path) -> None:
    result = room.gather(Gather(out=tmp_path, character=6, size=64), choose_size=lambda rows: 16 * len(rows))
    assert result["size"] == result["settings"]["size"] == 96
    assert finished(tmp_path, result, result["taken"][0]["source"]).shape[:2] == (96, 96)


def test_shared_frame_by_its_rule() -> None:
    box = [(10, 10, 90, 90), (12, 8, 88, 90), (10, 20, 80, 95), (15, 10, 90, 90)]
    assert shared_frame([(100, 100)] * 4, box) == ((100, 100), (10, 8, 90, 95))
    assert shared_frame([(100, 100)] * 3 + [(50, 50)], box) is None, "fewer than four"
    assert (
        shared_frame([(100, 100)] * 4, [(0, 0, 20, 20), (80, 80, 100, 100), (80, 0, 100, 20), (0, 80, 20, 100)]) is None
    ), "no composition"


def test_pixel_art_stays_sharp(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    random = np.random.default_rng(3)
    sprite = np.zeros((20, 20, 4), np.uint8)
    colours = np.array([(200, 40, 40, 255), (40, 40, 60, 255), (240, 220, 90, 255), (0, 0, 0, 0)], np.uint8)
    sprite[2:18, 2:18] = colours[random.integers(0, 3, (16, 16))]
    Image.fromarray(sprite).save(source / "sprite.png")
    random.shuffle(sprite[4:16])
    Image.fromarray(sprite.repeat(7, 0).repeat(7, 1)).save(source / "large.png")
    result = run(source, tmp_path / "out", size=64)
    for name in ("sprite.png", "large.png"):
        picture = finished(tmp_path / "out", result, name)
        assert {tuple(c) for c in picture.reshape(-1, 4)} <= {tuple(c) for c in colours}
        left, top, right, bottom = place(picture)
        assert (right - left, bottom - top) == (64, 64), "sixteen drawn pixels of four"
    assert not any(row["pixel_art"] for row in result["taken"] if row["source"].startswith("drawing"))


def test_the_grid_of_pixel_art() -> None:
    sprite = np.random.default_rng(1).integers(0, 2, (12, 12, 1), np.uint8).repeat(4, 2) * 255
    sprite[..., 3] = 255
    for k in (1, 2, 5):
        large = sprite.repeat(k, 0).repeat(k, 1)
        found = find_sprite(large, (0, 0, 12 * k, 12 * k))
        assert found.cell == k and found.box((2 * k, 0, 12 * k, 3 * k)) == (2, 0, 12, 3)
        np.testing.assert_array_equal(found.pixels, sprite)
    assert enlarge(sprite, 30, None).shape == (30, 30, 4) and enlarge(sprite, 8, None) is None
    for side, cell in ((16, 4), (15, 4), (13, 4), (11, 5)):  # where margins are left, too
        sprites = [np.tile(np.roll(sprite, n, 0), (2, 2, 1))[:side, :side] for n in range(9)]
        large = [enlarge(one, 64, (0, 0, 0, 0)) for one in sprites]
        assert common_grid(np.stack(large)) == cell


@pytest.mark.parametrize(
    "ground, quality", [((255, 255, 255), None), ((255, 255, 255), 75), ((90, 170, 230), 70), ((240, 236, 228), 85)]
)
def test_cut_out_against_the_truth(ground: tuple, quality: int | None) -> None:
    """Composed on a flat ground (with a slight gradient), compressed, cut out: the alpha is that of the drawing, and on
    another ground the picture is the one it would have been, without a halo of the old one."""
    overlaps, errors = [], []
    for number in range(8):
        truth = drawing(number, 192)
        slope = np.linspace(-4, 4, 192)[None, :, None] if quality else np.zeros((1, 192, 1))
        back = np.clip(np.array(ground) + slope + np.zeros((192, 1, 1)), 0, 255).astype(np.uint8)
        flat = Image.fromarray(back).convert("RGBA")
        flat = Image.alpha_composite(flat, truth).convert("RGB")
        if quality:
            flat = Image.open(io.BytesIO(encode(flat, "JPEG", quality=quality)))
        pixels = np.array(flat.convert("RGBA"))
        got = cut_out(pixels, find_ground(pixels).colour)
        want = np.array(truth)
        alphas = got[..., 3] / 255, want[..., 3] / 255
        overlaps.append(np.minimum(*alphas).sum() / np.maximum(*alphas).sum())
        on_black = [np.asarray(on(Image.fromarray(p), "black"), int) for p in (got, want)]
        edge = (want[..., 3] > 0) & (want[..., 3] < 255)
        errors.append(np.abs(on_black[0] - on_black[1])[edge].mean())
    assert np.mean(overlaps) > 0.985 and min(overlaps) > 0.97
    assert np.mean(errors) < 20, "levels along the edge"


def test_cut_out_keeps_white_eyes_and_sees_through_holes() -> None:
    picture = Image.new("RGB", (96, 96), "white")
    picture.paste((180, 60, 60), (20, 20, 76, 76))
    picture.paste("white", (40, 40, 56, 56))
    alpha = cut_out(np.array(picture.convert("RGBA")), (255, 255, 255))[..., 3]
    assert alpha[48, 48] == 255 and alpha[5, 5] == 0 and alpha[30, 30] == 255
    blue = np.array(picture.convert("RGBA"))
    blue[(blue[..., :3] == 255).all(2), :3] = (40, 90, 220)
    assert cut_out(blue, (40, 90, 220))[48, 48, 3] == 0


def test_the_command_cuts_out(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for number in range(4):
        (source / f"{number}.jpg").write_bytes(encode(on(drawing(number), "white"), "JPEG", quality=90))
    result = run(source, tmp_path / "out", cutout=True)
    assert all(row["transparent"] for row in result["taken"])
    assert finished(tmp_path / "out", result, "0.jpg")[0, 0, 3] == 0


def test_photographs_are_told_from_drawings() -> None:
    random = np.random.default_rng(0)
    noise = np.kron(random.integers(0, 256, (16, 16, 3)), np.ones((16, 16, 1))) + random.normal(0, 25, (256, 256, 3))
    photograph = np.dstack([noise.clip(0, 255), np.full((256, 256), 255)]).astype(np.uint8)
    assert is_photograph(photograph)
    scene = Image.new("RGBA", (256, 256), (120, 190, 240))
    scene.paste((90, 160, 70), (0, 150, 256, 256))
    scene.alpha_composite(drawing(3, 256))
    assert not is_photograph(np.array(scene))


def test_advice_names_what_matters() -> None:
    row = {"photograph": True, "transparent": False, "side": 300, "pixel_art": False, "source": "a", "file": "0001.png"}
    result = {
        "size": 64,
        "different": 212,
        "taken": [row] * 31 + [{**row, "photograph": False, "transparent": True}] * 181,
        "skipped": [],
        "settings": {"cutout": False},
        "frame": None,
    }
    lines = advice(result, [])
    assert lines[0] == "212 different pictures: good for 64 to 128 px."
    assert lines[1].startswith("31 of them look like photographs: results will be poor")
    assert any("--cutout" in line for line in lines)


@pytest.mark.parametrize("record, holds", [
    ("gather.json", "taken"), ("make.json", "stages"), ("config.json", "objective"),
    ("draw.json", "files"), ("page.json", "models"), ("tune.json", "trials"),
])  # fmt: skip
def test_what_chonk_made_is_never_a_source(tmp_path: Path, record: str, holds: str) -> None:
    source = folder_of(tmp_path / "in", 4)
    made = folder_of(source / "below" / "made", 3, first=20)
    (made / record).write_text(f'{{"format": 1, "{holds}": []}}')
    result = run(source, tmp_path / "out", size=32)
    assert len(result["taken"]) == 4 and "chonk" in reasons(result)["below/made"]
    with pytest.raises(UserError, match="no source"):
        run(made, tmp_path / "other")
    (made / record).write_text('{"mine": []}')
    assert len(run(source, tmp_path / "mine", size=32)["taken"]) == 7, "a record of the same name that is not ours"


def test_a_source_inside_its_output_is_refused(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "out" / "in", 4)
    with pytest.raises(UserError, match="lies inside the output"):
        run(source, tmp_path / "out")
    assert len(list(source.iterdir())) == 4

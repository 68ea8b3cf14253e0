"""What a command reads is there, and what it writes replaces nothing of anybody's: one rule for all commands."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

import chonk.draw as drawing
from chonk.cli import parse
from chonk.draw.animation import save_moving
from chonk.draw.hunt import hunt
from chonk.draw.place import Job, Place, staged
from chonk.errors import UserError
from chonk.hidden import Hidden
from chonk.ingest.ours import is_drawing, signature
from chonk.paths import check_paths
from chonk.settings import Draw
from chonk.settings import Hunt as HuntSettings

PICTURE = Image.fromarray(np.arange(768, dtype=np.uint8).reshape(16, 16, 3))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A set, a run with a model, and a folder of a person's own pictures."""
    for folder, files in {
        "set": {"gather.json": '{"format": 1, "taken": []}', "0001.png": ""},
        "run": {"config.json": '{"format": 2, "objective": ""}'},
        "run/model": {"config.json": "{}", "model.safetensors": ""},
        "mine": {"cat.png": ""},
    }.items():
        (tmp_path / folder).mkdir()
        for name, text in files.items():
            (tmp_path / folder / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def checked(line: str) -> None:
    command, *args = line.split()
    check_paths(parse(command, args))


@pytest.mark.parametrize("line", [
    "make mine", "make mine --out mine/out", "gather mine --out mine/set", "gather mine --out set", "train set",
    "tune set", "draw run", "draw run samples --out mine", "draw run samples --out .", "score run",
    "score run --out mine", "page run", "page run --out run/page", "serve mine", "gather --character 9 --out set",
])  # fmt: skip
def test_what_every_command_may_do(here, line):
    checked(line)


@pytest.mark.parametrize("line, words", [
    ("make mien", "mien: no such file or folder; did you mean mine"),
    ("gather nowhere", "nowhere: no such file"), ("train sett", "did you mean set"), ("tune nowhere", "nowhere: no"),
    ("draw rum grid", "rum: no such file or folder; did you mean run"), ("score nowhere", "nowhere: no"),
    ("page run nowhere", "nowhere: no"), ("serve nowhere", "nowhere: no"), ("draw mine", "mine: holds no model"),
    ("score set", "set: holds no model"), ("page run mine", "mine: holds no model"),
    ("make mine --out mine", "the source itself"), ("gather mine/. --out set/../mine", "the source itself"),
    ("train set --out set", "the source itself"), ("make mine --out .", "mine: lies inside the output"),
    ("tune set --out .", "set: lies inside"), ("page run --out run", "lies inside the output run"),
    ("train set --out set/run", "set/run: lies in .*set, a set of pictures"), ("tune set --out set/a/b", "lies in"),
    ("make mine --out set/x", "lies in"), ("gather mine --out set/x", "lies in"), ("page run --out set/x", "lies in"),
    ("draw run samples --out set", "lies in"), ("draw run samples --out set/x", "lies in"),
    ("draw run grid --out set/0001.png", "lies in"), ("score run --out set", "lies in"),
])  # fmt: skip
def test_what_no_command_does(here, line, words):
    with pytest.raises(UserError, match=words):
        checked(line)


def is_told_at_once(line: str, *loaded: str) -> bool:
    """Whether a command is refused, in one line, before any of these modules is loaded."""
    code = "import sys; from chonk.cli import run; code = run(sys.argv[1:]); print(*sys.modules); sys.exit(code)"
    done = subprocess.run([sys.executable, "-c", code, *line.split()], capture_output=True, text=True)
    return done.returncode == 2 and done.stderr.count("chonk: ") == 1 and not {*loaded} & {*done.stdout.split()}


@pytest.mark.parametrize("line", [
    "draw nowhere grid", "score mine", "train nowhere", "page nowhere", "make nowhere", "score run --pictures nowhere",
])  # fmt: skip
def test_a_source_that_is_missing_is_told_before_anything_is_loaded(here, line):
    assert is_told_at_once(line, "torch", "numpy")


@pytest.mark.parametrize("line", [
    "train mine", "train raw", "train raw2", "tune raw", "train made", "train good --objective nothing",
    "tune good --preset nothing", "train good --out mine", "draw run film --out film.jpg",
    "draw run samples --out x.png", "draw run --link nonsense", "draw run grid --link x", "draw",
    "page run --out mine", "page run --address cats", "make made", "make empty", "make mine --objective nothing",
    "make mine --preset nothing", "make mine --out raw",
])  # fmt: skip
def test_a_certain_mistake_is_told_before_torch_is_loaded(here, line):
    """Which takes seconds.  raw are pictures of a person, who has not gathered them, raw2 such of all sizes."""
    for folder in ("raw", "raw2", "good", "made", "empty"):
        (here / folder).mkdir()
    PICTURE.save(here / "raw" / "cat.jpg")
    (here / "made" / "make.json").write_text('{"format": 1, "stages": {}}')
    for number in range(5):
        PICTURE.save(here / "good" / f"{number}.png")
        PICTURE.resize((16 + number, 16)).save(here / "raw2" / f"{number}.png")
    assert is_told_at_once(line, "torch")


def test_a_drawing_in_the_current_folder_is_not_put_into_a_set(here, monkeypatch):
    monkeypatch.chdir(here / "set")
    with pytest.raises(UserError, match="a set of pictures"):
        drawing.draw(Draw(here / "run"))


@pytest.mark.parametrize("ending", [".png", ".webp", ".gif", ".mp4", ".pdf"])
def test_a_drawing_replaces_a_drawing_and_nothing_else(here, monkeypatch, ending):
    """In every format that can be drawn: somebody's own file of that name stays, an empty one is replaced."""
    file = here / f"picture{ending}"
    request = Draw(here / "run", what=HuntSettings(), out=file)
    monkeypatch.setattr("chonk.draw.hunt.hidden", lambda *_: Hidden([PICTURE], []))

    def draw() -> None:
        with staged(Place(here, (file.name,), "x")) as folder:
            if ending == ".pdf":
                hunt(Job(request, here, None, folder, (file.name,)), HuntSettings())
            elif ending == ".png":
                PICTURE.save(folder / file.name, **signature(ending))
            else:
                save_moving([PICTURE, PICTURE.rotate(90)], folder / file.name, 1.0)

    file.touch()
    draw()
    draw()
    assert is_drawing(file)
    if ending == ".pdf":
        PICTURE.save(file, "PDF")
    elif ending == ".mp4":
        file.write_bytes(file.read_bytes().replace(b"chonk", b"other"))
    else:
        PICTURE.save(file)
    before = file.read_bytes()
    with pytest.raises(UserError, match="is there already and chonk did not draw it"):
        draw()
    assert file.read_bytes() == before

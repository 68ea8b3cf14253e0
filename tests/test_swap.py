"""A folder that is made anew is there, old or new, whenever its process is killed; and nothing hidden stays for
ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from chonk.swap import building, mend, swap

KILLED = """
import os, pathlib, signal, sys
from chonk import swap
path, number = pathlib.Path(sys.argv[1]), int(sys.argv[2])
rename = pathlib.Path.rename
def deadly(*names):
    global number
    number -= 1
    if number == 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return rename(*names)
with swap.building(path) as scratch:
    (scratch / "new").mkdir()
    (scratch / "new" / "file").write_text("new")
    pathlib.Path.rename = deadly
    swap.swap(path, scratch / "new", scratch)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def contents(folder):
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("number, left", [(1, "old"), (2, "old"), (3, "new")], ids=["before", "between", "after"])
def test_killed_before_between_and_after_the_two_renames(tmp_path, number, left):
    place = tmp_path / "place"
    place.mkdir()
    (place / "file").write_text("old")
    assert subprocess.run([sys.executable, "-c", KILLED, place, str(number)]).returncode == -signal.SIGKILL
    assert len(list(tmp_path.glob(".place.*"))) == 1 and place.exists() == (number != 2)
    mend(place)
    assert contents(tmp_path) == {"place/file": left}


def test_what_is_being_built_is_left_alone(tmp_path):
    (tmp_path / "place").mkdir()
    with building(tmp_path / "place") as scratch:
        mend(tmp_path / "place")
        assert scratch.is_dir()
    assert list(tmp_path.iterdir()) == [tmp_path / "place"]


def test_what_others_left_is_left_alone(tmp_path):
    """Folders of other names, without our lock, and a link that leads elsewhere."""
    (tmp_path / "mine" / "old").mkdir(parents=True)
    for name in (".place.backup12", ".place.of-mine", ".places.abcdefgh", "mine"):
        (tmp_path / name).mkdir(exist_ok=True)
        (tmp_path / name / "file").write_text("mine")
    for name in (".places.abcdefgh", ".place.of-mine", "mine"):
        (tmp_path / name / "chonk.lock").touch()
    os.mkfifo(tmp_path / ".place.backup12" / "pipe")
    (tmp_path / ".place.abcdefgh").symlink_to(tmp_path / "mine")
    before = contents(tmp_path)
    mend(tmp_path / "place")
    assert contents(tmp_path) == before and not (tmp_path / "place").exists() and (tmp_path / "mine" / "old").is_dir()


def test_a_swap_that_fails_puts_the_old_one_back(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "file").write_text("old")
    with pytest.raises(FileNotFoundError), building(tmp_path / "place") as scratch:
        swap(tmp_path / "place", scratch / "nothing", scratch)
    assert contents(tmp_path) == {"place/file": "old"}

"""A folder that is made anew is there, old or new, whenever its process is killed; and nothing hidden stays for
ever."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.swap import building, exchange, recover, swap

KILLED = """
import os, pathlib, signal, sys
from chonk import swap
path, number = pathlib.Path(sys.argv[1]), int(sys.argv[2])
if sys.argv[3] == "one by one":
    swap.exchange = lambda *_: False
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


def exchange_works():
    with tempfile.TemporaryDirectory() as folder:
        one, other = Path(folder, "one"), Path(folder, "other")
        one.mkdir(), other.mkdir()
        return exchange(one, other)


def contents(folder):
    return {str(file.relative_to(folder)): file.read_text() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("number, left", [(1, "old"), (2, "old"), (3, "new")], ids=["before", "between", "after"])
def test_killed_before_between_and_after_the_two_renames(tmp_path, number, left):
    place = tmp_path / "place"
    place.mkdir()
    (place / "file").write_text("old")
    assert (
        subprocess.run([sys.executable, "-c", KILLED, place, str(number), "one by one"]).returncode == -signal.SIGKILL
    )
    assert len(list(tmp_path.glob(".place.*"))) == 1 and place.exists() == (number != 2)
    recover(place)
    assert contents(tmp_path) == {"place/file": left}


@pytest.mark.skipif(not exchange_works(), reason="this system cannot exchange two names")
def test_the_place_is_never_empty_where_two_names_can_be_exchanged(tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    (place / "file").write_text("old")
    assert subprocess.run([sys.executable, "-c", KILLED, place, "1", "exchange"]).returncode == -signal.SIGKILL
    assert (place / "file").read_text() == "new", "no rename came before: the process was killed after the exchange"
    recover(place)
    assert contents(tmp_path) == {"place/file": "new"}


def test_a_set_that_a_killed_gather_set_aside_is_found_by_who_looks_for_it(tmp_path):
    Image.new("RGB", (8, 8), "red").save(tmp_path / "0001.png")
    place = tmp_path / "place"
    place.mkdir()
    (tmp_path / "0001.png").rename(place / "0001.png")
    assert subprocess.run([sys.executable, "-c", KILLED, place, "2", "one by one"]).returncode == -signal.SIGKILL
    assert not place.exists()
    assert len(PictureSet.load(place)) == 1
    with pytest.raises(UserError, match="no such folder"):
        PictureSet.load(tmp_path / "elsewhere")


@pytest.mark.parametrize("left", [[], ["lock"]])
def test_what_was_only_begun_goes_after_a_while(tmp_path, left):
    scratch = tmp_path / ".place.abcdefgh"
    scratch.mkdir()
    for name in left:
        (scratch / name).touch()
    recover(tmp_path / "place")
    assert scratch.is_dir(), "somebody may be about to lock it"
    long_ago = time.time() - 3600
    os.utime(scratch, (long_ago, long_ago))
    recover(tmp_path / "place")
    assert not scratch.exists()


def test_what_is_being_built_is_left_alone(tmp_path):
    (tmp_path / "place").mkdir()
    with building(tmp_path / "place") as scratch:
        recover(tmp_path / "place")
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
    recover(tmp_path / "place")
    assert contents(tmp_path) == before and not (tmp_path / "place").exists() and (tmp_path / "mine" / "old").is_dir()


def test_a_swap_that_fails_puts_the_old_one_back(tmp_path):
    (tmp_path / "place").mkdir()
    (tmp_path / "place" / "file").write_text("old")
    with pytest.raises(FileNotFoundError), building(tmp_path / "place") as scratch:
        swap(tmp_path / "place", scratch / "nothing", scratch)
    assert contents(tmp_path) == {"place/file": "old"}

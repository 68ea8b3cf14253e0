"""Disks that fill up, folders that cannot be written or go away, memory that runs out: clear words, and what was there
before is still there."""

from __future__ import annotations

import contextlib
import gc
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import chonk
from chonk import cli
from chonk.errors import ChonkError
from chonk.learn import callbacks
from chonk.learn import train as loop
from chonk.learn.checkpoint import checkpoints, load_checkpoint
from chonk.learn.film import Film
from chonk.learn.objectives import began
from training import make_pictures, tiny

MEGABYTES = 20


@pytest.fixture(scope="module")
def disk(tmp_path_factory) -> Iterator[Path]:
    """A disk of 20 MB of its own."""
    folder = tmp_path_factory.mktemp("disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", folder], capture_output=True
    ).returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture
def made(disk) -> Iterator[Path]:
    """Pictures and a run that is half done, on that disk."""
    made = disk / "made"
    loop.train(tiny(make_pictures(made / "pictures"), made / "run", kimg=0.04))
    yield made
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)
    for entry in disk.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def fill(disk: Path) -> None:
    """Leaves no byte free on the disk."""
    with open(disk / "ballast", "wb", buffering=0) as ballast:
        try:
            while ballast.write(b"x" * 4096):
                pass
        except OSError:
            assert shutil.disk_usage(disk).free < 4096


def is_whole(made: Path) -> None:
    """The run can be drawn with and continued, and nothing is left half-written."""
    assert load_checkpoint(checkpoints(made / "run" / "checkpoints")[-1])[0].shown >= 40
    model = chonk.load(made)
    assert model.sample(1)[0].size == (16, 16)
    assert not list(made.parent.rglob("*.part"))


COMMANDS = {
    "gather": "gather {made}/pictures --out {disk}/new --size 16",
    "train": "train {made}/pictures --out {disk}/new --kimg 0.02 --objective began --batch 4",
    "draw": "draw {made} samples --count 3 --out {disk}/new",
    "score": "score {made} --out {disk}/new --pictures {many} --count 30",
    "page": "page {made} --out {disk}/new",
    "make": "make {made}/pictures --minutes 0.01 --size 16 --objective began --out {disk}/new.chonk --no-show",
}


def opened(disk: Path) -> list[str]:
    """What this process holds open on the disk."""
    held = []
    for handle in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):  # the handle of this very list
            held.append(os.readlink(f"/proc/self/fd/{handle}"))
    return [name for name in held if Path(name).is_relative_to(disk)]


def error_of(command: str, disk: Path, made: Path, many: Path, capsys) -> str:
    """What a command that must fail says, in one line."""
    code = cli.run(COMMANDS[command].format(disk=disk, made=made, many=many).split())
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("chonk: ")]
    assert code == 1 and len(error) == 1 and "our mistake" not in error[0], error
    assert not opened(disk), "an error leaves no file open"
    return error[0]


@pytest.fixture(scope="module")
def many(tmp_path_factory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("many") / "pictures", 24)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_full_disk(disk, made, many, capsys, command):
    fill(disk)
    assert re.search("(?i)no space left|disk is full", error_of(command, disk, made, many, capsys))
    assert {entry.name for entry in disk.iterdir()} <= {"made", "ballast", "new"}, "nothing hidden is left behind"
    is_whole(made)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_read_only_disk(disk, made, many, capsys, command):
    # the last test's model is removed, but mapped for as long as its error's traceback lives: such a disk stays
    # writable
    gc.collect()
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    assert re.search("(?i)read-only", error_of(command, disk, made, many, capsys))
    is_whole(made)


def test_a_disk_that_fills_up_while_training(disk, made, monkeypatch):
    monkeypatch.setattr(callbacks, "CHECKPOINT_SECONDS", 0.0)
    step = began.Objective.step

    def then_full(self, *arguments):
        if arguments[-1] > 0.6 and not (disk / "ballast").exists():
            fill(disk)
        return step(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(began.Objective, "step", then_full)
        with pytest.raises(ChonkError, match="No space left.*what was written before is intact"):
            loop.train(tiny(made / "pictures", made / "run", kimg=0.2))
    assert load_checkpoint(checkpoints(made / "run" / "checkpoints")[-1])[0].shown >= 100
    is_whole(made)
    (disk / "ballast").unlink()
    loop.train(tiny(made / "pictures", made / "run", kimg=0.2))
    assert chonk.load(made).config.training["kimg"] == 0.2


def test_clocks_that_are_set_back_change_nothing(tmp_path, monkeypatch):
    """Only a clock that cannot be set is ever asked."""
    for name in ("time", "time_ns"):
        monkeypatch.setattr(f"time.{name}", lambda: pytest.fail("the wall clock was asked"))
    loop.train(tiny(make_pictures(tmp_path / "pictures"), tmp_path / "run", kimg=None, minutes=0.02))
    for file in (tmp_path / "run").rglob("*"):
        os.utime(file, (0, 0))  # written, it seems, in 1970
    loop.train(tiny(tmp_path / "pictures", tmp_path / "run", kimg=None, minutes=0.03))
    assert chonk.load(tmp_path / "run").config.training["minutes"] >= 0.03


@pytest.mark.parametrize("moment", ["build", "step"])
def test_out_of_memory(tmp_path, monkeypatch, moment):
    """With the words of the installed torch."""

    def greedy(*_, **__):
        torch.empty(1 << 50)

    where = {"build": (began, "Generator"), "step": (began.Objective, "play")}[moment]
    pictures = make_pictures(tmp_path / "pictures")
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.02))
    with monkeypatch.context() as patch:
        patch.setattr(*where, greedy)
        with pytest.raises(ChonkError, match="out of memory with batches of 4; try a smaller --batch"):
            loop.train(tiny(pictures, tmp_path / "run", kimg=0.04))
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.04))
    assert chonk.load(tmp_path / "run").config.training["kimg"] == 0.04


def test_out_of_memory_in_any_command(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("chonk.model.Model.__call__", lambda *_, **__: torch.empty(1 << 50))
    loop_made = make_pictures(tmp_path / "pictures")
    monkeypatch.setattr(loop.Training, "publish", lambda self: self.snapshot().save(self.run.model))
    monkeypatch.setattr(Film, "add", lambda *_: torch.rand(16, 4, 16, 16).numpy())
    loop.train(tiny(loop_made, tmp_path / "run", kimg=0.02))
    assert cli.run(["draw", str(tmp_path / "run"), "grid", "--out", str(tmp_path / "grid.png")]) == 1
    assert "chonk: not enough memory; try" in capsys.readouterr().err

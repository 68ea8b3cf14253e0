"""Killed at any moment, a training goes on from its last checkpoint as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
import torch

from chonk import files
from chonk.errors import ChonkError, UserError
from chonk.files import write_whole
from chonk.learn.checkpoint import State, checkpoints, load_checkpoint, save_checkpoint
from chonk.learn.train import train
from training import fingerprint, make_pictures, shown, start, tiny

LONG = bool(os.environ.get("CHONK_LONG"))
KILLS = 24 if LONG else 3
PATIENCE = 3000 if LONG else 900
"""Seconds for one training of two."""


@pytest.mark.parametrize("objective", ["chonk", "began", "ebgan", "wgan"] if LONG else ["chonk", "began"])
def test_killed_again_and_again_it_ends_the_same(tmp_path, objective):
    """Every other time from outside, else in the middle of a write or right after one: of a checkpoint, the film, the
    model, ..."""
    pictures, kimg = make_pictures(tmp_path / "pictures"), 0.4 if LONG or objective != "chonk" else 0.2
    reference = start(pictures, tmp_path / "straight", kimg, objective)
    reference.join(PATIENCE)
    assert reference.exitcode == 0, (tmp_path / "straight.txt").read_text()
    rng = random.Random(7)
    for kill in range(KILLS):
        process = start(pictures, tmp_path / "killed", kimg, objective, dies=0 if kill % 2 else rng.randint(1, 16))
        if kill % 2:
            while process.is_alive() and shown(tmp_path / "killed") < 1000 * kimg * (kill + rng.random()) / (KILLS + 2):
                time.sleep(0.001)
            time.sleep(rng.uniform(0, 0.02))
            process.kill()
        process.join(PATIENCE)
        assert process.exitcode == -signal.SIGKILL, (tmp_path / "killed.txt").read_text()
    process = start(pictures, tmp_path / "killed", kimg, objective)
    process.join(PATIENCE)
    assert process.exitcode == 0, (tmp_path / "killed.txt").read_text()
    assert fingerprint(tmp_path / "killed") == fingerprint(tmp_path / "straight")
    newest = [load_checkpoint(checkpoints(tmp_path / name / "checkpoints")[-1]) for name in ("straight", "killed")]
    assert newest[0][2] == newest[1][2] and newest[0][1].keys() == newest[1][1].keys()
    assert all(torch.equal(newest[0][1][name], newest[1][1][name]) for name in newest[0][1])


def test_a_write_cut_short_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "file"
    write_whole(file, b"old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(ChonkError, match="No space left"):
        write_whole(file, b"new")
    assert file.read_bytes() == b"old" and [f.name for f in tmp_path.iterdir()] == ["file"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="asks the system which file is meant")
def test_a_checkpoint_gets_its_name_when_all_that_it_counts_on_is_on_the_disk(tmp_path, monkeypatch):
    """As far as a test can cut the power: what the system was asked to do, in which order."""
    done, fsync, replace = [], os.fsync, Path.replace
    monkeypatch.setattr(
        os,
        "fsync",
        lambda handle: done.append(("forced", Path(os.readlink(f"/proc/self/fd/{handle}")).name)) or fsync(handle),
    )
    monkeypatch.setattr(Path, "replace", lambda part, file: done.append(("named", file.name)) or replace(part, file))
    train(tiny(make_pictures(tmp_path / "pictures"), tmp_path / "run", kimg=0.02))
    frame, named = (done.index(("named", name)) for name in ("0000000020.png", "0000000020.safetensors"))
    before, after = done[frame:named], done[named:]
    assert before.index(("named", "film.json")) < before.index(("forced", "film.json"))
    assert {
        ("forced", name) for name in ("0000000020.png", "film", "metrics.jsonl", "0000000020.safetensors.part")
    } <= set(before)
    assert ("forced", "checkpoints") in after
    new, model = (done.index(("named", name)) for name in ("model.safetensors.new", "model.safetensors"))
    assert ("forced", "model.safetensors.new.part") in done[:new] and ("forced", "model") in done[new:model]
    assert done[new:model].index(("forced", "model")) < done[new:model].index(("named", "config.json"))
    assert ("forced", "model") in done[model:]


def test_checkpoints_go_round_and_two_are_kept(tmp_path):
    tensors = {"net.weight": torch.randn(3, 4), "optimizer.g.0.step": torch.tensor(7.0)}
    for number in (16, 32, 48):
        save_checkpoint(
            tmp_path,
            State(step=number // 16, shown=number, seconds=1.5, sums={"k": [0.1, 2]}),
            tensors,
            {"numbers": {"k": 0.1}},
        )
    assert [file.name for file in checkpoints(tmp_path)] == ["0000000032.safetensors", "0000000048.safetensors"]
    state, loaded, numbers = load_checkpoint(checkpoints(tmp_path)[-1])
    assert state == State(step=3, shown=48, seconds=1.5, sums={"k": [0.1, 2]}) and numbers == {"numbers": {"k": 0.1}}
    assert all(torch.equal(loaded[name], tensors[name]) for name in tensors)


@pytest.mark.parametrize("damage", [b"", b"\x00" * 100, b"{}"], ids=["empty", "zeros", "json"])
def test_a_damaged_checkpoint_is_refused_in_words(tmp_path, damage):
    run = tmp_path / "run"
    train(tiny(make_pictures(tmp_path / "pictures"), run, kimg=0.02))
    checkpoints(run / "checkpoints")[-1].write_bytes(damage)
    with pytest.raises(UserError, match="not a checkpoint"):
        train(tiny(tmp_path / "pictures", run, kimg=0.04))


def test_another_nets_checkpoint_is_refused_in_words(tmp_path):
    pictures = make_pictures(tmp_path / "pictures")
    train(tiny(pictures, tmp_path / "a", kimg=0.02))
    train(tiny(pictures, tmp_path / "b", kimg=0.02, set=(*tiny(pictures, tmp_path).set, "filters=3")))
    other = checkpoints(tmp_path / "b" / "checkpoints")[-1]
    checkpoints(tmp_path / "a" / "checkpoints")[-1].write_bytes(other.read_bytes())
    with pytest.raises(UserError, match="does not fit"):
        train(tiny(pictures, tmp_path / "a", kimg=0.04))

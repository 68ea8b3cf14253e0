"""Killed at any write of calibration, or of a stage of `make`, the same command leaves what it would have left."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from chonk.settings import Make
from training import forkserver, make_pictures, sets, tiny

LONG = bool(os.environ.get("CHONK_LONG"))
SET = sets("chonk")
MAX_KILLS = 60


def deadly(number: int) -> None:
    """SIGKILL for ourselves at rename number `number` from now: before it where the number is odd, else right after."""
    count = 0

    def wrap(rename: Callable) -> Callable:
        def renamed(part: Path, file: Path) -> Path:
            nonlocal count
            count += 1
            if count == number and number % 2:
                os.kill(os.getpid(), signal.SIGKILL)
            done = rename(part, file)
            if count == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return renamed

    Path.replace, Path.rename = wrap(Path.replace), wrap(Path.rename)


def prepare(number: int) -> None:
    """Checkpoints all the time, so that a training that is killed every few writes comes to its end."""
    from chonk.calibrate import limits
    from chonk.learn import callbacks

    os.fsync = lambda _: None
    callbacks.CHECKPOINT_SECONDS, limits.RESULTS = 0.05, 30
    if number:
        deadly(number)


def calibrates(run: Path, pictures: Path, number: int) -> None:
    from chonk.calibrate import calibrate_run

    prepare(number)
    calibrate_run(run, pictures)


def makes(source: Path, out: Path, number: int) -> None:
    """`chonk make` with a training of a second, counted in pictures, and a verdict on few results."""
    from chonk import make, pipeline

    prepare(number)
    train, score = pipeline.Train, pipeline.Score
    pipeline.Train = lambda **given: train(
        **given | {"minutes": None, "kimg": 0.04, "threads": 1, "set": SET, "objective": "chonk"}
    )
    pipeline.Score = lambda **given: score(**given, count=20)
    make.make(Make(source, out=out, size=16, show=False))


def run_until_done(target: Callable, *given: Path, number: int = 0) -> int:
    process = forkserver("chonk.make", "chonk.calibrate", "test_kills").Process(target=target, args=(*given, number))
    process.start()
    process.join(600)
    return process.exitcode


def model_print(folder: Path) -> dict:
    config = json.loads((folder / "config.json").read_text())
    weights = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    assert weights == config["weights"] and sorted(file.name for file in folder.iterdir()) == [
        "config.json",
        "model.safetensors",
    ]
    return {"weights": weights, "options": config["options"], "sharpness": config["training"]["sharpness"]}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    return make_pictures(tmp_path_factory.mktemp("kills") / "pictures", count=24)


def test_a_calibration_that_was_killed_ends_the_same(pictures, tmp_path):
    """And one that is given again changes nothing."""
    from chonk.learn.train import train

    for name in ("straight", "killed"):
        train(tiny(pictures, tmp_path / name, kimg=0.02, objective="chonk", set=SET))
    assert run_until_done(calibrates, tmp_path / "straight", pictures) == 0
    wanted = model_print(tmp_path / "straight" / "model")
    for number in (1, 3) if LONG else (3,):  # 3: config.json is written, and the weights have no name yet
        assert run_until_done(calibrates, tmp_path / "killed", pictures, number=number) == -signal.SIGKILL
    assert run_until_done(calibrates, tmp_path / "killed", pictures) == 0
    assert model_print(tmp_path / "killed" / "model") == wanted
    assert run_until_done(calibrates, tmp_path / "killed", pictures) == 0
    assert model_print(tmp_path / "killed" / "model") == wanted


@pytest.mark.skipif(not LONG, reason="minutes: CHONK_LONG=1 runs it")
def test_a_make_that_was_killed_again_and_again_ends_the_same(pictures, tmp_path):
    """Calibration, judging, pages and everything between; no run is put aside, and nothing hidden stays."""
    straight, killed = (tmp_path / name / "set.chonk" for name in ("straight", "killed"))  # a page holds its title
    assert run_until_done(makes, pictures, straight) == 0
    rng, kills = random.Random(3), 0
    while (code := run_until_done(makes, pictures, killed, number=rng.randint(1, 12))) == -signal.SIGKILL:
        kills += 1
        assert kills < MAX_KILLS, "no end is in sight"
    assert code == 0 and kills > 5

    def print_of(out: Path) -> dict:
        score = json.loads((out / "score.json").read_text())
        names = sorted(file.name for file in (out / "page").glob("models/*/model.*.bin"))
        return {**model_print(out / "run" / "model"), "page": names, "figures": score["figures"]}

    assert print_of(killed) == print_of(straight)
    assert sorted(file.name for file in killed.iterdir()) == sorted(file.name for file in straight.iterdir())

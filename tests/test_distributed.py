"""Several processes learn what one would, lose each other in words, and leave a run that any number can go on with."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from itertools import count as numbers
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from chonk import cli
from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.learn import distributed, train
from chonk.learn.run import objective_settings
from training import TINY, forkserver, make_pictures, sets, shown, tiny

PATIENCE = 900
"""Seconds for what takes half a minute on a machine of today."""
WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
PORTS = numbers(20_000 + 100 * WORKER)
"""Of this process's own, and none that a system gives away itself: what was free just now may be another's soon."""
SHARED = ("mosaic", "collage", "began", "ebgan", "wgan", "began with a head start")


def several(work: Callable, *args: object, said: Path, count: int = 2) -> list[BaseProcess]:
    """`work(*args)` in that many processes that think a launcher has started them; what number i prints goes to
    SAID.i."""
    port = next(port for port in PORTS if is_free(port))
    launch = {"WORLD_SIZE": count, "LOCAL_WORLD_SIZE": count, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port}
    processes = [
        forkserver("chonk.learn.train", "test_distributed").Process(
            target=_member, args=(launch | {"RANK": i, "LOCAL_RANK": i}, f"{said}.{i}", work, args)
        )
        for i in range(count)
    ]
    for process in processes:
        process.start()
    return processes


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        return listener.connect_ex(("127.0.0.1", port)) != 0


def _member(launch: dict, said: str, work: Callable, args: tuple) -> None:
    os.environ.update({name: str(value) for name, value in launch.items()})
    with open(said, "w") as sys.stdout:
        sys.stderr = sys.stdout
        work(*args)


def ends(processes: list[BaseProcess]) -> list[int]:
    """The exit code of each."""
    for process in processes:
        process.join(PATIENCE)
    return [process.exitcode for process in processes]


def chonk_train(pictures: Path, out: Path, kimg: float) -> None:
    args = ["train", pictures, "--out", out, "--kimg", kimg, "--objective", "began", "--threads", 1, "--set", *TINY]
    sys.exit(cli.run([str(arg) for arg in args]))


def curve(run) -> list[dict]:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [
        {
            name: line[name]
            for name in line
            if name in ("step", "kimg", "loss_real", "loss_fake", "k", "M", "pull", "distance", "penalty", "loss_g")
        }
        for line in lines
    ]


def gradients(name: str) -> dict[str, torch.Tensor]:
    """All gradients after a few steps, in float64, of the process's part of batches of 4."""
    torch.set_default_dtype(torch.float64)
    name, _, start = name.partition(" with ")
    own = objective_settings(name, {}, (*sets(name), *(["start=drawings"] if start else [])), None)
    pixels = torch.randint(0, 256, (8, 3, 16, 16), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
    objective = train.build({"seed": 1, "objective": name}, PictureSet(pixels, ("",) * 8), own).double()
    for step in range(6):  # WGAN-GP's generator learns at the fifth
        torch.manual_seed(step)
        index = distributed.shard(torch.arange(4))
        objective.step(pixels[index].double() / 127.5 - 1, index, 0.1)
    return {parameter: value.grad for parameter, value in objective.named_parameters() if value.grad is not None}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("set") / "pictures", count=12)


def write_gradients(file: Path) -> None:
    with distributed.process_group():
        for name in SHARED:
            found = gradients(name)
            if distributed.is_main_process():
                save_file(found, f"{file}.{name}")


def test_two_processes_have_the_gradients_of_one(tmp_path):
    both = several(write_gradients, tmp_path / "two", said=tmp_path / "said")
    assert ends([*several(write_gradients, tmp_path / "one", said=tmp_path / "said", count=1), *both]) == [0, 0, 0]
    for name in SHARED:
        one, two = (load_file(tmp_path / f"{count}.{name}") for count in ("one", "two"))
        assert one.keys() == two.keys() and len(one) > 4
        for parameter in one:
            assert torch.allclose(one[parameter], two[parameter], rtol=1e-9, atol=1e-12), (name, parameter)


def test_two_processes_learn_the_curve_of_one_and_another_number_goes_on(pictures, tmp_path):
    one, two = tmp_path / "one", tmp_path / "two"
    assert ends(several(chonk_train, pictures, two, 0.2, said=tmp_path / "said")) == [0, 0]
    for run in (one, two):
        train.train(tiny(pictures, run, kimg=0.4))
    assert len(curve(one)) == len(curve(two)) == 2
    for a, b in zip(curve(one), curve(two)):
        assert b == pytest.approx(a, rel=2e-3)
    assert {file.name for file in one.iterdir()} == {file.name for file in two.iterdir()}


def begun(pictures: Path, run: Path) -> list[BaseProcess]:
    """Two processes at work on a training without end."""
    processes = several(chonk_train, pictures, run, 1000, said=run)
    while shown(run) < 0 or not (run / "film/film.json").exists():
        assert all(process.is_alive() for process in processes)
        time.sleep(0.05)
    time.sleep(1)
    return processes


def test_a_lost_process_ends_the_others_in_words(pictures, tmp_path):
    first, second = begun(pictures, tmp_path / "run")
    second.kill()
    assert ends([first]) == [1]
    said = (tmp_path / "run.0").read_text()
    assert "has lost the others" in said and "goes on from the last checkpoint" in said and "Traceback" not in said


def test_any_process_may_be_told_to_stop(pictures, tmp_path):
    first, second = begun(pictures, tmp_path / "run")
    second.terminate()
    assert ends([first, second]) == [143, 143]
    assert (
        "the same command continues it" in (tmp_path / "run.0").read_text() and (tmp_path / "run.1").read_text() == ""
    )
    assert shown(tmp_path / "run") > 0 and (tmp_path / "run/model/model.safetensors").exists()


@pytest.mark.parametrize(
    "objective, change, why",
    [
        ("chonk", ("batch=5",), "shared equally by 2"),
        ("began", ("batch_norm=true",), "batch normalisation"),
        ("began", ("batch=5",), "shared equally by 2"),
    ],
)
def test_what_cannot_be_shared_is_refused(objective, change, why, monkeypatch):
    pixels = torch.zeros(8, 3, 16, 16, dtype=torch.uint8)
    monkeypatch.setattr(distributed, "world_size", lambda: 2)
    with pytest.raises(UserError, match=why):
        train.build(
            {"seed": 1, "objective": objective},
            PictureSet(pixels, ("",) * 8),
            objective_settings(objective, {}, change, None),
        )

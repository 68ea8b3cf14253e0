"""The benchmarks work: every kind of step can be made, and those that should compute the same do."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import torch

import chonk
from chonk.dataset.picture_set import PictureSet
from chonk.learn.objectives import began
from training import make_pictures

FOLDER = Path(chonk.__file__).parents[2] / "benchmarks"
if not FOLDER.is_dir():
    pytest.skip("chonk is installed without its benchmarks", allow_module_level=True)


@pytest.fixture
def contenders(monkeypatch):
    monkeypatch.syspath_prepend(FOLDER)
    import contenders

    return contenders


def test_what_is_compared_computes_the_same(contenders):
    torch.manual_seed(1)
    pictures = PictureSet(torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8), ("",) * 4)
    one = began.Objective(
        pictures, began.Settings(start="noise", filters=3, d_filters=3, latent_dim=4, hidden=4), seed=1
    ).double()
    real, z = torch.rand(4, 3, 16, 16, dtype=torch.float64), torch.rand(4, 4, dtype=torch.float64)
    losses = one.play(real, z, 0.3)
    for way in (
        contenders.three_passes,
        lambda other, *played: contenders.in_parts(other, other.play, 2, *played),
        lambda other, *played: contenders.in_parts(other, partial(contenders.three_passes, other), 4, *played),
    ):
        other = copy.deepcopy(one)
        for weight in other.parameters():
            weight.grad = None
        assert torch.allclose(torch.stack([*way(other, real, z, 0.3)]), torch.stack(losses), rtol=1e-9)
        for a, b in zip(one.parameters(), other.parameters()):
            assert (a.grad is None and b.grad is None) or torch.allclose(a.grad, b.grad, rtol=1e-9, atol=1e-12)


def test_every_step_can_be_made(contenders):
    different = {contenders.small(contender): name for name, contender in contenders.CONTENDERS.items()}
    for contender, name in different.items():  # of small pictures, those of three sizes are one
        if name not in contenders.peers.PEERS:
            step, draw = contenders.begin(contender)
            step()
            assert draw().isfinite().all(), name


def test_speed_measures_and_names_who_is_left_out(tmp_path):
    names = ["textbook n=32", "began n=32", "lightweight-gan"]
    said = subprocess.run(
        [sys.executable, FOLDER / "speed.py", "--quick", "--out", tmp_path / "speed.json", "--only", *names],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    result = json.loads((tmp_path / "speed.json").read_text())
    assert set(names[:2]) == set(result["steps"]) - {"lightweight-gan"} and set(names) == {
        *result["steps"],
        *result["left_out"],
    }
    assert all(value > 0 for row in result["steps"].values() for value in row.values())
    assert "| over the textbook's step |" in said and (
        "lightweight-gan: left out, not installed" in said or "lightweight-gan" in result["steps"]
    )


def test_start_ends_with_the_first_step(tmp_path):
    """And takes its time from a process that made one."""
    pictures = make_pictures(tmp_path / "pictures")
    said = subprocess.run(
        [sys.executable, FOLDER / "start.py", pictures, "--rounds", "1", "--objective", "began"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    rows = {line.split(" |")[0]: [float(cell) for cell in line.split("|")[3:5]] for line in said.splitlines()[2:]}
    assert list(rows) == ["| chonk --help", "| first step of began"] and all(
        0 < seconds < 60 for row in rows.values() for seconds in row
    )
    assert rows["| first step of began"][0] > rows["| chonk --help"][0]

"""How boldly a model draws, and what it keeps back: as boldly as it can without copying."""

from __future__ import annotations

import os
import signal

import numpy as np
import pytest
import torch

import chonk
from chonk import cli, make
from chonk import model as models
from chonk.calibrate import calibrate_run
from chonk.errors import UserError
from chonk.judge.calibration import RESULTS, SHARPNESSES, WHOLE, Calibration, Results, choose
from chonk.learn.objectives import chonk as recipe
from chonk.learn.run import RunFolder
from chonk.learn.train import train
from training import make_pictures, sets, tiny


def pictures(count: int, seed: int) -> torch.Tensor:
    """Coarse random patterns, each quite different from all others."""
    small = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return (torch.nn.functional.interpolate(small, scale_factor=4) * 255).byte()


def drawn(pixels: torch.Tensor, copied: torch.Tensor | bool = False, torn=0.5) -> Results:
    """Results, of which the copied ones are near to what is remembered."""
    near = torch.where(torch.as_tensor(copied), 1.0, 10.0).expand(RESULTS)
    return Results(pixels, (near + torch.rand(RESULTS)).numpy(), np.broadcast_to(torn, RESULTS))


def mixer(training: torch.Tensor, until: float):
    """Draws a training picture again where it is bolder than `until`, and something new where it is not."""
    return lambda sharpness: drawn(
        training[torch.arange(RESULTS) % len(training)] if sharpness > until else pictures(RESULTS, seed=9),
        sharpness > until,
    )


@pytest.mark.parametrize("until, sharpness", [(2.0, 1.6), (0.95, 0.9), (0.55, 0.5), (0.0, 0.1)])
def test_the_largest_leaning_that_does_not_copy(until, sharpness):
    training = pictures(60, seed=1)
    assert sharpness in SHARPNESSES and choose(mixer(training, until), training).sharpness == sharpness


def test_copies_are_kept_back_where_they_are_few():
    """By how near they are to what is remembered; where a quarter are copies, a generator leans too far."""
    training, new = pictures(60, seed=1), pictures(RESULTS, seed=9)

    def draw(share: float):
        copied = torch.arange(RESULTS) < share * RESULTS
        return drawn(torch.where(copied[:, None, None, None], training[torch.arange(RESULTS) % 60], new), copied)

    found = choose(lambda sharpness: draw(0.1), training)
    assert found.sharpness == SHARPNESSES[0] and 2 <= found.min_novelty < 10.2
    assert choose(lambda sharpness: draw(0.25 if sharpness > 1 else 0.0), training) == Calibration(1.0, 0.0, 0.5)


def test_twins_are_a_reason_to_lean_less():
    training, new = pictures(60, seed=1), pictures(RESULTS, seed=9)
    assert (
        choose(
            lambda sharpness: drawn(new[torch.arange(RESULTS) % (30 if sharpness > 0.8 else RESULTS)]), training
        ).sharpness
        == 0.8
    )


def test_the_torn_half_is_kept_back():
    torn = np.random.default_rng(0).permutation(RESULTS) / RESULTS
    assert choose(
        lambda sharpness: drawn(pictures(RESULTS, seed=9), torn=torn), pictures(60, seed=1)
    ).max_incoherence == pytest.approx(WHOLE, abs=0.01)


def test_a_set_too_small_to_tell():
    assert choose(mixer(pictures(4, 1), 0.0), pictures(4, 1)) == Calibration(1.0, 0.0, np.inf)


def test_a_model_is_settled_once(tmp_path, monkeypatch):
    """The same command again leaves what it left."""
    pictures, run = make_pictures(tmp_path / "pictures"), tmp_path / "run"
    train(tiny(pictures, run, kimg=0.04, objective="chonk", set=sets("chonk")))
    loud = chonk.load(run).generator.global_keys.norm(dim=1)
    monkeypatch.setattr("chonk.calibrate.choose", lambda draw, training: Calibration(0.5, 0.1, 9.0))
    calibrate_run(run, pictures)
    settled = {file.name: file.read_bytes() for file in (run / "model").iterdir()}
    model = chonk.load(run)
    assert model.generator.global_keys.norm(dim=1) == pytest.approx(loud / 2, rel=0.02)
    assert (
        model.config.options.items() >= {"min_novelty": 0.1, "max_incoherence": 9.0}.items() and model.generator.rejects
    )
    calibrate_run(run, pictures)
    assert {file.name: file.read_bytes() for file in (run / "model").iterdir()} == settled


def test_a_training_that_is_told_to_stop_leaves_a_settled_model(tmp_path, monkeypatch):
    pictures, run, step = make_pictures(tmp_path / "pictures"), tmp_path / "run", recipe.Objective.step

    def interrupted(self, *arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return step(self, *arguments)

    def held(draw, training):
        with pytest.raises(UserError, match="another training"), RunFolder(run):
            pass  # whoever trains there meanwhile would find its model replaced
        return Calibration(0.5)

    monkeypatch.setattr("chonk.calibrate.choose", held)
    settings = tiny(pictures, run, kimg=0.04, objective="chonk", set=sets("chonk"))
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as stopped:
        patch.setattr(recipe.Objective, "step", interrupted)
        make.train(settings)
    assert stopped.value.code == 130
    assert chonk.load(run).config.training.items() >= {"kimg": 0.004, "sharpness": 0.5}.items()
    make.train(settings)
    assert chonk.load(run).config.training.items() >= {"kimg": 0.04, "sharpness": 0.5}.items(), (
        "the continued training's model is another one"
    )


@pytest.mark.parametrize("before", [True, False], ids=["settled before", "settled now"])
def test_between_two_writes_no_model_is_called_settled_that_is_not(tmp_path, monkeypatch, before):
    train(tiny(make_pictures(tmp_path / "pictures"), tmp_path / "run", kimg=0.02, objective="chonk", set=sets("chonk")))
    model, write = chonk.load(tmp_path / "run"), models.write_whole

    def save(settled: bool) -> None:
        model.config.training.pop("sharpness", None)
        model.config.training.update({"sharpness": 0.5} if settled else {})
        model.save(tmp_path / "model")

    def killed(file, data):
        write(file, data)
        raise KeyboardInterrupt

    save(before)
    monkeypatch.setattr(models, "write_whole", killed)
    with pytest.raises(KeyboardInterrupt):
        save(not before)
    assert not chonk.load(tmp_path / "model").calibrated


@pytest.mark.parametrize(
    "command", ["draw {run} grid --out {out}.png", "score {run} --out {out} --count 20", "page {run} --out {out}"]
)
def test_what_shows_a_model_that_may_copy_says_so(tmp_path, capsys, command):
    """Of a training that was killed, or still goes on."""
    pictures, run = make_pictures(tmp_path / "pictures", 24), tmp_path / "run"
    train(tiny(pictures, run, kimg=0.02, objective="chonk", set=sets("chonk")))
    said = []
    for out in "ab":
        assert cli.run(command.format(run=run, out=tmp_path / out).split()) == 0
        said.append(capsys.readouterr().err.count("was not measured, so results may be near copies"))
        calibrate_run(run, pictures)
    assert said == [1, 0]

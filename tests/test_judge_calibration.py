"""How boldly a model draws, and what it keeps back: as boldly as it can without copying."""

from __future__ import annotations

import dataclasses
import os
import signal

import numpy as np
import pytest
import torch

import chonk
from chonk import cli, commands
from chonk.calibrate import calibrate_run
from chonk.calibrate.limits import CANDIDATES
from chonk.calibrate.pool import MIN_POOLED
from chonk.errors import UserError
from chonk.judge.calibration import COHERENT, RESULTS, SHARPNESSES, Calibration, Results, choose, crossing
from chonk.learn.checkpoint import checkpoints, load_checkpoint, save_checkpoint
from chonk.learn.objectives import mosaic
from chonk.learn.run import RunFolder
from chonk.learn.train import train
from training import make_pictures, sets, tiny


def pictures(count: int, seed: int) -> torch.Tensor:
    """Coarse random patterns, each quite different from all others."""
    small = torch.rand(count, 3, 8, 8, generator=torch.Generator().manual_seed(seed))
    return (torch.nn.functional.interpolate(small, scale_factor=4) * 255).byte()


def drawn(pixels: torch.Tensor, copied: torch.Tensor | bool = False, incoherence=0.5) -> Results:
    """Results, of which the copied ones are near to the memory."""
    near = torch.where(torch.as_tensor(copied), 1.0, 10.0).expand(RESULTS)
    return Results((near + torch.rand(RESULTS)).numpy(), np.broadcast_to(incoherence, RESULTS), pixels.__getitem__)


def mixer(training: torch.Tensor, until: float):
    """Draws a training picture again where it is sharper than `until`, and something new where it is not."""
    return lambda sharpness, seed: drawn(
        training[torch.arange(RESULTS) % len(training)] if sharpness > until else pictures(RESULTS, seed=9 + seed),
        sharpness > until,
    )


@pytest.mark.parametrize("until", [0.9, 0.55, 0.2])
def test_the_sharpness_lies_where_copying_begins(until):
    training = pictures(60, seed=1)
    below = max(sharpness for sharpness in SHARPNESSES if sharpness <= until)
    above = min(sharpness for sharpness in SHARPNESSES if sharpness > until)
    assert below / 1.6 < choose(mixer(training, until), training).sharpness < above


def test_only_what_would_be_shown_is_drawn_and_no_sharpness_beyond_copying():
    training, asked, tried = pictures(60, seed=1), [], []

    def draw(sharpness: float, seed: int) -> Results:
        tried.append(sharpness)
        made = mixer(training, 0.3)(sharpness, seed)
        return Results(
            made.novelty, made.incoherence, lambda which: asked.append(len(which) / RESULTS) or made.pictures(which)
        )

    choose(draw, training)
    assert tried[:-1] == [0.35, 0.24], "nothing sharper than one that copies, nothing softer than one that does not"
    assert max(asked[:-1]) <= 0.8


def test_the_ends_where_nothing_and_where_everything_is_copied():
    training = pictures(60, seed=1)
    assert choose(mixer(training, 9.0), training).sharpness == pytest.approx(max(SHARPNESSES))
    assert choose(mixer(training, 0.0), training).sharpness == pytest.approx(min(SHARPNESSES))


def test_copies_are_rejected_where_they_are_few():
    """By how near they are to what is remembered."""
    training = pictures(60, seed=1)

    def draw(sharpness: float, seed: int):
        copies = torch.arange(RESULTS) < 0.1 * RESULTS
        new = pictures(RESULTS, seed=9 + seed)
        return drawn(torch.where(copies[:, None, None, None], training[torch.arange(RESULTS) % 60], new), copies)

    found = choose(draw, training)
    assert found.sharpness == pytest.approx(SHARPNESSES[0]) and 2 <= found.min_novelty < 10.2


def test_duplicates_are_a_reason_to_retrieve_less_sharply():
    training = pictures(60, seed=1)

    def draw(sharpness: float, seed: int):
        new = pictures(RESULTS, seed=9 + seed)
        return drawn(new[torch.arange(RESULTS) % (30 if sharpness > 0.8 else RESULTS)])

    assert 0.5 < choose(draw, training).sharpness < 1.1


def test_the_incoherent_half_is_rejected():
    incoherence = np.random.default_rng(0).permutation(RESULTS) / RESULTS
    draw = lambda sharpness, seed: drawn(pictures(RESULTS, seed=9), incoherence=incoherence)  # noqa: E731
    assert choose(draw, pictures(60, seed=1)).max_incoherence == pytest.approx(COHERENT, abs=0.05)


@pytest.mark.parametrize("slope", [1.0, 2.0])
def test_luck_moves_the_crossing_less_than_it_moves_a_scan(slope):
    """The former rule took the first of fifteen sharpnesses whose count of twins was within the limit."""
    rng, limit, at = np.random.default_rng(0), 0.02, 0.4
    scanned = (1.6, 1.4, 1.2, 1.1, 1.0, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.14, 0.1)

    def share(sharpness: float) -> float:
        return 1 / (1 + (1 - limit) / limit * (sharpness / at) ** -slope)

    found = {"scan": [], "crossing": []}
    for _ in range(200):
        luck = rng.random(400)
        found["scan"].append(next((s for s in scanned if (luck < share(s)).mean() <= limit), scanned[-1]))
        counts = tuple(rng.binomial(200, share(s)) for s in SHARPNESSES)
        found["crossing"].append(crossing(SHARPNESSES, counts, (200,) * len(SHARPNESSES), limit))
    spread = {rule: np.std(np.log2(values)) for rule, values in found.items()}
    assert spread["crossing"] < 0.7 * spread["scan"]
    assert np.median(found["crossing"]) == pytest.approx(at, rel=0.15)


def test_a_set_too_small_to_tell():
    assert choose(mixer(pictures(4, 1), 0.0), pictures(4, 1)) == Calibration(1.0, 0.0, np.inf)


def test_a_model_is_calibrated_once(tmp_path, monkeypatch):
    """The same command again leaves what it left."""
    pictures, run = make_pictures(tmp_path / "pictures"), tmp_path / "run"
    train(tiny(pictures, run, kimg=0.04, objective="chonk", set=sets("chonk")))
    norms = chonk.load(run).generator.global_keys.norm(dim=1)
    monkeypatch.setattr("chonk.calibrate.limits.choose", lambda draw, training: Calibration(0.5, 0.1, 9.0))
    calibrate_run(run, pictures)
    calibrated = {file.name: file.read_bytes() for file in (run / "model").iterdir()}
    model = chonk.load(run)
    assert model.generator.global_keys.norm(dim=1) == pytest.approx(norms / 2, rel=0.02)
    assert (
        model.config.options.items() >= {"min_novelty": 0.1, "max_incoherence": 9.0}.items() and model.generator.rejects
    )
    calibrate_run(run, pictures)
    assert {file.name: file.read_bytes() for file in (run / "model").iterdir()} == calibrated


def test_a_pool_is_as_large_as_the_whole_training_allows(tmp_path, monkeypatch):
    """Not as the model's, which is that of a best moment that may have come early."""
    pictures, run = make_pictures(tmp_path / "pictures"), tmp_path / "run"
    train(tiny(pictures, run, kimg=0.04, objective="chonk", set=sets("chonk")))
    newest = checkpoints(run / "checkpoints")[-1]
    state, tensors, numbers = load_checkpoint(newest)
    save_checkpoint(newest.parent, dataclasses.replace(state, seconds=121.0), tensors, numbers)
    assert chonk.load(run).config.training["minutes"] < 1
    sizes = []
    monkeypatch.setattr("chonk.calibrate.limits.choose", lambda draw, training: Calibration(0.5, 0.1, 9.0))
    monkeypatch.setattr(
        "chonk.calibrate.fill_pool", lambda model, training, size, z, *rest: sizes.append((size, len(z)))
    )
    calibrate_run(run, pictures)
    assert sizes == [(MIN_POOLED, CANDIDATES)]


def test_a_training_that_is_told_to_stop_leaves_a_calibrated_model(tmp_path, monkeypatch):
    pictures, run, step = make_pictures(tmp_path / "pictures"), tmp_path / "run", mosaic.Objective.step

    def interrupted(self, *arguments):
        os.kill(os.getpid(), signal.SIGINT)
        return step(self, *arguments)

    def held(draw, training):
        with pytest.raises(UserError, match="another training"), RunFolder(run):
            pass  # whoever trains there meanwhile would find its model replaced
        return Calibration(0.5)

    monkeypatch.setattr("chonk.calibrate.limits.choose", held)
    settings = tiny(pictures, run, kimg=0.04, objective="chonk", set=sets("chonk"))
    with monkeypatch.context() as patch, pytest.raises(SystemExit) as stopped:
        patch.setattr(mosaic.Objective, "step", interrupted)
        commands.train(settings)
    assert stopped.value.code == 130
    assert chonk.load(run).config.training.items() >= {"kimg": 0.004, "sharpness": 0.5}.items()
    commands.train(settings)
    assert chonk.load(run).config.training.items() >= {"kimg": 0.04, "sharpness": 0.5}.items(), (
        "the continued training's model is another one"
    )


@pytest.mark.parametrize(
    "command", ["draw {run} grid --out {out}.png", "score {run} --out {out} --count 20", "page {run} --out {out}"]
)
def test_what_shows_a_model_that_may_copy_says_so(tmp_path, monkeypatch, capsys, command):
    """Of a training that was killed, or still goes on."""
    monkeypatch.setattr("chonk.play.page.directions", lambda *given: [])
    monkeypatch.setattr("chonk.judge.score.BLENDS", 2)
    pictures, run = make_pictures(tmp_path / "pictures", 24), tmp_path / "run"
    train(tiny(pictures, run, kimg=0.02, objective="chonk", set=sets("chonk")))
    said = []
    for out in "ab":
        assert cli.run(command.format(run=run, out=tmp_path / out).split()) == 0
        said.append(capsys.readouterr().err.count("was not measured, so results may be near copies"))
        calibrate_run(run, pictures)
    assert said == [1, 0]

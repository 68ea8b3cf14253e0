"""The training loop: what it leaves, what it refuses, and what it does when things go wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

import chonk
from chonk.dataset.picture_set import PictureSet
from chonk.errors import ChonkError, UserError
from chonk.learn import bookkeeping, callbacks, sampler
from chonk.learn import train as loop
from chonk.learn.checkpoint import State, checkpoints, load_checkpoint
from chonk.learn.collapse import CollapseMonitor
from chonk.learn.metrics import Metrics, gone_wrong
from chonk.learn.objectives import began, mosaic
from chonk.learn.objectives.base import Objective
from chonk.learn.report import Report
from chonk.learn.run import RunFolder, objective_settings
from training import make_pictures, sets, shown, start, tiny


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("training") / "pictures")


@pytest.fixture(scope="module")
def run(pictures):
    folder = pictures.parent / "run"
    loop.train(tiny(pictures, folder))
    return folder


def lines(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


def pixels(file) -> np.ndarray:
    with Image.open(file) as picture:
        return np.asarray(picture)


def test_a_run_has_everything(run):
    model = chonk.load(run)
    assert model.config.channels == 4 and model.config.training["objective"] == "began"
    assert np.isfinite(model(model.latents(1, 3))).all()
    assert [line["step"] for line in lines(run)] == [50, 100]
    assert {"kimg", "seconds", "pictures_per_second", "loss_real", "loss_fake", "k", "M"} <= lines(run)[0].keys()
    assert pixels(run / "samples.png").shape == ((5 * 18 - 2) * 2, (5 * 18 - 2) * 2, 3)
    assert len(list((run / "checkpoints").iterdir())) <= 2


def test_minutes_can_be_minutes_of_computing(pictures, tmp_path, monkeypatch):
    computed = count()  # a second from one look at the clock to the next
    clock = SimpleNamespace(process_time=lambda: float(next(computed)), monotonic=time.monotonic)
    monkeypatch.setattr(bookkeeping, "time", clock)
    loop.train(tiny(pictures, tmp_path / "run", kimg=None, minutes=0.2, cpu_time=True))
    assert shown(tmp_path / "run") == 12 * 4


def test_the_film_shows_the_same_inputs_from_the_first_step_to_the_last(run):
    film = json.loads((run / "film" / "film.json").read_text())
    assert film["frames"][0]["kimg"] == 0 and film["frames"][-1]["kimg"] == 0.4 and film["size"] == 16
    sheets = [pixels(run / "film" / frame["file"]) for frame in film["frames"]]
    assert {sheet.shape for sheet in sheets} == {(64, 64, 3)}
    model = chonk.load(run)
    drawn = model.draw(model.latents(16, 16), (255, 255, 255))
    assert np.array_equal(sheets[-1][16:32, 32:48], np.asarray(drawn[4 + 2]))


def test_a_finished_run_says_so_and_more_continues_it(pictures, run, capsys):
    loop.train(tiny(pictures, run))
    assert "is finished" in capsys.readouterr().out and len(lines(run)) == 2
    loop.train(tiny(pictures, run, kimg=0.6, json=True))
    assert json.loads(capsys.readouterr().out)["kimg"] == 0.6
    assert [line["step"] for line in lines(run)] == [50, 100, 150]


def test_every_epoch_shows_every_picture_once():
    shown = sampler.order(seed=3, first=0, count=30, pictures=10)
    assert [sorted(epoch.tolist()) for epoch in shown.split(10)] == [list(range(10))] * 3
    assert not torch.equal(shown[:10], shown[10:20])
    assert torch.equal(torch.cat([sampler.order(3, first, 4, 10) for first in range(0, 28, 4)]), shown[:28])
    assert sorted(sampler.order(3, 0, 25, 10)[:10].tolist()) == list(range(10))


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"objective": "gan"}, "unknown"),
        ({"preset": "2018"}, "unknown"),
        ({"kimg": 0.0}, "more than 0"),
        ({"minutes": -1.0}, "more than 0"),
        ({"set": ("gama=1",)}, "no setting 'gama'"),
        ({"set": ("filters=many",)}, "whole number"),
        ({"set": ("separable=maybe",)}, "true or false"),
        ({"set": ("variant=2017",)}, "paper or 2018"),
        ({"batch": 0}, "1 to 4,096"),
        ({"threads": 0}, "1 to 1,024"),
        ({"set": ("start=noise", "variant=2018", "latent_dim=7")}, "square number"),
        ({"set": ("variant=2018",)}, "variant=2018 have no head start: set start=noise"),
    ],
)
def test_wrong_settings_are_refused_in_words(pictures, tmp_path, changes, words):
    with pytest.raises(UserError, match=words):
        loop.train(tiny(pictures, tmp_path / "run", **changes))


def test_too_few_pictures_and_a_folder_that_is_no_run(pictures, tmp_path):
    with pytest.raises(UserError, match="at least 4"):
        loop.train(tiny(make_pictures(tmp_path / "three", 3), tmp_path / "run"))
    for out in (pictures, pictures.parent):
        with pytest.raises(UserError, match="is the source itself|lies inside"):
            loop.train(tiny(pictures, out))
    make_pictures(tmp_path / "cats.chonk" / "pictures")
    (tmp_path / "cats.chonk" / "make.json").write_text("{}")
    with pytest.raises(UserError, match="its pictures are in .*cats.chonk/pictures, and to train longer"):
        loop.train(tiny(tmp_path / "cats.chonk", tmp_path / "run"))
    make_pictures(tmp_path / "other")
    with pytest.raises(UserError, match="no run"):
        loop.train(tiny(pictures, tmp_path / "other"))


def test_another_training_is_not_continued_by_mistake(pictures, run):
    with pytest.raises(UserError, match="another seed"):
        loop.train(tiny(pictures, run, seed=1))
    with pytest.raises(UserError, match="gamma: 0.9 then, 0.5 now"):
        loop.train(tiny(pictures, run, set=(*tiny(pictures, run).set, "gamma=0.5")))


@pytest.mark.parametrize(
    "change",
    [lambda settings: settings.pop("gamma"), lambda settings: settings.update(depth=96)],
    ids=["one more now", "one less now"],
)
def test_a_run_of_another_version_is_told_what_can_be_done(pictures, tmp_path, change):
    """Its settings cannot be given again."""
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.02))
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    change(config["settings"])
    (tmp_path / "run" / "config.json").write_text(json.dumps(config))
    with pytest.raises(
        UserError, match="another version of chonk began it.*start a new run with another --out"
    ) as refused:
        loop.train(tiny(pictures, tmp_path / "run", kimg=0.04))
    assert "give the same" not in str(refused.value)
    assert chonk.load(tmp_path / "run").config.training["kimg"] == 0.02, "nothing of it is lost"


def test_two_trainings_on_one_run(pictures, tmp_path):
    with RunFolder(tmp_path / "run"), pytest.raises(UserError, match="another training"):
        loop.train(tiny(pictures, tmp_path / "run"))


def test_preset_then_set_then_batch():
    own = objective_settings("began", {"gamma": 0.8, "filters": 64}, ("filters=16", "separable=true"), 8)
    assert own == began.Settings(gamma=0.8, filters=16, separable=True, batch=8)


def test_ctrl_c_keeps_everything(pictures, tmp_path):
    process = start(pictures, tmp_path / "run", kimg=1000)
    while process.is_alive() and shown(tmp_path / "run") <= 0:
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    process.join(900)
    said = (tmp_path / "run.txt").read_text()
    assert process.exitcode == 130 and "the same command continues it" in said and "Traceback" not in said, said
    assert chonk.load(tmp_path / "run").config.training["kimg"] > 0


def test_what_is_said_is_what_is_on_disk(pictures, tmp_path, monkeypatch, capsys):
    """When it stops, and when it goes on."""
    step, begun = began.Objective.step, []

    def stopped_at_37(self, *arguments):
        if sampler.mix(0, 36) == torch.initial_seed():
            os.kill(os.getpid(), signal.SIGINT)
        return step(self, *arguments)

    def report(progress, visible):
        begun.append(progress)
        return Report(progress, visible)

    with monkeypatch.context() as patch, pytest.raises(SystemExit):
        patch.setattr(began.Objective, "step", stopped_at_37)
        loop.train(tiny(pictures, tmp_path / "run", json=True), report=report)
    status, state = (
        json.loads(capsys.readouterr().out),
        load_checkpoint(checkpoints(tmp_path / "run" / "checkpoints")[-1])[0],
    )
    assert (
        state.step == 37
        and status["progress"] == 0.37
        and status["kimg"] == state.kimg == chonk.load(tmp_path / "run").config.training["kimg"]
    )
    loop.train(tiny(pictures, tmp_path / "run"), report=report)
    assert begun == pytest.approx([0.0, 0.37]) and capsys.readouterr().err.startswith("training  38.0 %")


def break_at(monkeypatch, broken, value: float = float("nan"), weight: bool = False, objective=began) -> None:
    """Makes a figure (or a weight) of BEGAN's `value` in the steps for which `broken(objective)` holds."""
    step = objective.Objective.step

    def bad_step(self, *arguments):
        figures = step(self, *arguments)
        if not broken(self):
            return figures
        if weight:
            next(self.discriminator.parameters()).data[0, 0, 0, 0] = value
            return figures
        return figures | {next(iter(figures)): value}

    monkeypatch.setattr(objective.Objective, "step", bad_step)


@pytest.mark.parametrize(
    ("value", "weight", "words"),
    [
        (float("nan"), False, "loss_real = nan"),
        (-200.0, False, "loss_real = -200"),
        (float("nan"), True, "a weight is not finite"),
        (1e30, True, "a weight is not finite"),
    ],
)
def test_numbers_that_go_wrong_are_rolled_back_with_a_smaller_step(
    pictures, tmp_path, monkeypatch, capsys, value, weight, words
):
    """In the very step that made them: an explosion is told from the usual size of a figure."""
    seen = []

    def broken(objective):
        seen.append(objective.optimizers["g"].param_groups[0]["lr"])
        return len(seen) == 15

    monkeypatch.setattr(callbacks, "CHECKPOINT_SECONDS", 1e9)
    monkeypatch.setattr(callbacks, "EVERY", 10)  # from then on a usual size is known
    break_at(monkeypatch, broken, value, weight)
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.1, set=(*tiny(pictures, tmp_path).set, "stall=0")))
    assert (
        f"numbers went wrong ({words} at 0.1 thousand pictures): back to 0.0, with a smaller learning rate"
        in capsys.readouterr().err
    )
    assert seen[14] == seen[0] and seen[15:] == [seen[0] / 2] * 25
    assert [line["step"] for line in lines(tmp_path / "run")] == [10, 20, 25]


def test_what_counts_as_exploded():
    assert gone_wrong({"a": 99.0, "b": 1e6}, {}) is None and gone_wrong({"a": 2e6}, {}) == "a = 2e+06"
    assert gone_wrong({"a": 99.0}, {"a": 0.1}) is None and gone_wrong({"a": -101.0}, {"a": 0.1}) == "a = -101"
    assert gone_wrong({"a": 1999.0}, {"a": -20.0}) is None and gone_wrong({"a": 2001.0}, {"a": -20.0}) == "a = 2001"
    assert gone_wrong({"a": float("nan")}, {}) == "a = nan"


def test_a_checkpoint_never_holds_what_is_no_number(pictures, tmp_path, monkeypatch, capsys):
    """An optimiser may break before its weights do: the training goes back instead of keeping it."""
    monkeypatch.setattr(callbacks, "CHECKPOINT_SECONDS", 0.0)
    once = [True]

    def get_state(self):
        tensors, numbers = Objective.get_state(self)
        slot = next((name for name in tensors if name.endswith("exp_avg_sq")), None)
        if slot and once and once.pop():
            tensors[slot] = tensors[slot] / 0
        return tensors, numbers

    monkeypatch.setattr(began.Objective, "get_state", get_state)
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.04))
    assert "an optimiser holds no numbers at 0.0 thousand pictures" in capsys.readouterr().err
    assert chonk.load(tmp_path / "run").config.training["kimg"] == 0.04


def test_after_three_times_it_stops_with_its_model(pictures, tmp_path, monkeypatch):
    break_at(monkeypatch, lambda objective: True)
    with pytest.raises(ChonkError, match="loss_real = nan.*learning_rate=4e-05"):
        loop.train(tiny(pictures, tmp_path / "run", set=(*tiny(pictures, tmp_path).set, "learning_rate=6.4e-4")))
    model = chonk.load(tmp_path / "run")
    assert np.isfinite(model(model.latents(1, 2))).all()


def test_the_default_recipe_stops_with_its_best_model_too(pictures, tmp_path, monkeypatch, capsys):
    """And the learning rate to try is the setting's, not that of a moment of its schedule."""
    monkeypatch.setattr(callbacks, "CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("chonk.learn.best.PICTURES", 8)
    break_at(monkeypatch, lambda objective: objective.numbers["steps"] > 8, objective=mosaic)
    scores = iter([0.1, 0.9, 0.1, 0.1])
    with pytest.raises(
        ChonkError, match="went wrong 4 times.*reconstruction = nan at 0.0 thousand pictures.*learning_rate=0.001 "
    ):
        loop.train(
            tiny(pictures, tmp_path / "run", kimg=0.06, objective="chonk", set=sets("chonk")),
            lambda real: lambda fake: {"selection_score": next(scores)},
        )
    assert chonk.load(tmp_path / "run").config.training["kimg"] == 0.016
    assert capsys.readouterr().err.count("with a smaller learning rate") == 3


def test_a_folder_that_goes_away_is_said_in_a_line(pictures, tmp_path, monkeypatch):
    write = Metrics.write

    def remove(self, state):
        subprocess.run(["rm", "-r", tmp_path / "run"], check=True)
        return write(self, state)

    monkeypatch.setattr(Metrics, "write", remove)
    with pytest.raises(ChonkError, match="has gone"):
        loop.train(tiny(pictures, tmp_path / "run"))


def test_time_spent_is_kept(pictures, tmp_path):
    loop.train(tiny(pictures, tmp_path / "run", kimg=None, minutes=0.01))
    spent = lines(tmp_path / "run")[-1]["seconds"]
    assert spent >= 0.6
    loop.train(tiny(pictures, tmp_path / "run", kimg=None, minutes=0.02))
    assert lines(tmp_path / "run")[-1]["seconds"] >= 1.2


def test_collapse_is_noticed_once_and_only_when_it_lasts():
    training = torch.rand(64, 3, 16, 16, generator=torch.Generator().manual_seed(0)) * 2 - 1
    monitor, state = CollapseMonitor(training), State()
    assert monitor.check(training[:32], State(shown=1000), 0.5)[0] == pytest.approx(1, abs=0.1)
    alike, said = training[:1].repeat(16, 1, 1, 1), []
    for kimg in range(10):
        state.shown = 1000 * kimg + 500
        said.append(monitor.check(alike, state, 0.5)[1])
    assert said[:5] == [None] * 5 and said[6:] == [None] * 4
    assert "look alike since 0.5 thousand pictures (their variety is 0%" in said[5] and "mode collapse; try" in said[5]
    assert "since 0.5 thousand pictures" in CollapseMonitor(training).check(alike, state, 0.5)[1], (
        "an interrupted training still knows since when"
    )
    assert CollapseMonitor(training).check(alike, state, progress=0.1)[1] is None and state.alike_since is None


def test_few_pictures_over_and_over_are_noticed_too():
    pictures, state = torch.rand(8, 3, 16, 16), State()

    def warning(monitor: CollapseMonitor, share: float, kimg: float, progress: float) -> str | None:
        state.shown = round(1000 * kimg)
        return monitor.check_duplicates({"duplicates": share}, state, progress)

    monitor = CollapseMonitor(pictures)
    assert [warning(monitor, 1.0, 10 * progress, progress) for progress in (0.1, 0.2, 0.4, 0.5)] == [None] * 4
    assert (
        "near-twin since 4.0 thousand pictures (100% of 150)" in warning(monitor, 1.0, 6, 0.6)
        and warning(monitor, 1.0, 7, 0.7) is None
    )
    assert "since 4.0 thousand pictures" in warning(CollapseMonitor(pictures), 1.0, 8, 0.8), (
        "an interrupted training still knows since when"
    )
    assert [warning(CollapseMonitor(pictures), 0.4, 9, 0.9) for _ in range(5)] == [
        None
    ] * 5 and state.twins_since is None


def test_a_stuck_k_is_noticed():
    objective = began.Objective(
        PictureSet(torch.zeros(4, 3, 16, 16, dtype=torch.uint8), tuple("abcd")),
        began.Settings(filters=2, d_filters=2),
        0,
    )
    objective.numbers.update(k=0.0, progress=0.2, k_free=0.0)
    assert objective.concern() is None
    objective.numbers.update(progress=0.4)
    assert "k_t stands at 0 since 0%" in objective.concern() and "higher gamma" in objective.concern()
    objective.numbers.update(k=1.0)
    assert "k_t stands at 1 since 0%" in objective.concern() and "lower gamma" in objective.concern()
    objective.numbers.update(k=0.5, k_free=0.4, m_best=0.1, best_at=0.2, m_last=0.2)
    assert (
        "M rose from 0.100 at 20% of the training to 0.200" in objective.concern()
        and "smaller learning_rate" in objective.concern()
    )

"""The best moment of a training is what is kept, and a training that gains nothing ends; but not one whose gain is
still to come."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import chonk
from chonk.learn import best
from chonk.learn import train as loop
from chonk.learn.best import Best
from chonk.learn.checkpoint import State, checkpoints, load_checkpoint
from chonk.learn.objectives import find_objective
from training import TINY, make_pictures, sets, tiny, whim


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("best") / "pictures")


STEADY = (*TINY, "vanishing=false", "stall=0")
"""BEGAN without anything that depends on how much of the budget is spent."""


def judging(*scores):
    """A judge that gives the scores of the list one after another, the last one for ever."""

    def judge(real):
        left = list(scores)
        return lambda fake: {"selection_score": left.pop(0) if len(left) > 1 else left[0]}

    return judge


def lines(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(autouse=True)
def often(monkeypatch):
    """A look every 20 pictures: ten in a tiny training."""
    monkeypatch.setattr(best, "PICTURES", 20)


def test_the_model_is_the_best_moments(pictures, tmp_path):
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.2, set=STEADY), judging(0.1, 0.5, 0.9, 0.9, 0.9, 0.1))
    model = chonk.load(tmp_path / "run")
    assert model.config.training["kimg"] == 0.1
    loop.train(tiny(pictures, tmp_path / "short", kimg=0.1, set=STEADY), judging(0.5))
    alike = chonk.load(tmp_path / "short").generator.state_dict()
    assert all(torch.equal(value, alike[name]) for name, value in model.generator.state_dict().items())
    assert [line["selection_score"] for line in lines(tmp_path / "run")] == pytest.approx(
        [(0.1 + 0.5 + 3 * 0.9 + 5 * 0.1) / 10]
    )


def test_equally_good_moments_leave_the_last(pictures, tmp_path):
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.2), judging(0.2, 0.5, 0.505, 0.495, 0.5))
    assert chonk.load(tmp_path / "run").config.training["kimg"] == 0.2


def test_a_set_of_which_a_judge_can_say_nothing_keeps_the_last(pictures, tmp_path):
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.2), lambda real: None)
    assert (
        chonk.load(tmp_path / "run").config.training["kimg"] == 0.2
        and "selection_score" not in lines(tmp_path / "run")[-1]
    )


def test_a_training_that_gains_nothing_ends_and_says_so(pictures, tmp_path, capsys):
    loop.train(tiny(pictures, tmp_path / "run", kimg=1.0, set=STEADY), judging(0.1, 0.5))
    assert "nothing has become better since 0.1 thousand pictures: stopped" in capsys.readouterr().err
    ended = lines(tmp_path / "run")[-1]["kimg"]
    assert 0.55 < ended < 0.65
    loop.train(tiny(pictures, tmp_path / "run", kimg=1.0, set=STEADY), judging(0.5))
    assert "is finished" in capsys.readouterr().out and lines(tmp_path / "run")[-1]["kimg"] == ended
    loop.train(tiny(pictures, tmp_path / "run", kimg=1.4, set=STEADY), judging(0.5))
    assert lines(tmp_path / "run")[-1]["kimg"] > ended


def test_a_step_size_that_falls_is_waited_for(pictures, tmp_path):
    """BEGAN's step sizes, like the default recipe's, depend on how much of the budget is spent."""
    falling = (*sets("began"), "annealed=true")
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.4, set=falling), judging(0.5))
    assert lines(tmp_path / "run")[-1]["kimg"] == 0.4
    assert not find_objective("chonk").Objective.constant_rate


def test_what_never_was_any_good_is_not_given_up(pictures, tmp_path):
    loop.train(tiny(pictures, tmp_path / "run", kimg=0.4, set=STEADY), judging(0.04))
    assert lines(tmp_path / "run")[-1]["kimg"] == 0.4


def test_the_checkpoint_carries_the_best_moment(pictures, tmp_path):
    run = tmp_path / "run"
    loop.train(tiny(pictures, run, kimg=0.1), judging(0.1, 0.9, 0.1))
    state, tensors, _ = load_checkpoint(checkpoints(run / "checkpoints")[-1])
    kept = chonk.load(run).generator.state_dict()
    assert state.best["training"]["kimg"] == 0.04 and all(
        torch.equal(tensors[f"best.{name}"], value) for name, value in kept.items()
    )
    loop.train(tiny(pictures, run, kimg=0.2), judging(0.1))
    assert chonk.load(run).config.training["kimg"] == 0.04


def test_looking_takes_a_small_share_of_the_time():
    clock = [0.0]

    def slow(fake):
        clock[0] += 2.0
        return {"selection_score": 0.5}

    class Drawer:
        config = type("Config", (), {"training": {}})

        def sample_values(self, *_):
            return torch.zeros(1, 3, 4, 4).numpy()

    judge, looks = Best(lambda real: slow, torch.zeros(1), minutes=20.0, kimg=None, clock=lambda: clock[0]), 0
    for second in range(1200):
        state = State(seconds=float(second))
        if judge.due(state, second / 1200):
            judge.evaluate(Drawer(), state)
            looks += 1
    assert looks >= 10 and 2.0 * looks <= 0.03 * 1200
    assert judge.due(State(seconds=1200.0), 1.0)


def test_a_whim_is_a_function_of_the_pictures():
    seen = torch.arange(48, dtype=torch.uint8).view(1, 3, 4, 4)
    assert whim(seen)(seen) == whim(seen)(seen.clone()) != whim(seen)(seen.flip(3))


class Kept:
    """Stands for a model."""

    def __init__(self, name: str) -> None:
        self.config = SimpleNamespace(training={"name": name})

    def sample_values(self, seed: int, count: int) -> np.ndarray:
        return np.zeros((1, 3, 8, 8), np.float32)


def test_a_later_stage_is_worth_more_than_a_better_score():
    """And one that was trained longer from an earlier stage on keeps the later one until it is there again."""
    looks = Best(judging(0.9, 0.4, 0.5, 0.9, 0.45), torch.zeros(4, 3, 8, 8, dtype=torch.uint8), None, 1)
    kept = []
    for name, stage in (("first", 0), ("second", 1), ("third", 1), ("again", 0), ("last", 1)):
        looks.evaluate(Kept(name), State(), stage)
        kept.append(looks.record.training["name"])
    assert kept == ["first", "second", "third", "third", "last"]


def test_scores_of_an_earlier_stage_do_not_count_for_a_later_one():
    """A refined training that goes on, whose drafts score better than what it refines."""
    looks = Best(judging(0.6, 0.6, 0.95, 0.95, 0.5), torch.zeros(4, 3, 8, 8, dtype=torch.uint8), None, 1)
    for name, stage in (("second", 1), ("third", 1), ("again", 0), ("again", 0), ("worse", 1)):
        looks.evaluate(Kept(name), State(), stage)
    assert looks.record.training["name"] == "third" and looks.record.recent == [0.6, 0.6, 0.5]

"""The search: tries, ends hopeless trials early, goes on after an interruption, and tells what it found."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec

import pytest

from chonk import cli, load
from chonk.errors import UserError
from chonk.learn import best, objectives
from chonk.learn.run import objective_settings
from chonk.settings import Tune
from chonk.tune import search, spaces, study
from training import TINY, make_pictures


@pytest.fixture(autouse=True)
def often(monkeypatch):
    monkeypatch.setattr(best, "PICTURES", 1)  # so that a training of a hundred pictures is looked at on the way


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return make_pictures(tmp_path_factory.mktemp("set") / "pictures", count=24)


def tuning(pictures, out, **changes) -> Tune:
    return Tune(
        **{
            "pictures": pictures,
            "out": out,
            "trials": 3,
            "kimg": 0.1,
            "objective": "began",
            "threads": 1,
            "set": tuple(s for s in TINY if not s.startswith("filters")),
            "search": ("filters=2,3", "gamma=0.3,0.9"),
            **changes,
        }
    )


def found(out) -> dict:
    return json.loads((out / "tune.json").read_text())


def test_a_search_leaves_its_trials_a_table_and_their_pictures(pictures, tmp_path, capsys):
    out = tmp_path / "tune"
    search.search(tuning(pictures, out))
    said, trials = capsys.readouterr().out, found(out)["trials"]
    scores = [trial["selection_score"] for trial in trials]
    assert len(trials) == 3 and scores == sorted(scores, reverse=True) and found(out)["best"] == trials[0]["trial"]
    page = (out / "tune.html").read_text()
    for trial in trials:
        assert load(out / trial["run"]).config.options["filters"] == trial["settings"]["filters"] in (2, 3)
        assert f'src="{trial["run"]}/samples.png"' in page
    usual = objective_settings("began", {}, (), None)
    assert [t["settings"]["gamma"] for t in trials if t["trial"] == 0] == [usual.gamma]  # the usual settings come first
    words = found(out)["command"].replace("RUN", str(tmp_path / "run")).split()
    assert cli.parse(words[1], words[2:]) is not None and found(out)["command"] in said


def test_an_interrupted_trial_goes_on_with_the_same_settings(pictures, tmp_path, monkeypatch):
    out, done = tmp_path / "tune", search.train

    def interrupted(settings, judge, should_prune):
        done(settings, judge, lambda figures, progress: settings.out.name == "0001" and progress > 0.3)
        if settings.out.name == "0001":
            raise SystemExit(130)

    monkeypatch.setattr(search, "train", interrupted)
    with pytest.raises(SystemExit):
        search.search(tuning(pictures, out))
    before = {t["trial"]: t for t in found(out)["trials"]}
    assert [before[i]["how"] for i in (0, 1)] == ["finished", "unfinished"]
    monkeypatch.setattr(search, "train", done)
    search.search(tuning(pictures, out))
    after = {t["trial"]: t for t in found(out)["trials"]}
    assert sorted(after) == [0, 1, 2] and all(t["how"] == "finished" for t in after.values())
    assert after[1]["settings"] == before[1]["settings"] and after[0] == before[0]


def test_a_hopeless_trial_is_ended_early(pictures, tmp_path, monkeypatch):
    out = tmp_path / "tune"
    now, real_train = {}, search.train

    def train(settings, *others):
        now.update(selection_score=0.0, frechet=500.0 if settings.out.name == "0003" else 400.0)
        real_train(settings, *others)

    monkeypatch.setattr(search, "train", train)
    monkeypatch.setattr(search, "quick_eval", lambda real: lambda fake: dict(now))
    search.search(tuning(pictures, out, trials=4, kimg=0.1))
    trials = {t["trial"]: t for t in found(out)["trials"]}
    assert [trials[i]["how"] for i in range(4)] == ["finished"] * 3 + ["ended early"]
    last = json.loads((out / "trials/0003/film/film.json").read_text())["frames"][-1]
    assert (
        last["kimg"] < 0.07
        and (out / "trials/0003/samples.png").exists()
        and not (out / "trials/0003/checkpoints").exists()
    )


def test_settings_that_cannot_be_trained_do_not_end_the_search(pictures, tmp_path, monkeypatch):
    def train(settings, judge, should_prune):
        raise search.TrainingFailed("numbers went wrong")

    monkeypatch.setattr(search, "train", train)
    search.search(tuning(pictures, tmp_path / "tune"))
    assert [t["how"] for t in found(tmp_path / "tune")["trials"]] == ["went wrong"] * 3 and found(tmp_path / "tune")[
        "best"
    ] is None


def test_trials_are_shared_out(pictures, tmp_path):
    settings = tuning(pictures, tmp_path / "tune")
    shared = study.open_study(settings, {"objective": "began"}, {}, {})
    (first, held), (second, other) = study.next_trial(shared, settings), study.next_trial(shared, settings)
    assert (first.number, second.number) == (0, 1)
    held.close()  # as when its process is killed
    again, held = study.next_trial(shared, settings)
    assert again.number == 0
    held.close(), other.close()


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"search": ("gama=0.5",)}, "no setting 'gama'"),
        ({"search": ("gamma=0.5,x",)}, "gamma=x"),
        ({"trials": 0}, "--trials 0"),
        ({"search": ("hidden=4,8",)}, "fixed by --set"),
        ({"minutes": -1.0}, "--minutes"),
        ({"objective": "x"}, "--objective x"),
    ],
)
def test_wrong_settings_are_refused_before_anything_is_written(pictures, tmp_path, changes, words):
    with pytest.raises(UserError, match=words):
        search.search(tuning(pictures, tmp_path / "tune", **changes))
    assert not (tmp_path / "tune").exists()


def test_another_search_is_not_continued_by_mistake(pictures, tmp_path):
    out = tmp_path / "tune"
    study.open_study(tuning(pictures, out), {"objective": "x", "search": {"a": [1]}}, {}, {})
    with pytest.raises(UserError, match="begun with another objective"):
        search.search(tuning(pictures, out))
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.txt").touch()
    with pytest.raises(UserError, match="is no search"):
        search.search(tuning(pictures, tmp_path / "other"))


def test_without_optuna_or_ray_it_says_what_to_install(pictures, tmp_path, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "optuna", None)
    assert cli.run(["tune", str(pictures), "--out", str(tmp_path / "tune")]) == 2
    assert "pip install 'chonk[tune]'" in capsys.readouterr().err
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "ray", None)
    assert cli.run(["tune", str(pictures), "--out", str(tmp_path / "tune"), "--ray", "local"]) == 2
    assert "pip install 'chonk[ray]'" in capsys.readouterr().err and not (tmp_path / "tune").exists()


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (pip install 'chonk[ray]')")
def test_ray_finds_what_one_process_finds(pictures, tmp_path):
    alone, spread = tmp_path / "alone", tmp_path / "spread"
    words = [
        "--trials",
        2,
        "--kimg",
        0.1,
        "--objective",
        "began",
        "--threads",
        1,
        "--search",
        "gamma=0.3,0.9",
        "--set",
        *TINY,
    ]
    for out, more in (alone, []), (spread, ["--ray", "local"]):
        subprocess.run(
            [sys.executable, "-m", "chonk", "tune", *map(str, [pictures, "--out", out, *words, *more])],
            check=True,
            capture_output=True,
        )
    one, two = ({t["trial"]: t for t in found(out)["trials"]} for out in (alone, spread))
    assert one.keys() == two.keys() == {0, 1} and one[0] == two[0] and two[1]["how"] == "finished"
    assert (alone / "trials/0000/samples.png").read_bytes() == (spread / "trials/0000/samples.png").read_bytes()


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (pip install 'chonk[ray]')")
def test_a_cluster_that_is_not_there_is_named(pictures, tmp_path):
    words = ["tune", str(pictures), "--out", str(tmp_path / "tune"), "--ray", "auto"]
    ran = subprocess.run([sys.executable, "-m", "chonk", *words], capture_output=True, text=True)
    assert ran.returncode == 2 and "--ray auto: no Ray cluster answers" in ran.stderr and "Traceback" not in ran.stderr


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_every_value_of_the_tables_is_one_that_the_objective_takes(name):
    for setting, values in spaces.SPACES[name].items():
        for value in values:
            assert getattr(objective_settings(name, {}, (f"{setting}={value}",), None), setting) == value

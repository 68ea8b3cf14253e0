"""The whole way: what is done, what is done again, and what is not."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import chonk
from chonk.errors import ChonkError, UserError
from chonk.ingest.resolution import choose_resolution
from chonk.learn.report import Report
from chonk.make import make
from chonk.pipeline import Pipeline, default_out
from chonk.settings import Make


@dataclass
class Done:
    """Stages that only note that they were called, and write what the next one looks for."""

    calls: list
    fail: str = ""
    side: int = 60

    def stage(self, name):
        def run(settings, judge=None, report=None, choose_size=None):
            rows = [{"file": "0001.png", "source": "a", "box": [0, 0, 9, 9], "side": self.side}] * 5
            if choose_size:
                settings = replace(settings, size=choose_size(rows))
            self.calls.append((name, settings))
            if name == self.fail:
                raise ChonkError(f"{name} failed")
            out = getattr(settings, "out", None)
            if name == "gather":
                out.mkdir(parents=True, exist_ok=True)
                for file in (
                    sorted(settings.source.glob("*.*g")) if settings.source else [Path("1.png")] * settings.character
                ):
                    (out / f"{len(list(out.iterdir())):04}.png").write_bytes(
                        file.read_bytes() if settings.source else b"x"
                    )
                record = {"format": 1, "size": settings.size, "settings": {}, "frame": None, "different": 5}
                record |= {"taken": rows, "skipped": [], "advice": []}
                (out / "gather.json").write_text(json.dumps(record))
            if name == "train":
                (out / "model").mkdir(parents=True, exist_ok=True)
                (out / "model" / "model.safetensors").write_text(f"{settings} {sorted(settings.pictures.iterdir())}")

        return run

    def names(self) -> list[str]:
        names = [name for name, _ in self.calls]
        self.calls.clear()
        return names


@pytest.fixture
def done(monkeypatch, tmp_path):
    done = Done([])
    for module in ("ingest.gather", "learn.train", "judge.score", "play.page", "play.serve"):
        name = module.split(".")[1]
        monkeypatch.setattr(f"chonk.{module}.{name}", done.stage(name))
    for other in (
        "calibrate.calibrate_run",
        "learn.originals.tune_run",
        "commands.check_training",
        "commands.check_page",
    ):
        monkeypatch.setattr(f"chonk.{other}", lambda *_: None)  # there are no real pictures, and no real model
    monkeypatch.chdir(tmp_path)
    return done


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "my-stickers"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number}.png").write_bytes(bytes([number]))
    return folder


ALL = ["gather", "train", "score", "page"]


def test_the_whole_way_once(done, source, capsys):
    made = make(Make(source, minutes=3, size=32, objective="began"))
    assert made["out"] == Path("my-stickers.chonk") and [name for name, _ in done.calls] == ALL
    gather, train, score, page = (settings for _, settings in done.calls)
    assert (gather.source, gather.out, gather.size) == (source, made["pictures"], 32)
    assert (train.pictures, train.out, train.minutes, train.objective) == (made["pictures"], made["run"], 3, "began")
    assert (score.run, score.out) == (made["run"], made["out"]) and (page.runs, page.title) == (
        (made["run"],),
        "my-stickers",
    )
    assert "chonk serve my-stickers.chonk/page" in capsys.readouterr().out


def test_a_second_time_nothing_is_done_again(done, source):
    make(Make(source))
    done.names()
    make(Make(source))
    assert done.names() == []


@pytest.mark.parametrize(
    ("change", "again"),
    [
        ({"size": 32}, ["gather"]),
        ({"minutes": 40.0}, ["train", "score", "page"]),
        ({"objective": "began"}, ["train", "score", "page"]),
        ({"seed": 1}, ["train", "score", "page"]),
        ({"show": False}, []),
    ],
)
def test_a_changed_setting_redoes_what_depends_on_it(done, source, change, again):
    make(Make(source))
    done.names()
    make(replace(Make(source), **change))
    assert done.names() == again


def test_large_pictures_are_learned_large_and_that_is_said_once(done, source, capsys):
    done.side = 300
    make(Make(source, minutes=3))
    assert [settings.size for name, settings in done.calls if name == "gather"] == [64]
    captured = capsys.readouterr().err
    assert "learning them at 64 x 64 pixels: 3 min is short for 128 x 128 (or choose --size 128)" in captured
    make(Make(source, minutes=30))  # a run that goes on keeps its size
    assert [settings.size for name, settings in done.calls if name == "gather"] == [64]
    done.calls.clear()
    make(Make(source, out=Path("new"), minutes=90))
    assert [settings.size for name, settings in done.calls if name == "gather"] == [128]
    assert "learning them at 128 x 128 pixels" in capsys.readouterr().err
    (source / "new.png").write_bytes(b"new")
    done.names()
    make(Make(source, out=Path("new"), minutes=90))
    assert done.calls[0][1].size == 128 and done.names() == ALL and "learning them at" not in capsys.readouterr().err


@pytest.mark.parametrize("new", [False, True])
def test_interrupted_before_the_size_is_noted_it_is_chosen_or_found_later(done, source, monkeypatch, capsys, new):
    """With new pictures in between, the set is made anew, for `gather` adds only at a size that is known."""
    done.side = 300

    def interrupted(*_):
        raise KeyboardInterrupt

    for name in ("choose_resolution", "contents_digest"):
        with monkeypatch.context() as broken:
            broken.setattr(f"chonk.pipeline.{name}", interrupted)
            broken.setattr("chonk.ingest.output.size_of", interrupted)
            with pytest.raises(KeyboardInterrupt):
                make(Make(source, minutes=90))
        if new:
            (source / f"{name}.png").write_bytes(name.encode())
    make(Make(source, minutes=90))
    assert [settings.size for name, settings in done.calls if name == "gather"] == ([128, 128] if new else [128])
    assert json.loads(Path("my-stickers.chonk/make.json").read_text())["stages"]["gather"]["inputs"]["size"] == 128
    assert len(list(Path("my-stickers.chonk/pictures").glob("*.png"))) == (27 if new else 25)
    assert "learning them at 128 x 128 pixels" in capsys.readouterr().err


def test_the_classics_and_a_named_size_leave_nothing_to_choose(done, source):
    done.side = 300
    make(Make(source, objective="began"))
    make(Make(source, size=64, out=Path("named")))
    assert [settings.size for name, settings in done.calls if name == "gather"] == [64, 64]


ROW = {"side": 300, "pixel_art": False}


@pytest.mark.parametrize(
    ("rows", "minutes", "size", "why"),
    [
        ([ROW] * 100, 60, 128, "large enough, and 60 minutes suffice for 100"),
        ([ROW] * 60 + [{"side": 40}] * 40, 60, 128, "large enough"),
        ([ROW] * 40 + [{"side": 40}] * 60, 20, 64, "only about 40 pixels wide"),
        ([ROW] * 1000, 20, 64, "remembers about 200 of your 1,000 pictures"),
        ([ROW] * 100, 20, 64, "20 min is short"),
        ([ROW] * 100, 1, 64, "1 min is short"),
        ([{"side": 24, "pixel_art": True}] * 100, 20, 64, "pixel art, about 24 drawn pixels wide"),
        ([{"side": 96, "pixel_art": True}] * 100, 20, 128, "pixel art, about 96 drawn pixels wide"),
        ([{"file": "0001.png"}] * 100, 60, 128, "large enough"),  # the built-in character
    ],
)
def test_pictures_and_time_say_at_which_size_a_set_is_learned(rows, minutes, size, why):
    chosen, explanation = choose_resolution(rows, minutes)
    assert chosen == size and why in explanation


def test_a_changed_source_redoes_everything(done, source):
    make(Make(source))
    done.names()
    (source / "new.png").write_bytes(b"new")
    make(Make(source))
    assert done.names() == ALL


def test_a_picture_taken_out_by_hand_stays_out(done, source):
    make(Make(source))
    done.names()
    Path("my-stickers.chonk/pictures/0003.png").unlink()
    make(Make(source))
    assert done.names() == ["train", "score", "page"] and not Path("my-stickers.chonk/pictures/0003.png").exists()


@pytest.mark.parametrize("change", [{"size": 32}, {"split_sheets": True}, {"folder": None, "out": Path("out")}])
def test_where_pictures_are_made_anew_the_former_ones_are_kept(done, source, change, capsys):
    """A person may have put some there."""
    out = make(Make(source if "folder" not in change else None, out=Path("out")))["out"]
    (out / "pictures" / "mine.png").write_bytes(b"mine")
    again = {"character": 30} if "folder" in change else {"folder": source}
    make(Make(**{"out": Path("out"), **again, **change}))
    assert (out / "pictures-before-1" / "mine.png").read_bytes() == b"mine"
    assert not (out / "pictures" / "mine.png").exists() and "kept as pictures-before-1" in capsys.readouterr().out


def test_longer_goes_on_and_other_settings_keep_the_former_run(done, source, capsys):
    make(Make(source))
    make(Make(source, minutes=40))
    assert not list(Path("my-stickers.chonk").glob("run-*"))
    make(Make(source, minutes=40, seed=5))
    assert "seed=0" in Path("my-stickers.chonk/run-before-1/model/model.safetensors").read_text()
    assert "run-before-1" in capsys.readouterr().out


@pytest.mark.parametrize("stage", ["train", "score", "page"])
def test_interrupted_it_goes_on_with_the_same_stage(done, source, stage):
    done.fail = stage
    with pytest.raises(ChonkError):
        make(Make(source))
    done.names()
    done.fail = ""
    make(Make(source))
    assert done.names() == ALL[ALL.index(stage) :]
    assert not list(Path("my-stickers.chonk").glob("run-*"))


def test_without_a_folder_it_is_the_built_in_character(done):
    assert make(Make())["out"] == Path("character.chonk")
    gather = done.calls[0][1]
    assert gather.source is None and gather.character == 400


class Recorded:
    """Stands for the process that writes the page, and notes what became of it."""

    def __init__(self, done: Done) -> None:
        self.done = done

    def __call__(self, *arguments, threads) -> Recorded:
        self.done.calls.append(("begun", [*map(str, arguments), threads]))
        return self

    def __enter__(self) -> Recorded:
        return self

    def __exit__(self, *_) -> None:
        self.done.calls.append(("gone", None))

    def wait(self) -> None:
        self.done.calls.append(("waited for", None))


@pytest.fixture
def two_threads(monkeypatch, done):
    monkeypatch.setattr("chonk.pipeline.Beside", Recorded(done))
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    assert torch.get_num_threads() == 2, "as before"
    torch.set_num_threads(before)


def test_where_there_are_threads_for_both_the_page_is_written_while_results_are_judged(two_threads, done, source):
    make(Make(source))
    run = str(Path("my-stickers.chonk/run").absolute())
    given = ["page", run, "--out=my-stickers.chonk/page", "--title=my-stickers", 1]
    assert ("begun", given) in done.calls
    assert done.names() == ["gather", "train", "begun", "score", "waited for", "gone"]
    make(Make(source))
    assert done.names() == []


def test_where_judging_fails_the_page_is_not_waited_for(two_threads, done, source):
    done.fail = "score"
    with pytest.raises(ChonkError):
        make(Make(source))
    assert done.names() == ["gather", "train", "begun", "score", "gone"]
    done.fail = ""
    make(Make(source))
    assert done.names() == ["begun", "score", "waited for", "gone"]


def test_too_few_to_judge_still_get_a_page(done):
    make(Make(character=6))
    assert done.names() == ["gather", "train", "page"]


def test_a_first_attempt_that_fails_leaves_nothing(done, source):
    done.fail = "gather"
    with pytest.raises(ChonkError):
        make(Make(source))
    with pytest.raises(UserError, match="nowhere: no such"):
        make(Make(Path("nowhere")))
    assert [entry.name for entry in Path().iterdir()] == ["my-stickers"]


def test_every_step_is_announced(done, source, capsys):
    make(Make(source, size=64))
    captured = capsys.readouterr().err.splitlines()
    assert [line[:11] for line in captured] == [f"step {number} of 4" for number in (1, 2, 3, 4)]
    make(Make(source))
    assert capsys.readouterr().err.count("is done") == 4
    make(Make(character=6))
    assert "step 3 of 4: judging the results: left out" in capsys.readouterr().err


def begun(seconds: float, busy: float = 1.0, **settings) -> Report:
    """A report of something that has gone on for so long, on a machine that does `busy` times as much."""
    report = Report(0.0, plain=True, **settings)
    report.started -= seconds
    report.computed -= seconds * torch.get_num_threads() / busy
    return report


@pytest.mark.parametrize(("busy", "left"), [(1.0, "2 min"), (2.0, "3 min"), (9.0, "6 min")])
def test_a_person_is_told_no_figures_and_how_long_all_takes(capsys, busy, left):
    """What follows takes longer, too, where the machine is busy."""
    begun(30, busy, after=70.0).update(0.5, 1.25, 80.0, {"loss": 0.5})
    assert capsys.readouterr().err == f"training  50.0 %  {left} left in all\n"


def test_calibrating_has_a_bar_of_its_own(capsys):
    begun(10, after=20.0, name="calibrating").update(0.5)
    assert capsys.readouterr().err == "calibrating  50.0 %  30 s left in all\n"


def test_what_takes_long_to_begin_is_not_thought_to_take_for_ever(capsys):
    begun(5, after=20.0, name="calibrating", expected=10.0).update(0.004)
    assert capsys.readouterr().err == "calibrating   0.4 %  54 s left in all\n"


def test_the_time_left_does_not_jump_where_calibrating_begins(capsys):
    """What is told at the end of the training is told again at the beginning of the calibration."""
    pipeline = Pipeline(Make(character=100, out=Path("made")))
    for name, share in (("training", 0.999), ("calibrating", 0.001)):
        report = pipeline.report(0.0, name=name)
        report.update(share)
    seconds = [int(line.split()[3]) for line in capsys.readouterr().err.splitlines()]
    assert abs(seconds[0] - seconds[1]) <= 2


def test_a_hidden_file_or_a_link_changes_nothing(done, source):
    make(Make(source))
    done.names()
    (source / ".DS_Store").write_bytes(b"x")
    (source / "link.png").symlink_to(source / "1.png")
    make(Make(source))
    assert done.names() == []


@pytest.mark.parametrize("objective", ["chonk", "began"])
@pytest.mark.parametrize("size", [20, 500])
def test_a_size_that_the_objective_cannot_draw_is_said_at_once(done, source, size, objective):
    with pytest.raises(UserError, match=f"--size {size}: .*multiple of 8"):
        make(Make(source, size=size, objective=objective))
    assert done.names() == []


@pytest.mark.parametrize(
    ("mistake", "words"),
    [({"objective": "magic"}, "magic"), ({"preset": "2019"}, "2019"), ({"size": 60}, "--size 60")],
)
def test_what_training_would_refuse_is_said_at_once(done, source, mistake, words):
    with pytest.raises(UserError, match=words):
        make(replace(Make(source), **mistake))
    assert done.names() == [] and [entry.name for entry in Path().iterdir()] == ["my-stickers"]


@pytest.mark.parametrize(
    "text", [None, "", "{}", '{"format": 2, "stages": {}}', '{"format": 1, "stages": {"gather": 3}}']
)
def test_an_out_that_is_not_ours_is_left_alone(done, source, tmp_path, text):
    out = tmp_path / "out"
    out.mkdir()
    (out / ("make.json" if text is not None else "thesis.txt")).write_text(text or "")
    with pytest.raises(UserError, match=str(out)):
        make(Make(source, out=out))
    assert len(list(out.iterdir())) == 1 and done.names() == []


def test_json_is_all_that_stands_on_standard_output(done, source, capsys):
    make(Make(source, json=True))
    printed = json.loads(capsys.readouterr().out)
    assert printed["page"] == "my-stickers.chonk/page"


@pytest.mark.parametrize(
    ("source_name", "out"), [("a/cats", "cats.chonk"), ("robots.zip", "robots.chonk"), (None, "character.chonk")]
)
def test_where_it_goes(tmp_path, source_name, out):
    (tmp_path / "a" / "cats").mkdir(parents=True)
    assert default_out(tmp_path / source_name if source_name else None) == Path(out)


def test_for_real(tmp_path, monkeypatch):
    """From files to a page that runs, with no stage replaced."""
    pytest.importorskip("chonk.play.page")
    from chonk.play.site import SITE

    if not (SITE / "index.html").is_file():
        pytest.skip("the page is not built: pip install -e . builds it")
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    (tmp_path / "blobs").mkdir()
    for number in range(24):
        pixels = np.full((40, 40, 3), 255, np.uint8)
        x, y, side = rng.integers(2, 18, 3)
        pixels[y : y + side, x : x + side + number % 7] = rng.integers(0, 200, 3)
        Image.fromarray(pixels).save(tmp_path / "blobs" / f"{number}.png")
    threads = torch.get_num_threads()
    torch.set_num_threads(2)  # so that the page has a process of its own
    made = make(Make(tmp_path / "blobs", minutes=0.02, size=16, objective="began"))
    torch.set_num_threads(threads)
    assert len(list(made["pictures"].glob("*.png"))) >= 20
    assert json.loads((made["out"] / "score.json").read_text())["format"] == 1
    assert (made["page"] / "index.html").is_file() and list(made["page"].glob("models/*/model.*.bin"))
    model = chonk.load(made["out"])
    assert model.config.title == "blobs" and len(model.sample(3)) == 3


def test_an_output_inside_its_source_is_never_read(done, tmp_path):
    """`make .`: nothing that chonk wrote there is gathered, and the second call has nothing to do."""
    source = tmp_path / "stickers"
    source.mkdir()
    (source / "a.png").write_bytes(b"a")
    settings = Make(folder=source, out=source / "stickers.chonk", show=False)
    make(settings)
    assert done.names()[:2] == ["gather", "train"]
    (source / "stickers.chonk" / "run" / "samples.png").write_bytes(b"what it drew")
    make(settings)
    assert done.names() == []
    (source / "b.png").write_bytes(b"b")
    make(settings)
    assert done.names()[0] == "gather"


@pytest.mark.parametrize("folder, out, words", [
    ("a", "a", "is the source itself"), ("a/b", "a", "lies inside the output"), ("made", "out", "no source"),
])  # fmt: skip
def test_places_that_cannot_be(done, tmp_path, folder, out, words):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "gather.json").write_text('{"format": 1, "taken": []}')
    with pytest.raises(UserError, match=words):
        make(Make(folder=tmp_path / folder, out=tmp_path / out))
    assert done.names() == [] and not (tmp_path / "out").exists()

"""`chonk score` end to end: what it writes, and what it says to mistakes."""

from __future__ import annotations

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import ChonkError, UserError
from chonk.judge.advice import FAULTS, advice
from chonk.judge.kinds import KINDS
from chonk.judge.report import Row, page
from chonk.judge.score import score
from chonk.judge.words import LABELS
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.settings import Score
from training import make_pictures

TITLE = "<script>alert(1)</script> & co"


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    """A run with an untrained model and the pictures it says it was trained on."""
    folder = tmp_path_factory.mktemp("cats.chonk") / "run"
    make_pictures(folder.parent / "pictures", 30)
    torch.manual_seed(0)
    config = ModelConfig("began", 16, 4, 4, "uniform", {"filters": 2, "layers": 1}, title=TITLE)
    Model.build(config).save(folder / "model")
    own = PictureSet.load(folder.parent / "pictures")
    (folder / "config.json").write_text(
        json.dumps(
            {
                "format": 1,
                "pictures": str(folder.parent / "pictures"),
                "data": {"count": len(own), "sha256": own.digest()},
            }
        )
    )
    return folder


@pytest.fixture(scope="module")
def written(run) -> tuple[dict, str]:
    out = run.parent / "verdict"
    score(Score(run=run, out=out, count=40))
    return json.loads((out / "score.json").read_text()), (out / "score.html").read_text(encoding="utf-8")


def test_score_json_holds_every_figure_with_its_noise_and_what_real_pictures_get(written):
    answer, _ = written
    assert answer["format"] == 1 and answer["counts"] == {"training": 30, "results": 40, "half": 15}
    assert set(answer["gauges"]) == {"good", "whole", "varied", "new"} and all(
        0 <= g["value"] <= 1 for g in answer["gauges"].values()
    )
    assert {
        "kid",
        "frechet",
        "precision",
        "density",
        "recall",
        "coverage",
        "spread",
        "duplicates",
        "nearest",
        "copies",
        "softness",
        "grain",
        "passes",
        "whole",
        "auc",
    } <= set(answer["figures"])
    for name, figure in answer["figures"].items():
        assert {"value", "deviation", "real", "real_deviation", "higher", "sentence"} == set(figure), name
        assert figure["deviation"] >= 0 and figure["sentence"].endswith("."), name
    assert answer["smoothness"]["largest"] >= 1 and answer["smoothness"]["sentence"] and "second" not in answer
    assert answer["verdict"].startswith("The pictures are far from the real ones")
    assert "cannot be told" in answer["verdict"] and 1 <= len(answer["next_steps"]) <= 3


class Page(HTMLParser):
    """Collects the tags of a page, complaining about any that does not close."""

    OPEN = {"meta", "img", "br"}

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.stack = [], []
        self.feed(text)
        assert not self.stack

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in self.OPEN:
            self.stack.append(tag)

    def handle_endtag(self, tag):
        assert self.stack.pop() == tag


def test_the_page_stands_alone_without_scripts(written):
    answer, text = written
    tags = Page(text).tags
    assert not {"script", "link", "iframe"} & {tag for tag, _ in tags}
    sources = [attributes["src"] for tag, attributes in tags if tag == "img"]
    assert len(sources) > 60 and all(source.startswith("data:image/png;base64,") for source in sources)
    assert all(attributes.get("alt") for tag, attributes in tags if tag == "img")
    known = [gauge["known"] for gauge in answer["gauges"].values()]
    assert not answer["gauges"]["whole"]["known"] and sum(known) == 3, "30 pictures cannot tell what is whole"
    assert sum(tag == "meter" for tag, _ in tags) == 3, "what cannot be told has no bar"


def test_long_tables_are_folded_and_figures_have_plain_names(written):
    text = written[1]
    opened = text.index("<details>")
    assert text.index("What to do next") < text.index("Some results") < opened < text.index("<table>")
    assert "alike as crowds (KID)" in text and "hold together (whole)" in text
    truth = {"sentence": "S.", "shares": {"hat": {"crown": {"results": 0.1, "truth": 0.2}}}}
    folded = page(written[0] | {"truth": truth}, 2 * [Row("", "", [])]).partition("Against the truth")[2]
    assert (
        folded.index("<details>")
        < folded.index("<table>")
        < folded.index('hat: crown</td><td data-of="results">10 %</td>')
    )


@pytest.mark.parametrize(
    "gauges, faults, inconclusive, said",
    [
        ({"good": 0.9, "whole": 0.9, "varied": 0.9, "new": 1.0}, [], "", "Nothing stands out"),
        ({"good": 0.2, "whole": 0.2, "varied": 0.9, "new": 1.0}, ["torn"], "", "Parts do not belong together"),
        (
            {"good": 0.9, "whole": 0.1, "varied": 0.9, "new": 1.0},
            [],
            "cannot be told by 9 pictures",
            "Look at them yourself",
        ),
        ({"good": 0.9, "whole": 0.9, "varied": 0.9, "new": 0.1}, ["copies"], "", "Add pictures"),
    ],
)
def test_what_to_do_next_follows_from_what_was_found(gauges, faults, inconclusive, said):
    steps = advice(gauges, faults, inconclusive)
    assert said in steps[0] and len(steps) <= 3 and not (inconclusive and any("not whole" in step for step in steps))


def test_every_fault_has_its_advice_and_every_figure_a_name(written):
    assert {*KINDS[1:], "garbled", "collapsed", "copies"} == set(FAULTS) and set(LABELS) == set(written[0]["figures"])


def test_what_a_stranger_wrote_is_escaped(written):
    _, text = written
    assert "<script>" not in text and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in text


def test_the_same_model_gets_the_same_verdict(run, written, tmp_path, capsys):
    again = score(Score(run=run.parent, out=tmp_path, count=40, json=True))
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(again)) == written[0]


@pytest.mark.parametrize(
    "change, message",
    [
        ({"count": 5}, "--count 5"),
        ({"features": "vgg"}, "--features vgg"),
        ({"pictures": Path("nowhere")}, "nowhere"),
        ({"run": Path("nowhere")}, "nowhere"),
    ],
)
def test_mistakes_are_named(run, tmp_path, monkeypatch, change, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=message):
        score(Score(**{"run": run, "out": tmp_path / "out", "count": 40, **change}))
    assert not (tmp_path / "out").exists()


def test_too_few_pictures_and_pictures_of_another_size_are_mistakes(run, tmp_path):
    with pytest.raises(UserError, match="too few"):
        score(Score(run=run, pictures=make_pictures(tmp_path / "few", 6), out=tmp_path / "out"))
    with pytest.raises(UserError, match="24 px"):
        score(Score(run=run, pictures=make_pictures(tmp_path / "big", 30, 24), out=tmp_path / "out"))


def test_a_folder_that_cannot_be_written_is_said_in_one_line(run, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ChonkError, match="cannot be written"):
        score(Score(run=run, out=tmp_path / "file", count=40))

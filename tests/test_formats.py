"""What release 0.1 wrote (format 1) is read, drawn and trained on as if it had been written today."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

import chonk
from chonk import formats
from chonk.draw.linked import shown_by
from chonk.errors import UserError
from chonk.learn.train import train
from chonk.links import read_link
from chonk.model_files import ModelConfig
from training import make_pictures, sets, tiny


def inverse(names: dict[str, str]) -> dict[str, str]:
    return {new: old for old, new in names.items()}


def old_name(name: str) -> str:
    prefix, dot, last = name.rpartition(".")
    return old_harmonizer(f"{prefix}{dot}{inverse(formats.WEIGHTS).get(last, last)}")


def old_harmonizer(name: str) -> str:
    for old, new in formats.HARMONIZER.items():
        name = name.replace(f"harmonizer.{new}.", f"harmonizer.{old}.")
    return name


def age(run: Path) -> None:
    """Rewrites a run as release 0.1 would have left it."""
    for file, parts in (
        (run / "config.json", {"settings": formats.SETTINGS}),
        (run / "model" / "config.json", {"options": formats.OPTIONS, "training": formats.TRAINING}),
    ):
        record = json.loads(file.read_text()) | {"format": 1}
        record |= {part: formats.renamed(record[part], inverse(names)) for part, names in parts.items()}
        record.pop("weights", None)
        if record.get("objective") == "mosaic":
            record["objective"] = "chonk"
        file.write_text(json.dumps(record))
    weights = run / "model" / "model.safetensors"
    save_file({old_name(name): value for name, value in load_file(weights).items()}, weights)
    for file in (run / "checkpoints").iterdir():
        with safe_open(file, "pt") as stored:
            header = json.loads(stored.metadata()["chonk"]) | {"format": 1}
        state = header["state"]
        state["sums"] = formats.renamed(state["sums"], inverse(formats.FIGURES))
        state["best"] = formats.renamed(state["best"], inverse(formats.FIGURES))
        tensors = {old_name(name): value for name, value in load_file(file).items()}
        save_file(tensors, file, {"chonk": json.dumps(header)})


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trained")
    pictures = make_pictures(folder / "pictures", 12)
    train(tiny(pictures, folder / "run", kimg=0.1, objective="chonk", set=sets("chonk")), judge)
    return folder


@pytest.fixture
def run(trained, tmp_path):
    """A run to be changed, beside its pictures."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    return tmp_path / "run"


def judge(real):
    return lambda fake: {"selection_score": 0.5, "duplicates": 0.0}


def test_a_model_draws_the_same(run):
    before = chonk.load(run)
    age(run)
    after = chonk.load(run)
    z = before.latents(3, 4)
    assert np.array_equal(after.latents(3, 4), z) and np.array_equal(after(z), before(z))
    assert after.config == before.config


def test_a_model_of_format_2_may_have_the_old_names_of_the_harmonizer(run):
    before, model = chonk.load(run), run / "model"
    names = load_file(model / "model.safetensors")
    assert any(old_harmonizer(name) != name for name in names)
    save_file({old_harmonizer(name): value for name, value in names.items()}, model / "model.safetensors")
    config = json.loads((model / "config.json").read_text())
    (model / "config.json").write_text(json.dumps(config | {"weights": ""}))
    z = before.latents(3, 4)
    assert np.array_equal(chonk.load(run)(z), before(z))


def test_a_collage_of_format_2_may_have_the_old_name_of_its_option(tmp_path):
    config = ModelConfig("collage", 16, 3, 144, options={"memory_size": 2, "colour_metric": True})
    before = chonk.model.Model.build(config)
    before.save(tmp_path)
    file = tmp_path / "config.json"
    assert file.read_text().count('"colour_metric"') == 1
    file.write_text(file.read_text().replace('"colour_metric"', '"sees_colours"'))
    after = chonk.load(tmp_path)
    assert after.config.options == config.options and after.generator.colour_metric


@pytest.mark.parametrize(
    "link",
    [
        "#v1&view=grid&model=cats&seed=12&scale=0.7",
        "#v1&view=corners&scale=0.8&at=n1:0.5:-0.5,n-0.5:1:0.75,n0.5:-1:0.25,s7:3",
        "#v1&view=sum&at=s1:0,s2:5,s3:1",
        "#v1&view=walk&at=s1:0,0.5xs1:0~0.5xs2:5",
        "#v1&view=tune&at=s1:0~0.5xcs1:0_s2:5z",
    ],
)
def test_links_of_release_0_1_show_the_same(run, link):
    asked, before = read_link(link), chonk.load(run)
    shown = shown_by(asked, run, before)
    age(run)
    assert np.array_equal(shown_by(asked, run, chonk.load(run)), shown) and np.isfinite(shown).all()


def test_a_training_goes_on_to_the_same_bits(run, tmp_path):
    shutil.copytree(run, tmp_path / "young")
    age(run)
    for folder in (run, tmp_path / "young"):
        train(tiny(tmp_path / "pictures", folder, kimg=0.2, objective="chonk", set=sets("chonk")), judge)
    old, new = (load_file(folder / "model" / "model.safetensors") for folder in (run, tmp_path / "young"))
    assert old.keys() == new.keys() and all((old[name] == new[name]).all() for name in old)


@pytest.mark.parametrize("number", [0, 3, True, "2", None])
def test_other_formats_are_refused(run, number):
    file = run / "model" / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": number}))
    with pytest.raises(UserError, match="format"):
        chonk.load(run)

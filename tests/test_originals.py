"""A set keeps a few of its originals, training learns from them how large results look, and the model carries that."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from chonk.errors import UserError
from chonk.finish import finish
from chonk.ingest.originals import MAX_ORIGINALS, choose_side
from chonk.learn import originals
from chonk.model import Model, load
from chonk.model_files import ModelConfig
from chonk.nets.finisher import load_finisher
from chonk.play.page import page
from chonk.settings import Page
from chonk.synthetic import mascot
from gather_help import folder_of, run


def test_a_set_keeps_a_few_originals_says_so_and_forgets_those_of_deleted_pictures(tmp_path):
    source, out = folder_of(tmp_path / "source", 6, size=400), tmp_path / "out"
    result = run(source, out, size=32)
    kept = sorted(file.stem for file in (out / "originals").iterdir())
    assert kept == [row["file"][:4] for row in result["taken"]] and result["originals"]["count"] == len(kept)
    assert result["originals"]["side"] == 256
    for name in kept:
        large, small = (Image.open(out / file).convert("RGBa") for file in (f"originals/{name}.webp", f"{name}.png"))
        assert large.size == (256, 256)
        shrunk = large.resize(small.size, Image.Resampling.HAMMING)
        assert np.abs(np.asarray(shrunk, float) - np.asarray(small, float)).mean() < 4  # the same frame
    (out / f"{kept[1]}.png").unlink()
    folder_of(tmp_path / "source", 2, first=20, size=400)
    again = run(source, out, size=32)
    assert again["originals"]["count"] == len(kept) - 1 == len(list((out / "originals").iterdir()))
    assert not (out / "originals" / f"{kept[1]}.webp").exists()


def test_small_originals_and_pixel_art_are_not_kept(tmp_path):
    assert "originals" not in run(folder_of(tmp_path / "small", 5, size=48), tmp_path / "out", size=32)
    sprites = tmp_path / "sprites"
    sprites.mkdir()
    colours = np.random.default_rng(0)
    for i in range(6):
        pixels = colours.integers(0, 4, (16, 16, 1)) * np.array([60, 30, 80]) + np.array([10, 60, 5])
        Image.fromarray(pixels.astype(np.uint8)).resize((256, 256), Image.Resampling.NEAREST).save(sprites / f"{i}.png")
    assert "originals" not in run(sprites, tmp_path / "art", size=32)
    assert not (tmp_path / "art" / "originals").exists()


def test_the_side_is_what_most_of_them_fill():
    assert choose_side(64, [600] * 5) == 512 and choose_side(64, [300] * 5) == 256 and choose_side(64, [130] * 5) == 128
    assert choose_side(64, [70] * 5) == choose_side(64, []) == choose_side(300, [2000]) == 0


def test_the_builtin_character_is_drawn_large_too(tmp_path):
    result = run(None, tmp_path / "out", character=40, size=32)
    assert 0 < result["originals"]["count"] <= MAX_ORIGINALS and result["originals"]["side"] == 256


@pytest.fixture(scope="module")
def drawn():
    """Originals and pictures of the built-in character."""
    pictures = [mascot.draw(mascot.random_truth(random.Random(seed)), 128).convert("RGBA") for seed in range(8)]
    small = [p.convert("RGBa").resize((32, 32), Image.Resampling.HAMMING).convert("RGBA") for p in pictures]
    both = [torch.cat([originals.as_bytes(originals.values_of(p)) for p in part]) for part in (pictures, small)]
    return originals.Originals(*both)


def test_what_was_learned_is_kept_only_where_it_helps(drawn, monkeypatch):
    few = originals.Originals(drawn.large[:4], drawn.small[:4])
    assert originals.tune(few, 1) == (None, 0.0)
    monkeypatch.setattr(originals, "MIN_GAIN", -100)
    net, gain = originals.tune(drawn, 8)
    again, _ = originals.tune(drawn, 8)
    assert net is not None and again is not None and -1 < gain < 5
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), again.parameters()))  # the same every time
    monkeypatch.setattr(originals, "MIN_GAIN", 100)
    assert originals.tune(drawn, 1) == (None, 0.0)


CONFIG = ModelConfig("began", 16, 4, 8, "uniform", {"filters": 4, "layers": 1, "sets": 1})


@pytest.fixture
def tuned(tmp_path) -> Path:
    """A model whose finishing stage is not the package's."""
    torch.manual_seed(0)
    model = Model.build(CONFIG)
    model.finisher = load_finisher()
    with torch.no_grad():
        model.finisher.head_4x[0].weight.mul_(1.5)
    model.save(tmp_path / "model")
    return tmp_path / "model"


def test_a_model_carries_its_finishing_stage(tuned):
    model = load(tuned)
    values = model(model.latents(0, 2))
    assert not np.array_equal(model.finish(values, 64), finish(values, 64))
    model.save(tuned)
    assert np.array_equal(load(tuned).finish(values, 64), model.finish(values, 64))
    model.finisher = None
    model.save(tuned)
    assert not list(tuned.glob("finisher.*")) and np.array_equal(load(tuned).finish(values, 64), finish(values, 64))


def test_a_finishing_stage_that_is_missing_or_changed_is_named(tuned):
    (file,) = tuned.glob("finisher.*.safetensors")
    file.write_bytes(file.read_bytes()[:-2] + b"xy")
    with pytest.raises(UserError, match="finisher"):
        load(tuned)
    file.unlink()
    with pytest.raises(UserError, match="finisher"):
        load(tuned)


def test_the_page_ships_the_models_own_finishing_stage(tuned, tmp_path):
    page(Page(runs=(tuned,), out=tmp_path / "page"))
    data = json.loads((tmp_path / "page" / "page.json").read_text())
    own = data["models"][0]["finisher"]
    assert (
        own["sha256"] != data["finisher"]["sha256"] and (tmp_path / "page" / own["file"]).stat().st_size == own["bytes"]
    )

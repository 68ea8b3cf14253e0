"""A sticker stands for what is said of the training picture that it looks like."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.draw.emojis import USUAL, emoji_of, emojis


@pytest.mark.parametrize(
    "name, emoji",
    [
        ("stickers/happy-3.png", "😊"),
        ("a.zip/very_SAD cat.webp", "😢"),
        ("noto_1f63a.png", "😺"),
        ("emoji_u1f600.svg", "😀"),
        ("😎.png", "😎"),
        ("开心的猫.png", "😊"),
        ("sadhu.png", USUAL),
        ("deadbeef1f63a0.png", USUAL),
        ("", USUAL),
    ],
)
def test_names_that_say_something(name, emoji):
    assert emoji_of(name) == emoji


def test_each_takes_the_emoji_of_the_training_picture_it_is_like(tmp_path: Path):
    pictures, run = tmp_path / "pictures", tmp_path / "run"
    for folder in (pictures, run / "model"):
        folder.mkdir(parents=True)
    colours = {"0001.png": (250, 30, 30), "0002.png": (30, 250, 30), "0003.png": (30, 30, 250)}
    for file, colour in colours.items():
        Image.new("RGB", (24, 24), colour).save(pictures / file)
    sources = zip(colours, ("angry.png", "sleepy.png", "plain.png"))
    (pictures / "gather.json").write_text(json.dumps({"taken": [{"file": f, "source": s} for f, s in sources]}))
    known = PictureSet.load(pictures)
    data = {"sha256": known.digest(), "count": 3}
    (run / "config.json").write_text(json.dumps({"pictures": str(pictures), "data": data}))
    (run / "model" / "config.json").write_text("{}")
    (run / "model" / "model.safetensors").write_bytes(b"")
    drawn = known.normalized().numpy()[[1, 2, 0, 1]] * 0.8
    assert emojis(drawn, run) == ["😴", USUAL, "😠", "😴"]
    assert emojis(np.zeros((2, 3, 32, 32), np.float32), run) == [USUAL, USUAL]  # of another size
    (pictures / "gather.json").write_text("[]")
    assert emojis(drawn, run) == [USUAL] * 4
    (pictures / "0001.png").unlink()
    assert emojis(drawn, run) == [USUAL] * 4

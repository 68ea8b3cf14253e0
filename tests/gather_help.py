"""Small drawings and a shorthand for the tests of gather."""

from __future__ import annotations

import io
import json
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from chonk.ingest.gather import gather
from chonk.settings import Gather

HIDDEN = (255, 0, 255)
"""The colour under alpha 0 of every drawing here: magenta on a finished picture is a mistake."""


def drawing(number: int, size: int = 128) -> Image.Image:
    """A little creature, another one for every number: RGBA with soft edges, HIDDEN where it is transparent."""
    return _drawn(number, size).copy()


@lru_cache(maxsize=64)  # many tests draw the same ones, and large ones take seconds
def _drawn(number: int, size: int) -> Image.Image:
    random = np.random.default_rng(number)
    side = 4 * size
    image = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    body, spot = (tuple(int(c) for c in random.integers(20, 235, 3)) for _ in range(2))

    def oval(x: float, y: float, wide: float, high: float, colour: tuple) -> None:
        pen.ellipse(
            [side * (x - wide), side * (y - high), side * (x + wide), side * (y + high)],
            fill=(*colour, 255),
            outline=(20, 20, 20, 255),
            width=side // 60,
        )

    wide, high = random.uniform(0.22, 0.4, 2)
    ear = random.uniform(0.06, 0.14)
    oval(0.5 - wide * 0.7, 0.5 - high, ear, ear * 1.6, spot)
    oval(0.5 + wide * 0.7, 0.5 - high, ear, ear * 1.3, spot)
    oval(0.5, 0.55, wide, high, body)
    for _ in range(3):
        x, y, r = random.uniform(0.35, 0.65), random.uniform(0.5, 0.8), random.uniform(0.03, 0.08)
        oval(x, y, r, r, spot)
    oval(0.42, 0.42, 0.05, random.uniform(0.02, 0.07), (255, 255, 255))
    oval(0.6, 0.42, 0.05, random.uniform(0.02, 0.07), (255, 255, 255))
    small = np.array(image.convert("RGBa").resize((size, size), Image.Resampling.BOX).convert("RGBA"))
    small[small[..., 3] == 0] = (*HIDDEN, 0)
    return Image.fromarray(small)


def on(image: Image.Image, colour: str | tuple) -> Image.Image:
    """An RGBA picture on a ground, as RGB."""
    ground = Image.new("RGBA", image.size, colour)
    return Image.alpha_composite(ground, image).convert("RGB")


def encode(image: Image.Image, kind: str, **options) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def folder_of(folder: Path, count: int, first: int = 0, size: int = 128) -> Path:
    """A folder of `count` drawings as PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        drawing(number, size).save(folder / f"drawing {number:03d}.png")
    return folder


def run(source: Path | None, out: Path, **settings) -> dict:
    """`gather`, its result also checked against the files it left."""
    result = gather(Gather(source=source, out=out, **settings))
    assert result == json.loads((out / "gather.json").read_text())
    assert [row["file"] for row in result["taken"]] == sorted(file.name for file in out.glob("*.png"))
    return result


def sources(result: dict) -> list[str]:
    return [row["source"] for row in result["taken"]]


def reasons(result: dict) -> dict[str, str]:
    return {row["source"]: row["reason"] for row in result["skipped"]}


def finished(out: Path, result: dict, source: str) -> np.ndarray:
    """The finished picture of a source file, size x size x 4 bytes."""
    name = next(row["file"] for row in result["taken"] if row["source"] == source)
    with Image.open(out / name) as picture:
        return np.array(picture.convert("RGBA"))

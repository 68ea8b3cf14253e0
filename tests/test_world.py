"""The procedural world: the same seed draws the same picture, seeds differ, and every kind of thing occurs."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from random import Random

import numpy as np
import pytest

from chonk.synthetic import world
from chonk.synthetic.world.extras import MOODS
from chonk.synthetic.world.eyes import EYES
from chonk.synthetic.world.face import MOUTHS
from chonk.synthetic.world.finish import FINISHES
from chonk.synthetic.world.pen import WIDTHS
from chonk.synthetic.world.props import PROPS
from chonk.synthetic.world.scene import SCENES
from chonk.synthetic.world.shading import SHADES

SEEDS = range(1000)


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return world.batch(range(160), 64)


@pytest.fixture(scope="module")
def drawings() -> list[tuple[str, world.Labels]]:
    return [world.drawing(Random(seed)) for seed in SEEDS]


def on_white(pictures: np.ndarray) -> np.ndarray:
    alpha = pictures[..., 3:].astype(np.float32) / 255
    return pictures[..., :3] * alpha + 255 * (1 - alpha)


def test_a_seed_is_a_picture(pictures):
    assert pictures.shape == (160, 64, 64, 4) and pictures.dtype == np.uint8
    again = world.batch(reversed(range(140, 160)), 64)[::-1]
    assert np.array_equal(again, pictures[140:])
    assert world.labels(7) == world.labels(7) != world.labels(8)


def test_another_process_draws_the_same():
    code = (
        "import sys; from chonk.synthetic import world; sys.stdout.buffer.write(world.batch(range(12), 48).tobytes())"
    )
    drawn = [
        subprocess.run([sys.executable, "-c", code], env={"PYTHONHASHSEED": h}, capture_output=True, check=True).stdout
        for h in ("1", "2")
    ]
    assert drawn[0] == drawn[1] == world.batch(range(12), 48).tobytes()


def test_sizes_show_the_same_drawing():
    """A picture drawn large and shrunk is close to the one drawn small, wherever the finish has no pixels of its
    own."""
    plain = [s for s in range(60) if world.labels(s)["finish"] == "none"][:10]
    large = world.batch(plain, 128).reshape(len(plain), 64, 2, 64, 2, 4)[..., 3].mean((2, 4))
    assert np.abs(large - world.batch(plain, 64)[..., 3]).mean() < 4


def test_pictures_differ(pictures):
    """Mean distance of 16 x 16 thumbnails on white, and of the nearest neighbours: no two seeds look alike."""
    thumbs = on_white(pictures).reshape(160, 16, 4, 16, 4, 3).mean((2, 4)).reshape(160, -1) / 255
    far = np.sqrt(((thumbs[:, None] - thumbs[None]) ** 2).mean(-1))
    assert far[np.triu_indices(160, 1)].mean() > 0.25
    assert (far + np.eye(160)).min() > 0.02


def test_figures_are_there(pictures):
    """Hardly any picture is empty, and most are cut-outs on a clear ground."""
    rendered = on_white(pictures)
    assert (rendered.std((1, 2)).max(-1) > 8).mean() > 0.95
    clear = (pictures[..., 3] == 0).mean((1, 2)) > 0.1
    assert 0.5 < clear.mean() < 0.95


def test_every_kind_occurs(drawings):
    expected = {
        "kind": set(world.KINDS),
        "eyes": set(EYES),
        "mouth": set(MOUTHS),
        "finish": set(FINISHES),
        "scene": set(SCENES),
        "shade": set(SHADES),
        "line": {name.strip() for name in WIDTHS},
        "prop": set(PROPS),
        "mood": set(MOODS),
    }
    for factor, values in expected.items():
        seen = Counter(labels[factor] for _, labels in drawings if factor in labels)
        assert set(seen) == values, factor
        assert max(seen.values()) < 0.8 * sum(seen.values()), factor


def test_drawings_stand_alone(drawings):
    """Nothing outside the drawing is asked for: no links, no files, no fonts, no numbers gone wrong."""
    for svg, _ in drawings:
        body = svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not any(word in body for word in ("http", "href", "<image", "<text", "@import", "nan", "inf"))
        references, names = (
            {part.split(")")[0] for part in body.split("url(#")[1:]},
            {part.split('"')[0] for part in body.split('id="')[1:]},
        )
        assert references <= names
        assert body.count('id="') == len(names)


def test_large_pictures():
    """Sizes beyond the textures' own 256 pixels, and ones that are no power of two."""
    textured = next(s for s in range(200) if world.labels(s)["finish"] == "painterly")
    assert [world.picture(textured, size).size for size in (300, 37)] == [(300, 300), (37, 37)]


def test_sheets_for_the_eye(tmp_path, monkeypatch):
    from chonk.synthetic.world.__main__ import main

    monkeypatch.setattr(sys, "argv", ["world", str(tmp_path), "--count", "12", "--size", "32"])
    main()
    assert [file.name for file in tmp_path.iterdir()] == ["sheet_000000.png"]

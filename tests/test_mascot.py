"""The built-in character: every factor shows, the face is never hidden, and the same seed gives the same bytes."""

from __future__ import annotations

import dataclasses
import itertools
import json
import random
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.synthetic.mascot import FACTORS, Truth, draw, face, load_truths, make_folder, random_truth, svg, truths
from chonk.synthetic.mascot.ink import oval

MAGENTA = "#ff00ff"


@lru_cache(1000)
def pixels(truth: Truth) -> np.ndarray:
    """The picture on mid-grey, so that a change of alpha counts as well: 64 x 64 x 3, in [0, 1]."""
    rgba = np.asarray(draw(truth, 64), np.float64) / 255
    return rgba[..., :3] * rgba[..., 3:] + 0.5 * (1 - rgba[..., 3:])


def changed(first: Truth, second: Truth) -> float:
    """How many of the 4,096 pixels at 64 x 64 differ clearly (by a fifth of the range in some channel)."""
    return float((np.abs(pixels(first) - pixels(second)).max(2) > 0.2).sum())


def test_thirteen_factors_whose_first_values_are_the_character_at_rest():
    assert len(FACTORS) >= 10
    assert Truth().factors() == {factor: values[0] for factor, values in FACTORS.items()}
    assert all(len(set(values)) == len(values) >= 2 for values in FACTORS.values())


@pytest.mark.parametrize("factor", FACTORS)
def test_each_pair_of_values_can_be_told_apart_at_64_pixels(factor):
    busy = Truth(
        pose="lying",
        lean="right",
        size="small",
        colour="mint",
        marking="spots",
        ears="round",
        holds="book",
        scene="water",
    )
    for base in (Truth(), busy, random_truth(random.Random(1))):
        for one, other in itertools.combinations(FACTORS[factor], 2):
            first, second = (dataclasses.replace(base, **{factor: value}) for value in (one, other))
            assert changed(first, second) >= 15, f"{factor}: {one} and {other} look alike"


def test_a_wobble_moves_less_than_a_factor_does():
    still, first, second = pixels(Truth()), pixels(Truth(wobble=1)), pixels(Truth(wobble=2))
    assert not np.array_equal(first, second)
    assert np.abs(still - first).mean() < np.abs(still - pixels(Truth(pose="loaf"))).mean()


def test_eyes_and_mouth_are_never_covered():
    """Face parts painted magenta: as much of them shows in a full picture as on the same head with nothing near it."""
    places = {"eyes": [(-29, 3, 17, 18), (29, 3, 17, 18)], "mouth": [(0, 36, 19, 14)]}

    def marked(truth: Truth, part: str) -> int:
        paint = "".join(oval(*place, MAGENTA, width=0) for place in places[part])
        with mock.patch.object(face, part, lambda kind: paint):
            rgba = np.asarray(draw(truth, 64), np.int16)
        return int(((rgba[..., 0] > 200) & (rgba[..., 1] < 90) & (rgba[..., 2] > 200)).sum())

    for truth in truths(80, seed=5):
        bare = dataclasses.replace(truth, holds="none", hat="none", neck="none", scene="none")
        for part, least in (("eyes", 0.95), ("mouth", 0.8)):
            assert marked(truth, part) >= least * marked(bare, part) > 10, f"{part} of {truth}"


def test_nothing_important_leaves_the_picture():
    """Without a leash (which leads outside) hardly any ink touches the border."""
    for truth in truths(80, seed=6):
        alpha = np.asarray(draw(dataclasses.replace(truth, neck="none"), 64))[..., 3] > 128
        assert alpha[0].sum() + alpha[-1].sum() + alpha[:, 0].sum() + alpha[:, -1].sum() <= 4, truth


def test_the_corners_are_transparent():
    for truth in truths(30, seed=7):
        alpha = np.asarray(draw(dataclasses.replace(truth, neck="none"), 64))[..., 3]
        assert alpha[[0, 0, -1, -1], [0, -1, 0, -1]].max() == 0
        assert alpha.max() == 255


def test_the_picture_refers_to_nothing_outside_itself():
    for truth in truths(40, seed=8):
        source = svg(truth)
        assert source.count("http") == 1 and 'xmlns="http://www.w3.org/2000/svg"' in source
        assert not re.search(r"<(image|use|script|style|foreignObject|text|font)|href|url\((?!#)|<!", source)
        names = re.findall(r'id="([^"]+)"', source)
        assert len(names) == len(set(names)) and set(re.findall(r"url\(#([^)]+)\)", source)) == set(names)


def test_values_come_evenly_and_independently():
    found = [truth.factors() for truth in truths(2000, seed=0)]
    for factor, values in FACTORS.items():
        counts = Counter(one[factor] for one in found)
        expected = 2000 / len(values)
        assert set(counts) == set(values)
        assert max(abs(n - expected) for n in counts.values()) < 5 * expected**0.5, factor
    for one, other in itertools.combinations(FACTORS, 2):
        pairs = Counter((t[one], t[other]) for t in found)
        cells = len(FACTORS[one]) * len(FACTORS[other])
        chi2 = sum(
            (pairs[pair] - 2000 / cells) ** 2 / (2000 / cells)
            for pair in itertools.product(FACTORS[one], FACTORS[other])
        )
        assert chi2 < cells + 6 * (2 * cells) ** 0.5, (one, other)


def test_truths_are_distinct_and_a_longer_list_starts_with_the_shorter():
    many = truths(500, seed=3)
    assert len({tuple(t.factors().values()) for t in many}) == 500
    assert truths(40, seed=3) == many[:40]
    assert truths(40, seed=4) != many[:40]
    assert random_truth(random.Random(3)) == many[0]


def test_arithmetic_of_the_original_can_be_said():
    base, minus, plus = Truth(holds="taco", lean="left"), Truth(lean="left"), Truth(lean="right", neck="leash")
    result = {
        f: plus.factors()[f] if plus.factors()[f] != minus.factors()[f] else value
        for f, value in base.factors().items()
    }
    assert Truth(**result) == Truth(holds="taco", lean="right", neck="leash")


def test_a_folder_is_the_same_bytes_again_and_tells_the_truth(tmp_path):
    for name in ("a", "b"):
        make_folder(12, 9, 64, tmp_path / name)
    files = sorted(f.name for f in (tmp_path / "a").iterdir())
    assert files == [f"{i:04}.png" for i in range(1, 13)] + ["gather.json", "truth.json"]
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)

    truth = json.loads((tmp_path / "a" / "truth.json").read_text())
    assert truth["factors"] == {factor: list(values) for factor, values in FACTORS.items()}
    assert [Truth(**factors, wobble=truth["wobble"][name]) for name, factors in truth["pictures"].items()] == truths(
        12, 9
    )
    for name, truth in load_truths(tmp_path / "a").items():
        assert draw(truth, 64).tobytes() == _bytes(tmp_path / "a" / name), name

    gathered = json.loads((tmp_path / "a" / "gather.json").read_text())
    assert (
        [one["file"] for one in gathered["taken"]] == files[:12]
        and gathered["skipped"] == []
        and gathered["size"] == 64
    )
    pictures = PictureSet.load(tmp_path / "a")
    assert (len(pictures), pictures.channels, pictures.size) == (12, 4, 64)


def _bytes(file: Path) -> bytes:
    with Image.open(file) as picture:
        return picture.convert("RGBA").tobytes()


@pytest.mark.parametrize("call", [lambda: Truth(hat="sombrero"), lambda: truths(0), lambda: truths(10**9)])
def test_what_cannot_be_drawn_is_named(call):
    with pytest.raises(UserError):
        call()

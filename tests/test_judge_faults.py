"""Every fault planted on purpose must be found, and called by its name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.judge.planted import faults
from chonk.judge.quick_eval import quick_eval
from chonk.judge.verdict import Judge
from chonk.synthetic.mascot import draw, truths

SIZE, TRAINING, FRESH = 64, 90, 45


def character(count: int, seed: int) -> torch.Tensor:
    """Pictures of the built-in character as PictureSet holds them: on white, then alpha."""
    rgba = np.stack([np.asarray(draw(truth, SIZE)) for truth in truths(count, seed)])
    alpha = rgba[..., 3:] / 255
    on_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return torch.from_numpy(np.concatenate([on_white, rgba[..., 3:]], 3).transpose(0, 3, 1, 2).copy())


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    drawn = character(TRAINING + FRESH, seed=3)
    return drawn[:TRAINING], drawn[TRAINING:]


@pytest.fixture(scope="module")
def judge(pictures) -> Judge:
    return Judge(pictures[0])


@pytest.fixture(scope="module")
def verdicts(pictures, judge):
    training, fresh = pictures
    return {name: judge(make()) for name, make in faults(fresh, training).items()}


NAMES = {
    "real": [],
    "blur 0.7": ["blurred"],
    "blur 1.5": ["blurred"],
    "noise 12": ["noisy"],
    "noise 30": ["noisy"],
    "ghosts": ["ghosts"],
    "warped": ["bent"],
    "scrambled": ["torn"],
    "recoloured": ["recoloured"],
    "repeated": ["collapsed"],
    "copies": ["copies"],
    "mirrored copies": ["copies"],
    "shifted copies": ["copies"],
}


@pytest.mark.parametrize("fault", NAMES)
def test_the_fault_is_called_by_its_name(verdicts, fault):
    assert verdicts[fault].words.faults == NAMES[fault]


BY_HAND = Path(__file__).parents[2] / "shared" / "data"
"""Sets drawn by people, where somebody has put them beside the repository."""


@pytest.mark.parametrize("name", ["revoycats", "notoemoji"])
def test_on_pictures_drawn_by_hand_too(name):
    if not (BY_HAND / name).is_dir():
        pytest.skip(f"{BY_HAND / name} is not there")
    pixels = torch.nn.functional.avg_pool2d(PictureSet.load(BY_HAND / name).pixels.float(), 2).round().byte()
    order = torch.randperm(len(pixels), generator=torch.Generator().manual_seed(0))
    training, fresh = pixels[order[:120]], pixels[order[120:180]]
    judge, planted = Judge(training), faults(fresh, training)
    wanted = {
        "real": set(),
        "blur 0.7": {"blurred"},
        "noise 12": {"noisy"},
        "repeated": {"collapsed"},
        "shifted copies": {"copies"},
    }
    assert {fault: set(judge(planted[fault]()).words.faults) for fault in wanted} == wanted


@pytest.mark.parametrize("fault", ["swapped halves", "grafted"])
def test_parts_of_different_pictures_are_found(verdicts, fault):
    assert "torn" in verdicts[fault].words.faults


def test_other_real_pictures_fill_every_gauge(verdicts):
    assert all(gauge.value > 0.8 for gauge in verdicts["real"].words.gauges.values())


def test_copies_are_good_and_varied_but_not_new(verdicts):
    gauges = verdicts["copies"].words.gauges
    assert gauges["good"].value > 0.8 and gauges["varied"].value > 0.8 and gauges["new"].value == 0
    assert "copied" in verdicts["copies"].words.verdict


def test_twelve_repeated_pictures_are_good_and_new_but_not_varied(verdicts):
    gauges = verdicts["repeated"].words.gauges
    assert gauges["new"].value > 0.8 and gauges["varied"].value < 0.25


@pytest.mark.parametrize(
    "mild, strong",
    [
        ("real", "blur 0.7"),
        ("blur 0.7", "blur 1.5"),
        ("real", "noise 12"),
        ("noise 12", "noise 30"),
        ("real", "ghosts"),
        ("real", "swapped halves"),
        ("real", "warped"),
    ],
)
def test_worse_pictures_get_worse_figures(verdicts, mild, strong):
    better, worse = verdicts[mild].figures, verdicts[strong].figures
    assert worse["frechet"].value > better["frechet"].value
    assert worse["kid"].value > better["kid"].value
    assert worse["density"].value < better["density"].value


def test_softness_and_grain_read_as_what_was_planted(verdicts):
    assert verdicts["blur 0.7"].figures["softness"].value == pytest.approx(0.7, abs=0.15)
    assert verdicts["blur 1.5"].figures["softness"].value == pytest.approx(1.5, abs=0.25)
    assert verdicts["noise 12"].figures["grain"].value == pytest.approx(12, abs=2)


def test_copies_are_found_beside_their_originals(verdicts):
    found = verdicts["mirrored copies"].nearest.index
    assert (found == np.arange(TRAINING)).mean() > 0.95


def test_what_is_no_picture_at_all_is_garbled(judge):
    noise = torch.randint(0, 256, (40, *judge.pixels.shape[1:]), generator=torch.Generator().manual_seed(0)).byte()
    found = judge(noise).words
    assert found.faults[0] == "garbled" and found.gauges["good"].value < 0.1


def test_the_mean_of_all_pictures_is_a_ghost_of_them_all(judge):
    fog = judge.pixels.float().mean(0, keepdim=True).round().byte().expand(40, -1, -1, -1)
    found = judge(fog).words
    assert (
        found.faults[0] == "ghosts"
        and "collapsed" in found.faults
        and found.gauges["good"].value < 0.1
        and found.gauges["varied"].value == 0
    )


def test_the_cheap_figures_tell_the_same_faults(pictures):
    training, fresh = pictures
    planted = faults(fresh, training)
    look = quick_eval(training)
    figures = {name: look(planted[name]()) for name in ("real", "blur 0.7", "blur 1.5", "repeated", "copies")}
    assert figures["copies"]["copies"] == 1 and figures["real"]["copies"] < 0.2
    assert figures["repeated"]["duplicates"] == 1 and figures["repeated"]["spread"] == 0
    assert figures["blur 1.5"]["softness"] > 1
    assert (
        figures["real"]["selection_score"]
        > 0.8
        > figures["blur 0.7"]["selection_score"]
        > figures["blur 1.5"]["selection_score"]
        > 0.05
        > figures["repeated"]["selection_score"]
        == figures["copies"]["selection_score"]
        == 0
    )
    assert figures["real"]["spread"] > 0.8


def test_where_all_have_twins_the_merit_still_tells_more_variety_from_less(pictures):
    """As in the first minutes of an adversarial training: fog in which something begins to show."""
    training, fresh = pictures
    mean, look = training.float().mean(0), quick_eval(training)
    dim, dimmer, fog = (look((mean + shows * (fresh - mean)).round().byte()) for shows in (0.2, 0.1, 0.0))
    assert dim["duplicates"] == dimmer["duplicates"] == fog["duplicates"] == 1
    assert dim["selection_score"] > dimmer["selection_score"] > fog["selection_score"] == 0

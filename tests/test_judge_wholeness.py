"""Wholeness: finds parts that do not belong together, says how many results hold together, knows when it cannot
tell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge import planted
from chonk.judge.gauges import AS_FAR_AS_SEEN, GOOD, UNCERTAIN, WHOLE
from chonk.judge.halves import Figure
from chonk.judge.placed import placed_features
from chonk.judge.variety import distinct
from chonk.judge.verdict import Judge
from chonk.judge.wholeness import Wholeness, pass_rate_and_auc
from chonk.judge.words import LABELS, words
from planted_mosaics import mosaics, redrawn
from test_judge_faults import character

TRAINING, FRESH = 240, 120


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    drawn = character(TRAINING + FRESH, seed=5)
    return drawn[:TRAINING], drawn[TRAINING:]


@pytest.fixture(scope="module")
def wholeness(pictures) -> Wholeness:
    return Wholeness(pictures[0])


def whole(wholeness: Wholeness, pixels: torch.Tensor) -> float:
    return wholeness(pixels).figures["whole"].value


def test_real_pictures_are_whole_and_told_from_nothing(wholeness, pictures):
    figures = wholeness(pictures[1]).figures
    assert figures["whole"].value > 0.8 and figures["auc"].value < 0.6
    assert figures["whole"].real > 0.8 and figures["whole"].deviation < 0.2


@pytest.mark.parametrize(
    "fault", ["ghosts", "swapped halves", "grafted", "pasted", "pasted softly elsewhere", "scrambled", "warped"]
)
def test_parts_that_do_not_belong_together_are_found(wholeness, pictures, fault):
    assert whole(wholeness, planted.faults(pictures[1], pictures[0])[fault]()) < 0.25


@pytest.mark.parametrize("harmless", ["blur 0.7", "copies", "mirrored copies"])
def test_neither_blur_nor_copies_are_taken_for_torn(wholeness, pictures, harmless):
    assert whole(wholeness, planted.faults(pictures[1], pictures[0])[harmless]()) > 0.75


def test_mosaics_of_the_memory_are_found_and_told_from_whole_pictures_by_the_same_decoder(wholeness, pictures):
    """Neither is drawn well by a decoder that has not learned this set."""
    training, fresh = pictures
    pieced, drawn = wholeness(mosaics(training, 80)).figures, wholeness(redrawn(fresh[:80])).figures
    assert pieced["whole"].value < 0.25 and pieced["auc"].value > 0.9 > drawn["auc"].value + 0.04


def perfect(figures: dict[str, Figure]) -> dict[str, Figure]:
    """All figures of a verdict as real pictures would get them, but for these."""
    higher = {"precision", "density", "recall", "coverage", "spread", "nearest", "passes"}
    return {
        name: Figure(*((1.0, 0.0, 1.0, 0.0) if name in higher else (0.01, 0.0, 0.01, 0.0)), name in higher)
        for name in LABELS
    } | figures


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_planted_results_of_known_quality_get_it_back_in_figures_and_words(wholeness, pictures, share):
    """Real pictures and chimeras of other real ones, mixed, and nothing else wrong."""
    fresh = pictures[1]
    mixed = planted.chimeras(fresh, np.random.default_rng(1))
    mixed[: int(share * FRESH)] = fresh[: int(share * FRESH)]
    figures = wholeness(mixed).figures
    assert figures["whole"].value == pytest.approx(share, abs=max(0.2, 2 * figures["whole"].deviation))
    gauges = words(perfect(figures), wholeness.inconclusive).gauges
    shares = ((0.7, 1.0), (0.4, 0.9), (0.1, 0.6), (0.0, 0.4), (0.4, 0.8))
    least, most = dict(zip((*WHOLE, UNCERTAIN), shares))[gauges["whole"].word]
    assert least <= share <= most
    assert (gauges["good"].word == GOOD[0]) <= (share > 0.7)


@pytest.mark.parametrize(("share", "noise", "word"), [(0.86, 0.0, 1), (0.96, 0.05, 0), (0.96, 0.12, 1)])
def test_four_of_five_are_not_nearly_all(share, noise, word):
    """A viewer called 50 of 64 whole where the figure was 0.86 of what real pictures get, and 37 where it was 0.97,
    with much noise."""
    said = words(perfect({"whole": Figure(share, noise, 1.0, noise, True)})).gauges
    assert (said["whole"].value, said["whole"].word) == (share, WHOLE[word])
    assert said["good"].word == GOOD[word], "no better than the whole"


@pytest.mark.parametrize(
    ("share", "noise", "word"),
    [(0.6, 0.12, UNCERTAIN), (0.65, 0.21, UNCERTAIN), (0.45, 0, WHOLE[2]), (0.4, 0.2, WHOLE[2]), (0.2, 0.1, WHOLE[3])],
)
def test_less_than_half_is_said_only_of_less_than_half(share, noise, word):
    """A figure of 0.65 with a deviation of 0.21 stood beside 25 results of which 21 were whole."""
    said = words(perfect({"whole": Figure(share, noise, 1.0, noise, True)})).gauges
    assert said["whole"].word == word and said["good"].word not in GOOD[:2]


@pytest.mark.parametrize("part", ["density", "frechet", "passes", "whole"])
def test_the_headline_is_never_better_than_its_worst_part(part):
    bad = perfect({part: Figure(0.3, 0.0, 1.0, 0.0, True) if part != "frechet" else Figure(9.0, 0.0, 1.0, 0.0, False)})
    found = words(bad)
    assert found.gauges["good"].value == pytest.approx({"frechet": 1 / 3, "passes": 0.65}.get(part, 0.3))
    assert GOOD[0] in words(perfect({})).verdict and GOOD[0] not in found.verdict


@pytest.mark.parametrize("part", ["coverage", "recall", "spread"])
def test_nor_is_variety(part):
    assert words(perfect({part: Figure(0.3, 0.0, 1.0, 0.0, True)})).gauges["varied"].value == pytest.approx(0.3)


def test_a_set_too_small_to_tell_says_so_and_from_which_size_on_it_could(wholeness, pictures):
    small = Wholeness(pictures[0][:40])
    assert small.inconclusive.startswith(
        "cannot be told by 40 pictures; of pictures as different as these it takes about"
    )
    assert 60 <= int(small.inconclusive.split()[-1]) <= TRAINING and not wholeness.inconclusive
    said = words(perfect(small(pictures[1]).figures), small.inconclusive)
    assert small.inconclusive in said.verdict and GOOD[0] not in said.verdict
    assert said.gauges["good"].word == AS_FAR_AS_SEEN and "Look at them yourself" in said.next_steps[0]


def test_the_same_few_pictures_over_and_over_are_not_blamed_for_being_known_by_heart(pictures):
    judge, fresh = Judge(pictures[0][:60]), pictures[1]
    assert judge(planted.repeated(fresh[:60], 12)).figures["whole"].value > 0.5
    assert "too few kinds" in judge(planted.repeated(fresh[:60], 3)).words.verdict


def test_scores_order_results(wholeness, pictures):
    """So that the page shows the right pictures beside the figure."""
    fresh = pictures[1]
    mixed = torch.cat([fresh[:60], planted.swapped(fresh, np.random.default_rng(2))[60:]])
    scores = wholeness(mixed).scores
    assert pass_rate_and_auc(scores[:60], scores[60:])[1] > 0.75


def test_features_know_their_place_but_not_left_from_right_nor_a_little_blur():
    pixels = character(8, seed=1)
    seen = placed_features(pixels)
    assert seen.shape[:2] == (3, 8) and np.isfinite(seen).all()
    assert np.allclose(placed_features(pixels.flip(3)), seen, atol=1e-4)
    assert (
        np.abs(placed_features(pixels.flip(2)) - seen).mean()
        > 5 * np.abs(placed_features(planted.blurred(pixels, 0.7)) - seen).mean()
    )


@pytest.mark.parametrize("size", [16, 24, 48, 128])
def test_any_size_of_picture(size):
    assert (
        placed_features(torch.zeros(2, 4, size, size, dtype=torch.uint8)).shape
        == placed_features(torch.zeros(2, 3, 64, 64, dtype=torch.uint8)).shape
    )


def test_auc_counts_ties_half():
    assert pass_rate_and_auc(np.array([1.0, 2.0]), np.array([0.0, 1.0]))[1] == pytest.approx(0.875)


def test_distinct_keeps_one_of_each_kind():
    assert distinct(np.array([[0.0], [0.1], [1.0], [1.05], [0.05]]), 0.2).tolist() == [0, 2]

"""Wholeness: finds parts that do not belong together, says how many results hold together, and knows when it cannot tell."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from chonk.judge import planted
from chonk.judge.mosaics import mosaics, redrawn
from chonk.judge.placed import placed_features
from chonk.judge.variety import distinct
from chonk.judge.verdict import Judge
from chonk.judge.wholeness import Wholeness, passed_and_auc
from chonk.judge.words import AS_FAR_AS_SEEN, GOOD
from test_judge_faults import character

TRAINING, FRESH = 240, 120


@pytest.fixture(scope="module")
def pictures() -> tuple[torch.Tensor, torch.Tensor]:
    drawn = character(TRAINING + FRESH, seed=5)
    return drawn[:TRAINING], drawn[TRAINING:]


@pytest.fixture(scope="module")
def wholeness(pictures) -> Wholeness:
    return Wholeness(pictures[0])


@pytest.fixture(scope="module")
def judge(pictures) -> Judge:
    return Judge(pictures[0])


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


@pytest.mark.parametrize("share", [0.0, 0.25, 0.5, 0.75, 1.0])
def test_planted_results_of_known_quality_get_it_back_in_figures_and_words(judge, pictures, share):
    """Real pictures and chimeras of other real ones, mixed."""
    fresh = pictures[1]
    mixed = planted.chimeras(fresh, np.random.default_rng(1))
    mixed[: int(share * FRESH)] = fresh[: int(share * FRESH)]
    verdict = judge(mixed)
    figure = verdict.figures["whole"]
    assert figure.value == pytest.approx(share, abs=max(0.2, 2 * figure.deviation))
    word = verdict.words.gauges["whole"].word
    least = {"nearly all whole": 0.7, "mostly whole": 0.4, "less than half of them whole": 0.1, "seldom whole": 0.0}[
        word
    ]
    most = {"nearly all whole": 1.0, "mostly whole": 0.9, "less than half of them whole": 0.6, "seldom whole": 0.4}[
        word
    ]
    assert least <= share <= most
    assert (verdict.words.gauges["good"].word == GOOD[0]) <= (share > 0.7)


def test_the_headline_is_never_better_than_its_worst_part(judge, pictures):
    fresh = pictures[1]
    for made in (planted.swapped(fresh, np.random.default_rng(0)), planted.blurred(fresh, 1.5), fresh):
        verdict = judge(made)
        figures, good = verdict.figures, verdict.words.gauges["good"].value
        assert good <= figures["whole"].ratio() and good <= figures["density"].ratio()
        assert good <= figures["frechet"].ratio() ** 0.5


def test_a_set_too_small_to_tell_says_so_and_from_which_size_on_it_could(pictures):
    training, fresh = pictures
    small = Judge(training[:40])
    for made in (fresh, planted.swapped(fresh, np.random.default_rng(0))):
        words = small(made).words
        assert "cannot be told by 40 pictures" in words.verdict and "it takes about" in words.verdict
        assert GOOD[0] not in words.verdict
    assert small(fresh).words.gauges["good"].word in (AS_FAR_AS_SEEN, *GOOD[1:])
    needed = int(Wholeness(training[:40]).untold.split()[-1])
    assert 60 <= needed <= TRAINING and not Wholeness(training).untold


def test_the_same_few_pictures_over_and_over_are_not_blamed_for_being_known_by_heart(judge, pictures):
    fresh = pictures[1]
    verdict = judge(planted.repeated(fresh, 12))
    assert verdict.figures["whole"].value > 0.5 and "collapsed" in verdict.words.faults
    assert "too few kinds" in judge(planted.repeated(fresh, 3)).words.verdict


def test_scores_order_results(wholeness, pictures):
    """So that the page shows the right pictures beside the figure."""
    fresh = pictures[1]
    mixed = torch.cat([fresh[:60], planted.swapped(fresh, np.random.default_rng(2))[60:]])
    scores = wholeness(mixed).scores
    assert passed_and_auc(scores[:60], scores[60:])[1] > 0.85


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
    assert passed_and_auc(np.array([1.0, 2.0]), np.array([0.0, 1.0]))[1] == pytest.approx(0.875)


def test_distinct_keeps_one_of_each_kind():
    assert distinct(np.array([[0.0], [0.1], [1.0], [1.05], [0.05]]), 0.2).tolist() == [0, 2]

"""Shares, combinations and sums, counted where the right answer is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from chonk.errors import UserError
from chonk.judge import reader as reading
from chonk.judge import train_reader
from chonk.judge.reader import SURE, FactorReader, Net, Reading, exchanged, outcome, reliable, right
from chonk.judge.train_reader import drawings
from chonk.judge.truth import combinations, shares, sums, trained_on
from chonk.latents import latents
from chonk.synthetic.mascot import FACTORS, make_folder, truths

COUNTS = [len(values) for values in FACTORS.values()]
ALL = list(range(len(COUNTS)))


def random_values(count: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.stack([rng.integers(0, n, count) for n in COUNTS], 1)


class Perfect:
    """A world in which a latent holds one number for each value of each factor, the largest is shown, and all can be
    read."""

    def latents(self, values: np.ndarray) -> np.ndarray:
        return np.concatenate([np.eye(n)[values[:, i]] for i, n in enumerate(COUNTS)], 1)

    def draw(self, latents: np.ndarray) -> np.ndarray:
        return latents

    def __call__(self, drawn: np.ndarray) -> Reading:
        parts = np.split(drawn, np.cumsum(COUNTS)[:-1], axis=1)
        return Reading(np.stack([part.argmax(1) for part in parts], 1), np.ones((len(drawn), len(COUNTS))))


def test_sums_come_out_right_where_latents_add_up():
    world, values = Perfect(), random_values(400)
    found = sums(world.draw, world, world.latents(values), values, ALL, count=60)
    assert found["changed"] > 0.95 and found["right"] > 0.9


def test_a_perfect_generator_on_random_latents_gets_most_sums_right():
    """The factors are the largest numbers of a normal latent, as a trained prior has them: the sums' noise must not
    blame it."""
    world, z = Perfect(), latents(1, 2000, sum(COUNTS))
    found = sums(world.draw, world, z, world(z).values, ALL)
    assert found["right"] > 0.65 and found["kept"] > 0.95


def test_tangled_latents_get_no_sum_right():
    """The same pictures, but from latents whose every number depends on all others through a fold: nothing adds up."""
    world, z = Perfect(), latents(1, 2000, sum(COUNTS))
    mix = np.random.default_rng(0).standard_normal((z.shape[1], z.shape[1])) * 3 / z.shape[1] ** 0.5
    tangled = lambda x: np.sin(x @ mix) * 2  # noqa: E731
    assert sums(tangled, world, z, world(tangled(z)).values, ALL)["right"] < 0.1


def test_an_exchange_is_right_when_it_changes_and_at_most_one_other_slips():
    base, wanted = np.zeros((4, len(COUNTS)), int), exchanged(np.zeros(len(COUNTS), int), 2, 1)
    read = np.stack([wanted, exchanged(wanted, 5, 1), exchanged(exchanged(wanted, 5, 1), 6, 1), base[0]])
    changed, slips = outcome(read, np.stack([wanted] * 4), np.full(4, 2), ALL)
    assert changed.tolist() == [True, True, True, False] and slips.tolist() == [0, 1, 2, 0]
    assert right(changed, slips).tolist() == [True, True, False, False]
    assert outcome(read, np.stack([wanted] * 4), np.full(4, 2), [0, 1, 2, 6])[1].tolist() == [
        0,
        0,
        1,
        0,
    ]  # 5 is not watched


def test_what_the_reader_cannot_tell_is_not_asked_for():
    world, z = Perfect(), latents(1, 500, sum(COUNTS))
    blind = list(FACTORS).index("eyes")
    accuracy = dict.fromkeys(FACTORS, 0.95) | {"eyes": 0.6}
    assert reliable(accuracy) == [i for i in ALL if i != blind]
    assert "eyes" not in sums(world.draw, world, z, world(z).values, reliable(accuracy), count=20)["factors"]


def test_sums_go_wrong_where_every_latent_draws_the_same():
    world, values = Perfect(), random_values(400)
    found = sums(
        lambda latents: np.repeat(world.latents(values[:1]), len(latents), 0),
        world,
        world.latents(values),
        values,
        ALL,
        count=60,
    )
    assert found["changed"] < 0.6 and found["right"] < 0.1


def test_no_sums_where_all_results_read_alike():
    world, values = Perfect(), np.repeat(random_values(1), 30, 0)
    assert sums(world.draw, world, world.latents(values), values, ALL)["count"] == 0


def test_combinations_know_what_was_trained_on():
    values = random_values(40)
    clear, dim = np.ones(values.shape), np.full(values.shape, 0.3)
    assert combinations(Reading(values, clear), values)["new"] == 0
    half = combinations(Reading(values, np.concatenate([clear[:20], dim[20:]])), values[:10])
    assert half["new"] == 0.75 and half["clear"] == 0.5 and half["new_and_clear"] == 0.25 and half["different"] == 1


def test_a_picture_with_another_hat_is_not_far_from_the_training_pictures():
    values = random_values(40)
    clear = Reading(values, np.ones(values.shape))
    assert combinations(clear, values)["far_and_clear"] == 0
    for changed in range(5):
        near = values.copy()
        near[:, :changed] = (near[:, :changed] + 1) % COUNTS[:changed]
        assert (combinations(clear, near)["far_and_clear"] > 0.9) == (changed >= 3)
    half = Reading(near, np.concatenate([np.ones((20, near.shape[1])), np.full((20, near.shape[1]), 0.3)]))
    assert combinations(half, values)["far_and_clear"] == pytest.approx(0.5, abs=0.05)


def test_shares_add_up_to_one():
    for values in shares(random_values(50), random_values(70, 1)).values():
        assert sum(v["results"] for v in values.values()) == pytest.approx(1) and sum(
            v["truth"] for v in values.values()
        ) == pytest.approx(1)


def test_truth_is_read_from_the_folder(tmp_path):
    assert trained_on(tmp_path) is None
    make_folder(4, 0, 16, tmp_path)
    assert trained_on(tmp_path).shape == (4, len(FACTORS))
    (tmp_path / "truth.json").write_text(json.dumps({"pictures": {"0001.png": {"lean": "sideways"}}}))
    with pytest.raises(UserError, match="truth.json"):
        trained_on(tmp_path)


def test_a_few_seconds_of_teaching_already_tell_the_colours(monkeypatch):
    monkeypatch.setattr(train_reader, "BATCH", 16)
    monkeypatch.setattr(train_reader, "CHECKED", 50)
    pictures, numbers = drawings(truths(80, seed=9))
    taught = train_reader.train_reader(drawn=150, steps=50)
    colour = list(FACTORS).index("colour")
    assert (taught(pictures).values[:, colour] == numbers[:, colour].numpy()).mean() > 0.7


def test_the_reader_that_comes_along_reads_fresh_drawings():
    """Where the character was changed it must be taught anew: python -m chonk.judge.train_reader."""
    reader = reading.shipped_reader()
    pictures, numbers = drawings(truths(150, seed=77))
    found = reader(pictures)
    assert (found.values == numbers.numpy()).mean(0).min() > 0.95
    assert (found.sure > SURE).all(1).mean() > 0.9
    assert min(reader.accuracy.values()) > 0.95 and reader.clear > 0.9 and reader.right > 0.95


def test_a_reader_comes_back_as_it_was(tmp_path):
    torch.manual_seed(0)
    made = FactorReader(Net().half().float(), {factor: i / 20 for i, factor in enumerate(FACTORS)}, 0.25, 0.5)
    reading.save_reader(made, tmp_path / "r.safetensors")
    again = reading.shipped_reader(tmp_path / "r.safetensors")
    pixels = torch.randint(0, 256, (3, 3, 32, 32), dtype=torch.uint8)
    assert np.array_equal(again(pixels).sure, made(pixels).sure)
    assert again.accuracy == pytest.approx(made.accuracy) and again.clear == 0.25 and again.right == 0.5

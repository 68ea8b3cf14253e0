"""Whole drawings with exchanged parts: seams, novelty, the page's graph, and that it learns and is calibrated."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from chonk import latents
from chonk.calibrate import calibrate
from chonk.calibrate.cooccurrence import Cooccurrence
from chonk.calibrate.pool import (
    MIN_GAP,
    RANK_WEIGHTS,
    colour_weight,
    cooccurrence_costs,
    fill_pool,
    pool_effort,
    pool_latents,
    pool_size,
)
from chonk.dataset.picture_set import PictureSet
from chonk.draw.moving import walked
from chonk.draw.points import draw_points
from chonk.errors import UserError
from chonk.judge import novelty
from chonk.judge.quick_eval import FEW, quick_eval
from chonk.judge.variety import duplicates
from chonk.learn.objectives import collage
from chonk.links import Term
from chonk.model import Model, load
from chonk.model_files import ModelConfig
from chonk.nets.collage import GRAFTS, CollageConfig, Generator
from chonk.pixels import as_bytes
from chonk.play import packed, reference
from chonk.play.lowering import lower
from chonk.synthetic.world.character import batch

DIM = 12
LATENT = DIM + GRAFTS * (DIM + 16)


def with_memory(
    memory_size: int = 10, size: int = 64, colour_metric: bool = False, **config
) -> tuple[Generator, torch.Tensor]:
    """A generator with noise in its memory, and the features that it holds, the first three of which are colours."""
    random = torch.Generator().manual_seed(3)
    net = Generator(size, 4, LATENT, memory_size=memory_size, colour_metric=colour_metric)
    shapes = ((32, size // 8, size // 8), (DIM - 6,), (6,))
    features, keys, colours = (torch.randn(memory_size, *shape, generator=random) for shape in shapes)
    net.set_pictures(features, keys, colours, CollageConfig(**config), torch.eye(3, 32) if colour_metric else None)
    return net.eval().requires_grad_(False), net.memory.permute(2, 3, 0, 1)


@pytest.mark.parametrize("size", [8, 24, 64, 128])
def test_sizes(size):
    net, memory = with_memory(size=size)
    z = torch.randn(2, LATENT)
    assert net(z).shape == (2, 4, size, size)
    assert all(values.shape == (2, 1, 1, 1) for values in net.novelty_and_incoherence(*net.retrieve(z)))
    with pytest.raises(ValueError, match="latent_dim"):
        Generator(size, 4, LATENT + 1)
    for colour_metric, colours in ((True, None), (False, torch.eye(3, 32))):
        blind = Generator(size, 4, LATENT, memory_size=10, colour_metric=colour_metric)
        with pytest.raises(ValueError, match="colours"):
            blind.set_pictures(memory, torch.randn(10, DIM - 6), torch.randn(10, 6), None, colours)


def test_parts_are_exchanged_as_a_whole_and_the_seam_runs_where_pictures_agree():
    net, _ = with_memory()
    std = net.feature_std
    ours, field = torch.zeros(2, 32, 8, 8), torch.full((2, 1, 8, 8), -1.0)
    theirs = ours.clone()
    theirs[0, :, 1:3, 1:7] = 2 * std  # eyes, and apart from them a mouth
    theirs[0, :, 5:7, 2:6] = 2 * std
    theirs[1] = std  # nothing in common
    field[:, :, 1:3, 2:7] = 2.0  # parts are wanted here, though not of all that differs
    mask, seam = net.seam_mask(ours, theirs, field)
    assert mask[0, 0, 1:3, 1:7].min() > 0.99 and mask[0, 0, 5:7, 2:6].max() < 0.01
    assert seam[0] < 0.3 < seam[1] / 100
    mask, cost = net.seam_mask(ours, theirs, 100 * (torch.arange(8.0) - 3.5).expand(2, 1, 8, 8))
    assert mask[:, :, :, 4:].min() > 0.99 and mask[:, :, :, :4].max() < 0.01, "a strong field has its way"
    assert cost[1].item() == pytest.approx(2 * 3.0 * (8 + 2 * 7 * 0.5), rel=0.05)


def test_the_base_is_one_picture_and_others_are_other_ones():
    net, memory = with_memory(gain=3000.0, field=0.0, seam=0.0, likeness=1e-3)
    z = torch.zeros(10, LATENT)
    z[:, :DIM] = F.normalize(net.global_keys)
    net.neighbours.zero_()
    half = net.retrieve(z)[1]  # masks of a half: three times half of another picture
    nearest = (half[:, None] - memory[None]).square().mean((2, 3, 4))
    assert (nearest > 0.1).all()
    net.field_gain.fill_(1000.0)
    z[:, DIM + DIM :: DIM + 16] = 0
    for number in range(GRAFTS):
        start = DIM + number * (DIM + 16) + DIM
        z[:, start : start + 16] = -1
    torch.testing.assert_close(net.retrieve(z)[1], memory, atol=1e-3, rtol=0)


def test_mixtures_and_novelty_in_closed_form():
    net, memory = with_memory(likeness=500.0)
    variance = net.feature_std**2
    weights = F.one_hot(torch.tensor([2, 5]), 10).float()
    assert net.mixture(weights, memory[[2, 5]]).max() < 0.05
    half, mixed = weights.mean(0, keepdim=True), memory[[2, 5]].mean(0, keepdim=True)
    apart = (memory[2] - memory[5]).square().mean() / 4 / variance
    assert net.mixture(half, mixed).item() == pytest.approx(apart.item(), rel=0.1)
    shown = torch.cat([memory[4:5], memory[4:5] + 0.5 * torch.randn(1, 32, 8, 8)])
    novelty, incoherence = (values.flatten() for values in net.novelty_and_incoherence(torch.ones(2, 1, 1, 1), shown))
    distance = (shown[:, None] - memory[None]).square().mean((2, 3, 4)).amin(1) / variance
    torch.testing.assert_close(novelty, 500 * distance, rtol=0.02, atol=0.5)
    torch.testing.assert_close(incoherence, 1 + 1.5 * (500 - novelty))


def test_colours_have_their_share_of_a_difference():
    net, memory = with_memory(colour_metric=True, colours=0.75, likeness=500.0)
    plain, variance = with_memory(likeness=500.0)[0], net.feature_std**2
    of_colours, of_others = torch.zeros(2, 1, 32, 8, 8)
    of_colours[:, :3], of_others[:, 3:] = net.feature_std, net.feature_std
    colours = memory[:, :3].var(0, correction=0).mean()  # they count as they vary, the three as much as 32 features
    torch.testing.assert_close(
        net.squares(of_colours).mean(), 0.25 * 3 / 32 + 0.75 * variance / colours, rtol=0.05, atol=0
    )
    assert net.squares(of_others).mean().item() == pytest.approx(0.25 * 29 / 32, rel=0.05)
    assert plain.squares(of_colours).mean().item() == pytest.approx(3 / 32, rel=0.01)
    # Likeness and novelty are of the same differences.
    changed = memory[:1] + of_colours
    assert net.likeness(memory[:1]).argmax() == net.likeness(changed).argmax() == 0
    novelty, _ = net.novelty_and_incoherence(torch.zeros(1, 1, 1, 1), changed)
    assert novelty.item() == pytest.approx(500 * net.squares(of_colours).mean().item(), rel=0.05)


def test_a_seam_costs_much_where_only_the_colours_differ():
    """Two skies: alike in 29 of 32 features, but not in colour; a part is wanted that ends in them."""
    field = torch.where(torch.arange(8) < 4, 2.0, -1.5).expand(1, 1, 8, 8)
    ours, theirs = torch.zeros(2, 1, 32, 8, 8)
    theirs[:, :3] = 1.0
    seen, blind = (
        with_memory(colour_metric=sees, colours=0.9)[0].seam_mask(ours, theirs, field)[1].item()
        for sees in (True, False)
    )
    assert seen > 5 * blind > 0


def test_a_part_is_harmonized_and_of_the_rest_what_changes_much():
    net, _ = with_memory(colour_metric=True)
    features, palette, mask = torch.randn(1, 32, 8, 8), torch.zeros(1, 48, 1, 1), torch.zeros(1, 1, 8, 8)
    mask[..., :2] = 1.0
    for change, elsewhere in ((0.02, 0.0), (0.5, 0.5)):
        torch.nn.init.constant_(net.harmonizer.residual[-1].bias, change * net.feature_std)  # and no weights
        moved = (net.harmonize(features, palette, mask) - features) / net.feature_std
        torch.testing.assert_close(moved[..., :2], torch.full((1, 32, 8, 2), change), atol=1e-4, rtol=0)
        torch.testing.assert_close(moved[..., 2:], torch.full((1, 32, 8, 6), elsewhere), atol=1e-3, rtol=0)


@pytest.mark.parametrize("colour_metric", [False, True])
def test_the_page_draws_what_the_net_draws(colour_metric):
    net, _ = with_memory(gain=8.0, colour_metric=colour_metric)
    net.min_novelty, net.max_incoherence = 20.0, 300.0
    z = torch.randn(6, LATENT)
    graph = lower(net, LATENT)
    stored, _ = packed.unpack(packed.pack(graph, "fp32", {}, frozenset()))
    sample = net.sample(z)
    assert np.abs(reference.run(stored, z.numpy()) - sample.pictures.numpy()).max() < 1e-3
    assert graph.rejection is not None and graph.sums is not None


def test_blends_are_means_of_features_with_the_corners_as_they_are():
    net, _ = with_memory()
    model = Model(net, ModelConfig("collage", 64, 4, LATENT, "normal", {"memory_size": 10}))
    four = model.latents(0, 4)
    drawn = model.blend(four, 3, 3)
    np.testing.assert_allclose(drawn[[0, 2, 6, 8]], model(four), atol=1e-5)
    middle = net.decode(net.features(torch.from_numpy(four)).mean(0, keepdim=True))
    np.testing.assert_allclose(drawn[4], middle[0].numpy(), atol=1e-5)
    two = (Term(0.25, "s", (0, 0)), Term(0.5, "n", (1, 0, -1)))
    z = np.concatenate([latents.latents(0, 1, LATENT, "normal"), latents.project(np.array([1, 0, -1.0]), LATENT)])
    features = net.features(torch.from_numpy(model.config.truncation * z))
    wanted = net.decode((features[:1] + 2 * features[1:]) / 3)
    np.testing.assert_allclose(draw_points(model, [two]), wanted.numpy(), atol=1e-4)
    walk = walked(model, four, 5)
    assert len(walk) == 20 and np.abs(np.diff(walk, axis=0)).max() < np.abs(walk[5] - walk[0]).max()


def test_sums_are_judged_by_their_novelty_and_an_inversion_starts_from_training_pictures():
    net, memory = with_memory()
    net.min_novelty = 20.0
    scores = net.feature_score(torch.cat([memory[:2], memory[:2] + torch.randn(2, 32, 8, 8)])).flatten()
    assert (scores[:2] > 10).all() and (scores[2:] == 0).all()
    starts = net.initial_latents(torch.zeros(1, 4, 64, 64))
    assert starts.shape == (4, LATENT) and torch.isfinite(net(starts)).all()


def character(count: int) -> PictureSet:
    """A made-up set of pictures of one hand, 32 x 32, on white."""
    straight = torch.from_numpy(batch(7, count, 32)).permute(0, 3, 1, 2).float() / 255
    on_white = straight[:, :3] * straight[:, 3:] + 1 - straight[:, 3:]
    return PictureSet((255 * on_white).round().byte(), tuple(f"{i}.png" for i in range(count)))


def test_it_learns_is_calibrated_and_has_a_pool(monkeypatch, tmp_path):
    pictures = character(60)
    objective = collage.Objective(pictures, collage.Settings(ema_decay=0.9), 0)
    losses = []
    for step in range(40):
        torch.manual_seed(step)
        index = torch.randint(len(pictures), (8,))
        losses.append(objective.step(pictures.normalized(index), index, step / 40)["reconstruction"])
    assert np.mean(losses[-5:]) < 0.9 * np.mean(losses[:5])
    net, options, dim, kind = objective.generator_config()
    model = Model(objective.trained(), ModelConfig(net, 32, 3, dim, kind, dict(options)))
    for module in ("chonk.calibrate", "chonk.calibrate.limits", "chonk.calibrate.pool"):
        monkeypatch.setattr(f"{module}.CANDIDATES", 300)
    assert not model.calibrated
    calibrate(model, pictures.some(60))
    assert model.calibrated and model.generator.rejects and not model.config.pool  # of a training of no time
    known = quick_eval(pictures.some(60))
    copies = known(as_bytes(model(model.latents(5, 60))))["copies"]
    assert copies <= 0.1 < known(pictures.some(60))["copies"]

    monkeypatch.setattr("chonk.calibrate.pool.MIN_POOLED", 64)
    before = model.latents(5, 64)
    fill_pool(model, pictures.some(60), 64, pool_latents(model, 64))
    assert len(model.config.pool) == 64
    pooled = model.latents(5, 64)
    assert np.array_equal(pooled, model.prior(5, 64)) and not np.array_equal(pooled, before)
    with monkeypatch.context() as strict:  # to its features every result is too near; pixels have decided of the pool
        strict.setattr(model.generator, "min_novelty", 1e6)
        assert model.rejection_score(pooled).all() and np.array_equal(model.latents(5, 64), pooled)
        assert not np.array_equal(model.latents(5, 8, first=64), model.prior(5, 8, first=64))
    drawn = as_bytes(model(pooled))[:, :3]
    assert novelty.nearest_training(drawn, pictures.some(60), **FEW).gap.min() >= MIN_GAP * known.typical_gap
    assert not duplicates(novelty.thumbnails(pictures.some(60))[:64], novelty.thumbnails(drawn)[:60])
    model.save(tmp_path / "model")
    again = load(tmp_path / "model")
    assert again.config.pool == model.config.pool and np.array_equal(again.latents(5, 70), model.latents(5, 70))


def test_a_pool_prefers_what_occurs_together(monkeypatch):
    pictures = character(60)
    objective = collage.Objective(pictures, collage.Settings(), 0)
    net, options, dim, kind = objective.generator_config()
    model = Model(objective.trained(), ModelConfig(net, 32, 3, dim, kind, dict(options)))
    monkeypatch.setattr("chonk.calibrate.pool.CANDIDATES", 300)
    monkeypatch.setattr("chonk.calibrate.pool.MIN_POOLED", 32)
    z, means = pool_latents(model, 32), []
    for weights, of_colours in (((1.0, 0.0), 0.0), (RANK_WEIGHTS, 0.0), (RANK_WEIGHTS, 2.0)):
        monkeypatch.setattr("chonk.calibrate.pool.RANK_WEIGHTS", weights)
        monkeypatch.setattr("chonk.calibrate.pool.colour_weight", lambda common, weight=of_colours: weight)
        fill_pool(model, pictures.some(60), 32, z)
        assert len(model.config.pool) == 32
        costs = cooccurrence_costs(model, Cooccurrence(model.generator), z[list(model.config.pool)])
        means.append(costs.mean(0))
    assert (means[2] < 0.95 * means[0]).all() and means[1][0] < 0.95 * means[0][0] and means[2][1] < means[1][1]


def test_colours_count_where_all_pictures_are_of_one_character():
    assert [colour_weight(common) for common in (0.0, 0.2, 0.25, 0.3, 0.9)] == pytest.approx([0, 0, 1, 2, 2])


def test_a_pool_is_sought_longer_after_a_longer_training():
    assert [pool_effort(minutes, 512) for minutes in (0, 2, 5, 10, 20, 600)] == pytest.approx([1, 1, 1, 2, 4, 4])
    assert [pool_effort(20, size) for size in (0, 256, 1024)] == [2048, 8, 2]


@pytest.mark.parametrize(
    ("minutes", "pictures", "size"),
    [
        *[(0, 400, 0), (1.9, 400, 0), (2, 400, 256), (3.9, 400, 256), (4, 400, 512), (8, 400, 1024), (600, 400, 1024)],
        *[(600, 30, 256), (600, 255, 256), (600, 256, 1024)],
    ],
)
def test_a_pool_grows_with_the_training_and_the_set(minutes, pictures, size):
    assert pool_size(minutes, pictures) == size


@pytest.mark.parametrize("pool", [[1, 2, 3], [1, -2], [0.5, 1], "12", [1 << 17, 0]])
def test_a_pool_that_is_none_is_told(tmp_path, pool):
    model = Model(with_memory(2, 16)[0], ModelConfig("collage", 16, 4, LATENT, options={"memory_size": 2}))
    model.save(tmp_path)
    config = tmp_path / "config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"pool": pool}))
    with pytest.raises(UserError, match="pool"):
        load(tmp_path)


def test_the_pictures_of_a_set_have_habits_in_common():
    """The same picture again is the same; those of a set are more alike than those of different sets."""
    assert np.array_equal(batch(5, 2, 16), batch(5, 2, 16))
    sets = np.stack([batch(seed, 4, 16) for seed in range(12)]).reshape(12, 4, -1).astype(float)
    within = np.abs(sets[:, 1:] - sets[:, :-1]).mean()
    between = np.abs(sets[1:] - sets[:-1]).mean()
    assert 0 < within < 0.7 * between

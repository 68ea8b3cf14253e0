"""The default recipe: its optimiser, its pairing, its net, and that it learns."""
from __future__ import annotations

import pytest
import torch

from chonk.learn import patches
from chonk.learn.muon import Muon, matrices_and_rest, orthogonalize
from chonk.learn.objectives import chonk
from chonk.nets.patchwork import Generator, doublings
from chonk.pictures.dataset import PictureSet


def flags(count: int = 24, size: int = 32) -> PictureSet:
    """Pictures of two independent halves: the upper one of four colours, the lower one of three."""
    pixels = torch.full((count, 3, size, size), 255, dtype=torch.uint8)
    for i in range(count):
        pixels[i, :, 4:size // 2, 4:-4] = torch.tensor([(250, 30, 30), (30, 200, 40), (40, 60, 220), (20, 20, 20)][i % 4])[:, None, None]
        pixels[i, :, size // 2:-4, 4:-4] = torch.tensor([(240, 220, 30), (200, 30, 220), (90, 90, 90)][i // 4 % 3])[:, None, None]
    return PictureSet(pixels, tuple(f"{i}.png" for i in range(count)))


def test_a_step_of_muon_moves_every_direction_equally():
    gradient = torch.randn(24, 70) * torch.logspace(0, -2, 24)[:, None]
    values = torch.linalg.svdvals(orthogonalize(gradient))
    assert values.min() > 0.5 and values.max() < 1.3
    tall = torch.randn(70, 24)
    assert torch.allclose(orthogonalize(tall), orthogonalize(tall.T).T, atol=1e-5)


def test_muon_finds_the_bottom_of_a_bowl():
    weight = torch.nn.Parameter(torch.randn(8, 12))
    goal = torch.randn(8, 12)
    optimizer = Muon([weight])
    for step in range(300):
        optimizer.param_groups[0]["lr"] = 0.1 * (1 - step / 300)
        optimizer.zero_grad()
        (weight - goal).square().sum().backward()
        optimizer.step()
    assert (weight - goal).abs().max() < 0.05


def test_biases_and_scales_are_not_muons():
    matrices, rest = matrices_and_rest(Generator(32, 3, 16))
    assert all(w.ndim >= 2 and len(w) > 1 for w in matrices)
    assert len(matrices) + len(rest) == len(list(Generator(32, 3, 16).parameters()))
    assert all(w.ndim == 1 or len(w) == 1 for w in rest)


@pytest.mark.parametrize("size", [16, 32, 48, 64, 80, 96, 112, 128, 256])
def test_sizes(size):
    net = Generator(size, 4, 8)
    assert net(torch.randn(1, 8)).shape == (1, 4, size, size)
    assert size % 8 == 0 and (size // 8) % patches.search_step(size) == 0


@pytest.mark.parametrize("size", [12, 20, 50, 72, 1000])
def test_sizes_that_cannot_be(size):
    with pytest.raises(ValueError, match="side must be"):
        doublings(size)


@pytest.mark.parametrize("top,left", [(1, 1), (5, 2), (8, 8)])
def test_squares_cover_every_pixel(top, left):
    """A picture is told by its squares: each pixel stands in one at least, and four inside the picture."""
    x = torch.zeros(1, 1, 32, 32, requires_grad=True)
    patches.squares(x, 16, top, left).sum().backward()
    assert x.grad.min() >= 1 and x.grad.max() == 4


def test_pairs_find_shuffled_pictures_again():
    real = torch.rand(20, 3, 32, 32) * 2 - 1
    order = torch.randperm(20)
    pairs = patches.pair(real[order], real, 16, 3, 7)
    assert pairs.shape == (20, 16)
    assert (pairs == order[:, None]).all()


def test_pairs_use_every_real_square_once():
    """What a nearest neighbour would not do: all fakes the same bland grey, and still every picture is used."""
    pairs = patches.pair(torch.zeros(16, 3, 32, 32), torch.rand(16, 3, 32, 32), 8, 2, 2)
    assert all(sorted(place) == list(range(16)) for place in pairs.T.tolist())


def test_targets_are_the_squares_of_the_real_pictures():
    data = flags()
    pairing = torch.randint(len(data), (5, 16))
    target = patches.targets(data.pixels, pairing, 16, 4, 6)
    whole = patches.squares(data.unit(), 16, 4, 6)
    for i in range(5):
        for place in range(16):
            assert torch.equal(target[i, place], whole[pairing[i, place], :, place])
    same = torch.arange(5)[:, None].expand(5, 16)
    assert patches.patch_loss(data.unit()[:5], patches.targets(data.pixels, same, 16, 4, 6), 16, 4, 6) == 0


def test_difference_in_closed_form():
    error = torch.zeros(1, 1, 4, 4)
    error[..., 2:, :] = 1.0                               # half of the pixels off by one, one edge of four in three rows of steps
    assert patches.difference(error).item() == pytest.approx(0.5 + 4 / 12)


def test_codes_begin_apart_and_standard():
    codes = chonk.principal_codes(flags(), 64)
    assert codes.shape == (24, 64)
    kinds = {}
    for i, code in enumerate(codes[:, :4]):
        kinds.setdefault((i % 4, i // 4 % 3), []).append(code)
    means = torch.stack([torch.stack(group).mean(0) for group in kinds.values()])
    assert torch.pdist(means).min() > 0.1


def run(steps: int, seed: int = 0, **settings) -> tuple[chonk.Objective, list[dict]]:
    data = flags(size=16)
    objective = chonk.Objective(data, chonk.Settings(**{"pool": 32, "latent_dim": 16, "decay": 0.9} | settings), seed)
    figures = []
    for step in range(steps):
        torch.manual_seed(step)
        index = torch.randint(len(data), (8,))
        figures.append(objective.step(data.unit(index), index, step / steps))
    return objective, figures


def kinds(objective: chonk.Objective) -> int:
    """How many of the 12 flags are the nearest to some random result."""
    with torch.no_grad():
        drawn = objective.trained()(torch.randn(200, 16))
    real, nearest = flags(size=16).unit(), []
    for half in (slice(5, 7), slice(9, 11)):
        colours = real[:, :, half, 5:11].mean((2, 3)).unique(dim=0)
        nearest.append(torch.cdist(drawn[:, :, half, 5:11].mean((2, 3)), colours).argmin(1).tolist())
    return len({*zip(*nearest)})


def test_both_lessons_are_learned_and_nothing_is_lost():
    """Codes come to draw their pictures, random latents to be made of real squares, and every kind of flag appears."""
    torch.set_num_threads(2)
    objective, figures = run(200)
    patchwork = [f["patchwork"] for f in figures if "patchwork" in f]
    assert sum("patchwork" in f for f in figures[:50]) == 0 and len(patchwork) == 150
    assert figures[-1]["codes"] < 0.3 * figures[0]["codes"]
    assert sum(patchwork[-20:]) < 0.7 * sum(patchwork[:20])
    assert kinds(objective) == 12


def test_anchors_mix_the_codes_a_latent_points_at():
    net, codes = Generator(16, 3, 8, anchors=5), torch.randn(5, 8)
    net.set_anchors(codes, focus=50.0)
    picked = net.anchored(torch.nn.functional.normalize(codes) * 10)
    scale = picked.norm(dim=1) / codes.norm(dim=1)
    assert torch.allclose(torch.nn.functional.cosine_similarity(picked, codes), torch.ones(5), atol=1e-3)
    assert torch.allclose(scale, scale[:1].expand(5), rtol=1e-2)
    net.set_anchors(codes, focus=0.5)
    assert net.anchored(torch.randn(4000, 8)).std().item() == pytest.approx(1, abs=0.1)
    assert torch.equal(net(codes), net.draw(net.anchored(codes)))


def test_state_comes_back_to_the_bit():
    """Taken up in the middle of a pool, a training goes on as if it had not stopped."""
    data = flags(size=16)
    first, _ = run(24, begin=0.2)
    tensors, numbers = first.get_state()
    second = chonk.Objective(data, chonk.Settings(pool=32, latent_dim=16, decay=0.9, begin=0.2), seed=7)
    second.set_state({name: value.clone() for name, value in tensors.items()}, numbers)
    for objective in (first, second):
        for step in range(6):
            torch.manual_seed(step)
            objective.step(data.unit(torch.arange(8)), torch.arange(8), 0.5)
    assert all(torch.equal(a, b) for a, b in zip(first.trained().parameters(), second.trained().parameters()))
    assert torch.equal(first.codes, second.codes)

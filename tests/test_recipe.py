"""The default recipe: its optimiser, its nets, and that it learns."""
from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from chonk.learn.muon import Muon, matrices_and_rest, orthogonalize
from chonk.learn.objectives import chonk
from chonk.nets.autoencoder import Decoder, Encoder, save_starter, starter
from chonk.nets.feature_critic import FeatureCritic
from chonk.nets.mosaic import Generator, base_and_doublings
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
    net = Generator(32, 3, 64)
    matrices, rest = matrices_and_rest(net)
    assert all(w.ndim >= 2 and len(w) > 1 for w in matrices)
    assert len(matrices) + len(rest) == sum(w.requires_grad for w in net.parameters())
    assert all(w.ndim == 1 or len(w) == 1 for w in rest)


def mosaic(size: int = 64, channels: int = 4, whole: int = 6, parts: int = 3, codes: int = 10) -> Generator:
    return Generator(size, channels, whole + 4 * parts, parts=parts, codes=codes, width=8)


@pytest.mark.parametrize("size", [8, 16, 32, 48, 64, 80, 96, 112, 128, 256])
def test_sizes(size):
    """The coarse map fits, the generator draws that size, and the critic takes its features."""
    net = mosaic(size)
    assert net(torch.randn(1, 18)).shape == (1, 4, size, size)
    features = net.plan(net.mix(torch.randn(2, 18)))
    assert features.shape[2] == size // 8 and FeatureCritic(4)(features).shape[0] == 2
    assert Encoder()(torch.zeros(1, 4, size, size)).shape == features[:1].shape


@pytest.mark.parametrize("size", [12, 20, 50, 72, 88, 1000])
def test_sizes_that_cannot_be(size):
    with pytest.raises(ValueError, match="side must be"):
        base_and_doublings(size)


def test_a_sharp_focus_picks_one_picture_and_a_blunt_one_mixes_all():
    net, whole, parts = mosaic(), F.normalize(torch.randn(10, 6)), torch.randn(10, 3, 4, 4)
    z = torch.zeros(10, 18)
    z[:, :6] = 20 * F.normalize(whole)                    # like picture i as a whole, no wish for any part
    net.remember(whole, parts, (500.0, 500.0, 1.0))
    assert torch.allclose(net.mix(z), net.spread(whole, parts), atol=1e-3)
    net.remember(whole, parts, (1e-6, 1e-6, 1e-6))
    assert torch.allclose(net.mix(torch.randn(5, 18)), net.spread(whole, parts).mean(0, keepdim=True).expand(5, -1, -1, -1), atol=1e-3)


def test_corners_of_a_latent_choose_the_corners_of_the_picture():
    """z_parts of a corner asks there for the pictures whose code it points at, and nowhere near the opposite corner."""
    net, whole, parts = mosaic(), torch.randn(10, 6), F.normalize(torch.randn(10, 3, 4, 4), dim=1)
    net.remember(whole, parts, (1e-3, 1e-3, 100.0))
    z = torch.zeros(1, 18)
    z[0, 6:9] = 5 * parts[7, :, 0, 0]                     # top left
    z[0, 15:18] = 5 * parts[2, :, 3, 3]                   # bottom right
    mixed = net.mix(z)[0, 6:]
    assert torch.allclose(mixed[:, 0, 0], parts[7, :, 0, 0], atol=0.1)
    assert torch.allclose(mixed[:, 3, 3], parts[2, :, 3, 3], atol=0.1)


def test_every_place_asks_equally_loudly():
    """The field is N(0, 1) between the corners too: its values have the same deviation at every place."""
    net = mosaic()
    net.remember(torch.randn(10, 6), torch.randn(10, 3, 4, 4).sign(), (1.0, 1.0, 1.0))
    asked = F.linear(torch.randn(20000, 18), net.field).view(-1, 3, 4, 4)
    assert torch.allclose(asked.std(0), asked.std(0).mean().expand(3, 4, 4), rtol=0.05)


def test_the_starter_knows_drawings():
    """The auto-encoder in the package passes pictures of its own world, never shown to it, through 32 numbers a place."""
    from chonk.pictures.world import batch
    encoder, decoder = starter()
    straight = torch.from_numpy(batch(range(10**6, 10**6 + 24), 64)).permute(0, 3, 1, 2).float() / 255
    on_white = straight[:, :3] * straight[:, 3:] + 1 - straight[:, 3:]
    real = torch.cat([on_white, straight[:, 3:]], 1) * 2 - 1
    with torch.no_grad():
        features = encoder(real)
        error = (decoder(features) - real).abs().mean().item()
    assert 0.7 < features.std().item() < 1.4
    assert error < 0.1 < (real.mean((2, 3), keepdim=True) - real).abs().mean().item() / 2
    opaque = starter(3)[1]
    assert torch.allclose(opaque(features), decoder(features)[:, :3], atol=1e-5)


def test_a_starter_comes_back_as_it_was(tmp_path, monkeypatch):
    encoder, decoder = Encoder(), Decoder()
    encoder.mean.fill_(0.5)
    save_starter(encoder, decoder, tmp_path / "s.safetensors")
    monkeypatch.setattr("chonk.nets.autoencoder.STARTER", tmp_path / "s.safetensors")
    for ours, theirs in zip((encoder, decoder), starter()):
        assert all(torch.allclose(a, theirs.state_dict()[name], atol=1e-3) for name, a in ours.state_dict().items())


def test_difference_in_closed_form():
    error = torch.zeros(1, 1, 4, 4)
    error[..., 2:, :] = 1.0                               # half of the pixels off by one, one edge of four in three rows of steps
    assert chonk.difference(error).item() == pytest.approx(0.5 + 4 / 12)


def test_codes_begin_apart_and_standard():
    """The whole tells kinds apart; a part holds nothing that the whole already tells."""
    data = flags()
    encoder, _ = starter(3)
    features = encoder(data.unit())
    whole, parts = chonk.first_codes(features, 5, 2, 4)
    assert whole.shape == (24, 5) and parts.shape == (24, 2, 4, 4)
    assert torch.allclose(whole.std(0), torch.ones(5), atol=0.1)
    kinds = {}
    for i, code in enumerate(whole):
        kinds.setdefault((i % 4, i // 4 % 3), []).append(code)
    assert torch.pdist(torch.stack([torch.stack(group).mean(0) for group in kinds.values()])).min() > 0.1
    few, _ = chonk.first_codes(features[:2], 5, 2, 4)
    assert few.shape == (2, 5) and few.isfinite().all()


def run(steps: int, seed: int = 0, **settings) -> tuple[chonk.Objective, list[dict]]:
    data = flags(size=16)
    objective = chonk.Objective(data, chonk.Settings(**{"whole": 8, "parts": 2, "width": 32, "decay": 0.9} | settings), seed)
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


def test_all_lessons_are_learned_and_nothing_is_lost():
    """Codes come to draw their pictures, the critic begins when it should, and every kind of flag appears among results."""
    objective, figures = run(160)
    assert sum("critic" in f for f in figures) == 160 - 24
    assert figures[-1]["codes"] < 0.5 * figures[0]["codes"] and figures[-1]["draw"] < 0.7 * figures[24]["draw"]
    assert kinds(objective) == 12


def test_the_critic_teaches_the_plan_and_not_itself():
    """One step's critic moves by its own loss only: with a critic that does not learn, results still move; with no weight, they do not."""
    def moved(**settings):
        objective, _ = run(1, begin=0.0, **settings)
        return objective.generator.plan.first.weight.detach().clone(), objective.critic.near_opinion.weight.detach().clone()
    plain, critic = moved()
    without, same = moved(adversary=0.0)
    assert not torch.equal(plain, without) and torch.equal(critic, same)


def test_larger_sets_than_are_kept_are_seen_anew(monkeypatch):
    monkeypatch.setattr(chonk, "KEPT", 10)
    objective, figures = run(3)
    assert len(objective.kept) == 10 and len(objective.whole) == 24
    assert objective.seen(torch.tensor([3, 23])).shape == (2, 32, 2, 2) and figures[-1]["codes"] > 0


def test_state_comes_back_to_the_bit():
    data = flags(size=16)
    first, _ = run(24, begin=0.2)
    tensors, numbers = first.get_state()
    second = chonk.Objective(data, chonk.Settings(whole=8, parts=2, width=32, decay=0.9, begin=0.2), seed=7)
    second.set_state({name: value.clone() for name, value in tensors.items()}, numbers)
    for objective in (first, second):
        for step in range(6):
            torch.manual_seed(step)
            objective.step(data.unit(torch.arange(8)), torch.arange(8), 0.5)
    assert all(torch.equal(a, b) for a, b in zip(first.trained().parameters(), second.trained().parameters()))
    assert torch.equal(first.whole, second.whole) and torch.equal(first.parts, second.parts)

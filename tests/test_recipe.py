"""The default recipe: its optimiser, its nets, and that it learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from chonk.dataset.picture_set import PictureSet
from chonk.learn import feature_cache, pretrain
from chonk.learn.cutmix import SEAM, cutmix, interior, smooth_masks
from chonk.learn.losses import edge_aware_l1
from chonk.learn.memory_keys import components
from chonk.learn.muon import Muon, matrices_and_rest, orthogonalize
from chonk.learn.objectives import chonk, mosaic
from chonk.learn.recolour import masked_mean, patched, random_mask, recolour
from chonk.nets.autoencoder import Decoder, Encoder
from chonk.nets.harmonizer import Harmonizer
from chonk.nets.memory_bank import GAIN, MIN_DIFFERENCE, side_of
from chonk.nets.mosaic import Generator, RetrievalConfig
from chonk.nets.pretrained import load_pretrained_nets, save_pretrained_nets
from chonk.play import packed
from chonk.synthetic.world import batch


def flags(count: int = 24, size: int = 32) -> PictureSet:
    """Pictures of two independent halves: the upper one of four colours, the lower one of three."""
    pixels = torch.full((count, 3, size, size), 255, dtype=torch.uint8)
    for i in range(count):
        pixels[i, :, 4 : size // 2, 4:-4] = torch.tensor(
            [(250, 30, 30), (30, 200, 40), (40, 60, 220), (20, 20, 20)][i % 4]
        )[:, None, None]
        pixels[i, :, size // 2 : -4, 4:-4] = torch.tensor([(240, 220, 30), (200, 30, 220), (90, 90, 90)][i // 4 % 3])[
            :, None, None
        ]
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
    net = Generator(32, 3, 204)
    matrices, rest = matrices_and_rest(net)
    assert all(w.ndim >= 2 and len(w) > 1 for w in matrices)
    assert len(matrices) + len(rest) == sum(w.requires_grad for w in net.parameters())
    assert all(w.ndim == 1 or len(w) == 1 for w in rest)


def build(size: int = 64, channels: int = 4, memory_size: int = 10) -> Generator:
    return Generator(size, channels, 6 + 6 + 16 * 3, local_dim=3, memory_size=memory_size)


@pytest.mark.parametrize("size", [8, 16, 24, 32, 48, 64, 72, 128, 256])
def test_sizes(size):
    net = build(size)
    z = torch.randn(2, 60)
    assert net(z[:1]).shape == (1, 4, size, size)
    assert Encoder()(torch.zeros(1, 4, size, size)).shape == net.features(z)[:1].shape


@pytest.mark.parametrize("size", [0, 12, 20, 50, 1032])
def test_sizes_that_cannot_be(size):
    with pytest.raises(ValueError, match="side must be"):
        side_of(size)


def with_memory(
    config: RetrievalConfig, size: int = 64, memory_size: int = 10
) -> tuple[Generator, torch.Tensor, torch.Tensor, torch.Tensor]:
    """A generator that has noise in its memory, and what that holds: features, global and local keys."""
    net, generator = build(size, memory_size=memory_size), torch.Generator().manual_seed(3)
    features, global_keys, colour_keys, local_keys = (
        torch.randn(memory_size, *shape, generator=generator)
        for shape in ((32, size // 8, size // 8), (6,), (6,), (3,))
    )
    net.fill_memory(features, global_keys, colour_keys, local_keys, config)
    return net, net.memory.permute(2, 3, 0, 1), F.normalize(global_keys), F.normalize(local_keys)


def test_a_high_global_gain_retrieves_one_picture_and_none_all_of_them():
    net, features, global_keys, _ = with_memory(
        RetrievalConfig(global_gain=3000.0, local_gain=1e-6, neighbour_weight=1e-6, load_penalty=0.0)
    )
    z = F.pad(global_keys, (0, 54))
    assert torch.allclose(net.features(z), features, atol=1e-3)
    net.global_keys.zero_(), net.local_keys.zero_(), net.similarity_kernel.zero_(), net.similarity_bias.zero_()
    assert torch.allclose(net.features(z), features.mean(0, keepdim=True).expand_as(features), atol=1e-3)


def test_points_of_a_latent_choose_what_is_shown_around_them():
    """z_local at a point asks there for the pictures whose key it points at, and nowhere near the opposite corner."""
    net, features, _, local_keys = with_memory(
        RetrievalConfig(global_gain=1e-6, local_gain=400.0, neighbour_weight=1e-6, load_penalty=0.0)
    )
    z = torch.zeros(1, 60)
    points = z[:, 12:].view(3, 4, 4)
    points[:, 0, 0], points[:, 3, 3] = local_keys[7], local_keys[2]
    mixed = net.features(z)[0]
    assert torch.allclose(mixed[:, 0, 0], features[7, :, 0, 0], atol=0.1)
    assert torch.allclose(mixed[:, 7, 7], features[2, :, 7, 7], atol=0.1)


def test_logits_have_the_gains_of_the_settings():
    net, *_ = with_memory(RetrievalConfig(global_gain=5.0, local_gain=3.0), memory_size=40)
    z = torch.randn(4000, 60)
    z_global, z_local = z.clone(), z.clone()
    z_global[:, 6:], z_local[:, :12] = 0, 0
    assert net.logits(z_global).std().item() == pytest.approx(5, rel=0.05)
    assert net.logits(z_local).square().mean().sqrt().item() == pytest.approx(3, rel=0.05)


def test_neighbours_come_to_agree():
    """A place that shows another picture than all around it goes over to theirs; what is far away does not matter to
    it."""
    net, features, *_ = with_memory(RetrievalConfig(global_gain=1e-6, local_gain=1e-6, neighbour_weight=50.0))
    mixed = features[4:5].clone()
    mixed[:, :, 5, 5] = features[8, :, 5, 5]
    assert torch.allclose(net.read(net.similarity(mixed).softmax(1)), features[4:5], atol=0.05)
    far = features[4:5].clone()
    far[:, :, :, 4:] = features[8, :, :, 4:]
    assert torch.allclose(net.read(net.similarity(far).softmax(1))[..., :3], features[4:5, ..., :3], atol=0.05)


def test_a_picture_that_takes_more_than_its_share_is_penalized():
    net, *_ = with_memory(RetrievalConfig(max_share=0.25, load_penalty=80.0))
    weights = torch.zeros(1, 10, 8, 8)
    weights[:, 3, :4], weights[:, 5, 4:6], weights[:, 6, 6:] = 1, 1, 1  # a half, a quarter, a quarter
    penalty = net.load_penalty(weights)
    assert penalty.shape == (1, 10, 8, 8) and torch.allclose(penalty[0, 3], torch.tensor(20.0), atol=0.1)
    assert penalty[0, [0, 1, 2, 4, 5, 6, 7, 8, 9]].max() < 0.1


def test_distances_are_those_to_the_nearest_picture_as_a_whole_and_place_by_place():
    """Mean squared differences over the window, written out."""
    net, features, *_ = with_memory(RetrievalConfig(neighbour_weight=40.0))
    shown = torch.cat(
        [torch.randn(2, 32, 8, 8), features[4:5], torch.cat([features[4:5, ..., :4], features[8:9, ..., 4:]], 3)]
    )
    apart = (
        F.pad((shown[:, None] - features).square().sum(2), (1, 1, 1, 1)).unfold(2, 3, 1).unfold(3, 3, 1).sum((4, 5))
    )  # N x memory x S x S
    apart = apart * net.similarity_kernel.flatten()[0] / 2
    new, incoherence = net.novelty_and_incoherence(shown, shown)
    assert new.shape == incoherence.shape == (4, 1, 1, 1)
    assert torch.allclose(new.flatten(), apart.mean((2, 3)).amin(1), rtol=0.01, atol=0.3)
    assert torch.allclose(incoherence.flatten(), apart.amin(1).mean((1, 2)), rtol=0.01, atol=0.3)
    assert new[2] < 0.3 and incoherence[3] < new[3] / 2, "a copy is near as a whole, two halves only place by place"
    changed = net.novelty_and_incoherence(shown + 0.1, shown)
    assert torch.equal(changed[0], new)
    assert torch.allclose(
        changed[1] - incoherence, 2 * 0.1**2 * 32 * 9 * net.similarity_kernel.flatten()[0] / 2, rtol=1e-2
    )


def test_a_generator_rejects_what_is_beyond_its_limits():
    net, features, *_ = with_memory(RetrievalConfig())
    shown = torch.cat([torch.randn(3, 32, 8, 8), features[:1]])
    assert not net.rejects and net.score(shown, shown)[:3].eq(0).all()
    new, incoherence = (values.flatten() for values in net.novelty_and_incoherence(shown, shown))
    net.min_novelty, net.max_incoherence = float(new[3] + 1), float(incoherence[:3].median())
    assert net.rejects
    torch.testing.assert_close(
        net.score(shown, shown).flatten(),
        torch.cat([(incoherence[:3] - net.max_incoherence).clamp(min=0), torch.ones(1)]),
        rtol=1e-3,
        atol=1e-3,
    )
    z = torch.randn(2, 60)
    sample = net.sample(z)
    assert (
        torch.equal(sample.pictures, net(z))
        and torch.equal(sample.features, net.features(z))
        and torch.equal(sample.score, net.rejection_score(z))
    )


def test_a_difference_is_as_large_wherever_it_is_and_leaves_the_rest():
    net, features, *_ = with_memory(RetrievalConfig())
    scarf = torch.zeros(1, 32, 8, 8)
    scarf[:, :, 3, 2:6] = torch.randn(1, 32, 4)  # a sixteenth of all places
    for strength in (0.5, 1, 3):
        change = net.difference(features[:1], features[:1] + strength * scarf)
        places = change.square().mean(1)[0]
        assert places[3, 2:6].mean().sqrt() / net.feature_std == pytest.approx(
            GAIN, rel=1e-3
        ) and places.sum() == pytest.approx(places[3, 2:6].sum().item(), rel=1e-4)
    faint = 0.1 * net.feature_std * scarf / scarf[:, :, 3, 2:6].square().mean().sqrt()
    assert net.difference(features[:1], features[:1] + faint).square().mean(1)[
        0, 3, 2:6
    ].mean().sqrt() / net.feature_std == pytest.approx(0.1 * GAIN / MIN_DIFFERENCE, rel=1e-3)
    assert net.difference(features[:2], features[:2]).eq(0).all()
    alone = build(memory_size=1)
    assert 0 < alone.feature_std < 0.01 and alone.difference(features[:1], features[:1]).eq(0).all()


def test_a_sum_is_projected_towards_the_memory():
    """Hardly a change: what is there stays; nonsense comes nearer to the pictures that are known."""
    net, features, *_ = with_memory(RetrievalConfig())
    torch.testing.assert_close(net.project(features[:3]), features[:3], atol=0.05, rtol=0)
    mixed = features[:1] + features[1:2] - features[2:3]
    known = lambda x: (x[:, None] - features[None]).square().mean((2, 3, 4)).min().item()  # noqa: E731
    assert known(net.project(mixed)) < 0.7 * known(mixed)
    assert torch.equal(net.decode(net.project(mixed)), net.decoder(net.project(mixed)))


def test_the_memory_fits_into_few_bits():
    """The page's file holds it without any loss, so the page draws what PyTorch draws but for the decoder's
    rounding."""
    net, *_ = with_memory(RetrievalConfig())
    for weights, levels in (
        (net.memory, 7),
        (net.global_keys, 31),
        (net.palette_keys, 31),
        (net.local_keys, 31),
        (net.similarity_kernel, 31),
        (net.similarity_bias, 31),
        (net.load_kernel, 7),
    ):
        scales, numbers = packed.quantise(weights.numpy(), levels)
        assert np.array_equal(
            numbers.reshape(len(weights), -1) * packed._expand(scales, weights[0].numel()),
            weights.numpy().reshape(len(weights), -1),
        )
    global_before, local_before = net.global_keys.clone(), net.local_keys.clone()
    net.sharpen(0.5)
    assert torch.allclose(net.global_keys, global_before / 2, rtol=1e-2, atol=1e-3) and torch.allclose(
        net.local_keys, 2 * local_before, rtol=1e-2, atol=1e-3
    )
    net.sharpen(2.0)
    assert torch.allclose(net.global_keys, global_before, rtol=1e-2, atol=1e-3) and torch.allclose(
        net.local_keys, local_before, rtol=1e-2, atol=1e-3
    )


def drawings(count: int) -> torch.Tensor:
    """Pictures of the world that the pretrained nets were never shown, [-1, 1] on white."""
    straight = torch.from_numpy(batch(range(10**6, 10**6 + count), 64)).permute(0, 3, 1, 2).float() / 255
    on_white = straight[:, :3] * straight[:, 3:] + 1 - straight[:, 3:]
    return torch.cat([on_white, straight[:, 3:]], 1) * 2 - 1


def test_the_pretrained_nets_know_drawings():
    """The auto-encoder in the package passes pictures of its own world, never shown to it, through 32 numbers a
    place."""
    encoder, decoder, _ = load_pretrained_nets()
    real = drawings(24)
    with torch.no_grad():
        features = encoder(real)
        error = (decoder(features) - real).abs().mean().item()
    assert 0.7 < features.std().item() < 1.4
    assert error < 0.1 < (real.mean((2, 3), keepdim=True) - real).abs().mean().item() / 2
    opaque = load_pretrained_nets(3)[1]
    assert torch.allclose(opaque(features), decoder(features)[:, :3], atol=1e-5)


def test_the_decoder_alone_goes_on_with_characters(tmp_path, monkeypatch):
    words = ["--only", "decoder", "--count", "120", "--minutes", "1", "0.03", "1", "--out", str(tmp_path / "nets")]
    monkeypatch.setattr("sys.argv", ["pretrain", *words])
    before = load_pretrained_nets()
    pretrain.main()
    monkeypatch.setattr("chonk.nets.pretrained.PRETRAINED", tmp_path / "nets")
    kept = [
        all(torch.equal(value, after.state_dict()[name]) for name, value in net.state_dict().items())
        for net, after in zip(before, load_pretrained_nets())
    ]
    assert kept == [True, False, True]
    shown = pretrain.characters(60)
    assert shown.shape == (48 + 12, 4, 64, 64) and (shown[:48, 3] == 255).all()
    assert not torch.equal(shown[:24], shown[24:48])


def test_pretrained_nets_come_back_as_they_were(tmp_path, monkeypatch):
    nets = Encoder(), Decoder(), Harmonizer()
    nets[0].mean.fill_(0.5)
    save_pretrained_nets(*nets, tmp_path / "s.safetensors")
    monkeypatch.setattr("chonk.nets.pretrained.PRETRAINED", tmp_path / "s.safetensors")
    for ours, theirs in zip(nets, load_pretrained_nets()):
        assert all(torch.allclose(a, theirs.state_dict()[name], atol=1e-3) for name, a in ours.state_dict().items())


def test_difference_in_closed_form():
    error = torch.zeros(1, 1, 4, 4)
    error[..., 2:, :] = 1.0  # half of the pixels off by one, one edge of four in three rows of steps
    assert edge_aware_l1(error).item() == pytest.approx(0.5 + 4 / 12)


def test_components_are_standard_and_tell_kinds_apart():
    data = flags()
    encoder = load_pretrained_nets(3)[0]
    features = encoder(data.normalized()).flatten(1)
    keys = components(features, 5)
    assert keys.shape == (24, 5) and torch.allclose(keys.std(0), torch.ones(5), atol=0.1)
    kinds = {}
    for i, key in enumerate(keys):
        kinds.setdefault((i % 4, i // 4 % 3), []).append(key)
    assert torch.pdist(torch.stack([torch.stack(group).mean(0) for group in kinds.values()])).min() > 0.1
    few = components(features[:2], 5)
    assert few.shape == (2, 5) and few.isfinite().all()


def run(steps: int, seed: int = 0, **settings) -> tuple[mosaic.Objective, list[dict]]:
    data = flags(size=16)
    objective = mosaic.Objective(data, mosaic.Settings(**{"local_dim": 2, "ema_decay": 0.9} | settings), seed)
    figures = []
    for step in range(steps):
        torch.manual_seed(step)
        index = torch.randint(len(data), (8,))
        figures.append(objective.step(data.normalized(index), index, step / steps))
    return objective, figures


def kinds(objective: mosaic.Objective) -> int:
    """How many of the 12 flags are the nearest to some random result."""
    with torch.no_grad():
        drawn = objective.trained()(torch.randn(200, objective.latent_dim))
    real, nearest = flags(size=16).normalized(), []
    for half in (slice(5, 7), slice(9, 11)):
        colours = real[:, :, half, 5:11].mean((2, 3)).unique(dim=0)
        nearest.append(torch.cdist(drawn[:, :, half, 5:11].mean((2, 3)), colours).argmin(1).tolist())
    return len({*zip(*nearest)})


def test_the_decoder_learns_and_every_kind_appears():
    objective, figures = run(120)
    assert figures[-1]["reconstruction"] < 0.5 * figures[0]["reconstruction"]
    assert kinds(objective) == 12


def test_larger_sets_than_are_kept_are_seen_anew(monkeypatch):
    kept, _ = run(3)
    monkeypatch.setattr(feature_cache, "MAX_VALUES", 10)
    anew, _ = run(3)
    assert kept.features.values is not None and anew.features.values is None
    assert all(
        torch.allclose(a, b, atol=1e-5) for a, b in zip(kept.trained().parameters(), anew.trained().parameters())
    )


def test_of_large_pictures_the_memory_holds_fewer(monkeypatch):
    monkeypatch.setattr(chonk, "MAX_MEMORY_VALUES", 60 * 32 * 2 * 2)
    data = flags(100, size=16)
    assert mosaic.Objective(data, mosaic.Settings(), 0).options["memory_size"] == 60


def test_state_comes_back_to_the_bit():
    data = flags(size=16)
    first, _ = run(24)
    tensors, numbers = first.get_state()
    second = mosaic.Objective(data, mosaic.Settings(local_dim=2, ema_decay=0.9), seed=7)
    second.set_state({name: value.clone() for name, value in tensors.items()}, numbers)
    for objective in (first, second):
        for step in range(6):
            torch.manual_seed(step)
            objective.step(data.normalized(torch.arange(8)), torch.arange(8), 0.5)
    assert all(torch.equal(a, b) for a, b in zip(first.trained().parameters(), second.trained().parameters()))


def test_recoloured_pictures_keep_lines_white_and_alpha():
    pictures = torch.rand(6, 4, 16, 16) * 2 - 1
    pictures[:, :3, :4] = 1.0  # white
    pictures[:, :3, 4:8] = -1.0  # black
    pictures[:, :3, 8:10] = 0.2  # grey
    numbers = torch.arange(6)
    changed = recolour(pictures, numbers, 1)
    assert torch.allclose(changed[:, :, :4], pictures[:, :, :4], atol=1e-5) and torch.equal(
        changed[:, 3], pictures[:, 3]
    )
    assert torch.allclose(changed[:, :3, 4:8], pictures[:, :3, 4:8], atol=1e-5)
    assert changed[:, :3, 8:10].std(1).max() < 1e-5
    assert (changed - pictures)[:, :3, 10:].abs().mean((1, 2, 3)).min() > 0.02
    assert torch.equal(
        changed[2:4], recolour(pictures[2:4], numbers[2:4], 1)
    )  # a picture's map is its own, whatever is beside it
    assert (changed - recolour(pictures, numbers, 2)).abs().mean() > 0.05


def test_patched_pictures_are_made_of_regions_of_versions():
    torch.manual_seed(0)
    versions = torch.arange(5.0).view(5, 1, 1, 1, 1).expand(5, 200, 3, 8, 8)
    patched_ = patched(versions, 0.25)
    assert (
        patched_.shape == (200, 3, 8, 8)
        and (patched_ == patched_.round()).all()
        and torch.equal(patched_[:, 0], patched_[:, 2])
    )
    kinds = torch.tensor([len(one.unique()) for one in patched_])
    assert kinds.max() <= 3 and (kinds >= 2).float().mean() > 0.3
    keep_colours = (patched_ == 0).all(3).all(2).all(1).float().mean()
    assert 0.2 < keep_colours < 0.5
    steps = (patched_.diff(dim=3) != 0).float().mean()
    assert steps < 0.2  # regions, not noise
    assert torch.equal(patched(versions, 1.0), versions[0])


def test_a_masked_mean_is_a_mean_over_some_places():
    alike, noise = torch.full((5, 3, 8, 8), 2.0), torch.randn(400, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(masked_mean(alike, random_mask(alike)), torch.full((5, 3, 1, 1), 2.0))
    torch.manual_seed(0)
    seen = masked_mean(noise, random_mask(noise)).std().item()
    assert 1 / 8 < seen < 1 / 5


def test_cutmix_joins_regions_and_the_loss_counts_inside_of_them():
    torch.manual_seed(0)
    own = smooth_masks(200, 8)
    assert own.shape == (200, 1, 8, 8) and own.dtype == torch.bool and 0.4 < own.float().mean() < 0.6
    assert own.float().diff(dim=3).abs().mean() < 0.25  # regions, not noise
    numbers = torch.arange(200.0).view(200, 1, 1, 1).expand(200, 3, 8, 8)
    both = cutmix(numbers, own)
    assert torch.equal(both == numbers, own.expand_as(both)) and torch.equal(
        both[5][~own[5].expand(3, 8, 8)].unique(), torch.tensor([4.0])
    )
    assert torch.equal(both[4][~own[4].expand(3, 8, 8)].unique(), torch.tensor([5.0]))
    assert torch.equal(cutmix(numbers[:3], own[:3])[2], numbers[2])  # nobody is left for the third
    left = torch.zeros(1, 1, 32, 32, dtype=torch.bool)
    left[..., :16] = True
    expected = torch.ones(32)
    expected[16 - SEAM : 16 + SEAM] = 0
    assert torch.equal(interior(left), expected.expand(1, 1, 32, 32))
    assert (interior(torch.stack([left[0] * 0, left[0] * 0 + 1])) == 1).all()


@torch.no_grad()
def test_the_pretrained_harmonizer_brings_colours_together():
    """Pictures that it has never seen, recoloured in places, come back in their own colours when it is told those; told
    another picture's, they do not."""
    torch.manual_seed(0)
    encoder, _, harmonizer = load_pretrained_nets()
    real = drawings(24)
    versions = torch.stack(
        [encoder(real), encoder(recolour(real, torch.arange(24), 0)), encoder(recolour(real, torch.arange(24), 1))]
    )
    recoloured, palette = patched(versions, 0.0), harmonizer.palette(versions[0])

    def error(features: torch.Tensor) -> float:
        return (features - versions[0]).square().mean().item()

    assert error(harmonizer(recoloured, palette)) < 0.5 * error(recoloured)
    assert error(harmonizer(recoloured, palette)) < 0.8 * error(harmonizer(recoloured, palette.roll(1, 0)))


def test_pictures_of_the_latents_colours_have_high_logits_at_all_places():
    net, features, *_ = with_memory(
        RetrievalConfig(global_gain=3000.0, colour_gain=1.0, local_gain=1e-6, neighbour_weight=1e-6, load_penalty=0.0)
    )
    z = torch.zeros(10, 60)
    z[:, 6:12] = F.normalize(net.palette_keys[:, 6:])
    assert torch.allclose(net.features(z), features, atol=1e-3)
    deaf, *_ = with_memory(
        RetrievalConfig(global_gain=3000.0, colour_gain=0.0, local_gain=1e-6, neighbour_weight=1e-6, load_penalty=0.0)
    )
    assert deaf.logits(z).std(1).max() < 1e-3


def test_a_palette_is_that_of_the_picture_that_the_latent_retrieves():
    net, features, global_keys, _ = with_memory(RetrievalConfig(palette_gain=3000.0))
    z = torch.zeros(10, 60)
    z[:, :6] = global_keys
    assert torch.allclose(net.palette(z), net.harmonizer.palette(features), atol=1e-3)

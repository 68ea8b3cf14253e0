"""Variation of pictures: the identity where it must be, exact where it can be, each sample its own way, the same
again."""

from __future__ import annotations

import torch

from chonk.learn.augment import AugmentSettings, augment

ONLY_FLIP = AugmentSettings(p=1, flip=True, rotate=0, zoom=0, shift=0)
STILL = dict(flip=False, rotate=0, zoom=0, shift=0)


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(channels: int = 4, count: int = 16, size: int = 16) -> torch.Tensor:
    return torch.rand(count, channels, size, size, generator=random(5)) * 2 - 1


def test_p_0_is_the_identity():
    assert torch.equal(augment(noise(), AugmentSettings(p=0), random()), noise())


def test_same_seed_same_pictures_other_seed_others():
    a, b, c = (augment(noise(), AugmentSettings(), random(seed)) for seed in (1, 1, 2))
    assert torch.equal(a, b) and not torch.equal(a, c)


def test_nothing_to_do_leaves_the_picture():
    assert torch.allclose(augment(noise(), AugmentSettings(p=1, **STILL), random()), noise(), atol=1e-5)


def test_flip_mirrors_about_half_and_nothing_else():
    pictures = noise(count=200)
    flipped = augment(pictures, ONLY_FLIP, random())
    mirrored = torch.tensor([torch.allclose(f, p.flip(2), atol=1e-5) for f, p in zip(flipped, pictures)])
    same = torch.tensor([torch.allclose(f, p, atol=1e-5) for f, p in zip(flipped, pictures)])
    assert bool((mirrored ^ same).all()) and 60 < int(mirrored.sum()) < 140


def test_what_comes_in_from_outside_is_white_and_transparent():
    black = torch.full((64, 4, 16, 16), -1.0)
    black[:, 3] = 1
    moved = augment(black, AugmentSettings(p=1, **STILL | {"shift": 0.5}), random())
    corners = moved[:, :, [0, 0, -1, -1], [0, -1, 0, -1]]
    outside = corners[:, 3] < -0.99
    assert bool(outside.any())
    assert torch.allclose(corners[:, :3].permute(0, 2, 1)[outside], torch.tensor(1.0), atol=0.02)


def test_ground_stays_ground():
    white = torch.ones(8, 4, 16, 16)
    white[:, 3] = -1
    assert torch.allclose(augment(white, AugmentSettings(), random()), white, atol=1e-5)


def test_a_quarter_turn_is_a_quarter_turn():
    dot = torch.ones(64, 3, 17, 17)
    dot[:, :, 8, 14] = -1  # six pixels right of the middle
    turned = augment(dot, AugmentSettings(p=1, **STILL | {"rotate": 180}), random(3))
    angles = torch.rand(6, 64, generator=random(3))[2] * 2 - 1  # in half turns, as `augment` draws them
    nearest = int((angles.abs() - 0.5).abs().argmin())
    row, column = divmod(int(turned[nearest].mean(0).argmin()), 17)
    assert (abs(row - 8), column) == (6, 8)


def test_each_sample_moves_its_own_way():
    same = noise(count=1).repeat(8, 1, 1, 1)
    varied = augment(same, AugmentSettings(p=1), random())
    assert len({tuple(picture.flatten().tolist()) for picture in varied}) == 8

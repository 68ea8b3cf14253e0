"""Finished pictures are crisp where the small ones were cut from something crisp, flat where they are flat, and of the
size that was wished for."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.ndimage import minimum_filter

from chonk.finish import finish
from chonk.ingest.pixelart import common_grid
from chonk.nets.finisher import sharpen
from chonk.pixels import values_of
from chonk.play import packed, reference
from chonk.play.finishing import FILE, packed_finisher
from chonk.synthetic import mascot

WHITE = np.array([1.0, 1, 1, -1])


@pytest.fixture(scope="module")
def drawings():
    """The built-in character, which the net has never seen: true pictures of 512 pixels and what `gather` makes of
    them."""
    truths = [mascot.draw(mascot.random_truth(random.Random(seed)), 512) for seed in range(40, 46)]
    small = [picture.convert("RGBa").resize((64, 64), Image.Resampling.HAMMING).convert("RGBA") for picture in truths]
    return truths, small


@pytest.mark.parametrize("size", [256, 512])
def test_the_builtin_character_is_two_decibels_nearer_to_the_truth_than_with_lanczos(drawings, size):
    def decibels(values: np.ndarray, truth: np.ndarray) -> float:
        return float(-10 * np.log10(np.mean((values - truth) ** 2) / 4))

    gains = []
    for true, small in zip(*drawings):
        truth = values_of(true.convert("RGBa").resize((size, size), Image.Resampling.BOX).convert("RGBA"))
        lanczos = values_of(small.convert("RGBa").resize((size, size), Image.Resampling.LANCZOS).convert("RGBA"))
        gains.append(decibels(finish(values_of(small), size), truth) - decibels(lanczos, truth))
    assert np.mean(gains) > 2 and min(gains) > 0


@pytest.mark.parametrize(
    "channels, side, size",
    [(4, 64, 512), (3, 64, 256), (4, 128, 512), (3, 25, 200), (4, 32, 100), (4, 16, 512), (4, 64, 48)],
)
def test_flat_colour_stays_exactly_flat_at_every_size(channels, side, size):
    colour = np.array([0.2, -0.7, 0.9, 1.0], np.float32)[:channels, None, None]
    large = finish(np.broadcast_to(colour, (2, channels, side, side)), size)
    assert large.shape == (2, channels, size, size)
    inner = large[:, :, size // 4 : -size // 4, size // 4 : -size // 4] if size > side else large
    assert np.abs(inner - colour).max() < 1 / 255


def test_what_is_opaque_stays_so_and_what_is_empty_stays_empty():
    picture = np.full((1, 4, 64, 64), -1, np.float32)
    picture[:, :3] = 1
    picture[:, :, 16:48, 16:48] = np.array([0.3, -0.2, 0.1, 1])[:, None, None]
    large = finish(picture, 512)
    assert large[0, 3, 200:312, 200:312].min() > 1 - 2 / 255 and large[0, 3, :64].max() < -1 + 2 / 255
    assert np.abs(large[0, :, :64] - WHITE[:, None, None]).max() < 2 / 255


@pytest.mark.parametrize("size, widest", [(256, 1.3), (512, 1.4)])
def test_edges_are_hardly_wider_than_a_pixel(size, widest):
    """Contrast over steepest slope, along the rows that cross a disc's sides."""
    y, x = np.mgrid[:512, :512] - 255.5
    disc = Image.fromarray(np.where(np.hypot(x, y) < 150, 40, 230).astype(np.uint8)).resize(
        (64, 64), Image.Resampling.BOX
    )
    large = finish(values_of(disc.convert("RGB")), size)[0, 0]
    rows = large[size // 2 - size // 16 : size // 2 + size // 16, : size // 2]
    widths = np.ptp(rows, axis=1) / np.abs(np.diff(rows, axis=1)).max(1)
    assert np.median(widths) < widest


@pytest.mark.parametrize("width, least", [(0.5, 0.35), (1, 0.65)])
def test_thin_lines_do_not_break(width, least):
    """Lines of half a small pixel and of a whole one keep that share of their contrast everywhere, which with Lanczos
    they do not."""
    y, x = np.mgrid[:1024, :1024] / 2 - 255.75
    for angle in np.radians((5, 20, 40)):
        line = np.abs(x * np.sin(angle) - y * np.cos(angle)) < 4 * width
        small = Image.fromarray(np.where(line, 0, 255).astype(np.uint8)).resize((64, 64), Image.Resampling.HAMMING)
        places = np.rint(256 + np.outer((np.sin(angle), np.cos(angle)), np.arange(-200, 200))).astype(int)
        lanczos = np.asarray(small.resize((512, 512), Image.Resampling.LANCZOS)) / 127.5 - 1
        finished = finish(values_of(small.convert("RGB")), 512)[0, 0]
        faintest = [(1 - minimum_filter(large, 5)[*places].max()) / 2 for large in (finished, lanczos)]
        assert faintest[0] > max(least, faintest[1])


def test_shading_and_faint_edges_are_not_made_steep():
    ramp = torch.linspace(-1, 1, 64).expand(1, 4, 64, 64)
    faint = torch.where(torch.arange(64) < 32, 0.0, 0.1).expand(1, 4, 64, 64)
    steep = torch.linspace(-3, 3, 64).mul(8).clamp(-1, 1).expand(1, 4, 64, 64)
    assert torch.equal(sharpen(ramp, 3, 2.5)[..., 6:-6], ramp[..., 6:-6]) and torch.equal(sharpen(faint, 3, 2.5), faint)
    assert sharpen(steep, 3, 2.5).diff(dim=3).max() > 2 * steep.diff(dim=3).max()


def test_pixel_art_is_enlarged_in_whole_pixels():
    sprite = np.random.default_rng(1).choice([-1.0, -0.2, 0.6, 1.0], (1, 4, 16, 16)).astype(np.float32)
    noisy = sprite.repeat(4, 2).repeat(4, 3) + 0.02 * np.random.default_rng(2).standard_normal((1, 4, 64, 64)).astype(
        np.float32
    )
    large = finish(noisy, 512, cell=4)
    blocks = large.reshape(1, 4, 16, 32, 16, 32)
    assert (blocks == blocks[:, :, :, :1, :, :1]).all() and np.abs(
        large - sprite.repeat(32, 2).repeat(32, 3)
    ).max() < 0.05
    assert finish(sprite, 500, cell=1).shape == (1, 4, 500, 500)  # 31 pixels each, and four of the border around them


def test_a_smaller_size_gives_means():
    values = np.random.default_rng(3).uniform(-1, 1, (1, 4, 64, 64)).astype(np.float32)
    assert abs(finish(values, 32).mean() - values.mean()) < 5e-3
    assert finish(values, 64) is not None and np.array_equal(finish(values, 64), values)


def test_the_pages_file_is_this_net():
    assert FILE.read_bytes() == packed_finisher(), "make it again with: python -m chonk.play.finishing"
    assert len(FILE.read_bytes()) < 400_000


def test_the_page_finishes_as_python_does(drawings):
    graph, header = packed.unpack(FILE.read_bytes())
    values = values_of(drawings[1][0])
    assert np.abs(reference.run(graph, values).clip(-1, 1) - finish(values, 512)).mean() * 127.5 < 0.5
    graph.output = header["four"]
    assert np.abs(reference.run(graph, values).clip(-1, 1) - finish(values, 256)).mean() * 127.5 < 0.5


def test_pixel_art_is_recognised_by_what_most_of_a_set_shows():
    random = np.random.default_rng(5)
    sprites = random.integers(0, 4, (10, 16, 16, 1)) * np.array([60, 30, 80], np.uint8)
    enlarged = sprites.repeat(4, 1).repeat(4, 2).astype(np.uint8)
    smooth = random.integers(0, 255, (10, 64, 64, 3)).astype(np.uint8)
    assert common_grid(enlarged) == 4 and common_grid(smooth) == 0
    assert common_grid(np.concatenate([enlarged[:5], smooth[:5]])) == 0

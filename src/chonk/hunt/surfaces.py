"""Surfaces and shapes that are no drawings but have edges and colours as drawings have: gravel, leaves, straw, cloth,
balls, windows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

Colour = Callable[[np.random.Generator], np.ndarray]


def smooth(random: np.random.Generator, wide: int, tall: int, detail: float) -> np.ndarray:
    """Noise whose hills are `detail` to a side, tall x wide, deviation about 1."""
    shape = (2 + int(detail * random.uniform(0.5, 1.5)), 2 + int(detail * random.uniform(0.5, 1.5)))
    layer = Image.fromarray(random.normal(0, 1, shape).astype(np.float32))
    return np.asarray(layer.resize((wide, tall), Image.Resampling.BICUBIC))


def cells(random: np.random.Generator, wide: int, tall: int, colour: Colour) -> np.ndarray:
    """Pebbles, scales, leaves, bricks: each place is the nearest point's, and darker at the border."""
    count = int(np.exp(random.uniform(np.log(8), np.log(140))))
    across, down = np.meshgrid(np.arange(wide, dtype=np.float32), np.arange(tall, dtype=np.float32))
    bend = random.uniform(0, 8)
    x, y = across + bend * smooth(random, wide, tall, 8), down + bend * smooth(random, wide, tall, 8)
    points = random.uniform(-0.1, 1.1, (count, 2)) * (wide, tall)
    stretch = random.uniform(0.5, 2)
    away = np.hypot(x[..., None] - points[:, 0], stretch * (y[..., None] - points[:, 1]))
    nearest = away.argmin(2)
    two = np.partition(away, 1, axis=2)[..., :2]
    border = np.clip((two[..., 1] - two[..., 0]) / random.uniform(1, 8), 0, 1)
    base, other = colour(random), colour(random)
    shade = random.uniform(0, 1, (count, 1)) * random.choice((1, 1, 0.2))
    tints = base + shade * (other - base) + random.normal(0, random.choice((3, 12, 30)), (count, 1))
    slope = 1 + random.uniform(0, 0.5) * ((x - points[nearest, 0]) - (y - points[nearest, 1])) / (
        two[..., 0].mean() * 3
    )
    dark = random.uniform(0.1, 0.8)
    return tints[nearest] * ((dark + (1 - dark) * border) * np.clip(slope, 0.4, 1.6))[..., None]


def strands(random: np.random.Generator, wide: int, tall: int, colour: Colour) -> np.ndarray:
    """Grass, hair, straw, branches: lines over lines."""
    base, other = colour(random), colour(random)
    image = Image.new("RGB", (wide, tall), tuple(int(v) for v in base * random.uniform(0.3, 1)))
    pen = ImageDraw.Draw(image)
    main, deviation = random.uniform(0, np.pi), random.choice((0.2, 0.6, 3))
    far = random.uniform(8, 70)
    for _ in range(int(random.uniform(60, 500))):
        x, y, turn = random.uniform(0, wide), random.uniform(0, tall), main + random.normal(0, deviation)
        share, length = random.uniform(), far * random.uniform(0.4, 1.2)
        tint = np.clip((1 - share) * base + share * other + random.normal(0, 12), 0, 255)
        ends = [(x, y), (x + length * np.cos(turn), y + length * np.sin(turn))]
        pen.line(ends, fill=tuple(int(v) for v in tint), width=int(random.integers(1, 5)))
    return np.asarray(image)


def folds(random: np.random.Generator, wide: int, tall: int, colour: Colour) -> np.ndarray:
    """Cloth, skin, marble, clouds, fur: noise that bends noise, in three colours."""
    detail, bend = np.exp(random.uniform(0.5, 3.2)), random.uniform(0, 3)
    level = smooth(random, wide, tall, detail) + bend * np.sin(
        random.uniform(1, 4) * smooth(random, wide, tall, detail) + smooth(random, wide, tall, 2)
    )
    height = (level - level.min()) / max(1e-6, np.ptp(level)) * 2
    sharp = random.choice((1, 1, 4, 12))
    height = np.clip((height % 1 - 0.5) * sharp + 0.5, 0, 1) + np.floor(height).clip(0, 1)
    tints = np.stack([colour(random) for _ in range(3)])
    low = np.clip(np.floor(height), 0, 1).astype(int)
    part = (height - low)[..., None].clip(0, 1)
    return (1 - part) * tints[low] + part * tints[low + 1]


def balls(random: np.random.Generator, wide: int, tall: int, colour: Colour) -> np.ndarray:
    """Cups, fruit, lamps, heads, wheels: round things with a light side, rings or a highlight."""
    image = folds(random, wide, tall, colour) * random.uniform(0.3, 1)
    across, down = np.meshgrid(np.arange(wide), np.arange(tall))
    for _ in range(random.integers(1, 9)):
        x, y, size = random.uniform(0, wide), random.uniform(0, tall), np.exp(random.uniform(1.8, 4.2))
        u, v = (across - x) / size, (down - y) / size * random.uniform(0.6, 1.6)
        away = np.hypot(u, v)
        light = np.clip(0.75 - random.uniform(0, 0.6) * u - random.uniform(0, 0.6) * v - 0.3 * away**2, 0.05, 1.4)
        rings = 1 + random.choice((0, 0, 0.4)) * np.sin(away * random.uniform(4, 30) + random.uniform(0, 6) * u)
        shine = random.choice((0, 0, 200)) * np.exp(-((u + 0.35) ** 2 + (v + 0.35) ** 2) / 0.02)
        surface = colour(random) * (light * rings)[..., None] + shine[..., None]
        inside = np.clip((1 - away) * size / 1.5, 0, 1)[..., None]
        image = image * (1 - inside) + surface * inside
    return image


def rows(random: np.random.Generator, wide: int, tall: int, colour: Colour) -> np.ndarray:
    """House fronts, shelves, keyboards, fences: the same thing again and again, in uneven light."""
    w, h = random.uniform(4, 50, 2)
    across, down = np.meshgrid(np.arange(wide) + random.uniform(0, w), np.arange(tall) + random.uniform(0, h))
    turn = random.normal(0, 0.2)
    x, y = across * np.cos(turn) - down * np.sin(turn), across * np.sin(turn) + down * np.cos(turn)
    inside = (x % w < w * random.uniform(0.2, 0.9)) & (y % h < h * random.uniform(0.2, 0.9))
    edge = (x % w < 1.5) | (y % h < 1.5)
    each = random.normal(0, random.choice((0, 15, 50)), (400, 1))[
        ((x // w).astype(int) * 31 + (y // h).astype(int)) % 400
    ]
    tint = np.where(inside[..., None], colour(random) + each, colour(random))
    tint = np.where(edge[..., None], colour(random), tint)
    return tint * (1 + 0.25 * smooth(random, wide, tall, 3))[..., None]


SURFACES = (cells, cells, strands, folds, folds, balls, rows)

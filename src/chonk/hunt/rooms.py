"""What is behind and between the stickers: pictures of rooms, desks and textures, drawn by code."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from chonk.hunt.surfaces import SURFACES

WIDTH, HEIGHT = 208, 160
NATURAL = 0.5
"""Share of rooms that show something close by: gravel, cloth, a cup."""


def rooms(count: int, seed: int) -> np.ndarray:
    """So many different backgrounds, count x HEIGHT x WIDTH x 3 bytes; the same seed gives the same ones."""
    return np.stack([room(np.random.default_rng((seed, number))) for number in range(count)])


def room(random: np.random.Generator) -> np.ndarray:
    """One background: a kind of scene, with things in it, then soft or crisp."""
    if random.random() < NATURAL:
        values = SURFACES[random.integers(len(SURFACES))](random, WIDTH, HEIGHT, colour)
        image = Image.fromarray(np.clip(values, 0, 255).astype(np.uint8))
        things = int(random.integers(0, 3))
    else:
        image = Image.fromarray(KINDS[random.integers(len(KINDS))](random))
        things = int(random.integers(0, 12))
    pen = ImageDraw.Draw(image)
    for _ in range(things):
        THINGS[random.integers(len(THINGS))](pen, random)
    if random.random() < 0.6:
        image = image.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 2.5)))
    grain = random.normal(0, random.uniform(0, 6), (HEIGHT, WIDTH, 1))
    return np.clip(np.asarray(image, np.float32) + grain, 0, 255).astype(np.uint8)


def colour(random: np.random.Generator) -> np.ndarray:
    """A colour as rooms have it: mostly greyish, now and then strong."""
    grey, strength = random.uniform(10, 250), random.choice((6, 25, 80))
    return np.clip(grey + random.normal(0, strength, 3), 0, 255)


def ink(random: np.random.Generator) -> tuple[int, int, int]:
    red, green, blue = colour(random).astype(int).tolist()
    return red, green, blue


def noise(random: np.random.Generator) -> np.ndarray:
    """Patches of any size between two colours: walls, cloth, leaves, carpets."""
    total = np.zeros((HEIGHT, WIDTH), np.float32)
    for octave in range(random.integers(1, 7)):
        shape = (2 + 2**octave, 2 + int(random.uniform(0.3, 3) * 2**octave))
        layer = Image.fromarray(random.normal(0, 1, shape).astype(np.float32))
        total += np.asarray(layer.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC)) * random.uniform(0.3, 1)
    share = (1 / (1 + np.exp(-total * random.uniform(0.5, 4))))[..., None]
    return ((1 - share) * colour(random) + share * colour(random)).astype(np.uint8)


def slope(random: np.random.Generator) -> np.ndarray:
    """A plain surface in uneven light."""
    across, down = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    share = np.clip(across * random.normal(0, 0.7) + down * random.normal(0, 0.7) + random.random(), 0, 1)[..., None]
    first = colour(random)
    return ((1 - share) * first + share * np.clip(first + random.normal(0, 35, 3), 0, 255)).astype(np.uint8)


def planks(random: np.random.Generator) -> np.ndarray:
    """Boards, tiles or stripes, with grain along them."""
    along = np.asarray(Image.fromarray(random.normal(0, 1, (HEIGHT, 4)).astype(np.float32)).resize((WIDTH, HEIGHT)))
    across = np.arange(HEIGHT)[:, None] % random.integers(6, 50) < random.integers(1, 4)
    down = np.arange(WIDTH)[None] % random.integers(10, 90) < random.integers(1, 3) * (random.random() < 0.5)
    base = colour(random) + along[..., None] * random.uniform(0, 22)
    return np.clip(np.where((across | down)[..., None], base * random.uniform(0.5, 1.2), base), 0, 255).astype(np.uint8)


def corner(random: np.random.Generator) -> np.ndarray:
    """Two walls and a floor."""
    image = Image.fromarray(slope(random))
    pen = ImageDraw.Draw(image)
    floor, edge = random.uniform(0.4, 0.9) * HEIGHT, random.uniform(0.1, 0.9) * WIDTH
    pen.polygon([(edge, 0), (WIDTH, 0), (WIDTH, HEIGHT), (edge, floor)], fill=ink(random))
    pen.polygon(
        [
            (0, floor + random.normal(0, 20)),
            (edge, floor),
            (WIDTH, floor + random.normal(0, 20)),
            (WIDTH, HEIGHT),
            (0, HEIGHT),
        ],
        fill=ink(random),
    )
    return np.asarray(image)


KINDS = (noise, noise, slope, planks, corner, corner)


def _place(random: np.random.Generator) -> tuple[float, float]:
    return random.uniform(-0.1, 1.1) * WIDTH, random.uniform(-0.1, 1.1) * HEIGHT


def box(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """A cupboard, a parcel, a phone: a front, a side and a top."""
    (x, y), (w, h), d = _place(random), random.uniform(6, 80, 2), random.normal(0, 14, 2)
    shade = colour(random)
    pen.polygon(
        [(x + w, y), (x + w + d[0], y + d[1]), (x + w + d[0], y + h + d[1]), (x + w, y + h)],
        fill=tuple((shade * 0.6).astype(int)),
    )
    pen.polygon(
        [(x, y), (x + w, y), (x + w + d[0], y + d[1]), (x + d[0], y + d[1])], fill=tuple((shade * 0.85).astype(int))
    )
    pen.rounded_rectangle((x, y, x + w, y + h), random.choice((0, 2, 6)), fill=tuple(shade.astype(int)))


def round_thing(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """A cup seen from above, a lamp, a face without features, an eye."""
    (x, y), (w, h) = _place(random), random.uniform(4, 60) * random.uniform(0.6, 1.4, 2)
    pen.ellipse((x - w, y - h, x + w, y + h), fill=ink(random), outline=ink(random), width=int(random.integers(0, 5)))
    if random.random() < 0.5:
        pen.ellipse((x - w / 2, y - h / 2, x + w / 2, y + h / 2), fill=ink(random))


def books(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    (x, y), h = _place(random), random.uniform(15, 60)
    for _ in range(random.integers(3, 14)):
        w = random.uniform(3, 12)
        pen.rectangle((x, y + random.uniform(0, 8), x + w, y + h), fill=ink(random))
        x += w


def writing(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """Lines of something like letters, on paper or a screen."""
    (x, y), (w, h) = _place(random), random.uniform(25, 100, 2)
    paper = random.choice((245, 250, 30, 40))
    pen.rectangle((x, y, x + w, y + h), fill=(int(paper),) * 3)
    step, dark = random.uniform(3, 9), (int(255 - paper),) * 3 if random.random() < 0.7 else ink(random)
    for row in np.arange(y + step, y + h - step, step):
        at = x + step
        while at < x + w * random.uniform(0.6, 0.97):
            end = at + random.uniform(0.5, 4) * step
            pen.line((at, row, min(end, x + w), row + random.normal(0, 0.6)), fill=dark, width=max(1, int(step / 3)))
            at = end + step / 2


def cable(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    points = np.cumsum(random.normal(0, 18, (random.integers(2, 8), 2)), 0) + _place(random)
    pen.line([tuple(point) for point in points], fill=ink(random), width=int(random.integers(1, 6)), joint="curve")


def leaf(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    x, y = _place(random)
    for turn in np.linspace(0, 2 * np.pi, random.integers(3, 10)):
        far, wide = random.uniform(8, 40), random.uniform(2, 8)
        tip = np.array([np.cos(turn), np.sin(turn)]) * far
        side = np.array([-np.sin(turn), np.cos(turn)]) * wide
        green = tuple(int(v) for v in np.clip(np.array([60, 120, 50]) + random.normal(0, 30, 3), 0, 255))
        corners = np.array([np.zeros(2), tip / 2 + side, tip, tip / 2 - side])
        pen.polygon([(x + dx, y + dy) for dx, dy in corners], fill=green)


def hand(pen: ImageDraw.ImageDraw, random: np.random.Generator) -> None:
    """A palm and fingers of any skin."""
    (x, y), size, turn = _place(random), random.uniform(10, 40), random.uniform(0, 2 * np.pi)
    skin = tuple(int(v) for v in skin_colour(random))
    pen.ellipse((x - size, y - size, x + size, y + size), fill=skin)
    for finger in np.linspace(-0.8, 0.8, random.integers(2, 6)) + turn:
        tip = (x + np.cos(finger) * size * 2.3, y + np.sin(finger) * size * 2.3)
        pen.line((x, y, *tip), fill=skin, width=max(2, int(size * 0.5)))


def skin_colour(random: np.random.Generator) -> np.ndarray:
    light = random.uniform(0.25, 1.05)
    return np.clip(np.array([235, 190, 160]) * light + random.normal(0, 8, 3), 0, 255)


THINGS = (box, box, box, round_thing, round_thing, books, writing, cable, leaf, hand)

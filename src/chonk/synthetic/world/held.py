"""What is held in a hand."""

from __future__ import annotations

from math import cos, sin

from chonk.synthetic.world.geometry import heart, star
from chonk.synthetic.world.palette import COAL, GOLD, RGB, STEEL, WOOD, hsl, mix, shift
from chonk.synthetic.world.pen import Pen

HELD = (
    "balloon",
    "flower",
    "star",
    "heart",
    "cup",
    "book",
    "sword",
    "wand",
    "ball",
    "fruit",
    "glass",
    "bag",
    "umbrella",
    "sign",
    "key",
    "gem",
    "lolly",
    "box",
    "brush",
    "guitar",
    "screen",
    "bone",
    "leaf",
    "flag",
    "cloud",
    "bottle",
    "lens",
)


def held(pen: Pen, kind: str, x: float, y: float, s: float, colour: RGB, other: RGB) -> None:
    """s: half the thing's size."""
    random, p = pen.random, pen.palette
    if kind == "balloon":
        pen.stroke([(x, y), (x + 2, y - s), (x, y - s * 2)], 0.8, p.ink)
        pen.blob(x, y - s * 2.6, s * 0.75, s * 0.9, colour)
        pen.spot(x - s * 0.25, y - s * 2.9, s * 0.15, s * 0.25, (1, 1, 1), 0.7)
    elif kind == "flower":
        pen.limb([(x, y + s), (x, y)], s * 0.14, hsl(0.33, 0.5, 0.4))
        for i in range(5):
            pen.blob(x + s * 0.45 * cos(i * 1.257), y + s * 0.45 * sin(i * 1.257), s * 0.32, s * 0.32, colour)
        pen.blob(x, y, s * 0.28, s * 0.28, other)
    elif kind == "star":
        pen.polygon(star(x, y, s), random.choice((GOLD, colour)))
    elif kind == "heart":
        pen.path(heart(x, y, s), random.choice((hsl(0.97, 0.85, 0.5), colour)))
    elif kind == "cup":
        pen.blob(x + s * 0.55, y, s * 0.3, s * 0.35, other)
        pen.polygon(
            [
                (x - s * 0.5, y - s * 0.6),
                (x + s * 0.5, y - s * 0.6),
                (x + s * 0.4, y + s * 0.6),
                (x - s * 0.4, y + s * 0.6),
            ],
            colour,
        )
        pen.blob(x, y - s * 0.6, s * 0.5, s * 0.13, hsl(0.07, 0.5, 0.25), line=0.6)
        for k in (-0.2, 0.2):
            pen.stroke(
                [(x + k * s, y - s * 0.9), (x + k * s + 1, y - s * 1.2), (x + k * s - 1, y - s * 1.5)],
                0.7,
                (0.8, 0.8, 0.85),
            )
    elif kind == "book":
        pen.polygon(
            [(x - s * 0.8, y - s * 0.5), (x, y - s * 0.3), (x, y + s * 0.7), (x - s * 0.8, y + s * 0.5)], colour
        )
        pen.polygon([(x + s * 0.8, y - s * 0.5), (x, y - s * 0.3), (x, y + s * 0.7), (x + s * 0.8, y + s * 0.5)], other)
    elif kind in ("sword", "wand", "brush", "lens", "lolly", "key", "bone"):
        stick(pen, kind, x, y, s, colour)
    elif kind in ("ball", "fruit", "gem"):
        if kind == "gem":
            pen.polygon(
                [
                    (x - s, y - s * 0.3),
                    (x - s * 0.5, y - s * 0.8),
                    (x + s * 0.5, y - s * 0.8),
                    (x + s, y - s * 0.3),
                    (x, y + s),
                ],
                colour,
            )
            pen.polygon(
                [(x - s * 0.4, y - s * 0.3), (x + s * 0.4, y - s * 0.3), (x, y + s)], shift(colour, 0.4), line=0.3
            )
            return
        pen.blob(x, y, s * 0.7, s * 0.7, colour)
        if kind == "fruit":
            pen.limb([(x, y - s * 0.6), (x + s * 0.1, y - s)], s * 0.12, hsl(0.08, 0.5, 0.25))
            pen.blob(x + s * 0.35, y - s * 0.9, s * 0.3, s * 0.14, hsl(0.3, 0.6, 0.4), turn=-0.4)
        else:
            pen.stroke([(x - s * 0.65, y), (x, y + s * 0.2), (x + s * 0.65, y)], s * 0.15, other)
    elif kind in ("glass", "bottle"):
        clear = mix(colour, (1, 1, 1), 0.4)
        if kind == "glass":
            pen.path(
                f"M{x - s * 0.6:.1f} {y - s * 0.8:.1f}h{s * 1.2:.1f}l{-s * 0.2:.1f} {s * 1.4:.1f}h{-s * 0.8:.1f}z",
                clear,
                opacity=0.75,
            )
            pen.limb([(x, y), (x + s * 0.4, y - s * 1.3)], s * 0.12, p.accent)
        else:
            pen.polygon(
                [
                    (x - s * 0.15, y - s),
                    (x + s * 0.15, y - s),
                    (x + s * 0.18, y - s * 0.4),
                    (x + s * 0.45, y),
                    (x + s * 0.42, y + s),
                    (x - s * 0.42, y + s),
                    (x - s * 0.45, y),
                    (x - s * 0.18, y - s * 0.4),
                ],
                colour,
            )
            pen.blob(x, y + s * 0.4, s * 0.42, s * 0.25, p.light, square=0.3, line=0)
    elif kind == "bag":
        pen.stroke([(x - s * 0.3, y - s * 0.4), (x, y - s), (x + s * 0.3, y - s * 0.4)], s * 0.12, p.ink)
        pen.blob(x, y + s * 0.2, s * 0.65, s * 0.6, colour, square=0.5)
    elif kind == "umbrella":
        pen.stroke([(x, y + s * 0.5), (x, y - s * 2)], s * 0.12, p.ink)
        hem = f"q{-s * 0.8:.1f} {-s * 0.5:.1f} {-s * 1.6:.1f} 0"
        pen.path(
            f"M{x - s * 1.6:.1f} {y - s * 1.4:.1f}a{s * 1.6:.1f} {s * 1.4:.1f} 0 0 1 {s * 3.2:.1f} 0{hem}{hem}z", colour
        )
    elif kind in ("sign", "flag"):
        pen.limb([(x, y - (s if kind == "flag" else 0)), (x, y + s * 1.5)], s * 0.15, WOOD)
        if kind == "flag":
            pen.polygon(
                [
                    (x, y - s),
                    (x + s * 0.7, y - s * 0.8),
                    (x + s * 1.4, y - s),
                    (x + s * 1.4, y - s * 0.1),
                    (x + s * 0.7, y + s * 0.1),
                    (x, y - s * 0.1),
                ],
                colour,
            )
            return
        pen.blob(x, y - s * 0.2, s, s * 0.65, p.light, square=0.3)
        for k in (-0.35, -0.1, 0.15):
            pen.stroke(
                [(x - s * 0.6, y + k * s - s * 0.1), (x + s * random.uniform(0.1, 0.6), y + k * s - s * 0.1)],
                s * 0.1,
                p.ink,
            )
    elif kind == "box":
        pen.blob(x, y, s * 0.75, s * 0.6, colour, square=0.15)
        pen.stroke([(x, y - s * 0.6), (x, y + s * 0.6)], s * 0.2, other)
        pen.stroke([(x - s * 0.75, y), (x + s * 0.75, y)], s * 0.2, other)
    elif kind == "screen":
        pen.blob(x, y, s, s * 0.75, COAL, square=0.2)
        pen.blob(x, y, s * 0.8, s * 0.55, colour, square=0.2, line=0)
    elif kind == "guitar":
        pen.limb([(x, y), (x + s * 1.3, y - s * 1.5)], s * 0.2, WOOD)
        pen.blob(x, y, s * 0.55, s * 0.5, colour)
        pen.blob(x - s * 0.4, y + s * 0.5, s * 0.65, s * 0.6, colour)
        pen.spot(x - s * 0.15, y + s * 0.2, s * 0.2, s * 0.2, COAL)
    elif kind == "leaf":
        pen.polygon(
            [(x, y + s), (x - s * 0.5, y), (x, y - s), (x + s * 0.5, y)],
            hsl(random.uniform(0.05, 0.4), 0.6, 0.45),
            True,
        )
        pen.stroke([(x, y + s * 1.2), (x, y - s * 0.6)], s * 0.08, p.ink)
    elif kind == "cloud":
        for k, w in ((-0.6, 0.5), (0.6, 0.5), (0, 0.7)):
            pen.blob(x + k * s, y - (0.2 * s if not k else 0), w * s, w * s * 0.8, p.light, line=0.6)


def stick(pen: Pen, kind: str, x: float, y: float, s: float, colour: RGB) -> None:
    """Things on a handle, at any angle."""
    p, a = pen.palette, pen.random.uniform(-0.9, 0.9)
    dx, dy = sin(a), -cos(a)
    tip = (x + dx * s * 2.2, y + dy * s * 2.2)
    thick = {"sword": 0.24, "bone": 0.3}.get(kind, 0.14)
    pen.limb([(x, y), tip], s * thick, {"sword": STEEL, "key": GOLD, "bone": p.light, "lens": COAL}.get(kind, WOOD))
    if kind == "sword":
        pen.limb(
            [
                (x + dx * s * 0.4 - dy * s * 0.4, y + dy * s * 0.4 + dx * s * 0.4),
                (x + dx * s * 0.4 + dy * s * 0.4, y + dy * s * 0.4 - dx * s * 0.4),
            ],
            s * 0.18,
            colour,
        )
    elif kind == "wand":
        pen.polygon(star(*tip, s * 0.5), colour)
    elif kind == "lolly":
        pen.blob(*tip, s * 0.6, s * 0.6, colour)
        pen.stroke(
            [(tip[0] + s * 0.5 * cos(i) * (1 - i / 8), tip[1] + s * 0.5 * sin(i) * (1 - i / 8)) for i in range(8)],
            s * 0.12,
            p.light,
        )
    elif kind == "lens":
        pen.blob(*tip, s * 0.6, s * 0.6, COAL)
        pen.blob(*tip, s * 0.45, s * 0.45, (0.8, 0.93, 1), line=0)
    elif kind == "key":
        pen.blob(*tip, s * 0.4, s * 0.4, GOLD)
        pen.spot(*tip, s * 0.16, s * 0.16, p.ink)
    elif kind == "brush":
        pen.blob(*tip, s * 0.2, s * 0.4, colour, turn=a)
    elif kind == "bone":
        for end in ((x, y), tip):
            for side in (-1, 1):
                pen.blob(
                    end[0] - dy * side * s * 0.2, end[1] + dx * side * s * 0.2, s * 0.22, s * 0.22, p.light, line=0.6
                )

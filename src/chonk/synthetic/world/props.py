"""What is worn on a head or held in a hand."""

from __future__ import annotations

from math import cos, sin

from chonk.synthetic.world.geometry import element, heart, star
from chonk.synthetic.world.palette import RGB, hsl, mix, shift
from chonk.synthetic.world.pen import Pen

WORN = (
    "hat",
    "crown",
    "cap",
    "bow",
    "scarf",
    "headphones",
    "drop",
    "helmet",
    "headband",
    "halo",
    "collar",
    "tie",
    "beanie",
)
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
PROPS = ("none",) * 24 + WORN + HELD
GOLD, WOOD, STEEL, COAL = hsl(0.13, 0.9, 0.55), hsl(0.08, 0.45, 0.35), (0.75, 0.78, 0.82), (0.15, 0.15, 0.18)


def prop(pen: Pen, kind: str, head: tuple[float, float, float], hand: tuple[float, float]) -> None:
    """Draws a thing worn on the head (x, y, radius) or held in the hand (x, y)."""
    random, p = pen.random, pen.palette
    colour = random.choice((p.accent, p.extra, hsl(random.random(), 0.8, 0.5), WOOD, COAL))
    other = random.choice((p.light, p.second, shift(colour, -0.3), GOLD))
    if kind in WORN:
        worn(pen, kind, *head, colour, other)
    elif kind != "none":
        held(pen, kind, *hand, head[2] * random.uniform(0.35, 0.65), colour, other)


def worn(pen: Pen, kind: str, x: float, y: float, r: float, colour: RGB, other: RGB) -> None:
    random, p, top, s = pen.random, pen.palette, y - r * 0.85, r * pen.random.uniform(0.35, 0.6)
    if kind == "hat":
        tall, wide = random.uniform(0.4, 1.2), random.uniform(0.35, 0.6)
        pen.blob(x, top, r * random.uniform(0.8, 1.3), r * random.uniform(0.12, 0.25), colour)
        pen.polygon(
            [(x - r * 0.55, top), (x - r * wide, top - r * tall), (x + r * wide, top - r * tall), (x + r * 0.55, top)],
            colour,
            random.random() < 0.3,
        )
        pen.polygon(
            [(x - r * 0.55, top), (x - r * 0.54, top - r * 0.2), (x + r * 0.54, top - r * 0.2), (x + r * 0.55, top)],
            other,
            line=0,
        )
    elif kind == "crown":
        pen.polygon(
            [
                (x - r * 0.6, top + r * 0.1),
                (x - r * 0.7, top - r * 0.6),
                (x - r * 0.3, top - r * 0.25),
                (x, top - r * 0.7),
                (x + r * 0.3, top - r * 0.25),
                (x + r * 0.7, top - r * 0.6),
                (x + r * 0.6, top + r * 0.1),
            ],
            GOLD,
        )
        pen.blob(x, top - r * 0.15, r * 0.1, r * 0.1, p.accent, line=0.5)
    elif kind in ("cap", "beanie", "helmet"):
        deep = {"cap": 0.25, "beanie": 0.35, "helmet": 0.5}[kind]
        pen.path(
            f"M{x - r * 0.95:.1f} {top + r * deep:.1f}a{r * 0.95:.1f} {r * (0.65 + deep):.1f} 0 0 1 {r * 1.9:.1f} 0z",
            colour,
        )
        if kind == "cap":
            pen.blob(x + r * 0.75, top + r * 0.25, r * 0.6, r * 0.12, other)
        elif kind == "beanie":
            pen.blob(x, top + r * 0.3, r, r * 0.16, other, square=0.4)
            pen.blob(x, top - r * 0.7, r * 0.22, r * 0.22, other)
        else:
            pen.stroke(
                [(x - r * 0.8, top + r * 0.4), (x, top + r * 0.3), (x + r * 0.8, top + r * 0.4)], r * 0.08, other
            )
    elif kind == "headband":
        pen.polygon(
            [
                (x - r, y - r * 0.55),
                (x, y - r * 0.65),
                (x + r, y - r * 0.55),
                (x + r, y - r * 0.3),
                (x, y - r * 0.4),
                (x - r, y - r * 0.3),
            ],
            colour,
            line=0.7,
        )
        for k in (0.4, 0.9):
            pen.polygon(
                [
                    (x + r * 0.9, y - r * 0.4),
                    (x + r * (1.1 + k * 0.3), y + r * k),
                    (x + r * (1.3 + k * 0.2), y + r * k * 0.9),
                ],
                colour,
                line=0.7,
            )
    elif kind == "halo":
        pen.out.append(
            element(
                "ellipse",
                cx=x,
                cy=top - r * 0.45,
                rx=r * 0.6,
                ry=r * 0.18,
                fill="none",
                stroke="#ffdd44",
                stroke_width=r * 0.1,
            )
        )
    elif kind == "collar":
        pen.stroke([(x - r * 0.65, y + r * 0.8), (x, y + r * 1.05), (x + r * 0.65, y + r * 0.8)], r * 0.16, colour)
        pen.blob(x, y + r * 1.15, r * 0.14, r * 0.14, GOLD, line=0.6)
    elif kind == "tie":
        pen.polygon(
            [
                (x - r * 0.12, y + r),
                (x + r * 0.12, y + r),
                (x + r * 0.25, y + r * 1.7),
                (x, y + r * 1.95),
                (x - r * 0.25, y + r * 1.7),
            ],
            colour,
            line=0.7,
        )
    elif kind == "bow":
        bx, by = random.choice(((x, y + r), (x + r * 0.6, top), (x - r * 0.6, top)))
        for side in (-1, 1):
            pen.polygon([(bx, by), (bx + side * s, by - s * 0.6), (bx + side * s, by + s * 0.6)], colour, True)
        pen.blob(bx, by, s * 0.25, s * 0.25, other)
    elif kind == "scarf":
        pen.polygon(
            [
                (x + r * 0.3, y + r * 0.9),
                (x + r * 0.7, y + r * 0.9),
                (x + r * 0.8, y + r * 1.9),
                (x + r * 0.4, y + r * 1.9),
            ],
            colour,
        )
        for k in range(3):
            pen.stroke([(x + r * (0.4 + k * 0.15), y + r * 1.85), (x + r * (0.42 + k * 0.16), y + r * 2.05)], 1, colour)
        pen.blob(x, y + r * 0.95, r * 0.85, r * 0.25, colour)
    elif kind == "headphones":
        pen.stroke(
            [(x - r, y), (x - r * 0.8, y - r * 0.8), (x, y - r * 1.12), (x + r * 0.8, y - r * 0.8), (x + r, y)],
            r * 0.14,
            COAL,
        )
        for side in (-1, 1):
            pen.blob(x + side * r, y, r * 0.2, r * 0.32, colour)
    elif kind == "drop":
        back = f"{-r * 0.4:.1f} {-r * 0.1:.1f} 0 {-r * 0.7:.1f}"
        pen.path(
            f"M{x + r:.1f} {y - r * 0.7:.1f}q{r * 0.4:.1f} {r * 0.6:.1f} 0 {r * 0.7:.1f}q{back}z",
            hsl(0.56, 0.8, 0.65),
            line=0.5,
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

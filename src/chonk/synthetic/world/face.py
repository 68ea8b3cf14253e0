"""Faces: eyes, brows, mouths, noses, cheeks, whiskers, in many kinds that go with any body."""

from __future__ import annotations

from math import cos, pi, sin

from chonk.synthetic.world.eyes import EYES, eye
from chonk.synthetic.world.geometry import element, oval, smooth
from chonk.synthetic.world.palette import code
from chonk.synthetic.world.pen import Pen

MOUTHS = (
    "smile",
    "frown",
    "open",
    "cat",
    "flat",
    "teeth",
    "tongue",
    "o",
    "fang",
    "grin",
    "wave",
    "beak",
    "none",
    "lips",
    "big",
    "stitches",
    "moustache",
    "snarl",
    "grille",
)


def mouth(pen: Pen, kind: str, x: float, y: float, w: float) -> None:
    """A mouth around x, y, 2 w wide."""
    p, thin = pen.palette, max(0.9, w * 0.14)
    if kind in ("smile", "frown", "flat", "wave", "cat", "fang"):
        shapes: dict[str, list[tuple[float, float]]] = {
            "smile": [(-1, -0.2), (-0.5, 0.3), (0, 0.45), (0.5, 0.3), (1, -0.2)],
            "frown": [(-1, 0.3), (0, -0.3), (1, 0.3)],
            "flat": [(-0.8, 0), (0.8, 0.05)],
            "wave": [(-1, 0), (-0.5, -0.3), (0, 0.1), (0.5, 0.4), (1, 0)],
            "cat": [(-1, -0.1), (-0.55, 0.35), (0, -0.15), (0.55, 0.35), (1, -0.1)],
            "fang": [(-1, -0.1), (0, 0.2), (1, -0.1)],
        }
        pen.stroke([(x + a * w, y + b * w) for a, b in shapes[kind]], thin, p.dark)
        if kind == "fang":
            for side in (-0.5, 0.5):
                pen.polygon(
                    [
                        (x + w * (side - 0.18), y + w * 0.05),
                        (x + w * (side + 0.18), y + w * 0.05),
                        (x + w * side, y + w * 0.5),
                    ],
                    p.light,
                    line=0.4,
                    shade=False,
                )
    elif kind == "o":
        pen.blob(x, y + w * 0.2, w * 0.4, w * 0.5, p.dark, line=0.5, shade=False)
    elif kind == "lips":
        pen.polygon(
            [
                (x - w * 0.7, y),
                (x - w * 0.3, y - w * 0.3),
                (x, y - w * 0.15),
                (x + w * 0.3, y - w * 0.3),
                (x + w * 0.7, y),
                (x, y + w * 0.4),
            ],
            p.warm,
            True,
            0.6,
        )
        pen.stroke([(x - w * 0.6, y), (x, y + w * 0.05), (x + w * 0.6, y)], thin * 0.7, p.dark)
    elif kind == "stitches":
        pen.stroke([(x - w, y), (x, y + w * 0.1), (x + w, y)], thin * 0.8, p.dark)
        for k in (-0.7, -0.25, 0.2, 0.65):
            pen.stroke([(x + k * w, y - w * 0.2), (x + k * w + w * 0.08, y + w * 0.3)], thin * 0.7, p.dark)
    elif kind == "moustache":
        for side in (-1, 1):
            pen.polygon(
                [
                    (x, y - w * 0.2),
                    (x + side * w * 0.6, y - w * 0.3),
                    (x + side * w * 1.2, y - w * 0.5),
                    (x + side * w * 0.8, y + w * 0.2),
                    (x, y + w * 0.1),
                ],
                p.second,
                True,
                0.6,
            )
        pen.stroke([(x - w * 0.3, y + w * 0.35), (x + w * 0.3, y + w * 0.35)], thin, p.dark)
    elif kind in ("snarl", "grille"):
        pen.blob(x, y + w * 0.2, w, w * 0.45, p.dark if kind == "snarl" else p.extra, square=0.4, line=0.7, shade=False)
        if kind == "grille":
            for k in (-0.6, -0.2, 0.2, 0.6):
                pen.stroke([(x + k * w, y - w * 0.15), (x + k * w, y + w * 0.55)], thin * 0.6, p.dark)
        else:
            pen.polygon(
                [(x - w * 0.8 + w * 0.2 * i, y + w * (0.2 + (0.2 if i % 2 else -0.1))) for i in range(9)]
                + [(x + w * 0.8, y - w * 0.1), (x - w * 0.8, y - w * 0.1)],
                p.light,
                line=0,
                shade=False,
            )
    elif kind == "beak":
        pen.polygon(
            [(x - w * 0.6, y - w * 0.2), (x, y - w * 0.5), (x + w * 0.6, y - w * 0.2), (x, y + w * 0.7)],
            p.extra,
            line=0.7,
        )
        pen.stroke([(x - w * 0.5, y - w * 0.1), (x, y + w * 0.1), (x + w * 0.5, y - w * 0.1)], thin * 0.7, p.dark)
    elif kind != "none":
        deep = {"big": 1.2, "grin": 0.6, "teeth": 0.5}.get(kind, 0.8)
        corner = -0.15 if kind != "teeth" else 0.1
        edge = y + corner * w
        pen.path(
            f"M{x - w:.1f} {edge:.1f}Q{x:.1f} {y + 0.2 * w:.1f} {x + w:.1f} {edge:.1f}"
            f"C{x + w * 0.9:.1f} {y + deep * w:.1f} {x - w * 0.9:.1f} {y + deep * w:.1f} {x - w:.1f} {edge:.1f}z",
            p.light if kind in ("teeth", "grin") else p.dark,
            False,
            0.7,
        )
        if kind in ("teeth", "grin"):
            for i in (-0.5, 0, 0.5):
                pen.stroke([(x + i * w, y), (x + i * w * 0.9, y + deep * w * 0.6)], thin * 0.5, p.dark, False)
        else:
            pen.spot(x, y + deep * w * 0.6, w * 0.4, deep * w * 0.2, p.warm)
        if kind == "tongue":
            pen.path(
                f"M{x - w * 0.4:.1f} {y + 0.35 * w:.1f}v{w * 0.7:.1f}q{w * 0.4:.1f} {w * 0.5:.1f} {w * 0.8:.1f} "
                f"0v{-w * 0.7:.1f}z",
                p.warm,
                True,
                0.6,
            )


def glasses(pen: Pen, x: float, y: float, apart: float, r: float, dark: bool) -> None:
    """Frames before the eyes; `dark`: glass one cannot see through."""
    random = pen.random
    frame, square = (
        random.choice(("#111111", "#55351b", "#cc2233", code(pen.palette.accent))),
        random.choice((1.0, 0.5, 0.3)),
    )
    size = apart * random.uniform(0.65, 0.9)
    lenses = "".join(
        smooth(oval(random, x + side * apart, y, size, size * random.uniform(0.7, 1), square)) for side in (-1, 1)
    )
    joins = (
        (x - apart + size, y, x + apart - size),
        (x - r, y - 1, x - apart - size),
        (x + r, y - 1, x + apart + size),
    )
    lines = "".join(f"M{a:.1f} {b:.1f}H{c:.1f}" for a, b, c in joins)
    pen.out.append(
        element(
            "path",
            d=lenses + lines,
            fill="#101018" if dark else "#ffffff",
            fill_opacity=0.92 if dark else 0.25,
            stroke=frame,
            stroke_width=random.uniform(1, 2.2),
        )
    )


def face(pen: Pen, x: float, y: float, r: float, labels: dict, turn: float = 0.0) -> None:
    """A whole face on a head of radius r around x, y.  turn: -1..1, how far the head looks to a side."""
    random, p = pen.random, pen.palette
    kind, lips = random.choice(EYES), random.choice(MOUTHS)
    labels.update(eyes=kind, mouth=lips)
    apart, high = r * random.uniform(0.28, 0.58), y - r * random.uniform(-0.1, 0.3)
    size = r * random.uniform(0.09, 0.26) + 0.8
    x += turn * r * 0.3
    look = (random.uniform(-1, 1), random.uniform(-0.8, 0.8)) if random.random() < 0.6 else (turn, 0.1)
    if random.random() < 0.3:
        labels["cheeks"], soft = "yes", random.random() < 0.5
        for side in (-1, 1):
            if soft:
                pen.haze(x + side * apart * 1.5, high + r * 0.38, r * 0.27, r * 0.2, p.warm)
            else:
                pen.spot(x + side * apart * 1.5, high + r * 0.38, r * 0.17, r * 0.11, p.warm, random.uniform(0.4, 0.9))
    drop = high + r * random.uniform(0.3, 0.6)
    mouth(pen, lips, x, drop + r * 0.05, r * random.uniform(0.16, 0.42))
    if random.random() < 0.4 and lips != "beak":
        nose = random.choice((p.dark, p.warm, p.second))
        pen.blob(x, (high + drop) / 2, r * random.uniform(0.05, 0.16), r * random.uniform(0.05, 0.12), nose, line=0.5)
    sides = {"one": (0,), "three": (-1, 0, 1)}.get(kind, (-1, 1))
    for side in sides:
        each = {
            "one": "iris",
            "three": "white",
            "glasses": "dot",
            "wink": "happy" if side < 0 else "iris",
            "patch": "white",
        }.get(kind, kind)
        wide, ex = size * (1.8 if kind == "one" else 1), x + side * apart * (1 - 0.3 * turn * side)
        if kind == "patch" and side < 0:
            pen.stroke([(x - r, high - r * 0.4), (ex, high), (x + r * 0.9, high - r * 0.6)], 1.2, p.dark)
            pen.blob(ex, high, size * 1.4, size * 1.4, p.dark, line=0, shade=False)
        elif kind not in ("shades", "visor"):
            eye(pen, each, ex, high - (r * 0.2 if kind == "three" and side == 0 else 0), wide, side, look)
    if kind in ("glasses", "shades"):
        glasses(pen, x, high, apart, r, kind == "shades")
    elif kind == "visor":
        pen.blob(x, high, r * 0.8, max(size, r * 0.15) * 1.3, p.dark, square=0.5)
        for side in (-1, 1):
            pen.spot(x + side * apart, high, size * 0.6, size * 0.5, p.accent)
    if random.random() < 0.3:
        slant = random.uniform(-0.5, 0.5)
        for side in (-1, 1):
            a, b = x + side * (apart - size), x + side * (apart + size)
            pen.stroke(
                [(a, high - size * (1.9 - slant)), ((a + b) / 2, high - size * 2.2), (b, high - size * (1.9 + slant))],
                r * random.uniform(0.04, 0.1),
                p.dark,
            )
    if random.random() < 0.15:
        for side in (-1, 1):
            for k in (-1, 0, 1):
                a = pi * k / 9
                pen.stroke(
                    [
                        (x + side * r * 0.35, drop + k * r * 0.07),
                        (x + side * r * (0.4 + 0.6 * cos(a)), drop + r * (0.07 * k + 0.6 * sin(a))),
                    ],
                    0.9,
                    p.dark,
                )

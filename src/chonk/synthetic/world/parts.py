"""What grows on bodies: ears, horns, tails, markings."""

from __future__ import annotations

import itertools
from math import cos, pi, sin

from chonk.synthetic.world.geometry import element
from chonk.synthetic.world.palette import RGB, code, shift
from chonk.synthetic.world.pen import Pen

EARS = ("pointed", "round", "long", "floppy", "tuft", "horns", "antennae", "antlers", "none", "fins", "bolts", "hair")
TAILS = ("curl", "bushy", "thin", "striped", "stub", "pointed", "none")
MARKINGS = (
    "none",
    "spots",
    "stripes",
    "belly",
    "patch",
    "belly",
    "freckles",
    "bands",
    "none",
    "scales",
    "pixels",
    "rings",
    "strands",
    "feathers",
    "stitching",
    "lattice",
)


def ears(pen: Pen, kind: str, x: float, y: float, rx: float, ry: float, colour: RGB) -> None:
    """A pair of ears on a head with middle x, y and radii rx, ry; drawn before the head."""
    random, p = pen.random, pen.palette
    out, long, fat = random.uniform(0.45, 0.8), random.uniform(0.35, 0.9), random.uniform(0.22, 0.42)
    for side in (-1, 1):
        bx, by = x + side * rx * out, y - ry * (1 - out * 0.55)
        if kind == "pointed":
            pen.polygon(
                [
                    (bx - side * rx * fat, by - ry * 0.1),
                    (bx + side * rx * 0.2, by - ry * long),
                    (bx + side * rx * fat, by + ry * 0.45),
                ],
                colour,
                random.random() < 0.2,
            )
            pen.polygon(
                [
                    (bx - side * rx * fat * 0.5, by - ry * 0.05),
                    (bx + side * rx * 0.17, by - ry * long * 0.7),
                    (bx + side * rx * fat * 0.6, by + ry * 0.3),
                ],
                p.warm,
                line=0,
            )
        elif kind == "round":
            pen.blob(bx, by, rx * fat, rx * fat, colour)
            pen.blob(bx, by, rx * fat * 0.6, rx * fat * 0.6, p.warm, line=0)
        elif kind in ("long", "floppy"):
            turn = side * (0.15 if kind == "long" else 2.3) * random.uniform(0.7, 1.3)
            length = rx * (0.6 + long)
            mx, my = bx + sin(turn) * length * 0.7, by - cos(turn) * length * 0.7
            pen.blob(mx, my, rx * fat * 0.8, length, colour, turn=turn)
            pen.blob(mx, my, rx * fat * 0.4, length * 0.7, p.warm, turn=turn, line=0)
        elif kind in ("horns", "antlers"):
            tip = (bx + side * rx * 0.35, by - ry * long * 1.1)
            pen.limb(
                [(bx - side * rx * 0.1, by + ry * 0.2), (bx + side * rx * 0.3, by - ry * long * 0.4), tip],
                rx * 0.13,
                p.extra,
            )
            if kind == "antlers":
                pen.limb(
                    [(bx + side * rx * 0.2, by - ry * long * 0.3), (bx + side * rx * 0.6, by - ry * long * 0.6)],
                    rx * 0.1,
                    p.extra,
                )
        elif kind == "antennae":
            pen.limb(
                [(x + side * rx * 0.2, y - ry * 0.8), (x + side * rx * 0.3, y - ry * 1.3), (bx, by - ry * long)],
                max(1.0, rx * 0.06),
                p.ink,
            )
            pen.blob(bx, by - ry * long, rx * 0.13, rx * 0.13, p.accent)
        elif kind == "fins":
            pen.polygon(
                [
                    (x + side * rx * 0.8, y - ry * 0.4),
                    (x + side * rx * (1.2 + long * 0.4), y - ry * 0.5),
                    (x + side * rx * 1.1, y),
                    (x + side * rx * (1.2 + long * 0.4), y + ry * 0.3),
                    (x + side * rx * 0.8, y + ry * 0.3),
                ],
                p.second,
            )
        elif kind == "bolts":
            pen.blob(x + side * rx * 1.05, y, rx * 0.2, ry * 0.2, p.second, square=0.4)
    if kind == "tuft":
        for k in (-0.25, 0, 0.25):
            pen.limb(
                [
                    (x + k * rx * 0.4, y - ry * 0.8),
                    (x + k * rx, y - ry * 1.2),
                    (x + k * rx * 2.2, y - ry * (1.1 + long * 0.5)),
                ],
                rx * 0.13,
                p.second,
            )
    if kind == "hair":
        n = random.randint(5, 9)
        points = [
            (
                x + rx * 1.1 * cos(pi + pi * i / n),
                y + ry * (1.08 + (0.25 * long if i % 2 else 0)) * sin(pi + pi * i / n),
            )
            for i in range(n + 1)
        ]
        pen.polygon(points, p.second, random.random() < 0.5)


def tail(pen: Pen, kind: str, x: float, y: float, r: float, side: int) -> None:
    """A tail from x, y; r: the body's radius; side: -1 left, 1 right."""
    p, random = pen.palette, pen.random
    rise = random.uniform(-0.4, 1.4)
    line = [
        (x, y),
        (x + side * r * 0.7, y + r * 0.1),
        (x + side * r * 1.0, y - r * rise * 0.6),
        (x + side * r * random.uniform(0.5, 1.3), y - r * rise),
    ]
    if kind in ("curl", "thin"):
        pen.limb(line, r * (0.24 if kind == "curl" else 0.1), p.main)
    elif kind == "striped":
        pen.limb(line, r * 0.26, p.main)
        for (ax, ay), (bx, by) in itertools.pairwise(line):
            pen.stroke(
                [(ax * 0.6 + bx * 0.4, ay * 0.6 + by * 0.4), (ax * 0.4 + bx * 0.6, ay * 0.4 + by * 0.6)],
                r * 0.26,
                p.second,
            )
    elif kind == "bushy":
        (ex, ey) = line[2]
        pen.polygon(
            [
                (x, y),
                (x + side * r * 0.6, y + r * 0.3),
                (ex + side * r * 0.3, ey + r * 0.1),
                (line[3][0], line[3][1] - r * 0.3),
                (ex - side * r * 0.35, ey),
                (x, y - r * 0.3),
            ],
            p.main,
            True,
        )
    elif kind == "stub":
        pen.blob(x + side * r * 0.2, y, r * 0.25, r * 0.25, p.belly)
    elif kind == "pointed":
        pen.polygon([(x, y - r * 0.4), (x + side * r * 1.2, y + r * 0.1), (x, y + r * 0.4)], p.main, True)


def markings(pen: Pen, kind: str, x: float, y: float, rx: float, ry: float) -> None:
    """Marks on a body part with middle x, y and radii rx, ry; sometimes others under them."""
    random, p = pen.random, pen.palette
    if random.random() < 0.25:
        markings(pen, random.choice(MARKINGS), x, y, rx, ry)
    tone = random.choice((p.second, shift(p.main, -0.25, p.shadow_hue), shift(p.main, 0.3), p.belly))
    if kind in ("spots", "freckles", "pixels", "rings"):
        small = kind == "freckles"
        for _ in range(random.randint(8, 22) if small else random.randint(4, 12)):
            a, d = random.uniform(0, 2 * pi), random.random() ** 0.5 * 0.82
            u, v, s = (
                x + rx * d * cos(a),
                y + ry * d * sin(a),
                rx * (random.uniform(0.03, 0.07) if small else random.uniform(0.05, 0.18)),
            )
            if kind == "pixels":
                pen.polygon(
                    [(u - s, v - s * 0.7), (u + s, v - s * 0.7), (u + s, v + s * 0.7), (u - s, v + s * 0.7)],
                    tone,
                    line=0,
                    shade=False,
                )
            elif kind == "rings":
                pen.stroke([(u + s * cos(b), v + s * sin(b)) for b in (0, 1.3, 2.6, 3.9, 5.2)], s * 0.5, tone)
            else:
                pen.spot(u, v, s, s * random.uniform(0.6, 1), tone)
    elif kind in ("strands", "feathers", "stitching", "lattice"):
        lines(pen, kind, x, y, rx, ry, tone)
    elif kind == "stripes":
        n, width = random.randint(2, 4), random.uniform(0.06, 0.13)
        for i in range(n):
            k = (i + 0.7) / n - 0.5
            for side in (-1, 1):
                pen.stroke(
                    [
                        (x + side * rx * 0.93 * (1 - 2 * k * k), y + ry * k * 1.3),
                        (x + side * rx * 0.45, y + ry * (k * 1.3 + 0.06)),
                    ],
                    ry * width,
                    tone,
                )
    elif kind == "bands":
        for k in (-0.45, 0, 0.45):
            w = rx * (1 - k * k) ** 0.5 * 0.95
            pen.stroke([(x - w, y + k * ry), (x, y + k * ry + ry * 0.08), (x + w, y + k * ry)], ry * 0.17, tone)
    elif kind == "belly":
        pen.blob(x, y + ry * 0.25, rx * random.uniform(0.4, 0.7), ry * random.uniform(0.45, 0.68), p.belly, line=0)
    elif kind == "patch":
        pen.blob(
            x + rx * random.uniform(-0.4, 0.4),
            y - ry * random.uniform(-0.2, 0.4),
            rx * random.uniform(0.25, 0.45),
            ry * random.uniform(0.25, 0.45),
            tone,
            line=0,
            square=1.1,
        )
    elif kind == "scales":
        for i in range(3):
            for k in range(4):
                a, b = x + rx * (k - 1.5 + 0.5 * (i % 2)) * 0.36, y + ry * (i - 1) * 0.36
                pen.stroke([(a - rx * 0.16, b), (a, b + ry * 0.14), (a + rx * 0.16, b)], 0.9, tone)


def lines(pen: Pen, kind: str, x: float, y: float, rx: float, ry: float, tone: RGB) -> None:
    """Marks made of many fine lines, as one path: fur, feathers, seams, knitting."""
    random, parts, width = pen.random, [], pen.random.uniform(0.5, 1.4)
    if kind in ("strands", "feathers"):
        for _ in range(random.randint(10, 26)):
            a, d, s = random.uniform(0, 2 * pi), random.random() ** 0.5 * 0.8, rx * random.uniform(0.06, 0.18)
            u, v = x + rx * d * cos(a), y + ry * d * sin(a)
            if kind == "strands":
                parts.append(f"M{u:.1f} {v:.1f}q{s * 0.4 * cos(a):.1f} {s * 0.5:.1f} {s * cos(a):.1f} {s:.1f}")
            else:
                parts.append(f"M{u - s / 2:.1f} {v:.1f}q{s / 2:.1f} {s:.1f} {s:.1f} 0")
    elif kind == "stitching":
        n, far = 14, random.uniform(0.6, 0.85)
        for i in range(n):
            a, b = 2 * pi * i / n, 2 * pi * (i + 0.55) / n
            parts.append(
                f"M{x + rx * far * cos(a):.1f} {y + ry * far * sin(a):.1f}"
                f"L{x + rx * far * cos(b):.1f} {y + ry * far * sin(b):.1f}"
            )
    else:
        for i in range(-2, 3):
            half = (1 - (i / 3) ** 2) ** 0.5 * 0.85
            parts.append(f"M{x + rx * i / 3:.1f} {y - ry * half:.1f}V{y + ry * half:.1f}")
            parts.append(f"M{x - rx * half:.1f} {y + ry * i / 3:.1f}H{x + rx * half:.1f}")
    pen.out.append(element("path", d="".join(parts), fill="none", stroke=code(tone), stroke_width=width))

"""Small animals: bugs, worms and snails, turtles and crabs, butterflies."""

from __future__ import annotations

from math import cos, pi, sin

from chonk.synthetic.world.beings import Labels, choose, dressed, head
from chonk.synthetic.world.face import face
from chonk.synthetic.world.palette import shift
from chonk.synthetic.world.parts import MARKINGS, markings
from chonk.synthetic.world.pen import Pen


def bug(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    n, r = random.randint(1, 4), random.uniform(13, 20)
    winged = random.random() < 0.5
    for s in (-1, 1):
        for k in range(3):
            pen.stroke(
                [(50, 55 + k * 7), (50 + s * r * 1.5, 50 + k * 11), (50 + s * r * 1.8, 58 + k * 13)],
                random.uniform(1.2, 2.4),
                p.ink,
                False,
            )
        if winged:
            pen.path(
                f"M50 55C{50 + s * 70:.1f} {random.uniform(0, 40):.1f} "
                f"{50 + s * 60:.1f} {random.uniform(60, 95):.1f} 50 62z",
                random.choice((p.second, p.extra, (0.8, 0.92, 1))),
                opacity=random.choice((1, 0.6)),
            )
            pen.spot(50 + s * 28, 45, 5, 5, p.accent)
    for i in range(n, 0, -1):
        pen.blob(50 + random.gauss(0, 2), 42 + i * r * 0.8, r * 0.95, r * 0.85, p.main if i % 2 else p.second)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 42 + r * 0.8, r * 0.9, r * 0.8)
    head(pen, labels, 50, 36, r)


def worm(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    width, n = random.uniform(9, 18), random.randint(3, 5)
    points = [(28, 36)] + [
        (30 + 52 * (i + 1) / n * random.uniform(0.85, 1), 62 + (14 if i % 2 else -4) + random.gauss(0, 6))
        for i in range(n)
    ]
    pen.limb(points, width, p.main)
    for x, y in points[1:]:
        pen.spot(x, y, width * 0.3, width * 0.3, p.second)
    if random.random() < 0.4:
        pen.blob(62, 60, 22, 20, p.second)
        pen.stroke(
            [(62 + 13 * cos(i * 0.9) * (1 - i / 9), 60 + 12 * sin(i * 0.9) * (1 - i / 9)) for i in range(9)],
            2,
            shift(p.second, -0.4),
        )
    head(pen, labels, 28, 36, random.uniform(13, 20))


def shelled(pen: Pen, labels: Labels) -> None:
    """Turtles, crabs, hedgehogs: a dome on short legs."""
    random, p = pen.random, pen.palette
    w, h, crab = random.uniform(24, 34), random.uniform(22, 38), random.random() < 0.35
    for k in (-0.7, -0.3, 0.3, 0.7):
        pen.limb([(50 + k * w, 72), (50 + k * w * 1.4, 80), (50 + k * w * 1.5, 92)], random.uniform(4, 9), p.second)
    if crab:
        for s in (-1, 1):
            pen.limb([(50 + s * w * 0.8, 60), (50 + s * w * 1.3, 48), (50 + s * w * 1.2, 36)], 5, p.main)
            pen.polygon(
                [
                    (50 + s * w * 1.2, 40),
                    (50 + s * w * 0.85, 26),
                    (50 + s * w * 1.15, 30),
                    (50 + s * w * 1.35, 18),
                    (50 + s * w * 1.5, 34),
                ],
                p.main,
                True,
            )
    spikes = random.random() < 0.35
    if spikes:
        points = [
            (
                50 - w * 1.15 * cos(pi * i / 12) * (1 + 0.18 * (i % 2)),
                74 - h * 1.1 * sin(pi * i / 12) * (1 + 0.18 * (i % 2)),
            )
            for i in range(13)
        ]
        pen.polygon(points, p.second)
    else:
        pen.path(
            f"M{50 - w:.1f} 74a{w:.1f} {h:.1f} 0 0 1 {2 * w:.1f} 0q{-w:.1f} 9 {-2 * w:.1f} 0z",
            p.second if not crab else p.main,
        )
        for k in (-0.5, 0, 0.5):
            pen.blob(
                50 + k * w,
                66 - h * 0.4 * (1 - abs(k)),
                w * 0.2,
                h * 0.2,
                shift(p.second, random.choice((-0.25, 0.3))),
                line=0.5,
                square=random.choice((1, 0.6)),
            )
    if crab:
        face(pen, 50, 66, w * 0.5, labels)
        return
    x, r = 50 - w * 0.95, random.uniform(10, 16)
    head(pen, labels, x, random.uniform(50, 66), r, -0.5)
    dressed(pen, labels, (x, 58, r), (x, 74))


def butterfly(pen: Pen, labels: Labels) -> None:
    """Large patterned wings, seen from above, round a small body."""
    random, p = pen.random, pen.palette
    wings = (
        (random.uniform(28, 46), random.uniform(2, 20), random.uniform(38, 50), 44),
        (random.uniform(22, 40), 60, random.uniform(16, 34), random.uniform(84, 98)),
    )
    for (x1, y1, x2, y2), colour in zip(wings, (p.main, random.choice((p.main, p.second)))):
        for s in (-1, 1):
            for k, tone in (
                (1.0, random.choice((p.ink, colour))),
                (0.82, colour),
                (random.uniform(0.3, 0.5), p.accent),
            ):
                cx, cy = (x1 + x2) / 2.4, (y1 + y2) / 2
                pts = [(3, 54), (x1 * 0.6, y1 + 4), (x1, y1), (x2, (y1 + y2) / 2), (x2 * 0.7, y2), (6, 60)]
                pen.polygon(
                    [(50 + s * (cx + (u - cx) * k), cy + (v - cy) * k) for u, v in pts],
                    tone,
                    True,
                    line=k if k > 0.9 else 0,
                )
            for i in range(random.choice((0, 3, 5))):
                pen.spot(50 + s * x1 * (0.55 + 0.09 * i), y1 + 4 + i * 6, 1.6, 1.6, p.light)
    for s in (-1, 1):
        pen.stroke([(50, 38), (50 + s * 5, 24), (50 + s * 12, 16)], 1.2, p.ink)
    pen.blob(50, 58, random.uniform(3, 6), 22, p.extra)
    pen.blob(50, 36, 7, 7, p.extra)
    face(pen, 50, 37, 7, labels)

"""Plants, vehicles, food and other things, with a face or without."""

from __future__ import annotations

from math import cos, pi, sin

from chonk.synthetic.world.beings import Labels, choose
from chonk.synthetic.world.face import face
from chonk.synthetic.world.geometry import star
from chonk.synthetic.world.palette import hsl, shift
from chonk.synthetic.world.pen import Pen
from chonk.synthetic.world.props import HELD, prop


def plant(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    green = hsl(random.uniform(0.2, 0.45), random.uniform(0.3, 0.8), random.uniform(0.25, 0.6))
    n, r = random.randint(5, 10), random.uniform(12, 22)
    pen.limb([(50, 40), (50 + random.gauss(0, 5), 60), (50, 80)], random.uniform(2.5, 6), green)
    for s in (-1, 1):
        pen.polygon(
            [(50, 70), (50 + s * 12, 58), (50 + s * 27, random.uniform(50, 64)), (50 + s * 14, 70)], green, True
        )
    if random.random() < 0.6:
        pen.polygon([(34, 76), (66, 76), (61, 96), (39, 96)], p.second)
        pen.blob(50, 76, 18, 4, shift(p.second, -0.2), square=0.4)
    style = random.choice(("petals", "petals", "cactus", "leafy"))
    if style == "petals":
        for i in range(n):
            a = 2 * pi * i / n
            pen.blob(50 + r * 1.2 * cos(a), 36 + r * 1.2 * sin(a), r * 0.62, r * 0.34, p.accent, turn=a)
    pen.blob(
        50,
        36,
        r * (1.2 if style != "petals" else 1),
        r * (1.5 if style == "cactus" else 1),
        p.main if style == "petals" else green,
    )
    if style == "leafy":
        for _ in range(7):
            pen.blob(
                50 + r * random.gauss(0, 0.7),
                36 - r * random.uniform(0.3, 1.2),
                r * 0.5,
                r * 0.35,
                shift(green, random.uniform(-0.3, 0.3)),
                turn=random.uniform(0, 3),
            )
    face(pen, 50, 37, r * 0.95, labels)


def vehicle(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    w, h, style = random.uniform(30, 42), random.uniform(12, 22), random.choice(("car", "car", "rocket", "boat", "bus"))
    if style == "rocket":
        pen.polygon([(40, 80), (50, random.uniform(90, 99)), (60, 80)], hsl(0.09, 0.95, 0.55), True)
        for s in (-1, 1):
            pen.polygon([(50 + s * 14, 58), (50 + s * 30, 84), (50 + s * 12, 80)], p.accent)
        pen.polygon([(50, 6), (66, 30), (66, 70), (60, 82), (40, 82), (34, 70), (34, 30)], p.main, True)
        face(pen, 50, 44, 15, labels)
        return
    if style == "boat":
        pen.stroke([(50, 18), (50, 64)], 2.5, p.ink)
        pen.polygon([(52, 18), (52, 56), (80, 56)], p.light)
        pen.polygon(
            [(50 - w, 62), (50 + w, 62), (50 + w * 0.65, 88), (50 - w * 0.65, 88)], p.main, random.random() < 0.3
        )
        face(pen, 50, 74, 12, labels)
        return
    y = 74 - h * 0.5
    if style == "car":
        pen.polygon(
            [
                (50 - w * 0.6, y - h * 0.6),
                (50 - w * 0.35, y - h * 1.6),
                (50 + w * 0.35, y - h * 1.6),
                (50 + w * 0.65, y - h * 0.6),
            ],
            p.main,
        )
        pen.polygon(
            [(50 - w * 0.42, y - h * 0.7), (50 - w * 0.27, y - h * 1.4), (50, y - h * 1.4), (50, y - h * 0.7)],
            (0.75, 0.9, 1),
            line=0.6,
        )
    else:
        y, h = y - 8, h * 1.5
    pen.blob(50, y, w, h * 0.9, p.main, square=random.choice((0.2, 0.4, 0.6)))
    for s in (-1, 1):
        pen.blob(50 + s * w * 0.55, y + h * 0.85, 9, 9, (0.15, 0.15, 0.17))
        pen.blob(50 + s * w * 0.55, y + h * 0.85, 4, 4, (0.75, 0.75, 0.78), line=0.5)
    pen.blob(50 - w * 0.9, y, 3.4, 4, (1, 0.95, 0.6), line=0.7)
    face(pen, 50 - random.choice((0, w * 0.4)), y, h * 0.8, labels)


def food(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    style, warm = (
        random.choice(("bun", "ice", "slice", "fruit", "cake", "egg", "drink")),
        hsl(random.uniform(0.04, 0.12), random.uniform(0.5, 0.9), random.uniform(0.4, 0.7)),
    )
    y = 52
    if style == "bun":
        for k, c in ((78, warm), (70, hsl(0.05, 0.6, 0.25)), (64, hsl(0.28, 0.7, 0.5)), (60, hsl(0.0, 0.8, 0.5))):
            pen.blob(50, k, 36, 8, c, square=0.6)
        pen.path("M14 58a36 36 0 0 1 72 0z", warm)
        y = 44
    elif style == "ice":
        pen.polygon([(30, 52), (70, 52), (50, 97)], warm)
        for k in range(random.randint(1, 3)):
            pen.blob(
                50 + random.gauss(0, 6), 44 - k * 14, 23 - k * 4, 18 - k * 2, random.choice((p.main, p.second, p.belly))
            )
        y = 46
    elif style == "slice":
        pen.polygon([(12, 24), (88, 24), (50, 96)], warm)
        pen.polygon([(20, 30), (80, 30), (50, 88)], p.main, line=0.5)
        pen.blob(50, 24, 40, 7, shift(warm, -0.2), square=0.5)
        for _ in range(5):
            pen.spot(random.gauss(50, 14), random.uniform(35, 66), 4, 3.6, p.accent)
        y = 48
    elif style == "fruit":
        pen.limb([(50, 26), (54, 10)], 3, hsl(0.08, 0.5, 0.3))
        pen.blob(63, 17, 10, 5, hsl(0.3, 0.6, 0.45), turn=-0.3)
        pen.blob(50, 57, random.uniform(22, 38), random.uniform(28, 38), p.main, square=random.choice((1, 0.8, 1.15)))
    elif style == "cake":
        pen.blob(50, 70, 34, 22, p.main, square=0.3)
        pen.path("M16 58q0-14 34-14t34 14q-4 16-9 4q-6 14-12 2q-7 16-13 2q-7 14-13 0q-7 12-13-2q-5 10-14-6z", p.second)
        pen.limb([(50, 42), (50, 26)], 4, p.accent)
        pen.blob(50, 20, 3, 5, hsl(0.12, 1, 0.6))
        y = 72
    elif style == "egg":
        pen.polygon(
            [
                (50 + random.uniform(30, 42) * cos(i * 0.7), 55 + random.uniform(26, 38) * sin(i * 0.7))
                for i in range(9)
            ],
            p.light,
            True,
        )
        pen.blob(50, 55, 18, 18, hsl(0.12, 0.95, 0.55))
        y = 54
    else:
        pen.limb([(56, 40), (64, 6)], 4, p.accent)
        pen.polygon([(26, 28), (74, 28), (67, 95), (33, 95)], p.main)
        pen.blob(50, 28, 24, 5, p.belly)
        y = 58
    face(pen, 50, y, random.uniform(15, 22), labels)


def things(pen: Pen, labels: Labels) -> None:
    """A few things without a face."""
    random = pen.random
    for i in range(random.randint(1, 5)):
        x, y, s = (
            (50, 50, 55)
            if i == 0 and random.random() < 0.4
            else (random.uniform(20, 80), random.uniform(25, 80), random.uniform(18, 36))
        )
        if random.random() < 0.3:
            pen.polygon(
                star(x, y, s * 0.5, random.randint(3, 9), random.uniform(0.3, 0.9)),
                random.choice((pen.palette.main, pen.palette.accent)),
                random.random() < 0.4,
            )
        else:
            prop(pen, choose(pen, labels, "prop", HELD), (x, y, s * 0.7), (x, y))


def building(pen: Pen, labels: Labels) -> None:
    """Houses, towers, trees and furniture: straight lines, bricks, windows; sometimes with a face."""
    random, p = pen.random, pen.palette
    style = choose(pen, labels, "building", ("house", "tower", "tree", "lamp", "chair"))
    if style in ("house", "tower"):
        w, top = (random.uniform(24, 36), 46) if style == "house" else (random.uniform(13, 19), 30)
        pen.polygon([(50 - w, top), (50 + w, top), (50 + w, 94), (50 - w, 94)], p.main)
        for _ in range(random.choice((0, 6, 9))):
            x, y = random.uniform(50 - w, 50 + w - 7), random.uniform(top + 2, 88)
            pen.polygon(
                [(x, y), (x + 6, y), (x + 6, y + 3), (x, y + 3)],
                shift(p.main, random.choice((-0.2, 0.2))),
                line=random.choice((0, 0.4)),
                shade=False,
            )
        pen.polygon(
            [(50 - w - 6, top), (50, top - random.uniform(16, 34)), (50 + w + 6, top)], p.second, random.random() < 0.15
        )
        for x in (50 - w * 0.5, 50 + w * 0.5) if style == "house" else (50,):
            pen.polygon(
                [(x - 6, top + 7), (x + 6, top + 7), (x + 6, top + 19), (x - 6, top + 19)],
                random.choice(((0.7, 0.88, 1), (1, 0.9, 0.5))),
                line=0.8,
            )
            pen.stroke([(x, top + 7), (x, top + 19)], 1, p.ink)
        pen.polygon([(45, 94), (45, 76), (55, 76), (55, 94)], p.extra, line=0.8)
    elif style == "tree":
        pen.limb([(50, 96), (50, 75), (50 + random.gauss(0, 4), 50)], random.uniform(7, 13), hsl(0.07, 0.45, 0.3))
        green, pine = (
            hsl(random.uniform(0.18, 0.45), random.uniform(0.3, 0.8), random.uniform(0.25, 0.55)),
            random.random() < 0.4,
        )
        for i in range(3 if pine else random.randint(4, 9)):
            tone = shift(green, random.uniform(-0.2, 0.2))
            if pine:
                pen.polygon([(50 - 34 + i * 7, 78 - i * 20), (50, 44 - i * 18), (50 + 34 - i * 7, 78 - i * 20)], tone)
            else:
                pen.body(
                    50 + random.gauss(0, 15),
                    38 + random.gauss(0, 10),
                    random.uniform(12, 22),
                    random.uniform(12, 20),
                    tone,
                )
    elif style == "lamp":
        pen.limb([(50, 45), (50, 92)], 4, p.second)
        pen.blob(50, 92, 20, 5, p.second)
        pen.polygon([(38, 12), (62, 12), (76, 48), (24, 48)], p.main)
        pen.haze(50, 56, 40, 20, (1, 0.95, 0.6))
    else:
        for x in (26, 74):
            pen.limb([(x, 60), (x, 95)], 5, p.second)
        pen.blob(50, 34, 30, 27, p.main, square=random.uniform(0.2, 0.6))
        pen.blob(50, 66, 34, 10, p.main, square=0.3)
    if random.random() < 0.4:
        face(pen, 50, 60 if style in ("house", "tower") else 36, 15, labels)


def pattern(pen: Pen, labels: Labels) -> None:
    """No being at all: lines, dots, letters-like scribbles and scraps, so that no local look is missing."""
    random, p = pen.random, pen.palette
    tones = (p.main, p.second, p.accent, p.extra, p.belly, p.ink)
    for _ in range(random.randint(4, 14)):
        x, y, s, a = random.uniform(0, 100), random.uniform(0, 100), random.uniform(4, 26), random.uniform(0, 2 * pi)
        colour, kind = random.choice(tones), random.randrange(5)
        if kind == 0:
            pen.body(x, y, s, s * random.uniform(0.3, 1), colour)
        elif kind == 1:
            pen.polygon(
                [(x + random.gauss(0, s), y + random.gauss(0, s)) for _ in range(random.randint(3, 6))],
                colour,
                random.random() < 0.5,
            )
        elif kind == 2:
            pen.stroke(
                [
                    (x + i * s * 0.3 * cos(a) + random.gauss(0, 3), y + i * s * 0.3 * sin(a) + random.gauss(0, 3))
                    for i in range(6)
                ],
                random.uniform(0.5, 5),
                colour,
            )
        elif kind == 3:
            for i in range(random.randint(3, 9)):
                pen.spot(x + i * s * 0.25 * cos(a), y + i * s * 0.25 * sin(a), s * 0.1, s * 0.1, colour)
        else:
            pen.limb(
                [(x, y), (x + s * cos(a), y + s * sin(a)), (x + s * 1.6 * cos(a + 0.5), y + s * 1.6 * sin(a + 0.5))],
                random.uniform(2, 9),
                colour,
            )

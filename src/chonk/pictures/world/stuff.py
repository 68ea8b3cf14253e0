"""Plants, vehicles, food and other things, with a face or without."""
from __future__ import annotations

from math import cos, pi, sin

from chonk.pictures.world.beings import Labels, choose
from chonk.pictures.world.face import face
from chonk.pictures.world.geometry import star
from chonk.pictures.world.palette import hsl, shift
from chonk.pictures.world.pen import Pen
from chonk.pictures.world.props import HELD, prop


def plant(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    green = hsl(random.uniform(.2, .45), random.uniform(.3, .8), random.uniform(.25, .6))
    n, r = random.randint(5, 10), random.uniform(12, 22)
    pen.limb([(50, 40), (50 + random.gauss(0, 5), 60), (50, 80)], random.uniform(2.5, 6), green)
    for s in (-1, 1):
        pen.polygon([(50, 70), (50 + s * 12, 58), (50 + s * 27, random.uniform(50, 64)), (50 + s * 14, 70)], green, True)
    if random.random() < .6:
        pen.polygon([(34, 76), (66, 76), (61, 96), (39, 96)], p.second)
        pen.blob(50, 76, 18, 4, shift(p.second, -.2), square=.4)
    style = random.choice(("petals", "petals", "cactus", "leafy"))
    if style == "petals":
        for i in range(n):
            a = 2 * pi * i / n
            pen.blob(50 + r * 1.2 * cos(a), 36 + r * 1.2 * sin(a), r * .62, r * .34, p.accent, turn=a)
    pen.blob(50, 36, r * (1.2 if style != "petals" else 1), r * (1.5 if style == "cactus" else 1),
             p.main if style == "petals" else green)
    if style == "leafy":
        for i in range(7):
            pen.blob(50 + r * random.gauss(0, .7), 36 - r * random.uniform(.3, 1.2), r * .5, r * .35,
                     shift(green, random.uniform(-.3, .3)), turn=random.uniform(0, 3))
    face(pen, 50, 37, r * .95, labels)


def vehicle(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    w, h, style = random.uniform(30, 42), random.uniform(12, 22), random.choice(("car", "car", "rocket", "boat", "bus"))
    if style == "rocket":
        pen.polygon([(40, 80), (50, random.uniform(90, 99)), (60, 80)], hsl(.09, .95, .55), True)
        for s in (-1, 1):
            pen.polygon([(50 + s * 14, 58), (50 + s * 30, 84), (50 + s * 12, 80)], p.accent)
        pen.polygon([(50, 6), (66, 30), (66, 70), (60, 82), (40, 82), (34, 70), (34, 30)], p.main, True)
        face(pen, 50, 44, 15, labels)
        return
    if style == "boat":
        pen.stroke([(50, 18), (50, 64)], 2.5, p.ink)
        pen.polygon([(52, 18), (52, 56), (80, 56)], p.light)
        pen.polygon([(50 - w, 62), (50 + w, 62), (50 + w * .65, 88), (50 - w * .65, 88)], p.main, random.random() < .3)
        face(pen, 50, 74, 12, labels)
        return
    y = 74 - h * .5
    if style == "car":
        pen.polygon([(50 - w * .6, y - h * .6), (50 - w * .35, y - h * 1.6), (50 + w * .35, y - h * 1.6),
                     (50 + w * .65, y - h * .6)], p.main)
        pen.polygon([(50 - w * .42, y - h * .7), (50 - w * .27, y - h * 1.4), (50, y - h * 1.4), (50, y - h * .7)], (.75, .9, 1),
                    line=.6)
    else:
        y, h = y - 8, h * 1.5
    pen.blob(50, y, w, h * .9, p.main, square=random.choice((.2, .4, .6)))
    for s in (-1, 1):
        pen.blob(50 + s * w * .55, y + h * .85, 9, 9, (.15, .15, .17))
        pen.blob(50 + s * w * .55, y + h * .85, 4, 4, (.75, .75, .78), line=.5)
    pen.blob(50 - w * .9, y, 3.4, 4, (1, .95, .6), line=.7)
    face(pen, 50 - random.choice((0, w * .4)), y, h * .8, labels)


def food(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    style, warm = random.choice(("bun", "ice", "slice", "fruit", "cake", "egg", "drink")), hsl(random.uniform(.04, .12),
                                                                                               random.uniform(.5, .9),
                                                                                               random.uniform(.4, .7))
    y = 52
    if style == "bun":
        for k, c in ((78, warm), (70, hsl(.05, .6, .25)), (64, hsl(.28, .7, .5)), (60, hsl(.0, .8, .5))):
            pen.blob(50, k, 36, 8, c, square=.6)
        pen.path("M14 58a36 36 0 0 1 72 0z", warm)
        y = 44
    elif style == "ice":
        pen.polygon([(30, 52), (70, 52), (50, 97)], warm)
        for k in range(random.randint(1, 3)):
            pen.blob(50 + random.gauss(0, 6), 44 - k * 14, 23 - k * 4, 18 - k * 2, random.choice((p.main, p.second, p.belly)))
        y = 46
    elif style == "slice":
        pen.polygon([(12, 24), (88, 24), (50, 96)], warm)
        pen.polygon([(20, 30), (80, 30), (50, 88)], p.main, line=.5)
        pen.blob(50, 24, 40, 7, shift(warm, -.2), square=.5)
        for _ in range(5):
            pen.spot(random.gauss(50, 14), random.uniform(35, 66), 4, 3.6, p.accent)
        y = 48
    elif style == "fruit":
        pen.limb([(50, 26), (54, 10)], 3, hsl(.08, .5, .3))
        pen.blob(63, 17, 10, 5, hsl(.3, .6, .45), turn=-.3)
        pen.blob(50, 57, random.uniform(22, 38), random.uniform(28, 38), p.main, square=random.choice((1, .8, 1.15)))
    elif style == "cake":
        pen.blob(50, 70, 34, 22, p.main, square=.3)
        pen.path("M16 58q0-14 34-14t34 14q-4 16-9 4q-6 14-12 2q-7 16-13 2q-7 14-13 0q-7 12-13-2q-5 10-14-6z", p.second)
        pen.limb([(50, 42), (50, 26)], 4, p.accent)
        pen.blob(50, 20, 3, 5, hsl(.12, 1, .6))
        y = 72
    elif style == "egg":
        pen.polygon([(50 + random.uniform(30, 42) * cos(i * .7), 55 + random.uniform(26, 38) * sin(i * .7)) for i in range(9)],
                    p.light, True)
        pen.blob(50, 55, 18, 18, hsl(.12, .95, .55))
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
        x, y, s = (50, 50, 55) if i == 0 and random.random() < .4 else (random.uniform(20, 80), random.uniform(25, 80),
                                                                        random.uniform(18, 36))
        if random.random() < .3:
            pen.polygon(star(x, y, s * .5, random.randint(3, 9), random.uniform(.3, .9)),
                        random.choice((pen.palette.main, pen.palette.accent)), random.random() < .4)
        else:
            prop(pen, choose(pen, labels, "prop", HELD), (x, y, s * .7), (x, y))


def building(pen: Pen, labels: Labels) -> None:
    """Houses, towers, trees and furniture: straight lines, bricks, windows; sometimes with a face."""
    random, p = pen.random, pen.palette
    style = choose(pen, labels, "building", ("house", "tower", "tree", "lamp", "chair"))
    if style in ("house", "tower"):
        w, top = (random.uniform(24, 36), 46) if style == "house" else (random.uniform(13, 19), 30)
        pen.polygon([(50 - w, top), (50 + w, top), (50 + w, 94), (50 - w, 94)], p.main)
        for _ in range(random.choice((0, 6, 9))):
            x, y = random.uniform(50 - w, 50 + w - 7), random.uniform(top + 2, 88)
            pen.polygon([(x, y), (x + 6, y), (x + 6, y + 3), (x, y + 3)], shift(p.main, random.choice((-.2, .2))),
                        line=random.choice((0, .4)), shade=False)
        pen.polygon([(50 - w - 6, top), (50, top - random.uniform(16, 34)), (50 + w + 6, top)], p.second, random.random() < .15)
        for x in (50 - w * .5, 50 + w * .5) if style == "house" else (50,):
            pen.polygon([(x - 6, top + 7), (x + 6, top + 7), (x + 6, top + 19), (x - 6, top + 19)],
                        random.choice(((.7, .88, 1), (1, .9, .5))), line=.8)
            pen.stroke([(x, top + 7), (x, top + 19)], 1, p.ink)
        pen.polygon([(45, 94), (45, 76), (55, 76), (55, 94)], p.extra, line=.8)
    elif style == "tree":
        pen.limb([(50, 96), (50, 75), (50 + random.gauss(0, 4), 50)], random.uniform(7, 13), hsl(.07, .45, .3))
        green, pine = hsl(random.uniform(.18, .45), random.uniform(.3, .8), random.uniform(.25, .55)), random.random() < .4
        for i in range(3 if pine else random.randint(4, 9)):
            tone = shift(green, random.uniform(-.2, .2))
            if pine:
                pen.polygon([(50 - 34 + i * 7, 78 - i * 20), (50, 44 - i * 18), (50 + 34 - i * 7, 78 - i * 20)], tone)
            else:
                pen.body(50 + random.gauss(0, 15), 38 + random.gauss(0, 10), random.uniform(12, 22), random.uniform(12, 20), tone)
    elif style == "lamp":
        pen.limb([(50, 45), (50, 92)], 4, p.second)
        pen.blob(50, 92, 20, 5, p.second)
        pen.polygon([(38, 12), (62, 12), (76, 48), (24, 48)], p.main)
        pen.haze(50, 56, 40, 20, (1, .95, .6))
    else:
        for x in (26, 74):
            pen.limb([(x, 60), (x, 95)], 5, p.second)
        pen.blob(50, 34, 30, 27, p.main, square=random.uniform(.2, .6))
        pen.blob(50, 66, 34, 10, p.main, square=.3)
    if random.random() < .4:
        face(pen, 50, 60 if style in ("house", "tower") else 36, 15, labels)


def pattern(pen: Pen, labels: Labels) -> None:
    """No being at all: lines, dots, letters-like scribbles and scraps, so that no local look is missing."""
    random, p = pen.random, pen.palette
    tones = (p.main, p.second, p.accent, p.extra, p.belly, p.ink)
    for _ in range(random.randint(4, 14)):
        x, y, s, a = random.uniform(0, 100), random.uniform(0, 100), random.uniform(4, 26), random.uniform(0, 2 * pi)
        colour, kind = random.choice(tones), random.randrange(5)
        if kind == 0:
            pen.body(x, y, s, s * random.uniform(.3, 1), colour)
        elif kind == 1:
            pen.polygon([(x + random.gauss(0, s), y + random.gauss(0, s)) for _ in range(random.randint(3, 6))], colour,
                        random.random() < .5)
        elif kind == 2:
            pen.stroke([(x + i * s * .3 * cos(a) + random.gauss(0, 3),
                         y + i * s * .3 * sin(a) + random.gauss(0, 3)) for i in range(6)], random.uniform(.5, 5), colour)
        elif kind == 3:
            for i in range(random.randint(3, 9)):
                pen.spot(x + i * s * .25 * cos(a), y + i * s * .25 * sin(a), s * .1, s * .1, colour)
        else:
            pen.limb([(x, y), (x + s * cos(a), y + s * sin(a)), (x + s * 1.6 * cos(a + .5), y + s * 1.6 * sin(a + .5))],
                     random.uniform(2, 9), colour)

"""Kinds of beings and things: how bodies are put together."""
from __future__ import annotations

from math import cos, pi, sin
from typing import Callable

from chonk.pictures.world.face import eye, face
from chonk.pictures.world.palette import hsl, shift
from chonk.pictures.world.parts import EARS, MARKINGS, PROPS, TAILS, ears, markings, prop, star, tail
from chonk.pictures.world.pen import Pen


def choose(pen: Pen, labels: dict, name: str, kinds: tuple[str, ...]) -> str:
    labels[name] = pen.random.choice(kinds)
    return labels[name]


def head(pen: Pen, labels: dict, x: float, y: float, r: float, turn: float = 0.0) -> None:
    """Ears, skull, markings and face."""
    random, p = pen.random, pen.palette
    rx, ry = r * random.uniform(0.85, 1.2), r * random.uniform(0.8, 1.1)
    kind = choose(pen, labels, "ears", EARS)
    if kind != "hair":
        ears(pen, kind, x, y, rx, ry, p.main)
    pen.blob(x, y, rx, ry, p.main, square=random.choice((1, 1, 1, .7, .5, 1.15)))
    mark = random.choice(MARKINGS)
    if mark != "belly":
        markings(pen, mark, x, y, rx, ry)
    elif random.random() < .6:
        pen.blob(x + turn * rx * .3, y + ry * .4, rx * random.uniform(.35, .6), ry * random.uniform(.3, .45), pen.muzzle(), line=random.choice((0, .5)))
    if kind == "hair":
        ears(pen, kind, x, y, rx, ry, p.main)
    face(pen, x, y, min(rx, ry), labels, turn)


def dressed(pen: Pen, labels: dict, at: tuple[float, float, float], hand: tuple[float, float]) -> None:
    prop(pen, choose(pen, labels, "prop", PROPS), at, hand)


def animal_head(pen: Pen, labels: dict) -> None:
    r = pen.random.uniform(28, 38)
    head(pen, labels, 50, 55, r, pen.random.choice((0, 0, -.6, .6)))
    dressed(pen, labels, (50, 55, r), (78, 78))


def sitting(pen: Pen, labels: dict) -> None:
    """Big head over a round body, seen from the front: animals, blobs with limbs, people."""
    random, p = pen.random, pen.palette
    r, bx, by = random.uniform(16, 26), random.uniform(13, 26), random.uniform(13, 24)
    hy, cy = 18 + r * 0.9, 95 - by
    side = random.choice((-1, 1))
    tail(pen, choose(pen, labels, "tail", TAILS), 50 + side * bx * .7, cy + by * .4, bx, side)
    shirt = random.choice((p.main, p.main, p.main, p.second, p.extra))
    for s in (-1, 1):
        pen.blob(50 + s * bx * random.uniform(.5, .9), 93, bx * .42, 5, random.choice((p.main, p.belly, p.second)))
    pen.blob(50, cy, bx, by, shirt, square=random.choice((1, 1, .7, 1.2)))
    mark = choose(pen, labels, "marking", MARKINGS)
    markings(pen, mark, 50, cy, bx, by)
    hand = (50, cy)
    for s in (-1, 1):
        up = random.uniform(-1, 1)
        hand = (50 + s * bx * random.uniform(1.0, 1.6), cy - by * .3 - up * by * .8)
        pen.limb([(50 + s * bx * .75, cy - by * .4), (50 + s * bx * 1.2, cy - by * .2), hand], random.uniform(4, 8), shirt)
        if random.random() < .4:
            pen.blob(*hand, 4, 4, p.main)
    x = 50 + random.gauss(0, 3)
    head(pen, labels, x, hy, r, random.choice((0, 0, -.7, .7)))
    dressed(pen, labels, (x, hy, r), hand)


def four_legs(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    rx, ry, y, leg = random.uniform(20, 30), random.uniform(10, 19), random.uniform(52, 64), random.uniform(4, 9)
    tail(pen, choose(pen, labels, "tail", TAILS), 50 + rx * .85, y - ry * .3, rx * .7, 1)
    for k, colour in ((-.55, shift(p.main, -.25, p.shadow_hue)), (.75, shift(p.main, -.25, p.shadow_hue)), (-.75, p.main), (.5, p.main)):
        pen.limb([(50 + k * rx, y + ry * .5), (50 + k * rx + random.gauss(0, 2), 92)], leg, colour)
    pen.blob(50, y, rx, ry, p.main, square=random.choice((1, .7, .8)))
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, y, rx, ry)
    r = random.uniform(11, 19)
    hx, hy = 50 - rx * .95, y - ry * random.uniform(.6, 1.6)
    if hy < y - ry * 1.2:
        pen.limb([(50 - rx * .7, y - ry * .2), (hx, hy)], r * .9, p.main)
    head(pen, labels, hx, hy, r, -.6)
    dressed(pen, labels, (hx, hy, r), (hx - 6, hy + r))


def bird(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    r, y, tall = random.uniform(20, 32), random.uniform(48, 58), random.uniform(.9, 1.3)
    for s in (-1, 1):
        pen.stroke([(50 + s * r * .35, y + r * .8), (50 + s * r * .4, 92), (50 + s * r * .4 - 5, 94)], random.uniform(1.5, 3), p.extra, False)
    pen.polygon([(50 + r * .6, y), (50 + r * 1.7, y - r * random.uniform(-.3, .8)), (50 + r * 1.6, y + r * .4), (50 + r * .6, y + r * .6)], p.second, random.random() < .5)
    pen.blob(50, y, r, r * tall, p.main)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, y, r, r * tall)
    turn = random.uniform(-.5, 1.2)
    pen.blob(50 + r * .45, y + r * .2, r * .5, r * .32, p.second, turn=turn)
    side = random.random() < .5
    if side:
        pen.polygon([(50 - r * .75, y - r * .55), (50 - r * random.uniform(1.2, 1.8), y - r * .25), (50 - r * .75, y - r * .1)], p.extra)
        eyes = random.choice(("dot", "white", "iris", "closed", "button"))
        labels["eyes"] = eyes
        eye(pen, eyes, 50 - r * .4, y - r * .5, r * .18, 0, (-.5, 0))
    else:
        face(pen, 50, y - r * .3, r * .8, labels)
    dressed(pen, labels, (50, y - r * .2, r * .9), (50 - r, y + r * .4))


def fish(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    rx, ry = random.uniform(24, 34), random.uniform(14, 28)
    pen.polygon([(50 + rx * .8, 50), (50 + rx * 1.5, 50 - ry * .8), (50 + rx * 1.25, 50), (50 + rx * 1.5, 50 + ry * .8)], p.second, random.random() < .5)
    pen.polygon([(50 - rx * .3, 50 - ry * .8), (50 + rx * .1, 50 - ry * 1.5), (50 + rx * .6, 50 - ry * .6)], p.second, random.random() < .5)
    pen.blob(50, 50, rx, ry, p.main, square=random.choice((1, 1.15)))
    markings(pen, choose(pen, labels, "marking", MARKINGS), 52, 50, rx * .9, ry * .9)
    pen.polygon([(50 + rx * .1, 50 + ry * .1), (50 + rx * .55, 50 + ry * .4), (50 + rx * .1, 50 + ry * .6)], p.second, True)
    face(pen, 50 - rx * .45, 48, ry * .7, labels, random.choice((-.5, 0)))
    for _ in range(random.randint(0, 3)):
        pen.spot(random.uniform(5, 25), random.uniform(8, 45), random.uniform(1, 4), random.uniform(1, 4), (.7, .88, 1), .7)


def bug(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    n, r = random.randint(1, 4), random.uniform(13, 20)
    winged = random.random() < .5
    for s in (-1, 1):
        for k in range(3):
            pen.stroke([(50, 55 + k * 7), (50 + s * r * 1.5, 50 + k * 11), (50 + s * r * 1.8, 58 + k * 13)], random.uniform(1.2, 2.4), p.ink, False)
        if winged:
            pen.path("M50 55C%.1f %.1f %.1f %.1f 50 62z" % (50 + s * 70, random.uniform(0, 40), 50 + s * 60, random.uniform(60, 95)),
                     random.choice((p.second, p.extra, (.8, .92, 1))), opacity=random.choice((1, .6)))
            pen.spot(50 + s * 28, 45, 5, 5, p.accent)
    for i in range(n, 0, -1):
        pen.blob(50 + random.gauss(0, 2), 42 + i * r * .8, r * .95, r * .85, p.main if i % 2 else p.second)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 42 + r * .8, r * .9, r * .8)
    head(pen, labels, 50, 36, r)


def robot(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    w, h, bw = random.uniform(15, 26), random.uniform(12, 22), random.uniform(14, 28)
    pen.limb([(50, 32 + h), (50, 66)], random.uniform(4, 10), random.choice((p.second, (.5, .5, .55))))
    for s in (-1, 1):
        pen.limb([(50 + s * bw, 66), (50 + s * (bw + 9), 74), (50 + s * (bw + 7), 88)], random.uniform(3, 7), p.second)
        pen.blob(50 + s * (bw + 7), 90, 4, 4, p.extra)
    pen.blob(50, 78, bw, 16, p.main, square=random.choice((.25, .4, .7)))
    for k in range(random.randint(0, 4)):
        pen.blob(50 + (k - 1.5) * bw * .4, 76, 2.4, 2.4, random.choice((p.accent, hsl(random.random(), .9, .5))), line=.5)
    if random.random() < .7:
        pen.stroke([(50, 34 - h), (50, 24 - h * .8)], 1.6, p.ink)
        pen.blob(50, 22 - h * .8, 3.5, 3.5, p.accent)
    ears(pen, choose(pen, labels, "ears", ("bolts", "none", "antennae")), 50, 36, w, h, p.main)
    pen.blob(50, 36, w, h, p.main, square=random.choice((.2, .35, .6, 1)))
    if random.random() < .5:
        pen.blob(50, 35, w * .8, h * .7, random.choice((p.belly, (.1, .12, .16))), square=.35, line=.6)
    face(pen, 50, 36, h * .8, labels)
    dressed(pen, labels, (50, 36, w), (50 + bw + 8, 86))


def smiley(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    r = random.uniform(34, 44)
    pen.blob(50, 52, r, r * random.choice((1, 1, .9)), random.choice((p.main, hsl(.14, .95, .57))), square=random.choice((1, 1, 1, .6)))
    face(pen, 50, 52, r * .95, labels)
    dressed(pen, labels, (50, 54, r * .9), (78, 76))


def monster(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    n, spikes = random.randint(6, 14), random.uniform(0, .35)
    rx, ry = random.uniform(24, 36), random.uniform(26, 38)
    points = [(50 + rx * (1 + spikes * (i % 2)) * cos(2 * pi * i / (2 * n)) * random.uniform(.93, 1.07),
               52 + ry * (1 + spikes * (i % 2)) * sin(2 * pi * i / (2 * n)) * random.uniform(.93, 1.07)) for i in range(2 * n)]
    for s in (-1, 1):
        for k in range(random.choice((1, 1, 2))):
            pen.limb([(50 + s * rx * .8, 55 + k * 9), (50 + s * rx * 1.2, 60 + k * 9), (50 + s * rx * 1.35, random.uniform(40, 75))], random.uniform(3, 7), p.main)
        pen.limb([(50 + s * rx * .4, 80), (50 + s * rx * .45, 94)], random.uniform(4, 8), p.second)
    ears(pen, choose(pen, labels, "ears", EARS), 50, 50, rx, ry, p.main)
    pen.polygon(points, p.main, random.random() < .7)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 58, rx * .9, ry * .8)
    face(pen, 50, 46, rx * .8, labels)
    dressed(pen, labels, (50, 46, rx * .8), (50 + rx * 1.3, 60))


def ghost(pen: Pen, labels: dict) -> None:
    """A dome with a hem or tentacles: ghosts, jellyfish, octopuses."""
    random, p = pen.random, pen.palette
    w, n = random.uniform(22, 34), random.randint(3, 6)
    if random.random() < .5:
        for i in range(n):
            x = 50 + w * (2 * (i + .5) / n - 1)
            pen.limb([(x * .8 + 10, 60), (x, 75), (x + random.gauss(0, 8), random.uniform(82, 95))], w * .28, p.main)
        pen.blob(50, 45, w, 30, p.main)
    else:
        hem = "".join("q%.1f %.1f %.1f 0" % (-w / n, random.choice((-9, 9, 12)), -2 * w / n) for _ in range(n))
        pen.path(f"M{50 - w:.1f} 88V45a{w:.1f} 32 0 0 1 {2 * w:.1f} 0V88{hem}z", p.main, opacity=random.choice((1, 1, .8)))
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 55, w * .9, 24)
    face(pen, 50, 45, w * .85, labels)
    dressed(pen, labels, (50, 44, w * .9), (50 + w, 65))


def plant(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    green, n, r = hsl(random.uniform(.2, .45), random.uniform(.3, .8), random.uniform(.25, .6)), random.randint(5, 10), random.uniform(12, 22)
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
    pen.blob(50, 36, r * (1.2 if style != "petals" else 1), r * (1.5 if style == "cactus" else 1), p.main if style == "petals" else green)
    if style == "leafy":
        for i in range(7):
            pen.blob(50 + r * random.gauss(0, .7), 36 - r * random.uniform(.3, 1.2), r * .5, r * .35, shift(green, random.uniform(-.3, .3)), turn=random.uniform(0, 3))
    face(pen, 50, 37, r * .95, labels)


def vehicle(pen: Pen, labels: dict) -> None:
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
        pen.polygon([(50 - w * .6, y - h * .6), (50 - w * .35, y - h * 1.6), (50 + w * .35, y - h * 1.6), (50 + w * .65, y - h * .6)], p.main)
        pen.polygon([(50 - w * .42, y - h * .7), (50 - w * .27, y - h * 1.4), (50, y - h * 1.4), (50, y - h * .7)], (.75, .9, 1), line=.6)
    else:
        y, h = y - 8, h * 1.5
    pen.blob(50, y, w, h * .9, p.main, square=random.choice((.2, .4, .6)))
    for s in (-1, 1):
        pen.blob(50 + s * w * .55, y + h * .85, 9, 9, (.15, .15, .17))
        pen.blob(50 + s * w * .55, y + h * .85, 4, 4, (.75, .75, .78), line=.5)
    pen.blob(50 - w * .9, y, 3.4, 4, (1, .95, .6), line=.7)
    face(pen, 50 - random.choice((0, w * .4)), y, h * .8, labels)


def food(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    style, warm = random.choice(("bun", "ice", "slice", "fruit", "cake", "egg", "drink")), hsl(random.uniform(.04, .12), random.uniform(.5, .9), random.uniform(.4, .7))
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
        pen.polygon([(50 + random.uniform(30, 42) * cos(i * .7), 55 + random.uniform(26, 38) * sin(i * .7)) for i in range(9)], p.light, True)
        pen.blob(50, 55, 18, 18, hsl(.12, .95, .55))
        y = 54
    else:
        pen.limb([(56, 40), (64, 6)], 4, p.accent)
        pen.polygon([(26, 28), (74, 28), (67, 95), (33, 95)], p.main)
        pen.blob(50, 28, 24, 5, p.belly)
        y = 58
    face(pen, 50, y, random.uniform(15, 22), labels)


def worm(pen: Pen, labels: dict) -> None:
    random, p = pen.random, pen.palette
    width, n = random.uniform(9, 18), random.randint(3, 5)
    points = [(28, 36)] + [(30 + 52 * (i + 1) / n * random.uniform(.85, 1), 62 + (14 if i % 2 else -4) + random.gauss(0, 6)) for i in range(n)]
    pen.limb(points, width, p.main)
    for x, y in points[1:]:
        pen.spot(x, y, width * .3, width * .3, p.second)
    if random.random() < .4:
        pen.blob(62, 60, 22, 20, p.second)
        pen.stroke([(62 + 13 * cos(i * .9) * (1 - i / 9), 60 + 12 * sin(i * .9) * (1 - i / 9)) for i in range(9)], 2, shift(p.second, -.4))
    head(pen, labels, 28, 36, random.uniform(13, 20))


def things(pen: Pen, labels: dict) -> None:
    """A few things without a face."""
    random = pen.random
    for i in range(random.randint(1, 5)):
        x, y, s = (50, 50, 55) if i == 0 and random.random() < .4 else (random.uniform(20, 80), random.uniform(25, 80), random.uniform(18, 36))
        if random.random() < .3:
            pen.polygon(star(x, y, s * .5, random.randint(3, 9), random.uniform(.3, .9)), random.choice((pen.palette.main, pen.palette.accent)), random.random() < .4)
        else:
            prop(pen, choose(pen, labels, "prop", PROPS[2:]), (x, y, s * .7), (x, y))


KINDS: dict[str, Callable[[Pen, dict], None]] = {
    "animal head": animal_head, "sitting": sitting, "four legs": four_legs, "bird": bird, "fish": fish, "bug": bug, "robot": robot, "smiley": smiley,
    "monster": monster, "ghost": ghost, "plant": plant, "vehicle": vehicle, "food": food, "worm": worm, "things": things}
"""Kind -> what draws it into a 100 x 100 space."""

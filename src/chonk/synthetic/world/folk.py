"""People, robots, monsters, ghosts and faces without a body."""

from __future__ import annotations

from math import cos, pi, sin

from chonk.synthetic.world.beings import Labels, choose, dressed
from chonk.synthetic.world.face import face
from chonk.synthetic.world.geometry import star
from chonk.synthetic.world.palette import RGB, hsl, shift
from chonk.synthetic.world.parts import EARS, MARKINGS, ears, markings
from chonk.synthetic.world.pen import Pen


def robot(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    w, h, bw = random.uniform(15, 26), random.uniform(12, 22), random.uniform(14, 28)
    pen.limb([(50, 32 + h), (50, 66)], random.uniform(4, 10), random.choice((p.second, (0.5, 0.5, 0.55))))
    for s in (-1, 1):
        pen.limb([(50 + s * bw, 66), (50 + s * (bw + 9), 74), (50 + s * (bw + 7), 88)], random.uniform(3, 7), p.second)
        pen.blob(50 + s * (bw + 7), 90, 4, 4, p.extra)
    pen.blob(50, 78, bw, 16, p.main, square=random.choice((0.25, 0.4, 0.7)))
    for k in range(random.randint(0, 4)):
        pen.blob(
            50 + (k - 1.5) * bw * 0.4, 76, 2.4, 2.4, random.choice((p.accent, hsl(random.random(), 0.9, 0.5))), line=0.5
        )
    if random.random() < 0.7:
        pen.stroke([(50, 34 - h), (50, 24 - h * 0.8)], 1.6, p.ink)
        pen.blob(50, 22 - h * 0.8, 3.5, 3.5, p.accent)
    ears(pen, choose(pen, labels, "ears", ("bolts", "none", "antennae")), 50, 36, w, h, p.main)
    pen.blob(50, 36, w, h, p.main, square=random.choice((0.2, 0.35, 0.6, 1)))
    if random.random() < 0.5:
        pen.blob(50, 35, w * 0.8, h * 0.7, random.choice((p.belly, (0.1, 0.12, 0.16))), square=0.35, line=0.6)
    face(pen, 50, 36, h * 0.8, labels)
    dressed(pen, labels, (50, 36, w), (50 + bw + 8, 86))


def smiley(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    r = random.uniform(34, 44)
    pen.blob(
        50,
        52,
        r,
        r * random.choice((1, 1, 0.9)),
        random.choice((p.main, hsl(0.14, 0.95, 0.57))),
        square=random.choice((1, 1, 1, 0.6)),
    )
    face(pen, 50, 52, r * 0.95, labels)
    dressed(pen, labels, (50, 54, r * 0.9), (78, 76))


def monster(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    n, spikes = random.randint(6, 14), random.uniform(0, 0.35)
    rx, ry = random.uniform(24, 36), random.uniform(26, 38)
    points = [
        (
            50 + rx * (1 + spikes * (i % 2)) * cos(2 * pi * i / (2 * n)) * random.uniform(0.93, 1.07),
            52 + ry * (1 + spikes * (i % 2)) * sin(2 * pi * i / (2 * n)) * random.uniform(0.93, 1.07),
        )
        for i in range(2 * n)
    ]
    for s in (-1, 1):
        for k in range(random.choice((1, 1, 2))):
            pen.limb(
                [
                    (50 + s * rx * 0.8, 55 + k * 9),
                    (50 + s * rx * 1.2, 60 + k * 9),
                    (50 + s * rx * 1.35, random.uniform(40, 75)),
                ],
                random.uniform(3, 7),
                p.main,
            )
        pen.limb([(50 + s * rx * 0.4, 80), (50 + s * rx * 0.45, 94)], random.uniform(4, 8), p.second)
    ears(pen, choose(pen, labels, "ears", EARS), 50, 50, rx, ry, p.main)
    pen.polygon(points, p.main, random.random() < 0.7)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 58, rx * 0.9, ry * 0.8)
    face(pen, 50, 46, rx * 0.8, labels)
    dressed(pen, labels, (50, 46, rx * 0.8), (50 + rx * 1.3, 60))


def ghost(pen: Pen, labels: Labels) -> None:
    """A dome with a hem or tentacles: ghosts, jellyfish, octopuses."""
    random, p = pen.random, pen.palette
    w, n = random.uniform(22, 34), random.randint(3, 6)
    if random.random() < 0.5:
        for i in range(n):
            x = 50 + w * (2 * (i + 0.5) / n - 1)
            pen.limb([(x * 0.8 + 10, 60), (x, 75), (x + random.gauss(0, 8), random.uniform(82, 95))], w * 0.28, p.main)
        pen.blob(50, 45, w, 30, p.main)
    else:
        hem = "".join(f"q{-w / n:.1f} {random.choice((-9, 9, 12)):.1f} {-2 * w / n:.1f} 0" for _ in range(n))
        pen.path(
            f"M{50 - w:.1f} 88V45a{w:.1f} 32 0 0 1 {2 * w:.1f} 0V88{hem}z", p.main, opacity=random.choice((1, 1, 0.8))
        )
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 55, w * 0.9, 24)
    face(pen, 50, 45, w * 0.85, labels)
    dressed(pen, labels, (50, 44, w * 0.9), (50 + w, 65))


def skin(pen: Pen) -> RGB:
    random = pen.random
    return random.choice(
        (hsl(random.uniform(0.03, 0.09), random.uniform(0.3, 0.75), random.uniform(0.25, 0.86)), pen.palette.main)
    )


def hair(pen: Pen, style: str, x: float, y: float, r: float, front: bool) -> None:
    """Hair behind (front False) and before a head."""
    random, p = pen.random, pen.palette
    if not front and style in ("long", "puffs", "curls", "mane"):
        if style == "long":
            pen.polygon(
                [
                    (x - r * 1.15, y - r * 0.4),
                    (x, y - r * 1.25),
                    (x + r * 1.15, y - r * 0.4),
                    (x + r * 1.2, y + r * 1.4),
                    (x - r * 1.2, y + r * 1.4),
                ],
                p.second,
                True,
            )
        elif style == "puffs":
            for s in (-1, 1):
                pen.blob(x + s * r, y - r * 0.6, r * 0.5, r * 0.5, p.second)
        else:
            n = random.randint(9, 15)
            for i in range(n):
                pen.blob(
                    x + r * 1.05 * cos(2 * pi * i / n),
                    y - r * 0.1 + r * 1.05 * sin(2 * pi * i / n),
                    r * 0.32,
                    r * 0.32,
                    shift(p.second, random.uniform(-0.15, 0.1)),
                )
    if front and style != "bald":
        n, low = random.randint(3, 7), random.uniform(-0.5, -0.15)
        across = [1 - 2 * i / n for i in range(n + 1)]
        fringe = [
            (x + r * u, y + r * (low - (0.22 if i % 2 else 0) - 0.25 * (1 - abs(u)))) for i, u in enumerate(across)
        ]
        high = [1.1 + (random.uniform(0, 0.25) if style == "spiky" else 0) for _ in range(5)]
        top = [(x + r * 1.08 * cos(pi + pi * i / 6), y + r * h * sin(pi + pi * i / 6)) for i, h in enumerate(high, 1)]
        pen.polygon(fringe + top, p.second, style != "spiky")


def person(pen: Pen, labels: Labels) -> None:
    """Somebody with hair and clothes: standing, or head and shoulders."""
    random, p, tone = pen.random, pen.palette, skin(pen)
    style, bust = random.choice(("bald", "short", "long", "puffs", "curls", "mane", "spiky")), random.random() < 0.5
    labels["hair"] = style
    x, y, r = (50, random.uniform(38, 46), random.uniform(20, 28)) if bust else (50, 24, random.uniform(11, 17))
    hair(pen, style, x, y, r, False)
    if bust:
        w = r * random.uniform(1.3, 1.9)
        pen.limb([(x, y + r * 0.7), (x, y + r * 1.4)], r * 0.6, tone)
        pen.polygon(
            [
                (x - w, 110),
                (x - w * 0.9, y + r * 1.6),
                (x - w * 0.4, y + r * 1.25),
                (x + w * 0.4, y + r * 1.25),
                (x + w * 0.9, y + r * 1.6),
                (x + w, 110),
            ],
            p.main,
            True,
        )
        pen.polygon(
            [(x - r * 0.3, y + r * 1.25), (x, y + r * 1.7), (x + r * 0.3, y + r * 1.25)],
            random.choice((tone, p.light, p.accent)),
            line=0.6,
        )
        hand = (x + w, 84.0)
    else:
        w, waist = random.uniform(9, 16), random.uniform(64, 72)
        for s in (-1, 1):
            pen.limb(
                [(x + s * w * 0.5, waist - 3), (x + s * w * random.uniform(0.4, 1.2), 80), (x + s * w * 0.7, 93)],
                random.uniform(4, 7),
                random.choice((p.extra, tone)),
            )
            pen.blob(x + s * w * 0.8, 94, 5, 3, p.second)
        for s in (-1, 1):
            hand = (x + s * (w + random.uniform(4, 14)), random.uniform(30, 72))
            pen.limb(
                [(x + s * w * 0.8, 46), (x + s * (w + 5), 54), hand],
                random.uniform(4, 6),
                random.choice((tone, p.main)),
            )
            pen.blob(*hand, 3, 3, tone, line=0.7)
        hem = w * random.uniform(0.8, 1.7)
        pen.polygon(
            [(x - w * 0.8, y + r), (x + w * 0.8, y + r), (x + hem, waist + 3), (x - hem, waist + 3)],
            p.main,
            random.random() < 0.4,
        )
        markings(pen, choose(pen, labels, "marking", MARKINGS), x, 54, w * 0.7, 12)
    for s in (-1, 1):
        pen.blob(x + s * r, y + r * 0.1, r * 0.2, r * 0.25, tone, line=0.8)
    pen.blob(x, y, r, r * random.uniform(0.95, 1.15), tone, square=random.choice((1, 0.85)))
    face(pen, x, y + r * 0.1, r * 0.85, labels)
    hair(pen, style, x, y, r, True)
    dressed(pen, labels, (x, y, r), hand)


def shape(pen: Pen, labels: Labels) -> None:
    """Sun, moon, cloud, star, heart, skull, egg: a face on a plain outline."""
    random, p = pen.random, pen.palette
    style = choose(pen, labels, "shape", ("sun", "moon", "cloud", "star", "skull", "drop", "pillow"))
    y, r = 52, 24
    if style in ("sun", "star"):
        n = random.randint(7, 14) if style == "sun" else random.randint(4, 6)
        pen.polygon(
            star(50, 52, 44, n, 0.7 if style == "sun" else 0.55),
            p.second if style == "sun" else p.main,
            style == "star" and random.random() < 0.5,
        )
        if style == "sun":
            pen.blob(50, 52, 29, 29, p.main)
    elif style == "moon":
        pen.path("M62 8A44 44 0 1 0 92 74A38 38 0 0 1 62 8z", p.main)
        pen.out.append('<g transform="translate(-20 6)">')
        face(pen, 50, 54, 17, labels)
        pen.out.append("</g>")
        return
    elif style == "cloud":
        for x, b, k in ((26, 60, 18), (74, 60, 18), (40, 44, 20), (60, 42, 20), (50, 60, 24)):
            pen.blob(x, b, k, k, p.main, line=0.8)
    elif style == "skull":
        pen.blob(50, 76, 19, 14, p.light, square=0.5)
        pen.body(50, 45, 34, 32, p.light)
        for gap in (-0.5, 0, 0.5):
            pen.stroke([(50 + gap * 18, 78), (50 + gap * 18, 89)], 1.4, p.dark)
    elif style == "drop":
        pen.path("M50 4C62 32 86 44 84 66A34 32 0 0 1 16 66C14 44 38 32 50 4z", p.main)
        y = 62
    else:
        pen.blob(50, 52, random.uniform(32, 44), random.uniform(28, 40), p.main, square=random.uniform(0.2, 0.7))
        markings(pen, choose(pen, labels, "marking", MARKINGS), 50, 52, 34, 30)
    face(pen, 50, y, r, labels)
    dressed(pen, labels, (50, y, r), (80, 76))

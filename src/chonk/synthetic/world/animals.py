"""Animals with two legs, four, wings or fins."""

from __future__ import annotations

from chonk.synthetic.world.beings import Labels, choose, dressed, head
from chonk.synthetic.world.eyes import eye
from chonk.synthetic.world.face import face
from chonk.synthetic.world.palette import shift
from chonk.synthetic.world.parts import MARKINGS, TAILS, markings, tail
from chonk.synthetic.world.pen import Pen


def animal_head(pen: Pen, labels: Labels) -> None:
    r = pen.random.uniform(28, 38)
    head(pen, labels, 50, 55, r, pen.random.choice((0, 0, -0.6, 0.6)))
    dressed(pen, labels, (50, 55, r), (78, 78))


def sitting(pen: Pen, labels: Labels) -> None:
    """Big head over a round body, seen from the front: animals, blobs with limbs, people."""
    random, p = pen.random, pen.palette
    r, bx, by = random.uniform(16, 26), random.uniform(13, 26), random.uniform(13, 24)
    hy = 18 + r * 0.9
    by = max(by, (95 - hy - r * 0.6) / 2)
    cy = 95 - by
    side = random.choice((-1, 1))
    tail(pen, choose(pen, labels, "tail", TAILS), 50 + side * bx * 0.7, cy + by * 0.4, bx, side)
    shirt = random.choice((p.main, p.main, p.main, p.second, p.extra))
    for s in (-1, 1):
        pen.blob(50 + s * bx * random.uniform(0.5, 0.9), 93, bx * 0.42, 5, random.choice((p.main, p.belly, p.second)))
    pen.body(50, cy, bx, by, shirt, square=random.choice((1, 1, 0.7, 1.2)))
    mark = choose(pen, labels, "marking", MARKINGS)
    markings(pen, mark, 50, cy, bx, by)
    hand: tuple[float, float] = (50, cy)
    for s in (-1, 1):
        up = random.uniform(-1, 1)
        hand = (50 + s * bx * random.uniform(1.0, 1.6), cy - by * 0.3 - up * by * 0.8)
        pen.limb(
            [(50 + s * bx * 0.75, cy - by * 0.4), (50 + s * bx * 1.2, cy - by * 0.2), hand], random.uniform(4, 8), shirt
        )
        if random.random() < 0.4:
            pen.blob(*hand, 4, 4, p.main)
    x = 50 + random.gauss(0, 3)
    head(pen, labels, x, hy, r, random.choice((0, 0, -0.7, 0.7)))
    dressed(pen, labels, (x, hy, r), hand)


def four_legs(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    rx, ry, y, leg = random.uniform(20, 30), random.uniform(10, 19), random.uniform(52, 64), random.uniform(4, 9)
    tail(pen, choose(pen, labels, "tail", TAILS), 50 + rx * 0.85, y - ry * 0.3, rx * 0.7, 1)
    for k, colour in (
        (-0.55, shift(p.main, -0.25, p.shadow_hue)),
        (0.75, shift(p.main, -0.25, p.shadow_hue)),
        (-0.75, p.main),
        (0.5, p.main),
    ):
        pen.limb([(50 + k * rx, y + ry * 0.5), (50 + k * rx + random.gauss(0, 2), 92)], leg, colour)
    pen.body(50, y, rx, ry, p.main, square=random.choice((1, 0.7, 0.8)))
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, y, rx, ry)
    r = random.uniform(11, 19)
    hx, hy = 50 - rx * 0.95, y - ry * random.uniform(0.6, 1.6)
    if hy < y - ry * 1.2:
        pen.limb([(50 - rx * 0.7, y - ry * 0.2), (hx, hy)], r * 0.9, p.main)
    head(pen, labels, hx, hy, r, -0.6)
    dressed(pen, labels, (hx, hy, r), (hx - 6, hy + r))


def bird(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    r, y, tall = random.uniform(20, 32), random.uniform(48, 58), random.uniform(0.9, 1.3)
    for s in (-1, 1):
        pen.stroke(
            [(50 + s * r * 0.35, y + r * 0.8), (50 + s * r * 0.4, 92), (50 + s * r * 0.4 - 5, 94)],
            random.uniform(1.5, 3),
            p.extra,
            False,
        )
    pen.polygon(
        [
            (50 + r * 0.6, y),
            (50 + r * 1.7, y - r * random.uniform(-0.3, 0.8)),
            (50 + r * 1.6, y + r * 0.4),
            (50 + r * 0.6, y + r * 0.6),
        ],
        p.second,
        random.random() < 0.5,
    )
    pen.body(50, y, r, r * tall, p.main)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50, y, r, r * tall)
    turn = random.uniform(-0.5, 1.2)
    pen.blob(50 + r * 0.45, y + r * 0.2, r * 0.5, r * 0.32, p.second, turn=turn)
    side = random.random() < 0.5
    if side:
        pen.polygon(
            [
                (50 - r * 0.75, y - r * 0.55),
                (50 - r * random.uniform(1.2, 1.8), y - r * 0.25),
                (50 - r * 0.75, y - r * 0.1),
            ],
            p.extra,
        )
        eyes = random.choice(("dot", "white", "iris", "closed", "button"))
        labels["eyes"] = eyes
        eye(pen, eyes, 50 - r * 0.4, y - r * 0.5, r * 0.18, 0, (-0.5, 0))
    else:
        face(pen, 50, y - r * 0.3, r * 0.8, labels)
    dressed(pen, labels, (50, y - r * 0.2, r * 0.9), (50 - r, y + r * 0.4))


def fish(pen: Pen, labels: Labels) -> None:
    random, p = pen.random, pen.palette
    rx, ry = random.uniform(24, 34), random.uniform(14, 28)
    pen.polygon(
        [(50 + rx * 0.8, 50), (50 + rx * 1.5, 50 - ry * 0.8), (50 + rx * 1.25, 50), (50 + rx * 1.5, 50 + ry * 0.8)],
        p.second,
        random.random() < 0.5,
    )
    pen.polygon(
        [(50 - rx * 0.3, 50 - ry * 0.8), (50 + rx * 0.1, 50 - ry * 1.5), (50 + rx * 0.6, 50 - ry * 0.6)],
        p.second,
        random.random() < 0.5,
    )
    pen.blob(50, 50, rx, ry, p.main, square=random.choice((1, 1.15)))
    markings(pen, choose(pen, labels, "marking", MARKINGS), 52, 50, rx * 0.9, ry * 0.9)
    pen.polygon(
        [(50 + rx * 0.1, 50 + ry * 0.1), (50 + rx * 0.55, 50 + ry * 0.4), (50 + rx * 0.1, 50 + ry * 0.6)],
        p.second,
        True,
    )
    face(pen, 50 - rx * 0.45, 48, ry * 0.7, labels, random.choice((-0.5, 0)))
    for _ in range(random.randint(0, 3)):
        pen.spot(
            random.uniform(5, 25),
            random.uniform(8, 45),
            random.uniform(1, 4),
            random.uniform(1, 4),
            (0.7, 0.88, 1),
            0.7,
        )


def profile(pen: Pen, labels: Labels) -> None:
    """A being from the side, head and chest: a long snout, one eye, a mane or crest."""
    random, p = pen.random, pen.palette
    r, snout, drop = random.uniform(17, 25), random.uniform(0.3, 1.5), random.uniform(-0.1, 0.5)
    pen.polygon(
        [(50 + r * 0.2, 40), (50 + r, 50), (50 + r * 1.9, 105), (50 - r * 0.9, 105), (50 - r * 0.2, 62)],
        random.choice((p.main, p.second)),
        True,
    )
    if random.random() < 0.5:
        for i in range(random.randint(3, 7)):
            pen.blob(50 + r * (0.7 + i * 0.15), 28 + i * 11, r * 0.35, r * 0.3, p.extra, line=0.7)
    ear = random.choice((-0.2, 0.3))
    pen.polygon(
        [
            (50 + r * ear, 42 - r * 0.7),
            (50 + r * (ear + 0.3), 42 - r * random.uniform(1.2, 2.2)),
            (50 + r * (ear + 0.7), 42 - r * 0.4),
        ],
        p.main,
        random.random() < 0.4,
    )
    pen.blob(
        50 - r * snout,
        42 + r * drop,
        r * (0.35 + snout * 0.4),
        r * random.uniform(0.3, 0.55),
        random.choice((p.main, p.belly)),
        turn=-drop * 0.4,
    )
    pen.body(50, 42, r, r * 0.92, p.main)
    markings(pen, choose(pen, labels, "marking", MARKINGS), 50 + r * 0.2, 44, r * 0.7, r * 0.7)
    tip = 50 - r * (snout + 0.3 + snout * 0.4)
    pen.spot(tip + r * 0.12, 40 + r * drop, r * 0.13, r * 0.1, p.dark)
    pen.stroke(
        [
            (tip + r * 0.1, 42 + r * (drop + 0.25)),
            (50 - r * 0.6, 42 + r * (drop + 0.32)),
            (50 - r * 0.3, 42 + r * (drop + random.uniform(-0.1, 0.3))),
        ],
        1.3,
        p.dark,
    )
    labels["eyes"] = random.choice(("dot", "white", "iris", "closed", "button", "slit", "sleepy", "anime", "angry"))
    eye(pen, labels["eyes"], 50 - r * 0.35, 42 - r * 0.25, r * random.uniform(0.14, 0.28), 1, (-0.6, 0.1))
    dressed(pen, labels, (50 + r * 0.15, 42, r), (78, 80))

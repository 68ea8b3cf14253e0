"""Faces: eyes, brows, mouths, noses, cheeks, in many kinds that go with any body."""
from __future__ import annotations

from math import cos, pi, sin

from chonk.pictures.world.palette import hsl, mix, shift
from chonk.pictures.world.pen import Pen

EYES = ("dot", "white", "iris", "big", "closed", "happy", "cross", "oval", "slit", "sleepy", "anime", "angry", "button", "one", "three", "heart",
        "glasses", "wink", "glow", "stare")
MOUTHS = ("smile", "frown", "open", "cat", "flat", "teeth", "tongue", "o", "fang", "grin", "wave", "beak", "none", "lips", "big")


def eye(pen: Pen, kind: str, x: float, y: float, r: float, side: int, look: tuple[float, float]) -> None:
    """One eye with its middle at x, y.  side: -1 left, 1 right, 0 middle; look: where the pupil goes, -1..1."""
    p, (lx, ly) = pen.palette, look
    thin = max(0.9, r * 0.22)
    if kind == "dot":
        pen.spot(x, y, r * 0.55, r * 0.65, p.dark)
        if r > 3:
            pen.spot(x - r * 0.15, y - r * 0.25, r * 0.18, r * 0.18, p.light)
    elif kind == "button":
        pen.spot(x, y, r * 0.8, r * 0.8, p.dark)
        pen.spot(x - r * 0.25, y - r * 0.3, r * 0.28, r * 0.28, p.light)
        pen.spot(x + r * 0.25, y + r * 0.3, r * 0.14, r * 0.14, p.light, 0.7)
    elif kind in ("closed", "happy", "sleepy"):
        bend = -0.8 if kind == "happy" else 0.6
        if kind == "sleepy":
            pen.blob(x, y, r, r * 0.8, p.light, line=0.6, shade=False)
            pen.spot(x + lx * r * 0.3, y + r * 0.2, r * 0.4, r * 0.45, p.dark)
            pen.polygon([(x - r * 1.1, y + r * 0.05), (x - r * 0.7, y - r * 0.85), (x + r * 0.7, y - r * 0.85), (x + r * 1.1, y + r * 0.05)],
                        shift(p.main, -0.12), line=0.5, shade=False)
        else:
            pen.stroke([(x - r, y), (x, y + r * bend), (x + r, y)], thin * 1.2, p.dark)
    elif kind == "cross":
        pen.stroke([(x - r * 0.8, y - r * 0.7), (x + r * 0.7 * -side if side else x, y), (x - r * 0.8, y + r * 0.7)], thin * 1.3, p.dark, False)
    elif kind == "heart":
        pen.path(f"M{x:.1f} {y + r:.1f}C{x - 2 * r:.1f} {y - r * .3:.1f} {x - r * .8:.1f} {y - r * 1.5:.1f} {x:.1f} {y - r * .4:.1f}"
                 f"C{x + r * .8:.1f} {y - r * 1.5:.1f} {x + 2 * r:.1f} {y - r * .3:.1f} {x:.1f} {y + r:.1f}z", hsl(0.97, 0.85, 0.55), line=0.4)
    elif kind == "glow":
        pen.spot(x, y, r * 1.1, r, p.dark)
        pen.spot(x, y, r * 0.7, r * 0.6, p.accent)
        pen.spot(x, y, r * 0.3, r * 0.25, mix(p.accent, (1, 1, 1), 0.7))
    else:
        tall = {"oval": 1.5, "big": 1.25, "anime": 1.6, "angry": 0.9}.get(kind, 1.0)
        size = {"big": 1.4, "stare": 1.3, "anime": 1.05}.get(kind, 1.0) * r
        pen.blob(x, y, size, size * tall, p.light if kind != "slit" else p.accent, line=0.7, shade=kind == "big")
        px, py = x + lx * size * 0.4, y + ly * size * 0.35 * tall
        if kind in ("iris", "anime", "big"):
            pen.spot(px, py, size * 0.68, size * 0.68 * min(tall, 1.3), p.accent)
        wide = {"slit": 0.22, "stare": 0.18}.get(kind, 0.42)
        pen.spot(px, py, size * wide, size * (0.8 if kind == "slit" else max(wide, 0.25)) * min(tall, 1.3), p.dark)
        if kind not in ("slit", "stare"):
            pen.spot(px - size * 0.2, py - size * 0.25, size * 0.17, size * 0.17, p.light)
        if kind == "angry":
            pen.polygon([(x - size * 1.2, y - size * (0.9 - side * 0.5)), (x, y - size * 1.3), (x + size * 1.2, y - size * (0.9 + side * 0.5)),
                         (x, y - size * 0.25)], p.main, line=0, shade=False)
            pen.stroke([(x - size * 1.1, y - size * (0.6 - side * 0.45)), (x + size * 1.1, y - size * (0.6 + side * 0.45))], thin * 1.4, p.dark)
        if kind == "anime":
            pen.stroke([(x - size, y - size * tall * 0.5), (x, y - size * tall), (x + size, y - size * tall * 0.5)], thin * 1.5, p.dark)


def mouth(pen: Pen, kind: str, x: float, y: float, w: float) -> None:
    """A mouth around x, y, 2 w wide."""
    p, thin = pen.palette, max(0.9, w * 0.14)
    if kind in ("smile", "frown", "flat", "wave", "cat", "fang"):
        lines = {"smile": [(-1, -.2), (-.5, .3), (0, .45), (.5, .3), (1, -.2)], "frown": [(-1, .3), (0, -.3), (1, .3)], "flat": [(-.8, 0), (.8, .05)],
                 "wave": [(-1, 0), (-.5, -.3), (0, .1), (.5, .4), (1, 0)], "cat": [(-1, -.1), (-.55, .35), (0, -.15), (.55, .35), (1, -.1)],
                 "fang": [(-1, -.1), (0, .2), (1, -.1)]}[kind]
        pen.stroke([(x + a * w, y + b * w) for a, b in lines], thin, p.dark)
        if kind == "fang":
            for side in (-0.5, 0.5):
                pen.polygon([(x + w * (side - .18), y + w * .05), (x + w * (side + .18), y + w * .05), (x + w * side, y + w * .5)], p.light, line=.4, shade=False)
    elif kind == "o":
        pen.blob(x, y + w * 0.2, w * 0.4, w * 0.5, p.dark, line=0.5, shade=False)
    elif kind == "lips":
        pen.polygon([(x - w * .7, y), (x - w * .3, y - w * .3), (x, y - w * .15), (x + w * .3, y - w * .3), (x + w * .7, y), (x, y + w * .4)], p.warm, True, .6)
        pen.stroke([(x - w * .6, y), (x, y + w * .05), (x + w * .6, y)], thin * 0.7, p.dark)
    elif kind == "beak":
        pen.polygon([(x - w * .6, y - w * .2), (x, y - w * .5), (x + w * .6, y - w * .2), (x, y + w * .7)], p.extra, line=.7)
        pen.stroke([(x - w * .5, y - w * .1), (x, y + w * .1), (x + w * .5, y - w * .1)], thin * .7, p.dark)
    elif kind != "none":
        deep = {"big": 1.2, "grin": 0.6, "teeth": 0.5}.get(kind, 0.8)
        corner = -0.15 if kind != "teeth" else 0.1
        pen.path(f"M{x - w:.1f} {y + corner * w:.1f}Q{x:.1f} {y + .2 * w:.1f} {x + w:.1f} {y + corner * w:.1f}C{x + w * .9:.1f} {y + deep * w:.1f} "
                 f"{x - w * .9:.1f} {y + deep * w:.1f} {x - w:.1f} {y + corner * w:.1f}z", p.light if kind in ("teeth", "grin") else p.dark, False, 0.7)
        if kind in ("teeth", "grin"):
            for i in (-.5, 0, .5):
                pen.stroke([(x + i * w, y), (x + i * w * .9, y + deep * w * .6)], thin * 0.5, p.dark, False)
        else:
            pen.spot(x, y + deep * w * 0.6, w * 0.4, deep * w * 0.2, p.warm)
        if kind == "tongue":
            pen.path(f"M{x - w * .4:.1f} {y + .35 * w:.1f}v{w * .7:.1f}q{w * .4:.1f} {w * .5:.1f} {w * .8:.1f} 0v{-w * .7:.1f}z", p.warm, True, 0.6)


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
        labels["cheeks"] = "yes"
        for side in (-1, 1):
            pen.spot(x + side * apart * 1.5, high + r * 0.38, r * 0.17, r * 0.11, p.warm, random.uniform(0.4, 0.9))
    drop = high + r * random.uniform(0.3, 0.6)
    mouth(pen, lips, x, drop + r * 0.05, r * random.uniform(0.16, 0.42))
    if random.random() < 0.4 and lips != "beak":
        nose = random.choice((p.dark, p.warm, p.second))
        pen.blob(x, (high + drop) / 2, r * random.uniform(0.05, 0.16), r * random.uniform(0.05, 0.12), nose, line=0.5)
    sides = {"one": (0,), "three": (-1, 0, 1)}.get(kind, (-1, 1))
    for side in sides:
        each = {"one": "iris", "three": "white", "glasses": "dot", "wink": "happy" if side < 0 else "iris"}.get(kind, kind)
        wide = size * (1.8 if kind == "one" else 1)
        eye(pen, each, x + side * apart * (1 - 0.3 * turn * side), high - (r * 0.2 if kind == "three" and side == 0 else 0), wide, side, look)
        if kind == "glasses":
            a = x + side * apart
            d = " ".join("%.1f,%.1f" % q for q in pen.oval(a, high, apart * 0.8, apart * 0.75, random.choice((1.0, 0.5))))
            pen.out.append(f'<polygon points="{d}" fill="#ffffff" fill-opacity=".25" stroke="#{random.choice(("111111", "55351b", "cc2233"))}" stroke-width="1.6"/>')
    if random.random() < 0.3:
        slant = random.uniform(-0.5, 0.5)
        for side in (-1, 1):
            a, b = x + side * (apart - size), x + side * (apart + size)
            pen.stroke([(a, high - size * (1.9 - slant)), ((a + b) / 2, high - size * 2.2), (b, high - size * (1.9 + slant))], r * random.uniform(0.04, 0.1), p.dark)
    if random.random() < 0.15:
        for side in (-1, 1):
            for k in (-1, 0, 1):
                a = pi * k / 9
                pen.stroke([(x + side * r * 0.35, drop + k * r * .07), (x + side * r * (0.4 + 0.6 * cos(a)), drop + r * (.07 * k + 0.6 * sin(a)))], 0.9, p.dark)

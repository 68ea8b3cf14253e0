"""One eye, in many kinds."""

from __future__ import annotations

from math import cos, sin

from chonk.synthetic.world.geometry import heart, star
from chonk.synthetic.world.palette import hsl, mix, shift
from chonk.synthetic.world.pen import Pen

EYES = (
    "dot",
    "dot",
    "white",
    "iris",
    "big",
    "closed",
    "happy",
    "cross",
    "oval",
    "slit",
    "sleepy",
    "anime",
    "angry",
    "button",
    "one",
    "three",
    "heart",
    "glasses",
    "shades",
    "wink",
    "glow",
    "stare",
    "star",
    "spiral",
    "plus",
    "lashes",
    "shaded",
    "patch",
    "visor",
)


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
            pen.polygon(
                [
                    (x - r * 1.1, y + r * 0.05),
                    (x - r * 0.7, y - r * 0.85),
                    (x + r * 0.7, y - r * 0.85),
                    (x + r * 1.1, y + r * 0.05),
                ],
                shift(p.main, -0.12),
                line=0.5,
                shade=False,
            )
        else:
            pen.stroke([(x - r, y), (x, y + r * bend), (x + r, y)], thin * 1.2, p.dark)
    elif kind == "cross":
        pen.stroke(
            [(x - r * 0.8, y - r * 0.7), (x + r * 0.7 * -side if side else x, y), (x - r * 0.8, y + r * 0.7)],
            thin * 1.3,
            p.dark,
            False,
        )
    elif kind == "heart":
        pen.path(heart(x, y, r * 0.9), hsl(0.97, 0.85, 0.55), line=0.4)
    elif kind in ("star", "spiral", "plus"):
        if kind == "star":
            pen.polygon(star(x, y, r * 1.1), p.accent, line=0.4, shade=False)
        elif kind == "plus":
            pen.stroke([(x - r * 0.8, y), (x + r * 0.8, y)], thin * 1.3, p.dark)
            pen.stroke([(x, y - r * 0.8), (x, y + r * 0.8)], thin * 1.3, p.dark)
        else:
            pen.stroke(
                [(x + r * (1 - i / 11) * cos(i * 0.95), y + r * (1 - i / 11) * sin(i * 0.95)) for i in range(11)],
                thin,
                p.dark,
            )
    elif kind == "glow":
        pen.spot(x, y, r * 1.1, r, p.dark)
        pen.spot(x, y, r * 0.7, r * 0.6, p.accent)
        pen.spot(x, y, r * 0.3, r * 0.25, mix(p.accent, (1, 1, 1), 0.7))
    else:
        tall = {"oval": 1.5, "big": 1.25, "anime": 1.6, "angry": 0.9}.get(kind, 1.0)
        size = {"big": 1.4, "stare": 1.3, "anime": 1.05}.get(kind, 1.0) * r
        pen.blob(x, y, size, size * tall, p.light if kind != "slit" else p.accent, line=0.7, shade=kind == "big")
        px, py = x + lx * size * 0.4, y + ly * size * 0.35 * tall
        if kind in ("iris", "anime", "big", "lashes", "shaded"):
            pen.spot(px, py, size * 0.68, size * 0.68 * min(tall, 1.3), p.accent)
        wide = {"slit": 0.22, "stare": 0.18}.get(kind, 0.42)
        pen.spot(px, py, size * wide, size * (0.8 if kind == "slit" else max(wide, 0.25)) * min(tall, 1.3), p.dark)
        if kind not in ("slit", "stare"):
            pen.spot(px - size * 0.2, py - size * 0.25, size * 0.17, size * 0.17, p.light)
        if kind == "angry":
            pen.polygon(
                [
                    (x - size * 1.2, y - size * (0.9 - side * 0.5)),
                    (x, y - size * 1.3),
                    (x + size * 1.2, y - size * (0.9 + side * 0.5)),
                    (x, y - size * 0.25),
                ],
                p.main,
                line=0,
                shade=False,
            )
            pen.stroke(
                [(x - size * 1.1, y - size * (0.6 - side * 0.45)), (x + size * 1.1, y - size * (0.6 + side * 0.45))],
                thin * 1.4,
                p.dark,
            )
        if kind == "lashes":
            for k in (-0.6, 0, 0.6):
                pen.stroke(
                    [(x + k * size, y - size * 0.9), (x + (k + side * 0.25) * size * 1.4, y - size * 1.45)],
                    thin * 0.7,
                    p.dark,
                )
        if kind == "shaded":
            pen.haze(x, y - size, size * 1.5, size * 1.1, shift(p.main, -0.4, p.shadow_hue))
        if kind == "anime":
            pen.stroke(
                [(x - size, y - size * tall * 0.5), (x, y - size * tall), (x + size, y - size * tall * 0.5)],
                thin * 1.5,
                p.dark,
            )

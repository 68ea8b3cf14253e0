"""What most bodies share: a head with its ears and face, something worn or held."""

from __future__ import annotations

from typing import Any

from chonk.synthetic.world.face import face
from chonk.synthetic.world.parts import EARS, MARKINGS, ears, markings
from chonk.synthetic.world.pen import Pen
from chonk.synthetic.world.props import PROPS, prop

Labels = dict[str, Any]
"""Factors by name: words, and numbers for zoom, turn, hue and lightness."""


def choose(pen: Pen, labels: Labels, name: str, kinds: tuple[str, ...]) -> str:
    labels[name] = pen.random.choice(kinds)
    return labels[name]


def head(pen: Pen, labels: Labels, x: float, y: float, r: float, turn: float = 0.0) -> None:
    """Ears, skull, markings and face."""
    random, p = pen.random, pen.palette
    rx, ry = r * random.uniform(0.85, 1.2), r * random.uniform(0.8, 1.1)
    kind = choose(pen, labels, "ears", EARS)
    if kind != "hair":
        ears(pen, kind, x, y, rx, ry, p.main)
    pen.body(x, y, rx, ry, p.main, square=random.choice((1, 1, 1, 0.7, 0.5, 1.15)))
    mark = labels["marking"] if "marking" in labels and random.random() < 0.6 else random.choice(MARKINGS)
    if mark != "belly":
        markings(pen, mark, x, y, rx, ry)
    elif random.random() < 0.6:
        pen.blob(
            x + turn * rx * 0.3,
            y + ry * 0.4,
            rx * random.uniform(0.35, 0.6),
            ry * random.uniform(0.3, 0.45),
            pen.muzzle(),
            line=random.choice((0, 0.5)),
        )
    if kind == "hair":
        ears(pen, kind, x, y, rx, ry, p.main)
    face(pen, x, y, min(rx, ry), labels, turn)


def dressed(pen: Pen, labels: Labels, at: tuple[float, float, float], hand: tuple[float, float]) -> None:
    prop(pen, choose(pen, labels, "prop", PROPS), at, hand)

"""What is worn on a head."""

from __future__ import annotations

from chonk.synthetic.world.geometry import element
from chonk.synthetic.world.palette import COAL, GOLD, RGB, hsl
from chonk.synthetic.world.pen import Pen

WORN = (
    "hat",
    "crown",
    "cap",
    "bow",
    "scarf",
    "headphones",
    "drop",
    "helmet",
    "headband",
    "halo",
    "collar",
    "tie",
    "beanie",
)


def worn(pen: Pen, kind: str, x: float, y: float, r: float, colour: RGB, other: RGB) -> None:
    random, p, top, s = pen.random, pen.palette, y - r * 0.85, r * pen.random.uniform(0.35, 0.6)
    if kind == "hat":
        tall, wide = random.uniform(0.4, 1.2), random.uniform(0.35, 0.6)
        pen.blob(x, top, r * random.uniform(0.8, 1.3), r * random.uniform(0.12, 0.25), colour)
        pen.polygon(
            [(x - r * 0.55, top), (x - r * wide, top - r * tall), (x + r * wide, top - r * tall), (x + r * 0.55, top)],
            colour,
            random.random() < 0.3,
        )
        pen.polygon(
            [(x - r * 0.55, top), (x - r * 0.54, top - r * 0.2), (x + r * 0.54, top - r * 0.2), (x + r * 0.55, top)],
            other,
            line=0,
        )
    elif kind == "crown":
        pen.polygon(
            [
                (x - r * 0.6, top + r * 0.1),
                (x - r * 0.7, top - r * 0.6),
                (x - r * 0.3, top - r * 0.25),
                (x, top - r * 0.7),
                (x + r * 0.3, top - r * 0.25),
                (x + r * 0.7, top - r * 0.6),
                (x + r * 0.6, top + r * 0.1),
            ],
            GOLD,
        )
        pen.blob(x, top - r * 0.15, r * 0.1, r * 0.1, p.accent, line=0.5)
    elif kind in ("cap", "beanie", "helmet"):
        deep = {"cap": 0.25, "beanie": 0.35, "helmet": 0.5}[kind]
        pen.path(
            f"M{x - r * 0.95:.1f} {top + r * deep:.1f}a{r * 0.95:.1f} {r * (0.65 + deep):.1f} 0 0 1 {r * 1.9:.1f} 0z",
            colour,
        )
        if kind == "cap":
            pen.blob(x + r * 0.75, top + r * 0.25, r * 0.6, r * 0.12, other)
        elif kind == "beanie":
            pen.blob(x, top + r * 0.3, r, r * 0.16, other, square=0.4)
            pen.blob(x, top - r * 0.7, r * 0.22, r * 0.22, other)
        else:
            pen.stroke(
                [(x - r * 0.8, top + r * 0.4), (x, top + r * 0.3), (x + r * 0.8, top + r * 0.4)], r * 0.08, other
            )
    elif kind == "headband":
        pen.polygon(
            [
                (x - r, y - r * 0.55),
                (x, y - r * 0.65),
                (x + r, y - r * 0.55),
                (x + r, y - r * 0.3),
                (x, y - r * 0.4),
                (x - r, y - r * 0.3),
            ],
            colour,
            line=0.7,
        )
        for k in (0.4, 0.9):
            pen.polygon(
                [
                    (x + r * 0.9, y - r * 0.4),
                    (x + r * (1.1 + k * 0.3), y + r * k),
                    (x + r * (1.3 + k * 0.2), y + r * k * 0.9),
                ],
                colour,
                line=0.7,
            )
    elif kind == "halo":
        pen.out.append(
            element(
                "ellipse",
                cx=x,
                cy=top - r * 0.45,
                rx=r * 0.6,
                ry=r * 0.18,
                fill="none",
                stroke="#ffdd44",
                stroke_width=r * 0.1,
            )
        )
    elif kind == "collar":
        pen.stroke([(x - r * 0.65, y + r * 0.8), (x, y + r * 1.05), (x + r * 0.65, y + r * 0.8)], r * 0.16, colour)
        pen.blob(x, y + r * 1.15, r * 0.14, r * 0.14, GOLD, line=0.6)
    elif kind == "tie":
        pen.polygon(
            [
                (x - r * 0.12, y + r),
                (x + r * 0.12, y + r),
                (x + r * 0.25, y + r * 1.7),
                (x, y + r * 1.95),
                (x - r * 0.25, y + r * 1.7),
            ],
            colour,
            line=0.7,
        )
    elif kind == "bow":
        bx, by = random.choice(((x, y + r), (x + r * 0.6, top), (x - r * 0.6, top)))
        for side in (-1, 1):
            pen.polygon([(bx, by), (bx + side * s, by - s * 0.6), (bx + side * s, by + s * 0.6)], colour, True)
        pen.blob(bx, by, s * 0.25, s * 0.25, other)
    elif kind == "scarf":
        pen.polygon(
            [
                (x + r * 0.3, y + r * 0.9),
                (x + r * 0.7, y + r * 0.9),
                (x + r * 0.8, y + r * 1.9),
                (x + r * 0.4, y + r * 1.9),
            ],
            colour,
        )
        for k in range(3):
            pen.stroke([(x + r * (0.4 + k * 0.15), y + r * 1.85), (x + r * (0.42 + k * 0.16), y + r * 2.05)], 1, colour)
        pen.blob(x, y + r * 0.95, r * 0.85, r * 0.25, colour)
    elif kind == "headphones":
        pen.stroke(
            [(x - r, y), (x - r * 0.8, y - r * 0.8), (x, y - r * 1.12), (x + r * 0.8, y - r * 0.8), (x + r, y)],
            r * 0.14,
            COAL,
        )
        for side in (-1, 1):
            pen.blob(x + side * r, y, r * 0.2, r * 0.32, colour)
    elif kind == "drop":
        back = f"{-r * 0.4:.1f} {-r * 0.1:.1f} 0 {-r * 0.7:.1f}"
        pen.path(
            f"M{x + r:.1f} {y - r * 0.7:.1f}q{r * 0.4:.1f} {r * 0.6:.1f} 0 {r * 0.7:.1f}q{back}z",
            hsl(0.56, 0.8, 0.65),
            line=0.5,
        )

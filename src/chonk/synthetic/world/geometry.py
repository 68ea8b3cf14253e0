"""Outlines as points, points as SVG paths, paths as SVG elements.  The space is 100 x 100, y downwards."""

from __future__ import annotations

from math import atan2, cos, hypot, pi, sin
from random import Random

Point = tuple[float, float]


def element(tag: str, **attributes: str | float | None) -> str:
    """An SVG element.  Names are written with - for _, numbers rounded to 1/100, None left out."""
    parts = [
        f' {name.replace("_", "-")}="{value if isinstance(value, str) else round(value, 2)}"'
        for name, value in attributes.items()
        if value is not None
    ]
    return f"<{tag}{''.join(parts)}/>"


def smooth(points: list[Point], closed: bool = True, tension: float = 1 / 6) -> str:
    """An SVG path through the points: Catmull-Rom as cubic Beziers, coordinates rounded to 1/10 of a unit."""
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[min(max(i, 0), n - 1)])
    parts = ["M{:.1f} {:.1f}".format(*points[0])]
    for i in range(n if closed else n - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = at(i - 1), at(i), at(i + 1), at(i + 2)
        parts.append(
            f"C{bx + (cx - ax) * tension:.1f} {by + (cy - ay) * tension:.1f} "
            f"{cx - (dx - bx) * tension:.1f} {cy - (dy - by) * tension:.1f} {cx:.1f} {cy:.1f}"
        )
    return "".join(parts) + ("z" if closed else "")


def straight(points: list[Point], closed: bool = True) -> str:
    return "M" + "L".join("{:.1f} {:.1f}".format(*p) for p in points) + ("z" if closed else "")


def oval(
    random: Random,
    x: float,
    y: float,
    rx: float,
    ry: float,
    square: float = 1.0,
    turn: float = 0.0,
    wobble: float = 0.0,
) -> list[Point]:
    """Points round an ellipse; `square` below 1 makes it boxy, above 1 pinched; `wobble` is the
    deviation of each radius (share)."""
    n = 12 if max(rx, ry) > 8 else 8
    c, s, points = cos(turn), sin(turn), []
    for i in range(n):
        a = 2 * pi * i / n
        u, v = cos(a), sin(a)
        if square != 1:
            u, v = abs(u) ** square * (1 if u > 0 else -1), abs(v) ** square * (1 if v > 0 else -1)
        far = 1 + random.gauss(0, wobble) if wobble and n == 12 else 1.0
        u, v = u * rx * far, v * ry * far
        points.append((x + u * c - v * s, y + u * s + v * c))
    return points


def tufts(random: Random, x: float, y: float, rx: float, ry: float, depth: float, share: float) -> list[Point]:
    """A furry ellipse: teeth of about `depth` (share of the radius) on `share` of its way round, leaning as fur
    does."""
    n, points = 22, []
    lean = random.choice((-0.1, 0.0, 0.1))
    for i in range(n):
        a = 2 * pi * i / n
        tooth = depth * random.uniform(0.5, 1.3) if i % 2 and random.random() < share else 0.0
        b = a + (lean if tooth else 0)
        points.append((x + rx * (1 + tooth) * cos(b), y + ry * (1 + tooth) * sin(b)))
    return points


def taper(points: list[Point], start: float, end: float) -> list[Point]:
    """The outline of a limb along `points` that is `start` wide where it begins and `end` wide at its tip."""
    left, right, n = [], [], len(points)
    for i, (x, y) in enumerate(points):
        (ax, ay), (bx, by) = points[max(i - 1, 0)], points[min(i + 1, n - 1)]
        length, wide = hypot(bx - ax, by - ay) or 1.0, (start + (end - start) * i / (n - 1)) / 2
        nx, ny = -(by - ay) / length * wide, (bx - ax) / length * wide
        left.append((x + nx, y + ny))
        right.append((x - nx, y - ny))
    (ax, ay), (bx, by) = points[-2:]
    turn = atan2(by - ay, bx - ax)
    return [*left, (bx + cos(turn) * end * 0.5, by + sin(turn) * end * 0.5), *right[::-1]]


def star(x: float, y: float, r: float, n: int = 5, inner: float = 0.45) -> list[Point]:
    return [
        (x + r * (1 if i % 2 == 0 else inner) * sin(pi * i / n), y - r * (1 if i % 2 == 0 else inner) * cos(pi * i / n))
        for i in range(2 * n)
    ]


def heart(x: float, y: float, s: float) -> str:
    """A heart about 2 s wide with its middle at x, y, as a path."""
    return (
        f"M{x:.1f} {y + s:.1f}c{-2 * s:.1f} {-s:.1f} {-0.9 * s:.1f} {-2.2 * s:.1f} 0 {-1.3 * s:.1f}"
        f"c{0.9 * s:.1f} {-0.9 * s:.1f} {2 * s:.1f} {0.3 * s:.1f} 0 {1.3 * s:.1f}z"
    )

"""The hand that draws: every shape passes through a Pen, which has one way of lining and shading for the whole picture."""
from __future__ import annotations

from math import cos, pi, sin
from random import Random

from chonk.pictures.world.palette import RGB, Palette, code, mix, shift

LINES = ("none", "thin", "thick", "coloured", "sketchy", "wobbly", "brush", "faint")
SHADES = ("flat", "cel", "three-tone", "gradient", "round", "glossy", "rim", "dark-edge")
Point = tuple[float, float]


def smooth(points: list[Point], closed: bool = True, tension: float = 1 / 6) -> str:
    """An SVG path through the points: Catmull-Rom as cubic Beziers, coordinates rounded to 1/10 of a unit."""
    n = len(points)
    at = (lambda i: points[i % n]) if closed else (lambda i: points[min(max(i, 0), n - 1)])
    parts = ["M%.1f %.1f" % points[0]]
    for i in range(n if closed else n - 1):
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = at(i - 1), at(i), at(i + 1), at(i + 2)
        parts.append("C%.1f %.1f %.1f %.1f %.1f %.1f" % (
            bx + (cx - ax) * tension, by + (cy - ay) * tension, cx - (dx - bx) * tension, cy - (dy - by) * tension, cx, cy))
    return "".join(parts) + ("z" if closed else "")


def straight(points: list[Point], closed: bool = True) -> str:
    return "M" + "L".join("%.1f %.1f" % p for p in points) + ("z" if closed else "")


class Pen:
    """Collects SVG elements in a 100 x 100 space; draws its own habits (line, shading, light) from the randomness it is given."""

    def __init__(self, random: Random, palette: Palette):
        self.random, self.palette = random, palette
        self.out: list[str] = []
        self.gradients: dict[tuple, str] = {}
        self.line = random.choice(LINES)
        self.shade = random.choice(SHADES)
        self.width = {"none": 0.0, "thin": random.uniform(0.7, 1.6), "thick": random.uniform(2.2, 4.5), "coloured": random.uniform(1, 3),
                      "sketchy": random.uniform(0.6, 1.2), "wobbly": random.uniform(1, 2.5), "brush": random.uniform(1, 2.2),
                      "faint": random.uniform(0.4, 0.9)}[self.line]
        self.wobble = random.uniform(0.02, 0.06) if self.line in ("wobbly", "sketchy") else random.choice((0.0, 0.0, 0.01, 0.03))
        self.angle = random.choice((-0.75, -0.75, -0.5, -0.25, -1.0, 0.25)) * pi + random.gauss(0, 0.15)
        """Where the light comes from."""
        self.depth = random.uniform(0.12, 0.5)
        """How much darker shadows are."""

    def ink(self, colour: RGB) -> RGB:
        """The outline's colour around a shape of this colour."""
        if self.line in ("coloured", "faint"):
            return shift(colour, -0.35 - self.depth * 0.6, self.palette.shadow_hue)
        return self.palette.ink

    def fill(self, colour: RGB, shade: bool = True) -> str:
        """The SVG paint for a shape of this colour: plain, or a gradient that makes the picture's kind of shading."""
        if not shade or self.shade == "flat":
            return code(colour)
        key = tuple(round(c, 2) for c in colour)
        if key in self.gradients:
            return f"url(#g{list(self.gradients).index(key)})"
        hue, depth, lx, ly = self.palette.shadow_hue, self.depth, cos(self.angle), sin(self.angle)
        base, dark, light = code(colour), code(shift(colour, -depth, hue)), code(shift(colour, depth * 0.9, hue))
        deep = code(shift(colour, -min(0.9, depth * 1.7), hue))
        stops = {"cel": ((0, base), (0.72, base), (0.74, dark), (1, dark)),
                 "three-tone": ((0, light), (0.3, light), (0.32, base), (0.7, base), (0.72, dark), (1, dark)),
                 "gradient": ((0, light), (0.45, base), (1, dark)),
                 "round": ((0, light), (0.5, base), (1, dark)),
                 "glossy": ((0, light), (0.6, base), (1, dark)),
                 "rim": ((0, base), (0.8, dark), (0.86, light), (1, light)),
                 "dark-edge": ((0, base), (0.62, base), (0.85, dark), (1, deep))}[self.shade]
        name = f"g{len(self.gradients)}"
        inner = "".join(f'<stop offset="{o}" stop-color="{c}"/>' for o, c in stops)
        if self.shade == "gradient":
            self.gradients[key] = (f'<linearGradient id="{name}" x1="{.5 + lx / 2:.2f}" y1="{.5 + ly / 2:.2f}" x2="{.5 - lx / 2:.2f}" '
                                   f'y2="{.5 - ly / 2:.2f}">{inner}</linearGradient>')
        else:
            far = 0.05 if self.shade == "dark-edge" else 0.22
            self.gradients[key] = (f'<radialGradient id="{name}" cx="{.5 + far * lx:.2f}" cy="{.5 + far * ly:.2f}" '
                                   f'r="{0.58 if far < 0.1 else 0.72}">{inner}</radialGradient>')
        return f"url(#{name})"

    def path(self, d: str, colour: RGB, shade: bool = True, line: float = 1.0, opacity: float = 1.0) -> None:
        """A closed shape.  `line` scales the outline's width, 0 leaves it out."""
        width, fade = self.width * line, f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        ink = code(self.ink(colour))
        if self.line == "brush" and width:
            dx, dy = -cos(self.angle) * width * 0.5, -sin(self.angle) * width * 0.5
            self.out.append(f'<path d="{d}" fill="{ink}" stroke="{ink}" stroke-width="{width:.2f}" transform="translate({dx:.1f} {dy:.1f})"{fade}/>')
            width = 0
        stroke = f' stroke="{ink}" stroke-width="{width:.2f}"' if width else ""
        self.out.append(f'<path d="{d}" fill="{self.fill(colour, shade)}"{stroke}{fade}/>')
        if self.line == "sketchy" and width:
            r = self.random
            self.out.append(f'<path d="{d}" fill="none" stroke="{ink}" stroke-width="{width * 0.7:.2f}" opacity=".7" transform="translate('
                            f'{r.gauss(0, 0.6):.1f} {r.gauss(0, 0.6):.1f}) rotate({r.gauss(0, 1.5):.1f})"/>')

    def oval(self, x: float, y: float, rx: float, ry: float, square: float = 1.0, turn: float = 0.0) -> list[Point]:
        """Points round an ellipse; `square` below 1 makes it boxy, above 1 pinched; the pen's wobble moves each radius."""
        n = 12 if max(rx, ry) > 8 else 8
        wobble = [1 + self.random.gauss(0, self.wobble) for _ in range(n)] if self.wobble and n == 12 else [1.0] * n
        c, s, points = cos(turn), sin(turn), []
        for i in range(n):
            a = 2 * pi * i / n
            u, v = cos(a), sin(a)
            if square != 1:
                u, v = abs(u) ** square * (1 if u > 0 else -1), abs(v) ** square * (1 if v > 0 else -1)
            u, v = u * rx * wobble[i], v * ry * wobble[i]
            points.append((x + u * c - v * s, y + u * s + v * c))
        return points

    def blob(self, x: float, y: float, rx: float, ry: float, colour: RGB, square: float = 1.0, turn: float = 0.0, line: float = 1.0,
             shade: bool = True) -> None:
        self.path(smooth(self.oval(x, y, rx, ry, square, turn)), colour, shade, line)
        if self.shade == "glossy" and shade and min(rx, ry) > 5:
            lx, ly = cos(self.angle), sin(self.angle)
            self.spot(x + lx * rx * 0.5, y + ly * ry * 0.55, rx * 0.26, ry * 0.16, self.palette.light, 0.75, self.angle + pi / 2)

    def spot(self, x: float, y: float, rx: float, ry: float, colour: RGB, opacity: float = 1.0, turn: float = 0.0) -> None:
        """A plain ellipse, neither lined nor shaded."""
        rotate = f' transform="rotate({turn * 180 / pi:.0f} {x:.1f} {y:.1f})"' if turn else ""
        fade = f' opacity="{opacity:.2f}"' if opacity < 1 else ""
        self.out.append(f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{abs(rx):.1f}" ry="{abs(ry):.1f}" fill="{code(colour)}"{rotate}{fade}/>')

    def polygon(self, points: list[Point], colour: RGB, round: bool = False, line: float = 1.0, shade: bool = True) -> None:
        self.path(smooth(points) if round else straight(points), colour, shade, line)

    def limb(self, points: list[Point], width: float, colour: RGB) -> None:
        """A thick line with round ends, outlined like everything else: arms, tails, stems."""
        d = smooth(points, closed=False)
        if self.width:
            self.out.append(f'<path d="{d}" fill="none" stroke="{code(self.ink(colour))}" stroke-width="{width + 2 * self.width * 0.6:.1f}"/>')
        self.out.append(f'<path d="{d}" fill="none" stroke="{code(colour)}" stroke-width="{width:.1f}"/>')
        if self.shade in ("cel", "round", "glossy", "gradient", "dark-edge") and width > 3:
            dx, dy = -cos(self.angle) * width * 0.22, -sin(self.angle) * width * 0.22
            self.out.append(f'<path d="{d}" fill="none" stroke="{code(shift(colour, -self.depth, self.palette.shadow_hue))}" '
                            f'stroke-width="{width * 0.45:.1f}" opacity=".6" transform="translate({dx:.1f} {dy:.1f})"/>')

    def stroke(self, points: list[Point], width: float, colour: RGB, round: bool = True) -> None:
        """An open line: mouths, whiskers, brows, stripes."""
        d = smooth(points, closed=False) if round else straight(points, closed=False)
        self.out.append(f'<path d="{d}" fill="none" stroke="{code(colour)}" stroke-width="{width:.2f}"/>')

    def muzzle(self) -> RGB:
        return mix(self.palette.main, self.palette.belly, 0.7)

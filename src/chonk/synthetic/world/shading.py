"""How a surface takes light: the gradient that fills a shape, and what is laid over it."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

from chonk.synthetic.world.geometry import element, smooth
from chonk.synthetic.world.palette import RGB, Palette, code, mix, shift

SHADES = (
    "flat",
    "flat",
    "cel",
    "cel",
    "three-tone",
    "gradient",
    "vertical",
    "round",
    "glossy",
    "rim",
    "dark-edge",
    "airbrush",
    "shine",
    "hatched",
    "streaks",
)


class Light:
    """One light for a whole picture, and the way its surfaces answer to it."""

    def __init__(self, random: Random, palette: Palette):
        self.random, self.palette = random, palette
        self.kind = random.choice(SHADES)
        self.angle = random.choice((-0.75, -0.75, -0.5, -0.25, -1.0, 0.25)) * pi + random.gauss(0, 0.15)
        """Where the light comes from, radians, 0 is the right, -pi/2 is above."""
        self.x, self.y = cos(self.angle), sin(self.angle)
        self.depth = random.uniform(0.1, 0.5)
        """How much darker shadows are, 0..1."""
        self.edge = random.uniform(0.55, 0.85)
        """Where shadows begin, share of a shape's radius."""
        self.tints = random.choice(
            (None, None, None, (palette.accent, palette.extra), (palette.second, palette.second))
        )
        """Colours that shadows and lights lean to; None: darker and lighter shades of the same colour."""
        self.definitions: dict[tuple, str] = {}

    def dark(self, colour: RGB, much: float = 1.0) -> RGB:
        """The colour in shadow."""
        shaded = shift(colour, -min(0.9, self.depth * much), self.palette.shadow_hue)
        return mix(shaded, self.tints[0], self.depth) if self.tints else shaded

    def bright(self, colour: RGB) -> RGB:
        """The colour in full light."""
        lit = shift(colour, self.depth * 0.9)
        return mix(lit, self.tints[1], self.depth * 0.6) if self.tints else lit

    def fill(self, colour: RGB) -> str:
        """The SVG paint for a shape of this colour; gradients are kept in `definitions`."""
        if self.kind in ("flat", "hatched", "streaks", "shine"):
            return code(colour)
        key = tuple(round(c, 2) for c in colour)
        if key in self.definitions:
            return f"url(#g{list(self.definitions).index(key)})"
        e, base, dark, light = self.edge, code(colour), code(self.dark(colour)), code(self.bright(colour))
        stops = {
            "cel": ((e, base), (e + 0.02, dark)),
            "three-tone": ((0.3, light), (0.32, base), (e, base), (e + 0.02, dark)),
            "rim": ((0, base), (0.8, dark), (0.86, light)),
            "dark-edge": ((0, base), (e * 0.8, base), (0.88, dark), (1, code(self.dark(colour, 1.7)))),
            "airbrush": ((0, base), (1, code(self.dark(colour, 0.6)))),
        }.get(self.kind, ((0, light), (0.5, base), (1, dark)))
        inner, name = (
            "".join(f'<stop offset="{o:.2f}" stop-color="{c}"/>' for o, c in stops),
            f"g{len(self.definitions)}",
        )
        if self.kind in ("gradient", "vertical"):
            x, y = (self.x / 2, self.y / 2) if self.kind == "gradient" else (0.0, -0.5)
            tag, way = "linearGradient", {"x1": 0.5 + x, "y1": 0.5 + y, "x2": 0.5 - x, "y2": 0.5 - y}
        else:
            far, r = (0.05, 0.58) if self.kind == "dark-edge" else (0.22, 0.72)
            tag, way = "radialGradient", {"cx": 0.5 + far * self.x, "cy": 0.5 + far * self.y, "r": r}
        self.definitions[key] = f"{element(tag, id=name, **way)[:-2]}>{inner}</{tag}>"
        return f"url(#{name})"

    def haze(self, colour: RGB) -> str:
        """A paint of this colour that fades to nothing outwards."""
        key = ("haze", *(round(c, 2) for c in colour))
        if key not in self.definitions:
            c = code(colour)
            self.definitions[key] = (
                f'<radialGradient id="g{len(self.definitions)}"><stop stop-color="{c}" stop-opacity=".75"/>'
                f'<stop offset="1" stop-color="{c}" stop-opacity="0"/></radialGradient>'
            )
        return f"url(#g{list(self.definitions).index(key)})"

    def over(self, x: float, y: float, rx: float, ry: float, turn: float, colour: RGB) -> list[str]:
        """What lies over an oval of this colour: highlights, airbrushed hazes, hatching, hairs.  SVG elements."""
        random, lx, ly = self.random, self.x, self.y
        if min(rx, ry) < 5:
            return []
        dark, light = self.dark(colour), self.bright(colour)
        if self.kind == "glossy":
            px, py = x + lx * rx * 0.5, y + ly * ry * 0.55
            return [
                element(
                    "ellipse",
                    cx=px,
                    cy=py,
                    rx=rx * 0.26,
                    ry=ry * 0.15,
                    fill="#fff",
                    opacity=0.4 + self.depth,
                    transform=f"rotate({(self.angle + pi / 2) * 57.3:.0f} {px:.1f} {py:.1f})",
                )
            ]
        if self.kind == "airbrush":
            spots = (
                (-lx * 0.45, -ly * 0.5, 0.5, dark),
                (lx * 0.4, ly * 0.45, 0.45, light),
                (random.uniform(-0.4, 0.4), random.uniform(-0.4, 0.4), 0.4, random.choice((dark, light))),
            )
            return [
                element("ellipse", cx=x + u * rx, cy=y + v * ry, rx=rx * s, ry=ry * s, fill=self.haze(c))
                for u, v, s, c in spots
            ]
        if self.kind == "shine":
            arcs = ((0.8, self.angle, 0.6, light, 0.1), (0.87, self.angle + pi, 1.1, dark, 0.17))
            return [
                element(
                    "path",
                    d=smooth(
                        [
                            (x + rx * far * cos(middle + half * k), y + ry * far * sin(middle + half * k))
                            for k in (-1, -0.33, 0.33, 1)
                        ],
                        closed=False,
                    ),
                    fill="none",
                    stroke=code(c),
                    stroke_width=min(rx, ry) * wide,
                )
                for far, middle, half, c, wide in arcs
            ]
        if self.kind in ("hatched", "streaks"):
            return self.marks(x, y, rx, ry, dark, light)
        return []

    def marks(self, x: float, y: float, rx: float, ry: float, dark: RGB, light: RGB) -> list[str]:
        """Short strokes: parallel in the shadow (hatched), or all over like hair and brushwork (streaks)."""
        random, lines = self.random, []
        for _ in range(random.randint(5, 10)):
            if self.kind == "hatched":
                a, far = self.angle + pi + random.uniform(-0.9, 0.9), random.uniform(0.55, 0.8)
                dx, dy = -self.y * rx * 0.16, self.x * ry * 0.16
            else:
                a, far = random.uniform(0, 2 * pi), random.random() ** 0.5 * 0.78
                dx, dy = cos(a) * rx * 0.1, (0.1 + abs(sin(a)) * 0.1) * ry
            px, py = x + rx * far * cos(a), y + ry * far * sin(a)
            lines.append(f"M{px - dx:.1f} {py - dy:.1f}l{dx * 2:.1f} {dy * 2:.1f}")
        half, width = len(lines) // 2, min(rx, ry) * random.uniform(0.04, 0.1)
        ink = code(self.palette.ink) if self.kind == "hatched" and random.random() < 0.5 else code(dark)
        first, rest = ([], lines) if self.kind == "hatched" else (lines[:half], lines[half:])
        return [
            element("path", d="".join(part), stroke=tone, stroke_width=width)
            for part, tone in ((rest, ink), (first, code(light)))
            if part
        ]

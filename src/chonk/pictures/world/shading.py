"""How a surface takes light: the gradient that fills a shape, and what is laid over it."""
from __future__ import annotations

from math import cos, pi, sin
from random import Random

from chonk.pictures.world.geometry import smooth
from chonk.pictures.world.palette import RGB, Palette, code, shift

SHADES = ("flat", "flat", "cel", "cel", "three-tone", "gradient", "vertical", "round", "glossy", "rim", "dark-edge", "airbrush",
          "shine", "hatched", "streaks")


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
        self.definitions: dict[tuple, str] = {}

    def fill(self, colour: RGB) -> str:
        """The SVG paint for a shape of this colour; gradients are kept in `definitions`."""
        if self.kind in ("flat", "hatched", "streaks", "shine"):
            return code(colour)
        key = tuple(round(c, 2) for c in colour)
        if key in self.definitions:
            return f"url(#g{list(self.definitions).index(key)})"
        hue, depth, e = self.palette.shadow_hue, self.depth, self.edge
        base, dark, light = code(colour), code(shift(colour, -depth, hue)), code(shift(colour, depth * 0.9, hue))
        deep = code(shift(colour, -min(0.9, depth * 1.7), hue))
        stops = {"cel": ((e, base), (e + .02, dark)), "three-tone": ((.3, light), (.32, base), (e, base), (e + .02, dark)),
                 "rim": ((0, base), (.8, dark), (.86, light)), "dark-edge": ((0, base), (e * .8, base), (.88, dark), (1, deep)),
                 "airbrush": ((0, base), (1, code(shift(colour, -depth * .6, hue))))}.get(self.kind,
                                                                                          ((0, light), (.5, base), (1, dark)))
        inner, name = "".join(f'<stop offset="{o:.2f}" stop-color="{c}"/>' for o, c in stops), f"g{len(self.definitions)}"
        if self.kind in ("gradient", "vertical"):
            x, y = (self.x, self.y) if self.kind == "gradient" else (0.0, -1.0)
            self.definitions[key] = (f'<linearGradient id="{name}" x1="{.5 + x / 2:.2f}" y1="{.5 + y / 2:.2f}" x2="{.5 - x / 2:.2f}" '
                                     f'y2="{.5 - y / 2:.2f}">{inner}</linearGradient>')
        else:
            far, r = (0.05, 0.58) if self.kind == "dark-edge" else (0.22, 0.72)
            self.definitions[key] = f'<radialGradient id="{name}" cx="{.5 + far * self.x:.2f}" cy="{.5 + far * self.y:.2f}" r="{r}">{inner}</radialGradient>'
        return f"url(#{name})"

    def haze(self, colour: RGB) -> str:
        """A paint of this colour that fades to nothing outwards."""
        key = ("haze", *(round(c, 2) for c in colour))
        if key not in self.definitions:
            c = code(colour)
            self.definitions[key] = (f'<radialGradient id="g{len(self.definitions)}"><stop stop-color="{c}" stop-opacity=".75"/>'
                                     f'<stop offset="1" stop-color="{c}" stop-opacity="0"/></radialGradient>')
        return f"url(#g{list(self.definitions).index(key)})"

    def over(self, x: float, y: float, rx: float, ry: float, turn: float, colour: RGB) -> list[str]:
        """What lies over an oval of this colour: highlights, airbrushed hazes, hatching, hairs.  SVG elements."""
        random, lx, ly, hue = self.random, self.x, self.y, self.palette.shadow_hue
        if min(rx, ry) < 5:
            return []
        dark, light = shift(colour, -self.depth, hue), shift(colour, self.depth, hue)
        if self.kind == "glossy":
            px, py = x + lx * rx * 0.5, y + ly * ry * 0.55
            return [f'<ellipse cx="{px:.1f}" cy="{py:.1f}" rx="{rx * .26:.1f}" ry="{ry * .15:.1f}" fill="#fff" opacity="{.4 + self.depth:.2f}" '
                    f'transform="rotate({(self.angle + pi / 2) * 57.3:.0f} {px:.1f} {py:.1f})"/>']
        if self.kind == "airbrush":
            spots = ((-lx * .45, -ly * .5, .5, dark), (lx * .4, ly * .45, .45, light),
                     (random.uniform(-.4, .4), random.uniform(-.4, .4), .4, random.choice((dark, light))))
            return [f'<ellipse cx="{x + u * rx:.1f}" cy="{y + v * ry:.1f}" rx="{rx * s:.1f}" ry="{ry * s:.1f}" fill="{self.haze(c)}"/>' for u, v, s, c in spots]
        if self.kind == "shine":
            def arc(far: float, middle: float, half: float) -> str:
                return smooth([(x + rx * far * cos(a), y + ry * far * sin(a)) for a in (middle - half, middle - half / 3,
                                                                                        middle + half / 3, middle + half)],
                              closed=False)
            wide = min(rx, ry)
            return [f'<path d="{arc(.8, self.angle, .6)}" fill="none" stroke="{code(light)}" stroke-width="{wide * .1:.1f}"/>',
                    f'<path d="{arc(.87, self.angle + pi, 1.1)}" fill="none" stroke="{code(dark)}" stroke-width="{wide * .17:.1f}"/>']
        if self.kind in ("hatched", "streaks"):
            return self.marks(x, y, rx, ry, dark, light)
        return []

    def marks(self, x: float, y: float, rx: float, ry: float, dark: RGB, light: RGB) -> list[str]:
        """Short strokes: parallel in the shadow (hatched), or all over like hair and brushwork (streaks)."""
        random, lines = self.random, []
        for _ in range(random.randint(5, 10)):
            if self.kind == "hatched":
                a, far = self.angle + pi + random.uniform(-.9, .9), random.uniform(.55, .8)
                dx, dy = -self.y * rx * .16, self.x * ry * .16
            else:
                a, far = random.uniform(0, 2 * pi), random.random() ** .5 * .78
                dx, dy = cos(a) * rx * .1, (.1 + abs(sin(a)) * .1) * ry
            px, py = x + rx * far * cos(a), y + ry * far * sin(a)
            lines.append("M%.1f %.1fl%.1f %.1f" % (px - dx, py - dy, dx * 2, dy * 2))
        half, width = len(lines) // 2, min(rx, ry) * random.uniform(.04, .1)
        ink = code(self.palette.ink) if self.kind == "hatched" and random.random() < .5 else code(dark)
        strokes = [f'<path d="{"".join(lines[half:] if self.kind == "streaks" else lines)}" stroke="{ink}" stroke-width="{width:.1f}"/>']
        if self.kind == "streaks":
            strokes.append(f'<path d="{"".join(lines[:half])}" stroke="{code(light)}" stroke-width="{width:.1f}"/>')
        return strokes



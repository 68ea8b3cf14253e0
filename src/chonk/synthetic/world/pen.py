"""The hand that draws: every shape passes through a Pen, which has one way of lining and shading for the whole
picture."""

from __future__ import annotations

from math import pi
from random import Random

from chonk.synthetic.world.geometry import Point, element, oval, smooth, straight, taper, tufts
from chonk.synthetic.world.palette import RGB, Palette, code, mix, shift
from chonk.synthetic.world.shading import Light

WIDTHS = {
    "none": (0, 0),
    "none ": (0, 0),
    "hair": (0.4, 0.8),
    "thin": (0.7, 1.6),
    "thick": (2.2, 4.5),
    "coloured": (0.8, 3.0),
    "sketchy": (0.6, 1.2),
    "wobbly": (1.0, 2.5),
    "brush": (1.0, 2.2),
    "faint": (0.4, 0.9),
    "light": (0.8, 2.0),
}
"""Kind of line -> range of its width (the space is 100 wide)."""


class Pen:
    """Collects SVG elements in a 100 x 100 space; draws its own habits from the randomness it is given."""

    def __init__(self, random: Random, palette: Palette):
        self.random, self.palette = random, palette
        self.out: list[str] = []
        self.light = Light(random, palette)
        kind = random.choice(list(WIDTHS))
        self.line, self.width = kind.strip(), random.uniform(*WIDTHS[kind])
        self.wobble = (
            random.uniform(0.02, 0.06) if self.line in ("wobbly", "sketchy") else random.choice((0.0, 0.0, 0.01, 0.03))
        )
        self.fur = random.uniform(0.06, 0.22) if random.random() < 0.25 else 0.0
        """How far tufts of fur stand out of bodies (share of the radius); 0: smooth bodies."""
        self.tapered = random.random() < 0.4

    def ink(self, colour: RGB) -> RGB:
        """The outline's colour around a shape of this colour."""
        if self.line in ("coloured", "faint"):
            return shift(colour, -0.35 - self.light.depth * 0.6, self.palette.shadow_hue)
        return shift(colour, 0.6) if self.line == "light" else self.palette.ink

    def path(self, d: str, colour: RGB, shade: bool = True, line: float = 1.0, opacity: float = 1.0) -> None:
        """A closed shape.  `line` scales the outline's width, 0 leaves it out."""
        width, ink, fade = self.width * line, code(self.ink(colour)), opacity if opacity < 1 else None
        if self.line == "brush" and width:
            dx, dy = -self.light.x * width * 0.5, -self.light.y * width * 0.5
            self.out.append(
                element(
                    "path",
                    d=d,
                    fill=ink,
                    stroke=ink,
                    stroke_width=width,
                    transform=f"translate({dx:.1f} {dy:.1f})",
                    opacity=fade,
                )
            )
            width = 0
        paint = self.light.fill(colour) if shade else code(colour)
        self.out.append(
            element("path", d=d, fill=paint, stroke=ink if width else None, stroke_width=width or None, opacity=fade)
        )
        if self.line == "sketchy" and width:
            r = self.random
            moved = f"translate({r.gauss(0, 0.6):.1f} {r.gauss(0, 0.6):.1f}) rotate({r.gauss(0, 1.5):.1f})"
            self.out.append(
                element("path", d=d, fill="none", stroke=ink, stroke_width=width * 0.7, opacity=0.7, transform=moved)
            )

    def blob(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        colour: RGB,
        square: float = 1.0,
        turn: float = 0.0,
        line: float = 1.0,
        shade: bool = True,
    ) -> None:
        """An oval or rounded box, with whatever the light lays over it."""
        self.path(smooth(oval(self.random, x, y, rx, ry, square, turn, self.wobble)), colour, shade, line)
        if shade:
            self.out += self.light.over(x, y, rx, ry, turn, colour)

    def body(self, x: float, y: float, rx: float, ry: float, colour: RGB, square: float = 1.0) -> None:
        """A main part of a being: a blob, furry where this pen draws fur."""
        if not self.fur:
            return self.blob(x, y, rx, ry, colour, square)
        points = tufts(self.random, x, y, rx, ry, self.fur, self.random.uniform(0.3, 1))
        self.path(smooth(points, tension=self.random.choice((0.02, 0.09, 0.13))), colour)
        self.out += self.light.over(x, y, rx, ry, 0, colour)

    def spot(
        self, x: float, y: float, rx: float, ry: float, colour: RGB, opacity: float = 1.0, turn: float = 0.0
    ) -> None:
        """A plain ellipse, neither lined nor shaded."""
        self.out.append(
            element(
                "ellipse",
                cx=x,
                cy=y,
                rx=abs(rx),
                ry=abs(ry),
                fill=code(colour),
                opacity=opacity if opacity < 1 else None,
                transform=f"rotate({turn * 180 / pi:.0f} {x:.1f} {y:.1f})" if turn else None,
            )
        )

    def haze(self, x: float, y: float, rx: float, ry: float, colour: RGB) -> None:
        """A soft ellipse that fades outwards: blush, shade, glow."""
        self.out.append(element("ellipse", cx=x, cy=y, rx=rx, ry=ry, fill=self.light.haze(colour)))

    def polygon(
        self, points: list[Point], colour: RGB, round: bool = False, line: float = 1.0, shade: bool = True
    ) -> None:
        self.path(smooth(points) if round else straight(points), colour, shade, line)

    def limb(self, points: list[Point], width: float, colour: RGB) -> None:
        """Arms, tails, stems: a thick outlined line with round ends; with some pens thinner towards its tip."""
        if self.tapered and width > 3:
            return self.path(smooth(taper(points, width * 1.25, width * 0.55)), colour)
        d = smooth(points, closed=False)
        if self.width:
            self.out.append(
                element("path", d=d, fill="none", stroke=code(self.ink(colour)), stroke_width=width + 1.2 * self.width)
            )
        self.out.append(element("path", d=d, fill="none", stroke=code(colour), stroke_width=width))
        if self.light.kind not in ("flat", "hatched", "streaks") and width > 3:
            moved = f"translate({-self.light.x * width * 0.22:.1f} {-self.light.y * width * 0.22:.1f})"
            self.out.append(
                element(
                    "path",
                    d=d,
                    fill="none",
                    stroke=code(self.light.dark(colour)),
                    stroke_width=width * 0.45,
                    opacity=0.6,
                    transform=moved,
                )
            )

    def stroke(self, points: list[Point], width: float, colour: RGB, round: bool = True) -> None:
        """An open line: mouths, whiskers, brows, stripes."""
        d = smooth(points, closed=False) if round else straight(points, closed=False)
        self.out.append(element("path", d=d, fill="none", stroke=code(colour), stroke_width=width))

    def muzzle(self) -> RGB:
        return mix(self.palette.main, self.palette.belly, 0.7)

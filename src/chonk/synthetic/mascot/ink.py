"""Pens and paints: the few SVG elements that everything is drawn with, and the palette.

All drawing is on a square of 256 units; at 64 pixels a unit is a quarter of a pixel, so the outline of 7 units stays
bold and nothing that matters is thinner than 4.
"""

from __future__ import annotations

INK = "#472a3f"
OUTLINE = 7.0
WHITE = "#fffdf8"
RED = "#e5484d"
ROSE = "#ff9a8d"
GOLD = "#ffc93c"
TEAL = "#2f9c95"
BLUE = "#4f9de0"
LEAF = "#5fa347"
BROWN = "#a8683a"

COATS = {
    # body, marking, belly and muzzle, blush
    "apricot": ("#fdb768", "#d47334", "#fff1d8", "#ff8a73"),
    "berry": ("#f98fa8", "#c74e7c", "#ffe9e6", "#f0527f"),
    "mint": ("#86d6b0", "#43a184", "#f3fce6", "#ff9d8f"),
    "lilac": ("#b5a2ee", "#7a62c6", "#f5edff", "#f58fc0"),
}


def pen(fill: str, stroke: str = INK, width: float = OUTLINE) -> str:
    """The attributes of a filled, outlined, round-cornered shape; `width` 0 for no outline."""
    if not width:
        return f'fill="{fill}"'
    return f'fill="{fill}" stroke="{stroke}" stroke-width="{width:g}" stroke-linejoin="round" stroke-linecap="round"'


def path(d: str, fill: str, stroke: str = INK, width: float = OUTLINE, more: str = "") -> str:
    return f'<path d="{d}" {pen(fill, stroke, width)} {more}/>'


def line(d: str, stroke: str = INK, width: float = OUTLINE) -> str:
    return path(d, "none", stroke, width)


def rope(d: str, colour: str, width: float) -> str:
    """A line with an outline of its own: drawn twice, the colour inside the ink."""
    return line(d, INK, width + 9) + line(d, colour, width)


def oval(
    x: float, y: float, rx: float, ry: float, fill: str, width: float = OUTLINE, turn: float = 0, stroke: str = INK
) -> str:
    spin = f'transform="rotate({turn:g} {x:g} {y:g})"' if turn else ""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" {pen(fill, stroke, width)} {spin}/>'


def group(
    content: str, x: float = 0, y: float = 0, turn: float = 0, scale: float = 1, skew: float = 0, mirror: bool = False
) -> str:
    """Content moved to (x, y), then turned, slanted, scaled (degrees; in that order from outside in)."""
    wide = -scale if mirror else scale
    return (
        f'<g transform="translate({x:.2f} {y:.2f}) rotate({turn:.2f}) skewX({skew:.2f}) scale({wide:.4f} {scale:.4f})">'
        f"{content}</g>"
    )


def within(name: str, d: str, content: str) -> str:
    """Content that shows only inside the path `d`; `name` must be used once a picture."""
    return f'<clipPath id="{name}"><path d="{d}"/></clipPath><g clip-path="url(#{name})">{content}</g>'

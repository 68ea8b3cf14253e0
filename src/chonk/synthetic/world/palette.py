"""Colours of a picture: a few that belong together, with their lights and shadows."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from random import Random

RGB = tuple[float, float, float]
"""Red, green, blue in 0..1."""

SATURATION_LIGHTNESS = {
    "pastel": ((0.35, 0.8), (0.72, 0.9)),
    "saturated": ((0.75, 1.0), (0.42, 0.62)),
    "dark": ((0.15, 0.6), (0.12, 0.34)),
    "muted": ((0.12, 0.4), (0.35, 0.7)),
    "natural": ((0.25, 0.65), (0.3, 0.72)),
    "neon": ((0.95, 1.0), (0.5, 0.7)),
    "grey": ((0.0, 0.05), (0.2, 0.92)),
    "monochrome": ((0.3, 0.8), (0.3, 0.85)),
    "pale": ((0.1, 0.5), (0.86, 0.97)),
    "any": ((0.0, 1.0), (0.1, 0.95)),
}
"""Palette name -> range of saturation, range of lightness."""


@dataclass(frozen=True)
class Palette:
    """The colours of one picture, by what they are for."""

    name: str
    main: RGB
    second: RGB
    belly: RGB
    accent: RGB
    extra: RGB
    ink: RGB
    """Outlines."""
    dark: RGB
    """Pupils, open mouths."""
    light: RGB
    """Whites of eyes, teeth, highlights."""
    warm: RGB
    """Tongues, cheeks, inner ears."""
    shadow_hue: float
    """The hue that shadows lean to, 0..1."""


def hsl(hue: float, saturation: float, lightness: float) -> RGB:
    return colorsys.hls_to_rgb(hue % 1, min(1, max(0, lightness)), min(1, max(0, saturation)))


def code(colour: RGB) -> str:
    """The colour as SVG writes it."""
    return "#{:02x}{:02x}{:02x}".format(*tuple(round(255 * min(1, max(0, c))) for c in colour))


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` 0 gives a, 1 gives b."""
    red, green, blue = (x + (y - x) * share for x, y in zip(a, b))
    return red, green, blue


def shift(colour: RGB, amount: float, shadow_hue: float = 0.66) -> RGB:
    """Lighter for a positive amount, darker for a negative one (-1..1); shadows lean to `shadow_hue`."""
    if amount >= 0:
        return mix(colour, (1.0, 1.0, 0.97), amount)
    return mix(colour, mix((0.0, 0.0, 0.0), hsl(shadow_hue, 0.7, 0.25), 0.6), -amount)


def palette(random: Random) -> Palette:
    """Draws a palette: one family of saturations and lightnesses, hues that stand in a chosen relation."""
    name = random.choice(list(SATURATION_LIGHTNESS))
    saturations, lightnesses = SATURATION_LIGHTNESS[name]
    hue = random.random()
    if name == "natural":
        hue = random.choice((random.uniform(0.02, 0.14), random.uniform(0.05, 0.1), hue))
    relation = 0.0 if name == "monochrome" else random.choice((0.03, 0.08, 0.17, 0.33, 0.5, random.random()))

    def one(turn: float) -> RGB:
        return hsl(hue + turn + random.gauss(0, 0.02), random.uniform(*saturations), random.uniform(*lightnesses))

    main = one(0)
    ink = random.choice(
        (hsl(hue, 0.5, 0.08), hsl(random.random(), 0.3, 0.12), (0.0, 0.0, 0.0), (0.1, 0.08, 0.08), hsl(hue, 0.7, 0.2))
    )
    if name == "dark" and random.random() < 0.3:
        ink = hsl(hue, 0.3, 0.8)
    return Palette(
        name=name,
        main=main,
        second=one(relation),
        belly=random.choice((shift(main, random.uniform(0.3, 0.8)), one(relation))),
        accent=random.choice((one(-relation), one(0.5), hsl(random.random(), 0.85, 0.5))),
        extra=one(2 * relation + 0.1),
        ink=ink,
        dark=random.choice(
            (
                ink if sum(ink) < 1.5 else (0.05, 0.05, 0.08),
                (0.05, 0.04, 0.06),
                hsl(hue + 0.5, 0.5, 0.12),
                (0.2, 0.12, 0.1),
            )
        ),
        light=random.choice(((1.0, 1.0, 1.0), (1.0, 1.0, 1.0), (0.96, 0.94, 0.88), hsl(hue, 0.5, 0.94))),
        warm=random.choice((hsl(0.97, 0.75, 0.68), hsl(0.0, 0.8, 0.55), hsl(0.03, 0.7, 0.75), one(0.1))),
        shadow_hue=random.choice((hue, 0.66, 0.75, hue + 0.1)),
    )


GOLD, WOOD, STEEL, COAL = hsl(0.13, 0.9, 0.55), hsl(0.08, 0.45, 0.35), (0.75, 0.78, 0.82), (0.15, 0.15, 0.18)

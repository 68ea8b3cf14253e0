"""The page's addresses: what stands after the "#" of a link.

Every picture on the page is a weighted sum of a few things with names, so every picture fits into a link:

    #v1&view=grid&model=cats&seed=12&scale=0.7
    #v1&view=corners&at=n1:0.5:-0.5,n-0.5:1:0.75,s12:3,0.5xs12:3~0.5xs12:4

Fields of one point are joined by "~": "s12:3" is latent 3 of seed 12, "n1:0:-0.5" three numbers through the fixed
matrix, "d2" the model's direction 2, "cs1:0_s2:5z" what makes of the point s1:0 the point s2:5 (see
`Model.difference`), each with a weight before an "x".  `web/src/points.ts` and `state.ts` write and read the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote

from chonk.errors import UserError
from chonk.latents import MAX_TRIES, NEXT_TRY

POINTS = {"corners": (4, 4), "sum": (3, 3), "walk": (2, 8), "tune": (1, 1)}
"""How many points a view has, least and most."""
VIEWS = ("grid", *POINTS, "hunt", "film", "finds", "about")
MAX_TERMS, MAX_WEIGHT, MAX_SCALE, MAX_LENGTH = 48, 100, 4.0, 8000
_TERM = re.compile(r"(?:(-?\d{1,3}(?:\.\d{1,4})?)x)?(?:([snd])([-\d.:]{1,40})|c)", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,10}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Term:
    """A weighted part of a point: `kind` is "s" (seed, index), "n" (three numbers), "d" (number of a direction) or "c"
    (the change from the first of two points to the second)."""

    weight: float
    kind: str
    numbers: tuple[float, ...] = ()
    points: tuple[Point, ...] = ()


Point = tuple[Term, ...]


@dataclass(frozen=True)
class Link:
    """What a link shows.  `scale` None stands for the model's own truncation, `model` "" for the page's first."""

    view: str = "grid"
    model: str = ""
    seed: int = 1
    scale: float | None = None
    points: tuple[Point, ...] = ()
    """corners: top left, top right, bottom left, bottom right; sum: base, minus, plus; walk: its stops; tune: the
    picture."""


def read_link(text: str) -> Link:
    """Reads a link, or only what stands after its "#".  Raises UserError naming the part that is wrong."""
    hash_part = text.split("#", 1)[-1]
    version, *parts = hash_part.split("&")
    if version != "v1" or len(hash_part) > MAX_LENGTH:
        raise UserError(f"{text[:80]}: not a link of chonk's page (it must contain #v1&...)")
    fields: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or key in fields:
            raise UserError(f"link: {part[:80]!r} cannot be read; copy the whole link")
        fields[key] = unquote(value)
    at = fields.pop("at", None)
    link: dict[str, Any] = {}
    for key, value in fields.items():
        if (key == "view" and value in VIEWS) or (key == "model" and re.fullmatch(r"[a-z0-9-]{1,60}", value)):
            link[key] = value
        elif key == "seed" and re.fullmatch(r"[0-9]{1,10}", value) and int(value) < 2**32:
            link[key] = int(value)
        elif key == "scale" and re.fullmatch(r"[0-9](\.[0-9]{1,2})?", value) and float(value) <= MAX_SCALE:
            link[key] = float(value)
        else:
            raise UserError(f"link: {key[:40]}={value[:60]} cannot be read; copy the whole link")
    view = link.get("view", "grid")
    points = tuple(read_point(point) for point in at.split(",")) if at is not None else ()
    minimum, maximum = POINTS.get(view, (0, 0))
    if at is not None and not minimum <= len(points) <= maximum:
        raise UserError(f"link: {len(points)} pictures for the view {view!r}; copy the whole link")
    return Link(points=points, **link)


def read_point(text: str) -> Point:
    """Reads one point.  Raises UserError for anything that the page does not write."""
    reader = _Reader(text)
    point = reader.point()
    if not point or reader.at < len(text):
        raise UserError(f"link: {text[:80]!r} is no picture; copy the whole link")
    return point


class _Reader:
    """Reads a point from where it stands; what it gives back is empty or None where that is none."""

    def __init__(self, text: str) -> None:
        self.text, self.at, self.terms = text, 0, 0

    def point(self) -> Point:
        terms = []
        while term := self.term():
            terms.append(term)
            if not self.passes("~"):
                return tuple(terms)
        return ()

    def passes(self, sign: str) -> bool:
        found = self.text.startswith(sign, self.at)
        self.at += found
        return found

    def term(self) -> Term | None:
        match = _TERM.match(self.text, self.at)
        self.terms += 1
        if match is None or self.terms > MAX_TERMS or abs(weight := float(match[1] or 1)) > MAX_WEIGHT:
            return None
        self.at = match.end()
        if match[2] is None:
            minus = self.point()
            plus = self.point() if minus and self.passes("_") else ()
            return Term(weight, "c", (), (minus, plus)) if plus and self.passes("z") else None
        numbers = match[3].split(":")
        if not all(_NUMBER.fullmatch(number) for number in numbers):
            return None
        values = tuple(float(number) for number in numbers)
        whole = all(value >= 0 and value.is_integer() for value in values)
        fits = {
            "s": len(values) == 2 and whole and values[0] < 2**32 and values[-1] < MAX_TRIES * NEXT_TRY,
            "n": len(values) == 3 and max(map(abs, values)) <= MAX_WEIGHT,
            "d": len(values) == 1 and whole and values[0] < 64,
        }
        return Term(weight, match[2], values) if fits[match[2]] else None


def link_points(link: Link) -> list[Point]:
    """The points of a link's pictures: the 5 x 5 blend row by row, base, minus, plus and result, the stops of the walk,
    or the one picture.  (A grid has none: it is `Model.latents` of its seed.)

    Raises UserError for a link to a view without pictures (film, finds, about) or without its points."""
    if link.view not in POINTS or not link.points:
        raise UserError(
            f"link: the view {link.view!r} names no pictures; copy the link of a grid, corners, a sum, a walk or a "
            f"picture"
        )
    points = link.points
    if link.view == "corners":
        steps = [step / 4 for step in range(5)]
        return [
            combine(zip(((1 - down) * (1 - across), (1 - down) * across, down * (1 - across), down * across), points))
            for down in steps
            for across in steps
        ]
    if link.view == "sum":
        base, minus, plus = points
        return [*points, (*base, Term(1.0, "c", (), (minus, plus)))]
    return list(points)


def combine(parts) -> Point:
    """The sum of points, each with a weight before it."""
    return tuple(replace(term, weight=weight * term.weight) for weight, point in parts for term in point)

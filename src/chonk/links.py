"""The page's addresses: what stands after the "#" of a link, and the latents that it names.

Every picture on the page is a weighted sum of a few things with names, so every picture fits into a link:

    #v1&view=grid&model=cats&seed=12&scale=0.7
    #v1&view=corners&at=n1:0.5:-0.5,n-0.5:1:0.75,s12:3,0.5xs12:3~0.5xs12:4

Fields of one point are joined by "~": "s12:3" is latent 3 of seed 12, "n1:0:-0.5" three numbers through the fixed
matrix, "d2" the model's direction 2, each with a weight before an "x".  `web/src/points.ts` and `state.ts` write and
read the same.
"""
from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote

from chonk.errors import UserError

POINTS = {"corners": (4, 4), "sum": (3, 3), "walk": (2, 8), "tune": (1, 1)}
"""How many points a view has, least and most."""
VIEWS = ("grid", *POINTS, "film", "finds", "about")
MOST_TERMS, MOST_WEIGHT, MOST_SCALE, MOST_LENGTH = 48, 100, 4.0, 8000
_TERM = re.compile(r"(?:(-?\d{1,3}(?:\.\d{1,4})?)x)?([snd])([-\d.:]{1,40})", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,10}(\.\d{1,4})?", re.ASCII)


@dataclass(frozen=True)
class Term:
    """A weighted part of a point: `kind` is "s" (seed, index), "n" (three numbers) or "d" (number of a direction)."""

    weight: float
    kind: str
    numbers: tuple[float, ...]


Point = tuple[Term, ...]


@dataclass(frozen=True)
class Link:
    """What a link shows.  `scale` None stands for the model's own truncation, `model` "" for the page's first."""

    view: str = "grid"
    model: str = ""
    seed: int = 1
    scale: float | None = None
    points: tuple[Point, ...] = ()
    """corners: top left, top right, bottom left, bottom right; sum: base, minus, plus; walk: its stops; tune: the picture."""


def read_link(text: str) -> Link:
    """Reads a link, or only what stands after its "#".  Raises UserError naming the part that is wrong."""
    hash_part = text.split("#", 1)[-1]
    version, *parts = hash_part.split("&")
    if version != "v1" or len(hash_part) > MOST_LENGTH:
        raise UserError(f"{text[:80]}: not a link of chonk's page (it must contain #v1&...)")
    fields: dict[str, str] = {}
    for part in parts:
        key, equals, value = part.partition("=")
        if not equals or key in fields:
            raise UserError(f"link: {part[:80]!r} cannot be read; copy the whole link")
        fields[key] = unquote(value)
    at = fields.pop("at", None)
    link = {}
    for key, value in fields.items():
        if key == "view" and value in VIEWS or key == "model" and re.fullmatch(r"[a-z0-9-]{1,60}", value):
            link[key] = value
        elif key == "seed" and re.fullmatch(r"[0-9]{1,10}", value) and int(value) < 2**32:
            link[key] = int(value)
        elif key == "scale" and re.fullmatch(r"[0-9](\.[0-9]{1,2})?", value) and float(value) <= MOST_SCALE:
            link[key] = float(value)
        else:
            raise UserError(f"link: {key[:40]}={value[:60]} cannot be read; copy the whole link")
    view = link.get("view", "grid")
    points = tuple(read_point(point) for point in at.split(",")) if at is not None else ()
    least, most = POINTS.get(view, (0, 0))
    if at is not None and not least <= len(points) <= most:
        raise UserError(f"link: {len(points)} pictures for the view {view!r}; copy the whole link")
    return Link(points=points, **link)


def read_point(text: str) -> Point:
    """Reads one point.  Raises UserError for anything that the page does not write."""
    parts = text.split("~")
    terms = [_term(part) for part in parts[:MOST_TERMS]]
    if len(parts) > MOST_TERMS or None in terms:
        raise UserError(f"link: {text[:80]!r} is no picture; copy the whole link")
    return tuple(term for term in terms if term is not None)


def _term(text: str) -> Term | None:
    match = _TERM.fullmatch(text)
    numbers = match[3].split(":") if match else []
    if match is None or not all(_NUMBER.fullmatch(number) for number in numbers):
        return None
    values = tuple(float(number) for number in numbers)
    weight = float(match[1] or 1)
    whole = all(value >= 0 and value.is_integer() for value in values)
    fits = {"s": len(values) == 2 and whole and values[0] < 2**32 and values[-1] < 2**20,
            "n": len(values) == 3 and max(map(abs, values)) <= MOST_WEIGHT,
            "d": len(values) == 1 and whole and values[0] < 64}
    return Term(weight, match[2], values) if fits[match[2]] and abs(weight) <= MOST_WEIGHT else None


def point_latent(point: Point, dim: int, kind: str, directions=()):
    """The latent of a point before the scale: dim float64 numbers.

    `directions` are the model's, each of dim numbers; one that it does not have counts as nothing, as on the page."""
    import numpy as np

    from chonk import latents

    total = np.zeros(dim)
    for term in point:
        if term.kind == "s":
            values = latents.latents(int(term.numbers[0]), 1, dim, kind, first=int(term.numbers[1]))[0]
        elif term.kind == "n":
            values = latents.project(term.numbers, dim)[0]
        else:
            index = int(term.numbers[0])
            values = directions[index] if index < len(directions) else np.zeros(dim)
        total += term.weight * np.asarray(values, np.float64)
    return total


def link_latents(link: Link, dim: int, kind: str, truncation: float, directions=()):
    """The latents of the points in a link, N x dim float32: the 5 x 5 blend row by row, base, minus, plus and result, the stops of
    the walk, or the one picture.  `truncation` is the model's own scale.  (A grid has no points: it is `Model.latents` of its seed.)

    Raises UserError for a link to a view without pictures (film, finds, about) or without its points."""
    import numpy as np

    from chonk import latents

    scale = truncation if link.scale is None else link.scale
    if link.view not in POINTS or not link.points:
        raise UserError(f"link: the view {link.view!r} names no pictures; copy the link of a grid, corners, a sum, a walk or a picture")
    z = np.stack([point_latent(point, dim, kind, directions) for point in link.points])
    if link.view == "corners":
        z = latents.blend(z, 5, 5).reshape(-1, dim)
    elif link.view == "sum":
        z = np.concatenate([z, [z[0] - z[1] + z[2]]])
    return (scale * z).astype(np.float32)

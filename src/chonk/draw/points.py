"""The pictures of a link's points: sums of seeded latents, three numbers, directions and differences of pictures."""

from __future__ import annotations

import base64
from dataclasses import replace

import numpy as np

from chonk import latents
from chonk.links import Point, Term
from chonk.model import Model

MIN_WEIGHT = 0.05
"""Of all terms that are blended: a smaller sum is no weighted mean (`web/src/points.ts` has the same)."""


def draw_points(model: Model, points: list[Point], scale: float | None = None, directions=()) -> np.ndarray:
    """The pictures of points, N x C x size x size in [-1, 1], with every latent multiplied by `scale`, or else by what
    suits the model.

    `directions` are the model's, each of the shape of one picture's `Model.features`; one that it does not have counts
    as nothing, as on the page."""
    config, inside = model.config, "cd" if model.has_features else ""
    scale = config.truncation if scale is None else scale

    def step(term: Term) -> np.ndarray | float:
        index = int(term.numbers[0])
        return directions[index] if index < len(directions) else 0.0

    def plain(point: Point) -> np.ndarray:
        total = np.zeros(config.latent_dim)
        for term in point:
            if term.kind in inside:
                continue
            if term.kind == "s":
                values = model.prior(int(term.numbers[0]), 1, first=int(term.numbers[1]))[0]
            elif term.kind == "n":
                values = latents.project(np.array(term.numbers), config.latent_dim)[0]
            elif term.kind == "d":
                values = step(term)
            else:
                minus, plus = map(plain, term.points)
                values = plus - minus
            total += term.weight * np.asarray(values, np.float64)
        return total

    def latent(point: Point) -> np.ndarray:
        return (scale * plain(point)[None]).astype(np.float32)

    def blended(point: Point) -> list[Term]:
        """The terms whose features are blended; none where latents are added."""
        terms = [term for term in point if term.kind in "sn"]
        blends = model.generator.blends_features and sum(term.weight for term in terms) > MIN_WEIGHT
        return terms if blends and len(terms) > 1 else []

    def features(point: Point) -> np.ndarray:
        if terms := blended(point):
            total = sum(term.weight for term in terms)
            each = [term.weight / total * model.features(latent((replace(term, weight=1.0),))) for term in terms]
            own = np.sum(each, axis=0)
        else:
            own = model.features(latent(point))
        return own + sum(
            term.weight * (step(term) if term.kind == "d" else model.difference(*map(features, term.points)))
            for term in point
            if term.kind in inside
        )

    def draw(point: Point) -> np.ndarray:
        changed = any(term.kind in inside for term in point)
        return model.decode(features(point), project=changed) if changed or blended(point) else model(latent(point))

    return np.concatenate([draw(point) for point in points])


def read_steps(entries: list[dict], shape: tuple[int, ...]) -> list[np.ndarray]:
    """What is added for each of a page's directions (`chonk.play.directions`), arrays of this shape: of one latent, or
    of one picture's features.

    Raises ValueError, KeyError or TypeError for entries that are none, or of another shape."""
    steps = [
        np.array(entry["vector"], np.float32)
        if "vector" in entry
        else np.float32(entry["step"]) * np.frombuffer(base64.b64decode(entry["numbers"], validate=True), np.int8)
        for entry in entries
    ]
    if not all(step.size == np.prod(shape) and np.isfinite(step).all() for step in steps):
        raise ValueError(f"directions that are none, or not of {' x '.join(map(str, shape))} numbers")
    return [step.reshape(shape) for step in steps]

"""What a page shows at first where a visitor will put points of their own: chosen so that nothing of it is rejected."""

from __future__ import annotations

import numpy as np

from chonk import latents
from chonk.model import Model

SIGNS = {
    "corners": ((1, 1, -1), (-1, 1, 1), (1, -1, 1), (-1, -1, -1)),
    "sum": ((1, 1, -1), (1, -1, 1), (-1, 1, 1)),
}
"""Of each point's three numbers: points of different octants show different pictures."""
CANDIDATES = 16
"""Of each point."""
COMBINATIONS = {"corners": 8, "sum": 24}
"""Of points that pass, of which the best is taken."""
SEED = 0x73746172  # "star"


def starts(model: Model) -> dict[str, list[str]]:
    """By view, the text of each point as a link has it (`chonk.links`); nothing for a net that rejects none.

    The points themselves pass, if any candidate does; of several combinations of them that is taken with the fewest
    rejected pictures among what is made of them, the blend between the corners and the result of the sum."""
    if not model.generator.rejects:
        return {}
    scores = {"corners": _blend_scores, "sum": _sum_scores}
    found = {}
    for view, signs in SIGNS.items():
        best = min(
            _combinations(model, signs, COMBINATIONS[view]),
            key=lambda points: _badness(scores[view](model, _latents(model, points))),
        )
        found[view] = ["n" + ":".join(f"{n:g}" for n in point) for point in best.tolist()]
    return found


def _combinations(model: Model, signs: tuple[tuple[int, ...], ...], count: int) -> list[np.ndarray]:
    """`count` x points x 3 numbers from 0.3 to 1.3 in steps of 0.05, with these signs."""
    sizes = latents.uniforms(SEED, 3 * len(signs) * CANDIDATES).reshape(len(signs), CANDIDATES, 3)
    numbers = np.round(np.array(signs)[:, None] * np.round(6 + 20 * sizes) / 20, 2)
    scores = model.rejection_score(_latents(model, numbers.reshape(-1, 3))).reshape(len(signs), CANDIDATES)
    passing = [own[score == 0] if (score == 0).any() else own[[score.argmin()]] for own, score in zip(numbers, scores)]
    # With another stride for each point, so that the same two do not always meet.
    return [
        np.stack([own[number * (place + 1) % len(own)] for place, own in enumerate(passing)]) for number in range(count)
    ]


def _badness(scores: np.ndarray) -> tuple[int, float]:
    return int((scores > 0).sum()), float(scores.sum())


def _latents(model: Model, numbers: np.ndarray) -> np.ndarray:
    return model.config.truncation * latents.project(numbers, model.config.latent_dim)


def _blend_scores(model: Model, corners: np.ndarray) -> np.ndarray:
    if model.generator.blends_features:  # between pictures that pass there is nothing but these
        return model.rejection_score(corners)
    return model.rejection_score(latents.blend(corners, 5, 5).reshape(25, -1))


def _sum_scores(model: Model, terms: np.ndarray) -> np.ndarray:
    base, minus, plus = np.split(model.features(terms), 3)
    return model.feature_score(base + model.difference(minus, plus))

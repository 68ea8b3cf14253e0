"""Rejection sampling of pictures: what is rejected is drawn again, a few times at most."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np


def sample_accepted(
    attempt: Callable[[int], np.ndarray],
    score: Callable[[np.ndarray], tuple[np.ndarray | None, np.ndarray]],
    tries: int,
    given: int = 0,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Of `tries` attempts at N latents, for each place the first one with score 0, or else the one with the lowest.

    `attempt(k)` gives the latents of the k-th attempt, N x D; `score` gives features, or None, and N scores, 0 for what
    is accepted; the first `given` places take their first one whatever its score.  Returns the latents, and their
    features where `score` gave any."""
    chosen = attempt(0)
    features, scores = score(chosen)
    scores[:given] = 0
    for number in range(1, tries):
        rejected = np.flatnonzero(scores > 0)
        if not len(rejected):
            break
        z = attempt(number)[rejected]
        new_features, new_scores = score(z)
        better = new_scores < scores[rejected]
        improved = rejected[better]
        chosen[improved], scores[improved] = z[better], new_scores[better]
        if features is not None and new_features is not None:
            features[improved] = new_features[better]
    return chosen, features

"""Directions worth a slider: with names where the truth of the training pictures is known.

A direction is a step that is added to what a model makes sums with: features, where its net has them, or
latents.  Both kinds come from the same samples and their small pictures.  Without names: what the small pictures differ
in most, their principal components.  With names: a linear reader learns on small training pictures to tell whether one
has a factor's value, and says it of the samples.  A value gets a slider if the reader is right about training pictures
that it did not learn from, and if the direction moves it in samples that were not learned from either; `reach` then
measures how far.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

from chonk.model import Model
from chonk.play.factor_names import words
from chonk.play.reach import LOOKS, MIN_SEEN, Reach, ends, looks, reach
from chonk.play.spaces import Features, Latents, halves
from chonk.play.training import small

NAMED = 12
"""Directions with names, at most."""
MIN_READ = 0.8
"""Chance that of two unseen training pictures, one with the value and one without, the reader orders them right; 0.5 is
a coin."""
MIN_PICTURES = 12
"""Training pictures that must have a value, and that must lack it."""


def directions(
    model: Model, pictures: np.ndarray | None = None, truth: dict[str, list[str]] | None = None
) -> list[dict]:
    """The strongest first: [{"name": {"en": ..., "zh": ...} or {}, "ends": [names of the lower and the upper end],
    "reach": [how far each is], ...}] with "vector", latent_dim numbers of length 1, or for features with "step" and
    "numbers": base64 of whole numbers -127 to 127, channels x side x side, in that unit.

    `pictures` are the training set's bytes N x C x S x S and `truth` the value of every factor in each of them."""
    space = Features(model) if model.has_features else Latents(model)
    cells = space.cells
    found = (
        named(space, cells, small(pictures).reshape(len(pictures), -1), truth) if truth and pictures is not None else []
    )
    return found or unnamed(space, cells)


def unnamed(space: Latents | Features, cells: np.ndarray) -> list[dict]:
    """What small pictures (samples' cells N x P) differ in most."""
    entries = []
    for step in space.strongest(cells):
        if far := reach(space, step, looks):
            entries.append({"name": {}, "ends": ends(far, LOOKS), "reach": [far.low, far.high], **space.entry(step)})
    return entries


def named(
    space: Latents | Features, cells: np.ndarray, training: np.ndarray, truth: dict[str, list[str]]
) -> list[dict]:
    """The directions of factor values that small pictures show and that samples (cells N x P) can be moved along, best
    first."""
    wanted = [
        (factor, value, np.array(own) == value)
        for factor, own in truth.items()
        for value in sorted(set(own))
        if value != "none"
    ]
    wanted = [entry for entry in wanted if MIN_PICTURES <= entry[2].sum() <= len(training) - MIN_PICTURES]
    if not wanted:
        return []
    has, mean = np.stack([entry[2] for entry in wanted], 1), training.mean(0)
    training = training.astype(np.float64) - mean
    seen = halves(
        len(training), lambda learn, test: _skill(training[test] @ _reader(training[learn], has[learn]), has[test])
    )
    reader = _reader(training, has)

    def read(cells: np.ndarray) -> np.ndarray:
        return (cells - mean) @ reader

    felt, steps = space.moved(cells, read)
    found: list[tuple[int, dict]] = []
    taken: Counter[str] = Counter()
    for k in np.argsort(-felt, kind="stable"):
        factor, value, _ = wanted[k]
        # Of a factor with two values the second is the first one's slider pushed the other way.
        if seen[k] < MIN_READ or felt[k] < space.MIN_FELT or (taken[factor] and len(set(truth[factor])) == 2):
            continue
        if far := reach(space, steps[k], read, own=k):
            rivals = {i: other for i, (rival, other, _) in enumerate(wanted) if rival == factor and i != k}
            opposite = _opposite(far, rivals, value, "none" in truth[factor])
            name = {"name": words(factor), "ends": [opposite, words(value)], "reach": [far.low, far.high]}
            found.append((taken[factor], name | space.entry(steps[k])))
            taken[factor] += 1
    # One of every factor before the second of any.
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])][:NAMED]


def _opposite(far: Reach, rivals: dict[int, str], value: str, may_lack: bool) -> dict[str, str]:
    """What the lower end is called: the factor's value that comes forward most on the way there, if any does."""
    rival = max(rivals, key=lambda i: far.moved[0][i], default=None)
    if rival is not None and far.moved[0][rival] >= MIN_SEEN:
        return words(rivals[rival])
    names = words(value)
    less = {"en": f"no {value}" if may_lack else f"not {value}"}
    return less | ({"zh": f"无{names['zh']}" if may_lack else f"不{names['zh']}"} if "zh" in names else {})


def _reader(pictures: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Ridge regression of values (N x V, yes or no) on small pictures N x P, as weights P x V."""
    likeness = pictures @ pictures.T
    return pictures.T @ np.linalg.solve(
        likeness + likeness.trace() / len(pictures) * np.eye(len(pictures)), has - has.mean(0)
    )


def _skill(scores: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Area under the receiver operating characteristic, for every column; 0 where all or none have the value."""
    parts = [(score[own], score[~own]) for score, own in zip(scores.T, has.T)]
    return np.array([(yes[:, None] > no).mean() if len(yes) and len(no) else 0.0 for yes, no in parts])

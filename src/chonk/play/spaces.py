"""Where directions lie: in a model's latents, or in the features that its net makes sums with.

Both say the same of themselves: `cells`, the small pictures of SAMPLES samples; the `strongest` directions; how far
directions for what is read in pictures `moved` it; and for `chonk.play.reach` what is `drawn` with a step, and the
share of that which is `accepted`."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cached_property

import numpy as np

from chonk.model import Model
from chonk.pixels import compose
from chonk.play.reach import Read
from chonk.play.training import small

SAMPLES, SEED = 400, 11
UNNAMED = 8
"""Directions without names, at most."""


class Latents:
    """Directions in latent space, by linear regression on the latents z, N x D."""

    MIN_FELT = 0.22
    """Correlation of what is read in unseen samples and what their latents say."""
    RIDGE = 100.0

    TRIED = 16
    """Samples that a direction is tried on."""
    LONGEST = 2.0
    """Beyond that, and the length of a latent, no net was ever trained: these reject nothing themselves."""

    def __init__(self, model: Model) -> None:
        self.model, self.z = model, model.latents(SEED, SAMPLES).astype(np.float64)
        self.cells = _cells(model(self.z))

    @property
    def still(self) -> np.ndarray:
        return self.cells[: self.TRIED]

    def drawn(self, step: np.ndarray, weight: float) -> np.ndarray:
        return _cells(self.model(self.z[: self.TRIED] + weight * step))

    def accepted(self, step: np.ndarray, weight: float) -> float:
        return float(abs(weight) <= self.LONGEST)

    def strongest(self, cells: np.ndarray) -> np.ndarray:
        """The directions along which small pictures (N x P) change most with the latent."""
        change = np.linalg.lstsq(self.z, cells - cells.mean(0), rcond=None)[0]
        vectors = np.linalg.svd(change, full_matrices=False)[0].T[:UNNAMED]
        brighter = _upwards(vectors @ change)
        return vectors * brighter[:, None]

    def moved(self, cells: np.ndarray, read: Read) -> tuple[np.ndarray, np.ndarray]:
        """How well latents say what is read in small pictures, N x P -> N x V, and the V directions."""
        values = read(cells)
        felt = halves(
            len(self.z),
            lambda learn, test: _correlation(self.z[test] @ self._fit(self.z[learn], values[learn]), values[test]),
        )
        vectors = self._fit(self.z, values).T
        return felt, vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)

    def _fit(self, z: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.linalg.solve(z.T @ z + self.RIDGE * np.eye(z.shape[1]), z.T @ (values - values.mean(0)))

    @staticmethod
    def entry(step: np.ndarray) -> dict:
        return {"vector": [round(float(v), 5) for v in step]}


class Features:
    """Directions in a net's features, by linear regression of the samples' features on what is seen in their pictures.

    On all that is seen at once: a direction is what goes with one thing while the others stay."""

    MIN_FELT = 0.5
    """By how many of its own standard deviations what is read moves when the direction is added once."""
    RIDGE = 0.1
    TRIED = 16
    """Samples that a direction is tried on; they are not learned from."""
    LONGEST = 1.5
    """Beyond that hardly a picture stays whole; for nets whose rejection cannot tell."""

    def __init__(self, model: Model) -> None:
        self.model, self.features = model, model.sample_features(SEED, SAMPLES)[1]
        self.cells = _cells(model.decode(self.features, project=False))
        self.tried = self.features[: self.TRIED]
        self.passing = self.tried[model.feature_score(self.tried) == 0]

    @cached_property
    def still(self) -> np.ndarray:
        return _cells(self.model.decode(self.tried))

    def drawn(self, step: np.ndarray, weight: float) -> np.ndarray:
        return _cells(self.model.decode(self.tried + np.float32(weight) * step))

    def accepted(self, step: np.ndarray, weight: float) -> float:
        if not len(self.passing):
            return float(abs(weight) <= self.LONGEST)
        return float((self.model.feature_score(self.passing + np.float32(weight) * step) == 0).mean())

    def strongest(self, cells: np.ndarray) -> np.ndarray:
        """What goes with the principal components of small pictures (N x P)."""
        left, _, right = np.linalg.svd(cells - cells.mean(0), full_matrices=False)
        return self._steps((left * _upwards(right))[:, :UNNAMED], self.features)

    def moved(self, cells: np.ndarray, read: Read) -> tuple[np.ndarray, np.ndarray]:
        """How far directions move what is read in small pictures, N x P -> N x V, in its standard deviations; and the V
        directions."""
        values, tried = read(cells), self.tried
        steps = self._steps(values[self.TRIED :], self.features[self.TRIED :])
        after = [read(_cells(self.model.decode(tried + step)))[:, k] for k, step in enumerate(steps)]
        felt = (np.stack(after, 1) - values[: self.TRIED]).mean(0) / values.std(0).clip(1e-12)
        return felt, steps

    def _steps(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """What of the features goes with each column of values, N x V, as large as changes are: V x channels x side x
        side."""
        values = (values - values.mean(0)) / values.std(0).clip(1e-12)
        apart = (features - features.mean(0)).reshape(len(features), -1)
        steps = np.linalg.solve(
            values.T @ values + self.RIDGE * len(values) * np.eye(values.shape[1]), values.T @ apart
        )
        steps = steps.reshape(-1, *features.shape[1:]).astype(np.float32)
        return self.model.difference(np.zeros_like(steps), steps)

    @staticmethod
    def entry(step: np.ndarray) -> dict:
        scale = float(np.abs(step).max() / 127) or 1.0
        return {"step": scale, "numbers": base64.b64encode(np.rint(step / scale).astype(np.int8).tobytes()).decode()}


def _cells(values: np.ndarray) -> np.ndarray:
    """A generator's output -> small pictures on white, N x P."""
    return small(compose(values, (255, 255, 255)).transpose(0, 3, 1, 2)).reshape(len(values), -1).astype(np.float64)


def _upwards(changes: np.ndarray) -> np.ndarray:
    """A sign for each of V x P changes: a singular vector's is an accident; up means brighter, on every machine."""
    return np.where(changes.sum(1) < 0, -1, 1)


def halves(count: int, judge: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> np.ndarray:
    """The worse of what is found when every second one is learned from and when the others are."""
    half = np.arange(count) % 2 == 0
    return np.minimum(judge(half, ~half), judge(~half, half))


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of every column of a with the same of b."""
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0)).clip(1e-12)

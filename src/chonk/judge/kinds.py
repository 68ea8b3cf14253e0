"""What kind of wrong?  The real pictures are spoiled in every known way, and a linear reader of features learns the
kinds.

The reader is made anew for each set from its own pictures, so a set that is soft, grainy or full of transparent
things by nature is not blamed for it.  One half of the pictures teaches, the other half says how often real pictures
are mistaken; then the halves change places.
"""

from __future__ import annotations

import numpy as np
import torch

from chonk.judge import planted
from chonk.judge.features import features
from chonk.judge.halves import Figure, ruler

KINDS = ("passes", "blurred", "noisy", "ghosts", "bent", "torn", "recoloured")
"""What a picture can be read as: "passes" for nothing wrong, then the faults.  `spoiled` makes each, in this order."""
MAX_PICTURES = 150
"""Training pictures of the classifier; each is spoiled once per kind, and three times for torn ones."""
RIDGE = 0.03
"""Of the mean variance of the features: few pictures and many features need a strong one."""


def spoiled(real: torch.Tensor, rng: np.random.Generator) -> dict[str, torch.Tensor]:
    """The pictures as they are and in every kind of wrong, each as strong as a person would notice at a glance."""
    return dict(
        zip(
            KINDS,
            (
                real,
                planted.blurred(real, 1.0),
                planted.noisy(real, 16, rng),
                planted.ghosts(real, rng),
                planted.warped(real, rng),
                torch.cat([planted.swapped(real, rng), planted.scrambled(real, rng)[::2], planted.grafted(real, rng)]),
                planted.recoloured(real),
            ),
        )
    )


def learn(seen: dict[str, np.ndarray]) -> np.ndarray:
    """Ridge regression of features (each kind N x D) to one number a kind: (D + 1) x kinds."""
    x = np.concatenate(list(seen.values()))
    x = np.concatenate([x, np.ones((len(x), 1))], 1)
    label = np.repeat(np.eye(len(seen)), [len(part) for part in seen.values()], axis=0)
    ridge = RIDGE * np.trace(x.T @ x) / x.shape[1] * np.eye(x.shape[1])
    ridge[-1, -1] = 0
    return np.linalg.solve(x.T @ x + ridge, x.T @ label)


def shares(weights: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Share of the pictures read as each kind."""
    read = (seen @ weights[:-1] + weights[-1]).argmax(1)
    return np.bincount(read, minlength=weights.shape[1]) / len(seen)


class Reader:
    """A classifier of the kinds, trained on the real pictures: `real` as bytes N x C x S x S, `seen` their features."""

    def __init__(self, real: torch.Tensor, seen: np.ndarray, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        order = rng.permutation(len(real))
        self.seen = seen
        self.weights, self.mistaken = [], []
        for taught, asked in ((order[::2], order[1::2]), (order[1::2], order[::2])):
            lessons = {
                kind: features(pixels)
                for kind, pixels in spoiled(real[torch.from_numpy(taught[:MAX_PICTURES])], rng).items()
            }
            reference, *others = ruler(seen, *lessons.values())
            self.weights.append(learn(dict(zip(KINDS, others))))
            self.mistaken.append(shares(self.weights[-1], reference[asked]))

    def __call__(self, fake_seen: np.ndarray) -> dict[str, Figure]:
        """Share of the results (features M x D) that read as each of KINDS."""
        fake = ruler(self.seen, fake_seen)[1]
        found = [shares(weights, fake) for weights in self.weights]
        return {
            kind: Figure.over_rounds(results, real, higher=kind == "passes")
            for kind, results, real in zip(KINDS, np.array(found).T, np.array(self.mistaken).T)
        }

"""How far a slider of the page goes to either side, and what its two ends are called: measured, not assumed.

A slider may go as far as most pictures still pass the net's own rejection, and only to a side where something is seen
to happen.  One that is hardly seen on either side is none.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

REACHES = tuple(quarters / 4 for quarters in range(1, 13))
"""How often a direction may be added, or taken back."""
MIN_ACCEPTED = 0.7
"""Share of the pictures that passed before which must pass at an end."""
MIN_SEEN = 0.3
"""By how many of its own standard deviations what is read must move on the way to an end."""

Read = Callable[[np.ndarray], np.ndarray]
"""Small pictures N x P -> what is read in them, N x V."""


class Space(Protocol):
    """Where directions are added: features, or latents."""

    @property
    def still(self) -> np.ndarray:
        """The small pictures of the tried samples, N x P, with nothing added."""
        ...

    def drawn(self, step: np.ndarray, weight: float) -> np.ndarray:
        """The small pictures of the tried samples, N x P, with so much of a step added."""
        ...

    def accepted(self, step: np.ndarray, weight: float) -> float:
        """The share of the tried samples that pass the rejection then; of those that pass without."""
        ...


@dataclass(frozen=True)
class Reach:
    """`low` <= 0 <= `high`: how far a slider goes.  `moved` says by how many standard deviations each of V readings
    moves on the way to the two ends, 2 x V."""

    low: float
    high: float
    moved: np.ndarray


def reach(space: Space, step: np.ndarray, read: Read, own: int | None = None) -> Reach | None:
    """How far a slider for a step goes; None for one that is hardly seen.

    It is seen where reading number `own` moves, up to the upper end and down to the lower one; without a number, where
    any reading does."""
    before = read(space.still)
    std = before.std(0).clip(1e-12)
    ends, moved = [], []
    for sign in (-1, 1):
        end = sign * _farthest(space, sign * step)
        change = (read(space.drawn(step, end)) - before).mean(0) / std if end else np.zeros(before.shape[1])
        seen = sign * change[own] if own is not None else np.abs(change).max()
        ends.append(end if seen >= MIN_SEEN else 0.0)
        moved.append(change)
    return Reach(ends[0], ends[1], np.stack(moved)) if any(ends) else None


def _farthest(space: Space, step: np.ndarray) -> float:
    """The largest of REACHES at which enough pictures pass, by bisection; 0 where none is."""
    low, high = 0, len(REACHES)
    while low < high:
        middle = (low + high) // 2
        passes = space.accepted(step, REACHES[middle]) >= MIN_ACCEPTED
        low, high = (middle + 1, high) if passes else (low, middle)
    return REACHES[low - 1] if low else 0.0


LOOKS = (
    ({"en": "darker", "zh": "更暗"}, {"en": "brighter", "zh": "更亮"}),
    ({"en": "cooler", "zh": "更冷"}, {"en": "warmer", "zh": "更暖"}),
    ({"en": "paler", "zh": "更淡"}, {"en": "more colourful", "zh": "更艳"}),
    ({"en": "smaller", "zh": "更小"}, {"en": "larger", "zh": "更大"}),
    ({"en": "further left", "zh": "靠左"}, {"en": "further right", "zh": "靠右"}),
    ({"en": "lower", "zh": "靠下"}, {"en": "higher", "zh": "靠上"}),
)
"""What `looks` reads, from less to more."""


def looks(cells: np.ndarray) -> np.ndarray:
    """What anybody sees of small pictures on white (N x 3 side², in [0, 1]), for sliders without a name: N x 6, as
    LOOKS has them."""
    pictures = cells.reshape(len(cells), 3, -1)
    side = round(pictures.shape[2] ** 0.5)
    down, across = np.divmod(np.arange(side * side), side)
    ink = 1 - pictures.min(1)
    weight = ink / ink.sum(1, keepdims=True).clip(1e-9)
    return np.stack(
        [
            pictures.mean((1, 2)),
            (pictures[:, 0] - pictures[:, 2]).mean(1),
            (pictures.max(1) - pictures.min(1)).mean(1),
            (ink > 0.1).mean(1),
            weight @ across,
            -weight @ down,
        ],
        1,
    )


def ends(found: Reach, names: Sequence[tuple[dict, dict]]) -> list[dict]:
    """What the two ends are called, by the reading that moves most between them; `names` are its words for less and for
    more."""
    change = found.moved[1] - found.moved[0]
    best = int(np.abs(change).argmax())
    return list(names[best] if change[best] > 0 else names[best][::-1])

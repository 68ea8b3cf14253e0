"""Notices while training that the generator draws the same picture, or the same few, over and over."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from chonk.learn.checkpoint import State

LOW = 0.35
"""Variety below this share of the training pictures' looks like collapse."""
PATIENCE = 6
"""Looks in a row that must be low before anything is said: one batch may be alike by chance."""
DUPLICATES, DUPLICATES_PATIENCE = 0.5, 3
"""Share of results with a near-twin among 150, and a judge's looks in a row, that are collapse onto few pictures."""
GRACE = 0.3
"""Share of the training in which a generator may draw all alike because it has not learned yet."""


def mean_distance(pictures: torch.Tensor) -> float:
    """Mean distance between two pictures, root mean square over 8 x 8 thumbnails: N x C x S x S -> a number >= 0."""
    thumbs = F.adaptive_avg_pool2d(pictures.float(), 8).flatten(1)
    return (F.pdist(thumbs) / thumbs.shape[1] ** 0.5).mean().item() if len(thumbs) > 1 else 0.0


class CollapseMonitor:
    """Compares the variety of samples with that of the training pictures."""

    def __init__(self, pictures: torch.Tensor) -> None:
        """`pictures` are some training pictures, N x C x S x S in [-1, 1]."""
        self.reference = mean_distance(pictures)
        self.said: set[str] = set()

    def check(self, samples: torch.Tensor, state: State, progress: float) -> tuple[float, str | None]:
        """The variety of N x C x S x S samples, 1 for as much as the training pictures have; and, when it has been low
        for some time, what to say about it, once.  `state` remembers since when, so that an interruption changes
        nothing."""
        variety = mean_distance(samples) / max(self.reference, 1e-6)
        if variety >= LOW or progress < GRACE:
            state.alike_since, state.alike_looks = None, 0
            return variety, None
        state.alike_since = state.kimg if state.alike_since is None else state.alike_since
        state.alike_looks += 1
        if state.alike_looks < PATIENCE:
            return variety, None
        return variety, self.once(
            "alike",
            f"the samples look alike since {state.alike_since:.1f} thousand pictures (their variety is {variety:.0%} "
            "of the pictures'): mode collapse; try more pictures, a longer training or --objective chonk",
        )

    def check_duplicates(self, figures: dict[str, float], state: State, progress: float) -> str | None:
        """The same, from a judge's figures: twelve pictures over and over are as varied as the set, but all have
        twins."""
        share = figures.get("duplicates", 0.0)
        if share <= DUPLICATES or progress < GRACE:
            state.twins_since, state.twin_looks = None, 0
            return None
        state.twins_since = state.kimg if state.twins_since is None else state.twins_since
        state.twin_looks += 1
        if state.twin_looks < DUPLICATES_PATIENCE:
            return None
        return self.once(
            "alike",
            f"most results have a near-twin since {state.twins_since:.1f} thousand pictures ({share:.0%} of 150): mode "
            "collapse; try more pictures, a longer training or --objective chonk",
        )

    def once(self, kind: str, sentence: str | None) -> str | None:
        """The sentence, if nothing of its kind was said before."""
        if sentence is None or kind in self.said:
            return None
        self.said.add(kind)
        return sentence

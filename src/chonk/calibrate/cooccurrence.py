"""Whether what stands at two places of a result also occurs together in some picture of the memory.

A seam costs nothing where both pictures are alike, as in the sky, yet it may leave one animal's head on another's body,
or a coat in two colours.  Neither shows at the seam, but no training picture has both parts.  With d_p(n) the
difference at place p between the result and picture n, the cost of co-occurrence is the mean over pairs of places of

    min_n (d_p(n) + d_q(n)) - min_n d_p(n) - min_n d_q(n)

It is 0 where one picture explains both places as well as two pictures explain one each.  A place that no picture
explains, as in a drawing in other colours, costs nothing by itself."""

from __future__ import annotations

import torch

from chonk.learn.colour_readout import colour_readout
from chonk.nets.memory_bank import MemoryBank

FEATURE_SCALE, COLOUR_SCALE = 0.3, 0.1
"""A squared difference s, in variances over the memory, counts as s / (s + scale), so at most as 1."""
COLOUR_REACH = 2.9
"""Colours are compared at pairs of places up to this far apart: farther ones are seldom the same thing's."""


class Cooccurrence:
    """The costs of co-occurrence for one generator's memory."""

    def __init__(self, generator: MemoryBank) -> None:
        self.readout = colour_readout(generator.memory.permute(2, 3, 0, 1), generator.decoder)
        self.features = generator.memory.flatten(0, 1)  # places x pictures x 32
        self.colours = self.features @ self.readout.T
        self.common = (self.features.mean(1).square().sum() / self.features.square().mean(1).sum()).item()
        """The share of the mean picture in the energy of all features, 0 to 1: what the pictures have in common."""
        y, x = torch.meshgrid(torch.arange(generator.side), torch.arange(generator.side), indexing="ij")
        places = torch.stack([y, x], -1).view(-1, 2).float()
        self.near = torch.cdist(places, places) <= COLOUR_REACH

    def __call__(self, features: torch.Tensor) -> torch.Tensor:
        """Features N x 32 x side x side -> the costs of features and of the colours read of them, N x 2, 0 to 1."""
        places = features.flatten(2).permute(2, 0, 1)  # places x N x 32
        of_features = mean_cost(places, self.features, FEATURE_SCALE, torch.ones_like(self.near))
        of_colours = mean_cost(places @ self.readout.T, self.colours, COLOUR_SCALE, self.near)
        return torch.stack([of_features, of_colours], 1)


def mean_cost(values: torch.Tensor, memory: torch.Tensor, scale: float, compared: torch.Tensor) -> torch.Tensor:
    """The mean cost over the pairs of places that are compared (places x places, symmetric): values places x N x D,
    memory places x M x D -> N."""
    variance = memory.var(1, correction=0).sum(1).mean().clamp(min=1e-9)
    difference = torch.cdist(values, memory).square() / variance  # places x N x M
    difference = difference / (difference + scale)
    least = difference.amin(2)
    total, count = torch.zeros(values.shape[1]), 0
    for place, row in enumerate(compared):
        others = place + 1 + torch.nonzero(row[place + 1 :])[:, 0]
        both = (difference[place] + difference[others]).amin(2)
        total += (both - least[place] - least[others]).sum(0)
        count += len(others)
    return total / count

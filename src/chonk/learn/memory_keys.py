"""Keys of a generator's memory: what the set's pictures are like, in a few numbers each."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from chonk.nets.mosaic import COLOUR_DIM


def components(values: torch.Tensor, count: int) -> torch.Tensor:
    """The first principal components of N x D values, N x count, each of mean 0 and variance 1; noise where there are
    fewer."""
    values = values - values.mean(0)
    rank = min(count, *values.shape, len(values) - 1)
    left, strength, _ = torch.pca_lowrank(values, min(rank + 8, *values.shape), center=False, niter=4)
    rank = min(rank, int((strength > 1e-4 * strength[:1].clamp(min=1e-6)).sum()))
    return torch.cat([left[:, :rank] * len(values) ** 0.5, torch.randn(len(values), count - rank)], 1)


def colour_keys(features: torch.Tensor) -> torch.Tensor:
    """What pictures are like in their colours, whatever stands where: features N x 32 x side x side -> N x 6."""
    # Means of positive and of negative parts, so that opposites do not cancel.
    return components(torch.cat([F.relu(features), F.relu(-features)], 1).mean((2, 3)), COLOUR_DIM)

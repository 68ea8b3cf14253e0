"""Which pictures a step is shown, and its random seed: both follow from the run's seed and the step's number."""

from __future__ import annotations

import torch


def order(seed: int, first: int, count: int, pictures: int) -> torch.Tensor:
    """Which pictures are number `first` to `first + count - 1` of a training: every epoch is a shuffle of its own."""
    numbers = []
    for epoch in range(first // pictures, (first + count - 1) // pictures + 1):
        shuffle = torch.randperm(pictures, generator=torch.Generator().manual_seed(mix(seed, epoch)))
        start = epoch * pictures
        numbers.append(shuffle[max(first - start, 0) : max(first + count - start, 0)])
    return torch.cat(numbers)


def mix(seed: int, number: int) -> int:
    """One seed from two numbers."""
    return (seed * 0x9E3779B97F4A7C15 + number * 0xBF58476D1CE4E5B9 + 1) % 2**63

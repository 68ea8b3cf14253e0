"""Latents for training pictures: codes of any distribution, moved as little as it takes until they fill the cube
evenly."""

from __future__ import annotations

import torch


def uniform_latents(codes: torch.Tensor, rounds: int = 12, seed: int = 0) -> torch.Tensor:
    """N x D codes -> N x D in [-1, 1], nearly uniform and independent, near where near was.

    Each round turns the space at random and makes every axis normal by its ranks (iterative Gaussianization, Laparra,
    Camps-Valls and Malo 2011); the turns are undone at the end, so that axis i is still mostly code i."""
    random = torch.Generator().manual_seed(seed)
    count, dims = codes.shape
    x, turned = codes.double(), torch.eye(dims, dtype=torch.float64)
    for number in range(rounds):
        if number:
            turn = torch.linalg.qr(torch.randn(dims, dims, dtype=torch.float64, generator=random))[0]
            x, turned = x @ turn, turned @ turn
        ranks = x.argsort(dim=0, stable=True).argsort(dim=0).double()
        x = torch.erfinv((2 * ranks + 1) / count - 1) * 2**0.5
    return torch.erf(x @ turned.T / 2**0.5).float()

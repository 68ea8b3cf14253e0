"""How far drawn pictures are from real ones: the reconstruction loss of the default recipe and of pre-training."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def edge_aware_l1(error: torch.Tensor) -> torch.Tensor:
    """mean |e| + mean |e_(y+1) - e_y| + mean |e_(x+1) - e_x| over the last two dimensions: colours, and edges."""
    return error.abs().mean() + error.diff(dim=-2).abs().mean() + error.diff(dim=-1).abs().mean()


def reconstruction_loss(fake: torch.Tensor, real: torch.Tensor) -> torch.Tensor:
    """How far whole pictures are apart: `edge_aware_l1` at full size, half and a quarter of it (colours only)."""
    loss = edge_aware_l1(fake - real)
    for _ in range(2):
        fake, real = F.avg_pool2d(fake, 2), F.avg_pool2d(real, 2)
        loss = loss + 0.5 * (fake - real).abs().mean()
    return loss

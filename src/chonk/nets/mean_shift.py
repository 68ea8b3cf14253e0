"""Mean shift: latents move to where a generator draws best.

A generator that redraws some pictures from latents of their own draws the worse, the farther a latent is from those
anchors.  One step of mean shift (Fukunaga and Hostetler 1975) moves a latent towards the mean of the anchors l_j near
it:

    z <- z + s (sum_j w_j l_j - z)      w = softmax_j(-|z - l_j|^2 / 2 h^2)

It is continuous in z, so what lies between two latents stays between them."""

from __future__ import annotations

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.memory_bank import attention, constant

torch.fx.wrap("attention")  # one operation to the page

BANDWIDTH = 0.4
"""The kernel's deviation h, for latents in [-1, 1]."""


class MeanShift(nn.Module):
    """Latents N x latent_dim -> the same, moved towards `count` anchors.  They stay where they are until `set_anchors`
    was called."""

    def __init__(self, count: int, latent_dim: int) -> None:
        super().__init__()
        self.count = count
        self.anchors = constant(latent_dim, count)
        self.keys, self.bias = constant(count, latent_dim), constant(count)
        self.share = constant(1)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        weights = attention(F.linear(z, self.keys, self.bias))
        return z + self.share * (F.linear(weights, self.anchors) - z)

    @torch.no_grad()
    def set_anchors(self, anchors: torch.Tensor, share: float) -> None:
        """The anchors, count x latent_dim, and s, the share of the way to their mean."""
        self.anchors.copy_(anchors.T)
        self.keys.copy_(anchors / BANDWIDTH**2)
        self.bias.copy_(-anchors.square().sum(1) / (2 * BANDWIDTH**2))
        self.share.fill_(share)

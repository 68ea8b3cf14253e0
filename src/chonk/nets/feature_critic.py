"""The critic of features: at every place what is around it, and the whole in quarters."""
from __future__ import annotations

import torch
import torch.nn as nn

from chonk.nets.autoencoder import FEATURES, SLOPE, Residual, initialize


class FeatureCritic(nn.Module):
    """Features N x 32 x side x side -> opinions N x K, high for real ones: one for each place (it sees 5 x 5 places around it,
    so it judges whether neighbours fit together) and one for each square of two by two (which sees far more)."""

    def __init__(self, width: int = 96) -> None:
        super().__init__()
        self.near = nn.Sequential(nn.Conv2d(FEATURES, width, 3, padding=1), Residual(width), nn.LeakyReLU(SLOPE))
        self.near_opinion = nn.Conv2d(width, 1, 1)
        self.far = nn.Sequential(nn.Conv2d(width, width, 3, stride=2, padding=1), Residual(width), nn.LeakyReLU(SLOPE))
        self.far_opinion = nn.Conv2d(width, 1, 1)
        initialize(self)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        near = self.near(features)
        return torch.cat([self.near_opinion(near).flatten(1), self.far_opinion(self.far(near)).flatten(1)], 1)

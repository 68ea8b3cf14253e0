"""Features whose places have different colours -> features of the same drawing in the colours of one palette.

Image harmonization (Tsai et al. 2017, arXiv:1703.00069) on features instead of pixels, and trained in the same way:
pictures are recoloured in places (`chonk.learn.recolour`), and the net restores their own colours.  Besides the
features it gets only the palette, 48 numbers without positions; where each colour belongs it infers from the
drawing."""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.autoencoder import FEATURES, SLOPE, Residual, initialize

PALETTE = 48
"""Numbers that say which colours a picture has."""


class Harmonizer(nn.Module):
    """Features N x 32 x S x S and a palette N x 48 x 1 x 1 -> features of the same drawing in these colours."""

    def __init__(self, width: int = 64) -> None:
        super().__init__()
        # What each place contributes to the palette, N x 48 x S x S; in training the mean is over some places only.
        self.palette_map = nn.Sequential(nn.Conv2d(FEATURES, PALETTE, 1), nn.LeakyReLU(SLOPE))
        self.feature_input = nn.Conv2d(FEATURES, width, 3, padding=1)
        self.palette_input = nn.Conv2d(PALETTE, width, 1, bias=False)
        last = nn.Conv2d(width, FEATURES, 1)
        self.residual = nn.Sequential(Residual(width), Residual(width), nn.LeakyReLU(SLOPE), last)
        initialize(self)
        nn.init.zeros_(last.weight)  # at first it changes nothing

    def palette(self, features: torch.Tensor) -> torch.Tensor:
        """The colours of a whole picture (features N x 32 x S x S): N x 48 x 1 x 1."""
        return F.adaptive_avg_pool2d(self.palette_map(features), 1)

    def forward(self, features: torch.Tensor, palette: torch.Tensor) -> torch.Tensor:
        side = features.shape[-1]
        palette_input = self.palette_input(palette).expand(-1, -1, side, side)
        return features + self.residual(self.feature_input(features) + palette_input)

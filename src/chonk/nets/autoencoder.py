"""The eye and the hand: an auto-encoder that has seen many drawings before it sees yours.

    picture S x S  ->  features S/8 x S/8, 32 numbers a place  ->  picture

It was trained once on the endless world of `chonk.synthetic.world` (the command: `python -m chonk.learn.pretrain`) and
comes with the package (`chonk.nets.pretrained`).  What an outline, a flat colour or an eye is need not be learned from
a few hundred pictures again: the encoder turns those into features, a generator only learns features, and the decoder,
which learns on, draws them.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

SLOPE = 0.2
FEATURES = 32
"""Numbers a place."""
STEP = 8
"""Pixels a place is wide and high."""


class Residual(nn.Module):
    """x + scale * conv(leaky(x)), with a learned scale for each channel that starts small."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.scale = nn.Parameter(torch.full((1, channels, 1, 1), 0.3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.scale * self.conv(F.leaky_relu(x, SLOPE))


def initialize(net: nn.Module) -> None:
    """Weights of He et al. 2015 (arXiv:1502.01852) for leaky ReLUs, biases of zero."""
    for module in net.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, SLOPE)
            if module.bias is not None:
                nn.init.zeros_(module.bias)


class Encoder(nn.Module):
    """Pictures N x 4 x S x S in [-1, 1] (colours on white, alpha) -> features N x 32 x S/8 x S/8 of mean 0 and
    deviation 1."""

    mean: torch.Tensor
    deviation: torch.Tensor

    def __init__(self, widths: tuple[int, int] = (64, 128)) -> None:
        super().__init__()
        low, high = widths
        self.low = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(4 * 4**2, low, 3, padding=1), Residual(low), Residual(low)
        )
        self.high = nn.Sequential(
            nn.LeakyReLU(SLOPE), nn.Conv2d(low, high, 4, stride=2, padding=1), Residual(high), Residual(high)
        )
        self.out = nn.Sequential(nn.LeakyReLU(SLOPE), nn.Conv2d(high, FEATURES, 1))
        self.register_buffer("mean", torch.zeros(1, FEATURES, 1, 1))
        self.register_buffer("deviation", torch.ones(1, FEATURES, 1, 1))
        initialize(self)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return (self.out(self.high(self.low(with_alpha(pictures)))) - self.mean) / self.deviation


class Decoder(nn.Module):
    """Features N x 32 x S/8 x S/8 -> pictures N x channels x S x S, [-1, 1] and a little beyond.

    A 3x3 convolution costs four times as much each time the side doubles, so layers are wide where the map is small,
    and the last two doublings are pixel shuffles (Shi et al. 2016, arXiv:1609.05158).  The output is linear: `compose`
    cuts it off at the ends of the range, so flat white becomes exactly white."""

    def __init__(self, channels: int = 4, widths: tuple[int, int, int] = (96, 64, 32)) -> None:
        super().__init__()
        high, low, fine = widths
        self.enter = nn.Sequential(nn.Conv2d(FEATURES, high, 3, padding=1), Residual(high), Residual(high))
        self.rest = nn.Sequential(
            nn.LeakyReLU(SLOPE),
            nn.Upsample(scale_factor=2, mode="nearest"),
            nn.Conv2d(high, low, 3, padding=1),
            Residual(low),
            Residual(low),
            nn.LeakyReLU(SLOPE),
            nn.Conv2d(low, 4 * fine, 1),
            nn.PixelShuffle(2),
            Residual(fine),
            Residual(fine),
            nn.LeakyReLU(SLOPE),
            last := nn.Conv2d(fine, 4 * channels, 3, padding=1),
            nn.PixelShuffle(2),
        )
        initialize(self)
        with torch.no_grad():
            last.weight.mul_(0.3)  # the first pictures are pale, not garish

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        return self.rest(self.enter(features))


def with_alpha(pictures: torch.Tensor) -> torch.Tensor:
    """Opaque pictures get the alpha that they lack: N x 3 or 4 x S x S -> N x 4 x S x S."""
    return pictures if pictures.shape[1] == 4 else F.pad(pictures, (0, 0, 0, 0, 0, 1), value=1.0)

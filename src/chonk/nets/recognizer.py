"""The net that finds stickers in a camera's picture: it looks at one small window, and is moved over the whole frame.

    window 16 x 16, contrast made even  ->  96 features  ->  64  ->  whether a sticker fills it, and if so, which

A sticker is found in that copy of the frame in which it is about 16 pixels wide.  Moved over a frame the first layer is
a convolution, the others work at each place by itself, and making the contrast even needs the window's mean and
deviation only.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

SIDE = 16
"""Pixels that a window is wide and high."""
STEP = 2
"""Pixels from one window to the next."""
SLOPE = 0.2
FLOOR = 0.08
"""Deviation, in units of [-1, 1], below which contrast is noise."""


class Conv(nn.Conv2d):
    """A convolution that always has a bias."""

    bias: torch.Tensor


class Recognizer(nn.Module):
    """Frames N x 3 x H x W in [-1, 1], sides even -> N x (1 + stickers) x windows down x windows across: the logit of a
    sticker being there, and the logits of each being the one (`chances`)."""

    def __init__(self, stickers: int, widths: tuple[int, int] = (96, 64)) -> None:
        super().__init__()
        first, second = widths
        self.see = Conv(3 * STEP**2, first, SIDE // STEP)
        self.think = Conv(first, second, 1)
        self.guess = Conv(second, 1 + stickers, 1)
        for layer in (self.see, self.think, self.guess):
            nn.init.kaiming_normal_(layer.weight, SLOPE)
            nn.init.zeros_(layer.bias)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        raw = F.conv2d(F.pixel_unshuffle(frames, STEP), self.see.weight)
        mean = F.avg_pool2d(frames.mean(1, keepdim=True), SIDE, STEP)
        square = F.avg_pool2d(frames.square().mean(1, keepdim=True), SIDE, STEP)
        deviation = (square - mean.square()).clamp(min=0).sqrt().clamp(min=FLOOR)
        even = (raw - mean * self.see.weight.sum((1, 2, 3)).view(1, -1, 1, 1)) / deviation
        features = F.leaky_relu(even + self.see.bias.view(1, -1, 1, 1), SLOPE)
        return self.guess(F.leaky_relu(self.think(features), SLOPE))


def chances(logits: torch.Tensor) -> torch.Tensor:
    """How likely each sticker is at each place: N x (1 + stickers) x H x W logits -> N x stickers x H x W."""
    return logits[:, :1].sigmoid() * logits[:, 1:].softmax(1)

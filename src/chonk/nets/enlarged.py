"""A 3x3 convolution of a picture of twice the side, worked out from the picture itself.

Nearest-neighbour upsampling shows every pixel four times, so among the nine pixels that a place of the larger picture
looks at only four differ: each of the four kinds of places (even or odd row, even or odd column) is a 2x2 convolution
of the smaller picture, whose weights are sums of the nine.  That is four multiplications instead of nine, and the
larger picture is never made.
"""

from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd.function import once_differentiable

WORTH = 1 << 17
"""From so many numbers on it is the faster way on a CPU."""


def convolve_enlarged(x: torch.Tensor, conv: nn.Module) -> torch.Tensor:
    """conv of x at twice the side, N x C x H x W -> N x outputs x 2H x 2W.  While training the short way is taken where
    it is worth it; its results can be differentiated once."""
    if conv.training and isinstance(conv, nn.Conv2d) and x.device.type == "cpu" and x.numel() >= WORTH:
        return short(x, conv.weight, conv.bias)
    return conv(F.interpolate(x, scale_factor=2.0, mode="nearest"))


def short(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    """The same from 2x2 convolutions; weight is outputs x C x 3 x 3."""
    kinds = [kind for rows in halves(weight, 2) for kind in halves(rows, 3)]
    return Interleave.apply(F.conv2d(x, torch.cat(kinds), None if bias is None else bias.repeat(4), padding=1))


def halves(weight: torch.Tensor, dim: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Three weights along `dim` -> two, for even places, which see the pixel before theirs and twice their own, and for
    odd ones."""
    before, here, after = weight.unbind(dim)
    return torch.stack([before, here + after], dim), torch.stack([before + here, after], dim)


class Interleave(torch.autograd.Function):
    """N x 4C x (H+1) x (W+1), the four kinds of places with a margin -> N x C x 2H x 2W."""

    @staticmethod
    def kinds(large: torch.Tensor, small: torch.Tensor):
        """The places of each kind, in the larger picture and where they stand in the smaller one."""
        height, width = (side // 2 for side in large.shape[2:])
        for number, part in enumerate(small.chunk(4, 1)):
            row, column = divmod(number, 2)
            yield large[:, :, row::2, column::2], part[:, :, row : row + height, column : column + width]

    @staticmethod
    def forward(ctx, small: torch.Tensor) -> torch.Tensor:
        ctx.shape = small.shape
        count, channels, height, width = small.shape
        large = torch.empty(
            (count, channels // 4, 2 * height - 2, 2 * width - 2), dtype=small.dtype, memory_format=torch.channels_last
        )
        for there, here in Interleave.kinds(large, small):
            there.copy_(here)
        return large

    @staticmethod
    @once_differentiable
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        small = torch.empty(ctx.shape, dtype=gradient.dtype, memory_format=torch.channels_last)
        for edge in (0, -1):  # the margins, of which each kind leaves some out
            small[:, :, edge] = small[:, :, :, edge] = 0
        for there, here in Interleave.kinds(gradient, small):
            here.copy_(there)
        return small

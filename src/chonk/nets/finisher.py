"""The finishing stage: a small picture, drawn or generated, at four and eight times its side with crisp edges.

    picture S x S  ->  high-pass  ->  features at S/2, S, 2S  ->  4S x 4S  ->  8S x 8S,  both sharpened

No layer has a bias, and the first one sees only how a pixel differs from its neighbours: where a picture is flat every
layer says nothing and the result is flat too, exactly, in any colour; nor does it matter how strong a contrast is
(bias-free nets: Mohan et al. 2020, arXiv:1906.05478).  What the layers add corrects a bilinear enlargement; they widen
the map by pixel shuffles (Shi et al. 2016, arXiv:1609.05158).  A net that errs as little as it can leaves edges as wide
as it is unsure of where they are; `sharpen` makes them narrow again.  `python -m chonk.learn.finisher` trained the
layers on the world's drawings, whose true versions exist at every size; the weights come with the package.
"""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save

SLOPE = 0.2
WEIGHTS = Path(__file__).with_name("finisher.safetensors")


class Residual(nn.Module):
    """x + conv(leaky(x)), without bias; at first it changes little."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        nn.init.kaiming_normal_(self.conv.weight, SLOPE)
        with torch.no_grad():
            self.conv.weight.mul_(0.3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv(F.leaky_relu(x, SLOPE))


SHARPENING = {4: (2, 2.0), 8: (3, 3.0)}
"""How edges are made steep at so many times the side: within how many pixels, and how many times as steep."""
REACH = 2
SHARE, FULL_SHARE = 0.75, 0.95
"""Of the contrast: from the first on an edge is sharpened a little, from the second wholly."""
FAINT = 0.15
"""Contrast that is left alone; twice as much is sharpened wholly."""


@torch.fx.wrap
def sharpen(pictures: torch.Tensor, radius: int, slope: float) -> torch.Tensor:
    """Makes edges steeper and leaves shading alone, after the filter of Kramer and Bruckner (1975).

    Values near an edge lie between those of its two sides, the lowest and the highest within `radius` pixels.  They are
    moved `slope` times as far from the middle, but never beyond either: so nothing rings, and what is flat stays flat.
    An edge is where nearly all of the contrast within `radius + REACH` pixels is reached within `radius`; in a gradient
    it is not, and faint contrasts are no edges either."""
    high, low = largest(pictures, radius), -largest(-pictures, radius)
    contrast = high - low
    around = largest(high, REACH) + largest(-low, REACH)
    share = contrast / around.clamp(min=1e-6)
    is_edge = ((share - SHARE) / (FULL_SHARE - SHARE)).clamp(0, 1) * ((contrast - FAINT) / FAINT).clamp(0, 1)
    middle = (high + low) / 2
    steeper = (middle + slope * (pictures - middle)).maximum(low).minimum(high)
    return pictures + is_edge * (steeper - pictures)


def largest(maps: torch.Tensor, radius: int) -> torch.Tensor:
    """The largest value within `radius` pixels in each of the four directions and between, N x C x H x W.

    By shifting: a pooling layer takes several times as long on a CPU."""
    for dim, edges in ((2, (0, 0, radius, radius)), (3, (radius, radius))):
        padded, length = F.pad(maps, edges, value=-torch.inf), maps.shape[dim]
        maps = reduce(torch.maximum, (padded.narrow(dim, shift, length) for shift in range(2 * radius + 1)))
    return maps


def conv(inputs: int, outputs: int, side: int) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, side, padding=side // 2, bias=False)


class Finisher(nn.Module):
    """Pictures N x 4 x S x S in [-1, 1] (colours on white, alpha), S even -> N x 4 x 8S x 8S, a little beyond
    [-1, 1].  `widths` are the channels at S/2, S, 2S and 4S."""

    high_pass: torch.Tensor
    white: torch.Tensor

    def __init__(self, widths: tuple[int, int, int, int] = (64, 20, 12, 12)) -> None:
        super().__init__()
        half, one, two, four = widths
        high_pass = torch.full((4, 1, 3, 3), -1 / 8)
        high_pass[:, :, 1, 1] = 1
        self.register_buffer("high_pass", high_pass, persistent=False)
        self.register_buffer("white", torch.tensor([1.0, 1.0, 1.0, -1.0]).view(1, 4, 1, 1), persistent=False)
        self.body = nn.Sequential(
            nn.PixelUnshuffle(2), conv(16, half, 3), *(Residual(half) for _ in range(3)), nn.LeakyReLU(SLOPE)
        )
        self.upsample = nn.Sequential(
            *(conv(half, 4 * one, 1), nn.PixelShuffle(2), Residual(one), nn.LeakyReLU(SLOPE)),
            *(conv(one, 4 * two, 1), nn.PixelShuffle(2), nn.LeakyReLU(SLOPE)),
        )
        self.head_4x = nn.Sequential(conv(two, 16, 3), nn.PixelShuffle(2))
        self.head_8x = nn.Sequential(
            *(conv(two, 4 * four, 1), nn.PixelShuffle(2), Residual(four), nn.LeakyReLU(SLOPE)),
            *(conv(four, 16, 3), nn.PixelShuffle(2)),
        )
        for last in (self.head_4x[0], self.head_8x[4]):
            nn.init.normal_(last.get_parameter("weight"), std=0.01)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.enlarged(pictures, 8)

    def enlarged(self, pictures: torch.Tensor, factor: int) -> torch.Tensor:
        """At four or eight times their side."""
        features = self.features(pictures)
        large = self.four_times(pictures, features)
        if factor == 8:
            large = self.eight_times(large, features)
        return sharpen(large, *SHARPENING[factor])

    def both(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """At eight and at four times their side."""
        features = self.features(pictures)
        large = self.four_times(pictures, features)
        return sharpen(self.eight_times(large, features), *SHARPENING[8]), sharpen(large, *SHARPENING[4])

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        """N x 12 x 2S x 2S."""
        # White and transparent is 0 here, as is what lies beyond the border.
        return self.upsample(self.body(F.conv2d(pictures - self.white, self.high_pass, padding=1, groups=4)))

    def four_times(self, pictures: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """N x 4 x 4S x 4S, not sharpened yet."""
        return F.interpolate(pictures, scale_factor=4.0, mode="bilinear", align_corners=False) + self.head_4x(features)

    def eight_times(self, large: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """N x 4 x 8S x 8S, not sharpened yet; `large` is what `four_times` made."""
        return F.interpolate(large, scale_factor=2.0, mode="bilinear", align_corners=False) + self.head_8x(features)


def load_finisher(file: Path = WEIGHTS) -> Finisher:
    """The trained finishing stage.  Raises ValueError, RuntimeError or SafetensorError for a file that holds none."""
    net = Finisher()
    weights = {name: value.float() for name, value in load_file(file).items()}
    if not all(value.isfinite().all() for value in weights.values()):
        raise ValueError(f"{file.name} holds no numbers")
    net.load_state_dict(weights)
    return net.eval().requires_grad_(False)


def finisher_bytes(net: Finisher) -> bytes:
    """What `load_finisher` reads, as fp16."""
    return save({name: value.half().contiguous() for name, value in net.state_dict().items()})


def save_finisher(net: Finisher, file: Path = WEIGHTS) -> None:
    """Writes what `load_finisher` reads."""
    file.write_bytes(finisher_bytes(net))

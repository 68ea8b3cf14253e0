"""The two nets that find stickers in a camera's picture.

    Finder  small copies of the frame   ->  where a sticker of about 16 pixels may be, and how large it is
    Namer   a crop around such a place  ->  whether it is one of the stickers, and which

The finder knows no sticker by name: it has seen drawings of any kind on paper, screens and mugs, and comes with the
package.  The namer comes with the package up to its last layer, and learns a set's stickers in two minutes.
"""

from __future__ import annotations

from pathlib import Path

import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file

from chonk.nets.pretrained import PRETRAINED

SIDE = 16
"""Width of a sticker as the finder likes it, in pixels of its copy."""
STEP = 4
"""Pixels from one of the finder's places to the next."""
CROP, FILLED = 36, 26
"""Side of the namer's crops, and of the sticker in their middle."""
FLOOR = 0.08
"""Deviation, in units of [-1, 1], below which contrast is noise."""
SLOPE = 0.1
FEATURES = 96
FILE = PRETRAINED.with_name("recognizer.safetensors")


def even(pictures: torch.Tensor) -> torch.Tensor:
    """N x 3 x H x W in [-1, 1], each with mean 0 and deviation 1: what both nets read."""
    mean = pictures.mean((1, 2, 3), keepdim=True)
    deviation = pictures.sub(mean).square().mean((1, 2, 3), keepdim=True).sqrt()
    return (pictures - mean) / deviation.clamp(min=FLOOR)


def conv(inputs: int, outputs: int, side: int, padding: int = 0) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, side, padding=padding, bias=False), nn.BatchNorm2d(outputs), nn.LeakyReLU(SLOPE)
    )


class Finder(nn.Sequential):
    """Evened copies N x 3 x H x W, sides divisible by 4 -> N x 4 x H/4 x W/4: the logit of a sticker there, how
    far its middle is right and down of the place's in units of STEP, and the log of its width in units of SIDE."""

    def __init__(self) -> None:
        super().__init__(
            nn.PixelUnshuffle(2),
            conv(12, 16, 3, 1),
            conv(16, 24, 3, 1),
            nn.PixelUnshuffle(2),
            conv(96, 32, 1),
            conv(32, 32, 3, 1),
            conv(32, 32, 3, 1),
            nn.Conv2d(32, 4, 1),
        )


class Namer(nn.Module):
    """Evened crops N x 3 x CROP x CROP -> N x (1 + stickers) logits of no sticker and of each."""

    def __init__(self, stickers: int) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.PixelUnshuffle(2),
            conv(12, 32, 3),
            nn.PixelUnshuffle(2),
            conv(128, 48, 1),
            conv(48, 64, 3),
            conv(64, 80, 3),
            nn.PixelUnshuffle(2),
            conv(320, 64, 1),
            nn.Flatten(),
            nn.Linear(4 * 64, FEATURES),
            nn.LeakyReLU(SLOPE),
        )
        self.guess = nn.Linear(FEATURES, 1 + stickers)

    def forward(self, crops: torch.Tensor) -> torch.Tensor:
        return self.guess(self.features(crops))


class Recognizer(nn.Module):
    """Both nets for so many stickers, with random weights."""

    def __init__(self, stickers: int) -> None:
        super().__init__()
        self.stickers = stickers
        self.finder, self.namer = Finder(), Namer(stickers)


def pretrained(stickers: int, file: Path = FILE) -> Recognizer:
    """Both nets as `chonk.hunt.pretrain` left them; the namer's last layer knows nothing yet."""
    net = Recognizer(stickers)
    net.load_state_dict({name: value.float() for name, value in load_file(file).items()}, strict=False)
    return net


def save_pretrained(net: Recognizer, file: Path = FILE) -> None:
    """Writes what `pretrained` reads, in fp16, without the last layer."""
    weights = {
        name: value.half().contiguous()
        for name, value in net.state_dict().items()
        if not name.startswith("namer.guess") and value.is_floating_point()
    }
    save_file(weights, file)

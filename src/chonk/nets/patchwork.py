"""The default generator: most of the work at a quarter of the pictures' size, where a multiplication buys the most.

    z -> a mixture of codes -> linear -> 4 x 4 -> [double, 3x3, residual 3x3] ... -> a quarter of the size -> two pixel shuffles -> picture

A 3x3 convolution costs four times as much each time the side doubles, so layers are wide where the map is small and the
last two doublings are pixel shuffles (Shi et al. 2016, arXiv:1609.05158): lines are still placed to the pixel, but drawn
from few features.  64 x 64 pictures take 0.73 million weights and 0.21 GFLOP each
(with 400 anchors 0.78 million; counted by torch.utils.flop_counter).
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

WIDTHS = (128, 128, 96, 48, 24)
"""Filters of the maps, from the smallest on."""
SLOPE = 0.2
MAX_BASE = 7
MAX_ANCHORS = 4096


def doublings(size: int) -> int:
    """How often the first map is doubled for pictures of that side: the fewest for which it is at most 7 x 7.

    Raises ValueError for a side that cannot be reached so."""
    for times in range(2, len(WIDTHS) + 2):
        if size % 8 == 0 and size % 2**times == 0 and 2 <= size // 2**times <= MAX_BASE:
            return times
    raise ValueError(f"pictures of {size} x {size}: the side must be 8 times something and 2 to 7 times 4, 8, 16, 32 or 64 (for example 32, 48, 64, 80, 96, 128, 256)")


class Residual(nn.Module):
    """x + scale * conv(leaky(x)), with a learned scale for each channel that starts small."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, padding=1)
        self.scale = nn.Parameter(torch.full((1, channels, 1, 1), 0.3))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.scale * self.conv(F.leaky_relu(x, SLOPE))


class Generator(nn.Module):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    The output is linear: `compose` cuts it off at the ends of the range, so flat white becomes exactly white, and a pixel
    that has gone too far still learns its way back."""

    latent_kind = "normal"

    def __init__(self, size: int, channels: int, latent_dim: int, fine: int = 32, anchors: int = 0) -> None:
        super().__init__()
        if not 0 <= anchors <= MAX_ANCHORS:
            raise ValueError(f"anchors {anchors}: must be 0 to {MAX_ANCHORS}")
        self.anchors = anchors
        widths = WIDTHS[:doublings(size) - 1]
        self.base = size // 2 ** doublings(size)
        self.width = widths[0]
        self.spread = nn.Linear(latent_dim, self.width * self.base**2)
        layers: list[nn.Module] = []
        for before, after in zip(widths, widths[1:]):
            layers += [nn.LeakyReLU(SLOPE), nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(before, after, 3, padding=1), Residual(after)]
        layers += [Residual(widths[-1]), nn.LeakyReLU(SLOPE), nn.Conv2d(widths[-1], 4 * fine, 1), nn.PixelShuffle(2),
                   Residual(fine), nn.LeakyReLU(SLOPE), nn.Conv2d(fine, 4 * channels, 3, padding=1), nn.PixelShuffle(2)]
        self.layers = nn.Sequential(*layers)
        for module in self.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):
                nn.init.kaiming_normal_(module.weight, SLOPE)
                nn.init.zeros_(module.bias)
        if anchors:
            self.keys = nn.Linear(latent_dim, anchors, bias=False).requires_grad_(False)
            self.values = nn.Linear(anchors, latent_dim, bias=False).requires_grad_(False)
        with torch.no_grad():
            self.layers[-2].weight.mul_(0.3)            # the first pictures are pale, not garish

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.draw(self.anchored(z))

    def anchored(self, z: torch.Tensor) -> torch.Tensor:
        """Latents drawn towards the codes they point at, N x latent_dim: values softmax(keys z).

        A random point of 64 dimensions is far from every code; this mixes the codes that lie in its direction, smoothly."""
        return self.values(F.softmax(self.keys(z), dim=1)) if self.anchors else z

    @torch.no_grad()
    def set_anchors(self, codes: torch.Tensor, focus: float) -> None:
        """Makes `codes` (anchors x latent_dim) the anchors; results have standard deviation 1, as the codes have.

        `focus` is the factor in the softmax: near 0 all codes are mixed alike, near 1 a single one is drawn."""
        self.keys.weight.copy_(focus * codes)
        self.values.weight.copy_(codes.T)
        probe = torch.randn(1024, codes.shape[1], generator=torch.Generator().manual_seed(0)).to(codes.device)
        self.values.weight.div_(self.anchored(probe).std().clamp(min=1e-3))

    def draw(self, codes: torch.Tensor) -> torch.Tensor:
        """Codes N x latent_dim -> pictures: the net without its anchors."""
        x = self.spread(codes).reshape(-1, self.width, self.base, self.base)
        return self.layers(x.contiguous(memory_format=torch.channels_last))

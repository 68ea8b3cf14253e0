"""Soft or grainy?  Answered in terms anybody knows: "as if a real picture had been blurred by so many pixels".

The real pictures are blurred, and made noisy, by known amounts; the amount at which they match the results is the
answer.  So the figures need no scale of their own and hold for line art and photographs alike.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import torch
import torch.nn.functional as F

from chonk.judge.halves import Figure
from chonk.judge.planted import blurred, noisy

BLURS = (0.0, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7, 2.2, 3.0)
NOISES = (0.0, 2.0, 4.0, 8.0, 12.0, 18.0, 26.0, 40.0, 60.0)


def slopes(pixels: torch.Tensor) -> torch.Tensor:
    """Step to the right and down of the colour (bytes N x C x S x S on white), root mean square over colours: N x (S-1)
    x (S-1)."""
    x = pixels[:, :3].float() / 255
    across, down = x[:, :, :-1, 1:] - x[:, :, :-1, :-1], x[:, :, 1:, :-1] - x[:, :, :-1, :-1]
    return ((across**2 + down**2).mean(1)).sqrt()


def edges(pixels: torch.Tensor) -> torch.Tensor:
    """How steep the steepest edges are: the largest slope in each window of 1/8 of the side, over the contrast there;
    N x 2, the sum over a picture's windows and their number.

    A sharp edge goes its whole way in one pixel; blur of any kind spreads it.  Flat windows are left out; windows
    overlap by half."""
    x = pixels[:, :3].float() / 255
    side = max(4, pixels.shape[-1] // 8)
    contrast = (F.max_pool2d(x, side, side // 2) + F.max_pool2d(-x, side, side // 2)).square().mean(1).sqrt()
    steepest = F.max_pool2d(F.pad(slopes(pixels), (0, 1, 0, 1))[:, None], side, side // 2)[:, 0]
    shown = contrast > 0.1
    ratio = torch.where(shown, steepest / contrast.clamp(min=1e-6), 0)
    return torch.stack([ratio.flatten(1).sum(1), shown.flatten(1).sum(1)], 1)


def crispness(edges: torch.Tensor) -> float:
    """The mean over all windows of all pictures, of what `edges` found in each; 0 where all are flat."""
    total, windows = edges.double().sum(0).tolist()
    return total / windows if windows else 0.0


def unrest(pixels: torch.Tensor) -> torch.Tensor:
    """Where a picture should be flat: the slope that a fifth of its places stay below, N numbers."""
    return slopes(pixels).flatten(1).quantile(0.2, dim=1)


def match(value: float, amounts: tuple[float, ...], curve: list[float]) -> float:
    """The amount at which a monotone curve first reaches the value, by linear interpolation; the ends where it lies
    outside."""
    sign = 1 if curve[-1] > curve[0] else -1
    reached = [0]
    for i in range(1, len(curve)):  # where the curve is flat, the smallest amount explains the value
        if sign * curve[i] > sign * curve[reached[-1]]:
            reached.append(i)
    return float(np.interp(sign * value, [sign * curve[i] for i in reached], [amounts[i] for i in reached]))


class Curves:
    """How soft and how grainy some reference pictures look (bytes N x C x S x S) when they are blurred or made noisy by
    known amounts.  Every picture is looked at once; `part` takes some of them."""

    def __init__(self, reference: torch.Tensor) -> None:
        self.reference = reference

    @cached_property
    def edges(self) -> torch.Tensor:
        """Of each picture in each blur, BLURS x N x 2."""
        colours = self.reference[:, :3]
        return torch.stack([edges(blurred(colours, sigma) if sigma else colours) for sigma in BLURS])

    @cached_property
    def unrest(self) -> torch.Tensor:
        """Of each picture with each of NOISES, NOISES x N."""
        rng = np.random.default_rng(0)
        return torch.stack([unrest(noisy(self.reference, sigma, rng) if sigma else self.reference) for sigma in NOISES])

    def part(self, which: torch.Tensor) -> Curves:
        """The curves of those of the reference pictures alone."""
        part = Curves(self.reference[which])
        part.edges, part.unrest = self.edges[:, which], self.unrest[:, which]
        return part

    def softness(self, edges: torch.Tensor) -> float:
        """Blur of the reference that makes its edges as soft as those of other pictures, in pixels of a 64-pixel
        picture, 0 to 3.

        Less than 0.3 moves no edge by a whole level and cannot be distinguished from none."""
        return match(crispness(edges), BLURS, [crispness(own) for own in self.edges])

    def graininess(self, unrest: torch.Tensor) -> float:
        """Noise on the reference that makes its flat places as uneven as those of other pictures, in levels of 255, 0
        to 60."""
        return match(float(unrest.mean()), NOISES, self.unrest.mean(1).tolist())


class Sharpness:
    """Both figures with their deviations, against halves of the real pictures, as `halves.compare` takes the others."""

    def __init__(self, real: torch.Tensor, seed: int = 0, rounds: int = 4, maximum: int = 100) -> None:
        rng = np.random.default_rng(seed)
        real = real[torch.from_numpy(rng.permutation(len(real))[: 2 * maximum])]
        self.half, all_curves = len(real) // 2, Curves(real)
        self.curves, self.real = [], []
        for _ in range(rounds):
            reference, other = torch.from_numpy(rng.permutation(len(real))[: 2 * self.half]).split(self.half)
            self.curves.append(all_curves.part(reference))
            self.real.append(self._ask(self.curves[-1], all_curves.edges[0, other], all_curves.unrest[0, other]))

    def __call__(self, fake: torch.Tensor) -> dict[str, Figure]:
        rng = np.random.default_rng(0)
        shown, flat = edges(fake), unrest(fake)
        chosen = (torch.from_numpy(rng.permutation(len(fake))[: self.half]) for _ in self.curves)
        found = [self._ask(curves, shown[which], flat[which]) for curves, which in zip(self.curves, chosen)]
        return {
            name: Figure.over_rounds(results, real, higher=False)
            for name, results, real in zip(("softness", "grain"), np.array(found).T, np.array(self.real).T)
        }

    @staticmethod
    def _ask(curves: Curves, edges: torch.Tensor, unrest: torch.Tensor) -> tuple[float, float]:
        return curves.softness(edges), curves.graininess(unrest)

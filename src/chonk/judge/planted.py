"""Faults planted on purpose, to see whether the verdict finds them: each takes real pictures and spoils them one way.

`benchmarks/judge_order.py` compares the order that the verdict puts them in with that of an independent scorer; the
tests require each to be called by its name.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F


def blurred(pixels: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian blur of bytes N x C x S x S, `sigma` in pixels of a 64-pixel picture."""
    sigma = sigma * pixels.shape[-1] / 64
    radius = max(1, round(3 * sigma))
    kernel = torch.exp(-(torch.arange(-radius, radius + 1).float() ** 2) / (2 * sigma**2))
    kernel = kernel / kernel.sum()
    planes = pixels.float().flatten(0, 1)[:, None]
    planes = F.conv2d(F.pad(planes, (radius, radius, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1))
    planes = F.conv2d(F.pad(planes, (0, 0, radius, radius), mode="replicate"), kernel.view(1, 1, -1, 1))
    return planes.view(pixels.shape).round().byte()


def noisy(pixels: torch.Tensor, sigma: float, rng: np.random.Generator) -> torch.Tensor:
    """White noise of `sigma` levels of 255 on every channel."""
    return (
        (pixels + sigma * torch.from_numpy(rng.standard_normal(pixels.shape).astype(np.float32)))
        .round()
        .clamp(0, 255)
        .byte()
    )


def ghosts(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Each picture averaged with another one."""
    return ((pixels.float() + _others(pixels, rng).float()) / 2).round().byte()


def swapped(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """The top half of each picture on the bottom half of another one."""
    middle = pixels.shape[2] // 2
    return torch.cat([pixels[:, :, :middle], _others(pixels, rng)[:, :, middle:]], 2)


def grafted(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """Patches of each picture on another one, of any shape, with edges as soft as four pixels of 64."""
    size = pixels.shape[-1]
    field = torch.from_numpy(rng.standard_normal((len(pixels), 1, 5, 5)).astype(np.float32))
    field = F.interpolate(field, (size, size), mode="bicubic", align_corners=True)
    share = torch.sigmoid(12 * field)
    return (share * pixels + (1 - share) * _others(pixels, rng)).round().byte()


def pasted(pixels: torch.Tensor, rng: np.random.Generator, softness: float = 0.0, maximum: int = 0) -> torch.Tensor:
    """A disc of another picture near the middle of each, its edge as soft as `softness` pixels of 64 (0: hard), what it
    shows moved by up to `maximum` pixels of 64."""
    count, size = len(pixels), pixels.shape[-1]
    other = shifted(_others(pixels, rng), rng, maximum) if maximum else _others(pixels, rng)
    middle = torch.from_numpy(rng.uniform(0.35, 0.65, (2, count, 1, 1)).astype(np.float32)) * size
    at = torch.arange(size) + 0.5
    inside = size / 4 - ((at[:, None] - middle[0]) ** 2 + (at - middle[1]) ** 2).sqrt()
    share = torch.sigmoid(inside * 64 / size / softness) if softness else (inside > 0).float()
    return (share[:, None] * other + (1 - share[:, None]) * pixels).round().byte()


def chimeras(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """As many pictures, each made of parts of two: halves, patches with soft edges, discs with hard ones, a third
    each."""
    made = torch.stack([swapped(pixels, rng), grafted(pixels, rng), pasted(pixels, rng)])
    return made[torch.arange(len(pixels)) % 3, torch.arange(len(pixels))]


def repeated(pixels: torch.Tensor, kinds: int = 12) -> torch.Tensor:
    """As many pictures, but only the first `kinds` of them, over and over."""
    return pixels[torch.arange(len(pixels)) % kinds]


def shifted(pixels: torch.Tensor, rng: np.random.Generator, maximum: int = 3) -> torch.Tensor:
    """Each picture moved by up to `maximum` pixels of 64 along both axes, the edge repeated."""
    maximum = max(1, round(maximum * pixels.shape[-1] / 64))
    size = pixels.shape[-1]
    padded = F.pad(pixels.float(), (maximum,) * 4, mode="replicate").byte()
    moves = rng.integers(0, 2 * maximum + 1, (len(pixels), 2))
    return torch.stack([picture[:, y : y + size, x : x + size] for picture, (y, x) in zip(padded, moves)])


def recoloured(pixels: torch.Tensor) -> torch.Tensor:
    """The colours turned round: red for green, green for blue, blue for red."""
    return torch.cat([pixels[:, [1, 2, 0]], pixels[:, 3:]], 1)


def warped(pixels: torch.Tensor, rng: np.random.Generator, strength: float = 2.5) -> torch.Tensor:
    """Bent by a smooth random field of about `strength` pixels of 64: monsters, crisp but of the wrong shape."""
    count, size = len(pixels), pixels.shape[-1]
    field = torch.from_numpy(rng.standard_normal((count, 2, 9, 9)).astype(np.float32)) * strength / 32
    field = F.interpolate(field, (size, size), mode="bicubic", align_corners=True).permute(0, 2, 3, 1)
    straight = F.affine_grid(torch.eye(2, 3).expand(count, 2, 3), list(pixels.shape), align_corners=False)
    moved = F.grid_sample(pixels.float(), straight + field, mode="bicubic", padding_mode="border", align_corners=False)
    return moved.round().clamp(0, 255).byte()


def scrambled(pixels: torch.Tensor, rng: np.random.Generator, parts: int = 4) -> torch.Tensor:
    """Each picture cut into parts x parts squares, put together in a random order."""
    _count, _channels, size = pixels.shape[:3]
    side = size // parts
    squares = F.unfold(pixels[..., : parts * side, : parts * side].float(), side, stride=side)
    squares = torch.stack([picture[:, torch.from_numpy(rng.permutation(parts**2))] for picture in squares])
    return F.interpolate(F.fold(squares, parts * side, side, stride=side), (size, size)).byte()


def _others(pixels: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """The same pictures in a random order in which none keeps its place."""
    order = rng.permutation(len(pixels))
    partner = np.empty_like(order)
    partner[order] = np.roll(order, 1)
    return pixels[partner]


def faults(real: torch.Tensor, training: torch.Tensor, seed: int = 0) -> dict[str, Callable[[], torch.Tensor]]:
    """Every fault by name, made from pictures that were not trained on (`real`) or, for copies, from those that
    were."""
    rng = np.random.default_rng(seed)
    return {
        "real": lambda: real,
        "blur 0.7": lambda: blurred(real, 0.7),
        "blur 1.5": lambda: blurred(real, 1.5),
        "noise 12": lambda: noisy(real, 12, rng),
        "noise 30": lambda: noisy(real, 30, rng),
        "ghosts": lambda: ghosts(real, rng),
        "swapped halves": lambda: swapped(real, rng),
        "grafted": lambda: grafted(real, rng),
        "pasted": lambda: pasted(real, rng),
        "pasted softly elsewhere": lambda: pasted(real, rng, 2.0, 10),
        "warped": lambda: warped(real, rng),
        "scrambled": lambda: scrambled(real, rng),
        "repeated": lambda: repeated(real),
        "recoloured": lambda: recoloured(real),
        "copies": lambda: training,
        "mirrored copies": lambda: training.flip(3),
        "shifted copies": lambda: shifted(training, rng),
    }

"""Where a sticker lies: on a plane of its own, turned, tilted in perspective, slightly bent or around a mug."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from chonk.hunt.optics import uniform


@dataclass(frozen=True)
class Variety:
    """How differently stickers are seen, and how often.  Angles in radians."""

    turned: float = 0.4
    """Share that is turned anyhow; the others stand nearly upright."""
    steep: float = 0.4
    """Share whose tilt is in `tilts`; that of the others is up to `gentle`."""
    tilts: tuple[float, float] = (0.0, 1.1)
    gentle: float = 0.4
    mugs: float = 0.1
    """Share that is on something round, of a radius in `radii`, in half widths of the sticker."""
    radii: tuple[float, float] = (1.2, 3.0)
    shadows: tuple[float, float] = (0.4, 0.6)
    """Share of views with a shadow, and how much of the light it takes at most; then the same of glare."""
    glare: tuple[float, float] = (0.2, 0.9)
    shares: tuple[float, float, float] = (0.55, 0.15, 0.15)
    """Of the crops that show a sticker, a sticker that does not fit, and another picture; the rest show a room."""


USUAL = Variety()
CROWDED = Variety(shares=(0.7, 0.12, 0.1))
"""For many stickers, each of which would else be seen too seldom."""
HARD = Variety(0.4, 0.4, (0.4, 1.13), 0.5, 0.12, shadows=(0.45, 0.75), glare=(0.25, 1.1))
"""For the nets of the package, which have more time than the two minutes of a set."""


def on_plane(
    size: torch.Tensor, centre: torch.Tensor, rays: torch.Tensor, variety: Variety, g: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Where every pixel of a view lies on the planes of N stickers, each N x pixels, [-1, 1] being the sticker.  `size`
    (N) and `centre` (N x 2) are the sticker's in pixels of the view, `rays` are the view's `pixels`."""
    count = len(size)
    roll = torch.where(
        torch.rand(count, generator=g) < variety.turned,
        uniform(g, count, -np.pi, np.pi),
        torch.randn(count, generator=g) * 0.3,
    )
    tilt = torch.where(
        torch.rand(count, generator=g) < variety.steep,
        uniform(g, count, *variety.tilts),
        uniform(g, count, 0, variety.gentle),
    )
    towards, far = uniform(g, count, -np.pi, np.pi), uniform(g, count, 2.2, 8.0)
    around = rotation(towards) @ tilted(tilt) @ rotation(roll - towards)
    plane = torch.stack(
        [around[:, :, 0], around[:, :, 1], torch.stack([torch.zeros(count), torch.zeros(count), far], 1)], 2
    )
    focus = far * size / 2
    lens = torch.zeros(count, 3, 3)
    lens[:, 0, 0] = lens[:, 1, 1] = focus
    lens[:, 0, 2], lens[:, 1, 2], lens[:, 2, 2] = centre[:, 0], centre[:, 1], 1
    back = torch.linalg.inv(lens @ plane) @ rays
    behind = back[:, 2] <= 1e-6
    u, v = (
        torch.where(behind, torch.tensor(9.0), back[:, i] / back[:, 2].clamp(min=1e-6)).clamp(-9, 9) for i in (0, 1)
    )
    bend = torch.randn(count, 2, generator=g)[:, :, None] * 0.05
    u, v = u + bend[:, 0] * v * v, v + bend[:, 1] * u * u
    round_one = (torch.rand(count, generator=g) < variety.mugs)[:, None]
    around, along = on_cylinder(u, v, uniform(g, count, *variety.radii)[:, None], far[:, None])
    return torch.where(round_one, around, u), torch.where(round_one, along, v)


def rotation(angle: torch.Tensor) -> torch.Tensor:
    """Rotations about the line of sight, N x 3 x 3."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero, zero, zero, one], 1).view(
        -1, 3, 3
    )


def tilted(angle: torch.Tensor) -> torch.Tensor:
    """Rotations about the horizontal axis, N x 3 x 3."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([one, zero, zero, zero, angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos()], 1).view(
        -1, 3, 3
    )


def on_cylinder(
    u: torch.Tensor, v: torch.Tensor, radius: torch.Tensor, far: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Places on a plane as places on a sheet that is wound about a cylinder which touches the plane in u = 0, seen from
    the distance `far`; 9 beside it."""
    turn = torch.asin((u / radius).clamp(-1, 1))
    farther = 1 + radius * (1 - turn.cos()) / far
    return torch.where(u.abs() < radius, turn * radius, 9.0), v * farther

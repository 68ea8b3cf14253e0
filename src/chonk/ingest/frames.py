"""Which frames of an animation are taken: those that show most, or some that differ, evenly spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from chonk.ingest.colours import on_white

FAINT = 12
"""Alpha, or difference from the ground, up to which nothing is drawn."""
SOLID = 0.97
"""Share of the greatest density that a frame needs: a ghost has less ..."""
WHOLE = 0.75
"""... share of the largest area ..."""
PLAIN = 0.3
"""... and share of the greatest contrast: a silhouette before the figure is shown has less."""


@dataclass(frozen=True)
class Showing:
    """How much a frame shows."""

    density: float
    """How far what is drawn stands out, 0 to 255: its alpha, or its difference from the ground of an opaque frame."""
    area: float
    """Share of the frame on which something is drawn."""
    contrast: float
    """Standard deviation of the colours that are drawn: a silhouette has none."""
    cut: float
    """Share of the frame's border on which something is drawn: a figure that is still coming in is cut there."""


def showing(pixels: np.ndarray) -> Showing:
    """pixels: H x W x 4 bytes."""
    small = Image.fromarray(pixels)
    if (factor := max(small.size) // 128) > 1:
        small = small.convert("RGBa").reduce(factor).convert("RGBA")
    values = np.asarray(small)
    veil = values[..., 3].astype(np.float32)
    if veil.min() > 250:
        border = np.concatenate([values[0], values[-1], values[:, 0], values[:, -1]])[:, :3]
        veil = np.abs(values[..., :3] - np.median(border, axis=0)).max(2)
    drawn = veil > FAINT
    border = np.concatenate([drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]])
    return Showing(
        float(np.percentile(veil[drawn], 98)) if drawn.any() else 0.0,
        float(drawn.mean()),
        float(values[drawn][:, :3].std(0).mean()) if drawn.any() else 0.0,
        float(border.mean()),
    )


def fullest(shown: list[Showing]) -> int:
    """The number of the first frame that is as dense as any, of those that are no silhouette, nearly as large as any,
    and of those the least cut."""
    densest = max(one.density for one in shown)
    solid = [n for n, one in enumerate(shown) if one.density >= SOLID * densest]
    richest = max(shown[n].contrast for n in solid)
    solid = [n for n in solid if shown[n].contrast >= PLAIN * richest]
    largest = max(shown[n].area for n in solid)
    large = [n for n in solid if shown[n].area >= WHOLE * largest]
    least = min(shown[n].cut for n in large)
    return next(n for n in large if shown[n].cut <= least + 0.01)


def evenly_spaced(count: int) -> list[int]:
    """0 ... count - 1 so ordered that every beginning of the list is spread evenly: the first frame, the middle one,
    the quarters."""
    order = [0]
    seen = {0}
    parts = 2
    while len(order) < min(count, 256):
        for number in (count * i // parts for i in range(1, parts, 2)):
            if number not in seen:
                seen.add(number)
                order.append(number)
        parts *= 2
    return order


def same(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether two frames look alike: on white and at 32 x 32, no place differs by more than 12 levels."""
    if one.shape != other.shape:
        return False
    small = [np.asarray(on_white(p).resize((32, 32), Image.Resampling.BOX), np.int16) for p in (one, other)]
    return int(np.abs(small[0] - small[1]).max()) <= 12

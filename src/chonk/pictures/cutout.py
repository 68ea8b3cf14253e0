"""A flat background taken away: what is joined to the border and has its colour becomes transparent, with soft edges."""
from __future__ import annotations

import numpy as np


def cut_out(pixels: np.ndarray, colour: tuple[int, int, int], near: float = 20.0, far: float = 70.0) -> np.ndarray:
    """The picture without its ground of one colour.  pixels: H x W x 4 bytes; near, far: distances from the colour (levels, the
    largest of the three channels) up to which a pixel is ground, and from which it is wholly drawn."""
    gap = np.abs(pixels[..., :3].astype(np.float32) - np.array(colour, np.float32)).max(2)
    ground = flood(gap <= near)
    edge = grow(ground, 2) & ~ground
    alpha = np.where(ground, 0.0, 1.0)
    soft = np.clip((gap - near / 2) / (far - near / 2), 0.0, 1.0)
    alpha[edge] = soft[edge]
    share = np.maximum(alpha, 1 / 255)[..., None]
    own = (pixels[..., :3] - np.array(colour, np.float32) * (1 - share)) / share
    out = pixels.copy()
    out[..., :3] = np.where(edge[..., None], np.rint(own).clip(0, 255), pixels[..., :3])
    out[..., 3] = np.rint(alpha * 255)
    out[ground] = 0
    return out


def flood(mask: np.ndarray) -> np.ndarray:
    """The part of a mask that is joined to the border (by its four neighbours)."""
    reached = np.zeros_like(mask)
    reached[0], reached[-1], reached[:, 0], reached[:, -1] = mask[0], mask[-1], mask[:, 0], mask[:, -1]
    while True:
        before = int(reached.sum())
        for rows in (slice(None), slice(None, None, -1)):
            _sweep(reached[rows], mask[rows])
            _sweep(reached.T[rows], mask.T[rows])
        if int(reached.sum()) == before:
            return reached


def _sweep(reached: np.ndarray, mask: np.ndarray) -> None:
    for row in range(1, len(mask)):
        reached[row] |= reached[row - 1] & mask[row]


def grow(mask: np.ndarray, steps: int) -> np.ndarray:
    """The mask and what lies within that many pixels of it."""
    for _ in range(steps):
        wide = np.pad(mask, 1)
        mask = wide[1:-1, 1:-1] | wide[:-2, 1:-1] | wide[2:, 1:-1] | wide[1:-1, :-2] | wide[1:-1, 2:]
    return mask

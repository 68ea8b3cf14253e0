"""A flat or nearly flat background taken away: what is joined to the border and has its colour becomes transparent.

The edge is a mixture, C = alpha F + (1 - alpha) B: the ground B is a plane fitted to the border, the drawing's colour F
is carried outwards from the nearest pixels that are wholly drawn, and alpha is C's place on the line from B to F.
Writing F instead of C takes the halo of the old ground away, compression noise included."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

BAND = 3
"""Width of the edge in which pixels may be mixtures, in pixels."""


def cut_out(pixels: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """The picture without its ground.  pixels: H x W x 4 bytes, opaque; colour: what most of the border has."""
    rgb = pixels[..., :3].astype(np.float32)
    ground_colour, noise = _plane(rgb, colour)
    gap = np.abs(rgb - ground_colour).max(2)
    near = float(np.clip(10 + 4 * noise, 12, 30))
    ground = flood(gap <= near)
    if (
        max(colour) - min(colour) > 60
    ):  # holes: white may be an eye, but a strong colour inside is the ground seen through
        ground |= gap <= near / 2
    band = ndimage.binary_dilation(ground, iterations=BAND) & ~ground
    own = _carried(rgb, ~ground & ~band, BAND + 2)
    lonely = np.isnan(own[..., 0])
    own = np.where(lonely[..., None], rgb, own)
    line = own - ground_colour
    alpha = ((rgb - ground_colour) * line).sum(2) / np.maximum((line * line).sum(2), 1.0)
    alpha = np.where(lonely, gap / 96, alpha)
    alpha = np.where(ground, 0.0, np.where(band, alpha, 1.0)).clip(0, 1)
    alpha[alpha < 0.06] = 0
    alpha[alpha > 0.94] = 1
    mixed = (alpha > 0) & (alpha < 1)
    unmixed = (rgb - ground_colour * (1 - alpha[..., None])) / np.maximum(alpha, 0.06)[..., None]
    colours = np.where((mixed & lonely)[..., None], unmixed, np.where(mixed[..., None], own, rgb))
    out = np.dstack([np.rint(colours).clip(0, 255), np.rint(alpha * 255)]).astype(np.uint8)
    out[alpha == 0] = 0
    return out


def _plane(rgb: np.ndarray, colour: tuple[int, int, int]) -> tuple[np.ndarray, float]:
    """(the ground's colour at every place, H x W x 3; the standard deviation around it), fitted to the border pixels
    near `colour`."""
    height, width = rgb.shape[:2]
    rows, columns = np.mgrid[:height, :width]
    edge = np.ones((height, width), bool)
    edge[1:-1, 1:-1] = False
    edge &= np.abs(rgb - np.array(colour, np.float32)).max(2) <= 24
    places = np.column_stack([np.ones(edge.sum()), rows[edge] / height, columns[edge] / width])
    plane = np.linalg.lstsq(places, rgb[edge], rcond=None)[0]
    noise = float((rgb[edge] - places @ plane).std())
    fitted = plane[0] + rows[..., None] / height * plane[1] + columns[..., None] / width * plane[2]
    return fitted.astype(np.float32), noise


def _carried(rgb: np.ndarray, sure: np.ndarray, steps: int) -> np.ndarray:
    """Colours of the sure pixels carried outwards, each step the mean of the neighbours that have one; NaN beyond."""
    total = np.where(sure[..., None], rgb, 0)
    have = sure.astype(np.float32)
    for _ in range(steps):
        sums, counts = _around(total), _around(have[..., None])[..., 0]
        reached = (have == 0) & (counts > 0)
        total[reached] = sums[reached] / counts[reached][:, None]
        have[reached] = 1
    return np.where(have[..., None] > 0, total, np.nan)


def _around(values: np.ndarray) -> np.ndarray:
    """Sums over 3 x 3 neighbourhoods, H x W x C."""
    wide = np.pad(values, ((1, 1), (1, 1), (0, 0)))
    rows = wide[:-2] + wide[1:-1] + wide[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]


def flood(mask: np.ndarray) -> np.ndarray:
    """The part of a mask that is joined to the border (by its four neighbours)."""
    labels, count = ndimage.label(mask)
    joined = np.zeros(count + 1, bool)
    for edge in (labels[0], labels[-1], labels[:, 0], labels[:, -1]):
        joined[edge] = True
    joined[0] = False
    return joined[labels]

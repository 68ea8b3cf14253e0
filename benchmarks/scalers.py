"""Scalers made for pixel art, to compare with: EPX and xBR, each at twice the side."""

from __future__ import annotations

import numpy as np

LUMA = np.array([[0.299, 0.587, 0.114], [-0.169, -0.331, 0.5], [0.5, -0.419, -0.081]])
WEIGHTS = np.array([48, 7, 6, 48])
"""Of brightness, the two differences of colour, and alpha, as xBR weighs them."""
EQUAL = 155
"""Weighted levels up to which xBR takes two colours for one."""


def epx(pixels: np.ndarray) -> np.ndarray:
    """EPX, which is Scale2x: a corner takes the colour of its two neighbours where they agree.  H x W x 4 -> 2H x 2W x
    4 bytes."""
    codes = np.ascontiguousarray(pixels).view(np.uint32)[..., 0]
    around = np.pad(codes, 1, mode="edge")
    up, left, right, down = around[:-2, 1:-1], around[1:-1, :-2], around[1:-1, 2:], around[2:, 1:-1]
    out = np.empty((2 * codes.shape[0], 2 * codes.shape[1]), np.uint32)
    for row, column, a, b, c, d in (
        (0, 0, left, up, down, right),
        (0, 1, up, right, left, down),
        (1, 0, down, left, right, up),
        (1, 1, right, down, up, left),
    ):
        out[row::2, column::2] = np.where((a == b) & (a != c) & (b != d), a, codes)
    return out[..., None].view(np.uint8)


def xbr(pixels: np.ndarray) -> np.ndarray:
    """Hyllian's xBR: an edge is where the differences along one diagonal outweigh those along the other; its corner of
    the pixel is blended with the neighbour beyond.  H x W x 4 -> 2H x 2W x 4 bytes."""
    small = np.rint(np.concatenate([_on_white(pixels), pixels[..., 3:]], 2)).astype(np.float32)
    large = small.repeat(2, 0).repeat(2, 1)
    for _ in range(4):
        small, large = np.rot90(small), np.rot90(large)  # views: every corner takes its turn at the lower right
        _lower_right(small, large)
    return _straight(np.rint(large))


def _lower_right(small: np.ndarray, large: np.ndarray) -> None:
    height, width = small.shape[:2]
    measured = np.concatenate([small[..., :3] @ LUMA.T, small[..., 3:]], 2) * WEIGHTS
    padded = np.pad(measured, ((2, 2), (2, 2), (0, 0)), mode="edge")

    def at(down: int, right: int) -> np.ndarray:
        return padded[2 + down : 2 + down + height, 2 + right : 2 + right + width]

    def far(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.abs(a - b).sum(2)

    def equal(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return far(a, b) < EQUAL

    #     B C        names as in the literature:
    #   D E F F4     E is the pixel itself, and the lower right one of its four new pixels is what may be blended
    #   G H I I4
    #     H5 I5
    b, c, d, e, f, g, h, i = (at(*p) for p in ((-1, 0), (-1, 1), (0, -1), (0, 0), (0, 1), (1, -1), (1, 0), (1, 1)))
    f4, i4, h5, i5 = at(0, 2), at(1, 2), at(2, 0), at(2, 1)
    across = far(e, c) + far(e, g) + far(i, h5) + far(i, f4) + 4 * far(h, f)
    along = far(h, d) + far(h, i5) + far(f, i4) + far(f, b) + 4 * far(e, i)
    edge = (far(e, h) > 0) & (far(e, f) > 0) & (across <= along)
    corner = (~equal(f, b) & ~equal(h, d)) | (equal(e, i) & ~equal(f, i4) & ~equal(h, i5)) | equal(e, g) | equal(e, c)
    slanted = edge & (across < along) & corner
    flat = slanted & (2 * far(f, g) <= far(h, c)) & (far(e, g) > 0) & (far(d, g) > 0)
    steep = slanted & (far(f, g) >= 2 * far(h, c)) & (far(e, c) > 0) & (far(b, c) > 0)
    colours = np.pad(small, ((0, 1), (0, 1), (0, 0)), mode="edge")
    beyond = np.where((far(e, f) <= far(e, h))[..., None], colours[:-1, 1:], colours[1:, :-1])
    share = np.where(flat & steep, 7 / 8, np.where(flat | steep, 3 / 4, 1 / 2)) * edge
    for part, weight in ((large[1::2, 1::2], share), (large[1::2, ::2], flat / 4), (large[::2, 1::2], steep / 4)):
        part += weight[..., None] * (beyond - part)


def _on_white(pixels: np.ndarray) -> np.ndarray:
    alpha = pixels[..., 3:] / 255
    return pixels[..., :3] * alpha + 255 * (1 - alpha)


def _straight(values: np.ndarray) -> np.ndarray:
    """Colours on white and alpha -> RGBA bytes."""
    alpha = values[..., 3:] / 255
    colours = np.where(alpha > 0, (values[..., :3] - 255 * (1 - alpha)) / np.maximum(alpha, 1 / 255), 255)
    return np.rint(np.concatenate([colours, values[..., 3:]], 2)).clip(0, 255).astype(np.uint8)

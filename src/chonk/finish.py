"""Small pictures as large as people want them: with crisp edges, or, of pixel art, in whole pixels."""

from __future__ import annotations

from functools import cache

import numpy as np
import torch
import torch.nn.functional as F

from chonk.nets.finisher import Finisher, load_finisher

BATCH = 4
"""Pictures finished at a time: at 512 x 512 their features take 50 MB."""


def finish(values: np.ndarray, size: int, cell: int = 0, net: Finisher | None = None) -> np.ndarray:
    """A generator's output at another size: N x 3 or 4 x S x S in [-1, 1] (colours on white, alpha) -> N x 3 or 4 x
    size x size.

    `cell` is the width of one drawn pixel where the pictures are pixel art, 0 where they are not; `net` the finishing
    stage, if not the package's.  A smaller size gives means."""
    values = np.asarray(values, np.float32).clip(-1, 1)
    if values.shape[2] == size or not len(values):
        return values
    if cell and size > values.shape[2]:
        return _in_whole_pixels(values, size, cell)
    return np.concatenate(
        [
            _finished(torch.from_numpy(part), size, net or _net()).numpy()
            for part in np.array_split(values, -(-len(values) // BATCH))
        ]
    )


@torch.inference_mode()
def _finished(values: torch.Tensor, size: int, net: Finisher) -> torch.Tensor:
    channels, side = values.shape[1:3]
    if side < size:
        factor = 4 if size <= 4 * side else 8
        # The net wants alpha and an even side.
        whole = F.pad(
            F.pad(values, (0, 0, 0, 0, 0, 4 - channels), value=1.0), (0, side % 2, 0, side % 2), mode="replicate"
        )
        values = net.enlarged(whole, factor)[:, :channels, : factor * side, : factor * side].clamp(-1, 1)
        if values.shape[2] < size:
            return _finished(values, size, net)
    return values if values.shape[2] == size else F.interpolate(values, (size, size), mode="bilinear", antialias=True)


@cache
def _net() -> Finisher:
    return load_finisher()


def _in_whole_pixels(values: np.ndarray, size: int, cell: int) -> np.ndarray:
    """Each drawn pixel in its middle colour, all of them enlarged by the greatest whole factor that fits; the border
    goes on around them."""
    count, channels, side, _ = values.shape
    across = side // cell
    blocks = values[:, :, : across * cell, : across * cell].reshape(count, channels, across, cell, across, cell)
    drawn = np.median(blocks, axis=(3, 5))
    factor = max(1, size // across)
    large = drawn.repeat(factor, 2).repeat(factor, 3)[:, :, :size, :size]
    before = (size - large.shape[2]) // 2
    margin = (before, size - large.shape[2] - before)
    return np.pad(large, ((0, 0), (0, 0), margin, margin), mode="edge")

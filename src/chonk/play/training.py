"""What the page shows of the training pictures: the factors of the built-in character, and pictures made small."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from chonk.files import MAX_LIST, read_json


def truth(folder: Path, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Factor -> its value in every picture, from the truth.json of the built-in character; {} where there is none."""
    try:
        record = read_json(folder / "truth.json", MAX_LIST)
        return {str(factor): [str(record["pictures"][name][factor]) for name in names] for factor in record["factors"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def small(pixels: np.ndarray, side: int = 16) -> np.ndarray:
    """Bytes N x C x S x S -> float32 N x 3 x side x side in [0, 1], on white: each cell the mean of the pixels that it
    touches.

    The page has the same (web/src/ui/novelty.ts)."""
    size = pixels.shape[-1]
    bounds = [(i * size // side, -(-(i + 1) * size // side)) for i in range(side)]
    colours = pixels[:, :3].astype(np.float32) / 255
    rows = np.stack([colours[:, :, a:b].mean(2) for a, b in bounds], 2)
    return np.stack([rows[..., a:b].mean(-1) for a, b in bounds], 3)

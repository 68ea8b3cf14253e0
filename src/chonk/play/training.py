"""The pictures that a run was trained on, where they are still there and really those."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from chonk.errors import UserError
from chonk.pictures.dataset import PictureSet


def training_pictures(run: Path) -> tuple[PictureSet, Path] | None:
    """A run's training pictures and their folder; None where they are gone or changed.

    The run may be a stranger's and name any folder of this machine, so a folder counts only if its pictures have the
    digest that the run gives: whoever wrote the run had them already."""
    try:
        config = json.loads((run / "config.json").read_text(encoding="utf-8"))
        named, digest = Path(config["pictures"]), config["data"]["sha256"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for folder in (run.parent / "pictures", named):
        try:
            pictures = PictureSet.load(folder)
        except (UserError, OSError):
            continue
        if pictures.digest() == digest:
            return pictures, folder
    return None


def truth(folder: Path, names: tuple[str, ...]) -> dict[str, list[str]]:
    """Factor -> its value in every picture, from the truth.json of the built-in character; {} where there is none."""
    try:
        told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
        return {str(factor): [str(told["pictures"][name][factor]) for name in names] for factor in told["factors"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def small(pixels: np.ndarray, side: int = 16) -> np.ndarray:
    """Bytes N x C x S x S -> float32 N x 3 x side x side in [0, 1], on white: each cell the mean of the pixels that it touches.

    The page has the same (web/src/ui/novelty.ts)."""
    size = pixels.shape[-1]
    bounds = [(i * size // side, -(-(i + 1) * size // side)) for i in range(side)]
    unit = pixels[:, :3].astype(np.float32) / 255
    rows = np.stack([unit[:, :, a:b].mean(2) for a, b in bounds], 2)
    return np.stack([rows[..., a:b].mean(-1) for a, b in bounds], 3)

"""The film of a training: what the same 16 inputs look like as the generator learns."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import numpy as np
from PIL import Image

from chonk.files import FORMAT, sync, write_whole
from chonk.model import Model
from chonk.pixels import Pictures, compose

COLUMNS, ROWS, SEED = 4, 4, 16
FRAMES = 120
"""Frames of a whole training."""
WHITE = (255, 255, 255)


def sheet(values: np.ndarray, columns: int, gap: int = 0, scale: int = 1) -> bytes:
    """A PNG of pictures N x C x S x S in [-1, 1], on white."""
    pictures = Pictures([Image.fromarray(pixels) for pixels in compose(values, WHITE)], columns)
    data = io.BytesIO()
    pictures.grid(gap, scale).save(data, "PNG")
    return data.getvalue()


class Film:
    """FOLDER/NNNNNNNNNN.png, named by the pictures shown, and film.json, which lists them in order.

    Each frame is a sheet of 4 x 4 pictures without gaps, of latents 0 to 15 of seed 16."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.frames: list[dict] = []
        self._unsynced: list[Path] = []

    def rewind(self, shown: int) -> None:
        """Takes up the film where a checkpoint left it: later frames are dropped, they will be drawn again."""
        self._unsynced = []
        self.folder.mkdir(parents=True, exist_ok=True)
        frames = {
            file: int(file.name.split(".")[0])
            for file in self.folder.glob("*.png*")
            if re.fullmatch(r"[0-9]{10,}\.png(\.part)?", file.name)
        }
        kept = sorted(file for file, at in frames.items() if file.suffix == ".png" and at <= shown)
        for file in frames.keys() - set(kept):
            file.unlink()
        self.frames = [{"file": file.name, "kimg": int(file.stem) / 1000} for file in kept]
        self._list()

    def add(self, model: Model, shown: int) -> np.ndarray:
        """Draws the frame of this moment; returns its pictures, 16 x C x S x S in [-1, 1]."""
        values = model.sample_values(SEED, COLUMNS * ROWS)
        name = f"{shown:010d}.png"
        write_whole(self.folder / name, sheet(values, COLUMNS), durable=False)
        self._unsynced.append(self.folder / name)
        self.frames.append({"file": name, "kimg": shown / 1000})
        self._list()
        return values

    def sync(self) -> None:
        """Makes the frames since the last call durable, before a checkpoint counts on them."""
        for path in (*self._unsynced, self.folder / "film.json", self.folder):
            sync(path)
        self._unsynced = []

    def _list(self) -> None:
        film = {"format": FORMAT, "size": self.size, "columns": COLUMNS, "frames": self.frames}
        write_whole(self.folder / "film.json", json.dumps(film, indent=1).encode(), durable=False)

"""A folder of prepared pictures as one tensor: what every trainer and measure works on."""

from __future__ import annotations

import hashlib
import mmap
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import torch

from chonk.dataset.folder import picture_files, read_picture
from chonk.dataset.memory_map import mapped
from chonk.errors import UserError

IN_MEMORY = 64 * 2**20
"""Sets of more bytes are mapped from a file instead of held in memory (4,000 pictures of 64 x 64)."""

MAX_BYTES = 64 << 30
"""Pixels of a whole set, four bytes each."""


@dataclass(frozen=True)
class PictureSet:
    """All pictures of a set, in name order."""

    pixels: torch.Tensor
    """N x C x S x S bytes.  The first three channels are the picture on white; with C = 4 the fourth is alpha
    (`chonk.pixels.compose` tells how the two are put on another ground)."""
    names: tuple[str, ...]
    view: mmap.mmap | None = None
    """The map that the pixels of a large set are seen through."""

    @property
    def size(self) -> int:
        return self.pixels.shape[-1]

    @property
    def channels(self) -> Literal[3, 4]:
        return 4 if self.pixels.shape[1] == 4 else 3

    def __len__(self) -> int:
        return len(self.pixels)

    def normalized(self, index: torch.Tensor | slice = slice(None)) -> torch.Tensor:
        """Some pictures as floats in [-1, 1], N x C x S x S, where the bytes are."""
        pictures = self.pixels[index].float() / 127.5 - 1
        if self.view:
            self.view.madvise(mmap.MADV_DONTNEED)  # else every page that was ever looked at would count as ours
        return pictures

    def on(self, device: str, max_bytes: int) -> PictureSet:
        """The same with its bytes on the device, where they take at most `max_bytes`; else as it is."""
        return (
            self
            if device == "cpu" or self.pixels.nbytes > max_bytes
            else replace(self, pixels=self.pixels.to(device), view=None)
        )

    def some(self, maximum: int) -> torch.Tensor:
        """The bytes of at most so many pictures, from all over the set."""
        return self.pixels[:: -(-len(self) // maximum)].clone() if len(self) > maximum else self.pixels

    def digest(self) -> str:
        """SHA-256 of all bytes: what a run knows its pictures by."""
        total = hashlib.sha256()
        for part in self.pixels.split(1024):
            total.update(part.contiguous().numpy())
        return total.hexdigest()

    @classmethod
    def load(cls, folder: Path | str) -> PictureSet:
        """Reads a folder that `chonk gather` made: PNG files of one square size.

        Four channels where any picture is transparent anywhere, else three.  Raises UserError for a folder that is
        missing or empty and for a file that is unreadable or of another size."""
        folder = Path(folder)
        files = picture_files(folder)
        size = read_picture(files[0]).shape[-1]
        if len(files) * 4 * size**2 > MAX_BYTES:
            raise UserError(
                f"{folder}: {len(files):,} pictures of {size} x {size} are more than can be kept; prepare a smaller "
                f"folder with: chonk gather --size"
            )
        read = partial(read_picture, size=size)
        if len(files) * 4 * size**2 > IN_MEMORY:
            pixels, opaque, view = mapped(folder, files, size, read)
        else:
            pixels, view = torch.from_numpy(np.stack([read(file) for file in files])), None
            opaque = bool(pixels[:, 3].min() == 255)
            pixels = pixels[:, :3].clone() if opaque else pixels
        return cls(pixels[:, :3] if opaque else pixels, tuple(file.name for file in files), view)

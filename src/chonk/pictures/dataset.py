"""A folder of prepared pictures as one tensor: what every trainer and measure works on."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, UnidentifiedImageError

from chonk.errors import UserError


@dataclass(frozen=True)
class PictureSet:
    """All pictures of a set, in name order."""

    pixels: torch.Tensor
    """N x C x S x S bytes.  The first three channels are the picture on white; with C = 4 the fourth is alpha
    (`chonk.model.compose` tells how the two are put on another ground)."""
    names: tuple[str, ...]

    @property
    def size(self) -> int:
        return self.pixels.shape[-1]

    @property
    def channels(self) -> int:
        return self.pixels.shape[1]

    def __len__(self) -> int:
        return len(self.pixels)

    def unit(self, index: torch.Tensor | slice = slice(None)) -> torch.Tensor:
        """Some pictures as floats in [-1, 1], N x C x S x S."""
        return self.pixels[index].float() / 127.5 - 1

    def subset(self, index: list[int]) -> PictureSet:
        """The pictures with these numbers, in that order."""
        return PictureSet(self.pixels[index], tuple(self.names[i] for i in index))

    @classmethod
    def load(cls, folder: Path | str) -> PictureSet:
        """Reads a folder that `chonk gather` made: PNG files of one square size.

        Four channels where any picture is transparent anywhere, else three.  Raises UserError for a folder that is
        missing or empty and for a file that is unreadable or of another size."""
        folder = Path(folder)
        if not folder.is_dir():
            raise UserError(f"{folder}: no such folder")
        files = sorted(folder.glob("*.png"))
        if not files:
            raise UserError(f"{folder}: holds no PNG pictures; prepare a folder with: chonk gather SOURCE --out {folder}")
        pictures = [_read(file) for file in files]
        size = pictures[0].shape[0]
        for file, picture in zip(files, pictures):
            if picture.shape[:2] != (size, size):
                raise UserError(f"{file}: is {picture.shape[1]} x {picture.shape[0]}, the others {size} x {size}; prepare the folder with: chonk gather")
        rgba = np.stack(pictures)
        alpha = rgba[..., 3:].astype(np.float32) / 255
        on_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
        pixels = on_white if alpha.min() == 1 else np.concatenate([on_white, rgba[..., 3:]], 3)
        return cls(torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))), tuple(f.name for f in files))


def _read(file: Path) -> np.ndarray:
    try:
        with Image.open(file) as picture:
            return np.asarray(picture.convert("RGBA"))
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise UserError(f"{file}: cannot be read ({error}); prepare the folder again with: chonk gather") from error

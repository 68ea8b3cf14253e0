"""Between a generator's values and pictures: N x C x S x S in [-1, 1], and bytes, Pillow pictures, sheets of them."""

from __future__ import annotations

from typing import Annotated

import numpy as np
import torch
from PIL import Image

from chonk.errors import UserError
from chonk.validation import Range, checked


def as_bytes(values: np.ndarray) -> torch.Tensor:
    """A generator's output, N x C x H x W in [-1, 1] and beyond, as a training set's bytes: colours on white, then
    alpha."""
    return torch.from_numpy(np.rint((values.clip(-1, 1) + 1) * 127.5).astype(np.uint8))


def compose(values: np.ndarray, background: tuple[int, int, int] | None = None) -> np.ndarray:
    """A generator's output, N x C x H x W in [-1, 1], as bytes N x H x W x 3 or 4.

    The first three channels are the picture as it looks on white; the fourth, if there is one, is alpha.  So colour can
    be shown without knowing about alpha, and any other ground is white less what shines through:
    on_ground = on_white - (1 - alpha) (1 - ground).  Four channels and no `background` gives straight RGBA."""
    colours = np.clip((np.nan_to_num(np.asarray(values, np.float64)) + 1) / 2, 0, 1).transpose(
        0, 2, 3, 1
    )  # a broken net is grey
    if colours.shape[3] == 3:
        return np.rint(colours * 255).astype(np.uint8)
    on_white, alpha = colours[..., :3], colours[..., 3:]
    if background is not None:
        ground = np.asarray(background, np.float64) / 255
        return np.rint(np.clip(on_white - (1 - alpha) * (1 - ground), 0, 1) * 255).astype(np.uint8)
    straight = np.where(alpha > 1 / 510, (on_white - (1 - alpha)) / np.maximum(alpha, 1 / 510), 1.0)
    return np.rint(np.concatenate([np.clip(straight, 0, 1), alpha], 3) * 255).astype(np.uint8)


def as_pictures(values: np.ndarray, background: tuple[int, int, int] | None = None) -> list[Image.Image]:
    """A generator's output as Pillow pictures, RGB, or RGBA where it has alpha and no background is given (see
    `compose`)."""
    return [Image.fromarray(pixels) for pixels in compose(values, background)]


def values_of(picture: Image.Image) -> np.ndarray:
    """What `as_pictures` shows as this picture: RGB or RGBA of S x S -> float32 1 x 3 or 4 x S x S in [-1, 1]."""
    colours = (
        np.asarray(picture if picture.mode == "RGB" else picture.convert("RGBA"), np.float32).transpose(2, 0, 1)[None]
        / 255
    )
    if colours.shape[1] == 4:
        alpha = colours[:, 3:]
        colours = np.concatenate([colours[:, :3] * alpha + 1 - alpha, alpha], 1)
    return 2 * colours - 1


def as_target(picture: Image.Image, size: int, channels: int) -> torch.Tensor:
    """A picture as a generator would put it out: 1 x C x size x size in [-1, 1], colours on white, then alpha.

    One of another shape is fitted into the square; resizing happens in premultiplied alpha."""
    picture = picture.convert("RGBA").convert("RGBa")
    scale = size / max(picture.size)
    picture = picture.resize(
        [max(1, round(side * scale)) for side in picture.size],
        Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC,
    )
    square = Image.new("RGBa", (size, size))
    square.paste(picture, ((size - picture.width) // 2, (size - picture.height) // 2))
    pixels = np.asarray(square, np.float32) / 255
    on_white = pixels[..., :3] + 1 - pixels[..., 3:]
    planes = np.concatenate([on_white, pixels[..., 3:]], 2)[..., :channels]
    return torch.from_numpy(planes.transpose(2, 0, 1)[None] * 2 - 1)


class Pictures(list):
    """A list of Pillow pictures that shows itself as a grid in a notebook."""

    def __init__(self, pictures: list[Image.Image], columns: int | None = None) -> None:
        super().__init__(pictures)
        self.columns = columns or max(1, round(len(pictures) ** 0.5))

    @checked
    def grid(self, gap: Annotated[int, Range(0, 1024)] = 2, scale: Annotated[int, Range(1, 64)] = 1) -> Image.Image:
        """All pictures on one sheet, row by row.  Raises UserError where there are none."""
        if not self:
            raise UserError("there are no pictures to put on a sheet")
        width, height = self[0].size
        rows = -(-len(self) // self.columns)
        sheet = Image.new(
            self[0].mode,
            (self.columns * (width + gap) - gap, rows * (height + gap) - gap),
            (255, 255, 255, 0)[: len(self[0].getbands())],
        )
        for i, picture in enumerate(self):
            sheet.paste(picture, (i % self.columns * (width + gap), i // self.columns * (height + gap)))
        return (
            sheet.resize((sheet.width * scale, sheet.height * scale), Image.Resampling.NEAREST) if scale > 1 else sheet
        )

    def _repr_png_(self) -> bytes | None:
        return self.grid(scale=2)._repr_png_() if self else None

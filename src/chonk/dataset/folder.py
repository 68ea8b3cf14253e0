"""The files of a set: found, opened and checked without PyTorch, so that a folder that is not a set is refused at
once."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
from PIL import Image

from chonk.errors import UserError
from chonk.swap import recover

MAX_SIDE = 1024
"""Side of a training picture, in pixels."""
MIN_PICTURES = 4
LOOKED_AT = 24
"""Pictures of a set that are opened before PyTorch is loaded; the others are when it is read."""


def picture_files(folder: Path) -> list[Path]:
    """The pictures of a set, in name order.  Raises UserError where there are none."""
    if not folder.is_dir():
        recover(folder)  # a killed gather may have set it aside
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder")
    files = sorted(file for file in folder.glob("*.png") if file.is_file())
    if not files:
        raise UserError(f"{folder}: holds no PNG pictures; prepare some with: chonk gather {folder} --out pictures")
    return files


def check_set(folder: Path) -> None:
    """Raises UserError for a folder that nothing can be trained on, as far as some of its pictures tell."""
    files = picture_files(folder)
    if len(files) < MIN_PICTURES:
        raise UserError(
            f"{folder}: holds {len(files)} pictures; at least {MIN_PICTURES} are needed, 50 or more are good"
        )
    size = read_picture(files[0]).shape[-1]
    for file in files[:: -(-len(files) // LOOKED_AT)]:
        read_picture(file, size)


def read_picture(file: Path, size: int | None = None) -> np.ndarray:
    """One picture, 4 x S x S bytes: on white, and alpha.  Raises UserError for a file that is unreadable or of another
    size."""
    try:
        rgba = np.asarray(open_png(file))
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(
            f"{file}: cannot be read ({error}); prepare the folder with: chonk gather {file.parent} --out pictures"
        ) from error
    height, width = rgba.shape[:2]
    size = size or width
    if (width, height) != (size, size):
        raise UserError(
            f"{file}: is {width} x {height}, the others {size} x {size}; prepare the folder with: chonk gather "
            f"{file.parent} --out pictures"
        )
    alpha = rgba[..., 3:].astype(np.float32) / 255
    on_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.concatenate([on_white, rgba[..., 3:]], 2).transpose(2, 0, 1)


def open_png(file: Path, maximum: int = MAX_SIDE) -> Image.Image:
    """A PNG whose sides are at most so many pixels, as RGBA; a stranger's may declare any.  Raises OSError, SyntaxError
    or ValueError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=("PNG",)) as picture:
                if max(picture.size) > maximum:
                    raise ValueError(f"{picture.width} x {picture.height} pixels are more than {maximum} x {maximum}")
                return picture.convert("RGBA")
    except Image.DecompressionBombError as error:
        raise ValueError(f"more than {maximum} x {maximum} pixels") from error

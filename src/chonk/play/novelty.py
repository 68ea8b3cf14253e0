""" "Is it new?": what the page needs to say how near a picture is to the nearest training picture.

Every training picture becomes 64 numbers: a fixed random projection of its 16 x 16 version.  Distances survive that
(Johnson and Lindenstrauss 1984), the picture does not, so nothing of the training set is published unless its owner
asks for the thumbnails too.
"""

from __future__ import annotations

import base64
from io import BytesIO

import numpy as np
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.latents import normals
from chonk.play.training import small

SIDE, NUMBERS, SEED = 16, 64, 0x6E657721
THUMBNAIL, THUMBNAIL_COLUMNS, MAX_PICTURES = 64, 20, 1000


def project(cells: np.ndarray) -> np.ndarray:
    """N x 3 x 16 x 16 in [0, 1] -> N x 64; the distance between two is about that between the pictures, per number."""
    matrix = normals(SEED, 3 * SIDE * SIDE * NUMBERS).reshape(3 * SIDE * SIDE, NUMBERS)
    return (cells.reshape(len(cells), -1) - 0.5) @ matrix / np.sqrt(NUMBERS * 3 * SIDE * SIDE)


def record(pictures: PictureSet) -> dict:
    """The page's novelty.json: the projections in 8 bits, and how near the training pictures are to each other.

    `usual` are the 0th, 5th ... 100th percentile of every training picture's distance to its nearest other one, a
    mirrored picture counting as the same."""
    pixels = pictures.pixels.numpy()[:MAX_PICTURES]
    cells = small(pixels)
    own, mirrored = project(cells), project(cells[..., ::-1])
    distance = np.minimum(_distances(own, own), _distances(mirrored, own))
    np.fill_diagonal(distance, np.inf)
    usual = np.percentile(distance.min(1), np.arange(0, 101, 5)) if len(own) > 1 else np.zeros(21)
    step = float(np.abs(own).max() / 127) or 1.0
    return {
        "format": 1,
        "count": len(own),
        "step": step,
        "usual": [round(float(d), 6) for d in usual],
        "projections": base64.b64encode(np.rint(own / step).astype(np.int8).tobytes()).decode(),
    }


def _distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1) - 2 * a @ b.T
    return np.sqrt(np.maximum(squares, 0))


def thumbnails(pictures: PictureSet) -> bytes:
    """All training pictures at 64 x 64 on one WebP sheet, 20 a row, on white."""
    count = min(len(pictures), MAX_PICTURES)
    sheet = Image.new("RGB", (THUMBNAIL * THUMBNAIL_COLUMNS, THUMBNAIL * -(-count // THUMBNAIL_COLUMNS)), "white")
    for i in range(count):
        picture = Image.fromarray(pictures.pixels[i, :3].permute(1, 2, 0).numpy())
        place = (i % THUMBNAIL_COLUMNS * THUMBNAIL, i // THUMBNAIL_COLUMNS * THUMBNAIL)
        sheet.paste(picture.resize((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS), place)
    data = BytesIO()
    sheet.save(data, "WEBP", quality=75, method=4)
    return data.getvalue()

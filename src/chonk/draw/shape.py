"""A finished picture as a sticker: cut out, as large as the app wants it, with a white line around it."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import distance_transform_edt, label

from chonk.finish import finish
from chonk.ingest.cutout import cut_out
from chonk.pixels import as_pictures, values_of

WHITE = (255, 255, 255)
ALMOST_WHITE, FEW = 235, 0.1
"""A picture has a white ground where more than so few of the pixels along its border are lighter than that."""
HAZE = 12
"""Alpha, of 255, that is nothing yet, and as much that lacks of all of it."""
SPECK = 0.002
"""Share of the whole picture up to which a loose piece is dirt."""
ROUND = 0.12
"""Of the side: radius of the corners of pictures that fill all of it."""


def sticker(picture: Image.Image, side: int) -> Image.Image:
    """RGB or RGBA -> RGBA, finished at side x side pixels and `loose`."""
    return loose(as_pictures(finish(values_of(picture), side))[0])


def loose(picture: Image.Image) -> Image.Image:
    """RGB or RGBA -> RGBA without white ground and specks; what has no ground to lose gets round corners."""
    pixels = np.array(picture.convert("RGBA"))
    rim = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    if picture.mode == "RGB" and (rim.min(1) > ALMOST_WHITE).mean() > FEW:
        pixels = cut_out(pixels, WHITE)
    alpha = pixels[..., 3].astype(int)
    pixels[..., 3] = np.clip((alpha - HAZE) * 255 // (255 - 2 * HAZE), 0, 255)
    if (pixels[..., 3] > 250).mean() > 0.98:
        return _rounded(Image.fromarray(pixels))
    pieces, count = label(pixels[..., 3] > 16, np.ones((3, 3)))
    if count > 1:
        area = np.bincount(pieces.ravel())
        specks = np.flatnonzero(area < SPECK * pieces.size)
        pixels[np.isin(pieces, specks[specks > 0])] = 0
    return Image.fromarray(pixels)


def _rounded(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    mask = Image.new("L", (4 * width, 4 * height))
    ImageDraw.Draw(mask).rounded_rectangle(
        (0, 0, 4 * width - 1, 4 * height - 1), 4 * ROUND * min(width, height), fill=255
    )
    picture = picture.copy()
    picture.putalpha(mask.reduce(4))
    return picture


def box_of(pictures: list[Image.Image]) -> tuple[int, int, int, int]:
    """The smallest box around everything that is drawn in any of them; all of the first where nothing is."""
    boxes = [
        box
        for box in (picture.getchannel("A").point(lambda alpha: 255 * (alpha > 8)).getbbox() for picture in pictures)
        if box
    ]
    if not boxes:
        return (0, 0, *pictures[0].size)
    left, top, right, bottom = zip(*boxes)
    return min(left), min(top), max(right), max(bottom)


def placed(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    width: int,
    height: int,
    margin: int = 0,
    stroke: int = 0,
    cell: int = 0,
) -> Image.Image:
    """What is in the box, as large as fits into width x height less margin and stroke, in the middle, with the stroke
    around it.

    Of pixel art whose drawn pixels are `cell` wide each becomes a square of whole pixels again."""
    rim = margin + stroke
    drawn = picture.crop(box)
    scale = min((width - 2 * rim) / drawn.width, (height - 2 * rim) / drawn.height)
    how = Image.Resampling.BICUBIC
    if cell and scale * cell >= 1:
        scale, how = int(scale * cell) / cell, Image.Resampling.NEAREST
    size = (max(1, round(scale * drawn.width)), max(1, round(scale * drawn.height)))
    drawn = drawn.convert("RGBa").resize(size, how).convert("RGBA")
    sheet = Image.new("RGBA", (width, height), (255, 255, 255, 0))
    sheet.paste(drawn, ((width - drawn.width) // 2, (height - drawn.height) // 2))
    return lined(sheet, stroke)


def lined(picture: Image.Image, stroke: int) -> Image.Image:
    """With a white line of so many pixels around it."""
    if not stroke:
        return picture
    away = distance_transform_edt(np.asarray(picture.getchannel("A")) < 128)
    line = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    line.putalpha(Image.fromarray(np.rint(255 * np.clip(stroke + 0.5 - away, 0, 1)).astype(np.uint8)))
    return Image.alpha_composite(line, picture)

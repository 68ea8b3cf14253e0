"""One decoded picture -> one square training picture: what is drawn, framed, scaled, on its ground.

Framing.  A picture on its own is trimmed to what is drawn and padded to a square.  A set drawn on one canvas with one
composition (a character in one pose, made in layers) is framed by the union box of all its pictures instead: trimming
each by itself would make the character jump and change size with every hat (see `shared_frame`)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageFilter

MARGIN = 1 / 32
"""Free space left around what is drawn, as a share of the side."""
FAINT = 12
"""Alpha up to which a pixel counts as empty."""
Box = tuple[int, int, int, int]
"""Left, top, right, bottom, in pixels of the canvas; right and bottom are outside."""


@dataclass(frozen=True)
class Ground:
    """What surrounds the drawing."""

    transparent: bool
    """Whether the picture has transparency to speak of."""
    colour: tuple[int, int, int] | None
    """The one colour along the border of an opaque picture; None where it is not one colour (a photograph, a scene)."""

    @property
    def fill(self) -> tuple[int, int, int, int]:
        """What a picture is continued with beyond its canvas: nothing, or its colour (white for a scene)."""
        return (0, 0, 0, 0) if self.transparent else (*(self.colour or (255, 255, 255)), 255)


def find_ground(pixels: np.ndarray) -> Ground:
    """Looks at the border: transparent, of one (nearly) flat colour, or a scene.  pixels: H x W x 4 bytes."""
    alpha = Image.fromarray(pixels[..., 3]).histogram()
    if sum(alpha[:250]) > 0.002 * sum(alpha):
        return Ground(True, None)
    border = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])[:, :3].astype(np.int16)
    colour = np.median(border, axis=0)
    near = np.abs(border - colour).max(1) <= 24
    if near.mean() < 0.65:
        return Ground(False, None)
    red, green, blue = np.rint(border[near].mean(0)).astype(int).tolist()
    return Ground(False, (red, green, blue))


def drawn_mask(pixels: np.ndarray, ground: Ground) -> np.ndarray:
    """Where something is drawn, H x W: where alpha is, or where the colour is not the ground's; everywhere in a scene.
    A median filter removes the single specks that compression leaves in a ground."""
    if ground.transparent:
        return pixels[..., 3] > FAINT
    if ground.colour is None:
        return np.ones(pixels.shape[:2], bool)
    image = Image.fromarray(pixels).convert("RGB")
    red, green, blue = ImageChops.difference(image, Image.new("RGB", image.size, ground.colour)).split()
    far = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(lambda gap: 255 * (gap > 32))
    return np.asarray(far.filter(ImageFilter.MedianFilter(3))) > 0


def box_of(mask: np.ndarray) -> Box | None:
    """The box of what is true in a mask, None where nothing is."""
    return Image.fromarray(mask.view(np.uint8) * np.uint8(255)).getbbox()


def square(box: Box, canvas: tuple[int, int], margin: float = MARGIN) -> Box:
    """The square around a box, with its margin, centred on it; a box that is the whole canvas of a square picture
    stays. May reach beyond the canvas (that is padding)."""
    left, top, right, bottom = box
    side = max(right - left, bottom - top)
    if canvas == (side, side):
        return 0, 0, side, side
    side += 2 * round(side * margin)
    left, top = (left + right - side) // 2, (top + bottom - side) // 2
    return left, top, left + side, top + side


def cut(pixels: np.ndarray, box: Box, ground: Ground) -> np.ndarray:
    """The pixels in a box; beyond the canvas, the picture's own ground."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    out = np.array(Image.new("RGBA", (right - left, bottom - top), ground.fill))
    inside = (max(left, 0), max(top, 0), min(right, width), min(bottom, height))
    if inside[0] < inside[2] and inside[1] < inside[3]:
        out[inside[1] - top : inside[3] - top, inside[0] - left : inside[2] - left] = pixels[
            inside[1] : inside[3], inside[0] : inside[2]
        ]
    return out


def scale(pixels: np.ndarray, size: int) -> np.ndarray:
    """A square picture to size x size in premultiplied alpha, so that colours under alpha 0 never show."""
    image = Image.fromarray(pixels)
    filter_ = Image.Resampling.HAMMING if image.width > size else Image.Resampling.BICUBIC
    scaled = np.array(image.convert("RGBa").resize((size, size), filter_).convert("RGBA"))
    scaled[scaled[..., 3] == 0] = 0
    return scaled


def put_on(pixels: np.ndarray, background: tuple[int, int, int] | None) -> Image.Image:
    """The finished picture: RGBA where it is transparent anywhere and no background is asked for, else RGB."""
    image = Image.fromarray(pixels)
    if background is None:
        return image if pixels[..., 3].min() < 255 else image.convert("RGB")
    ground = Image.new("RGBA", image.size, (*background, 255))
    return Image.alpha_composite(ground, image).convert("RGB")


def shared_frame(canvases: list[tuple[int, int]], boxes: list[Box]) -> tuple[tuple[int, int], Box] | None:
    """(canvas, union box) where the set shares one composition, else None.

    It does where at least half of the pictures, and at least four, have the same canvas, and what is drawn on each
    fills, in the median, at least seven tenths of the union's longer side."""
    if len(canvases) < 4:
        return None
    canvas = min(Counter(canvases).items(), key=lambda item: (-item[1], item[0]))[0]
    mine = np.array([box for size, box in zip(canvases, boxes) if size == canvas])
    if len(mine) < max(4, len(canvases) / 2):
        return None
    union = (int(mine[:, 0].min()), int(mine[:, 1].min()), int(mine[:, 2].max()), int(mine[:, 3].max()))
    sides = np.maximum(mine[:, 2] - mine[:, 0], mine[:, 3] - mine[:, 1])
    if np.median(sides) < 0.7 * max(union[2] - union[0], union[3] - union[1]):
        return None
    return canvas, union

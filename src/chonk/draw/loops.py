"""A sticker that moves: it breathes, or turns into another one and back."""

from __future__ import annotations

from math import pi, sin

import numpy as np
from PIL import Image

from chonk.draw.moving import walked
from chonk.draw.shape import box_of, loose
from chonk.model import Model
from chonk.pixels import as_pictures

BREATH = 0.035
"""How much taller a picture gets when it breathes in, and, by half of that, narrower."""


def breathing(picture: Image.Image, count: int) -> list[Image.Image]:
    """RGBA -> frames of one breath, which stands on what is lowest in the picture and has room above it."""
    left, _, right, bottom = box_of([picture])
    room = round(BREATH * picture.height) + 1
    frames = []
    for i in range(count):
        tall = 1 + BREATH * sin(2 * pi * i / count)
        wide = 1 - (tall - 1) / 2
        middle = (left + right) / 2
        # PIL wants where in the old picture each place of the new one comes from.
        there = (1 / wide, 0, middle - middle / wide, 0, 1 / tall, bottom - (bottom + room) / tall)
        size = (picture.width, picture.height + 2 * room)
        frames.append(
            picture.convert("RGBa")
            .transform(size, Image.Transform.AFFINE, there, Image.Resampling.BICUBIC)
            .convert("RGBA")
        )
    return frames


def walking(model: Model, here: np.ndarray, there: np.ndarray, size: int, count: int) -> list[Image.Image]:
    """Frames from one latent to another and back."""
    values = walked(model, np.stack([here, there]), -(-count // 2))[:count]
    return [loose(picture) for picture in as_pictures(model.finish(values, size))]

"""What is learnt about one decoded picture, and the finished picture drawn from it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from PIL import Image

from chonk.ingest import pixelart
from chonk.ingest.clean import Box, Ground, cut, drawn_box, find_ground, put_on, scale, square
from chonk.ingest.cutout import cut_out
from chonk.ingest.decode import SMALLEST, Decoded, is_blank, on_white
from chonk.ingest.duplicates import fingerprint
from chonk.ingest.kinds import Unusable


@dataclass(frozen=True)
class Job:
    """How pictures are to be made: the part of the settings that the worker needs."""

    size: int
    background: tuple[int, int, int] | None
    cutout: bool
    frames: int
    canvas: tuple[int, int] | None = None
    """Pictures on this canvas are framed by `frame`; all others by what is drawn on them."""
    frame: Box | None = None


def study(decoded: Decoded, job: Job, again: bool = False) -> tuple[dict, list[bytes]]:
    """(facts for JSON, [fingerprint, PNG]) of one picture; no fingerprint `again`.  Raises Unusable where nothing is
    drawn."""
    pixels = decoded.pixels
    if is_blank(pixels):
        raise Unusable("nothing is drawn on it")
    ground = find_ground(pixels)
    photograph = not ground.transparent and ground.colour is None and is_photograph(pixels)
    if job.cutout and ground.colour is not None:
        pixels = cut_out(pixels, ground.colour)
        ground = find_ground(pixels)
    box = drawn_box(pixels, ground)
    if box is None:
        raise Unusable("nothing is drawn on it")
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) < SMALLEST:
        raise Unusable(f"what is drawn is too small to be a picture ({width} x {height})")
    canvas = (pixels.shape[1], pixels.shape[0])
    cell = pixelart.grid(pixels)
    facts = {
        "frame": decoded.frame,
        "note": decoded.note,
        "canvas": canvas,
        "box": box,
        "transparent": ground.transparent,
        "photograph": photograph,
        "pixel_art": cell > 0,
        "side": max(width, height) // max(cell, 1),
    }
    if job.frame is not None and canvas == tuple(job.canvas or ()):
        box = (
            min(box[0], job.frame[0]),
            min(box[1], job.frame[1]),
            max(box[2], job.frame[2]),
            max(box[3], job.frame[3]),
        )
    return facts, [b"" if again else fingerprint(pixels, ground).tobytes(), draw(pixels, box, ground, cell, job)]


def draw(pixels: np.ndarray, box: Box, ground: Ground, cell: int, job: Job) -> bytes:
    """The finished picture as PNG bytes.  cell: the width of one drawn pixel of pixel art, else 0."""
    canvas = (pixels.shape[1], pixels.shape[0])
    finished = None
    if cell:
        small = pixelart.shrink(cut(pixels, _on_grid(box, cell), ground), cell)
        finished = pixelart.enlarge(
            cut(small, square((0, 0, small.shape[1], small.shape[0]), small.shape[1::-1], 0), ground), job.size
        )
    if finished is None:
        finished = scale(cut(pixels, square(box, canvas), ground), job.size)
    out = io.BytesIO()
    put_on(finished, job.background).save(out, "PNG")
    return out.getvalue()


def _on_grid(box: Box, cell: int) -> Box:
    return tuple(side // cell * cell for side in box[:2]) + tuple(-(-side // cell) * cell for side in box[2:])


def is_photograph(pixels: np.ndarray) -> bool:
    """Whether an opaque picture without a flat ground looks taken rather than drawn, judged at 128 pixels: its eight
    commonest colours (of 16 levels a channel) cover less than half of it, or few neighbouring pixels are within 3
    levels of each other."""
    image = on_white(pixels)
    image.thumbnail((128, 128), Image.Resampling.BOX)
    values = np.asarray(image, np.int16)
    flat = (np.abs(np.diff(values, axis=1)[:-1]).max(2) <= 3) & (np.abs(np.diff(values, axis=0)[:, :-1]).max(2) <= 3)
    counts = np.sort(np.unique(values // 16 @ np.array([256, 16, 1]), return_counts=True)[1])
    return bool(counts[-8:].sum() < 0.5 * counts.sum() or flat.mean() < 0.35)

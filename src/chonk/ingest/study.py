"""What is learnt about one decoded picture, and the finished picture drawn from it."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image
from scipy import ndimage

from chonk.ingest.clean import Box, Ground, box_of, cut, drawn_mask, find_ground, put_on, scale, square
from chonk.ingest.colours import on_white
from chonk.ingest.cutout import cut_out
from chonk.ingest.decode import GREY_REST, SMALLEST, Decoded, is_blank
from chonk.ingest.duplicates import fingerprint
from chonk.ingest.kinds import Unusable
from chonk.ingest.leftovers import stray_specks, without_bars
from chonk.ingest.pixelart import Sprite, enlarge, find_sprite
from chonk.ingest.sheets import figures, tiles
from chonk.ingest.shrink import reduced

CUTOUT_SIDE = 1024
"""Side in pixels up to which a ground is removed in a second of computing."""
QUALITY = 92
"""Of WebP."""
FIGURES = 10_000
"""Frame n of a file has the figures of its sheet at n times this."""


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
    split_sheets: bool = False
    codec: str = "PNG"
    """As Pillow calls it: PNG, or WEBP, which loses a little."""


@dataclass(frozen=True)
class Looked:
    """A picture after what does not belong to it was taken away."""

    pixels: np.ndarray
    """H x W x 4 bytes."""
    ground: Ground
    drawn: np.ndarray
    """Where something is drawn, H x W."""
    photograph: bool
    bars: bool
    """Whether it had bars of one colour along two sides."""
    specks: bool
    """Whether it had stray specks far from all the rest."""

    def figures(self) -> list[Box]:
        """The figures of a sheet; none where this is one picture, or a photograph."""
        if self.photograph:
            return []
        is_scene = self.ground.colour is None and not self.ground.transparent
        return tiles(self.pixels) if is_scene else figures(self.drawn)


def look(pixels: np.ndarray, cutout: bool) -> Looked:
    """Cuts bars off, removes a flat ground where `cutout` asks for it, and removes stray specks.  Raises Unusable where
    nothing is drawn."""
    if is_blank(pixels):
        raise Unusable("nothing is drawn on it")
    ground = find_ground(pixels)
    between = None if ground.transparent else without_bars(pixels)
    if between:
        left, top, right, bottom = between
        pixels = pixels[top:bottom, left:right]
        ground = find_ground(pixels)
        if is_blank(pixels):
            raise Unusable("nothing is drawn between its bars")
    photograph = not ground.transparent and ground.colour is None and is_photograph(pixels)
    if cutout and ground.colour is not None:
        pixels = cut_out(reduced(pixels, CUTOUT_SIDE), ground.colour)
        ground = find_ground(pixels)
    drawn = drawn_mask(pixels, ground)
    stray = stray_specks(drawn)
    if stray is not None:
        drawn = drawn & ~stray
        pixels = pixels.copy()
        pixels[ndimage.binary_dilation(stray, np.ones((3, 3), bool), 2) & ~drawn] = ground.fill
    return Looked(pixels, ground, drawn, photograph, between is not None, stray is not None)


def pieces(decoded: Decoded, job: Job) -> list[Decoded]:
    """The figures of a sheet, each as a picture of its own, where the settings ask for that; else the picture as it
    is."""
    if not job.split_sheets or is_blank(decoded.pixels):
        return [decoded]
    looked = look(decoded.pixels, cutout=False)
    boxes = looked.figures()
    if not boxes:
        return [decoded]
    parts = [looked.pixels[top:bottom, left:right] for left, top, right, bottom in boxes]
    return [
        replace(decoded, pixels=part, frame=FIGURES * decoded.frame + n, note=f"figure {n + 1} of {len(parts)}")
        for n, part in enumerate(parts)
    ]


def study(decoded: Decoded, job: Job, again: bool = False) -> tuple[dict, list[bytes]]:
    """(facts for JSON, [fingerprint, PNG]) of one picture; no fingerprint `again`.  Raises Unusable where nothing is
    drawn."""
    looked = look(decoded.pixels, job.cutout)
    pixels, ground = looked.pixels, looked.ground
    box = box_of(looked.drawn)
    if box is None:
        raise Unusable("nothing is drawn on it")
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) < SMALLEST:
        raise Unusable(f"what is drawn is too small to be a picture ({width} x {height})")
    canvas = (pixels.shape[1], pixels.shape[0])
    sprite = find_sprite(pixels, box)
    facts = {
        "frame": decoded.frame,
        "note": decoded.note,
        "canvas": canvas,
        "box": box,
        "transparent": ground.transparent,
        "photograph": looked.photograph,
        "pixel_art": sprite is not None,
        "side": max(1, round(max(width, height) / (sprite.cell if sprite else 1))),
        "bars": looked.bars,
        "specks": looked.specks,
        "grey_rest": decoded.note == GREY_REST,
        "figures": len(looked.figures()),
    }
    if job.frame is not None and canvas == tuple(job.canvas or ()):
        box = (
            min(box[0], job.frame[0]),
            min(box[1], job.frame[1]),
            max(box[2], job.frame[2]),
            max(box[3], job.frame[3]),
        )
    return facts, [b"" if again else fingerprint(pixels, ground).tobytes(), draw(pixels, box, ground, sprite, job)]


def draw(pixels: np.ndarray, box: Box, ground: Ground, sprite: Sprite | None, job: Job) -> bytes:
    """The finished picture as a file's bytes.  sprite: what is drawn, if that is pixel art."""
    canvas = (pixels.shape[1], pixels.shape[0])
    finished = None
    if sprite:
        small = cut(sprite.pixels, sprite.box(box), ground)
        small = cut(small, square((0, 0, small.shape[1], small.shape[0]), small.shape[1::-1], 0), ground)
        finished = enlarge(small, job.size, None if ground.colour is None and not ground.transparent else ground.fill)
    if finished is None:
        finished = scale(cut(pixels, square(box, canvas), ground), job.size)
    out = io.BytesIO()
    put_on(finished, job.background).save(out, job.codec, quality=QUALITY)
    return out.getvalue()


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

"""A finished picture as an SVG of a few flat shapes.  `web/src/ui/trace.ts` chooses colours in the same way.

Colours are those of flat places; a pixel on an edge takes the one of a flat neighbour that is like it, so that no
slivers of mixed colours arise.  vtracer draws the outlines of what then has one colour."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from chonk.errors import UserError

MAX_COLOURS = 24
ALIKE = 30
"""Levels between colours that count as one."""
FLAT = 14
"""Levels between neighbours in a flat place."""
REACH = 3
"""Pixels around an edge in which a flat place is looked for."""
SPECK = 9
"""Side in pixels: what is smaller than its square is no shape, and no colour."""
ROUNDS = 2
"""Of moving each colour to the mean of what has it."""


def trace(picture: Image.Image) -> str:
    """RGBA -> the text of an SVG of the same size.  Raises UserError where vtracer is not installed."""
    try:
        import vtracer
    except ModuleNotFoundError as error:
        raise UserError("--svg needs vtracer; install it with: pip install 'chonk[svg]'") from error
    data = io.BytesIO()
    posterized(picture).save(data, "PNG")
    svg = vtracer.convert_raw_image_to_svg(
        data.getvalue(), img_format="png", filter_speckle=SPECK, color_precision=8, layer_difference=0, path_precision=1
    )
    # Without a view box most programs cut an SVG where they should shrink it.
    return svg.replace("<svg ", f'<svg viewBox="0 0 {picture.width} {picture.height}" ', 1)


def posterized(picture: Image.Image) -> Image.Image:
    """RGBA -> RGBA of at most MAX_COLOURS colours, each pixel opaque or transparent."""
    pixels = np.asarray(picture.convert("RGBA")).astype(np.int16)
    rgb, drawn = pixels[..., :3], pixels[..., 3] >= 128
    flat = _flat_places(pixels)
    colours = _palette(rgb[flat] if flat.any() else rgb[drawn])
    labels = _nearest(rgb, colours)
    for _ in range(ROUNDS):
        of_flat = labels[flat]
        has = [of_flat == n for n in range(len(colours))]
        colours = np.stack([rgb[flat][mask].mean(0) if mask.any() else c for mask, c in zip(has, colours)])
        labels = _nearest(rgb, colours)
    labels = np.where(flat, labels, _as_a_flat_neighbour(rgb, labels, flat, colours))
    out = np.zeros_like(pixels, np.uint8)
    out[drawn] = np.column_stack([np.rint(colours[labels[drawn]]), np.full(drawn.sum(), 255)])
    return Image.fromarray(out)


def _flat_places(pixels: np.ndarray) -> np.ndarray:
    """Where a picture is opaque and hardly differs from the pixels to the right and below, H x W."""
    wide = np.pad(pixels, ((0, 1), (0, 1), (0, 0)), mode="edge")
    right, below = wide[:-1, 1:], wide[1:, :-1]
    gaps = np.maximum(np.abs(pixels - right), np.abs(pixels - below))[..., :3].max(2)
    solid = np.minimum(np.minimum(pixels, right), below)[..., 3] > 250
    return solid & (gaps < FLAT)


def _palette(rgb: np.ndarray) -> np.ndarray:
    """The commonest colours of N x 3 levels, none like another, K x 3."""
    _, heap, count = np.unique(rgb >> 3, axis=0, return_inverse=True, return_counts=True)
    means = np.stack([np.bincount(heap.ravel(), rgb[:, c]) for c in range(3)], 1) / count[:, None]
    chosen: list[np.ndarray] = []
    for n in np.argsort(-count, kind="stable"):
        if len(chosen) == MAX_COLOURS or (chosen and count[n] < SPECK**2):
            break
        if all(np.abs(means[n] - colour).max() > ALIKE for colour in chosen):
            chosen.append(means[n])
    return np.array(chosen)


def _nearest(rgb: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """The number of the nearest colour, H x W."""
    best, far = np.zeros(rgb.shape[:2], np.intp), np.full(rgb.shape[:2], np.inf)
    for n, colour in enumerate(colours):
        gap = np.abs(rgb - colour).max(2)
        best, far = np.where(gap < far, n, best), np.minimum(gap, far)
    return best


def _as_a_flat_neighbour(rgb: np.ndarray, labels: np.ndarray, flat: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """For each pixel the label of that flat place within REACH whose colour is nearest; its own where there is none."""
    height, width = labels.shape
    best, far = labels.copy(), np.full(labels.shape, np.inf)
    around = np.pad(np.where(flat, labels, -1), REACH, constant_values=-1)
    for down in range(2 * REACH + 1):
        for right in range(2 * REACH + 1):
            label = around[down : down + height, right : right + width]
            gap = np.where(label >= 0, np.abs(rgb - colours[label]).max(2), np.inf)
            best, far = np.where(gap < far, label, best), np.minimum(gap, far)
    return best

"""Copies of one picture: exact, re-encoded, resized, trimmed or mirrored ones, as opposed to sister pictures that share
a pose.

A fingerprint is the picture on white at 24 x 24, cut to a box that follows from the first two moments of what is drawn,
so that canvas size, padding and resolution drop out.  A copy differs a little everywhere (compression, resampling); a
sister differs strongly in one place (another mouth, a hat).  The distance is therefore the largest local difference,
not a mean."""

from __future__ import annotations

import numpy as np
from PIL import Image

from chonk.ingest.clean import Ground
from chonk.ingest.colours import on_white

CELLS = 24
REACH = 2.2
"""Half the box's side in standard deviations of what is drawn (an evenly filled square spans 1.73)."""
COARSE = 6.0
"""Root mean square difference of the 6 x 6 means up to which a pair is looked at closely (levels of 255)."""
FINE = 24.0
"""Largest difference of any 2 x 2 mean up to which two pictures are copies (levels of 255)."""
BLOCK = 512


def fingerprint(pixels: np.ndarray, ground: Ground) -> np.ndarray:
    """24 x 24 x 4 bytes: red, green, blue on white, and alpha (255 everywhere for an opaque picture).  pixels: H x W x
    4 bytes."""
    image = Image.fromarray(pixels)
    if (factor := max(image.size) // 128) > 1:
        image = image.convert("RGBa").reduce(factor).convert("RGBA")
    alpha = image.getchannel("A")
    white = on_white(np.asarray(image))
    colour = (255, 255, 255) if ground.transparent else ground.colour
    if colour is None:
        box = (0.0, 0.0, float(image.width), float(image.height))
    else:
        drawn = np.abs(np.asarray(white, np.int16) - np.array(colour, np.int16)).max(2).astype(np.float64)
        drawn[drawn < 24] = 0
        if ground.transparent and drawn.sum() < 0.02 * np.asarray(alpha, np.float64).sum():
            drawn = np.asarray(alpha, np.float64)
        box = _moments_box(drawn)
    pad = int(max(0, -min(box[:2]), box[2] - image.width, box[3] - image.height)) + 2
    size = (image.width + 2 * pad, image.height + 2 * pad)
    wide = Image.new("RGB", size, colour or (255, 255, 255))
    wide.paste(white, (pad, pad))
    veil = Image.new("L", size, 0 if ground.transparent else 255)
    veil.paste(alpha, (pad, pad))
    left, top, right, bottom = (side + pad for side in box)
    where = (left, top, right, bottom)
    small = [layer.resize((CELLS, CELLS), Image.Resampling.BILINEAR, box=where) for layer in (wide, veil)]
    return np.dstack([np.asarray(layer) for layer in small])


def _moments_box(drawn: np.ndarray) -> tuple[float, float, float, float]:
    total = max(drawn.sum(), 1e-9)
    sides = []
    for axis in (1, 0):
        mass = drawn.sum(1 - axis)
        at = np.arange(len(mass)) + 0.5
        centre = (mass * at).sum() / total
        reach = max(REACH * np.sqrt((mass * (at - centre) ** 2).sum() / total), 1.0)
        reach = min(reach, 2.0 * len(mass))
        sides.append((centre - reach, centre + reach))
    (left, right), (top, bottom) = sides
    return left, top, right, bottom


def distance(one: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Largest local difference of fingerprints, in levels of 255: the means of all 2 x 2 neighbourhoods of red, green
    and blue, and of alpha where both have any.  one: ... x 24 x 24 x 4, others likewise; result: ..."""
    delta = one.astype(np.float32) - others.astype(np.float32)
    local = (delta[..., :-1, :-1, :] + delta[..., 1:, :-1, :] + delta[..., :-1, 1:, :] + delta[..., 1:, 1:, :]) / 4
    worst = np.abs(local).max((-3, -2))
    both = (one[..., 3].min((-2, -1)) < 250) & (others[..., 3].min((-2, -1)) < 250)
    return np.maximum(worst[..., :3].max(-1), np.where(both, worst[..., 3], 0))


def close_pairs(prints: np.ndarray, ratios: np.ndarray) -> list[tuple[int, int, bool]]:
    """All pairs (i < j, mirrored) of copies.  prints: N x 24 x 24 x 4 bytes; ratios: N widths over heights of what is
    drawn."""
    coarse = _coarse(prints)
    flipped = coarse.reshape(-1, 6, 6, 3)[:, :, ::-1].reshape(coarse.shape)
    shape = np.log(ratios)
    squares = (coarse**2).sum(1)
    pairs: dict[tuple[int, int], bool] = {}
    for start in range(0, len(prints), BLOCK):
        stop = min(start + BLOCK, len(prints))
        for mirrored, block in ((False, coarse[start:stop]), (True, flipped[start:stop])):
            gaps = block @ coarse[start:].T
            gaps *= -2
            gaps += squares[start:stop, None]
            gaps += squares[None, start:]
            first, second = np.nonzero(np.triu(gaps <= COARSE**2 * coarse.shape[1], 1))
            alike = np.abs(shape[first + start] - shape[second + start]) < 0.12
            first, second = first[alike], second[alike]
            for at in range(0, len(first), 4096):
                i, j = first[at : at + 4096] + start, second[at : at + 4096] + start
                one = prints[i][:, :, ::-1] if mirrored else prints[i]
                for a, b in zip(i[hit := distance(one, prints[j]) <= FINE], j[hit]):
                    pairs.setdefault((int(a), int(b)), mirrored)
    return [(i, j, mirrored) for (i, j), mirrored in sorted(pairs.items())]


def _coarse(prints: np.ndarray) -> np.ndarray:
    """N x 108 floats: the 6 x 6 means of red, green and blue."""
    out = np.empty((len(prints), 6 * 6 * 3), np.float32)
    for start in range(0, len(prints), BLOCK):
        some = np.asarray(prints[start : start + BLOCK], np.float32)[..., :3]
        out[start : start + BLOCK] = some.reshape(-1, 6, 4, 6, 4, 3).mean((2, 4)).reshape(len(some), 6 * 6 * 3)
    return out


def copies(pairs: list[tuple[int, int, bool]], rank: list[int]) -> dict[int, tuple[int, bool]]:
    """{picture: (the better one it is a copy of, whether mirrored)}.

    In the order of `rank` (best first) a picture is a copy if it is close to one already kept: chains of small changes
    are not followed, so that a long series of sisters cannot collapse into one."""
    near: dict[int, list[tuple[int, bool]]] = {}
    for i, j, mirrored in pairs:
        near.setdefault(i, []).append((j, mirrored))
        near.setdefault(j, []).append((i, mirrored))
    place = {picture: at for at, picture in enumerate(rank)}
    result: dict[int, tuple[int, bool]] = {}
    for picture in rank:
        better = [
            (mirrored, place[other], other)
            for other, mirrored in near.get(picture, [])
            if place[other] < place[picture] and other not in result
        ]
        if better:
            mirrored, _, original = min(better)
            result[picture] = (original, mirrored)
    return result

"""From a camera's frame to a find: what `web/src/hunt/` does in the browser, for the training, the benchmark and the
tests.

    frame  ->  copies of it in several sizes  ->  finder  ->  the likeliest places  ->  crops  ->  namer
"""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from chonk.nets.recognizer import CROP, FILLED, SIDE, STEP, Finder, Recognizer, even

AREA = 320 * 240
"""Pixels to which a frame is brought first."""
COPY = 106 * 80
"""Pixels of the whole frame at scale 1."""
SCALES = (1.0, 0.71, 0.5, 0.36, 0.26)
"""The copies of the whole frame that are searched; a sticker is found in that in which it is about SIDE wide."""
NEAR = 1.5
"""Scale at which the frame's middle, as large as the whole frame at scale 1, is searched too: for small stickers."""
PLACES, CLOSER = 10, 4
"""Places of a frame that the namer is asked about, and those of them, where a sticker is likeliest, that it sees again
by NUDGES: what is there looks alike from a little beside, what only seems to be does not."""
NUDGES = (
    (0.07, 0.07, 1.0), (-0.07, 0.07, 0.92), (0.07, -0.07, 1.1), (-0.07, -0.07, 1.0),
    (0.0, 0.0, 0.8), (0.0, 0.0, 1.25), (0.12, 0.12, 0.85), (-0.12, 0.12, 1.15),
)  # fmt: skip
"""Right and down in widths, and how much wider."""
SUREST = 3
"""Of a place's crops those that are surest of a sticker say how likely it is: in a shadow or far tilted it is seldom
where the finder thinks."""
APART = 0.4
"""Places nearer to each other than this, in widths, are one where they are alike in width; of others the surest says
which sticker is there, for a part of one may look like another."""
ALWAYS = (
    (0.5, 0.5, 0.8), (0.4, 0.5, 0.6), (0.6, 0.5, 0.6), (0.5, 0.4, 0.6), (0.5, 0.6, 0.6),
    (0.38, 0.38, 0.42), (0.62, 0.38, 0.42), (0.38, 0.62, 0.42), (0.62, 0.62, 0.42), (0.5, 0.5, 0.42),
)  # fmt: skip
"""Places that the namer is asked about in every frame, across and down as shares of it, widths as shares of its shorter
side: of a large sticker that hardly differs from its paper, or is bent around a mug, the finder sees parts only, and
people hold what they show in the middle."""
MEMORY = 1.0
"""Seconds after which a look counts a third."""
ENOUGH = 0.6
"""Evidence for a find: probabilities of the looks, each counting less as it ages.  A trained recognizer has its own
limit (`chonk.hunt.train.evidence_limit`)."""

SEARCH = {
    "area": AREA, "copy": COPY, "scales": SCALES, "near": NEAR,
    "places": PLACES, "closer": CLOSER, "nudges": NUDGES, "surest": SUREST, "apart": APART,
    "always": ALWAYS,
    "side": SIDE, "step": STEP, "crop": CROP, "filled": FILLED, "memory": MEMORY, "enough": ENOUGH,
}  # fmt: skip
"""The parameters that the page needs."""


def scaled(frame: Image.Image) -> np.ndarray:
    """The frame as it is looked at: H x W x 3 bytes, AREA pixels."""
    scale_factor = (AREA / (frame.width * frame.height)) ** 0.5
    return np.asarray(
        frame.convert("RGB").resize(
            (round(frame.width * scale_factor), round(frame.height * scale_factor)), Image.Resampling.BILINEAR
        )
    )


def mips(frame: np.ndarray) -> list[torch.Tensor]:
    """The frame, 3 x H x W in [-1, 1], and each of its halves, by means of four pixels, down to about 8 pixels."""
    levels = [torch.from_numpy(np.array(frame)).permute(2, 0, 1).float() / 127.5 - 1]
    while min(levels[-1].shape[1:]) >= 16:
        last = levels[-1]
        height, width = last.shape[1] // 2 * 2, last.shape[2] // 2 * 2
        levels.append(torch.nn.functional.avg_pool2d(last[None, :, :height, :width], 2)[0])
    return levels


def cut(levels: list[torch.Tensor], x: float, y: float, width: float, height: float, columns: int, rows: int):
    """A rectangle of the frame, in its pixels, as 3 x rows x columns: bilinear, from the level whose pixels are not
    more than twice as fine; beyond the border the last pixels go on."""
    ratio = max(width / columns, height / rows)
    level = 0
    while level + 1 < len(levels) and ratio >= 2 ** (level + 1):
        level += 1
    source = levels[level]
    tall, wide = source.shape[1:]
    left, share = _steps(x, width, columns, level, wide)
    top, part = _steps(y, height, rows, level, tall)
    above, below = source[:, top], source[:, (top + 1).clamp(max=tall - 1)]
    lines = above + (below - above) * part[None, :, None]
    before, after = lines[:, :, left], lines[:, :, (left + 1).clamp(max=wide - 1)]
    return before + (after - before) * share


def _steps(start: float, length: float, count: int, level: int, length_limit: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The pixels before `count` places that cover a stretch of the frame, and how far beyond them the places are."""
    at = (start + (torch.arange(count, dtype=torch.float64) + 0.5) * length / count) / 2**level - 0.5
    at = at.clamp(0, length_limit - 1)
    whole = at.floor()
    return whole.long(), (at - whole).float()


def copies(width: int, height: int) -> list[tuple[float, float, float, float, int, int]]:
    """What of a frame the finder looks at: left, top, width, height in the frame's pixels, and the copy's columns and
    rows: the frame's middle, and the whole of it at SCALES."""

    def sides(scale: float) -> tuple[int, int]:
        scale_factor = scale * (COPY / (width * height)) ** 0.5 / STEP
        return max(4, round(width * scale_factor)) * STEP, max(4, round(height * scale_factor)) * STEP

    whole = [(0.0, 0.0, float(width), float(height), *sides(scale)) for scale in SCALES]
    edge = (1 - 1 / NEAR) / 2
    return [(edge * width, edge * height, width / NEAR, height / NEAR, *sides(1.0)), *whole]


@torch.inference_mode()
def propose(finder: Finder, levels: list[torch.Tensor]) -> np.ndarray:
    """The likeliest places of stickers, at most PLACES x 4: the middle and the width in the frame's pixels, and how
    likely, the likeliest first."""
    found = []
    for x, y, width, height, columns, rows in copies(levels[0].shape[2], levels[0].shape[1]):
        seen = finder(even(cut(levels, x, y, width, height, columns, rows)[None]))[0]
        scale_factor = width / columns, height / rows
        down, across = torch.meshgrid(*(torch.arange(n) + 0.5 for n in seen.shape[1:]), indexing="ij")
        found.append(
            torch.stack(
                [
                    x + scale_factor[0] * STEP * (across + seen[1]),
                    y + scale_factor[1] * STEP * (down + seen[2]),
                    scale_factor[0] * SIDE * seen[3].clamp(-1, 1).exp(),
                    seen[0].sigmoid(),
                ],
                2,
            ).flatten(0, 1)
        )
    places = torch.cat(found)
    order = places[:, 3].topk(min(128, len(places))).indices.numpy()
    return places.numpy()[distinct(places.numpy(), order, PLACES)]


def always(levels: list[torch.Tensor]) -> np.ndarray:
    """ALWAYS in this frame's pixels, as `propose` gives places; nobody says how likely."""
    tall, wide = levels[0].shape[1:]
    side = min(tall, wide)
    return np.array([(x * wide, y * tall, width * side, 0.0) for x, y, width in ALWAYS], np.float32)


def distinct(places: np.ndarray, order: np.ndarray, count: int) -> list[int]:
    """The first `count` of the places, in this order, that are not the same as one before."""
    kept: list[int] = []
    for i in order.tolist():
        if len(kept) == count:
            break
        if not any(_same(places[i], places[j]) for j in kept):
            kept.append(i)
    return kept


def _same(one: np.ndarray, other: np.ndarray) -> bool:
    return near(one, other) and bool(max(one[2], other[2]) < 1.5 * min(one[2], other[2]))


def near(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether the middles of two places are too near to each other for two stickers."""
    return bool(np.hypot(*(one[:2] - other[:2])) < APART * max(one[2], other[2]))


def crops(levels: list[torch.Tensor], places: np.ndarray) -> torch.Tensor:
    """What the namer sees of these places, N x 3 x CROP x CROP in [-1, 1]."""
    found = []
    for x, y, width, _ in places:
        side = float(width) * CROP / FILLED
        found.append(cut(levels, float(x) - side / 2, float(y) - side / 2, side, side, CROP, CROP))
    return torch.stack(found)


@torch.inference_mode()
def look(net: Recognizer, frame: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """How likely which sticker is at the CLOSER likeliest places of the frame, places x (1 + stickers), and the places
    (`propose`).  A place speaks for its likeliest sticker only, and where several overlap the surest speaks: whoever
    looks long at one must not find another."""
    levels = mips(scaled(frame))
    places = np.concatenate([propose(net.finder, levels), always(levels)])
    chances = net.namer(even(crops(levels, places))).softmax(1).numpy()
    best = distinct(places, np.argsort(-chances[:, 1:].max(1), kind="stable"), CLOSER)
    places, chances = places[best], chances[best]
    again = np.concatenate([nudged(places, *nudge) for nudge in NUDGES])
    more = net.namer(even(crops(levels, again))).softmax(1).numpy().reshape(len(NUDGES), *chances.shape)
    chances = np.sort(np.concatenate([chances[None], more]), 0)[-SUREST:].mean(0)
    named = chances[:, 1:]
    named[named < named.max(1, keepdims=True)] = 0
    speaking: list[int] = []
    for i in np.argsort(-named.max(1), kind="stable").tolist():
        if any(near(places[i], places[j]) for j in speaking):
            named[i] = 0
        else:
            speaking.append(i)
    return chances, places


def nudged(places: np.ndarray, right: float, down: float, wider: float) -> np.ndarray:
    x, y, width, chance = places.T
    return np.stack([x + right * width, y + down * width, wider * width, chance], 1)


class Evidence:
    """What several looks say together."""

    def __init__(self, stickers: int) -> None:
        self.values = np.zeros(stickers)

    def add(self, seen: np.ndarray, seconds: float) -> np.ndarray:
        """A look, so long after the one before; gives the evidence for every sticker."""
        keep = np.exp(-seconds / MEMORY)
        self.values = keep * self.values + (1 - keep) * seen[:, 1:].max(0)
        return self.values

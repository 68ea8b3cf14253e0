"""From a camera's frame to a find: what `web/src/hunt/` does in the browser, for the benchmark and the thresholds."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from chonk.nets.recognizer import SIDE, STEP, Recognizer, chances

AREA = 107 * 80
"""Pixels of the frame as the net sees it at scale 1."""
SCALES = (1.0, 0.71, 0.5, 0.36, 0.26)
"""The copies of the whole frame that are searched; a sticker is found in that in which it is about 16 pixels wide."""
NEAR = 2.0
"""Scale at which the frame's middle, as large as the whole frame at scale 1, is searched too: for small stickers."""
MEMORY = 0.4
"""Seconds after which a look counts a third."""
ENOUGH = 0.35
"""Evidence for a find: probabilities of the looks, each counting less as it ages."""

SEARCH = {"area": AREA, "scales": SCALES, "near": NEAR, "side": SIDE, "step": STEP, "memory": MEMORY, "enough": ENOUGH}
"""What the page is told of all this."""


def sides(width: int, height: int, scale: float) -> tuple[int, int]:
    """Sides of a copy of a frame: even, and at least a window."""
    unit = scale * (AREA / (width * height)) ** 0.5 / STEP
    return max(SIDE, round(width * unit) * STEP), max(SIDE, round(height * unit) * STEP)


def copies(frame: Image.Image) -> list[Image.Image]:
    """What the net looks at: the frame's middle, and the whole of it at SCALES."""
    width, height = frame.size
    wide, tall = sides(width, height, 1.0)
    part = (
        (1 - 1 / NEAR) / 2 * width,
        (1 - 1 / NEAR) / 2 * height,
        (1 + 1 / NEAR) / 2 * width,
        (1 + 1 / NEAR) / 2 * height,
    )
    whole = frame.resize((wide, tall), Image.Resampling.BOX)
    return [
        frame.resize((wide, tall), Image.Resampling.BOX, part),
        whole,
        *(whole.resize(sides(width, height, scale), Image.Resampling.BILINEAR) for scale in SCALES[1:]),
    ]


@torch.inference_mode()
def look(net: Recognizer, frame: Image.Image) -> np.ndarray:
    """How likely each sticker is somewhere in the frame: numbers in [0, 1]."""
    best = torch.zeros(len(net.guess.weight) - 1)
    for copy in copies(frame):
        pixels = torch.from_numpy(np.array(copy)).permute(2, 0, 1)[None].float() / 127.5 - 1
        found = chances(net(pixels))[0]
        best = torch.maximum(best, found.amax((1, 2)))
    return best.numpy()


class Evidence:
    """What several looks say together."""

    def __init__(self, stickers: int) -> None:
        self.values = np.zeros(stickers)

    def add(self, seen: np.ndarray, seconds: float) -> np.ndarray:
        """A look, so long after the one before; gives the evidence for every sticker.

        Only what it saw most clearly counts: a part of one sticker may look like another one."""
        keep = np.exp(-seconds / MEMORY)
        self.values = keep * self.values
        top = int(np.argmax(seen))
        self.values[top] += (1 - keep) * seen[top]
        return self.values

"""Endless sets of pictures that belong together: one character, or one hand, in many pictures.

The world (`chonk.synthetic.world`) draws one picture from one stream of random numbers.  Here every number is drawn for
the place in the code that asks for it, and a set decides once for each such place what the number may depend on:

    kept      the same in all pictures of the set: who it is, whose hand
    a choice  one of a few values; all places of one function choose together, so that faces, props, poses and colours
              come again in other pictures
    free      another one in each picture

How many places are kept, choices or free differs from set to set: some are one character in many poses, some one
species in many colours, some many things by one hand.
"""

from __future__ import annotations

import sys
from hashlib import blake2b
from math import log
from random import Random

import numpy as np

from chonk.synthetic.world import drawing, painted

_LIBRARY = sys.modules[Random.__module__].__file__
_HAND = ("pen.py", "shading.py", "finish.py")
"""Where a hand shows: lines, light, surfaces."""


def _number(*key: object) -> int:
    """64 bits that follow from the key alone."""
    return int.from_bytes(blake2b(repr(key).encode(), digest_size=8).digest(), "little")


def _fraction(*key: object) -> float:
    return (_number(*key) >> 11) / 2**53


class Habits(Random):
    """The random numbers of picture `number` of set `seed`."""

    def __init__(self, seed: int, number: int) -> None:
        super().__init__(0)
        self.of, self.picture = seed, number
        self.asked: dict[tuple, int] = {}
        self.chosen: dict[str, int] = {}
        # Shares of places that are kept, by what is drawn there; the lower, the wilder the set.
        self.kept = {
            "hand": 0.9 + 0.1 * _fraction(seed, "hand"),
            "palette": _fraction(seed, "palette") ** 0.4,
            "drawing": 0.2 + 0.75 * _fraction(seed, "drawing"),
            "form": 0.1 + 0.7 * _fraction(seed, "form"),
        }
        self.free = 0.2 * _fraction(seed, "free") ** 2
        """Share of the places that are neither kept nor chosen together."""

    def random(self) -> float:
        return (self._bits() >> 11) / 2**53

    def getrandbits(self, k: int) -> int:
        return self._bits() >> (64 - k) if k <= 64 else super().getrandbits(k)

    gauss = Random.normalvariate  # the library's keeps every other number for later, whoever asks then

    def _bits(self) -> int:
        frame = sys._getframe(2)
        while frame.f_code.co_filename == _LIBRARY and frame.f_back:
            frame = frame.f_back
        code = frame.f_code
        function, place = code.co_name, frame.f_lasti
        count = self.asked[function, place] = self.asked.get((function, place), -1) + 1
        file = code.co_filename.rpartition("/")[2]
        group = (
            "hand"
            if file in _HAND
            else "palette"
            if file == "palette.py"
            else "drawing"
            if function == "drawing"
            else "form"
        )
        # Repeated questions of one place (spots, spikes) are one habit, so they are kept or not together.
        if _fraction(self.of, function, place, "kept") < self.kept[group]:
            return _number(self.of, function, place, count)
        if _fraction(self.of, function, place, "free") < self.free:
            return _number(self.of, function, place, count, self.picture, "free")
        return _number(
            self.of, function, place, count, self._choice(group if group in ("hand", "palette") else function)
        )

    def _choice(self, what: str) -> int:
        """Which of the few values that the set has for this the picture has; some are rarer than others."""
        if what not in self.chosen:
            values = 2 + int(12 * _fraction(self.of, what, "values") ** 1.5)
            self.chosen[what] = min(
                values - 1, int(-log(1 - _fraction(self.of, what, self.picture, "chosen")) * values / 2.5)
            )
        return self.chosen[what]


def batch(seed: int, count: int, size: int) -> np.ndarray:
    """The first `count` pictures of set `seed` as bytes, count x size x size x 4, straight alpha."""
    return np.stack(
        [np.asarray(painted(*drawing(Habits(seed, number)), Habits(seed, number), size)) for number in range(count)]
    )

"""The description of one picture of the built-in character: thirteen independent factors and a wobble.

The factors are the truth that results are measured against: a set of pictures has every value about equally often, and
any combination can be drawn, so "taco, leaning right, on a leash" is a picture even if no training set holds it.
"""

from __future__ import annotations

import math
import random
from dataclasses import asdict, dataclass

from chonk.errors import UserError

FACTORS: dict[str, tuple[str, ...]] = {
    "lean": ("upright", "left", "right"),
    "pose": ("sitting", "standing", "loaf", "lying"),
    "size": ("big", "small"),
    "colour": ("apricot", "berry", "mint", "lilac"),
    "marking": ("mask", "patch", "spots", "hood"),
    "ears": ("pointed", "round", "floppy", "long"),
    "tail": ("ringed", "curl", "pompom"),
    "eyes": ("round", "happy", "sleepy", "starry", "grumpy"),
    "mouth": ("cat", "open", "oh", "tongue"),
    "holds": ("none", "taco", "fish", "balloon", "book", "cone"),
    "hat": ("none", "crown", "party", "beanie"),
    "neck": ("none", "leash", "scarf"),
    "scene": ("none", "water", "fire", "forest", "sky"),
}
"""Every factor and its values; the first value of each is the character at rest."""


@dataclass(frozen=True)
class Truth:
    """One picture.  `Truth()` is the character at rest; `Truth(holds="taco", lean="left")` says only what differs."""

    lean: str = "upright"
    pose: str = "sitting"
    size: str = "big"
    colour: str = "apricot"
    marking: str = "mask"
    ears: str = "pointed"
    tail: str = "ringed"
    eyes: str = "round"
    mouth: str = "cat"
    holds: str = "none"
    hat: str = "none"
    neck: str = "none"
    scene: str = "none"
    wobble: int = 0
    """Seed of the small shifts and turns that keep two pictures of the same factors from being equal; 0 for none."""

    def __post_init__(self) -> None:
        for factor, value in self.factors().items():
            if value not in FACTORS[factor]:
                raise UserError(f"the character's {factor} cannot be {value!r}: one of {', '.join(FACTORS[factor])}")

    def factors(self) -> dict[str, str]:
        """Factor -> value, in the order of `FACTORS`."""
        values = asdict(self)
        return {factor: values[factor] for factor in FACTORS}


def random_truth(rng: random.Random) -> Truth:
    """Every factor drawn uniformly and independently, with a wobble.

    Only `rng.random()` is used: it is the one method whose numbers Python keeps the same from version to version."""
    values = {factor: options[int(rng.random() * len(options))] for factor, options in FACTORS.items()}
    return Truth(**values, wobble=1 + int(rng.random() * (2**31 - 1)))


def truths(count: int, seed: int = 0) -> list[Truth]:
    """`count` pictures of which no two have all factors alike.  A longer list of a seed starts with the shorter one.

    Raises UserError where there are not that many combinations (33 million)."""
    possible = math.prod(len(options) for options in FACTORS.values())
    if not 0 < count <= possible:
        raise UserError(f"the character cannot be drawn {count} times: from 1 to {possible} different pictures")
    rng = random.Random(seed)
    found: dict[tuple[str, ...], Truth] = {}
    while len(found) < count:
        truth = random_truth(rng)
        found.setdefault(tuple(truth.factors().values()), truth)
    return list(found.values())

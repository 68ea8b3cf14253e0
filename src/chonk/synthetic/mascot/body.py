"""The body: four poses, three tails.  Coordinates are from the middle of the ground line, y downwards (so up is
negative)."""

from __future__ import annotations

from dataclasses import dataclass

from chonk.synthetic.mascot.factors import Truth
from chonk.synthetic.mascot.ink import COATS, INK, group, line, oval, path, rope, within


@dataclass(frozen=True)
class Pose:
    """Where the parts of one pose are."""

    outline: str
    """The body without limbs, as an SVG path."""
    head: tuple[float, float]
    """The middle of the head."""
    tail: tuple[float, float, float]
    """Where the tail grows, and its turn in degrees."""
    hand: tuple[float, float]
    """Where a held thing is."""
    belly: tuple[float, float, float, float] | None = None
    """The light oval, where it shows: middle and radii."""


POSES = {
    "sitting": Pose(
        "M 0,-100 C 46,-100 78,-64 78,-32 C 78,-8 62,0 40,0 L -40,0 C -62,0 -78,-8 -78,-32 C -78,-64 -46,-100 0,-100 Z",
        (0, -114),
        (-62, -24, 0),
        (74, -46),
        (0, -24, 50, 36),
    ),
    "standing": Pose(
        "M 0,-104 C 40,-104 70,-80 70,-48 C 70,-24 52,-12 28,-12 L -28,-12 C -52,-12 -70,-24 -70,-48 C -70,-80 "
        "-40,-104 0,-104 Z",
        (0, -123),
        (-58, -36, 0),
        (74, -60),
        (0, -40, 46, 32),
    ),
    "loaf": Pose(
        "M 0,-88 C 62,-88 92,-62 92,-22 C 92,-6 84,0 70,0 L -70,0 C -84,0 -92,-6 -92,-22 C -92,-62 -62,-88 0,-88 Z",
        (2, -90),
        (-66, -28, 8),
        (74, -28),
    ),
    "lying": Pose(
        "M -62,-94 C -20,-96 56,-66 76,-34 C 88,-10 78,0 62,0 L -78,0 C -104,0 -112,-24 -107,-50 C -103,-78 -86,-93 "
        "-62,-94 Z",
        (0, -76),
        (-58, -58, 8),
        (82, -23),
    ),
}


def tail(kind: str, coat: tuple[str, str, str, str]) -> str:
    """A tail growing to the upper left of the origin."""
    main, dark, light, _ = coat
    if kind == "ringed":
        plume = (
            "M 6,4 C -34,8 -62,-20 -58,-62 C -57,-84 -36,-94 -24,-80 "
            "C -14,-68 -26,-58 -22,-42 C -18,-28 -2,-26 10,-28 Z"
        )
        rings = path("M -70,-68 Q -40,-54 -8,-70 L -8,-110 L -70,-110 Z", dark, width=0)
        rings += path("M -72,-44 Q -44,-30 -12,-52 L -12,-34 Q -40,-12 -66,-22 Z", light, width=0)
        return path(plume, main) + within("rings", plume, rings) + line(plume)
    if kind == "curl":
        d = "M 8,-8 C -34,4 -58,-22 -51,-50 C -45,-72 -14,-70 -17,-50 C -18,-40 -31,-38 -35,-46"
        return rope(d, main, 13)
    stalk = rope("M 8,-10 C -12,-4 -28,-18 -30,-38", main, 9)
    puffs = [(-48, -54), (-34, -74), (-12, -62), (-18, -42), (-40, -40)]
    ball = "".join(oval(x, y, 15, 15, INK) for x, y in puffs)
    fluff = "".join(oval(x, y, 14.5, 14.5, light, width=0) for x, y in (*puffs, (-30, -56)))
    return stalk + ball + fluff


def marks(kind: str, coat: tuple[str, str, str, str]) -> str:
    """What a marking puts on the body (the head has its own part of it)."""
    dark = coat[1]
    if kind == "patch":
        return oval(-60, -40, 30, 34, dark, width=0)
    if kind == "spots":
        places = ((-54, -48), (-62, -22), (52, -50), (60, -24), (-84, -44), (80, -44))
        return "".join(oval(x, y, 9, 8, dark, width=0) for x, y in places)
    if kind == "hood":
        return path("M -130,-18 Q 0,-34 130,-18 L 130,10 L -130,10 Z", dark, width=0)
    return ""


def foot(x: float, paw: str, turn: float = 0) -> str:
    toes = line(f"M {x - 5},-9 l 0,6 M {x + 5},-9 l 0,6", width=4)
    return oval(x, -6, 20, 13, paw, turn=turn) + toes


def paws(pose: str, paw: str, main: str) -> str:
    """The limbs that are drawn over the body."""
    if pose == "sitting":
        arms = oval(-30, -46, 12, 18, main, turn=28) + oval(30, -46, 12, 18, main, turn=-28)
        return foot(-46, paw, 8) + foot(46, paw, -8) + arms
    if pose == "standing":
        return oval(-70, -76, 13, 24, main, turn=-46) + oval(58, -58, 13, 20, main, turn=-50)
    if pose == "loaf":
        return line("M -34,-3 q 6,-16 26,-12 M 40,-3 q -6,-16 -26,-12", width=5)
    return foot(-86, paw)


def front_paws(truth: Truth) -> str:
    """The paws under the chin of a lying figure: the only limbs in front of the head."""
    if truth.pose != "lying":
        return ""
    paw = paw_colour(truth)
    return foot(-42, paw, 6) + foot(34, paw, -6)


def paw_colour(truth: Truth) -> str:
    _, dark, light, _ = COATS[truth.colour]
    return dark if truth.marking == "hood" else light


def body(truth: Truth) -> str:
    """Tail, legs, trunk and paws, without head."""
    coat = COATS[truth.colour]
    main, light = coat[0], coat[2]
    pose = POSES[truth.pose]
    paw = paw_colour(truth)
    x, y, turn = pose.tail
    legs = ""
    if truth.pose == "standing":
        leg = path("M -16,-40 L -17,-6 Q -17,2 -8,2 L 8,2 Q 17,2 17,-6 L 16,-40 Z", paw)
        legs = group(leg, -30) + group(leg, 30)
    belly = oval(*pose.belly, light, width=0) if pose.belly else ""
    trunk = (
        path(pose.outline, main)
        + within("trunk", pose.outline, marks(truth.marking, coat) + belly)
        + line(pose.outline)
    )
    return group(tail(truth.tail, coat), x, y, turn, 0.95) + legs + trunk + paws(truth.pose, paw, main)

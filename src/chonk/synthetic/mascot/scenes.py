"""Where the character is: a round badge behind it and something in front.  Outside the badge the picture stays
transparent."""

from __future__ import annotations

from collections.abc import Callable

from chonk.synthetic.mascot.ink import BROWN, GOLD, INK, LEAF, WHITE, group, line, oval, path, rope, within

BADGE = "M 128,10 C 204,8 248,52 248,128 C 248,208 206,250 128,250 C 50,250 8,206 8,128 C 8,50 54,12 128,10 Z"


def sea() -> str:
    sun = oval(194, 52, 20, 20, GOLD, width=0)
    return sun + path("M 0,150 Q 32,138 64,150 T 128,150 T 192,150 T 256,150 V 256 H 0 Z", "#7fd0e6", width=0)


def wave() -> str:
    crest = "M 0,225 Q 22,214 44,225 T 88,225 T 132,225 T 176,225 T 220,225 T 264,225 V 256 H 0 Z"
    return path(crest, "#3fa9d6", WHITE, 6, 'fill-opacity="0.8"')


def night() -> str:
    stars = ((40, 96), (66, 42), (128, 28), (222, 112), (30, 140))
    moon = path("M 196,32 C 166,36 166,84 200,84 C 184,74 180,46 196,32 Z", "#ffe08a", width=0)
    glow = oval(128, 262, 150, 92, "#8d4763", width=0) + oval(128, 266, 120, 62, "#c46a52", width=0)
    return "".join(oval(x, y, 3.5, 3.5, "#fff2b0", width=0) for x, y in stars) + moon + glow


def campfire() -> str:
    flame = "M -28,0 C -36,-37 -3,-41 3,-82 C 14,-49 39,-33 28,0 Z"
    heart = group(path(flame, GOLD, width=0), -1, 0, scale=0.54)
    logs = rope("M -28,-6 L 30,8 M -28,8 L 30,-6", BROWN, 10)
    return group(path(flame, "#ff6b2c", width=6) + heart + logs, 57, 236)


def fir(x: float, y: float, scale: float, green: str) -> str:
    steps = ((0, -110), (24, -70), (13, -70), (33, -32), (19, -32), (42, 6))
    right = " L ".join(f"{a},{b}" for a, b in steps)
    left = " L ".join(f"{-a},{b}" for a, b in reversed(steps[1:]))
    trunk = path("M -7,-4 h 14 v 26 h -14 Z", BROWN, width=5 / scale)
    return group(trunk + path(f"M {right} L {left} Z", green, width=5.5 / scale), x, y, scale=scale)


def forest() -> str:
    meadow = path("M 0,196 Q 128,172 256,196 V 256 H 0 Z", "#9ccc65", width=0)
    return fir(84, 160, 1.0, "#7cc06f") + fir(46, 188, 1.35, "#3f9a5f") + fir(216, 186, 1.45, "#3f9a5f") + meadow


def grass() -> str:
    tuft = path("M -14,0 Q -12,-16 -17,-24 Q -5,-18 0,-30 Q 5,-18 17,-24 Q 12,-16 14,0 Z", LEAF, width=5)
    return group(tuft, 62, 252) + group(tuft, 196, 252)


def cloud(x: float, y: float, scale: float) -> str:
    puffs = ((-22, 4, 16), (-4, -6, 20), (18, 2, 17))
    return group("".join(oval(a, b, r, r * 0.9, WHITE, width=0) for a, b, r in puffs), x, y, scale=scale)


def sky() -> str:
    return cloud(50, 60, 1.1) + cloud(206, 36, 0.9) + cloud(226, 130, 1.0) + cloud(30, 150, 0.9)


def cushion() -> str:
    """The cloud that carries the figure."""
    puffs = ((40, 26), (82, 30), (128, 32), (176, 30), (218, 26))
    outline = "".join(oval(x, 249, r, r * 0.8, INK) for x, r in puffs)
    return outline + "".join(oval(x, 249, r, r * 0.8, WHITE, width=0) for x, r in puffs)


SCENES: dict[str, tuple[str, Callable[[], str], Callable[[], str]]] = {
    "water": ("#c9f1f4", sea, wave),
    "fire": ("#57448a", night, campfire),
    "forest": ("#dcf0b8", forest, grass),
    "sky": ("#8cc9f7", sky, cushion),
}
"""Name -> colour of the badge, what is far away, what is nearer than the figure (it leaves face and hands free)."""


def behind(kind: str) -> str:
    """The badge with its far things; nothing for a scene of "none"."""
    if kind not in SCENES:
        return ""
    ground, far, _ = SCENES[kind]
    return path(BADGE, ground, width=0) + within("badge", BADGE, far()) + line(BADGE)


def before(kind: str) -> str:
    """The near things, cut to the badge, whose rim runs over them."""
    if kind not in SCENES:
        return ""
    rim = within("rim", "M 0,228 H 256 V 256 H 0 Z", line(BADGE))
    return within("near", BADGE, SCENES[kind][2]()) + rim

"""Where the character is: a round badge behind it and something in front.  Outside the badge the picture stays transparent."""
from __future__ import annotations

from chonk.pictures.mascot.ink import BROWN, GOLD, INK, WHITE, line, oval, path, within

BADGE = "M 128,10 C 204,8 248,52 248,128 C 248,208 206,250 128,250 C 50,250 8,206 8,128 C 8,50 54,12 128,10 Z"


def cloud(x: float, y: float, scale: float) -> str:
    puffs = ((-22, 4, 16), (-4, -6, 20), (18, 2, 17))
    return "".join(oval(x + a * scale, y + b * scale, r * scale, r * scale * 0.9, WHITE, width=0) for a, b, r in puffs)


def fir(x: float, y: float, scale: float, green: str) -> str:
    trunk = path(f"M {x - 7 * scale},{y - 4} h {14 * scale} v {26 * scale} h {-14 * scale} Z", BROWN, width=5)
    steps = ((0, -110), (24, -70), (13, -70), (33, -32), (19, -32), (42, 6))
    right = " ".join(f"L {x + a * scale},{y + b * scale}" for a, b in steps)
    left = " ".join(f"L {x - a * scale},{y + b * scale}" for a, b in reversed(steps[1:]))
    return trunk + path(f"M {x},{y - 110 * scale} {right} {left} Z", green, width=5.5)


def flame(x: float, y: float, height: float, width: float, fill: str, outline: float) -> str:
    return path(
        f"M {x - width},{y} C {x - width * 1.3},{y - height * 0.45} {x - width * 0.1},{y - height * 0.5} {x + width * 0.1},{y - height} "
        f"C {x + width * 0.5},{y - height * 0.6} {x + width * 1.4},{y - height * 0.4} {x + width},{y} Z", fill, width=outline,
    )


def behind(kind: str) -> str:
    """The badge and what is far away."""
    if kind == "none":
        return ""
    if kind == "water":
        ground, far = "#c9f1f4", oval(194, 52, 20, 20, GOLD, width=0) + path("M 0,150 Q 32,138 64,150 T 128,150 T 192,150 T 256,150 V 256 H 0 Z", "#7fd0e6", width=0)
    elif kind == "fire":
        ground = "#57448a"
        far = "".join(oval(x, y, 3.5, 3.5, "#fff2b0", width=0) for x, y in ((40, 96), (66, 42), (128, 28), (222, 112), (30, 140)))
        far += path("M 196,32 C 166,36 166,84 200,84 C 184,74 180,46 196,32 Z", "#ffe08a", width=0)
        far += oval(128, 262, 150, 92, "#8d4763", width=0) + oval(128, 266, 120, 62, "#c46a52", width=0)
    elif kind == "forest":
        ground = "#dcf0b8"
        far = fir(84, 160, 1.0, "#7cc06f") + fir(46, 188, 1.35, "#3f9a5f") + fir(216, 186, 1.45, "#3f9a5f")
        far += path("M 0,196 Q 128,172 256,196 V 256 H 0 Z", "#9ccc65", width=0)
    else:
        ground, far = "#8cc9f7", cloud(50, 60, 1.1) + cloud(206, 36, 0.9) + cloud(226, 130, 1.0) + cloud(30, 150, 0.9)
    return path(BADGE, ground, width=0) + within("badge", BADGE, far) + line(BADGE)


def before(kind: str) -> str:
    """What is nearer than the character; it leaves face and hands free."""
    if kind == "water":
        near = path("M 0,225 Q 22,214 44,225 T 88,225 T 132,225 T 176,225 T 220,225 T 264,225 V 256 H 0 Z", "#3fa9d6", WHITE, 6, 'fill-opacity="0.8"')
    elif kind == "fire":
        fire = flame(56, 236, 82, 28, "#ff6b2c", 6) + flame(55, 236, 44, 15, GOLD, 0)
        near = fire + line("M 30,230 L 88,244 M 30,244 L 88,230", INK, 19) + line("M 30,230 L 88,244 M 30,244 L 88,230", BROWN, 10)
    elif kind == "forest":
        near = "".join(path(f"M {x - 14},256 Q {x - 12},240 {x - 17},232 Q {x - 5},238 {x},226 Q {x + 5},238 {x + 17},232 Q {x + 12},240 {x + 14},256 Z", "#5fa347", width=5) for x in (50, 208))
    elif kind == "sky":
        puffs = ((40, 26), (82, 30), (128, 32), (176, 30), (218, 26))
        near = "".join(oval(x, 249, r, r * 0.8, INK) for x, r in puffs) + "".join(oval(x, 249, r, r * 0.8, WHITE, width=0) for x, r in puffs)
    else:
        return ""
    rim = within("rim", "M 0,228 H 256 V 256 H 0 Z", line(BADGE))
    return within("near", BADGE, near) + rim

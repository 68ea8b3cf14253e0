"""What the character holds, each about 70 units wide (17 pixels of 64) with the middle at the origin."""

from __future__ import annotations

from chonk.synthetic.mascot.ink import BLUE, GOLD, INK, RED, WHITE, group, line, oval, path, within


def taco() -> str:
    shell = "M -38,18 C -38,-22 -14,-34 4,-32 C 28,-30 40,-8 38,18 Q 0,26 -38,18 Z"
    lettuce = "".join(
        oval(x, y, 10, 10, "#7ac74f", width=6) for x, y in ((-30, -10), (-18, -25), (0, -33), (19, -28), (32, -12))
    )
    tomato = oval(-10, -33, 6, 6, RED, width=5) + oval(28, -22, 6, 6, RED, width=5)
    crumbs = "".join(oval(x, y, 4, 4, "#e29a1f", width=0) for x, y in ((-14, 4), (6, -10), (20, 7)))
    return lettuce + tomato + path(shell, GOLD) + crumbs


def fish() -> str:
    fin = path("M 12,0 L 38,-22 L 32,0 L 38,22 Z", "#3d7fc4")
    eye = oval(-24, -5, 4.5, 5, INK, width=0)
    gill = line("M 4,-10 Q 12,0 4,10", width=4.5)
    return fin + oval(-10, 0, 31, 21, BLUE) + gill + eye + oval(-12, 9, 10, 5, "#bfe2ff", width=0)


def balloon() -> str:
    """Floats above the hand: the origin is the end of its string."""
    string = line("M 0,14 C 8,-20 -10,-50 8,-86", width=4.5)
    knot = path("M 2,-84 L 14,-84 L 8,-94 Z", RED, width=5)
    return string + knot + oval(8, -122, 28, 32, RED) + oval(-3, -134, 6, 10, "#ffd0cc", width=0, turn=24)


def book() -> str:
    cover = path("M -38,-24 L 0,-16 L 38,-24 L 38,24 L 0,32 L -38,24 Z", "#7a4fb5")
    pages = path("M -30,-30 Q -10,-32 0,-20 Q 10,-32 30,-30 L 30,16 Q 10,12 0,22 Q -10,12 -30,16 Z", WHITE, width=5.5)
    text = line("M -21,-14 L -9,-12 M -21,-1 L -9,1 M 9,-12 L 21,-14 M 9,1 L 21,-1", "#a595b8", 4.5)
    return cover + pages + line("M 0,-18 L 0,20", width=5) + text


def cone() -> str:
    wafer = "M -20,-2 L 20,-2 L 2,42 Z"
    waffle = line("M -14,-6 L 14,30 M 2,-8 L 22,18 M 14,-6 L -10,26", "#c98a3c", 3.5)
    edge = "Q 20,8 13,0 Q 6,10 -1,1 Q -8,10 -14,0 Q -22,8 -27,-2 Z"
    scoop = path(f"M -27,-2 C -30,-30 -14,-44 0,-44 C 16,-44 30,-28 27,-2 {edge}", "#ffc2d4")
    shine = oval(-12, -24, 5, 8, WHITE, width=0, turn=20)
    cherry = oval(2, -46, 9, 9, RED, width=6)
    return group(path(wafer, "#efb765") + within("wafer", wafer, waffle) + line(wafer) + scoop + cherry + shine, y=-8)


PROPS = {"taco": (taco, -8), "fish": (fish, -10), "balloon": (balloon, 0), "book": (book, 6), "cone": (cone, 10)}
"""Name -> how it is drawn, and the angle it is held at."""


def held(kind: str, paw: str) -> str:
    """The thing and, over it, the paw that holds it."""
    if kind == "none":
        return ""
    drawing, turn = PROPS[kind]
    grip = oval(-26, 16, 15, 12, paw, turn=-20) if kind != "balloon" else oval(-4, 12, 14, 12, paw)
    return group(drawing(), turn=turn) + grip

"""Hats and neckwear, in the head's coordinates (they tilt with it)."""

from __future__ import annotations

from chonk.synthetic.mascot.ink import BLUE, GOLD, RED, TEAL, WHITE, group, line, oval, path, rope, within


def hat(kind: str) -> str:
    """A hat on the top of the head, between the ears."""
    if kind == "crown":
        gold = path("M -29,-42 L -34,-80 L -16,-64 L 0,-88 L 16,-64 L 34,-80 L 29,-42 Q 0,-50 -29,-42 Z", GOLD)
        pearls = oval(-18, -55, 3.5, 4, WHITE, width=0) + oval(18, -55, 3.5, 4, WHITE, width=0)
        return gold + oval(0, -58, 6, 7, RED, width=0) + pearls
    if kind == "party":
        cone = "M -27,-42 L 5,-88 L 30,-42 Q 2,-52 -27,-42 Z"
        stripes = line("M -30,-58 L 34,-48 M -20,-74 L 34,-64", WHITE, 8)
        return path(cone, BLUE) + within("cone", cone, stripes) + line(cone) + oval(5, -87, 10, 10, "#ff7fa5", width=6)
    if kind == "beanie":
        dome = "M -40,-42 C -40,-82 40,-82 40,-42 Z"
        cap = path(dome, RED) + line("M -14,-66 L -14,-48 M 14,-66 L 14,-48", "#b52f3a", 5)
        return cap + path("M -46,-50 Q 0,-62 46,-50 L 46,-36 Q 0,-48 -46,-36 Z", WHITE) + oval(0, -78, 12, 12, WHITE)
    return ""


def neck(kind: str, low: bool) -> str:
    """What is round the neck; it stays below the mouth.  `low` where the ground is too near for a hanging end."""
    if kind == "scarf":
        end = path("M -8,2 L -20,40 L 6,44 L 12,4 Z", TEAL) + line("M -14,26 L 8,30", GOLD, 6)
        band = path("M -56,46 Q 0,66 56,46 L 58,62 Q 0,84 -58,62 Z", TEAL) + line(
            "M -26,60 L -28,71 M 24,60 L 26,71", GOLD, 6
        )
        return group(end, -36, 58, 70 if low else 0) + band
    if kind == "leash":
        return path("M -52,49 Q 0,67 52,49 L 53,59 Q 0,79 -53,59 Z", RED) + oval(0, 73, 9, 9, GOLD, width=5)
    return ""


def leash(start: tuple[float, float]) -> str:
    """The leash from the collar to somebody outside the picture, in the picture's coordinates."""
    x, y = start
    return rope(f"M {x:.1f},{y:.1f} C {x - 22:.1f},{y + 34:.1f} 36,{min(y + 34, 236):.1f} -12,{y - 46:.1f}", RED, 6)

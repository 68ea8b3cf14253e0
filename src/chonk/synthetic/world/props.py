"""Things that go with a being: worn on its head (`worn.py`) or held in its hand (`held.py`)."""

from __future__ import annotations

from chonk.synthetic.world.held import HELD, held
from chonk.synthetic.world.palette import COAL, GOLD, WOOD, hsl, shift
from chonk.synthetic.world.pen import Pen
from chonk.synthetic.world.worn import WORN, worn

PROPS = ("none",) * 24 + WORN + HELD


def prop(pen: Pen, kind: str, head: tuple[float, float, float], hand: tuple[float, float]) -> None:
    """Draws a thing worn on the head (x, y, radius) or held in the hand (x, y)."""
    random, p = pen.random, pen.palette
    colour = random.choice((p.accent, p.extra, hsl(random.random(), 0.8, 0.5), WOOD, COAL))
    other = random.choice((p.light, p.second, shift(colour, -0.3), GOLD))
    if kind in WORN:
        worn(pen, kind, *head, colour, other)
    elif kind != "none":
        held(pen, kind, *hand, head[2] * random.uniform(0.35, 0.65), colour, other)

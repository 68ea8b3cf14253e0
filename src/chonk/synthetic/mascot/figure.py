"""Puts the parts together into one SVG, and rasterises it."""

from __future__ import annotations

import io
import random

import resvg_py
from PIL import Image

from chonk.synthetic.mascot.body import POSES, body, front_paws
from chonk.synthetic.mascot.face import head
from chonk.synthetic.mascot.factors import Truth
from chonk.synthetic.mascot.ink import COATS, group
from chonk.synthetic.mascot.props import held
from chonk.synthetic.mascot.scenes import before, behind
from chonk.synthetic.mascot.wear import hat, leash, neck

CENTRE, GROUND = 128.0, 232.0
LEAN = {"left": -1.0, "upright": 0.0, "right": 1.0}
SCALE = {"big": 0.94, "small": 0.78}
# a small figure holds nearly as large a thing, or nobody could name it at 64 pixels
HELD_SCALE = {"big": 0.95, "small": 0.84}


def svg(truth: Truth) -> str:
    """The picture as an SVG of 256 x 256 units that refers to nothing outside itself."""
    rng = random.Random(truth.wobble)
    dx, dy, tilt, twitch, stretch = (2 * rng.random() - 1 if truth.wobble else 0.0 for _ in range(5))
    lean = LEAN[truth.lean]
    scale = SCALE[truth.size] * (1 + 0.02 * stretch)
    pose = POSES[truth.pose]
    x, y = CENTRE - 9 * lean + 3 * dx, GROUND + 2 * dy
    head_x = pose.head[0] + 20 * lean
    turn = 13 * lean + 2 * tilt
    low = truth.pose in ("loaf", "lying")
    skull = group(head(truth, 4 * twitch) + hat(truth.hat) + neck(truth.neck, low), head_x, pose.head[1], turn)
    trunk = group(body(truth), skew=-11 * lean)
    aside = 60 * (HELD_SCALE[truth.size] - scale)
    hand_x, hand_y = x + scale * (pose.hand[0] + 8 * lean) + aside, y + scale * pose.hand[1] + aside / 2
    thing = group(held(truth.holds, COATS[truth.colour][0]), hand_x, hand_y, scale=HELD_SCALE[truth.size])
    lead = leash((x + scale * (head_x - 18), y + scale * (pose.head[1] + 68))) if truth.neck == "leash" else ""
    figure = group(trunk + skull + front_paws(truth), x, y, scale=scale) + lead + thing
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 256 256" width="256" height="256">'
        f"{behind(truth.scene)}{figure}{before(truth.scene)}</svg>"
    )


def draw(truth: Truth, size: int) -> Image.Image:
    """The picture, RGBA, `size` x `size` pixels, transparent where nothing is drawn."""
    png = resvg_py.svg_to_bytes(svg_string=svg(truth), width=size, height=size, skip_system_fonts=True)
    with Image.open(io.BytesIO(bytes(png))) as picture:
        return picture.convert("RGBA")

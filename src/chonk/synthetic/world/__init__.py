"""An endless world of cartoon pictures drawn by code, for training before any real picture is seen.

A seed stands for one picture at any size: the randomness chooses a palette, a pen (line and shading), a kind of being
with its face and props, what lies behind it and what happens to the surface afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from colorsys import rgb_to_hls
from io import BytesIO
from random import Random

import numpy as np
import resvg_py
from PIL import Image

from chonk.synthetic.world import animals, critters, folk, stuff
from chonk.synthetic.world.beings import Labels
from chonk.synthetic.world.extras import MOODS, mood, writing
from chonk.synthetic.world.finish import FINISHES, finish
from chonk.synthetic.world.palette import palette
from chonk.synthetic.world.pen import Pen
from chonk.synthetic.world.scene import SCENES, scene

KINDS: dict[str, Callable[[Pen, Labels], None]] = {
    "animal head": animals.animal_head,
    "sitting": animals.sitting,
    "four legs": animals.four_legs,
    "profile": animals.profile,
    "bird": animals.bird,
    "fish": animals.fish,
    "bug": critters.bug,
    "worm": critters.worm,
    "shelled": critters.shelled,
    "butterfly": critters.butterfly,
    "person": folk.person,
    "robot": folk.robot,
    "smiley": folk.smiley,
    "shape": folk.shape,
    "monster": folk.monster,
    "ghost": folk.ghost,
    "plant": stuff.plant,
    "vehicle": stuff.vehicle,
    "food": stuff.food,
    "building": stuff.building,
    "things": stuff.things,
    "pattern": stuff.pattern,
}
"""Kind -> what draws it into a 100 x 100 space."""
OFTEN = (*tuple(KINDS), "animal head", "sitting", "sitting", "person", "four legs", "robot", "monster", "profile")


def drawing(random: Random) -> tuple[str, Labels]:
    """The SVG of the picture that this randomness makes, and the factors that made it."""
    colours = palette(random)
    pen = Pen(random, colours)
    labels: Labels = {
        "kind": random.choice(OFTEN),
        "palette": colours.name,
        "line": pen.line,
        "shade": pen.light.kind,
        "scene": random.choice(SCENES),
        "finish": random.choice(FINISHES),
        "border": str(random.random() < 0.12),
        "shadow": str(random.random() < 0.1),
        "hue": round(rgb_to_hls(*colours.main)[0], 3),
        "lightness": round(rgb_to_hls(*colours.main)[1], 3),
    }
    scene(pen, labels["scene"])
    behind, pen.out = pen.out, []
    KINDS[labels["kind"]](pen, labels)
    zoom = random.choice((1.0, 1.12, 1.2, random.uniform(0.65, 1), random.uniform(1, 2)))
    turn, flip = random.choice((0.0, 0.0, random.gauss(0, 12))), random.choice((-1, 1))
    x, y = 50 + random.gauss(0, 3 * zoom), 50 + random.gauss(0, 3) + (zoom - 1) * random.uniform(0, 22)
    labels.update(zoom=round(zoom, 2), turn=round(turn, 1))
    place = f"translate({x:.1f} {y:.1f}) rotate({turn:.0f}) scale({flip * zoom:.2f} {zoom:.2f}) translate(-50 -50)"
    figure = f'<g transform="{place}">{"".join(pen.out)}</g>'
    pen.out = []
    if random.random() < 0.06:
        KINDS[random.choice(list(KINDS))](pen, {})
        scale, side = random.uniform(0.3, 0.5), random.choice((-1, 1))
        place = f"translate({50 + side * 26:.0f} 70) scale({scale:.2f}) translate(-50 -50)"
        figure += f'<g transform="{place}">{"".join(pen.out)}</g>'
        labels["company"], pen.out = "yes", []
    if random.random() < 0.14:
        labels["mood"] = random.choice(MOODS)
        mood(pen, labels["mood"])
    if random.random() < 0.05:
        labels["writing"] = "yes"
        writing(pen)
    ground, top = "".join((*pen.light.definitions.values(), *behind)), "".join(pen.out)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">{ground}'
        f'<g stroke-linejoin="round" stroke-linecap="round">{figure}{top}</g></svg>'
    ), labels


def labels(seed: int) -> Labels:
    """The factors of picture `seed`: kind, palette, hue, lightness, line, shade, scene, finish, border, shadow, zoom,
    turn and, where it has them, eyes, mouth, cheeks, ears, hair, tail, marking, prop, shape, building, mood, company,
    writing."""
    return drawing(Random(seed))[1]


def picture(seed: int, size: int) -> Image.Image:
    """Picture `seed` as RGBA (straight alpha), size x size."""
    return painted(*drawing(Random(seed)), Random(seed + 1), size)


def painted(svg: str, made_of: Labels, random: Random, size: int) -> Image.Image:
    """A drawing as RGBA (straight alpha), size x size, and what happens to its surface."""
    png = resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size, skip_system_fonts=True)
    image = Image.open(BytesIO(png)).convert("RGBA")
    return finish(random, made_of["finish"], made_of["border"] == "True", made_of["shadow"] == "True", image)


def batch(seeds: Iterable[int], size: int) -> np.ndarray:
    """Several pictures as bytes, N x size x size x 4, straight alpha."""
    return np.stack([np.asarray(picture(seed, size)) for seed in seeds])

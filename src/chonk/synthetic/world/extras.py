"""What is scattered round a figure: signs of its mood, and writing that says nothing."""

from __future__ import annotations

from chonk.synthetic.world.geometry import heart, star
from chonk.synthetic.world.palette import hsl
from chonk.synthetic.world.pen import Pen

MOODS = ("hearts", "sparkles", "notes", "zigzags", "sleep", "rays", "bubbles", "confetti")


def mood(pen: Pen, kind: str) -> None:
    """A few small signs near the corners of the 100 x 100 space."""
    random, p = pen.random, pen.palette
    colour = random.choice((p.accent, hsl(random.random(), 0.85, 0.55), p.ink))
    for _i in range(random.randint(2, 5)):
        x, y = random.choice((random.uniform(4, 24), random.uniform(76, 96))), random.uniform(6, 60)
        s = random.uniform(2, 6)
        if kind == "hearts":
            pen.path(heart(x, y, s * 0.8), hsl(0.97, 0.85, 0.6), line=0.5)
        elif kind == "sparkles":
            pen.polygon(star(x, y, s, 4, 0.3), colour, line=0.4, shade=False)
        elif kind == "notes":
            pen.spot(x, y, s * 0.5, s * 0.4, colour)
            pen.stroke([(x + s * 0.4, y), (x + s * 0.4, y - s * 1.6), (x + s, y - s * 1.2)], 1.1, colour, False)
        elif kind in ("zigzags", "sleep"):
            n = 4 if kind == "sleep" else 6
            pen.stroke(
                [
                    (
                        x + s * (0.9 if k % 2 else -0.3) + (k * s * 0.5 if n == 6 else 0),
                        y + s * (k // 2) * (1.2 if n == 4 else 0.3),
                    )
                    for k in range(n)
                ],
                random.uniform(0.9, 1.8),
                colour,
                False,
            )
        elif kind == "rays":
            pen.stroke([(50 + (x - 50) * 0.8, 50 + (y - 50) * 0.8), (x, y)], random.uniform(0.8, 2), colour)
        elif kind == "bubbles":
            pen.blob(x, y, s, s, random.choice((p.light, (0.8, 0.92, 1))), line=0.6)
        else:
            pen.polygon(
                [(x, y), (x + s, y + s * 0.3), (x + s * 0.7, y + s), (x - s * 0.2, y + s * 0.6)],
                hsl(random.random(), 0.8, 0.55),
                line=0,
                shade=False,
            )


def writing(pen: Pen) -> None:
    """A line of made-up letters along the bottom, with an edge round them or on a ribbon."""
    random, p = pen.random, pen.palette
    n, size, ribbon = random.randint(3, 9), random.uniform(4, 9), random.random() < 0.4
    colour, edge = random.choice(((p.ink, p.light), (p.light, p.ink), (p.accent, p.light)))
    y, x = random.uniform(84, 92), 50 - n * size * 0.45
    if ribbon:
        pen.blob(50, y, min(48, n * size * 0.5 + 5), size * 0.9, edge, square=0.25)
    letters = [
        [
            (x + i * size * 0.9 + random.choice((0, 0.3, 0.6)) * size, y + random.choice((-0.5, 0, 0.5)) * size)
            for _ in range(random.randint(2, 5))
        ]
        for i in range(n)
    ]
    bend, thick = random.random() < 0.4, size * random.uniform(0.1, 0.22)
    for width, tone in ((thick * 3, edge), (thick, colour)):
        for letter in letters:
            pen.stroke(letter, width, tone, bend)

"""What lies behind the figure: mostly nothing, sometimes a ground, a pattern or a place."""

from __future__ import annotations

from chonk.synthetic.world.geometry import element
from chonk.synthetic.world.palette import code, hsl, mix, shift
from chonk.synthetic.world.pen import Pen

SCENES = ("clear",) * 34 + (
    "plain",
    "plain",
    "gradient",
    "rays",
    "dots",
    "stripes",
    "hills",
    "night",
    "room",
    "sea",
    "disc",
    "disc",
    "checks",
)


def scene(pen: Pen, kind: str) -> None:
    """Draws a ground of this kind over the whole 100 x 100 space."""
    random, p, out = pen.random, pen.palette, pen.out
    base = random.choice(
        (
            mix(p.second, (1, 1, 1), 0.5),
            p.extra,
            hsl(random.random(), random.uniform(0, 0.7), random.uniform(0.3, 0.95)),
        )
    )
    other = random.choice((shift(base, 0.3), shift(base, -0.2), mix(base, p.accent, 0.5)))
    whole = '<path d="M-50-50h200v200h-200z" fill="%s"/>'
    if kind in ("plain", "dots", "stripes", "checks", "rays"):
        out.append(whole % code(base))
    if kind in ("gradient", "hills", "night", "sea"):
        top = (
            hsl(0.65, 0.6, 0.15)
            if kind == "night"
            else hsl(0.56, 0.6, random.uniform(0.6, 0.9))
            if kind != "gradient"
            else base
        )
        low = other if kind == "gradient" else shift(top, random.uniform(0.1, 0.5))
        stops = element("stop", stop_color=code(top)) + element("stop", offset=1, stop_color=code(low))
        out.append(f'<linearGradient id="sky" x2="{random.choice((0, 0, 1))}" y2="1">{stops}</linearGradient>')
        out.append(whole % "url(#sky)")
    if kind == "rays":
        for i in range(0, 12, 2):
            out.append(f'<path d="M50 50L{-40 + i * 20} -60h20z M50 50L{-40 + i * 20} 160h20z" fill="{code(other)}"/>')
    elif kind == "dots":
        step = random.uniform(11, 24)
        places = [(i, k) for i in range(int(100 / step) + 1) for k in range(int(100 / step) + 1)]
        out += [
            element("circle", cx=(i + (k % 2) / 2) * step, cy=k * step, r=step * 0.22, fill=code(other))
            for i, k in places
        ]
    elif kind == "stripes":
        turn, step = random.choice((0, 45, 90, 20)), random.uniform(8, 22)
        d = "".join(f"M-50 {-50 + i * step:.1f}h200" for i in range(int(200 / step)))
        out.append(
            f'<path d="{d}" stroke="{code(other)}" stroke-width="{step / 2:.1f}" transform="rotate({turn} 50 50)"/>'
        )
    elif kind == "checks":
        step = random.choice((10, 12.5, 20, 25))
        squares = [(i, k) for i in range(int(100 / step)) for k in range(int(100 / step)) if (i + k) % 2]
        out.append(
            element(
                "path",
                d="".join(f"M{i * step} {k * step}h{step}v{step}h-{step}z" for i, k in squares),
                fill=code(other),
            )
        )
    elif kind == "hills":
        for k in range(random.randint(1, 3)):
            pen.blob(
                random.uniform(0, 100),
                105 + k * 8,
                random.uniform(50, 90),
                random.uniform(20, 45) - k * 4,
                hsl(random.uniform(0.2, 0.4), 0.5, random.uniform(0.35, 0.6)),
                line=0.4,
            )
        for _ in range(random.randint(0, 3)):
            x, y = random.uniform(5, 95), random.uniform(8, 35)
            for k in (-7, 0, 7):
                pen.spot(x + k, y, 7, 5 - abs(k) / 5, (1, 1, 1), 0.9)
    elif kind == "night":
        for _ in range(14):
            pen.spot(random.uniform(0, 100), random.uniform(0, 80), 0.8, 0.8, (1, 1, 0.8))
        pen.spot(random.uniform(10, 90), 15, 9, 9, (1, 0.97, 0.8))
    elif kind == "room":
        out.append(whole % code(base))
        out.append(f'<path d="M-10 {random.uniform(65, 82):.0f}h120v60h-120z" fill="{code(other)}"/>')
        pen.blob(random.choice((18, 82)), 25, 12, 15, hsl(0.55, 0.5, 0.8), square=0.2, line=0.7)
    elif kind == "sea":
        out.append(
            f'<path d="M-10 60q10-8 20 0t20 0t20 0t20 0t20 0t20 0V120H-10z" fill="{code(hsl(0.55, 0.6, 0.5))}"/>'
        )
    elif kind == "disc":
        pen.spot(50, 50, random.uniform(38, 49), random.uniform(38, 49), base)

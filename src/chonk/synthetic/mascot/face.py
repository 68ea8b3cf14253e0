"""The head and what is in it: ears, coat, eyes, mouth.  Coordinates are from the middle of the head."""

from __future__ import annotations

from chonk.synthetic.mascot.factors import Truth
from chonk.synthetic.mascot.ink import COATS, INK, ROSE, WHITE, group, line, oval, path, within

HEAD = (
    "M 0,-54 C 40,-54 62,-30 66,0 C 68,8 72,14 80,17 C 75,21 73,25 70,29 C 72,33 73,35 77,38 "
    "C 60,50 34,56 0,56 C -34,56 -60,50 -77,38 C -73,35 -72,33 -70,29 "
    "C -73,25 -75,21 -80,17 C -72,14 -68,8 -66,0 C -62,-30 -40,-54 0,-54 Z"
)
MASK = "M 0,-14 C 10,-38 56,-34 56,2 C 56,34 30,50 0,52 C -30,50 -56,34 -56,2 C -56,-34 -10,-38 0,-14 Z"


def ear(kind: str, fill: str, inner: str) -> str:
    """The right ear; its root is the origin."""
    if kind == "pointed":
        shell = path("M -24,10 C -20,-14 -4,-36 14,-42 C 26,-26 30,0 24,22 Z", fill)
        return shell + path("M -4,2 C 0,-12 6,-20 12,-25 C 16,-14 17,-2 15,8 Z", inner, width=0)
    if kind == "round":
        return oval(8, -10, 24, 24, fill) + oval(9, -10, 12, 12, inner, width=0)
    if kind == "floppy":
        shell = path("M -16,-8 C 4,-26 34,-22 44,2 C 52,24 50,44 40,50 C 26,54 18,30 4,14 Z", fill)
        return shell + path("M 22,0 C 34,4 42,26 38,40 C 30,36 26,18 16,8 Z", inner, width=0)
    shell = path("M -16,12 C -20,-20 -6,-60 10,-60 C 26,-58 26,-16 18,16 Z", fill)
    return shell + path("M 0,4 C -2,-20 4,-44 9,-44 C 15,-42 14,-16 10,6 Z", inner, width=0)


def ears(truth: Truth, twitch: float) -> str:
    """Both ears, the left one a little lazier than the right."""
    main, dark, _, blush = COATS[truth.colour]
    one = ear(truth.ears, dark if truth.marking == "hood" else main, blush)
    return group(one, 42, -30, twitch) + group(one, -42, -30, -7 + twitch, mirror=True)


def coat_marks(kind: str, coat: tuple[str, str, str, str]) -> str:
    """What a marking puts on the head."""
    _, dark, light, _ = coat
    if kind == "mask":
        return path(MASK, light, width=0)
    muzzle = oval(0, 28, 36, 25, light, width=0)
    if kind == "patch":
        return oval(34, -6, 32, 36, dark, width=0, turn=-16) + muzzle
    if kind == "spots":
        dots = ((0, -34, 10), (-25, -29, 8), (25, -29, 8))
        return "".join(oval(x, y, r, r * 0.9, dark, width=0) for x, y, r in dots) + muzzle
    hood = (
        "M -90,-60 L 90,-60 L 90,0 C 60,-4 50,-22 30,-22 C 16,-22 10,-8 0,2 "
        "C -10,-8 -16,-22 -30,-22 C -50,-22 -60,-4 -90,0 Z"
    )
    return path(hood, dark, width=0) + muzzle


def eyes(kind: str) -> str:
    """Two eyes, always both, mostly ink, so that they show on every coat."""

    def pair(one: str) -> str:
        return group(one, -29, 3) + group(one, 29, 3)

    if kind == "happy":
        return pair(line("M -13,6 Q 0,-16 13,6", width=7.5))
    if kind == "sleepy":
        return pair(line("M -13,-2 Q 0,13 13,-2", width=7.5))
    if kind == "starry":
        star = path(
            "M 0,-12 L 3.5,-4 L 12,-3 L 5.5,3 L 7.5,11 L 0,7 L -7.5,11 L -5.5,3 L -12,-3 L -3.5,-4 Z",
            "#ffe14d",
            width=0,
        )
        return pair(oval(0, 0, 17, 18, INK, width=0) + star)
    shine = oval(-4, -5.5, 4.8, 5.4, WHITE, width=0) + oval(4.5, 6, 2.6, 2.6, WHITE, width=0)
    ball = pair(oval(0, 0, 13, 15, INK, width=0) + shine)
    if kind == "round":
        return ball
    return ball + line("M -44,-16 L -15,-6 M 44,-16 L 15,-6", width=8)


def mouth(kind: str) -> str:
    """The mouth under its small nose."""
    nose = path("M -6,13 Q 0,10 6,13 Q 5,19 0,21 Q -5,19 -6,13 Z", INK, width=2)
    if kind == "cat":
        fang = path("M 5,29 L 8.5,37 L 12,29 Z", WHITE, width=3)
        return fang + line("M -19,25 Q -14,37 -5,32 Q 0,29 0,21 Q 0,29 5,32 Q 14,37 19,25", width=6) + nose
    if kind == "open":
        d = "M -19,25 Q 0,30 19,25 C 19,42 11,50 0,50 C -11,50 -19,42 -19,25 Z"
        return (
            path(d, "#8c2340", width=5.5)
            + within("maw", d, oval(1, 47, 12, 9, ROSE, width=0))
            + line(d, width=5.5)
            + nose
        )
    if kind == "oh":
        return oval(0, 36, 8.5, 10, "#8c2340", width=6) + nose
    tongue = path("M -3,32 L 15,30 C 18,44 14,51 7,51 C 0,51 -4,44 -3,32 Z", "#ff6f7d", width=5)
    return tongue + line("M -19,26 Q -6,36 6,32 Q 14,30 19,24", width=6) + nose


def head(truth: Truth, twitch: float) -> str:
    """The whole head without hat."""
    coat = COATS[truth.colour]
    main, _dark, _, blush = coat
    tuft = path(
        "M -12,-48 C -16,-62 -8,-72 4,-74 C -1,-68 0,-64 3,-62 C 8,-68 16,-70 22,-68 C 16,-62 16,-54 12,-48 Z", main
    )
    skull = path(HEAD, main) + within("skull", HEAD, coat_marks(truth.marking, coat)) + line(HEAD)
    cheeks = "".join(oval(side * 50, 25, 11.5, 7.5, blush, width=0) for side in (-1, 1))
    return ears(truth, twitch) + tuft + skull + cheeks + eyes(truth.eyes) + group(mouth(truth.mouth), y=-1.5, scale=1.1)

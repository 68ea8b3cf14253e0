"""From figures to four gauges, and to the names of what is wrong.

A gauge is the worst of its parts, never their mean: perfect colours do not make up for torn shapes."""

from __future__ import annotations

from dataclasses import dataclass

from chonk.judge.halves import Figure
from chonk.judge.kinds import KINDS

GRADES = ((0.8, 0), (0.5, 1), (0.25, 2), (0.0, 3))
GOOD = ("hard to tell from the real ones", "close to the real ones", "rough", "far from the real ones")
AS_FAR_AS_SEEN = "close to the real ones as far as so few pictures can show"
NEARLY_ALL = 0.9
"""Share of what real pictures get, less one standard deviation, from which on nearly all are called whole.  A viewer
without any other information was stricter than this figure twice: 50 of 64 results where it was 0.86, and 37 where it
was 0.97 with a deviation of 0.12 (docs/experiments/2026-11-30-pool.md)."""
WHOLE = ("nearly all whole", "mostly whole", "less than half of them whole", "seldom whole")
"""These name shares, because the gauge is one."""
UNCERTAIN = "about half of them or more whole"
"""Where the value is above a half, but not by more than its deviation."""
VARIED = ("as varied as the real ones", "fairly varied", "of few kinds", "without the variety of the real ones")
NEW = ("new", "mostly new, with some copies", "largely copied", "copied")
GARBLED = 600.0
"""Fréchet distance (percent of the variance of real pictures) beyond which results are not spoiled pictures but no
pictures at all."""


@dataclass(frozen=True)
class Gauge:
    value: float
    """0 to 1; what real pictures get is 1."""
    word: str
    known: bool = True
    """False where too little is known for the value to mean anything."""


def gauge(value: float, wordings: tuple[str, ...], at_best: int = 0) -> Gauge:
    """`at_best` is the number of the best wording that may be used."""
    value = min(max(value, 0.0), 1.0)
    return Gauge(value, wordings[max(grade(value), at_best)])


def grade(value: float, best: float = GRADES[0][0]) -> int:
    """The number of the wording for a value; `best` is the lowest value for the first one."""
    return next(number for least, number in ((best, 0), *GRADES[1:]) if value >= least)


def gauges(f: dict[str, Figure], inconclusive: str = "") -> dict[str, Gauge]:
    """The four gauges, by name; `inconclusive` says why `whole` could not be measured, if so.

    - good: the lowest of the ratios of density, of the root of the Fréchet distance, of what passes for real, and of
      whole if that was measured.  A result with a visible fault that is otherwise close to real pictures counts half,
      or nothing if all results are garbled: fog has none of the faults that are looked for.
    - whole: its ratio.
    - varied: the lowest of coverage, recall and spread, less the share of duplicates beyond that of real pictures.
    - new: 1 less the share of copies beyond that of real pictures.

    Results that are not nearly all whole, with certainty, are never called hard to tell from real pictures; nor are any
    whose wholeness could not be measured."""
    passes = (1 + f["passes"].ratio()) / 2 if f["frechet"].value <= GARBLED else 0.0
    whole, whole_grade = f["whole"].ratio(), 0 if inconclusive else grade(f["whole"].sure_ratio(), NEARLY_ALL)
    worse = whole_grade >= 2  # than mostly whole, for sure
    whole_word = UNCERTAIN if worse and grade(whole) < 2 else WHOLE[grade(whole) if worse else whole_grade]
    least = min(f["density"].ratio(), f["frechet"].ratio() ** 0.5, passes, 1.0 if inconclusive else whole)
    good = gauge(least, GOOD, at_best=whole_grade)
    varied = min(f["coverage"].ratio(), f["recall"].ratio(), f["spread"].value) * _spared(f["duplicates"])
    return {
        "good": Gauge(good.value, AS_FAR_AS_SEEN) if inconclusive and good.word == GOOD[0] else good,
        "whole": Gauge(whole, inconclusive, known=False) if inconclusive else Gauge(whole, whole_word),
        "varied": gauge(varied, VARIED),
        "new": gauge(_spared(f["copies"]), NEW),
    }


def _spared(figure: Figure) -> float:
    """1 less the share of the bad beyond what real pictures have."""
    return 1 - max(0.0, figure.value - figure.real) / max(1e-9, 1 - figure.real)


def faults(f: dict[str, Figure]) -> list[str]:
    """What is wrong, by name; a fault must stand out from what real pictures show by more than chance."""
    found = ["garbled"] if f["frechet"].value > GARBLED else _spoiled(f)
    if _beyond(f["duplicates"]) > 0.4 or f["spread"].value < 0.35:
        found.append("collapsed")
    if _beyond(f["copies"]) > 0.1:
        found.append("copies")
    return found


def _spoiled(f: dict[str, Figure]) -> list[str]:
    found = [kind for kind in KINDS if kind != "passes" and _beyond(f[kind]) > 0.3]
    if _beyond(f["softness"]) > 0.2 and f["softness"].value > 0.55:
        found.append("blurred")
    if _beyond(f["grain"]) > 4:
        found.append("noisy")
    return list(dict.fromkeys(found))


def _beyond(figure: Figure) -> float:
    """How much higher than for real pictures, less two standard deviations."""
    return figure.value - figure.real - 2 * (figure.deviation**2 + figure.real_deviation**2) ** 0.5

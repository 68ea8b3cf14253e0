"""From figures to words: four gauges, the faults by name, a sentence a figure, one line for all.

A gauge is the worst of what it is made of, never its mean: a set of perfect colours and torn shapes is torn."""

from __future__ import annotations

from dataclasses import dataclass

from chonk.judge.advice import advice
from chonk.judge.halves import Figure
from chonk.judge.kinds import KINDS

GRADES = ((0.8, 0), (0.5, 1), (0.25, 2), (0.0, 3))
GOOD = ("hard to tell from the real ones", "close to the real ones", "rough", "far from the real ones")
AS_FAR_AS_SEEN = "close to the real ones as far as so few pictures can show"
NEARLY_ALL = 0.9
"""Of what real pictures get: from here on nearly all are called whole, less one standard deviation.  Twice a viewer
who knew nothing was sterner than this figure: of 64 results 50 where it was 0.86, 37 where it was 0.97 with a
deviation of 0.12 (docs/experiments/2026-11-30-pool.md)."""
WHOLE = ("nearly all whole", "mostly whole", "less than half of them whole", "seldom whole")
"""Words that say a share, for that is what the gauge is."""
VARIED = ("as varied as the real ones", "fairly varied", "of few kinds", "without the variety of the real ones")
SPOILED = {
    "blurred": "real pictures out of focus",
    "noisy": "real pictures with grain",
    "ghosts": "two real pictures shining through each other",
    "bent": "real pictures with their shapes bent",
    "torn": "real pictures put together from parts that do not belong together",
    "recoloured": "real pictures in wrong colours",
}
GARBLED = 600.0
"""Fréchet distance (percent of the variance of real pictures) beyond which results are no spoiled pictures but none at
all."""
LABELS = {
    "kid": "alike as crowds (KID)",
    "frechet": "alike in look and range (Fréchet)",
    "precision": "look like a real one (precision)",
    "density": "how many real ones around (density)",
    "recall": "real ones within reach (recall)",
    "coverage": "real ones with a result near (coverage)",
    "spread": "how much they differ (spread)",
    "duplicates": "near-twins",
    "whole": "hold together (whole)",
    "auc": "told from real ones (AUC)",
    "nearest": "how far from training pictures",
    "copies": "near-copies",
    "softness": "softness",
    "grain": "grain",
    "passes": "without a known fault",
    "blurred": "look blurred",
    "noisy": "look noisy",
    "ghosts": "look like two at once",
    "bent": "look bent",
    "torn": "look torn",
    "recoloured": "look wrongly coloured",
}
"""Figures as a person calls them."""
NEW = ("new", "mostly new, with some copies", "largely copied", "copied")


@dataclass(frozen=True)
class Gauge:
    value: float
    """0 to 1; what real pictures get is 1."""
    word: str
    known: bool = True
    """False where too little is known for the value to mean anything."""


@dataclass(frozen=True)
class Words:
    """A verdict in words."""

    verdict: str
    faults: list[str]
    """Names of what is wrong: the kinds of `chonk.judge.kinds` (or garbled for all of them), collapsed, copies."""
    gauges: dict[str, Gauge]
    """good, whole, varied and new."""
    sentences: dict[str, str]
    """One for each figure."""
    next_steps: list[str]
    """What to do next (`chonk.judge.advice`)."""


def share(value: float) -> str:
    """A share as a person says it."""
    percent = 100 * value
    return (
        "none"
        if percent == 0
        else "less than 1 %"
        if percent < 1
        else f"{percent:.0f} %"
        if percent < 99.5 or percent == 100
        else "nearly all"
    )


def gauge(value: float, wordings: tuple[str, ...], at_best: int = 0) -> Gauge:
    """`at_best` is the number of the best of the wordings that may be said."""
    value = min(max(value, 0.0), 1.0)
    return Gauge(value, wordings[max(grade(value), at_best)])


def grade(value: float, best: float = GRADES[0][0]) -> int:
    """The number of the wording for a value; `best` is what the first one asks for."""
    return next(number for least, number in ((best, 0), *GRADES[1:]) if value >= least)


def gauges(f: dict[str, Figure], inconclusive: str = "") -> dict[str, Gauge]:
    """good: the least of the ratios of density, of Fréchet (its root), of what passes for real and of whole, where
    that can be told.  A result with a fault that shows at a glance but is otherwise near real pictures counts half,
    and nothing where all is garbled: fog has none of the faults that are looked for.  whole: its ratio; varied: the
    least of coverage, recall and spread, less the near-twins beyond what real pictures have; new: what is not
    copied, likewise.  What is not nearly all whole, beyond doubt, is not called hard to tell from real pictures, and
    nothing is where whole cannot be told; `inconclusive` says why."""
    passes = (1 + f["passes"].ratio()) / 2 if f["frechet"].value <= GARBLED else 0.0
    whole, told = f["whole"].ratio(), 0 if inconclusive else grade(f["whole"].sure_ratio(), NEARLY_ALL)
    least = min(f["density"].ratio(), f["frechet"].ratio() ** 0.5, passes, 1.0 if inconclusive else whole)
    good = gauge(least, GOOD, at_best=told)
    varied = min(f["coverage"].ratio(), f["recall"].ratio(), f["spread"].value) * _spared(f["duplicates"])
    return {
        "good": Gauge(good.value, AS_FAR_AS_SEEN) if inconclusive and good.word == GOOD[0] else good,
        "whole": Gauge(whole, inconclusive, known=False) if inconclusive else Gauge(whole, WHOLE[told]),
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


def sentences(f: dict[str, Figure]) -> dict[str, str]:
    return {
        "kid": f"Distance between the results and the real pictures as two crowds: {f['kid'].value:.0f}; another crowd "
        f"of real ones is at {f['kid'].real:.0f}.",
        "frechet": f"The same, measured by average look and range: {_times(f['frechet'])} that of other real pictures.",
        "whole": f"{share(f['whole'].value).capitalize()} of the results hold together as real pictures do, as "
        f"far as the others are like pictures pieced together of two; of other real ones {share(f['whole'].real)}.",
        "auc": f"Of a result and a real picture, both small and soft, a classifier picks out the real one "
        f"{share(f['auc'].value)} of the time; guessing gives 50 %.",
        "precision": f"{share(f['precision'].value).capitalize()} of the results look like something in the training "
        f"set; of other real pictures {share(f['precision'].real)} do.",
        "density": f"Around a result there are {f['density'].value:.2f} times as many real pictures as there should "
        f"be; around another real one {f['density'].real:.2f} times.",
        "recall": f"{share(f['recall'].value).capitalize()} of the real pictures look like something that the results "
        f"reach; other real ones reach {share(f['recall'].real)}.",
        "coverage": f"{share(f['coverage'].value).capitalize()} of the real pictures have a result close by; with "
        f"other real pictures it is {share(f['coverage'].real)}.",
        "spread": f"Neighbouring results differ {f['spread'].value:.2f} times as much as neighbouring real pictures.",
        "duplicates": f"{share(f['duplicates'].value).capitalize()} of the results have a near-twin among the results; "
        f"among real pictures {share(f['duplicates'].real)}.",
        "nearest": f"A result is {f['nearest'].value:.2f} times as far from the training pictures as those are from "
        f"each other (0 is a copy, 1 is new).",
        "copies": f"{share(f['copies'].value).capitalize()} of the results are nearly a training picture, perhaps "
        f"mirrored or moved; real pictures resemble each other so closely in {share(f['copies'].real)}.",
        "softness": f"Edges are as soft as in real pictures blurred by {f['softness'].value:.1f} pixels (of 64); real "
        f"ones read {f['softness'].real:.1f}.",
        "grain": f"Flat places are as uneven as in real pictures with noise of {f['grain'].value:.0f} levels in 255; "
        f"real ones read {f['grain'].real:.0f}.",
        "passes": f"{share(f['passes'].value).capitalize()} of the results show no fault that the reader of faults "
        f"knows; of real pictures {share(f['passes'].real)}.",
    } | {
        kind: f"{share(f[kind].value).capitalize()} of the results look like {appearance}; "
        f"{share(f[kind].real)} of the real ones are taken for that."
        for kind, appearance in SPOILED.items()
    }


def _times(figure: Figure) -> str:
    return f"{figure.value / figure.real:.1f} times" if figure.real > 0 else f"{figure.value:.2f} against"


def words(f: dict[str, Figure], inconclusive: str = "") -> Words:
    """All the words for a set of figures; `inconclusive` is why it cannot be told whether results are
    whole, if it cannot."""
    gauge_of, found = gauges(f, inconclusive), faults(f)
    kinds = [
        gauge_of[name].word for name in ("good", "whole", "varied", "new") if not (inconclusive and name == "whole")
    ]
    line = f"The pictures are {', '.join(kinds[:-1])} and {kinds[-1]}"
    line += f"; named faults: {', '.join(found)}." if found else "."
    line += f" Whether they are whole {inconclusive}." if inconclusive else ""
    steps = advice({name: gauge.value for name, gauge in gauge_of.items()}, found, inconclusive)
    return Words(line, found, gauge_of, sentences(f), steps)

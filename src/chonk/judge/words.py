"""A verdict in words: one line for all, and a sentence a figure."""

from __future__ import annotations

from dataclasses import dataclass

from chonk.judge.advice import advice
from chonk.judge.gauges import Gauge, faults, gauges
from chonk.judge.halves import Figure

SPOILED = {
    "blurred": "real pictures out of focus",
    "noisy": "real pictures with grain",
    "ghosts": "two real pictures shining through each other",
    "bent": "real pictures with their shapes bent",
    "torn": "real pictures put together from parts that do not belong together",
    "recoloured": "real pictures in wrong colours",
}
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
    """All the words for a set of figures; `inconclusive` is why it cannot be measured whether results are
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

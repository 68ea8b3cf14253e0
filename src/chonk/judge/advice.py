"""What to do next: a verdict's faults and lowest gauges -> a few things to try, in plain words."""

from __future__ import annotations

FAULTS = {
    "garbled": "The pictures are not drawn yet. Train longer: give the same command again with more --minutes.",
    "blurred": "Edges are soft. Train longer: give the same command again with more --minutes.",
    "noisy": "Flat places are grainy. Train longer, and look whether the training pictures are grainy too.",
    "ghosts": "Two pictures shine through each other. Train longer; more pictures in the same pose help most.",
    "bent": "Shapes are bent. Train longer; pictures in which the character stands in the same place and size help "
    "most.",
    "torn": "Parts do not belong together. Pictures in which the character stands in the same place and size, on the "
    "same ground, help most; then more time.",
    "recoloured": "Colours are wrong. Train longer, and look whether a few pictures have colours like no other.",
    "collapsed": "The same pictures come again and again. Train with the default objective, and with more kinds of "
    "pictures.",
    "copies": "Some results are training pictures. Add pictures, or train for less time; do not show this model where "
    "copies would hurt.",
}
LOW = {
    "whole": "Many results are not whole. Add pictures in the same pose and place, and train longer; pick the best for "
    "your page (row “Hold together”).",
    "good": "The pictures can get better. Train longer: give the same command again with more --minutes.",
    "varied": "Some kinds of pictures are missing among the results. Add more pictures of the rare kinds.",
    "new": "Some results are near copies. Add pictures, or train for less time.",
}
DONE = "Nothing stands out. Put it on a page with: chonk page RUN"
ENOUGH = 0.8
MAX_ADVICE = 3


def advice(gauges: dict[str, float], faults: list[str], inconclusive: str = "") -> list[str]:
    """Up to MAX_ADVICE sentences for values of gauges 0 to 1, and faults by name; `inconclusive` as in `words`."""
    said = [FAULTS[fault] for fault in faults]
    low = sorted(
        (value, name) for name, value in gauges.items() if value < ENOUGH and not (inconclusive and name == "whole")
    )
    said += [
        LOW[name]
        for _, name in low
        if not (name == "new" and "copies" in faults) and not ("torn" in faults and name == "whole")
    ]
    if inconclusive:
        said.insert(0, f"Whether results are whole {inconclusive}. Look at them yourself, and add pictures if you can.")
    return list(dict.fromkeys(said))[:MAX_ADVICE] or [DONE]

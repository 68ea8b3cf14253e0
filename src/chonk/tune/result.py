"""What a search found: a table in the terminal, tune.html with a sheet of pictures for every trial, tune.json."""

from __future__ import annotations

import json
from pathlib import Path

from optuna import Study
from optuna.trial import FrozenTrial, TrialState

from chonk.files import write_whole
from chonk.settings import Tune
from chonk.templates import rendered

FORMAT = 1
WORDS = {
    TrialState.COMPLETE: "finished",
    TrialState.PRUNED: "ended early",
    TrialState.FAIL: "went wrong",
    TrialState.RUNNING: "unfinished",
}


def rows(study: Study) -> list[dict]:
    """The trials, best first: finished ones by their figure, then the others, those that came furthest first."""

    def rank(trial: FrozenTrial) -> tuple:
        looks = trial.intermediate_values
        return (trial.value is None, -(trial.value or 0), -len(looks), -looks[max(looks)] if looks else 0)

    return [
        {
            "trial": trial.number,
            "how": WORDS[trial.state],
            "settings": trial.params,
            "selection_score": None if trial.value is None else trial.user_attrs["figures"]["selection_score"],
            "figures": trial.user_attrs.get("figures", {}),
            "run": f"trials/{trial.number:04d}",
            "looks": {str(look): value for look, value in trial.intermediate_values.items()},
        }
        for trial in sorted(study.get_trials(deepcopy=False), key=rank)
        if trial.state in WORDS
    ]


def cells(row: dict) -> list[str]:
    """A row of the table, in words."""
    selection_score = "" if row["selection_score"] is None else f"{row['selection_score']:.3f}"
    figures = [f"{row['figures'][name]:.3g}" if name in row["figures"] else "" for name in FIGURES]
    return [
        str(row["trial"]),
        row["how"],
        selection_score,
        *figures,
        " ".join(f"{name}={setting}" for name, setting in row["settings"].items()),
    ]


FIGURES = ("frechet", "coverage", "spread", "copies", "duplicates", "softness")
HEADS = ["trial", "", "selection_score", *FIGURES, "settings"]


def text(table: list[dict]) -> str:
    """The table for a terminal."""
    lines = [HEADS, *map(cells, table)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADS) - 1)]
    return "\n".join("  ".join([*(cell.ljust(width) for cell, width in zip(line, widths)), line[-1]]) for line in lines)


def html(table: list[dict], out: Path) -> str:
    """The table and the sheets for a browser."""
    shown = [
        {"cells": cells(row), "sheet": sheet if (out / sheet).exists() else None}
        for row in table
        for sheet in [f"{row['run']}/samples.png"]
    ]
    return rendered("tune.html", name=out.name, heads=HEADS, rows=shown)


def publish(study: Study, settings: Tune, tell: bool = False) -> None:
    """Writes tune.json and tune.html; `tell` also puts the result on stdout."""
    table, out = rows(study), settings.out
    best = table[0] if table and table[0]["selection_score"] is not None else None
    command = best and " ".join(
        [
            "chonk train",
            str(settings.pictures),
            "--out RUN",
            f"--objective {study.user_attrs['begun']['objective']}",
            *([f"--preset {settings.preset}"] if settings.preset else []),
            "--set",
            *settings.set,
            *(f"{name}={value}" for name, value in best["settings"].items()),
        ]
    )
    record = {"format": FORMAT, "best": best and best["trial"], "command": command, "trials": table}
    write_whole(out / "tune.json", json.dumps(record, indent=1).encode() + b"\n", durable=False)
    write_whole(out / "tune.html", html(table, out).encode(), durable=False)
    if tell and settings.json:
        print(json.dumps({"out": str(out)} | record))
    elif tell:
        print(text(table))
        print(
            f"{out / 'tune.html'} shows their pictures"
            + (f"; to train with the best ones: {command}" if command else "")
        )

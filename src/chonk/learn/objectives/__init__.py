"""What the nets are trained to do, one file each.  A new one is a new file and one line in OBJECTIVES.

Each file has a frozen dataclass `Settings` and a class `Objective` (see `base.Objective` for what the loop asks of
it)."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from chonk.errors import UserError, did_you_mean

OBJECTIVES = {
    "chonk": "chonk.learn.objectives.chonk",
    "collage": "chonk.learn.objectives.collage",
    "began": "chonk.learn.objectives.began",
    "ebgan": "chonk.learn.objectives.ebgan",
    "wgan": "chonk.learn.objectives.wgan",
}


def find_objective(name: str) -> ModuleType:
    """The module of an objective; raises UserError for an unknown name."""
    if name not in OBJECTIVES:
        raise UserError(
            f"--objective {name}: unknown{did_you_mean(name, OBJECTIVES)}; choose one of {', '.join(OBJECTIVES)}"
        )
    return import_module(OBJECTIVES[name])

"""What the nets are trained to do, one file each.  A new one is a new file and one line in OBJECTIVES.

Each file has a frozen dataclass `Settings` and a class `Objective` (see `base.Objective` for what the loop asks of
it)."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

from chonk.errors import UserError, did_you_mean
from chonk.settings import DEFAULT_OBJECTIVE
from chonk.validation import annotated_types

OBJECTIVES = {
    "mosaic": "chonk.learn.objectives.mosaic",
    "collage": "chonk.learn.objectives.collage",
    "began": "chonk.learn.objectives.began",
    "ebgan": "chonk.learn.objectives.ebgan",
    "wgan": "chonk.learn.objectives.wgan",
}
RECIPES = ("collage", "mosaic")
"""What the default objective may be."""


def check_name(name: str) -> None:
    """Raises UserError for an objective that there is not; loads nothing."""
    known = (DEFAULT_OBJECTIVE, *OBJECTIVES)
    if name not in known:
        raise UserError(f"--objective {name}: unknown{did_you_mean(name, known)}; choose one of {', '.join(known)}")


def find_objective(name: str) -> ModuleType:
    """The module of an objective, of the default one the collage's; raises UserError for an unknown name."""
    check_name(name)
    return import_module(OBJECTIVES["collage" if name == DEFAULT_OBJECTIVE else name])


def resolve(objective: str, assignments: tuple[str, ...] = (), begun: str | None = None) -> str:
    """Which objective the default one is: the collage, or with settings (--set) that only the mosaic has, the mosaic;
    in a run that was begun with either, that."""
    if objective != DEFAULT_OBJECTIVE:
        return objective
    if begun in RECIPES:
        return begun
    known = annotated_types(find_objective("collage").Settings)
    return "collage" if all(assignment.partition("=")[0] in known for assignment in assignments) else "mosaic"

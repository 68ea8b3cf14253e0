"""What the nets are trained to do, one file each.  A new one is a new file and one line in OBJECTIVES.

Each file has a frozen dataclass `Settings` and a class `Objective` (see `base.Objective` for what the loop asks of
it)."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from chonk.errors import UserError, did_you_mean
from chonk.settings import DEFAULT_OBJECTIVE
from chonk.validation import annotated_types

if TYPE_CHECKING:
    from chonk.dataset.picture_set import PictureSet

OBJECTIVES = {
    "mosaic": "chonk.learn.objectives.mosaic",
    "collage": "chonk.learn.objectives.collage",
    "began": "chonk.learn.objectives.began",
    "ebgan": "chonk.learn.objectives.ebgan",
    "wgan": "chonk.learn.objectives.wgan",
}


def check_name(name: str) -> None:
    """Raises UserError for an objective that there is not; loads nothing."""
    known = (DEFAULT_OBJECTIVE, *OBJECTIVES)
    if name not in known:
        raise UserError(f"--objective {name}: unknown{did_you_mean(name, known)}; choose one of {', '.join(known)}")


def find_objective(name: str) -> ModuleType:
    """The module of an objective, of the default one before it is resolved the mosaic's; raises UserError for an
    unknown name."""
    check_name(name)
    return import_module(OBJECTIVES["mosaic" if name == DEFAULT_OBJECTIVE else name])


def resolve(objective: str, pictures: PictureSet, assignments: tuple[str, ...] = ()) -> str:
    """Which objective the default one is for these pictures: the collage where they are aligned, for then a part of one
    fits where another has its own; else the mosaic.  With settings (--set) that only the mosaic has, the mosaic."""
    if objective != DEFAULT_OBJECTIVE:
        return objective
    from chonk.dataset.alignment import aligned

    known = annotated_types(find_objective("collage").Settings)
    if all(assignment.partition("=")[0] in known for assignment in assignments) and aligned(pictures.pixels):
        return "collage"
    return "mosaic"

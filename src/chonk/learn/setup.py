"""What a training begins with: the pictures, and the objective with fresh nets."""

from __future__ import annotations

from typing import Any

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.learn import distributed
from chonk.learn.checks import check_training
from chonk.learn.objectives import find_objective
from chonk.learn.objectives.base import Objective
from chonk.settings import Train, Tune


def load_pictures(settings: Train | Tune) -> PictureSet:
    """The training pictures, enough of them; raises UserError."""
    check_training(settings)
    return PictureSet.load(settings.pictures)


def build(config: dict, pictures: PictureSet, objective_settings: Any) -> Objective:
    """The objective with fresh nets; `objective_settings` are its settings."""
    torch.manual_seed(config["seed"])
    try:
        objective = find_objective(config["objective"]).Objective(pictures, objective_settings, config["seed"])
    except ValueError as error:
        raise UserError(f"--objective {config['objective']}: {error}") from error
    if distributed.world_size() > 1:
        if objective.single_process:
            raise UserError(f"--objective {config['objective']}: {objective.single_process}; start it as one process")
        if objective_settings.batch % distributed.world_size():
            raise UserError(
                f"--batch {objective_settings.batch}: cannot be shared equally by {distributed.world_size()} processes"
            )
        for optimizer in objective.optimizers.values():
            optimizer.register_step_pre_hook(distributed.average_gradients)
    return objective

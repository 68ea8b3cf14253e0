"""Which settings are worth trying, and which values of them."""

from __future__ import annotations

from chonk.errors import UserError
from chonk.learn.objectives import resolve
from chonk.learn.presets import find_preset
from chonk.learn.run import objective_settings
from chonk.settings import Tune

SPACES: dict[str, dict[str, tuple]] = {
    "began": {
        "learning_rate": (5e-4, 1e-3, 2e-3),
        "gamma": (0.3, 0.5, 0.7, 0.9),
        "cover": (1.0, 2.0, 5.0),
        "latent_dim": (8, 16, 32),
        "hidden": (32, 64, 128),
    },
    "ebgan": {
        "learning_rate": (5e-4, 1e-3, 2e-3),
        "margin": (0.03, 0.05, 0.1),
        "pull": (0.0, 0.1, 0.3),
        "cover": (1.0, 2.0, 5.0),
        "latent_dim": (8, 16, 32),
    },
    "wgan": {
        "learning_rate": (5e-4, 1e-3, 2e-3),
        "critic_steps": (1, 2, 5),
        "cover": (100.0, 200.0, 500.0),
        "latent_dim": (8, 16, 32),
    },
    "mosaic": {
        "learning_rate": (0.01, 0.02, 0.04),
        "noise": (0.08, 0.15, 0.3),
        "local_gain": (2.0, 3.0, 6.0),
        "neighbour_weight": (50.0, 100.0, 200.0),
    },
    "collage": {
        "learning_rate": (0.01, 0.02, 0.04),
        "noise": (0.08, 0.15, 0.3),
        "global_dim": (12, 18, 24),
    },
}
"""objective -> setting -> values.  The classics' are those that matter with the head start, which lets a
short trial draw more than fog."""


def find_space(settings: Tune) -> tuple[str, dict[str, tuple], dict]:
    """The objective, the values to choose from for each setting, and what the settings are when nothing is searched.

    `--search` replaces the objective's own space; what `--set` fixes is not searched.  Raises UserError for an unknown
    objective, preset or setting and for a value that its setting cannot have."""
    objective, preset = find_preset(settings.preset, settings.objective)
    objective = resolve(objective, settings.set)
    usual = vars(objective_settings(objective, preset, settings.set, None))
    fixed = {assignment.partition("=")[0] for assignment in settings.set}
    if not settings.search:
        return (
            objective,
            {name: values for name, values in SPACES.get(objective, {}).items() if name not in fixed},
            usual,
        )
    space = {}
    for search in settings.search:
        name, _, values = search.partition("=")
        if name in fixed:
            raise UserError(f"--search {search}: {name} is fixed by --set; leave one of the two out")
        space[name] = tuple(
            getattr(objective_settings(objective, preset, (f"{name}={value}",), None), name)
            for value in values.split(",")
        )
    return objective, space, usual

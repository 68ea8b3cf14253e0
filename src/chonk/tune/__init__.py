"""The search for good settings."""

from __future__ import annotations

from importlib import import_module

from chonk.errors import UserError
from chonk.learn.checks import check_training
from chonk.settings import Tune


def tune(settings: Tune) -> None:
    """`chonk tune`; see `chonk.tune.search`.  Raises UserError where Optuna, or Ray for `--ray`, is not installed: they
    are extras."""
    check_training(settings)
    for what, library, extra in [("tune", "Optuna", "tune"), ("--ray", "Ray", "ray")][: 1 + bool(settings.ray)]:
        try:
            import_module(library.lower())
        except ImportError as error:
            raise UserError(f"{what} needs {library}; install it with: pip install 'chonk[{extra}]'") from error
    from chonk.tune.search import search

    search(settings)

"""The search for good settings."""
from __future__ import annotations

from chonk.errors import UserError
from chonk.settings import Tune


def tune(settings: Tune) -> None:
    """`chonk tune`; see `chonk.tune.search`.  Raises UserError where Optuna is not installed: it is an extra."""
    try:
        import optuna  # noqa: F401
    except ImportError as error:
        raise UserError("tune needs Optuna; install it with: pip install 'chonk[tune]'") from error
    from chonk.tune.search import search

    search(settings)

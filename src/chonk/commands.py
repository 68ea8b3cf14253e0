"""`chonk train` and `chonk page`: several packages that do not import each other work together here."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chonk.learn.checks import check_training
from chonk.play.checks import check_page
from chonk.settings import Page, Train

if TYPE_CHECKING:
    from chonk.learn.report import Report


def train(settings: Train, report: Callable[..., Report] | None = None) -> None:
    """`chonk train`: trains with a judge, so that the best moment is kept, calibrates the model, and tunes its
    finishing stage on the user's originals.  `report` makes the display of its progress (learn/report.py).

    The model is calibrated even if the training is stopped early, so that it does not copy."""
    check_training(settings)  # before PyTorch is loaded
    from chonk.calibrate import calibrate_run
    from chonk.judge.quick_eval import quick_eval
    from chonk.learn.originals import tune_run
    from chonk.learn.report import Report
    from chonk.learn.train import train as learn

    report = report or Report
    try:
        learn(settings, quick_eval, report=report)
    except SystemExit:  # Ctrl-C; a second one ends the calibration too
        calibrate_run(settings.out, settings.pictures, report)
        raise
    calibrate_run(settings.out, settings.pictures, report)
    tune_run(settings.out, settings.pictures)


def page(settings: Page) -> dict:
    """`chonk page`: writes the page, and gives it the function that trains its hunt's recognizer."""
    check_page(settings)  # before PyTorch is loaded
    from chonk.hunt.train import train_recognizer
    from chonk.play.page import page as assembled

    return assembled(settings, train_recognizer)

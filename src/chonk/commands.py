"""`chonk train` and `chonk page`: what several rooms do together that do not know each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from chonk.learn.checks import check_training
from chonk.play.checks import check_page
from chonk.settings import Page, Train

if TYPE_CHECKING:
    from chonk.learn.report import Report


def train(settings: Train, report: Callable[..., Report] | None = None) -> None:
    """`chonk train`: gives the training a judge, so that it keeps its best moment, calibrates the model, and lets it
    learn how its originals are finished; none knows the others.  `report` makes what a person sees of it meanwhile
    (learn/report.py).

    A training that was stopped early leaves a model that does not copy either."""
    check_training(settings)  # before PyTorch is loaded
    from chonk.calibrate import calibrate_run
    from chonk.judge.quick_eval import quick_eval
    from chonk.learn.originals import tune_run
    from chonk.learn.report import Report
    from chonk.learn.train import train as learn

    report = report or Report
    try:
        learn(settings, quick_eval, report=report)
    except SystemExit:  # Ctrl-C; a second one leaves out what follows
        calibrate_run(settings.out, settings.pictures, report)
        raise
    calibrate_run(settings.out, settings.pictures, report)
    tune_run(settings.out, settings.pictures)


def page(settings: Page) -> dict:
    """`chonk page`: gives the page whoever teaches its hunt's recognizer; neither knows the other."""
    check_page(settings)  # before PyTorch is loaded
    from chonk.hunt.train import teach
    from chonk.play.page import page as assembled

    return assembled(settings, teach)

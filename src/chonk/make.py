"""`chonk make`: the whole way from a folder of pictures to a page.

Given again, it continues where it was interrupted, and repeats only the stages that depend on a changed source or
setting."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

from chonk.pipeline import Pipeline
from chonk.settings import Make


def make(settings: Make) -> dict[str, Path]:
    """Gathers, trains, scores, writes the page and shows it; returns where everything is.

    Raises UserError for a source, a setting or an `--out` that cannot work, before anything is written."""
    pipeline = Pipeline(settings)
    with stdout_for_json(settings.json), removed_if_empty(pipeline.out):
        pipeline.begin()
        pipeline.gather()
        pipeline.train()
        with pipeline.page_begun():
            pipeline.score()
            pipeline.page()
    pipeline.show()
    return pipeline.places


@contextlib.contextmanager
def stdout_for_json(json_only: bool):
    """With `json_only`, the stages' messages go to standard error: standard output is one JSON object."""
    with contextlib.redirect_stdout(sys.stderr) if json_only else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def removed_if_empty(out: Path):
    """Removes a new output folder again if the command fails before anything but its own record is in there."""
    is_new = not out.exists()
    try:
        yield
    except BaseException:
        if is_new and out.is_dir() and {entry.name for entry in out.iterdir()} <= {"make.json"}:
            (out / "make.json").unlink(missing_ok=True)
            out.rmdir()
        raise

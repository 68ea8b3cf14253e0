"""The page with the models that come with chonk: nothing is trained, nothing is downloaded."""
from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chonk.errors import ChonkError

if TYPE_CHECKING:
    from chonk.settings import Demo

MODELS = Path(__file__).parent / "demo"
"""One folder a model, each with config.json and model.safetensors."""


def demo(settings: Demo) -> None:
    """Opens the page with the models that come with chonk.  Raises ChonkError where the package has none."""
    from chonk.play.serve import run
    with demo_page() as root:
        run(root, settings.port, settings.show)


def demo_models() -> list[Path]:
    """The folders of the shipped models, in name order."""
    return sorted(file.parent for file in MODELS.glob("*/config.json") if (file.parent / "model.safetensors").is_file())


@contextmanager
def demo_page() -> Iterator[Path]:
    """A page with all shipped models in a folder that lasts as long as the context."""
    from chonk.play.page import page
    from chonk.settings import Page
    models = demo_models()
    if not models:
        raise ChonkError(f"{MODELS}: no model came with this package; make your own with: chonk make")
    with tempfile.TemporaryDirectory(prefix="chonk-demo-") as scratch:
        out = Path(scratch) / "page"
        page(Page(runs=tuple(models), out=out, title="chonk"))
        yield out

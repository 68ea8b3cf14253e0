"""The page with the models that come with chonk: nothing is trained, nothing is downloaded, nothing is computed.

`demo/page/` is what `chonk page` wrote of some runs (docs/page.md has the command), without the page's own files:
those are of this installation.  So the page stands in a moment, and PyTorch is not even loaded.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from chonk.errors import ChonkError
from chonk.play.site import MARK, assemble
from chonk.swap import building, recover

if TYPE_CHECKING:
    from chonk.settings import Demo

SHIPPED = Path(__file__).parent / "demo" / "page"
"""`page.json` and `models/` of a page."""


def demo(settings: Demo) -> None:
    """Opens the page with the models that come with chonk.  Raises ChonkError where the package has none."""
    from chonk.play.serve import run

    with demo_page() as root:
        run(root, settings.port, settings.show, settings.host_name)


@contextmanager
def demo_page() -> Iterator[Path]:
    """A page with all shipped models in a folder that lasts as long as the context.  Raises ChonkError where there are
    none."""
    if not (SHIPPED / MARK).is_file():
        raise ChonkError(f"{SHIPPED}: no model came with this package; make your own with: chonk make")
    place = Path(tempfile.gettempdir()) / "chonk-demo"  # never made: the page lies in a hidden folder beside it
    recover(place)  # so what a killed demo left there goes
    with building(place) as scratch:
        out = scratch / "page"
        shutil.copytree(SHIPPED / "models", out / "models")
        assemble(out, json.loads((SHIPPED / MARK).read_text(encoding="utf-8")))
        yield out

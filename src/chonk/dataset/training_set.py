"""The pictures that a run was trained on, where they are still there and really those."""

from __future__ import annotations

from pathlib import Path

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.files import read_json


def training_pictures(run: Path) -> tuple[PictureSet, Path] | None:
    """A run's training pictures and their folder; None where they are gone or changed.

    The run may be a stranger's and name any folder of this machine, so a folder counts only if its pictures have the
    digest that the run gives: whoever wrote the run had them already.  Those with another number of pictures are not
    even opened."""
    try:
        config = read_json(run / "config.json")
        named, wanted, count = Path(config["pictures"]), config["data"]["sha256"], config["data"]["count"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    for folder in (run.parent / "pictures", run.parent / named.name, named):
        try:
            if len(list(folder.glob("*.png"))) != count:
                continue
            pictures = PictureSet.load(folder)
        except (UserError, OSError, ValueError):
            continue
        if pictures.digest() == wanted:
            return pictures, folder
    return None

"""Checks of a training's settings and pictures that need no PyTorch, which takes seconds to load."""

from __future__ import annotations

from pathlib import Path

from chonk.dataset.folder import check_set
from chonk.errors import UserError
from chonk.learn.objectives import check_name
from chonk.learn.presets import find_preset
from chonk.paths import check_paths
from chonk.settings import Train, Tune


def check_training(settings: Train | Tune) -> None:
    """Raises UserError for names that are not known, for pictures that are no set, and for an output that is no run."""
    check_paths(settings)
    check_name(find_preset(settings.preset, settings.objective)[0])
    if (settings.pictures / "make.json").is_file():
        raise UserError(
            f"{settings.pictures}: is what chonk make left; its pictures are in {settings.pictures / 'pictures'}, and "
            f"to train longer give chonk make again with more --minutes"
        )
    check_set(settings.pictures)
    if isinstance(settings, Train):
        check_run_folder(settings.out)


def check_run_folder(path: Path) -> None:
    """Raises UserError for a path where no run is and none can be begun."""
    if path.exists() and not path.is_dir():
        raise UserError(f"--out {path}: is a file; name a folder")
    if path.exists() and any(path.iterdir()) and not any((path / name).exists() for name in ("config.json", "lock")):
        raise UserError(f"--out {path}: holds something that is no run; name a new or empty folder")

"""A run's folder: who may write there, and what it was begun with."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from chonk import __version__
from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError, did_you_mean
from chonk.files import disk_error, write_whole
from chonk.formats import FORMAT, read_versioned, run_config
from chonk.learn.checks import check_run_folder
from chonk.learn.objectives import find_objective, resolve
from chonk.learn.presets import find_preset
from chonk.model_files import readable
from chonk.settings import Train
from chonk.validation import annotated_types, read

DEFAULT_MINUTES = 20.0
"""For a training without --minutes and --kimg."""


class RunFolder:
    """RUN, held by one training at a time.  Use it in a `with`; raises UserError where another training holds it."""

    def __init__(self, path: Path) -> None:
        self.path = Path(path)
        self.checkpoints, self.film, self.model = (self.path / name for name in ("checkpoints", "film", "model"))
        self.metrics, self.config, self.samples = (
            self.path / name for name in ("metrics.jsonl", "config.json", "samples.png")
        )

    def __enter__(self) -> RunFolder:
        check_run_folder(self.path)
        for folder in (self.checkpoints, self.film, self.model):
            if folder.is_symlink():  # files there are replaced and removed
                raise UserError(f"{folder}: is a link; put the folder itself there, or name another --out")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            self._lock = open(
                os.open(self.path / "lock", os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK), "w"
            )
        except OSError as error:
            raise disk_error(self.path / "lock", error) from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise UserError(
                f"--out {self.path}: another training is writing there; wait for it or name another folder"
            ) from error
        return self

    def __exit__(self, *_) -> None:
        self._lock.close()

    @property
    def title(self) -> str:
        """What to call the model: as the run's folder is called, or what `chonk make` left around it."""
        names = [name for name in self.path.resolve().parts if name != "run"]
        return readable(names[-1].removesuffix(".chonk"))

    def note(self, config: dict) -> None:
        """Writes config.json."""
        write_whole(self.config, json.dumps(config, indent=1).encode() + b"\n")

    def begin(self, config: dict) -> dict:
        """Writes config.json, or checks that it is the same training as the one that was begun here.  Returns it.

        Raises UserError naming the first setting that differs, and what can be done."""
        if not self.config.exists():
            self.note(config)
            return config
        begun = run_config(
            read_versioned(
                self.config,
                lambda why: UserError(f"{self.config}: not a run's settings ({why}); name a new folder with --out"),
            )
        )
        for name in ("objective", "preset", "seed", "settings", "data"):
            if begun.get(name) != config[name]:
                raise UserError(
                    f"--out {self.path}: was begun with {other(name)} ({difference(begun.get(name), config[name])}); "
                    f"{advice(begun.get(name), config[name])}"
                )
        return begun


def other(name: str) -> str:
    """What was given where another value of this entry of a record was given before."""
    return {"settings": "other settings", "data": "other pictures", "minutes": "other minutes"}.get(
        name, f"another {name}"
    )


def advice(before: object, now: object) -> str:
    """How a run that was begun with something else can be continued; what the settings of another version of its
    objective cannot."""
    if isinstance(before, dict) and isinstance(now, dict) and before.keys() != now.keys():
        return "another version of chonk began it, and only that can continue it: start a new run with another --out"
    return "give the same again to continue it, or name another folder with --out"


def difference(before: object, now: object) -> str:
    """In what two records of a setting, or of several, differ."""
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))
        return ", ".join(
            f"{name}: {before.get(name, 'unknown')} then, {now.get(name, 'unknown')} now" for name in names[:3]
        )
    return f"{before} then, {now} now"


def describe(settings: Train, pictures: PictureSet) -> tuple[dict, Any]:
    """What config.json holds for a training, and the settings object of its objective.

    Raises UserError for an unknown objective, preset or setting."""
    objective, values = find_preset(settings.preset, settings.objective)
    begun = record_of(settings.out)
    objective = resolve(objective, settings.set, begun.get("objective"))
    values = kept(begun, objective) | values
    own = objective_settings(objective, values, settings.set, settings.batch)
    return {
        "format": FORMAT,
        "chonk": __version__,
        "torch": torch.__version__,
        "objective": objective,
        "preset": settings.preset,
        "seed": settings.seed,
        "settings": asdict(own),
        "pictures": str(Path(settings.pictures).resolve()),
        "data": {
            "count": len(pictures),
            "size": pictures.size,
            "channels": pictures.channels,
            "sha256": pictures.digest(),
        },
    }, own


def record_of(run: Path) -> dict[str, Any]:
    """What a run that was begun already was begun with; nothing where `RunFolder.begin` will say what is wrong."""
    with contextlib.suppress(UserError):
        return run_config(read_versioned(run / "config.json", lambda why: UserError(str(why))))
    return {}


def kept(begun: dict[str, Any], objective: str) -> dict[str, Any]:
    """The settings that a run keeps unless others are given."""
    with contextlib.suppress(KeyError, TypeError):  # for `begin` to tell of
        return {name: begun["settings"][name] for name in find_objective(objective).Settings.kept}
    return {}


def objective_settings(objective: str, preset: dict, assignments: tuple[str, ...], batch: int | None):
    """The objective's Settings: its defaults, then the preset, then --set key=value, then --batch.  Raises UserError
    for a setting that there is not, or a value that it cannot have."""
    kind = find_objective(objective).Settings
    types, values = annotated_types(kind), dict(preset)
    for assignment in assignments:
        name, _, text = assignment.partition("=")
        if name not in types:
            raise UserError(
                f"--set {assignment}: {objective} has no setting {name!r}{did_you_mean(name, types)}; "
                f"it has {', '.join(types)}"
            )
        values[name] = read(text, types[name], f"--set {assignment}")
    if batch is not None:
        values["batch"] = batch
    return kind(**values)

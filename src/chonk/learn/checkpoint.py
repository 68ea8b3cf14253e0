"""A training's state on disk: one safetensors file, whole or not there at all.

The tensors are the objective's, everything else is JSON in the file's header.  A file appears under its name only after
its bytes are on the disk, so whatever kills the process or the power leaves the newest whole checkpoint in place."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from chonk import formats
from chonk.errors import UserError
from chonk.files import is_number, parse_json, utf8_path, write_whole

KEEP = 2
MAX_BYTES = 4 << 30
"""Size of a file beyond which it is none of ours."""


@dataclass
class State:
    """How far a training has come."""

    step: int = 0
    """Updates made."""
    shown: int = 0
    """Pictures shown to the objective."""
    seconds: float = 0.0
    """Time spent training."""
    rollbacks: int = 0
    """How often it went back to a checkpoint because numbers had gone wrong."""
    sums: dict[str, list] = field(default_factory=dict)
    """The objective's figures since the last line of metrics.jsonl: name -> [sum, steps it was given in]."""
    alike_since: float | None = None
    """Thousands of pictures shown when the samples began to look alike; None while they do not."""
    alike_looks: int = 0
    """How many looks in a row they have."""
    twins_since: float | None = None
    """Thousands of pictures shown when most results began to have a near-twin; None while they do not."""
    twin_looks: int = 0
    """In how many of the judge's looks in a row they have."""
    best: dict = field(default_factory=dict)
    """What is remembered about the best moment (learn/best.py); its generator is among the tensors."""

    @property
    def kimg(self) -> float:
        """Thousands of pictures shown."""
        return self.shown / 1000


def save_checkpoint(folder: Path, state: State, tensors: dict[str, torch.Tensor], numbers: dict) -> Path:
    """Writes FOLDER/NNNNNNNNNN.safetensors, named by the pictures shown, and keeps the newest two."""
    folder.mkdir(parents=True, exist_ok=True)
    header = {"format": formats.FORMAT, "state": asdict(state), "objective": numbers}
    plain = {name: value.detach().contiguous().cpu() for name, value in tensors.items()}
    file = folder / f"{state.shown:010d}.safetensors"
    write_whole(file, save(plain, {"chonk": json.dumps(header)}))
    for old in checkpoints(folder)[:-KEEP]:
        old.unlink(missing_ok=True)
    return file


def checkpoints(folder: Path) -> list[Path]:
    """The checkpoints of a run, oldest first; removes what a killed process left half-written."""
    for part in folder.glob("*.part"):
        part.unlink(missing_ok=True)
    return sorted(file for file in folder.glob("[0-9]*.safetensors") if file.is_file())


def load_checkpoint(file: Path) -> tuple[State, dict[str, torch.Tensor], dict]:
    """What `save_checkpoint` wrote.  Raises UserError for a file that is none or from a newer version."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError("too large")
        with utf8_path(file) as path, safe_open(path, "pt") as stored:
            header = parse_json((stored.metadata() or {})["chonk"])
            if header["format"] not in (1, formats.FORMAT):
                raise UserError(
                    f"{file}: format {header['format']!r:.40} is not known to this version; install a newer chonk"
                )
            if header["format"] == 1:
                header = formats.checkpoint_header(header)
            state = check_state(State(**header["state"]))
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118 (it is no dict)
            tensors = formats.weights(tensors, "mosaic", header["format"])
        if not isinstance(header["objective"], dict):
            raise ValueError("no numbers of the objective")
        return state, tensors, header["objective"]
    except (OSError, SafetensorError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise UserError(f"{file}: not a checkpoint ({error}); remove it to go on from the one before") from error


def check_state(state: State) -> State:
    """The state, if a training can have it; else ValueError."""
    counts = (state.step, state.shown, state.rollbacks, state.alike_looks, state.twin_looks)
    times = (state.seconds, *(since for since in (state.alike_since, state.twins_since) if since is not None))
    if (
        not all(type(count) is int and 0 <= count < 2**53 for count in counts)
        or state.step > state.shown
        or not all(is_number(time, 0) for time in times)
    ):
        raise ValueError("a count or a time out of range")
    for total, steps in state.sums.values() if isinstance(state.sums, dict) else [(None, None)]:
        if not (is_number(total) and type(steps) is int and 0 < steps <= state.step):
            raise ValueError("sums that are none")
    return state

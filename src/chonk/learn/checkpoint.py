"""A training's state on disk: one safetensors file, whole or not there at all.

The tensors are the objective's, everything else is JSON in the file's header.  A file appears under its name only after
its bytes are on the disk, so whatever kills the process or the power leaves the newest whole checkpoint in place."""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save

from chonk.errors import ChonkError, UserError

FORMAT = 1
KEEP = 2


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
    best: dict = field(default_factory=dict)
    """What is remembered about the best moment (learn/best.py); its generator is among the tensors."""

    @property
    def kimg(self) -> float:
        """Thousands of pictures shown."""
        return self.shown / 1000


def write_whole(file: Path, data: bytes, durable: bool = True) -> None:
    """Writes a file so that it is there completely or not at all; `durable`, also after a power cut.

    Waiting for the disk can take a tenth of a second, so what is written often is made durable later, by `sync`.  Raises ChonkError, with what to do, where it cannot: a full disk, a read-only folder, a folder that has gone."""
    part = file.with_name(file.name + ".part")
    try:
        with open(part, "wb") as stream:
            stream.write(data)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        part.replace(file)
        if durable:
            sync(file.parent)
    except OSError as error:
        try:
            part.unlink(missing_ok=True)
        except OSError:
            pass
        raise disk_error(file, error) from error


def sync(path: Path) -> None:
    """Waits until a file's content, or a folder's list of names, is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def disk_error(path: Path, error: Exception) -> ChonkError:
    """An error while writing, in words."""
    reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
    if not path.parent.exists():
        return ChonkError(f"{path.parent}: the folder has gone while training wrote into it; nothing more can be kept there")
    return ChonkError(f"{path}: cannot be written ({reason}); make room or choose another --out, what was written before is intact")


def save_checkpoint(folder: Path, state: State, tensors: dict[str, torch.Tensor], numbers: dict) -> Path:
    """Writes FOLDER/NNNNNNNNNN.safetensors, named by the pictures shown, and keeps the newest two."""
    folder.mkdir(parents=True, exist_ok=True)
    header = {"format": FORMAT, "state": asdict(state), "objective": numbers}
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
    return sorted(folder.glob("[0-9]*.safetensors"))


def load_checkpoint(file: Path) -> tuple[State, dict[str, torch.Tensor], dict]:
    """What `save_checkpoint` wrote.  Raises UserError for a file that is none or from a newer version."""
    try:
        with safe_open(file, "pt") as stored:
            header = json.loads((stored.metadata() or {})["chonk"])
            tensors = {name: stored.get_tensor(name) for name in stored.keys()}
        if header["format"] != FORMAT:
            raise UserError(f"{file}: format {header['format']!r} is not known to this version; install a newer chonk")
        state = State(**header["state"])
        if not (type(state.step) is type(state.shown) is int and 0 <= state.step <= state.shown and state.seconds >= 0):
            raise ValueError("step, pictures shown or seconds out of range")
        return state, tensors, header["objective"]
    except (OSError, SafetensorError, KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file}: not a checkpoint ({error}); remove it to go on from the one before") from error

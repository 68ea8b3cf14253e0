"""A tiny training for tests, in this process or in one of its own that can be killed."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from dataclasses import fields
from itertools import count
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from chonk.learn.objectives import find_objective
from chonk.settings import Train

TINY = (
    *("start=noise", "filters=2", "d_filters=2", "layers=1", "d_layers=1", "latent_dim=4", "hidden=4", "batch=4"),
    *("warmup=0", "annealed=false", "muon=false"),  # steps that do not depend on the budget
)


def make_pictures(folder: Path, count: int = 10, size: int = 16) -> Path:
    """Discs of different colours and places on a transparent ground."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    y, x = np.mgrid[:size, :size]
    for i in range(count):
        pixels = np.zeros((size, size, 4), np.uint8)
        cx, cy = random.uniform(0.3, 0.7, 2) * size
        pixels[(x - cx) ** 2 + (y - cy) ** 2 < (size / 4) ** 2] = [*random.integers(0, 200, 3), 255]
        Image.fromarray(pixels).save(folder / f"{i:04d}.png")
    return folder


def tiny(pictures: Path, out: Path, **changes) -> Train:
    """Settings of a training of a few seconds."""
    return Train(
        **{"pictures": pictures, "out": out, "kimg": 0.4, "objective": "began", "threads": 1, "set": TINY, **changes}
    )


def start(pictures: Path, out: Path, kimg: float, objective: str = "began", dies: int = 0) -> BaseProcess:
    """The same training in a process of its own, with checkpoints all the time; what it prints goes to OUT.txt.

    With `dies` it kills itself in the middle of that write, or, for an even number, right after it.  A server that has
    torch loaded forks it, so that a test can start many."""
    settings = tiny(pictures, out, kimg=kimg, objective=objective, set=sets(objective))
    process = forkserver("training", f"chonk.learn.objectives.{objective}").Process(target=_work, args=(settings, dies))
    process.start()
    return process


def whim(real: torch.Tensor):
    """A judge whose liking is a hash of what it sees: any moment may be the best, and the same pictures are always
    liked as much."""

    def look(fake: torch.Tensor) -> dict[str, float]:
        return {"selection_score": int.from_bytes(hashlib.sha256(fake.numpy().tobytes()).digest()[:4]) / 2**32}

    return look


def forkserver(*modules: str):
    """A multiprocessing context whose processes begin with these modules loaded."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["chonk.learn.train", *modules])
    return context


def _work(settings: Train, dies: int) -> None:
    from chonk.learn import best, callbacks, train

    callbacks.CHECKPOINT_SECONDS, best.PICTURES = 0.05, 30
    os.fsync = lambda _: None  # a killed process loses nothing that it wrote; disks may be slow
    if dies:
        _die_in_write(dies)
    with open(f"{settings.out}.txt", "w") as stream:
        sys.stdout = sys.stderr = stream
        train.train(settings, whim)


def _die_in_write(number: int) -> None:
    """SIGKILL for ourselves in write number `number` from now, each of which ends with a rename: half of it written, or
    all."""
    replace, writes = Path.replace, count(1)

    def deadly(part: Path, file: Path) -> Path:
        last = next(writes) == number
        if last and number % 2:
            os.truncate(part, part.stat().st_size // 2)
            os.kill(os.getpid(), signal.SIGKILL)
        done = replace(part, file)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Path.replace = deadly


def sets(objective: str) -> tuple[str, ...]:
    """Those of TINY that an objective knows."""
    if objective in ("chonk", "mosaic"):  # the default is the mosaic with a setting of its own
        return ("batch=4", "global_dim=4", "local_dim=2")
    if objective == "collage":
        return ("batch=4", "global_dim=4")
    known = {field.name for field in fields(find_objective(objective).Settings)}
    return tuple(setting for setting in TINY if setting.split("=")[0] in known)


def shown(run: Path) -> int:
    """Pictures that the newest checkpoint has seen."""
    return max((int(file.stem) for file in (run / "checkpoints").glob("*.safetensors")), default=-1)


def fingerprint(run: Path) -> dict[str, str]:
    """What a finished run must have in common with one that was never interrupted: all but clocks."""
    files = [run / "model/model.safetensors", *(run / "film").iterdir(), run / "samples.png"]
    prints = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    prints["metrics"] = json.dumps(
        [{k: v for k, v in line.items() if k not in ("seconds", "pictures_per_second")} for line in lines]
    )
    return prints

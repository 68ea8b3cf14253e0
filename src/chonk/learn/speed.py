"""How to use this machine: device, threads and precision, chosen by timing real steps before the training begins."""

from __future__ import annotations

import ctypes
import math
import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError, out_of_memory
from chonk.learn import distributed
from chonk.learn.cuda_graph import Recorder, plain
from chonk.learn.objectives.base import Objective

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4
"""As malloc.h has them."""
SECONDS = 1.0
"""When this much time has gone into timing, nothing more is tried."""
GAIN = 0.9
"""A choice that is not the plain one must take at most this share of the plain one's time: timings are noisy."""

MAX_THREADS = 1024
DEVICES: dict[str, Callable[[], bool]] = {
    "cuda": torch.cuda.is_available,
    "mps": torch.backends.mps.is_available,
    "cpu": lambda: True,
}
"""torch's names of what may train, the best first, and whether it is here."""


@dataclass(frozen=True)
class Speed:
    """The choice, kept in a run's config.json so that a resumed training computes exactly as before."""

    device: str = "cpu"
    """torch's name of the device."""
    threads: int = 1
    """CPU threads."""
    bf16: bool = False
    """Compute convolutions in bfloat16; weights and optimisers stay in float32."""
    channels_last: bool = True
    """Keep the channels of a pixel side by side in memory, instead of the pixels of a channel."""
    graphs: bool = False
    """Tell a CUDA GPU a step's work once, and only start it from then on (learn/cuda_graph.py)."""

    @classmethod
    def read(cls, record: Any, file: Path) -> Speed:
        """The choice that a run's config.json holds.  Raises UserError for one that is none, or that this machine
        cannot follow."""
        try:
            speed = cls(**record)
        except TypeError:
            speed = cls(threads=0)
        if (
            type(speed.threads) is not int
            or not 1 <= speed.threads <= MAX_THREADS
            or not type(speed.bf16) is type(speed.channels_last) is type(speed.graphs) is bool
            or speed.device not in list(DEVICES)
        ):
            raise UserError(f"{file}: its speed is none; name a new folder with --out")
        if speed.device != "cpu" and not DEVICES[speed.device]():
            raise UserError(
                f"{file}: the run was begun on {speed.device}, which is not here; continue it there, or name a new "
                f"folder with --out"
            )
        return speed

    def use(self, objective: Objective) -> None:
        """Moves the nets there, in this memory order."""
        torch.set_num_threads(self.threads)
        keep_memory()
        torch.backends.cudnn.benchmark = self.device == "cuda"  # all batches have the same shape
        objective.to(device=self.device)
        objective.to(memory_format=self.order)  # type: ignore[call-overload]  # torch's stubs lack it
        record = Recorder(objective.parameters()) if self.graphs else plain
        for one in (objective, *objective.optimizers.values()):
            one.record = record  # type: ignore[union-attr]  # torch's own optimisers have no use for it

    def to_device(self, pictures: torch.Tensor) -> torch.Tensor:
        """A batch, moved there in this memory order."""
        return pictures.to(self.device).contiguous(memory_format=self.order)

    @property
    def order(self) -> torch.memory_format:
        return torch.channels_last if self.channels_last else torch.contiguous_format

    def precision(self) -> AbstractContextManager:
        """The context that a step runs in."""
        return torch.autocast(self.device, torch.bfloat16, enabled=self.bf16)

    def as_dict(self) -> dict:
        return asdict(self)


def find_device() -> str:
    """The best device there is."""
    return next(name for name, is_here in DEVICES.items() if is_here())


def has_bf16(device: str) -> bool:
    """Whether the device multiplies bfloat16 in hardware; elsewhere it is emulated, and slow."""
    if device == "cpu":
        asked = (
            getattr(torch.cpu, name, None) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        )  # not every torch can tell
        return any(ask is not None and ask() for ask in asked)
    return device == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)


def free_memory(device: str) -> int:
    """Bytes that the training pictures may take there: a quarter of a CUDA GPU's free memory; none elsewhere, where
    they stay in the machine's."""
    return torch.cuda.mem_get_info()[0] // 4 if device == "cuda" else 0


def cores() -> int:
    """CPU cores this process may use: its share, where several train together on this machine."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, there // distributed.local_world_size())


def choose(objective: Objective, pictures: PictureSet, batch: int, threads: int | None, timed: bool) -> Speed:
    """The fastest way to make steps here, found in about a second with steps of a quarter of the batch; the objective's
    state is put back afterwards.

    The plain way, which the others must beat, is all cores, float32 and one channel after another.  Not `timed`: all
    cores and float32, a choice that does not depend on how busy the machine is, for trainings that are to give the same
    bits again."""
    device = find_device()
    plain = Speed(device, threads or cores(), channels_last=False)
    counts = [threads] if threads else [1, cores()] if device == "cpu" else [cores()]
    ways = product([True, False][not has_bf16(device) :], counts, [True, False][device != "cuda" :])
    others = [Speed(device, count, bf16, graphs=graphs) for bf16, count, graphs in ways]
    if not timed:
        return replace(plain, channels_last=True)
    plain.use(objective)
    tensors, numbers = objective.get_state()
    tensors = {name: value.clone() for name, value in tensors.items()}
    index = torch.arange(max(2, batch // distributed.world_size() // 4)) % len(pictures)
    real, until = pictures.normalized(index), time.perf_counter() + SECONDS
    times = {speed: _seconds(speed, objective, real, index) for speed in (plain, others[0])}
    for speed in dict.fromkeys(others[1:]):
        if distributed.broadcast(time.perf_counter() < until):
            times[speed] = _seconds(speed, objective, real, index)
    objective.set_state(tensors, numbers)
    best = min(times, key=lambda speed: times[speed])
    return best if times[best] < GAIN * times[plain] else plain


def _seconds(speed: Speed, objective: Objective, real: torch.Tensor, index: torch.Tensor) -> float:
    """The time of a step, after one to warm up; of several processes, their mean.  Endless where a GPU cannot record
    it."""
    speed.use(objective)
    real = speed.to_device(real)
    try:
        for _ in range(2):
            started = time.perf_counter()
            with speed.precision():
                objective.step(real, index, 0.0)
    except RuntimeError as error:
        if not speed.graphs or out_of_memory(error):
            raise
        return math.inf
    return distributed.all_reduce_mean(torch.tensor(time.perf_counter() - started, dtype=torch.float64)).item()


def keep_memory() -> None:
    """Lets the C library keep the large blocks that every step asks for again.  As it comes, glibc gives each back to
    the system, which then hands it out anew page by page, all zeros: a fifth of a step (docs/performance.md).  Other
    libraries are left as they are."""
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(M_MMAP_MAX, 0)
        libc.mallopt(M_TRIM_THRESHOLD, -1)  # never
    except (OSError, AttributeError, TypeError):
        pass

"""Several processes that train as one, on one machine or on many that share a folder.

    torchrun --nproc-per-node 2 -m chonk train pictures --out run --objective began

Each process makes its part of every batch, and the gradients are averaged before every step of an optimiser, so that N
processes learn what one would learn from the whole batch.  Only the first one writes.  Random numbers are drawn for the
whole batch by every process, which keeps its part: they do not depend on how many there are, so a training may go on
with another number of processes.

`torchrun` and `accelerate launch` tell a process who it is through the same environment variables (RANK, WORLD_SIZE,
LOCAL_WORLD_SIZE, MASTER_ADDR ...), so torch.distributed serves both.  Without them every function here is the identity.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TypeVar

import torch
import torch.distributed as dist

from chonk.errors import ChonkError
from chonk.learn.optimizer import Optimizer

T = TypeVar("T")
PATIENCE = timedelta(minutes=5)
"""How long the others wait for a process that says nothing before they take it for lost."""


@contextmanager
def process_group() -> Iterator[None]:
    """Joins the other processes, where a launcher has started several.  Raises ChonkError when one of them is lost."""
    if int(os.environ.get("WORLD_SIZE", 1)) == 1:
        yield
        return
    try:
        if torch.cuda.is_available():
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        dist.init_process_group(timeout=PATIENCE)
        yield
    except (RuntimeError, ValueError) as error:
        if not any(
            sign in str(error).lower()
            for sign in ("closed by peer", "reset by peer", "timed out", "timeout", "nccl", "environment variable")
        ):
            raise
        raise ChonkError(
            f"process {os.environ.get('RANK')} has lost the others ({str(error).splitlines()[0][-120:]}); "
            "the same command goes on from the last checkpoint"
        ) from error
    finally:
        if dist.is_initialized():
            dist.destroy_process_group()


def world_size() -> int:
    """How many processes there are."""
    return dist.get_world_size() if dist.is_initialized() else 1


def rank() -> int:
    """Which one this is, from 0 on."""
    return dist.get_rank() if dist.is_initialized() else 0


def is_main_process() -> bool:
    """Whether this is the one that writes and speaks."""
    return rank() == 0


def local_world_size() -> int:
    """How many processes share this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", 1)) if dist.is_initialized() else 1


def shard(whole: torch.Tensor, dim: int = 0) -> torch.Tensor:
    """This process's part of what belongs to the whole batch."""
    return whole.chunk(world_size(), dim)[rank()]


def rand(count: int, *shape: int) -> torch.Tensor:
    """Uniform numbers in [0, 1) for `count` pictures of this process: count x shape."""
    return shard(torch.rand(count * world_size(), *shape))


def randn(count: int, *shape: int) -> torch.Tensor:
    """The same from N(0, 1)."""
    return shard(torch.randn(count * world_size(), *shape))


def all_reduce_mean(values: torch.Tensor) -> torch.Tensor:
    """The values averaged over the processes."""
    if world_size() > 1:
        dist.all_reduce(values := values.clone())
        values /= world_size()
    return values


def all_reduce_max(*numbers: float) -> list[float]:
    """The largest that any process gives, number by number."""
    if world_size() == 1:
        return list(numbers)
    largest = torch.tensor(numbers, dtype=torch.float64)
    dist.all_reduce(largest, dist.ReduceOp.MAX)
    return largest.tolist()


def broadcast(value: T) -> T:
    """What the first process gives, for all: anything that JSON can hold."""
    if world_size() == 1:
        return value
    data = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
    length = torch.tensor(len(data))
    dist.broadcast(length, 0)
    data = data if is_main_process() else torch.empty(int(length), dtype=torch.uint8)
    dist.broadcast(data, 0)
    return json.loads(data.numpy().tobytes())


def broadcast_tensors(tensors: Iterable[torch.Tensor]) -> None:
    """Makes the tensors of every process those of the first."""
    for tensor in tensors if world_size() > 1 else ():
        dist.broadcast(tensor.data, 0)


def average_gradients(optimizer: Optimizer, *_) -> None:
    """To be called before a step: all gradients of its weights become their mean over the processes, in one message."""
    gradients = [
        weight.grad for group in optimizer.param_groups for weight in group["params"] if weight.grad is not None
    ]
    flat = all_reduce_mean(torch.cat([gradient.reshape(-1) for gradient in gradients]))
    for gradient, values in zip(gradients, flat.split([gradient.numel() for gradient in gradients])):
        gradient.copy_(values.view(gradient.shape))


class _Gather(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x: torch.Tensor) -> torch.Tensor:
        parts = [torch.empty_like(x) for _ in range(world_size())]
        dist.all_gather(parts, x.contiguous())
        return torch.cat(parts)

    @staticmethod
    def backward(ctx, gradient: torch.Tensor) -> torch.Tensor:
        dist.all_reduce(gradient := gradient.contiguous())
        return shard(gradient)


def all_gather(x: torch.Tensor) -> torch.Tensor:
    """All processes' parts as one, N x ... -> (size N) x ...; for losses that compare the pictures of a batch with each
    other.

    Gradients pass.  They are summed over the processes, each of which has computed the same loss, and
    `average_gradients` divides by their number again."""
    return _Gather.apply(x) if world_size() > 1 else x

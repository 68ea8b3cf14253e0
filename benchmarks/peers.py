"""Training steps of other packages that pip can install, as they are.

    pip install lightweight-gan stylegan2-pytorch          in an environment of its own; nothing of them is part of this
    project

Both refuse to be imported without CUDA and move everything there; where there is none they are told that a CPU is one.
Both add a gradient penalty to every fourth step.
"""

from __future__ import annotations

import tempfile
import types
from collections.abc import Callable
from importlib import import_module
from itertools import count

import torch

PEERS = {
    "lightweight-gan": "lightweight_gan.lightweight_gan",
    "stylegan2-pytorch": "stylegan2_pytorch.stylegan2_pytorch",
}


class OnTheCpu(types.ModuleType):
    """torch, but for `torch.device`, which always is the CPU."""

    def __getattr__(self, name: str) -> object:
        return getattr(torch, name)

    @staticmethod
    def device(_: object) -> torch.device:
        return torch.device("cpu")


def load(name: str) -> types.ModuleType:
    """The peer's module.  Raises what its import raises."""
    if (there := torch.cuda.is_available)():
        return import_module(PEERS[name])
    torch.cuda.is_available = lambda: True
    try:
        module = import_module(PEERS[name])
    finally:
        torch.cuda.is_available = there
    module.torch = OnTheCpu("torch")
    return module


def why_not(name: str) -> str | None:
    """Why a peer cannot take part; None where it can."""
    try:
        load(name)
    except ModuleNotFoundError as error:
        return "not installed" if error.name == PEERS[name].partition(".")[0] else f"cannot be imported: {error}"
    except Exception as error:
        return f"cannot be imported: {type(error).__name__}: {error}"
    return None


def begin(name: str, real: torch.Tensor) -> Callable[[], None]:
    """A training step with the peer's own settings.  `real` N x 3 x S x S in [-1, 1]."""
    if not torch.cuda.is_available():
        torch.Tensor.cuda = torch.nn.Module.cuda = lambda self, *_, **__: self
    folder, own = tempfile.mkdtemp(), {"use_aim": False} if name == "lightweight-gan" else {}
    trainer = load(name).Trainer(image_size=real.shape[-1], batch_size=len(real), base_dir=folder, num_workers=0, **own)
    trainer.loader = (((real + 1) / 2).clone() for _ in count())
    trainer.init_GAN()

    def step() -> None:
        trainer.steps = 4 + trainer.steps % 4  # never 0, at which they write samples
        trainer.train()

    return step

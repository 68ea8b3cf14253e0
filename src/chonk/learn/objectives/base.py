"""What all objectives have in common: nets, optimisers, and a state that can be saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

import torch
import torch.nn as nn

from chonk.files import is_number
from chonk.learn.augment import AugmentSettings
from chonk.learn.cuda_graph import plain
from chonk.learn.optimizer import Optimizer
from chonk.nets.base import Generator
from chonk.validation import Range, check

Count = Annotated[int, Range(1, 4096)]
Layers = Annotated[int, Range(1, 64)]
LearningRate = Annotated[float, Range(0, 1, above=True)]
Share = Annotated[float, Range(0, 1)]
Decay = Annotated[float, Range(0, 0.999999)]
"""Of a moving average, per step."""
Weight = Annotated[float, Range(0, 1_000_000)]


@dataclass(frozen=True)
class Settings:
    """What the settings of all objectives have in common.  Raises UserError for a value out of range."""

    batch: Count = 16
    """Training pictures per step."""

    kept: ClassVar[tuple[str, ...]] = ()
    """Settings that a continued run takes from its first start, if they are not given again: defaults differ between
    versions of chonk."""

    def __post_init__(self) -> None:
        check(type(self), vars(self), "--set {}={}".format)


class GeneratorConfig(NamedTuple):
    """From which a generator can be rebuilt: `GENERATORS[net](size, channels, latent_dim, **options)`."""

    net: str
    """Its name in `chonk.nets.GENERATORS`."""
    options: dict
    latent_dim: int
    latent_kind: Literal["normal", "uniform"]


class Objective(nn.Module):
    """One way to train a generator.  The loop calls `step` and knows nothing else about it.

    A subclass builds its nets in `__init__(pictures, settings, seed)`, all as submodules, and fills `optimizers`.
    Random numbers come from torch's global generator, which the loop seeds before every step from the run's seed and
    the step's number: there is no random state to keep, and a resumed step draws what it would have drawn."""

    generator: Generator
    """The net being trained: latents N x latent_dim -> N x C x S x S in [-1, 1]."""
    augment: AugmentSettings | None = AugmentSettings()
    """How the loop varies the pictures before `step` sees them; None for the pictures as they are."""

    constant_rate = False
    """Whether learning rates stay the same to the end of the budget.  A training without progress then ends early; one
    whose learning rates fall makes most of its progress at the end, and always uses its whole budget."""

    @property
    def stage(self) -> int:
        """Which part of its training it is in, counted from 0.  A model of a later part replaces all earlier ones: a
        judge's figures cannot be compared between parts."""
        return 0

    single_process: str | None = "its steps are not made to be shared by several processes"
    """Why only one process can train it; None if several can (learn/distributed.py).  Then every loss must be a
    mean over the pictures of a batch or use `distributed.all_gather`, random numbers must come from `distributed.rand`,
    and figures that a step depends on must go through `distributed.all_reduce_mean`."""

    frozen: tuple[str, ...] = ()
    """Submodules that are not trained and come with the package: no checkpoint holds them."""

    record = staticmethod(plain)
    """Calls the functions that make up most of a step, `self.record(function, *inputs)`; learn/cuda_graph.py tells
    which functions may be given to it."""

    def __init__(self) -> None:
        super().__init__()
        self.optimizers: dict[str, Optimizer | torch.optim.Optimizer] = {}
        self.numbers: dict[str, float | int] = {}

    @staticmethod
    def check_size(size: int, preset: dict[str, Any]) -> None:
        """Raises ValueError for a side of pictures, in pixels, that its nets with a preset's settings cannot have."""

    def _is_frozen(self, name: str) -> bool:
        return any(name.startswith(module + ".") for module in self.frozen)

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        """One update.  `pictures` N x C x S x S in [-1, 1], varied as `augment` says; `index` N, which pictures of the
        set they are; `progress` 0 to 1, the share of the budget already spent.  Returns figures worth a curve."""
        raise NotImplementedError

    def generator_config(self) -> GeneratorConfig:
        """From which its generator can be rebuilt."""
        raise NotImplementedError

    def trained(self) -> Generator:
        """The generator to draw with and to keep."""
        return self.generator

    def concern(self) -> str | None:
        """A sentence on what is going wrong with the training and what to try; None if nothing is."""
        return None

    def slow_down(self, factor: float = 0.5) -> None:
        """Multiplies every learning rate, after numbers have gone wrong."""
        for optimizer in self.optimizers.values():
            for group in optimizer.param_groups:
                group["lr"] *= factor

    def get_state(self) -> tuple[dict[str, torch.Tensor], dict]:
        """Everything that the next step depends on: tensors by name, and a dict that JSON can hold."""
        tensors = {f"net.{name}": value for name, value in self.state_dict().items() if not self._is_frozen(name)}
        rates = {}
        for name, optimizer in self.optimizers.items():
            state = optimizer.state_dict()
            rates[name] = [group["lr"] for group in state["param_groups"]]
            for i, slots in state["state"].items():
                tensors |= {f"optimizer.{name}.{i}.{slot}": torch.as_tensor(value) for slot, value in slots.items()}
        return tensors, {"rates": rates, "numbers": dict(self.numbers)}

    def set_state(self, tensors: dict[str, torch.Tensor], numbers: dict) -> None:
        """Puts back what `get_state` gave.  Raises KeyError, TypeError, ValueError or RuntimeError where it does not
        fit."""
        if not all(bool(value.isfinite().all()) for value in tensors.values()):
            raise ValueError("it holds values that are no numbers")
        if numbers["numbers"].keys() - self.numbers.keys() or not all(map(is_number, numbers["numbers"].values())):
            raise ValueError("numbers of another objective")
        weights = {name[4:]: value for name, value in tensors.items() if name.startswith("net.")}
        kept = {name: value for name, value in self.state_dict().items() if self._is_frozen(name)}
        self.load_state_dict(weights | kept)
        for name, optimizer in self.optimizers.items():
            state, prefix = optimizer.state_dict(), f"optimizer.{name}."
            shapes = [weight.shape for group in optimizer.param_groups for weight in group["params"]]
            slots: dict[int, dict] = {}
            for key, value in tensors.items():
                if key.startswith(prefix):
                    i, slot = key[len(prefix) :].split(".", 1)
                    if value.ndim and value.shape != shapes[int(i)]:
                        raise ValueError(f"{key} has the wrong shape")
                    slots.setdefault(int(i), {})[slot] = value.clone()
            for group, rate in zip(state["param_groups"], numbers["rates"][name], strict=True):
                if not is_number(rate, 0):
                    raise ValueError("a learning rate that is none")
                group["lr"] = rate
            optimizer.load_state_dict({"state": slots, "param_groups": state["param_groups"]})
        self.numbers |= numbers["numbers"]

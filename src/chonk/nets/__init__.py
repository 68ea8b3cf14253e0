"""The networks.  A new one is a new file here and, if it draws pictures, one line in GENERATORS."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from inspect import signature

import torch
from torch.overrides import TorchFunctionMode

from chonk.nets.base import Generator

GENERATORS = {
    "began": "chonk.nets.began:Generator",
    "collage": "chonk.nets.collage:Generator",
    "mosaic": "chonk.nets.mosaic:Generator",
}
"""Every net that turns latents into pictures, by the name it has in a model's config.json; their protocol is in
`chonk.nets.base`."""
MAX_WORK, MAX_VALUES = 10**13, 1 << 28
"""Multiplications for one picture, and output values of one layer at a time (`work_and_values`)."""


def generator_class(net: str) -> type[Generator]:
    """The class of the generator with that name; raises KeyError for an unknown one."""
    module, name = GENERATORS[net].split(":")
    return getattr(import_module(module), name)


def build_generator(net: str, **options) -> Generator:
    """The generator with that name; raises KeyError for an unknown one and TypeError for unknown options."""
    generator = generator_class(net)
    if unknown := options.keys() - signature(generator).parameters.keys():
        raise TypeError(
            f"this version's {net} has no setting {', '.join(sorted(unknown))}; draw with the chonk that trained it, "
            f"or train again"
        )
    return generator(**options)


class _Unset(TorchFunctionMode):
    """Weights are not drawn: on the meta device there is nothing to fill, and torch would import half a second of
    itself to find out."""

    def __torch_function__(self, function, types, args=(), kwargs=None):
        return (
            args[0] if function in (torch.Tensor.normal_, torch.Tensor.uniform_) else function(*args, **(kwargs or {}))
        )


@contextmanager
def without_memory() -> Iterator[None]:
    """Nets built in it have names and shapes but no weights, however large they are; `load_state_dict(assign=True)`
    gives them some."""
    with torch.device("meta"), _Unset():
        yield


def work_and_values(weights: dict[str, torch.Tensor], size: int) -> tuple[int, int]:
    """An upper bound for one picture of that side: (multiplications, output values of one layer).

    Estimated from the shapes alone, as if every convolution worked at full size, which most do not.  Tensors that are
    not the weights of layers belong to a memory bank, whose places are 8 pixels wide."""
    area = {name: size**2 if weight.ndim == 4 else 1 for name, weight in weights.items()}
    return (
        sum(
            weight.numel() * (area[name] if name.endswith("weight") else -(-area[name] // 64))
            for name, weight in weights.items()
        ),
        max((len(weight) * area[name] for name, weight in weights.items() if weight.ndim), default=1),
    )

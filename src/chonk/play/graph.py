"""A generator as a short list of plain operations: what the browser can run without knowing PyTorch.

The net is traced with torch.fx and every step translated by one of the rules in `chonk.play.rules`.  Whatever does not
depend on the latent is worked out here; batch norms are folded into the convolutions before them, and leaky ReLUs ride
along with the convolution that feeds them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from chonk.errors import ChonkError

TRACED_BATCH = 2
"""Pictures in the traced batch: its dimension is what a reshape must leave alone."""


@dataclass
class Op:
    """One operation: `kind`, the numbers of the values it reads and of the one it makes, its weights and its
    settings."""

    kind: str
    inputs: list[int]
    output: int
    weights: list[int] = field(default_factory=list)
    settings: dict = field(default_factory=dict)


@dataclass
class Sums:
    """How a net makes sums (`chonk.nets.base.Generator.difference`): the value `features` of pictures is what adds up,
    and from `changed`, a value that no operation makes, later operations make the picture `output`."""

    features: int
    changed: int
    output: int
    usual: float
    """The features' standard deviation."""


@dataclass
class Graph:
    """Value 0 is the latent, `ops` make the others in order, `output` is the picture, and `rejection`, if there is one,
    a single number that says how much there is to say against it: nothing where it is 0.

    `shapes[i]` is the shape of value i without the batch: [features] or [channels, height, width].  Where a net has
    `sums`, operations whose values come after `sums.changed` are not for pictures of latents, and read nothing that
    comes before it."""

    ops: list[Op]
    shapes: list[list[int]]
    weights: list[np.ndarray]
    output: int
    rejection: int | None = None
    sums: Sums | None = None

    @property
    def results(self) -> set[int]:
        """The values that somebody asks for."""
        return {self.output, self.rejection, *((self.sums.features, self.sums.output) if self.sums else ())} - {None}


@dataclass(frozen=True)
class Value:
    """A tensor that depends on the latent: its number, and what it is for the traced batch."""

    number: int
    tensor: torch.Tensor


class Builder:
    """What the rules write into."""

    def __init__(self, latent: torch.Tensor) -> None:
        self.graph = Graph([], [list(latent.shape[1:])], [], 0)
        self.latent = Value(0, latent)

    def given(self, values: torch.Tensor) -> Value:
        """A value that no operation makes."""
        self.graph.shapes.append(list(values.shape[1:]))
        return Value(len(self.graph.shapes) - 1, values)

    def weight(self, values: torch.Tensor | np.ndarray) -> int:
        """The number of these weights; equal ones are stored once, so nothing may change them in place."""
        found = np.ascontiguousarray(torch.as_tensor(values).detach().float().numpy())
        for number, stored in enumerate(self.graph.weights):
            if stored.shape == found.shape and (
                stored.ctypes.data == found.ctypes.data or np.array_equal(stored, found)
            ):
                return number
        self.graph.weights.append(found)
        return len(self.graph.weights) - 1

    def op(
        self, kind: str, inputs: list[Value], result: torch.Tensor, weights: list | None = None, **settings
    ) -> Value:
        """Appends an operation whose result on the traced batch is `result`."""
        if result.shape[0] != TRACED_BATCH:
            raise ChonkError(f"the net cannot be exported: {kind} changes the batch dimension")
        value = Value(len(self.graph.shapes), result)
        self.graph.shapes.append(list(result.shape[1:]))
        numbers = [self.weight(w) for w in weights or []]
        self.graph.ops.append(Op(kind, [v.number for v in inputs], value.number, numbers, settings))
        return value

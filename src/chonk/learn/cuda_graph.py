"""A GPU's work, recorded once and replayed with one call from then on: CUDA graphs.

A step of a small net is some thousand small kernels, and launching each takes longer than running it.
What an objective hands to its `record` is a function of tensors and numbers that does the same on every call: no random
numbers, nothing read back, no choice that depends on a tensor.  On a CPU, and where it does not pay, `plain` just calls
it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

WARM = 3
"""Calls before the recording, in which libraries choose their ways and take their memory."""


def plain(function: Callable, *inputs: torch.Tensor | float) -> Any:
    """Calls it."""
    return function(*inputs)


class Recorder:
    """Calls functions as `plain` does, each recorded at its first call for inputs of these shapes.

    `weights` are those whose gradients the functions may leave behind in `.grad`, where optimisers then find them as
    usual. What a call returns is overwritten by the next call of the same function."""

    def __init__(self, weights: Iterable[torch.Tensor]) -> None:
        self.weights = list(weights)
        self.recordings: dict[tuple, Recording] = {}

    def __call__(self, function: Callable, *inputs: torch.Tensor | float) -> Any:
        key = function, *(tuple(value.shape) if isinstance(value, torch.Tensor) else () for value in inputs)
        if key not in self.recordings:
            self.recordings[key] = Recording(function, inputs, self.weights)
        return self.recordings[key].play(inputs)


class Recording:
    """A function's work for inputs of certain shapes."""

    def __init__(self, function: Callable, inputs: tuple, weights: list[torch.Tensor]) -> None:
        self.inputs = [
            value.detach().clone() if isinstance(value, torch.Tensor) else torch.tensor(float(value), device="cuda")
            for value in inputs
        ]
        before = [weight.grad for weight in weights]
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(WARM):
                forget(weights)
                function(*self.inputs)
        torch.cuda.current_stream().wait_stream(stream)
        forget(weights)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.outputs = function(*self.inputs)
        self.gradients = [(weight, weight.grad) for weight in weights if weight.grad is not None]
        forget(weights)
        for weight, gradient in zip(weights, before):
            weight.grad = gradient

    def play(self, inputs: tuple) -> Any:
        """The function's outputs for these inputs, and its gradients."""
        for mine, value in zip(self.inputs, inputs):
            mine.copy_(value) if isinstance(value, torch.Tensor) else mine.fill_(value)
        self.graph.replay()
        for weight, gradient in self.gradients:
            weight.grad = gradient
        return self.outputs


def forget(weights: list[torch.Tensor]) -> None:
    """Their gradients, and the copies in bfloat16 that autocast keeps while its context lasts: a recording must make
    its own."""
    for weight in weights:
        weight.grad = None
    torch.clear_autocast_cache()

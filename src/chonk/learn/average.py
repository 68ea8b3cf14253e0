"""A slow copy of a generator: the average of its recent weights draws better than the last ones."""

from __future__ import annotations

import copy
from typing import Generic, TypeVar

import torch
import torch.nn as nn

Net = TypeVar("Net", bound=nn.Module)


class Average(nn.Module, Generic[Net]):
    """Exponential moving average of a net's weights and statistics (Polyak; Yazici et al. 2019, arXiv:1806.04498).

    w_avg <- w_avg + (1 - d) (w - w_avg), with d = min(decay, (1 + t) / (10 + t)) so that the copy does not hang on to
    the random weights of step t = 0.  Buffers are averaged too: batch statistics belong to the weights."""

    steps: torch.Tensor

    def __init__(self, net: Net, decay: float = 0.999) -> None:
        super().__init__()
        self.net: Net = copy.deepcopy(net).eval().requires_grad_(False)
        self.decay = decay
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    @torch.no_grad()
    def update(self, net: nn.Module) -> None:
        """Takes in the net's present weights."""
        t = int(self.steps)
        share = 1 - min(self.decay, (1 + t) / (10 + t))
        average, current = self.net.state_dict(), net.state_dict()
        floats = [name for name, value in average.items() if value.is_floating_point()]
        torch._foreach_lerp_([average[name] for name in floats], [current[name] for name in floats], share)
        for name in average.keys() - set(floats):
            average[name].copy_(current[name])
        self.steps += 1

"""A net that gives every picture one number: the critic of a Wasserstein GAN."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn as nn

from chonk.nets.began import AutoEncoder


class Critic(AutoEncoder):
    """Pictures N x channels x size x size -> N, unbounded: a linear function of an auto-encoder's code, so that what it
    looks at can be learned by redrawing pictures first.

    Without any normalisation: a penalty on the slope at each picture makes sense only where pictures do not look at
    each other."""

    def __init__(self, size: int, channels: int, hidden: int, *args: Any, **options: Any) -> None:
        super().__init__(size, channels, hidden, *args, **options)
        self.score = nn.Linear(hidden, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.score(self.encode(pictures)).squeeze(1)

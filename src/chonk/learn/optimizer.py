"""What moves weights along their gradients; a plain Adam among it, `learn/muon.py` is another.

Everything that an objective, its checkpoint and the loop ask of an optimiser is as in `torch.optim`, so one from there
does too.  But PyTorch's own load its compiler as soon as the first is made, only to keep it out: a third of the time to
the first step (docs/performance.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch

from chonk.learn.cuda_graph import plain


class Optimizer:
    """Weights and their settings.  A subclass says in `move` how they change, and keeps in `state[weight]` what it
    remembers, by name."""

    counts: tuple[str, ...] = ()
    """Names of what is remembered as one number; all else has the weight's shape."""
    record = staticmethod(plain)
    """As an objective's."""

    def __init__(self, weights: Iterable[torch.Tensor], **settings: Any) -> None:
        self.param_groups: list[dict[str, Any]] = [{"params": list(weights), **settings}]
        self.state: dict[torch.Tensor, dict[str, torch.Tensor]] = {}
        self._hooks: list[Callable[[Optimizer], None]] = []

    def move(self, weights: list[torch.Tensor], gradients: list[torch.Tensor], group: dict) -> None:
        """Changes the weights, at least one; `group` holds the settings."""
        raise NotImplementedError

    @torch.no_grad()
    def step(self) -> None:
        for hook in self._hooks:
            hook(self)
        for group in self.param_groups:
            weights = [weight for weight in group["params"] if weight.grad is not None]
            if weights:
                self.move(weights, [weight.grad for weight in weights], group)

    def zero_grad(self) -> None:
        for group in self.param_groups:
            for weight in group["params"]:
                weight.grad = None

    def register_step_pre_hook(self, hook: Callable[[Optimizer], None]) -> None:
        """`hook(optimizer)` is called before every step."""
        self._hooks.append(hook)

    def slots(self, weights: list[torch.Tensor], name: str) -> list[torch.Tensor]:
        """What is remembered under this name of each weight; zeros at first."""
        for weight in weights:
            if name not in self.state.setdefault(weight, {}):
                self.state[weight][name] = torch.zeros_like(weight)
        return [self.state[weight][name] for weight in weights]

    def state_dict(self) -> dict:
        """{"state": {number of the weight: {name: tensor}}, "param_groups": [the settings]}."""
        state = {i: self.state[weight] for i, weight in enumerate(self._weights()) if weight in self.state}
        return {
            "state": state,
            "param_groups": [
                {name: value for name, value in group.items() if name != "params"} for group in self.param_groups
            ],
        }

    def load_state_dict(self, state: dict) -> None:
        """Takes up what `state_dict` gave, on the device and in the memory order of the weights.  Raises RuntimeError
        where shapes differ."""
        weights = self._weights()
        self.state = {
            weights[i]: {
                name: value.view(()).clone()
                if name in self.counts
                else torch.empty_like(weights[i]).copy_(value.view_as(weights[i]))
                for name, value in slots.items()
            }
            for i, slots in state["state"].items()
        }
        for group, settings in zip(self.param_groups, state["param_groups"], strict=True):
            group |= settings

    def _weights(self) -> list[torch.Tensor]:
        return [weight for group in self.param_groups for weight in group["params"]]


class Adam(Optimizer):
    """A weight moves by the mean of its gradient, in units of the gradient's usual size (Kingma and Ba 2015,
    arXiv:1412.6980, algorithm 1).

    m <- b1 m + (1 - b1) g;  v <- b2 v + (1 - b2) g^2;  W <- W - lr (m / (1 - b1^t)) / ((v / (1 - b2^t))^(1/2) + eps)

    The same bits on a CPU as `torch.optim.Adam`'s, and the same names in a checkpoint."""

    counts = ("step",)

    def __init__(
        self, weights: Iterable[torch.Tensor], lr: float, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8
    ) -> None:
        super().__init__(weights, lr=lr, betas=betas, eps=eps)

    def move(self, weights: list[torch.Tensor], gradients: list[torch.Tensor], group: dict) -> None:
        (beta1, beta2), steps = group["betas"], self._count(weights)
        mean, square = self.slots(weights, "exp_avg"), self.slots(weights, "exp_avg_sq")
        torch._foreach_lerp_(mean, gradients, 1 - beta1)
        torch._foreach_mul_(square, beta2)
        torch._foreach_addcmul_(square, gradients, gradients, 1 - beta2)
        size = torch._foreach_sqrt(square)
        torch._foreach_div_(size, [(1 - beta2**t) ** 0.5 for t in steps])
        torch._foreach_add_(size, group["eps"])
        torch._foreach_addcdiv_(weights, mean, size, [-group["lr"] / (1 - beta1**t) for t in steps])

    def _count(self, weights: list[torch.Tensor]) -> list[float]:
        """How many steps each weight has made, this one included."""
        for weight in weights:
            self.state.setdefault(weight, {}).setdefault("step", torch.zeros(())).add_(1)
        return [self.state[weight]["step"].item() for weight in weights]

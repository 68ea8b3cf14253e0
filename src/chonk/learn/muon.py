"""Muon: momentum whose every step has been made orthogonal (Jordan et al. 2024, "Muon: an optimizer for hidden
layers").

A gradient of a convolution is a matrix (filters x inputs of a filter) with a few large singular values and many small
ones, and plain descent moves along the large ones only.  Here every step moves all directions equally far, which on our
generator leaves a third less error after the same time than the best Adam that was tried (docs/experiments/).
"""

from __future__ import annotations

import torch

from chonk.learn.optimizer import Optimizer

COEFFICIENTS = (3.4445, -4.7750, 2.0315)
"""Of the quintic that takes every singular value in (0, 1] close to 1 in five rounds (Jordan et al.)."""


def orthogonalize(matrix: torch.Tensor, rounds: int = 5) -> torch.Tensor:
    """The matrix with its singular values brought to about 1 (0.7 to 1.2), by Newton and Schulz's iteration.

    rows x columns -> rows x columns, float32 whatever autocast says.  Each round is X <- P X with P = a + b A + c A A
    and A = X X^T, so the next A is P A P, and X itself, the longer side of which may be ten times the other, is needed
    at the beginning and at the end only."""
    a, b, c = COEFFICIENTS
    device = matrix.device.type if torch.amp.is_autocast_available(matrix.device.type) else "cpu"
    with torch.autocast(device, enabled=False):  # products of products would not bear bfloat16
        x = matrix / (matrix.norm() + 1e-7)
        wide = x if x.shape[0] <= x.shape[1] else x.T
        gram, whole = wide @ wide.T, None
        for _ in range(rounds):
            factor = torch.addmm(gram, gram, gram, beta=b, alpha=c)
            factor.diagonal().add_(a)
            gram, whole = factor @ gram @ factor, factor if whole is None else factor @ whole
        wide = whole @ wide
    return wide if x.shape[0] <= x.shape[1] else wide.T


class Muon(Optimizer):
    """For weights of two and more dimensions; biases and scales belong to Adam.

    M <- m M + (1 - m) g;  W <- W - lr max(1, rows / columns)^(1/2) orthogonalize((1 - m) g + m M)

    `lr` is the length of a step in every direction of the matrix: 0.01 to 0.05 is usual."""

    def __init__(self, weights: list[torch.Tensor], lr: float = 0.03, momentum: float = 0.9) -> None:
        super().__init__(weights, lr=lr, momentum=momentum)

    def move(self, weights: list[torch.Tensor], gradients: list[torch.Tensor], group: dict) -> None:
        means, memory = self.slots(weights, "momentum"), group["momentum"]
        torch._foreach_lerp_(means, gradients, 1 - memory)
        directions = self.record(_orthogonal, *torch._foreach_lerp(gradients, means, memory))
        for weight, direction in zip(weights, directions):
            weight.add_(direction, alpha=-group["lr"])


def _orthogonal(*directions: torch.Tensor) -> list[torch.Tensor]:
    """Each direction made orthogonal, as long as Muon's step size has it."""
    return [
        orthogonalize(matrix := direction.flatten(1))
        .mul_(max(1.0, matrix.shape[0] / matrix.shape[1]) ** 0.5)
        .view_as(direction)
        for direction in directions
    ]


def matrices_and_rest(net: torch.nn.Module) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """A net's weights that learn, apart: those that are matrices with more than one row and column, and biases and
    scales."""
    matrices: list[torch.Tensor] = []
    rest: list[torch.Tensor] = []
    for weight in (weight for weight in net.parameters() if weight.requires_grad):
        (matrices if weight.ndim >= 2 and len(weight) > 1 and weight[0].numel() > 1 else rest).append(weight)
    return matrices, rest

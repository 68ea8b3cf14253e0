"""How sums and products are said in the page's graph: of two values, or of one and a constant."""

from __future__ import annotations

import torch

from chonk.play.graph import Builder, Value
from chonk.play.rules.support import constant_map, unsupported


def _per_channel(constant, x: Value) -> torch.Tensor | None:
    """A number, or a tensor with one number per channel, as a vector of x's channels; None for anything else."""
    channels = x.tensor.shape[1]
    constant = torch.as_tensor(constant, dtype=torch.float32)
    if constant.ndim == x.tensor.ndim:
        constant = constant[0] if constant.shape[0] == 1 else None
    if constant is None or (
        constant.ndim and constant.numel() != (constant.shape[0] if constant.ndim == x.tensor.ndim - 1 else 1)
    ):
        return None
    return constant.reshape(-1).expand(channels).clone() if constant.numel() in (1, channels) else None


def add(sign: float = 1.0):
    def rule(b: Builder, result, module, x, y, alpha=1):
        if isinstance(x, Value) and isinstance(y, Value):
            if x.tensor.shape != y.tensor.shape:
                raise unsupported("a sum of different shapes")
            return b.op("mix", [x, y], result, factors=[1.0, sign * alpha])
        value, constant = (x, y) if isinstance(x, Value) else (y, x)
        on_value, on_constant = (1.0, sign * alpha) if value is x else (sign * alpha, 1.0)
        shift = _per_channel(constant, value)
        if shift is None:
            return b.op("mix", [value, constant_map(b, constant, value)], result, factors=[on_value, on_constant])
        return b.op("affine", [value], result, [torch.full_like(shift, on_value), on_constant * shift])

    return rule


def multiply(b: Builder, result, module, x, y):
    if isinstance(x, Value) and isinstance(y, Value):
        if x.tensor.shape != y.tensor.shape:
            raise unsupported("a product of different shapes")
        return b.op("product", [x, y], result)
    value, constant = (x, y) if isinstance(x, Value) else (y, x)
    scale = _per_channel(constant, value)
    if scale is None:
        return b.op("product", [value, constant_map(b, constant, value)], result)
    return b.op("affine", [value], result, [scale, torch.zeros_like(scale)])


def divide(b: Builder, result, module, x, y):
    if isinstance(y, Value):
        raise unsupported("a division by something that depends on the latent")
    return multiply(b, result, module, x, 1 / torch.as_tensor(y))


def negate(b: Builder, result, module, x):
    return multiply(b, result, module, x, -1.0)


def clamp(b: Builder, result, module, x, min=-1.0, max=1.0, inplace=False, *, min_val=None, max_val=None):
    if module is not None:
        min, max = module.min_val, module.max_val
    low, high = min if min_val is None else min_val, max if max_val is None else max_val
    return b.op(
        "clamp", [x], result, low=-3.4e38 if low is None else float(low), high=3.4e38 if high is None else float(high)
    )


def lerp(b: Builder, result, module, x, y, weight):
    """x + weight (y - x), the weight a number or a constant."""
    parts = multiply(b, (1 - weight) * x.tensor, None, x, 1 - weight), multiply(b, weight * y.tensor, None, y, weight)
    return add()(b, result, None, *parts)

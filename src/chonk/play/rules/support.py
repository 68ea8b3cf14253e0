"""What the rules have in common."""

from __future__ import annotations

import torch

from chonk.errors import ChonkError
from chonk.play.graph import Builder, Value


def unsupported(what: str) -> ChonkError:
    return ChonkError(f"the net cannot be exported: {what} has no counterpart on the page (chonk.play.rules)")


def pair(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def constant_map(b: Builder, constant: torch.Tensor, like: Value) -> Value:
    """A constant map as a value of the graph."""
    whole = torch.as_tensor(constant, dtype=torch.float32).expand_as(like.tensor)
    if not torch.equal(whole[0], whole[1]):
        raise unsupported("a constant that differs within a batch")
    return b.op("constant", [], whole, [whole[0]])

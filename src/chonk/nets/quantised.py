"""Weights of few bits, such as the page stores without loss."""

from __future__ import annotations

import torch
import torch.nn.functional as F


def quantised(values: torch.Tensor, levels: int) -> torch.Tensor:
    """Values rounded to whole multiples, -levels to levels, of a scale (fp16) that 32 neighbours of a row share: see
    `chonk.play.packed`."""
    rows = values.reshape(len(values), -1)
    groups = F.pad(rows, (0, -rows.shape[1] % 32)).view(len(rows), -1, 32)
    scale = (groups.abs().amax(2, keepdim=True) / levels).clamp(min=2e-7).half().float()
    rounded = (groups / scale).round().clamp(-levels, levels) * scale
    return rounded.view(len(rows), -1)[:, : rows.shape[1]].reshape(values.shape)

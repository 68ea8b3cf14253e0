"""Two pictures pieced together along a smooth outline (CutMix, Yun et al. 2019, arXiv:1905.04899), as a lesson in
decoding.

A decoder that is only shown whole pictures soon knows by a corner what the rest must be, and fails on mixtures."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from chonk.learn import distributed

SEAM = 2
"""Pixels on each side of a seam between two pictures that the decoder is free to draw as it likes."""


def smooth_masks(count: int, side: int) -> torch.Tensor:
    """Where each of `count` pictures keeps its own pixels, in regions of smooth outline that take half of it in the
    mean: count x 1 x side x side, true or false."""
    return F.interpolate(distributed.randn(count, 1, 3, 3), size=(side, side), mode="bicubic") > 0


def cutmix(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Each picture (or its features) where the mask is true, and elsewhere the other one of its pair: 0 and 1, 2 and 3
    ... of the batch.

    Pairs, so that several processes make of their parts what one makes of the whole (as long as parts are even); the
    last of an odd number stays whole."""
    other = (torch.arange(len(values), device=values.device) ^ 1).clamp(max=len(values) - 1)
    return torch.where(mask, values, values[other])


def interior(mask: torch.Tensor) -> torch.Tensor:
    """1 where only one picture shows in SEAM pixels each way, else 0: nobody knows how two pictures should meet."""
    mask = mask.float()
    return 1 - F.max_pool2d(mask, 2 * SEAM + 1, 1, SEAM) - F.max_pool2d(-mask, 2 * SEAM + 1, 1, SEAM)

"""How changes of shape are said in the page's graph: what moves numbers, and does not compute."""

from __future__ import annotations

import torch

from chonk.play.graph import TRACED_BATCH, Builder, Value
from chonk.play.rules.support import constant_map, unsupported


def concatenate(b: Builder, result, module, tensors, dim=0):
    first = next(t for t in tensors if isinstance(t, Value))
    if dim not in (1, 1 - first.tensor.ndim):
        raise unsupported(f"a concatenation along dimension {dim}")
    values = [
        t if isinstance(t, Value) else constant_map(b, t, Value(-1, t.expand(TRACED_BATCH, *t.shape[1:])))
        for t in tensors
    ]
    return b.op("concat", values, result)


def reshape(b: Builder, result, module, x, *args, **kwargs):
    """Whatever keeps the order of the numbers: view, flatten, unsqueeze, indexing with None..."""
    if result.numel() != x.tensor.numel() or not torch.equal(result.reshape(-1), x.tensor.reshape(-1)):
        raise unsupported("indexing that picks or moves numbers")
    return b.op("reshape", [x], result)


def narrow(b: Builder, result, module, x, dim, start, length):
    """Some of a vector's numbers, one after the other."""
    if x.tensor.ndim != 2 or dim not in (1, -1):
        raise unsupported("a part of anything but a vector")
    return b.op("narrow", [x], result, start=start)


def expand(b: Builder, result, module, x, *args):
    """A 1 x 1 picture spread over a larger one."""
    if result.shape == x.tensor.shape:
        return x
    if x.tensor.ndim != 4 or x.tensor.shape[2:] != (1, 1) or result.shape[:2] != x.tensor.shape[:2]:
        raise unsupported("an expansion of anything but a 1 x 1 picture")
    return b.op("resize", [x], result, mode="nearest")


def interpolate(b: Builder, result, module, x, size=None, scale_factor=None, mode="nearest", align_corners=None, **_):
    if mode not in ("nearest", "bilinear") or align_corners:
        raise unsupported(f"{mode} interpolation")
    return b.op("resize", [x], result, mode=mode)


def pixel_shuffle(b: Builder, result, module, x, factor=None):
    return b.op("pixel_shuffle", [x], result, factor=module.upscale_factor if module is not None else factor)


def pixel_unshuffle(b: Builder, result, module, x, factor=None):
    return b.op("pixel_unshuffle", [x], result, factor=module.downscale_factor if module is not None else factor)


def pad(b: Builder, result, module, x, padding, mode="constant", value=None):
    if mode != "constant" or value or len(padding) != 4 or min(padding) < 0:
        raise unsupported("padding with anything but zeroes on the four sides")
    return b.op("pad", [x], result, padding=list(padding))


def identity(b: Builder, result, module, x, *args, **kwargs):
    return x

"""How a net's layers are said in the page's graph: linear maps, normalisation, activations, attention."""

from __future__ import annotations

import torch
import torch.nn as nn

from chonk.play.graph import Builder, Value
from chonk.play.rules.support import pair, unsupported


def conv2d(b: Builder, result, module, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Stride 1, zero padding, dense or depthwise."""
    if padding == "same":
        padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    padding = (0, 0) if padding == "valid" else pair(padding)
    channels = weight.shape[0]
    if (
        pair(stride) != (1, 1)
        or pair(dilation) != (1, 1)
        or groups not in (1, channels)
        or (groups > 1 and weight.shape[1] != 1)
    ):
        raise unsupported(f"a convolution with stride {stride}, dilation {dilation} and {groups} groups")
    bias = torch.zeros(channels) if bias is None else bias
    dense = groups == 1
    return b.op("conv" if dense else "depthwise", [x], result, [weight, bias], padding=list(padding))


def conv_module(b: Builder, result, m: nn.Conv2d, x):
    if m.padding_mode != "zeros":
        raise unsupported(f"{m.padding_mode} padding")
    return conv2d(b, result, m, x, m.weight, m.bias, m.stride, m.padding, m.dilation, m.groups)


def linear(b: Builder, result, module, x, weight, bias=None):
    if x.tensor.ndim != 2:
        raise unsupported("a linear layer on anything but a vector")
    return b.op("linear", [x], result, [weight, torch.zeros(weight.shape[0]) if bias is None else bias])


def einsum(b: Builder, result, module, equation, x, weight):
    """A linear map of its own at every place; `transposed` where the weights (rows x columns x outputs x inputs) go
    backwards."""
    backwards = {"bdyx,yxnd->bnyx": False, "bnyx,yxnd->bdyx": True}
    if equation not in backwards or isinstance(weight, Value):
        raise unsupported(f"einsum {equation}")
    return b.op("local", [x], result, [weight], transposed=backwards[equation])


def batch_norm(b: Builder, result, m: nn.modules.batchnorm._BatchNorm, x):
    if m.running_mean is None or m.running_var is None:
        raise unsupported("batch normalisation without running statistics")
    scale = torch.rsqrt(m.running_var + m.eps) * (m.weight if m.affine else 1)
    return b.op("affine", [x], result, [scale, (m.bias if m.affine else 0) - m.running_mean * scale])


def activation(kind: str, module_alpha: str | None = None, default: float = 0.0):
    def rule(b: Builder, result, module, x, alpha=default, *args, negative_slope=None, **kwargs):
        if module is not None and module_alpha:
            alpha = getattr(module, module_alpha)
        alpha = alpha if negative_slope is None else negative_slope
        return b.op(kind, [x], result, alpha=float(alpha) if module_alpha else 0.0)

    return rule


def softmax(b: Builder, result, module, x, dim=None, **_):
    dim = module.dim if module is not None else dim
    if dim not in (1, 1 - x.tensor.ndim):
        raise unsupported(f"a softmax over dimension {dim}")
    return b.op("softmax", [x], result)


def attention(b: Builder, result, module, x):
    """The page's softmax leaves out by itself what is negligible."""
    return softmax(b, result, None, x, dim=1)


def normalized(b: Builder, result, module, x):
    return b.op("normalize", [x], result)


def self_attention(b: Builder, result, module, qkv, heads):
    return b.op("self_attention", [qkv], result, heads=heads)


def adaptive_avg_pool2d(b: Builder, result, module, x, size):
    """The mean over a whole map."""
    channels, *sides = x.tensor.shape[1:]
    if pair(size) != (1, 1):
        raise unsupported("a mean over anything but the whole map")
    return conv2d(b, result, None, x, torch.full((channels, 1, *sides), 1 / (sides[0] * sides[1])), groups=channels)


def sharpen(b: Builder, result, module, x, radius, slope):
    """`chonk.nets.finisher.sharpen`, of pictures with alpha."""
    if x.tensor.shape[1] != 4:
        raise unsupported("sharpening of anything but four channels")
    return b.op("sharpen", [x], result, radius=radius, slope=float(slope))

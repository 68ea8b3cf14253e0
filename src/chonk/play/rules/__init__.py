"""How each PyTorch operation is said in the page's graph.  A new one is one function and one line in RULES.

Every rule is called with the builder, the operation's result on the traced batch, the module (None for functions and
methods) and the operation's own arguments, in which tensors that depend on the latent are `Value`s.
"""

from __future__ import annotations

import torch.fx as fx
import torch.nn as nn

from chonk.play.rules import arithmetic, layers, shapes


def rule_name(node: fx.Node, module: nn.Module | None) -> str:
    """The name under which the rule of a traced step is found: the module's class, the function or the method."""
    if module is not None:
        return type(module).__name__
    return node.target if isinstance(node.target, str) else node.target.__name__


_leaky, _elu = layers.activation("leaky_relu", "negative_slope", 0.01), layers.activation("elu", "alpha", 1.0)
_relu, _silu, _tanh, _sigmoid = (layers.activation(kind) for kind in ("leaky_relu", "silu", "tanh", "sigmoid"))

RULES = {
    "Conv2d": layers.conv_module,
    "conv2d": layers.conv2d,
    "Linear": lambda b, result, m, x: layers.linear(b, result, m, x, m.weight, m.bias),
    "linear": layers.linear,
    "einsum": layers.einsum,
    "BatchNorm2d": layers.batch_norm,
    "BatchNorm1d": layers.batch_norm,
    "Upsample": lambda b, result, m, x: shapes.interpolate(b, result, m, x, mode=m.mode, align_corners=m.align_corners),
    "UpsamplingNearest2d": lambda b, result, m, x: shapes.interpolate(b, result, m, x),
    "interpolate": shapes.interpolate,
    "adaptive_avg_pool2d": layers.adaptive_avg_pool2d,
    "PixelShuffle": shapes.pixel_shuffle,
    "pixel_shuffle": shapes.pixel_shuffle,
    "PixelUnshuffle": shapes.pixel_unshuffle,
    "pixel_unshuffle": shapes.pixel_unshuffle,
    "LeakyReLU": _leaky,
    "leaky_relu": _leaky,
    "ELU": _elu,
    "elu": _elu,
    "ReLU": _relu,
    "relu": _relu,
    "SiLU": _silu,
    "silu": _silu,
    "Tanh": _tanh,
    "tanh": _tanh,
    "Sigmoid": _sigmoid,
    "sigmoid": _sigmoid,
    "Hardtanh": arithmetic.clamp,
    "hardtanh": arithmetic.clamp,
    "clamp": arithmetic.clamp,
    "clip": arithmetic.clamp,
    "Softmax": layers.softmax,
    "softmax": layers.softmax,
    "attention": layers.attention,
    "normalized": layers.normalized,
    "self_attention": layers.self_attention,
    "add": arithmetic.add(),
    "iadd": arithmetic.add(),
    "sub": arithmetic.add(-1.0),
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "div": arithmetic.divide,
    "neg": arithmetic.negate,
    "lerp": arithmetic.lerp,
    "cat": shapes.concatenate,
    "concat": shapes.concatenate,
    "view": shapes.reshape,
    "reshape": shapes.reshape,
    "flatten": shapes.reshape,
    "unflatten": shapes.reshape,
    "unsqueeze": shapes.reshape,
    "squeeze": shapes.reshape,
    "Flatten": shapes.reshape,
    "Unflatten": shapes.reshape,
    "getitem": shapes.reshape,
    "view_as": shapes.reshape,
    "narrow": shapes.narrow,
    "expand": shapes.expand,
    "expand_as": shapes.expand,
    "pad": shapes.pad,
    "sharpen": layers.sharpen,
    "Identity": shapes.identity,
    "Dropout": shapes.identity,
    "dropout": shapes.identity,
    "contiguous": shapes.identity,
    "float": shapes.identity,
    "to": shapes.identity,
}
"""Rules by the name `rule_name` gives."""

"""How each PyTorch operation is said in the page's graph.  A new one is one function and one line in RULES.

Every rule is called with the builder, the operation's result on the traced batch, the module (None for functions and
methods) and the operation's own arguments, in which tensors that depend on the latent are `Value`s.
"""

from __future__ import annotations

import torch
import torch.fx as fx
import torch.nn as nn

from chonk.errors import ChonkError
from chonk.play.graph import TRACED_BATCH, Builder, Value


def rule_name(node: fx.Node, module: nn.Module | None) -> str:
    """The name under which the rule of a traced step is found: the module's class, the function or the method."""
    if module is not None:
        return type(module).__name__
    return node.target if isinstance(node.target, str) else node.target.__name__


def _unsupported(what: str) -> ChonkError:
    return ChonkError(f"the net cannot be exported: {what} has no counterpart on the page (chonk.play.rules)")


def _pair(value) -> tuple[int, int]:
    return (value, value) if isinstance(value, int) else tuple(value)


def conv2d(b: Builder, result, module, x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    """Stride 1, zero padding, dense or depthwise."""
    if padding == "same":
        padding = (weight.shape[2] // 2, weight.shape[3] // 2)
    padding = (0, 0) if padding == "valid" else _pair(padding)
    channels = weight.shape[0]
    if (
        _pair(stride) != (1, 1)
        or _pair(dilation) != (1, 1)
        or groups not in (1, channels)
        or (groups > 1 and weight.shape[1] != 1)
    ):
        raise _unsupported(f"a convolution with stride {stride}, dilation {dilation} and {groups} groups")
    bias = torch.zeros(channels) if bias is None else bias
    dense = groups == 1
    return b.op("conv" if dense else "depthwise", [x], result, [weight, bias], padding=list(padding))


def conv_module(b: Builder, result, m: nn.Conv2d, x):
    if m.padding_mode != "zeros":
        raise _unsupported(f"{m.padding_mode} padding")
    return conv2d(b, result, m, x, m.weight, m.bias, m.stride, m.padding, m.dilation, m.groups)


def linear(b: Builder, result, module, x, weight, bias=None):
    if x.tensor.ndim != 2:
        raise _unsupported("a linear layer on anything but a vector")
    return b.op("linear", [x], result, [weight, torch.zeros(weight.shape[0]) if bias is None else bias])


def einsum(b: Builder, result, module, equation, x, weight):
    """A linear map of its own at every place; `transposed` where the weights (rows x columns x outputs x inputs) go
    backwards."""
    backwards = {"bdyx,yxnd->bnyx": False, "bnyx,yxnd->bdyx": True}
    if equation not in backwards or isinstance(weight, Value):
        raise _unsupported(f"einsum {equation}")
    return b.op("local", [x], result, [weight], transposed=backwards[equation])


def batch_norm(b: Builder, result, m: nn.modules.batchnorm._BatchNorm, x):
    if m.running_mean is None or m.running_var is None:
        raise _unsupported("batch normalisation without running statistics")
    scale = torch.rsqrt(m.running_var + m.eps) * (m.weight if m.affine else 1)
    return b.op("affine", [x], result, [scale, (m.bias if m.affine else 0) - m.running_mean * scale])


def interpolate(b: Builder, result, module, x, size=None, scale_factor=None, mode="nearest", align_corners=None, **_):
    if mode not in ("nearest", "bilinear") or align_corners:
        raise _unsupported(f"{mode} interpolation")
    return b.op("resize", [x], result, mode=mode)


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
        raise _unsupported(f"a softmax over dimension {dim}")
    return b.op("softmax", [x], result)


def attention(b: Builder, result, module, x):
    """The page's softmax leaves out by itself what is negligible."""
    return softmax(b, result, None, x, dim=1)


def normalized(b: Builder, result, module, x):
    return b.op("normalize", [x], result)


def self_attention(b: Builder, result, module, qkv, heads):
    return b.op("self_attention", [qkv], result, heads=heads)


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


def _value(b: Builder, constant: torch.Tensor, like: Value) -> Value:
    """A constant map as a value of the graph."""
    whole = torch.as_tensor(constant, dtype=torch.float32).expand_as(like.tensor)
    if not torch.equal(whole[0], whole[1]):
        raise _unsupported("a constant that differs within a batch")
    return b.op("constant", [], whole, [whole[0]])


def add(sign: float = 1.0):
    def rule(b: Builder, result, module, x, y, alpha=1):
        if isinstance(x, Value) and isinstance(y, Value):
            if x.tensor.shape != y.tensor.shape:
                raise _unsupported("a sum of different shapes")
            return b.op("mix", [x, y], result, factors=[1.0, sign * alpha])
        value, constant = (x, y) if isinstance(x, Value) else (y, x)
        on_value, on_constant = (1.0, sign * alpha) if value is x else (sign * alpha, 1.0)
        shift = _per_channel(constant, value)
        if shift is None:
            return b.op("mix", [value, _value(b, constant, value)], result, factors=[on_value, on_constant])
        return b.op("affine", [value], result, [torch.full_like(shift, on_value), on_constant * shift])

    return rule


def multiply(b: Builder, result, module, x, y):
    if isinstance(x, Value) and isinstance(y, Value):
        if x.tensor.shape != y.tensor.shape:
            raise _unsupported("a product of different shapes")
        return b.op("product", [x, y], result)
    value, constant = (x, y) if isinstance(x, Value) else (y, x)
    scale = _per_channel(constant, value)
    if scale is None:
        return b.op("product", [value, _value(b, constant, value)], result)
    return b.op("affine", [value], result, [scale, torch.zeros_like(scale)])


def divide(b: Builder, result, module, x, y):
    if isinstance(y, Value):
        raise _unsupported("a division by something that depends on the latent")
    return multiply(b, result, module, x, 1 / torch.as_tensor(y))


def negate(b: Builder, result, module, x):
    return multiply(b, result, module, x, -1.0)


def concatenate(b: Builder, result, module, tensors, dim=0):
    first = next(t for t in tensors if isinstance(t, Value))
    if dim not in (1, 1 - first.tensor.ndim):
        raise _unsupported(f"a concatenation along dimension {dim}")
    values = [
        t if isinstance(t, Value) else _value(b, t, Value(-1, t.expand(TRACED_BATCH, *t.shape[1:]))) for t in tensors
    ]
    return b.op("concat", values, result)


def reshape(b: Builder, result, module, x, *args, **kwargs):
    """Whatever keeps the order of the numbers: view, flatten, unsqueeze, indexing with None..."""
    if result.numel() != x.tensor.numel() or not torch.equal(result.reshape(-1), x.tensor.reshape(-1)):
        raise _unsupported("indexing that picks or moves numbers")
    return b.op("reshape", [x], result)


def narrow(b: Builder, result, module, x, dim, start, length):
    """Some of a vector's numbers, one after the other."""
    if x.tensor.ndim != 2 or dim not in (1, -1):
        raise _unsupported("a part of anything but a vector")
    return b.op("narrow", [x], result, start=start)


def expand(b: Builder, result, module, x, *args):
    """A 1 x 1 picture spread over a larger one."""
    if result.shape == x.tensor.shape:
        return x
    if x.tensor.ndim != 4 or x.tensor.shape[2:] != (1, 1) or result.shape[:2] != x.tensor.shape[:2]:
        raise _unsupported("an expansion of anything but a 1 x 1 picture")
    return b.op("resize", [x], result, mode="nearest")


def adaptive_avg_pool2d(b: Builder, result, module, x, size):
    """The mean over a whole map."""
    channels, *sides = x.tensor.shape[1:]
    if _pair(size) != (1, 1):
        raise _unsupported("a mean over anything but the whole map")
    return conv2d(b, result, None, x, torch.full((channels, 1, *sides), 1 / (sides[0] * sides[1])), groups=channels)


def sharpen(b: Builder, result, module, x, radius, slope):
    """`chonk.nets.finisher.sharpen`, of pictures with alpha."""
    if x.tensor.shape[1] != 4:
        raise _unsupported("sharpening of anything but four channels")
    return b.op("sharpen", [x], result, radius=radius, slope=float(slope))


def pixel_shuffle(b: Builder, result, module, x, factor=None):
    return b.op("pixel_shuffle", [x], result, factor=module.upscale_factor if module is not None else factor)


def pixel_unshuffle(b: Builder, result, module, x, factor=None):
    return b.op("pixel_unshuffle", [x], result, factor=module.downscale_factor if module is not None else factor)


def pad(b: Builder, result, module, x, padding, mode="constant", value=None):
    if mode != "constant" or value or len(padding) != 4 or min(padding) < 0:
        raise _unsupported("padding with anything but zeroes on the four sides")
    return b.op("pad", [x], result, padding=list(padding))


def clamp(b: Builder, result, module, x, min=-1.0, max=1.0, inplace=False, *, min_val=None, max_val=None):
    if module is not None:
        min, max = module.min_val, module.max_val
    low, high = min if min_val is None else min_val, max if max_val is None else max_val
    return b.op(
        "clamp", [x], result, low=-3.4e38 if low is None else float(low), high=3.4e38 if high is None else float(high)
    )


def identity(b: Builder, result, module, x, *args, **kwargs):
    return x


_leaky, _elu = activation("leaky_relu", "negative_slope", 0.01), activation("elu", "alpha", 1.0)
_relu, _silu, _tanh, _sigmoid = (activation(kind) for kind in ("leaky_relu", "silu", "tanh", "sigmoid"))

RULES = {
    "Conv2d": conv_module,
    "conv2d": conv2d,
    "Linear": lambda b, result, m, x: linear(b, result, m, x, m.weight, m.bias),
    "linear": linear,
    "einsum": einsum,
    "BatchNorm2d": batch_norm,
    "BatchNorm1d": batch_norm,
    "Upsample": lambda b, result, m, x: interpolate(b, result, m, x, mode=m.mode, align_corners=m.align_corners),
    "UpsamplingNearest2d": lambda b, result, m, x: interpolate(b, result, m, x),
    "interpolate": interpolate,
    "adaptive_avg_pool2d": adaptive_avg_pool2d,
    "PixelShuffle": pixel_shuffle,
    "pixel_shuffle": pixel_shuffle,
    "PixelUnshuffle": pixel_unshuffle,
    "pixel_unshuffle": pixel_unshuffle,
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
    "Hardtanh": clamp,
    "hardtanh": clamp,
    "clamp": clamp,
    "clip": clamp,
    "Softmax": softmax,
    "softmax": softmax,
    "attention": attention,
    "normalized": normalized,
    "self_attention": self_attention,
    "add": add(),
    "iadd": add(),
    "sub": add(-1.0),
    "mul": multiply,
    "truediv": divide,
    "div": divide,
    "neg": negate,
    "lerp": lambda b, result, m, x, y, w: add()(
        b, result, m, multiply(b, (1 - w) * x.tensor, m, x, 1 - w), multiply(b, w * y.tensor, m, y, w)
    ),
    "cat": concatenate,
    "concat": concatenate,
    "view": reshape,
    "reshape": reshape,
    "flatten": reshape,
    "unflatten": reshape,
    "unsqueeze": reshape,
    "squeeze": reshape,
    "Flatten": reshape,
    "Unflatten": reshape,
    "getitem": reshape,
    "view_as": reshape,
    "narrow": narrow,
    "expand": expand,
    "expand_as": expand,
    "pad": pad,
    "sharpen": sharpen,
    "Identity": identity,
    "Dropout": identity,
    "dropout": identity,
    "contiguous": identity,
    "float": identity,
    "to": identity,
}
"""Rules by the name `rule_name` gives."""

"""What each operation of the page's graph means, in PyTorch: the oracle for the export and for the browser's
kernels."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from chonk.nets.finisher import sharpen
from chonk.nets.refiner import normalized, self_attention
from chonk.play.graph import Graph, Op


def run(graph: Graph, z: np.ndarray, result: int | None = None) -> np.ndarray:
    """Latents N x latent_dim -> the graph's output, N x C x H x W float32, or another value of it."""
    return run_from(graph, 0, z, graph.output if result is None else result)


def redraw(graph: Graph, features: np.ndarray) -> np.ndarray:
    """Features to which changes were added -> pictures N x C x H x W float32, for a graph with sums."""
    if graph.sums is None:
        raise ValueError("a graph without sums")
    return run_from(graph, graph.sums.changed, features, graph.sums.output)


@torch.inference_mode()
def run_from(graph: Graph, first: int, given: np.ndarray, result: int) -> np.ndarray:
    """One value of a graph, of another one, `first`, that is given."""
    weights = [torch.from_numpy(np.array(w)) for w in graph.weights]
    values = {first: torch.from_numpy(np.asarray(given, np.float32))}
    for op in graph.ops:
        if first < op.output <= result:
            values[op.output] = _apply(
                op,
                [values[i] for i in op.inputs],
                [weights[w] for w in op.weights],
                (len(given), *graph.shapes[op.output]),
            )
    return values[result].numpy()


def _apply(op: Op, inputs: list[torch.Tensor], weights: list[torch.Tensor], shape: tuple[int, ...]) -> torch.Tensor:
    s = op.settings
    x = inputs[0] if inputs else torch.empty(0)
    match op.kind:
        case "conv" | "depthwise" | "linear":
            if op.kind == "linear":
                y = F.linear(x, *weights)
            else:
                weight, bias = weights
                groups = 1 if op.kind == "conv" else shape[1]
                y = F.conv2d(x, weight, bias, padding=s["padding"], groups=groups)
            return F.leaky_relu(y, s["slope"]) if "slope" in s else y
        case "local":
            return torch.einsum("bnyx,yxnd->bdyx" if s["transposed"] else "bdyx,yxnd->bnyx", x, weights[0])
        case "leaky_relu":
            return F.leaky_relu(x, s["alpha"])
        case "elu":
            return F.elu(x, s["alpha"])
        case "silu":
            return F.silu(x)
        case "tanh":
            return torch.tanh(x)
        case "sigmoid":
            return torch.sigmoid(x)
        case "clamp":
            return x.clamp(s["low"], s["high"])
        case "softmax":
            return torch.softmax(x, 1)
        case "normalize":
            return normalized(x)
        case "self_attention":
            return self_attention(x, s["heads"])
        case "affine":
            scale, shift = (w.reshape(-1, *[1] * (x.ndim - 2)) for w in weights)
            return x * scale + shift
        case "mix":
            return sum(factor * value for factor, value in zip(s["factors"], inputs))
        case "product":
            return x * inputs[1]
        case "constant":
            return weights[0].expand(shape)
        case "concat":
            return torch.cat(inputs, 1)
        case "reshape":
            return x.reshape(shape)
        case "narrow":
            return x[:, s["start"] : s["start"] + shape[1]]
        case "resize":
            return F.interpolate(x, size=shape[2:], mode=s["mode"])
        case "pixel_shuffle":
            return F.pixel_shuffle(x, s["factor"])
        case "pixel_unshuffle":
            return F.pixel_unshuffle(x, s["factor"])
        case "sharpen":
            return sharpen(x, s["radius"], s["slope"])
        case "pad":
            return F.pad(x, s["padding"])
    raise ValueError(f"unknown operation {op.kind!r}")

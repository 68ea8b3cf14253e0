"""A generator as the operations that the page knows: torch.fx traces it, and each step is translated by its rule."""

from __future__ import annotations

from typing import Any

import torch
import torch.fx as fx
import torch.nn as nn

from chonk.errors import ChonkError
from chonk.nets.base import Generator
from chonk.play.graph import TRACED_BATCH, Builder, Graph, Op, Sums, Value
from chonk.play.rules import RULES, rule_name


def lower(generator: nn.Module, latent_dim: int) -> Graph:
    """Translates a generator (N x latent_dim -> N x C x S x S), and where it has them its rejection score and how it
    makes sums.  Raises ChonkError naming the operation it cannot translate."""
    generator = generator.eval()
    random = torch.Generator().manual_seed(0)
    builder = Builder(torch.randn(TRACED_BATCH, latent_dim, generator=random))
    net = _Sampling(generator) if isinstance(generator, Generator) else generator
    pictures, features, score = translate(net, builder.latent, builder)
    graph = builder.graph
    graph.output, graph.rejection = pictures.number, score.number if score else None
    if features and isinstance(generator, Generator):
        changed = builder.given(features.tensor)
        output, *_ = translate(_Decoding(generator), changed, builder)
        graph.sums = Sums(features.number, changed.number, output.number, generator.feature_std)
    return tidy(graph)


class _Sampling(nn.Module):
    """All that a generator makes of latents, as torch.fx wants it."""

    def __init__(self, generator: Generator) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: torch.Tensor) -> tuple:
        return tuple(self.generator.sample(z))  # plain, for torch.fx would record the making of a named one


class _Decoding(_Sampling):
    """The pictures of features to which differences were added."""

    def forward(self, features: torch.Tensor) -> tuple:
        return (self.generator.decode(self.generator.project(features)),)


def translate(module: nn.Module, given: Value, builder: Builder) -> tuple[Value, Value | None, Value | None]:
    """Appends what a module does with a value; returns the sample that it gives back (`chonk.nets.base.Sample`), of
    values instead of tensors."""
    try:
        traced = fx.symbolic_trace(module)
    except Exception as error:
        raise ChonkError(
            f"the net cannot be exported: torch.fx cannot trace it ({str(error).splitlines()[0]})"
        ) from error
    results: dict[fx.Node, Any] = {}
    with torch.no_grad():
        for node in traced.graph.nodes:
            if node.op == "placeholder":
                results[node] = given
            elif node.op == "get_attr":
                results[node] = _attribute(traced, node.target)
            elif node.op != "output":
                results[node] = _step(traced, node, results, builder)
    found: Any = fx.node.map_arg(node.args[0], results.__getitem__)
    values = (*found, None, None)[:3] if isinstance(found, tuple) else (found, None, None)
    if not all(isinstance(value, Value) for value in values if value is not None):
        raise ChonkError("the net cannot be exported: its result is not one tensor that depends on the latent")
    return values


def _step(traced: fx.GraphModule, node: fx.Node, results: dict[fx.Node, Any], builder: Builder) -> Any:
    args: Any = fx.node.map_arg(node.args, results.__getitem__)
    kwargs: Any = fx.node.map_arg(node.kwargs, results.__getitem__)
    module = traced.get_submodule(str(node.target)) if node.op == "call_module" else None
    result = _evaluate(node, module, _plain(args), _plain(kwargs))
    if not isinstance(result, torch.Tensor) or not _depends(args, kwargs):
        return result
    name = rule_name(node, module)
    if name not in RULES:
        raise ChonkError(f"the net cannot be exported: no rule for {name} (chonk.play.rules)")
    return RULES[name](builder, result, module, *args, **kwargs)


def _evaluate(node: fx.Node, module: nn.Module | None, args, kwargs) -> Any:
    if module is not None:
        return module(*args, **kwargs)
    if node.op == "call_method":
        return getattr(args[0], str(node.target))(*args[1:], **kwargs)
    if not callable(node.target):
        raise ChonkError(f"the net cannot be exported: {node.target} is no function")
    return node.target(*args, **kwargs)


def _plain(thing):
    """The same arguments with tensors for values."""
    if isinstance(thing, Value):
        return thing.tensor
    if isinstance(thing, (tuple, list)):
        return type(thing)(_plain(x) for x in thing)
    if isinstance(thing, dict):
        return {key: _plain(x) for key, x in thing.items()}
    return thing


def _depends(*things) -> bool:
    return any(
        isinstance(x, Value)
        or (isinstance(x, (tuple, list)) and _depends(*x))
        or (isinstance(x, dict) and _depends(*x.values()))
        for x in things
    )


def _attribute(module: nn.Module, path: str) -> object:
    for name in path.split("."):
        module = getattr(module, name)
    return module


def tidy(graph: Graph, *others: int) -> Graph:
    """Drops what neither the results nor `others`, further values, need, and joins leaky ReLUs and scales with the
    operation that feeds them."""
    graph.ops = _join(graph)
    needed, kept = {*graph.results, *others}, []
    for op in reversed(graph.ops):
        if op.output in needed:
            needed.update(op.inputs)
            kept.append(op)
    graph.ops = kept[::-1]
    used = sorted({w for op in graph.ops for w in op.weights})
    for op in graph.ops:
        op.weights = [used.index(w) for w in op.weights]
    graph.weights = [graph.weights[w] for w in used]
    return graph


def _join(graph: Graph) -> list[Op]:
    readers = {value: [op for op in graph.ops if value in op.inputs] for value in range(len(graph.shapes))}
    maker = {op.output: op for op in graph.ops}
    scaled: dict[tuple[int, ...], list[int]] = {}
    for op in graph.ops:
        before = maker.get(op.inputs[0]) if op.inputs else None
        if op.kind == "mix":
            _absorb_scales(op, maker, readers, graph)
            continue
        if (
            before is None
            or readers[before.output] != [op]
            or before.output in graph.results
            or before.kind not in ("conv", "depthwise", "linear")
            or "slope" in before.settings
        ):
            continue
        if op.kind == "leaky_relu":
            before.settings["slope"] = op.settings["alpha"]
        elif op.kind == "affine":
            key = (*before.weights, *op.weights)
            if key not in scaled:  # not in place: the layer may be used elsewhere
                weight, bias, scale, shift = (graph.weights[w] for w in key)
                graph.weights += [weight * scale.reshape(-1, *[1] * (weight.ndim - 1)), bias * scale + shift]
                scaled[key] = [len(graph.weights) - 2, len(graph.weights) - 1]
            before.weights = list(scaled[key])
        else:
            continue
        before.output = op.output
        maker[op.output] = before
        op.output = -1
    return [op for op in graph.ops if op.output >= 0]


def _absorb_scales(op: Op, maker: dict[int, Op], readers: dict[int, list[Op]], graph: Graph) -> None:
    """(s x) + y becomes one weighted sum: the vanishing residuals' carry is made of these."""
    for i, value in enumerate(op.inputs):
        before = maker.get(value)
        if before is not None and before.kind == "affine" and readers[value] == [op]:
            scale, shift = (graph.weights[w] for w in before.weights)
            if not shift.any() and (scale == scale[0]).all():
                op.settings["factors"][i] *= float(scale[0])
                op.inputs[i] = before.inputs[0]
                readers[before.inputs[0]].append(op)
    for i in (1, 0):
        if len(op.inputs) == 2 and op.settings["factors"][i] == 0:
            del op.inputs[i], op.settings["factors"][i]

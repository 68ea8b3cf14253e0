"""The page's model file: 8 bytes "chonkpg1", the header's length (uint32, little endian), the header (JSON), the weights.

The header holds what the page must know to draw (`format`, sizes, `ops`, `shapes`, `tensors`) and to tell (`title`,
`truncation`, `error`).  `tensors[i]` is {"shape", "type": "int8" | "fp16" | "fp32", "offset"}, offsets in bytes from the
end of the header.  In an int8 tensor every 32 weights of an output channel (the last ones may be fewer) share a scale:
first come all scales as fp16, channel by channel, then the numbers.  PyTorch's order throughout.
"""
from __future__ import annotations

import json
import struct

import numpy as np

from chonk.play.graph import Graph, Op

MAGIC = b"chonkpg1"
FORMAT = 1
GROUP = 32


def quantise(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric 8-bit integers: scales (output channels x groups of 32 weights, fp16) and numbers (weight's shape)."""
    rows = weight.reshape(weight.shape[0], -1)
    starts = np.arange(0, rows.shape[1], GROUP)
    scales = np.maximum(np.maximum.reduceat(np.abs(rows), starts, axis=1) / 127, 2e-7).astype(np.float16)
    numbers = np.clip(np.rint(rows / _spread(scales, rows.shape[1])), -127, 127).astype(np.int8)
    return scales, numbers.reshape(weight.shape)


def _spread(scales: np.ndarray, length: int) -> np.ndarray:
    """Every weight's scale: channels x groups -> channels x length."""
    return np.repeat(scales.astype(np.float32), GROUP, axis=1)[:, :length]


def pack(graph: Graph, precision: str, header: dict, exact: frozenset[int] = frozenset()) -> bytes:
    """A graph as the file's bytes.

    `precision` is "int8", "fp16" or "fp32"; with "int8" biases and the like, and the weights numbered in `exact`, are fp16."""
    tensors, blob = [], bytearray()
    for number, weight in enumerate(graph.weights):
        kind = "fp16" if precision == "int8" and (weight.ndim == 1 or number in exact) else precision
        blob += b"\0" * (-len(blob) % 4)
        tensors.append({"shape": list(weight.shape), "type": kind, "offset": len(blob)})
        if kind == "int8":
            scales, numbers = quantise(weight)
            blob += scales.astype("<f2").tobytes() + numbers.tobytes()
        else:
            blob += weight.astype({"fp16": "<f2", "fp32": "<f4"}[kind]).tobytes()
    ops = [{"op": op.kind, "in": op.inputs, "out": op.output, **({"w": op.weights} if op.weights else {}), **op.settings}
           for op in graph.ops]
    whole = {"format": FORMAT, **header, "ops": ops, "shapes": graph.shapes, "output": graph.output, "tensors": tensors}
    text = json.dumps(whole, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + len(MAGIC) + 4) % 16)
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(blob)


def unpack(data: bytes) -> tuple[Graph, dict]:
    """The graph as the page will see it (weights rounded as stored), and the header.  For files made by `pack`."""
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    start = len(MAGIC) + 4 + length
    header = json.loads(data[len(MAGIC) + 4:start])
    weights = []
    for tensor in header["tensors"]:
        at, count = start + tensor["offset"], int(np.prod(tensor["shape"]))
        if tensor["type"] == "int8":
            channels = tensor["shape"][0]
            row = count // channels
            scales = np.frombuffer(data, "<f2", channels * -(-row // GROUP), at).reshape(channels, -1)
            numbers = np.frombuffer(data, np.int8, count, at + scales.nbytes).astype(np.float32)
            weights.append((numbers.reshape(channels, row) * _spread(scales, row)).reshape(tensor["shape"]))
        else:
            kind = {"fp16": "<f2", "fp32": "<f4"}[tensor["type"]]
            weights.append(np.frombuffer(data, kind, count, at).astype(np.float32).reshape(tensor["shape"]))
    fixed = ("op", "in", "out", "w")
    ops = [Op(op["op"], op["in"], op["out"], op.get("w", []), {k: v for k, v in op.items() if k not in fixed})
           for op in header["ops"]]
    return Graph(ops, header["shapes"], weights, header["output"]), header

"""The page's model file: 8 bytes "chonkpg1", the header's length (uint32, little endian), the header (JSON), the
weights.

All of it is gzipped: a sixth less, and hosts send files of an unknown kind as they are.

The header holds what the page must know to draw (`format`, sizes, `ops`, `shapes`, `tensors`, `output` and, where there
are any, `rejection`, `sums` and `pool`; `tries` where it is another number than usual, and `blends`: "features" where
what lies between pictures is made of means of features and not of latents) and to tell (`title`, `truncation`,
`error`).
`tensors[i]` is {"shape", "type": "int4" | "int6" | "int8" | "fp16" | "fp32", "offset"}, offsets in bytes from the
end of the header.  In an int8 tensor every 32 weights of an output channel (the last ones may be fewer) share a
scale: first come all scales as fp16, channel by channel, then the numbers.  An int6 tensor is the same with numbers
from -31 to 31, to which 32 is added; four of them make three bytes, the first one in the lowest bits.  In an int4
tensor numbers go from -7 to 7, 8 is added, and two make a byte.  Weights that four or six bits hold without loss
are always stored so.  PyTorch's order throughout.
"""

from __future__ import annotations

import gzip
import json
import struct
from dataclasses import asdict

import numpy as np

from chonk.play.graph import Graph, Op, Sums

MAGIC = b"chonkpg1"
FORMAT = 1
GROUP = 32
MAX_LEVEL = {"int8": 127, "int6": 31, "int4": 7}


def quantise(weight: np.ndarray, levels: int = 127) -> tuple[np.ndarray, np.ndarray]:
    """Whole numbers from -most to most: scales (output channels x groups of 32 weights, fp16) and numbers (weight's
    shape)."""
    rows = weight.reshape(weight.shape[0], -1)
    starts = np.arange(0, rows.shape[1], GROUP)
    scales = np.maximum(np.maximum.reduceat(np.abs(rows), starts, axis=1) / levels, 2e-7).astype(np.float16)
    numbers = np.clip(np.rint(rows / _expand(scales, rows.shape[1])), -levels, levels).astype(np.int8)
    return scales, numbers.reshape(weight.shape)


def _expand(scales: np.ndarray, length: int) -> np.ndarray:
    """Every weight's scale: channels x groups -> channels x length."""
    return np.repeat(scales.astype(np.float32), GROUP, axis=1)[:, :length]


def pack_bits(numbers: np.ndarray, kind: str) -> bytes:
    """The numbers of an int4, int6 or int8 tensor as bytes."""
    if kind == "int8":
        return numbers.tobytes()
    if kind == "int4":
        flat = np.append(numbers.reshape(-1), np.zeros(numbers.size % 2, np.int8)).astype(np.uint8) + 8 & 15
        return (flat[::2] | flat[1::2] << 4).tobytes()
    flat = np.zeros(-(-numbers.size // 4) * 4, np.uint32)
    flat[: numbers.size] = numbers.reshape(-1).astype(np.int32) + 32
    words = sum(flat[k::4] << (6 * k) for k in range(4))
    return np.stack([words >> shift & 255 for shift in (0, 8, 16)], 1).astype(np.uint8).tobytes()


def unpack_bits(data: bytes, count: int, at: int, kind: str) -> np.ndarray:
    """The `count` numbers that `pack_bits` wrote at a place."""
    if kind == "int8":
        return np.frombuffer(data, np.int8, count, at)
    if kind == "int4":
        pairs = np.frombuffer(data, np.uint8, -(-count // 2), at).astype(np.int8)
        return (np.stack([pairs & 15, pairs >> 4 & 15], 1).reshape(-1)[:count] - 8).astype(np.int8)
    triples = np.frombuffer(data, np.uint8, -(-count // 4) * 3, at).reshape(-1, 3).astype(np.int32)
    words = triples[:, 0] | triples[:, 1] << 8 | triples[:, 2] << 16
    return (np.stack([words >> (6 * k) & 63 for k in range(4)], 1).reshape(-1)[:count] - 32).astype(np.int8)


def _fits(weight: np.ndarray, kind: str) -> bool:
    """Whether so few bits a number hold these weights exactly."""
    if weight.ndim == 1:
        return False
    scales, numbers = quantise(weight, MAX_LEVEL[kind])
    return np.array_equal(
        numbers.reshape(len(weight), -1) * _expand(scales, weight[0].size), weight.reshape(len(weight), -1)
    )


def pack(graph: Graph, precision: str, header: dict, exact: frozenset[int] = frozenset()) -> bytes:
    """A graph as the file's bytes.

    `precision` is "int6", "int8", "fp16" or "fp32"; with the first two biases and the like, and the weights numbered in
    `exact`, are fp16."""
    tensors, blob = [], bytearray()
    for number, weight in enumerate(graph.weights):
        wanted = "fp16" if precision in MAX_LEVEL and (weight.ndim == 1 or number in exact) else precision
        kind = next((kind for kind in ("int4", "int6") if _fits(weight, kind)), wanted)
        blob += b"\0" * (-len(blob) % 4)
        tensors.append({"shape": list(weight.shape), "type": kind, "offset": len(blob)})
        if kind in MAX_LEVEL:
            scales, numbers = quantise(weight, MAX_LEVEL[kind])
            blob += scales.astype("<f2").tobytes() + pack_bits(numbers, kind)
        else:
            blob += weight.astype({"fp16": "<f2", "fp32": "<f4"}[kind]).tobytes()
    ops = [
        {"op": op.kind, "in": op.inputs, "out": op.output, **({"w": op.weights} if op.weights else {}), **op.settings}
        for op in graph.ops
    ]
    whole = {
        "format": FORMAT,
        **header,
        "ops": ops,
        "shapes": graph.shapes,
        "output": graph.output,
        **({} if graph.rejection is None else {"rejection": graph.rejection}),
        **({} if graph.sums is None else {"sums": asdict(graph.sums)}),
        "tensors": tensors,
    }
    text = json.dumps(whole, separators=(",", ":")).encode()
    text += b" " * (-(len(text) + len(MAGIC) + 4) % 16)
    return MAGIC + struct.pack("<I", len(text)) + text + bytes(blob)


def unpack(data: bytes) -> tuple[Graph, dict]:
    """The graph as the page will see it (weights rounded as stored), and the header.  For what `pack` made, gzipped or
    not."""
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    (length,) = struct.unpack_from("<I", data, len(MAGIC))
    start = len(MAGIC) + 4 + length
    header = json.loads(data[len(MAGIC) + 4 : start])
    weights = []
    for tensor in header["tensors"]:
        at, count = start + tensor["offset"], int(np.prod(tensor["shape"]))
        if tensor["type"] in MAX_LEVEL:
            channels = tensor["shape"][0]
            row = count // channels
            scales = np.frombuffer(data, "<f2", channels * -(-row // GROUP), at).reshape(channels, -1)
            numbers = unpack_bits(data, count, at + scales.nbytes, tensor["type"])
            weights.append(
                (numbers.astype(np.float32).reshape(channels, row) * _expand(scales, row)).reshape(tensor["shape"])
            )
        else:
            kind = {"fp16": "<f2", "fp32": "<f4"}[tensor["type"]]
            weights.append(np.frombuffer(data, kind, count, at).astype(np.float32).reshape(tensor["shape"]))
    fixed = ("op", "in", "out", "w")
    ops = [
        Op(op["op"], op["in"], op["out"], op.get("w", []), {k: v for k, v in op.items() if k not in fixed})
        for op in header["ops"]
    ]
    sums = Sums(**header["sums"]) if "sums" in header else None
    rejection = header.get("rejection", header.get("doubt"))  # its name in files of version 0.1
    return Graph(ops, header["shapes"], weights, header["output"], rejection, sums), header

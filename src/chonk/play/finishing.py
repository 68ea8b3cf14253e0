"""The finishing stage as the page loads it: finisher.bin, which lies in the package, so that a page needs no PyTorch.

    python -m chonk.play.finishing        (after `python -m chonk.learn.finisher`)

It is a model file (`chonk.play.packed`) whose value 0 is a picture of 64 x 64 in place of a latent, written down for
that side; for another even side the page works out the shapes, all of which grow alike.  `four` in its header is the
value at four times the side, `output` that at eight times.
"""

from __future__ import annotations

import gzip
from pathlib import Path

import torch
import torch.nn as nn

from chonk.nets.finisher import Finisher, load_finisher
from chonk.play.graph import TRACED_BATCH, Builder
from chonk.play.lowering import tidy, translate
from chonk.play.packed import pack

FILE = Path(__file__).with_name("finisher.bin")
SIDE = 64


class _Both(nn.Module):
    """Pictures at eight and at four times their side, as torch.fx wants it."""

    def __init__(self, net: Finisher) -> None:
        super().__init__()
        self.net = net

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.net.both(pictures)


def packed_finisher(net: Finisher | None = None) -> bytes:
    """The file's bytes, of the package's finishing stage or of another one."""
    builder = Builder(torch.randn(TRACED_BATCH, 4, SIDE, SIDE))
    eight, four, _ = translate(_Both(net or load_finisher()), builder.latent, builder)
    assert four is not None, "the net gives both"
    builder.graph.output = eight.number
    graph = tidy(builder.graph, four.number)
    header = {"title": "finishing stage", "size": 8 * SIDE, "channels": 4, "latent_dim": 4 * SIDE**2}
    header |= {"latent_kind": "normal", "truncation": 1.0, "precision": "int8", "error": {"mean": 0, "max": 0}}
    # How a pixel differs from its neighbours must be nothing where it does not, which few bits would not keep.
    exact = frozenset(weight for op in graph.ops if op.kind == "depthwise" for weight in op.weights)
    return gzip.compress(pack(graph, "int8", header | {"four": four.number}, exact), mtime=0)


if __name__ == "__main__":
    FILE.write_bytes(packed_finisher())

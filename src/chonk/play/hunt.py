"""Sticker Hunt's files of a page: the recognizer as the browser runs it, and the sheet of the hidden stickers."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import torch
import torch.nn as nn
from PIL import Image

from chonk.hidden import Hidden
from chonk.nets.recognizer import CROP, Recognizer
from chonk.pixels import Pictures
from chonk.play import packed
from chonk.play.graph import TRACED_BATCH, Builder, Graph
from chonk.play.lowering import tidy, translate

COLUMNS, MAX_SIDE = 6, 128
"""Of the sheet."""
NOMINAL = (80, 104)
"""A frame for which shapes are written down; the page works them out for its camera's."""

RecognizerTrainer = Callable[[Hidden], tuple[Recognizer, dict]]
"""Hidden stickers -> a recognizer of them, and how the page is to search frames with it.  The caller passes
it in."""


def write_hunt(folder: Path, base: str, stickers: Hidden, train_recognizer: RecognizerTrainer) -> dict:
    """Writes both files into a model's folder; returns their entry in the page's data."""
    net, search = train_recognizer(stickers)
    data = recognizer_file(net, search)
    digest = hashlib.sha256(data).hexdigest()
    file, sheet_file = f"hunt.{digest[:8]}.bin", f"stickers.{digest[:8]}.webp"
    (folder / file).write_bytes(data)
    side = min(MAX_SIDE, stickers.stickers[0].width)
    (folder / sheet_file).write_bytes(sheet(stickers.stickers, side))
    return {
        "file": f"{base}/{file}", "bytes": len(data), "sha256": digest, "sheet": f"{base}/{sheet_file}",
        "stickers": len(stickers.stickers), "columns": COLUMNS, "side": side,
    }  # fmt: skip


def recognizer_file(net: Recognizer, search: dict) -> bytes:
    """The recognizer in the page's format (`chonk.play.packed`), weights in 8 bits, gzipped.

    One graph holds both nets: value 0 is a copy of a frame and `found` what the finder makes of it; `crop` is a value
    that no operation makes, and `names` what the namer makes of that."""
    finder, namer = _lowered(net.finder, (3, *NOMINAL)), _lowered(net.namer, (3, CROP, CROP))
    crop, first_weight = len(finder.shapes), len(finder.weights)
    ops = finder.ops + [
        replace(
            op,
            inputs=[value + crop for value in op.inputs],
            output=op.output + crop,
            weights=[number + first_weight for number in op.weights],
        )
        for op in namer.ops
    ]
    both = Graph(ops, finder.shapes + namer.shapes, finder.weights + namer.weights, finder.output)
    header = {"stickers": net.stickers, "search": search}
    header |= {"found": finder.output, "crop": crop, "names": crop + namer.output}
    return gzip.compress(packed.pack(both, "int8", header), mtime=0)


def _lowered(net: nn.Module, shape: tuple[int, int, int]) -> Graph:
    builder = Builder(torch.randn(TRACED_BATCH, *shape, generator=torch.Generator().manual_seed(0)))
    result, *_ = translate(net.eval(), builder.latent, builder)
    builder.graph.output = result.number
    return tidy(builder.graph)


def sheet(stickers: list[Image.Image], side: int) -> bytes:
    """All stickers row by row, without gaps, as WebP."""
    small = [picture.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS) for picture in stickers]
    data = BytesIO()
    Pictures(small, COLUMNS).grid(gap=0).save(data, "WEBP", quality=88, method=6)
    return data.getvalue()

"""Sticker Hunt's files of a page: the recognizer as the browser runs it, and the sheet of the hidden stickers."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import torch
from PIL import Image

from chonk.hidden import Hidden
from chonk.model import Pictures
from chonk.nets.recognizer import FLOOR, SIDE, SLOPE, STEP, Recognizer
from chonk.play import packed
from chonk.play.graph import Graph, Op

COLUMNS, MOST_SIDE = 6, 128
"""Of the sheet."""
NOMINAL = (80, 106)
"""A frame for which shapes are written down; the page works them out for its camera's."""

Teacher = Callable[[Hidden], tuple[Recognizer, dict]]
"""Hidden stickers -> a net (frames -> logits of "nothing" and of every sticker) that begins with a PixelUnshuffle,
and how the page is to search frames with it.  The floor above hands it in."""


def write_hunt(folder: Path, base: str, stickers: Hidden, teach: Teacher) -> dict:
    """Writes both files into a model's folder; returns their entry in the page's data."""
    net, search = teach(stickers)
    data = recognizer_file(net, len(stickers.stickers), search)
    digest = hashlib.sha256(data).hexdigest()
    file, sheet_file = f"hunt.{digest[:8]}.bin", f"stickers.{digest[:8]}.webp"
    (folder / file).write_bytes(data)
    side = min(MOST_SIDE, stickers.stickers[0].width)
    (folder / sheet_file).write_bytes(sheet(stickers.stickers, side))
    return {
        "file": f"{base}/{file}", "bytes": len(data), "sha256": digest, "sheet": f"{base}/{sheet_file}",
        "stickers": len(stickers.stickers), "columns": COLUMNS, "side": side,
    }  # fmt: skip


def recognizer_file(net: Recognizer, stickers: int, search: dict) -> bytes:
    """The recognizer in the page's format (`chonk.play.packed`), weights in 8 bits, gzipped."""
    return gzip.compress(packed.pack(recognizer_graph(net), "int8", {"stickers": stickers, "search": search}), mtime=0)


def recognizer_graph(net: Recognizer) -> Graph:
    """What the page runs: frames, every two by two pixels as the twelve channels of one -> logits.

    "contrast" makes even what the first layer put out, as `Recognizer.forward` does: its weights are the sums of that
    layer's and its bias."""
    height, width = NOMINAL
    rows, columns = (height - SIDE) // STEP + 1, (width - SIDE) // STEP + 1
    first, second, guesses = (len(layer.weight) for layer in (net.see, net.think, net.guess))
    ops = [
        Op("conv", [0], 1, [0, 1], {"padding": [0, 0]}),
        Op("contrast", [1], 2, [2, 3], {"side": SIDE, "low": FLOOR, "slope": SLOPE}),
        Op("conv", [2], 3, [4, 5], {"padding": [0, 0], "slope": SLOPE}),
        Op("conv", [3], 4, [6, 7], {"padding": [0, 0]}),
    ]
    channels = (first, first, second, guesses)
    shapes = [[3 * STEP**2, height // STEP, width // STEP], *([c, rows, columns] for c in channels)]
    weights = [net.see.weight, torch.zeros(first), net.see.weight.sum((1, 2, 3)), net.see.bias]
    weights += [net.think.weight, net.think.bias, net.guess.weight, net.guess.bias]
    return Graph(ops, shapes, [weight.detach().numpy() for weight in weights], len(shapes) - 1)


def sheet(stickers: list[Image.Image], side: int) -> bytes:
    """All stickers row by row, without gaps, as WebP."""
    small = [picture.convert("RGBA").resize((side, side), Image.Resampling.LANCZOS) for picture in stickers]
    data = BytesIO()
    Pictures(small, COLUMNS).grid(gap=0).save(data, "WEBP", quality=88, method=6)
    return data.getvalue()

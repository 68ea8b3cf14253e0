"""From a trained model to the file that the page loads: small weights where the pictures stay the same."""

from __future__ import annotations

import gzip
from dataclasses import dataclass

import numpy as np

from chonk.errors import UserError
from chonk.latents import TRIES, latents
from chonk.model import Model
from chonk.play import packed, reference
from chonk.play.lowering import lower

CHECKED_PICTURES = 64
MAX_MEAN_ERROR = 1.0
"""Levels of 255: beyond this mean difference from PyTorch's pictures weights are stored in more bits."""
PRECISIONS = ("auto", "int6", "int8", "fp16", "fp32")


@dataclass(frozen=True)
class Export:
    """A model as the page loads it, and how its pictures differ from PyTorch's, in levels of 255."""

    data: bytes
    precision: str
    mean_error: float
    max_error: float


def export(model: Model, precision: str = "auto", directions: list[dict] | None = None) -> Export:
    """The page's file for a model (see `chonk.play.packed`), with the directions (`chonk.play.directions`) in its
    header.

    `precision` "auto" takes int6 where the pictures of 64 random latents then stay within a mean of one level of 255 of
    PyTorch's, else int8; where even those do not, the smallest weights become fp16, one after the other, until they do.
    Raises UserError for an unknown precision and ChonkError for a net the page cannot run."""
    if precision not in PRECISIONS:
        raise UserError(f"precision {precision!r} is not known; take one of {', '.join(PRECISIONS)}")
    config = model.config
    graph = lower(model.generator, config.latent_dim)
    z = config.truncation * latents(0, CHECKED_PICTURES, config.latent_dim, config.latent_kind)
    wanted = _levels(model(z))
    header = {
        "title": config.title,
        "size": config.size,
        "channels": config.channels,
        "latent_dim": config.latent_dim,
        "latent_kind": config.latent_kind,
        "truncation": config.truncation,
        "directions": directions or [],
    }
    if config.cell:
        header["cell"] = config.cell
    if config.pool:
        header["pool"] = config.pool
    if model.generator.tries != TRIES:
        header["tries"] = model.generator.tries
    if model.generator.blends_features:
        header["blends"] = "features"
    large = sorted(
        (i for i, weight in enumerate(graph.weights) if weight.ndim > 1), key=lambda i: graph.weights[i].size
    )
    tries = (
        [("int6", 0), *(("int8", exact) for exact in range(len(large) + 1))]
        if precision == "auto"
        else [(precision, 0)]
    )
    for kind, exact in tries:
        kept = frozenset(large[:exact])
        stored, _ = packed.unpack(packed.pack(graph, kind, header, kept))
        error = np.abs(_levels(reference.run(stored, z)) - wanted)
        mean, most = float(error.mean()), float(error.max())
        if mean <= MAX_MEAN_ERROR:
            break
    precision = kind if not exact else "fp16" if exact == len(large) else "int8 and fp16"
    header |= {"precision": precision, "error": {"mean": round(mean, 4), "max": round(most, 4)}}
    return Export(gzip.compress(packed.pack(graph, kind, header, kept), mtime=0), precision, mean, most)


def _levels(values: np.ndarray) -> np.ndarray:
    """Pictures N x C x S x S in levels of 255, colours times alpha: what nothing shows of does not count."""
    levels = (np.clip(values, -1, 1) + 1) * 127.5
    if levels.shape[1] == 4:
        levels[:, :3] *= levels[:, 3:] / 255
    return levels

"""Files of format 1, in which release 0.1 wrote some things under other names, read as format 2.

Format 2 has the same values under the field's names, so whatever format 1 holds can be read, drawn and trained on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from chonk.errors import UserError
from chonk.files import read_record

FORMAT = 2
"""The format of a model's and a run's config.json and of checkpoints."""
OPTIONS = {
    "parts": "local_dim",
    "codes": "memory_size",
    "least_new": "min_novelty",
    "most_torn": "max_incoherence",
}
"""A mosaic generator's options."""
COLLAGE_OPTIONS = {"sees_colours": "colour_metric"}
"""A collage generator's options; some files of format 2 have the former name."""
WEIGHTS = {
    "like": "global_keys",
    "hues": "palette_keys",
    "want": "local_keys",
    "near": "similarity_kernel",
    "plain": "similarity_bias",
    "tire": "load_kernel",
    "rest": "load_bias",
}
"""Its tensors, by the last part of their names."""
HARMONIZER = {"look": "palette_map", "enter": "feature_input", "told": "palette_input", "leave": "residual"}
"""Parts of the harmonizer, by the part of a tensor's name that follows `harmonizer`; some files of format 2 have these
names too."""
SETTINGS = {
    "codes": "memory_size",
    "whole": "global_dim",
    "parts": "local_dim",
    "whole_wish": "global_gain",
    "parts_wish": "local_gain",
    "colours": "colour_gain",
    "agreement": "neighbour_weight",
    "share": "max_share",
    "untouched": "keep_colours",
    "cool": "lr_decay_start",
    "decay": "ema_decay",
}
"""The default recipe's settings."""
TRAINING = {"boldness": "sharpness"}
"""What a model's config says about its training."""
FIGURES = {"draw": "reconstruction", "mend": "harmonization", "merit": "selection_score"}
"""Figures in metrics.jsonl and in checkpoints."""


def renamed(record: dict, names: dict[str, str]) -> dict:
    """The record with the names of format 2; what has no other name keeps its own."""
    return {names.get(name, name): value for name, value in record.items()}


def read_versioned(file: Path, wrong: Callable[[object], UserError]) -> dict:
    """A record of format 1 or 2, as `chonk.files.read_record` has it; its `format` tells which."""
    return read_record(file, wrong, formats=(1, FORMAT))


def model_config(record: dict) -> dict:
    """A model's config.json as format 2 has it."""
    net, options, training = record.get("net"), record.get("options"), record.get("training")
    names = COLLAGE_OPTIONS if net == "collage" else OPTIONS if (net, record["format"]) == ("mosaic", 1) else {}
    if isinstance(options, dict):
        record = record | {"options": renamed(options, names)}
    if record["format"] != FORMAT and isinstance(training, dict):
        record = record | {"training": renamed(training, TRAINING)}
    return record


def weights(tensors: dict, net: str, number: int) -> dict:
    """A net's tensors, under whatever prefix, of a file of format `number`, as they are named now."""
    names = WEIGHTS if number == 1 and net == "mosaic" else {}

    def new(name: str) -> str:
        *owners, last = name.split(".")
        if (owners or [""])[-1] in ("", "best", "generator", "net"):
            last = names.get(last, last)
        parts = [HARMONIZER.get(part, part) if of == "harmonizer" else part for of, part in pairwise(["", *owners])]
        return ".".join([*parts, last])

    return {new(name): value for name, value in tensors.items()}


def run_config(record: dict) -> dict:
    """A run's config.json as format 2 has it: the mosaic was called chonk, and there were no refiners."""
    settings = record.get("settings")
    if record.get("objective") == "chonk":
        if record["format"] != FORMAT and isinstance(settings, dict):
            settings = renamed(settings, SETTINGS)
        record = record | {"settings": settings, "objective": "mosaic"}
    if record.get("objective") in ("mosaic", "collage") and isinstance(settings, dict):
        former = {"refine": 0.0} | ({"colours": 0.0} if record["objective"] == "collage" else {})
        record = record | {"settings": former | settings}
    if record.get("objective") == "began" and isinstance(settings, dict):
        record = record | {"settings": {"mean_shift": 0.0} | settings}
    return record


def checkpoint_header(header: dict) -> dict:
    """What a checkpoint of format 1 says beside its tensors.  Raises KeyError, TypeError or AttributeError for one that
    is none."""
    state = header["state"]
    best = renamed(state.get("best", {}), FIGURES)
    if isinstance(best.get("training"), dict):
        best["training"] = renamed(best["training"], TRAINING)
    return header | {"state": state | {"sums": renamed(state["sums"], FIGURES), "best": best}}

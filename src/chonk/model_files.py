"""How a model is kept: FOLDER/config.json, its settings, and FOLDER/model.safetensors, its weights.

The settings name their weights by hash, so the one rename that puts a new config.json in its place puts the new model
there: the weights are already beside it then, as model.safetensors.new, and only change their name afterwards.  After a
kill between the two, the model is the new one, and the next reader or writer takes the weights from where they are."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from chonk import formats
from chonk.errors import UserError
from chonk.files import disk_error, sync, write_whole
from chonk.latents import MAX_POOL, NEXT_TRY
from chonk.nets import GENERATORS, generator_class
from chonk.paths import CONFIG, WEIGHTS, weights_files
from chonk.validation import Range, check

MAX_BYTES = 1 << 30
"""Of a file of weights."""
MAX_FINISHER = 4 << 20
MAX_TITLE = 200
TURNING = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
"""Unicode's classes of the characters that turn the direction of what follows them."""


@dataclass(frozen=True)
class ModelConfig:
    """What config.json beside the weights holds."""

    net: str
    """Name of the generator in `chonk.nets.GENERATORS`."""
    size: Annotated[int, Range(1, 1024)]
    """Side of the pictures in pixels."""
    channels: Literal[3, 4]
    """3 for colour, 4 for colour and alpha (see `chonk.pixels.compose`)."""
    latent_dim: Annotated[int, Range(1, 4096)]
    """How many numbers make a picture."""
    latent_kind: Literal["normal", "uniform"] = "normal"
    """The prior: "normal" for N(0, 1), "uniform" for [-1, 1]."""
    options: dict = field(default_factory=dict)
    """The generator's own settings, as its class annotates them."""
    title: str = "chonk"
    """What the model is called on the page."""
    truncation: Annotated[float, Range(0, 10)] = 1.0
    """Scale of the latents at which it draws best; the default of `sample`."""
    cell: Annotated[int, Range(0, 1024)] = 0
    """Of pixel art: the width of one drawn pixel; 0 for anything else (see `chonk.finish`)."""
    pool: Annotated[tuple[int, ...], Range(0, NEXT_TRY - 1)] = ()
    """Latents whose pictures were found to be good, by number (`chonk.latents.latents`): those drawn first."""
    training: dict = field(default_factory=dict)
    """Where it came from: objective, preset, seed, pictures shown, minutes, version.  For people; nothing depends on
    it."""
    finisher: str = ""
    """SHA-256 of the finishing stage that was tuned for this model, which lies beside the weights; empty where it is
    the package's."""
    format: int = formats.FORMAT
    weights: str = ""
    """SHA-256 of the weights that belong to these settings; empty for a model in memory, and where an earlier release
    wrote it."""


def read_config(file: Path) -> ModelConfig:
    """A model's config.json, checked: it may come from a stranger."""

    def wrong(why: object) -> UserError:
        return UserError(f"{file}: not a model's settings ({why})")

    raw = formats.read_versioned(file, wrong)
    try:
        config = ModelConfig(**formats.model_config(raw))
        if isinstance(config.pool, list):
            config = dataclasses.replace(config, pool=tuple(config.pool))
        check(ModelConfig, vars(config))
        if (size := len(config.pool)) > MAX_POOL or size & (size - 1):
            raise UserError(f"pool: must have a power of two up to {MAX_POOL:,} of numbers, or none")
        if config.net not in GENERATORS:
            raise UserError(f"unknown net {config.net!r:.40}; known are {', '.join(GENERATORS)}")
        check(generator_class(config.net), config.options, "option {} {!r:.40}".format)
    except (TypeError, UserError) as error:
        raise wrong(error) from error
    return dataclasses.replace(config, title=readable(config.title))


def readable(title: str) -> str:
    """A title as it may be shown anywhere: of bounded length, without control characters, broken ones and those that
    turn the direction of writing.  It comes from a folder's name or from a stranger's file."""
    kept = (
        c
        for c in title
        if unicodedata.category(c) not in ("Cc", "Cs", "Zl", "Zp") and unicodedata.bidirectional(c) not in TURNING
    )
    return "".join(kept).strip()[:MAX_TITLE] or "chonk"


def page_name(folder: Path) -> str:
    """What the model in a folder is called in a page's addresses: as its run, where it lies in run/model or
    X.chonk/run/model."""
    parts = [part for part in folder.resolve().parts if part not in ("model", "run")]
    return re.sub(r"[^a-z0-9]+", "-", parts[-1].lower().removesuffix(".chonk")).strip("-")[:40] or "model"


def find_weights(folder: Path, config: ModelConfig) -> Path:
    """The weights that belong to the settings.  Raises UserError where they are not there, or are none of ours."""
    for file in weights_files(folder):
        if file.is_file():
            if file.stat().st_size > MAX_BYTES:
                raise UserError(f"{file}: more than {MAX_BYTES:,} bytes")
            if not config.weights or digest(file) == config.weights:
                return file
    raise UserError(
        f"{folder}: {WEIGHTS} is not the file that {CONFIG} was written with; copy both again from where they came from"
    )


def finisher_file(folder: Path, config: ModelConfig) -> Path | None:
    """The model's own finishing stage, which is named after its hash.  Raises UserError where it is not there."""
    if not config.finisher:
        return None
    file = folder / f"finisher.{config.finisher[:8]}.safetensors"
    if not file.is_file() or file.stat().st_size > MAX_FINISHER or digest(file) != config.finisher:
        raise UserError(f"{file}: is missing, or not what {CONFIG} was written with; copy the whole folder again")
    return file


def digest(file: Path) -> str:
    with open(file, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_model(folder: Path, config: ModelConfig, weights: bytes, finisher: bytes = b"") -> None:
    """Puts a model into the folder, made if it is missing, in the place of the one that was there; it is the old one or
    the new one at any moment.  Raises ChonkError where it cannot be written."""
    config = dataclasses.replace(
        config,
        weights=hashlib.sha256(weights).hexdigest(),
        finisher=hashlib.sha256(finisher).hexdigest() if finisher else "",
    )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        complete_write(folder)
        named, new = weights_files(folder)
        write_whole(new, weights)
        kept = f"finisher.{config.finisher[:8]}.safetensors"
        if finisher:
            write_whole(folder / kept, finisher)
        write_whole(folder / CONFIG, json.dumps(dataclasses.asdict(config), indent=1).encode() + b"\n")
        new.replace(named)
        for file in folder.glob("finisher.*.safetensors"):
            if file.name != kept:
                file.unlink()  # of a former model
        sync(folder)
    except OSError as error:
        raise disk_error(folder, error) from error


def complete_write(folder: Path) -> None:
    """Completes an interrupted write of a model: renames its new weights, or removes them if they belong to no
    config."""
    named, new = weights_files(folder)
    if not new.is_file() or not (folder / CONFIG).is_file():
        return
    try:
        current = find_weights(folder, read_config(folder / CONFIG))
    except UserError:  # whatever this is, it is replaced as a whole
        return
    if current == new:
        new.replace(named)
    else:
        new.unlink()

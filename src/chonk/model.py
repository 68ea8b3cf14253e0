"""A trained model: latents in, pictures out; loading and saving."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
from PIL import Image
from safetensors.torch import save

from chonk import formats, latents
from chonk.batched import BatchedGenerator
from chonk.errors import UserError, one_line
from chonk.finish import finish
from chonk.inversion import Inversion, invert
from chonk.model_files import ModelConfig, read_config, write_model
from chonk.nets.base import Generator
from chonk.nets.finisher import Finisher, finisher_bytes
from chonk.paths import CONFIG, model_folder
from chonk.pixels import Pictures, as_pictures
from chonk.rejection import sample_accepted
from chonk.stored_nets import build, read_nets
from chonk.validation import Range, checked

MAX_COUNT = 1_000_000
Count = Annotated[int, Range(0, MAX_COUNT)]
Cells = Annotated[int, Range(1, 10_000)]
Seed = Annotated[int, Range(0, 2**32 - 1)]


class Model(BatchedGenerator):
    """A generator with everything that can be done with it: pictures by seed, blends, sums, files.

    `model(z)` maps latents (N x latent_dim, array or tensor) to N x C x size x size in [-1, 1]."""

    def __init__(self, generator: Generator, config: ModelConfig, finisher: Finisher | None = None) -> None:
        super().__init__(generator, config)
        self.finisher = finisher
        """The finishing stage that was tuned for this model; None for the package's own."""

    @classmethod
    def build(cls, config: ModelConfig) -> Model:
        """The model that a config describes, with untrained weights."""
        return cls(build(config), config)

    def prior(self, seed: int, count: int, first: int = 0) -> np.ndarray:
        """The raw latents of a seed, count x latent_dim, before any are rejected or scaled."""
        config = self.config
        return latents.latents(seed, count, config.latent_dim, config.latent_kind, first, config.pool)

    @checked
    def latents(
        self,
        seed: Seed,
        count: Count,
        truncation: Annotated[float | None, Range(0, 10)] = None,
        first: Annotated[int, Range(0, MAX_COUNT)] = 0,
    ) -> np.ndarray:
        """The latents that `sample` draws for a seed: count x latent_dim, from the prior times `truncation`.

        A rejected picture is resampled: of up to `tries` latents (`chonk.latents.resample`) the first accepted one is
        taken, or else the one with the lowest rejection score.  Latents from the model's pool are taken without a test.
        No latent depends on how many are drawn with it."""
        return self._accepted(seed, count, truncation, first, keep=False)[0]

    @checked
    def sample_features(
        self,
        seed: Seed,
        count: Count,
        truncation: Annotated[float | None, Range(0, 10)] = None,
        first: Annotated[int, Range(0, MAX_COUNT)] = 0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """`latents`, and the `features` of their pictures, computed once where the rejection score needs them too."""
        z, features = self._accepted(seed, count, truncation, first, keep=True)
        return z, self.features(z) if features is None else features

    def sample_values(self, seed: int, count: int, truncation: float | None = None, first: int = 0) -> np.ndarray:
        """The pictures of `latents`, float32 count x C x size x size in [-1, 1]."""
        return self.decode(self.sample_features(seed, count, truncation, first)[1], project=False)

    def _accepted(
        self, seed: int, count: int, truncation: float | None, first: int, keep: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """As `latents`, with the features if `keep` is set and the rejection score has computed them."""
        config = self.config
        scale = config.truncation if truncation is None else truncation

        def attempt(number: int) -> np.ndarray:
            return scale * self.prior(seed, count, latents.resample(first, number))

        if not self.generator.rejects or not count:
            return attempt(0), None
        pooled = min(max(0, len(config.pool) - first), count)
        return sample_accepted(attempt, partial(self.features_and_score, keep=keep), self.generator.tries, pooled)

    def finish(self, values: np.ndarray, size: int) -> np.ndarray:
        """Pictures of this model, N x C x S x S in [-1, 1], at another size: with crisp edges, or pixel art in whole
        pixels."""
        return finish(values, size, self.config.cell, self.finisher)

    def draw(
        self, z: np.ndarray, background: tuple[int, int, int] | None = None, size: int | None = None
    ) -> list[Image.Image]:
        """Latents -> Pillow pictures, RGB, or RGBA where the model has alpha and no background is given; at the model's
        own size, or finished at another one."""
        return as_pictures(self.finish(self(z), size or self.config.size), background)

    @checked
    def sample(
        self,
        count: Count,
        seed: Seed = 0,
        truncation: Annotated[float | None, Range(0, 10)] = None,
        size: Annotated[int | None, Range(1, 4096)] = None,
    ) -> Pictures:
        """`count` random pictures, as `draw` makes them.  The same seed gives the same pictures on every machine and on
        the page."""
        values = self.sample_values(seed, count, truncation)
        return Pictures(as_pictures(self.finish(values, size or self.config.size)))

    @checked
    def corners(self, corners: np.ndarray, rows: Cells = 5, columns: Cells = 5) -> Pictures:
        """Pictures blended between four latents (4 x latent_dim, or 4 x 3 numbers for `latents.project`), row by
        row."""
        return Pictures(as_pictures(self.blend(self._full(corners, 4), rows, columns)), columns)

    def blend(self, corners: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """The same as float32 rows * columns x C x size x size in [-1, 1], of four latents."""
        return self.between(corners, lambda four: latents.blend(four, rows, columns).reshape(rows * columns, -1))

    def between(self, z: np.ndarray, mix: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Pictures between those of K latents, float32 N x C x size x size in [-1, 1].  `mix` makes N weighted means of
        K rows: of features if the net blends those, else of latents."""
        if not self.generator.blends_features:
            return self(mix(self.checked_latents(z)))
        features = self.features(z)
        mixed = mix(features.reshape(len(features), -1)).reshape(-1, *features.shape[1:])
        return self.decode(mixed, project=False)

    def arithmetic(self, base: np.ndarray, minus: np.ndarray, plus: np.ndarray) -> Pictures:
        """base - minus + plus, as [base, minus, plus, result]; each a latent or three numbers."""
        terms = [self._full(np.asarray(term)[None], 1) for term in (base, minus, plus)]
        return Pictures(as_pictures(self.sum_of(np.concatenate(terms))), 4)

    def sum_of(self, terms: np.ndarray) -> np.ndarray:
        """The latents of base, minus and plus, 3 x latent_dim -> their pictures and that of the sum, 4 x C x size x
        size in [-1, 1]."""
        base, minus, plus = np.split(self.features(terms), 3)
        return np.concatenate([self(terms), self.decode(base + self.difference(minus, plus))])

    def invert(self, picture: Image.Image, **settings) -> Inversion:
        """The latent that draws a picture, and how close it comes; `settings` as `chonk.inversion.invert` has them."""
        return invert(self, picture, **settings)

    find = invert
    """As release 0.1 called it."""

    def _full(self, z: np.ndarray, count: int) -> np.ndarray:
        """So many latents, count x latent_dim, of latents or of three numbers each."""
        array = self.checked_latents(z, 3)
        if len(array) != count:
            raise UserError(f"{count} latents are needed, not {len(array)}")
        return (
            latents.project(array, self.config.latent_dim) if array.shape[1] == 3 != self.config.latent_dim else array
        )

    @property
    def calibrated(self) -> bool:
        """False if the model needs calibration (`chonk.calibrate`) and has had none, so that results may be copies."""
        return not self.generator.needs_calibration or "sharpness" in self.config.training

    def save(self, folder: Path | str) -> None:
        """Writes config.json and model.safetensors into the folder, made if it is missing; until both are there,
        the model that was there before stays.  Raises ChonkError where they cannot be written."""
        state = {name: value.contiguous().cpu() for name, value in self.generator.state_dict().items()}
        finisher = finisher_bytes(self.finisher) if self.finisher else b""
        write_model(Path(folder), self.config, save(state), finisher)

    save_pretrained = save

    @classmethod
    def from_pretrained(cls, name: Path | str, revision: str | None = None) -> Model:
        """A model from a folder, as `load`, or else from the Hugging Face Hub by its name there (pip install
        'chonk[hub]')."""
        if os.path.exists(name):
            return load(name)
        from huggingface_hub import snapshot_download

        return load(snapshot_download(str(name), revision=revision, allow_patterns=["config.json", "*.safetensors"]))


@checked
def load(path: Path) -> Model:
    """A model from its folder, its run folder or the folder that `chonk make` left.

    Raises UserError where there is none or it cannot be read; never runs code from the files."""
    folder = model_folder(path)
    config = read_config(folder / CONFIG)
    generator, finisher = read_nets(folder, config)
    config = dataclasses.replace(config, format=formats.FORMAT, weights="")
    return Model(generator, config, finisher)


def load_and_note(path: Path | str) -> Model:
    """`load`, with a note on standard error if the model is not calibrated and may copy: for commands whose results
    people will see."""
    model = load(path)
    if not model.calibrated:
        print(
            one_line(
                f"note: {path}: how near this model may draw to its training pictures was not measured, so results may "
                f"be near copies; "
                "chonk train (or make) does that at its end: give it again"
            ),
            file=sys.stderr,
        )
    return model

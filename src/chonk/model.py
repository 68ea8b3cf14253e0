"""A finished generator: latents in, pictures out, and how it is kept on disk."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Annotated, TypeVar

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file, save

from chonk import formats, latents
from chonk.errors import UserError, one_line
from chonk.files import utf8_path
from chonk.finish import finish
from chonk.inversion import Inversion, invert
from chonk.model_files import CONFIG, ModelConfig, find_weights, finisher_file, model_folder, read_config, write_model
from chonk.nets import build_generator, weigh, without_memory
from chonk.nets.base import Generator
from chonk.nets.finisher import Finisher, finisher_bytes, load_finisher
from chonk.pixels import Pictures, as_pictures
from chonk.validation import Range, checked

BATCH = 16
"""Pictures drawn at a time: of more the layers leave the processor's cache, which makes each take half as long
again."""
MAX_WORK, MAX_VALUES = 10**13, 1 << 28
"""Multiplications for one picture, and numbers that one layer may put out at a time (`chonk.nets.weigh`)."""
MAX_COUNT = 1_000_000
T = TypeVar("T")
Count = Annotated[int, Range(0, MAX_COUNT)]
Cells = Annotated[int, Range(1, 10_000)]
Seed = Annotated[int, Range(0, 2**32 - 1)]


class Model:
    """A generator with its settings.

    `model(z)` maps latents (N x latent_dim, array or tensor) to N x C x size x size in [-1, 1]; everything else is
    made of that."""

    def __init__(self, generator: Generator, config: ModelConfig, finisher: Finisher | None = None) -> None:
        self.generator = generator.eval().requires_grad_(False)
        self.config = config
        self.finisher = finisher
        """The finishing stage that was tuned for this model; None where it is the package's."""

    @classmethod
    def build(cls, config: ModelConfig) -> Model:
        """The net that a config describes, with fresh weights."""
        return cls(
            build_generator(
                config.net, size=config.size, channels=config.channels, latent_dim=config.latent_dim, **config.options
            ),
            config,
        )

    def __call__(self, z: np.ndarray | torch.Tensor, batch: int = BATCH) -> np.ndarray:
        """Latents N x latent_dim -> float32 N x C x size x size in [-1, 1]; `batch` at a time, fewer where they are
        large."""
        return self.apply(self.generator, self._latents(z), batch=batch)

    def apply(self, net: Callable[..., torch.Tensor], *inputs: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """What `net`, the generator or a part of it, makes of N inputs, a batch of which it is given at a time."""
        return torch.cat(self.each(net, *inputs, batch=batch)).float().numpy()

    def each(self, function: Callable[..., T], *inputs: np.ndarray, batch: int = BATCH) -> list[T]:
        """What a function of tensors makes of each batch of N inputs; of fewer at a time where they are large.

        As many batches are under way at once as torch has threads, each on one of them: shared between threads, layers
        as small as these would wait for the slowest of them all the time."""
        fits = max(1, MAX_VALUES // weigh(self.generator.state_dict(), self.config.size)[1])
        parts = zip(*(torch.as_tensor(np.asarray(given, np.float32)).split(min(batch, fits)) for given in inputs))

        @torch.inference_mode()
        def alone(part: tuple[torch.Tensor, ...]) -> T:
            return function(*part)

        threads = torch.get_num_threads()
        if threads == 1:
            return list(map(alone, parts))
        try:
            with ThreadPoolExecutor(threads, initializer=partial(torch.set_num_threads, 1)) as pool:
                return list(pool.map(alone, parts))
        finally:
            torch.set_num_threads(threads)

    def _latents(self, z: np.ndarray | torch.Tensor, *others: int) -> np.ndarray:
        """Latents as an array.  Raises UserError for what is none; rows of `others` numbers are latents too."""
        dim = self.config.latent_dim
        try:
            array = np.asarray(z, np.float32)
        except (TypeError, ValueError) as error:
            raise UserError(f"latents must be numbers, N x {dim} ({error})") from error
        if array.ndim != 2 or array.shape[1] not in (dim, *others) or not np.isfinite(array).all():
            shape = " x ".join(map(str, array.shape)) or "one number"
            raise UserError(
                f"latents must be finite numbers, N x {' or N x '.join(map(str, (dim, *others)))}, not {shape}"
            )
        return array

    @property
    def has_features(self) -> bool:
        """Whether sums are made with the net's features, or with latents, for want of something better."""
        return self.generator.has_features

    def features(self, z: np.ndarray) -> np.ndarray:
        """What sums are made with: for latents N x latent_dim the net's features, N x D x side x side, or the latents
        themselves."""
        return self.apply(self.generator.features, self._latents(z)) if self.has_features else self._latents(z)

    def difference(self, minus: np.ndarray, plus: np.ndarray) -> np.ndarray:
        """What makes of one picture the other, and can be added to a third: `features` of N pictures each (or means of
        several) -> the same."""
        return self.apply(self.generator.difference, minus, plus) if self.has_features else np.asarray(plus) - minus

    def decode(self, features: np.ndarray, project: bool = True) -> np.ndarray:
        """`features` to which differences were added -> float32 N x C x size x size in [-1, 1]; without `project`,
        features as they are."""
        net = self.generator
        if not self.has_features:
            return self(features)
        return self.apply(lambda x: net.decode(net.project(x) if project else x), features)

    def rejection_score(self, z: np.ndarray) -> np.ndarray:
        """How much there is to say against each picture, N numbers: 0 where nothing is, as with every net that rejects
        none."""
        if not self.generator.rejects:
            return np.zeros(len(z), np.float32)
        return self.apply(lambda part: self.generator.rejection_score(part).flatten(1), self._latents(z))[:, 0]

    def feature_score(self, features: np.ndarray) -> np.ndarray:
        """The rejection score of the pictures of `features` to which differences were added, N numbers."""
        if not self.generator.rejects:
            return np.zeros(len(features), np.float32)
        return self.apply(lambda part: self.generator.feature_score(part).flatten(1), features)[:, 0]

    @checked
    def latents(
        self,
        seed: Seed,
        count: Count,
        truncation: Annotated[float | None, Range(0, 10)] = None,
        first: Annotated[int, Range(0, MAX_COUNT)] = 0,
    ) -> np.ndarray:
        """The latents that `sample` draws for a seed: count x latent_dim, from the prior times `truncation`.

        A picture with a rejection score is resampled: `chonk.latents.resample` says which latents come next, and of
        the net's `tries` the first one without a score is taken, or else the one with the lowest.  No latent depends on
        how many are drawn with it."""
        return self._accepted(seed, count, truncation, first, keep=False)[0]

    @checked
    def sample_features(
        self,
        seed: Seed,
        count: Count,
        truncation: Annotated[float | None, Range(0, 10)] = None,
        first: Annotated[int, Range(0, MAX_COUNT)] = 0,
    ) -> tuple[np.ndarray, np.ndarray]:
        """`latents`, and the `features` of their pictures, which are not made twice where they told what to reject."""
        z, features = self._accepted(seed, count, truncation, first, keep=True)
        return z, self.features(z) if features is None else features

    def sample_values(self, seed: int, count: int, truncation: float | None = None, first: int = 0) -> np.ndarray:
        """The pictures of `latents`, float32 count x C x size x size in [-1, 1]."""
        return self.decode(self.sample_features(seed, count, truncation, first)[1], project=False)

    def _accepted(
        self, seed: int, count: int, truncation: float | None, first: int, keep: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """As `latents`, with features if they are to be kept and telling what to reject made any."""
        config = self.config
        scale = config.truncation if truncation is None else truncation

        def attempt(number: int) -> np.ndarray:
            start = latents.resample(first, number)
            return scale * latents.latents(seed, count, config.latent_dim, config.latent_kind, start)

        chosen = attempt(0)
        if not self.generator.rejects or not count:
            return chosen, None
        features, score = self._features_and_score(chosen, keep)
        for number in range(1, self.generator.tries):
            rejected = np.flatnonzero(score > 0)
            if not len(rejected):
                break
            z = attempt(number)[rejected]
            new_features, new_score = self._features_and_score(z, keep)
            better = new_score < score[rejected]
            improved = rejected[better]
            chosen[improved], score[improved] = z[better], new_score[better]
            if features is not None and new_features is not None:
                features[improved] = new_features[better]
        return chosen, features

    def _features_and_score(self, z: np.ndarray, keep: bool) -> tuple[np.ndarray | None, np.ndarray]:
        """Features, if they are to be kept and there are any, and N rejection scores."""

        def found(part: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
            features, score = self.generator.features_and_score(part)
            return features if keep else None, score

        parts = self.each(found, z)
        kept = [features for features, _ in parts if features is not None]
        return torch.cat(kept).numpy() if kept else None, torch.cat([score for _, score in parts]).flatten().numpy()

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
        """The blend between four latents (4 x latent_dim, or 4 x 3 numbers for `latents.project`), row by row."""
        return Pictures(as_pictures(self.blend(self._full(corners, 4), rows, columns)), columns)

    def blend(self, corners: np.ndarray, rows: int, columns: int) -> np.ndarray:
        """The same as float32 rows * columns x C x size x size in [-1, 1], of four latents."""
        return self.between(corners, lambda four: latents.blend(four, rows, columns).reshape(rows * columns, -1))

    def between(self, z: np.ndarray, mix: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """What lies between the pictures of K latents, float32 N x C x size x size in [-1, 1].  `mix` makes N weighted
        means of K rows: of the latents, or of features where the net blends those."""
        if not self.generator.blends_features:
            return self(mix(self._latents(z)))
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
        array = self._latents(z, 3)
        if len(array) != count:
            raise UserError(f"{count} latents are needed, not {len(array)}")
        return (
            latents.project(array, self.config.latent_dim) if array.shape[1] == 3 != self.config.latent_dim else array
        )

    @property
    def calibrated(self) -> bool:
        """False for a generator whose retrieval sharpness is still the recipe's, and not what was measured to be as
        high as it may be without copying."""
        return not self.generator.needs_calibration or "sharpness" in self.config.training

    def save(self, folder: Path | str) -> None:
        """Writes config.json and model.safetensors into the folder, made if it is missing; until both are there,
        whatever model was there before is.  Raises ChonkError where they cannot be written."""
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

    Raises UserError where there is none or it cannot be read; never runs code from the files.  The net is first built
    without memory, so that a stranger's settings allocate nothing before they fit the weights that are really there."""
    folder = model_folder(path)
    config = read_config(folder / CONFIG)
    try:
        with without_memory():
            model = Model.build(dataclasses.replace(config, format=formats.FORMAT, weights=""))
        work, values = weigh(model.generator.state_dict(), config.size)
        if work > MAX_WORK or values > MAX_VALUES:
            raise ValueError(f"a picture would take {work:.0g} multiplications and layers of {values:.0g} numbers")
        with utf8_path(find_weights(folder, config)) as file:
            weights = formats.weights(load_file(file), config.net, config.format)
        for name, wanted in model.generator.state_dict().items():
            if name in weights and (weights[name].dtype != wanted.dtype or not weights[name].isfinite().all()):
                raise ValueError(f"{name} is no {str(wanted.dtype).removeprefix('torch.')} or holds no numbers")
        model.generator.load_state_dict(weights, assign=True)
        if (own := finisher_file(folder, config)) is not None:
            model.finisher = load_finisher(own)
    except OSError as error:
        raise UserError(f"{folder}: its weights cannot be read ({error.strerror or error})") from error
    except (SafetensorError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(
            f"{folder}: the weights do not fit the settings ({str(error).splitlines()[0]:.200}); a model that another "
            f"version of chonk made needs that version"
        ) from error
    model.generator.requires_grad_(False)
    return model


def opened(path: Path | str) -> Model:
    """`load` for a command whose results people will see: a line on standard error tells them of a model that may
    copy."""
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

"""A generator as a function of arrays: latents or features in, pictures or scores out, in batches, on all threads."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

import numpy as np
import torch

from chonk.errors import UserError
from chonk.model_files import ModelConfig
from chonk.nets import MAX_VALUES, work_and_values
from chonk.nets.base import Generator

BATCH = 16
"""Pictures drawn at a time.  More do not fit into the processor's cache, and then each takes half as long again."""
T = TypeVar("T")


class BatchedGenerator:
    """A generator and its configuration.

    `model(z)` maps latents (N x latent_dim, array or tensor) to N x C x size x size in [-1, 1]."""

    def __init__(self, generator: Generator, config: ModelConfig) -> None:
        self.generator = generator.eval().requires_grad_(False)
        self.config = config

    def __call__(self, z: np.ndarray | torch.Tensor, batch: int = BATCH) -> np.ndarray:
        """Latents N x latent_dim -> float32 N x C x size x size in [-1, 1]; `batch` at a time, fewer where they are
        large."""
        return self.apply(self.generator, self.checked_latents(z), batch=batch)

    def apply(self, net: Callable[..., torch.Tensor], *inputs: np.ndarray, batch: int = BATCH) -> np.ndarray:
        """The output of `net`, the generator or a part of it, for N inputs, batch by batch."""
        return torch.cat(self.map_batches(net, *inputs, batch=batch)).float().numpy()

    def map_batches(self, function: Callable[..., T], *inputs: np.ndarray, batch: int = BATCH) -> list[T]:
        """The results of a function of tensors for each batch of N inputs; batches are smaller where pictures are
        large.

        As many batches run at once as torch has threads, each on one thread.  Layers as small as these, split between
        threads, would spend most of their time waiting for the slowest one."""
        fits = max(1, MAX_VALUES // work_and_values(self.generator.state_dict(), self.config.size)[1])
        parts = zip(*(torch.as_tensor(np.asarray(given, np.float32)).split(min(batch, fits)) for given in inputs))

        @torch.inference_mode()
        def run_batch(part: tuple[torch.Tensor, ...]) -> T:
            return function(*part)

        threads = torch.get_num_threads()
        if threads == 1:
            return list(map(run_batch, parts))
        try:
            with ThreadPoolExecutor(threads, initializer=partial(torch.set_num_threads, 1)) as pool:
                return list(pool.map(run_batch, parts))
        finally:
            torch.set_num_threads(threads)

    def checked_latents(self, z: np.ndarray | torch.Tensor, *others: int) -> np.ndarray:
        """Latents as an array; rows may also have one of the lengths `others`.  Raises UserError for anything else."""
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
        """Whether sums are made with the net's features; otherwise they are made with latents."""
        return self.generator.has_features

    def features(self, z: np.ndarray) -> np.ndarray:
        """What sums are made with: the net's features for latents N x latent_dim, N x D x side x side, or, without
        features, the latents themselves."""
        return (
            self.apply(self.generator.features, self.checked_latents(z))
            if self.has_features
            else self.checked_latents(z)
        )

    def difference(self, minus: np.ndarray, plus: np.ndarray) -> np.ndarray:
        """The change from one picture to the other, which can be added to a third: `features` of N pictures each (or
        means of several) -> the same."""
        return self.apply(self.generator.difference, minus, plus) if self.has_features else np.asarray(plus) - minus

    def decode(self, features: np.ndarray, project: bool = True) -> np.ndarray:
        """`features` to which differences were added -> float32 N x C x size x size in [-1, 1]; without `project`,
        of the features themselves."""
        net = self.generator
        if not self.has_features:
            return self(features)
        return self.apply(lambda x: net.decode(net.project(x) if project else x), features)

    def rejection_score(self, z: np.ndarray) -> np.ndarray:
        """The rejection score of each picture, N numbers: 0 for accepted ones."""
        if not self.generator.rejects:
            return np.zeros(len(z), np.float32)
        return self.apply(lambda part: self.generator.rejection_score(part).flatten(1), self.checked_latents(z))[:, 0]

    def feature_score(self, features: np.ndarray) -> np.ndarray:
        """The rejection score of the pictures of `features` to which differences were added, N numbers."""
        if not self.generator.rejects:
            return np.zeros(len(features), np.float32)
        return self.apply(lambda part: self.generator.feature_score(part).flatten(1), features)[:, 0]

    def features_and_score(self, z: np.ndarray, keep: bool) -> tuple[np.ndarray | None, np.ndarray]:
        """Features, if they are to be kept and there are any, and N rejection scores."""

        def found(part: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
            features, score = self.generator.features_and_score(part)
            return features if keep else None, score

        parts = self.map_batches(found, z)
        kept = [features for features, _ in parts if features is not None]
        return torch.cat(kept).numpy() if kept else None, torch.cat([score for _, score in parts]).flatten().numpy()

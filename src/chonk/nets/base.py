"""The protocol of a generator: all that the training loop, `chonk.model.Model`, calibration and the export use of
it."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import torch
import torch.nn as nn

from chonk.latents import TRIES


class Sample(NamedTuple):
    """The result of one forward pass.  Features and score come from the pass that draws, so nothing is computed
    twice."""

    pictures: torch.Tensor
    """N x channels x size x size, [-1, 1] and a little beyond."""
    features: torch.Tensor | None = None
    """N x D x side x side, from which the pictures were decoded; None for nets without features (`has_features`)."""
    score: torch.Tensor | None = None
    """N x 1 x 1 x 1: the rejection score, 0 for an accepted picture; None for nets that reject none."""


class Generator(nn.Module):
    """Latents N x latent_dim -> pictures N x channels x size x size in [-1, 1].

    Built as `Generator(size, channels, latent_dim, **options)`.  A subclass must define `forward` and `latent_kind`.
    If it decodes pictures from features, or can score its own pictures, it sets the attributes below and overrides
    their methods."""

    latent_kind: ClassVar[Literal["normal", "uniform"]]
    """The prior: "normal" for N(0, 1), "uniform" for [-1, 1]."""
    has_features: ClassVar[bool] = False
    """Whether sums and sliders use features (`features`, `difference`, `project`, `decode`); otherwise they use
    latents."""
    blends_features: ClassVar[bool] = False
    """Whether pictures are interpolated by the mean of their features; otherwise by that of their latents."""
    needs_calibration: ClassVar[bool] = False
    """Whether rejection limits, and a retrieval sharpness, have to be measured after training (`chonk.calibrate`)."""
    has_sharpness: ClassVar[bool] = False
    """Whether it has a retrieval sharpness (`sharpen`)."""

    tries: ClassVar[int] = TRIES
    """Latents that are tried for one picture, the first included, while they are rejected.  Fixed, as links depend on
    it."""

    @property
    def rejects(self) -> bool:
        """Whether it rejects pictures: `sample` then gives a score."""
        return False

    def sample(self, z: torch.Tensor) -> Sample:
        """The pictures of latents, and what else the pass gave."""
        return Sample(self(z))

    def rejection_score(self, z: torch.Tensor) -> torch.Tensor:
        """The score alone, N x 1 x 1 x 1, without drawing the pictures."""
        return torch.zeros(len(z), 1, 1, 1)

    def features_and_score(self, z: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
        """The features, from which an accepted picture is decoded, and their score.  None for nets without features."""
        return self.features(z) if self.has_features else None, self.rejection_score(z)

    def features(self, z: torch.Tensor) -> torch.Tensor:
        """Latents -> features, N x D x side x side."""
        raise TypeError(f"{type(self).__name__} has no features")

    def difference(self, minus: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        """The change from one picture to the other, which can be added to a third: features (or means of several) ->
        features."""
        raise TypeError(f"{type(self).__name__} has no features")

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Features to which differences were added, moved closer to what the decoder can draw; here unchanged."""
        return features

    def feature_score(self, features: torch.Tensor) -> torch.Tensor:
        """The rejection score of features to which differences were added, N x 1 x 1 x 1."""
        return torch.zeros(len(features), 1, 1, 1)

    def decode(self, features: torch.Tensor) -> torch.Tensor:
        """The pictures of features."""
        raise TypeError(f"{type(self).__name__} has no features")

    def initial_latents(self, picture: torch.Tensor) -> torch.Tensor:
        """Latents from which an inversion of a picture, 1 x channels x size x size, may start: N x latent_dim; none if
        the net knows none."""
        return torch.zeros(0, 0)

    @property
    def feature_std(self) -> float:
        """The standard deviation of features from picture to picture; never 0."""
        return 1.0

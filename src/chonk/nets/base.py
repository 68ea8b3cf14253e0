"""What the rest of chonk may ask of a generator: the loop, `chonk.model.Model`, calibration, the export to the page."""

from __future__ import annotations

from typing import ClassVar, Literal, NamedTuple

import torch
import torch.nn as nn

from chonk.latents import TRIES


class Sample(NamedTuple):
    """What one pass of a generator gives.  Features and score come from the pass that draws, so that nothing is
    computed twice."""

    pictures: torch.Tensor
    """N x channels x size x size, [-1, 1] and a little beyond."""
    features: torch.Tensor | None = None
    """N x D x side x side: what the pictures were decoded from; None for nets without (`has_features`)."""
    score: torch.Tensor | None = None
    """N x 1 x 1 x 1: the rejection score, 0 for a picture that may be shown; None for nets that reject none."""


class Generator(nn.Module):
    """Latents N x latent_dim -> pictures N x channels x size x size in [-1, 1].

    Built as `Generator(size, channels, latent_dim, **options)`.  A subclass defines `forward` and `latent_kind`; one
    that decodes pictures from features, or can tell which of its pictures came out wrong, says so and overrides what
    stands below."""

    latent_kind: ClassVar[Literal["normal", "uniform"]]
    """The prior: "normal" for N(0, 1), "uniform" for [-1, 1]."""
    has_features: ClassVar[bool] = False
    """Whether sums and sliders are made with features (`features`, `difference`, `project`, `decode`), or else with
    latents."""
    blends_features: ClassVar[bool] = False
    """Whether what lies between pictures is drawn from a mean of their features, or else of their latents."""
    needs_calibration: ClassVar[bool] = False
    """Whether its retrieval sharpness and rejection limits have to be measured once it is trained
    (`chonk.calibrate`)."""
    has_sharpness: ClassVar[bool] = False
    """Whether that sharpness can be changed (`sharpen`), or only the limits."""

    tries: ClassVar[int] = TRIES
    """Latents that are tried for one picture where the first is rejected; links rest on it, so it stays."""

    @property
    def rejects(self) -> bool:
        """Whether there are pictures that it would rather not show: `sample` then gives a score."""
        return False

    def sample(self, z: torch.Tensor) -> Sample:
        """The pictures of latents, and what else came with them."""
        return Sample(self(z))

    def rejection_score(self, z: torch.Tensor) -> torch.Tensor:
        """The score alone, N x 1 x 1 x 1, without drawing the pictures."""
        return torch.zeros(len(z), 1, 1, 1)

    def features_and_score(self, z: torch.Tensor) -> tuple[torch.Tensor | None, torch.Tensor]:
        """The features, and the score computed from them: what is not rejected is decoded from the same features.  None
        for nets without features."""
        return self.features(z) if self.has_features else None, self.rejection_score(z)

    def features(self, z: torch.Tensor) -> torch.Tensor:
        """Latents -> features, N x D x side x side."""
        raise TypeError(f"{type(self).__name__} has no features")

    def difference(self, minus: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        """What makes of one picture the other and can be added to a third: features (or means of several) ->
        features."""
        raise TypeError(f"{type(self).__name__} has no features")

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Features to which differences were added, brought nearer to what the decoder can draw; here as they are."""
        return features

    def feature_score(self, features: torch.Tensor) -> torch.Tensor:
        """The rejection score of features to which differences were added, N x 1 x 1 x 1."""
        return torch.zeros(len(features), 1, 1, 1)

    def decode(self, features: torch.Tensor) -> torch.Tensor:
        """The pictures of features."""
        raise TypeError(f"{type(self).__name__} has no features")

    def initial_latents(self, picture: torch.Tensor) -> torch.Tensor:
        """Latents that draw something like a picture, 1 x channels x size x size, for an inversion to start from: N x
        latent_dim, none where nothing is known."""
        return torch.zeros(0, 0)

    @property
    def feature_std(self) -> float:
        """The standard deviation of features from picture to picture; never 0."""
        return 1.0

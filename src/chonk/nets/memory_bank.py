"""A memory bank of the features of training pictures, and what it tells about any features.

Its values are m_jp, the features of picture j at place p.  Generators (`chonk.nets.mosaic`, `chonk.nets.collage`)
retrieve features from it in different ways.  They share what is here: how similar each picture is to the features
around a place (`similarity`), sums of pictures, and the limits beyond which a result is rejected.

Sums are made with features because latents do not add up.  The difference between two results is added to a third, and
the sum is moved part of the way towards the memory (`project`).

Some results are copies of one picture, and some are incoherent: at some place no picture in memory is similar to them.
The same similarity detects both (`rejection_score`), and random sampling draws another latent instead
(`chonk.model.Model.latents`).
"""

from __future__ import annotations

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets import base
from chonk.nets.autoencoder import FEATURES, STEP, Decoder
from chonk.nets.harmonizer import Harmonizer
from chonk.nets.quantised import quantised
from chonk.nets.refiner import Refiner

MAX_INCOHERENCE = 4096.0
"""No result exceeds this: as a limit it rejects nothing."""
MAX_SHARPNESS = 4.0
"""The maximum of logits is computed as their mean, weighted by the softmax of this multiple of them."""
GAIN, MIN_DIFFERENCE = 1.5, 0.25
"""A difference is scaled to GAIN standard deviations of the features where it is largest; one smaller than
MIN_DIFFERENCE of them is scaled as if it were as large as that."""
PROJECTION = 0.4
"""How far features to which differences were added are moved towards the memory."""
MAX_SIDE = 1024
NEGLIGIBLE = 30.0
"""Logits this far below the largest one have no visible weight; the page gives them none."""


def side_of(size: int) -> int:
    """Places along a side.  Raises ValueError for a size that is no multiple of 8 up to 1,024."""
    if size % STEP or not 0 < size <= MAX_SIDE:
        raise ValueError(
            f"pictures of {size} x {size}: the side must be a multiple of {STEP} up to {MAX_SIDE} "
            "(for example 32, 48, 64, 128, 256)"
        )
    return size // STEP


def constant(*shape: int) -> nn.Parameter:
    """A part of a model that is not trained."""
    return nn.Parameter(torch.zeros(shape), requires_grad=False)


class MemoryBank(base.Generator):
    """A generator that draws from memory: `retrieve` makes features of latents, the decoder pictures of features.
    With `refined` there is a refiner (`chonk.nets.refiner`) between the two.

    `min_novelty` and `max_incoherence` are the limits of the rejection score.  Raises ValueError for a size that is no
    multiple of 8."""

    latent_kind = "normal"
    has_features = True
    needs_calibration = True

    def __init__(
        self, size: int, channels: int, memory_size: int, min_novelty: float, max_incoherence: float, refined: bool
    ) -> None:
        super().__init__()
        self.side, self.memory_size = side_of(size), memory_size
        self.min_novelty, self.max_incoherence = min_novelty, max_incoherence
        # Width of the window of places that are compared: a third of the picture.
        self.window = max(min(3, self.side | 1), self.side // 3 | 1)
        self.memory = constant(self.side, self.side, memory_size, FEATURES)
        self.similarity_kernel = constant(memory_size, 1, self.window, self.window)
        self.similarity_bias = constant(memory_size, self.side, self.side)
        self.harmonizer = Harmonizer()
        self.refiner = Refiner(self.side) if refined else None
        self.decoder = Decoder(channels)

    def draft(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents -> what `novelty_and_incoherence` needs beside the features, and features N x 32 x side x side that
        are not refined yet."""
        raise NotImplementedError

    def retrieve(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The same, refined."""
        extra, features = self.draft(z)
        return extra, self.refine(features)

    def refine(self, features: torch.Tensor) -> torch.Tensor:
        """The features made like those of a single picture; unchanged if the generator has no refiner."""
        return features if self.refiner is None else self.refiner(features)

    def novelty_and_incoherence(self, extra: torch.Tensor, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both N x 1 x 1 x 1, in logits of similarity, given what `retrieve` returns."""
        raise NotImplementedError

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.features(z))

    def sample(self, z: torch.Tensor) -> base.Sample:
        features, score = self.features_and_score(z) if self.rejects else (self.features(z), None)
        return base.Sample(self.decoder(features), features, score)

    def features(self, z: torch.Tensor) -> torch.Tensor:
        return self.retrieve(z)[1]

    def decode(self, features: torch.Tensor) -> torch.Tensor:
        return self.decoder(features)

    @property
    def feature_std(self) -> float:
        return self.memory.var(2, correction=0).mean().sqrt().clamp(min=1e-3).item()

    def difference(self, minus: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        """The change from one picture to the other: features N x 32 x side x side each, or means of several -> the
        same.

        In a mean of several results, what they have in common is faint, because it is in a different place in each.  So
        all differences are scaled to the same size in the sixteenth of all places where they are largest."""
        difference = plus - minus
        places = difference.square().mean(1).flatten(1)
        largest = places.topk(-(-places.shape[1] // 16)).values.mean(1).sqrt()
        return difference * (GAIN / (largest / self.feature_std).clamp(min=MIN_DIFFERENCE))[:, None, None, None]

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Features moved part of the way towards the most similar ones in memory, in their own palette."""
        retrieved = self.harmonizer(self.read(attention(self.similarity(features))), self.harmonizer.palette(features))
        return self.refine((1 - PROJECTION) * features + PROJECTION * retrieved)

    @property
    def rejects(self) -> bool:
        return self.min_novelty > 0 or self.max_incoherence < MAX_INCOHERENCE

    def rejection_score(self, z: torch.Tensor) -> torch.Tensor:
        return self.features_and_score(z)[1]

    def features_and_score(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        retrieved, features = self.retrieve(z)
        return features, self.score(retrieved, features)

    def feature_score(self, features: torch.Tensor) -> torch.Tensor:
        projected = self.project(features)
        return self.score(projected, projected)

    def score(self, retrieved: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """How far features are beyond the limits, N x 1 x 1 x 1, in logits of similarity."""
        novelty, incoherence = self.novelty_and_incoherence(retrieved, features)
        return F.relu(self.min_novelty - novelty) + F.relu(incoherence - self.max_incoherence)

    def similarity(self, features: torch.Tensor) -> torch.Tensor:
        """The similarity of each picture in memory to these features around each place, in logits, N x memory_size x
        side x side, without terms that are the same for all pictures."""
        products = torch.einsum("bdyx,yxnd->bnyx", features, self.memory)
        windowed = F.conv2d(products, self.similarity_kernel, padding=self.window // 2, groups=self.memory_size)
        return windowed - self.similarity_bias

    def largest(self, logits: torch.Tensor) -> torch.Tensor:
        """The largest logit over the memory, N x memory_size x H x W -> N x 1 x H x W."""
        weighted = attention(MAX_SHARPNESS * logits) * logits
        ones = torch.ones_like(self.similarity_bias.narrow(1, 0, 1).narrow(2, 0, 1))  # one for each picture
        return F.conv2d(weighted, ones.view(1, -1, 1, 1))

    def read(self, weights: torch.Tensor) -> torch.Tensor:
        """The memory's values, mixed at each place by weights N x memory_size x side x side: N x 32 x side x side."""
        return torch.einsum("bnyx,yxnd->bdyx", weights, self.memory)

    def everywhere(self, values: torch.Tensor) -> torch.Tensor:
        """The same at every place: N x memory_size -> N x memory_size x side x side."""
        return values.view(-1, self.memory_size, 1, 1).expand(-1, -1, self.side, self.side)

    @torch.no_grad()
    def set_values(self, features: torch.Tensor, neighbour_weight: float) -> None:
        """Sets the memory's values, features memory_size x 32 x side x side, and the constants of `similarity`, in
        which a mean squared difference of one feature variance counts `neighbour_weight` logits.

        All of them are quantised, so that the page can store them in four or six bits each without loss."""
        features = quantised(features.permute(2, 3, 0, 1), 7)
        self.memory.copy_(features)
        # b |x - m|^2 = b |x|^2 - 2 b x.m + b |m|^2, summed over the window; the first term is the same for all
        # pictures.
        b = neighbour_weight / (self.window**2 * FEATURES * features.var(2).mean().clamp(min=1e-6))
        kernel = (2 * b).expand(self.memory_size, self.window**2)
        self.similarity_kernel.copy_(quantised(kernel, 31).view_as(self.similarity_kernel))
        norms = features.square().sum(3).permute(2, 0, 1)[:, None]
        around = F.conv2d(norms, torch.ones(1, 1, self.window, self.window), padding=self.window // 2)[:, 0]
        self.similarity_bias.copy_(quantised(b * (around - around.mean(0)), 31))


@torch.fx.wrap  # one operation to the page
def attention(logits: torch.Tensor) -> torch.Tensor:
    """The softmax over the memory, N x memory_size x ...  No weight is smaller than e^-NEGLIGIBLE of the largest one:
    a processor is many times slower with denormal numbers."""
    return F.softmax(torch.maximum(logits, logits.amax(1, keepdim=True) - NEGLIGIBLE), dim=1)

"""The default generator.  It makes collages: a training picture, up to three parts of which are replaced by parts of
other pictures, cut where the seam does not show.

    z -> base      one picture: x = sum_j w_j m_j, w = softmax_j(z_base . k_j)
      -> graft     three times: another picture o, similar to x: w = softmax_j(z . k_j - a |x - m_j|^2), put into the
                   palette of x; a part of it replaces that of x: x <- x + y (o - x), y in [0, 1] at each place;
                   then the colours are harmonized with the palette of x
      -> decode    convolutions (`chonk.nets.autoencoder.Decoder`)

The distance of two pictures, |x - o|^2, is a weighted sum of that of their features and that of the colours decoded
linearly from them (`chonk.learn.colour_readout`), because features hardly distinguish one sky from another, but people
do.  Along the seam, where y changes from 0 to 1, both pictures should agree.  So the mask y minimises the energy

    E(y) = s sum_pq (d_p + d_q) |y_p - y_q| - sum_p u_p y_p      d_p = |x_p - o_p|^2, p and q neighbours, u a field of z

by mean-field iteration: an Ising model whose couplings are the distances of the two pictures (Kwatra et al. 2003 found
such seams by graph cuts).  A connected region in which the pictures differ, such as a mouth, a hat or a head, is
exchanged as a whole, and the seam runs where both pictures are alike.

Results that are one training picture, or whose seams are visible, are rejected (`novelty_and_incoherence`).  Memory,
sums and palettes are those of `chonk.nets.memory_bank` and `chonk.nets.mosaic`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.fx
import torch.nn.functional as F

from chonk.nets import mosaic
from chonk.nets.autoencoder import FEATURES
from chonk.nets.memory_bank import MAX_INCOHERENCE, attention, constant
from chonk.nets.mosaic import COLOUR_DIM, GRID, RetrievalConfig
from chonk.nets.pretrained import load_pretrained_nets
from chonk.nets.quantised import quantised
from chonk.validation import Range

torch.fx.wrap("attention")  # one operation to the page

GRAFTS = 3
"""Number of exchanged parts."""
ROUNDS, COOLING = 16, 1.5
"""Iterations of mean field, and the factor by which the temperature falls from one to the next: annealing makes
connected regions decide together."""
OTHER_GAIN = 0.6
"""Gain of the logits for the other pictures, relative to that for the base."""
REPEAT_PENALTY = 300.0
"""What is subtracted from the logits of a picture that is in the result already."""
MIXTURE_COST = 3000.0
"""Cost of blending several pictures, for a variance among them of one feature variance."""
LARGE_CHANGE, STEEPNESS = 0.03, 4.0
"""The squared change by the harmonizer, in feature variances, of which half is applied outside of the new part (for
training pictures in their own palette, 95 to 99 % of the changes are smaller), and the steepness of that sigmoid."""
FORMER_NOVELTY_WEIGHT = 1.5
"""The `novelty_weight` of models from before there was that option."""


@dataclass(frozen=True)
class CollageConfig:
    """How parts of pictures are combined."""

    gain: float = 100.0
    """Standard deviation of the base's logits over latents: the lower, the longer the blend from one picture to the
    next."""
    likeness: float = 300.0
    """What is subtracted from the logits of another picture at a mean squared distance of one feature variance."""
    seam: float = 3.0
    """Cost of the seam, for a squared distance of one feature variance."""
    field: float = 2.0
    """Standard deviation of the field u, which says where parts are exchanged."""
    colours: float = 0.5
    """Share of the colours in the distance of two pictures; the rest is that of the features."""


class Generator(mosaic.Generator):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = base + 3 (other + 16), where base and other have global_dim + 6 numbers each; `set_pictures` sets the
    memory bank.  `novelty_weight` is what a logit of missing novelty adds to the incoherence.  With `colour_metric`
    distances include colours, and each new part is harmonized in its place.  The defaults are those of older models."""

    has_sharpness = False
    blends_features = True  # between two latents lie other pictures, one after the other
    tries = 24

    def __init__(
        self,
        size: int,
        channels: int,
        latent_dim: int,
        memory_size: Annotated[int, Range(1, 4096)] = 400,
        min_novelty: Annotated[float, Range(0, MAX_INCOHERENCE)] = 0.0,
        max_incoherence: Annotated[float, Range(0, MAX_INCOHERENCE)] = MAX_INCOHERENCE,
        refined: bool = False,
        novelty_weight: Annotated[float, Range(0, 10)] = FORMER_NOVELTY_WEIGHT,
        colour_metric: bool = False,
    ) -> None:
        self.novelty_weight, self.colour_metric = novelty_weight, colour_metric
        self.key_dim, rest = divmod(latent_dim - GRAFTS * GRID**2, 1 + GRAFTS)
        if rest or self.key_dim <= COLOUR_DIM:
            raise ValueError(f"latent_dim {latent_dim} out of range")
        super().__init__(size, channels, self.key_dim + GRID**2, 1, memory_size, min_novelty, max_incoherence, refined)
        self.likeness_scale = constant(1)
        self.likeness_bias = constant(memory_size)
        self.norms = constant(1, memory_size)  # the pictures' mean squares
        self.difference_kernel = constant(1, FEATURES, 1, 1)  # the sum, in feature variances
        if colour_metric:
            self.metric = constant(FEATURES, FEATURES, 1, 1)  # of features and of the colours read of them
        self.neighbours = constant(1, 1, 3, 3)
        self.field_gain = constant(1, 1, 1, 1)
        self.logits_of_distance = constant(1, 1, 1, 1)  # for a squared difference of one feature variance

    def draft(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents -> the cost of seams and of mixtures, N x 1 x 1 x 1, and features N x 32 x side x side."""
        dim = self.key_dim
        weights = attention(F.linear(z.narrow(1, 0, dim), self.global_keys))
        features = self.read(self.everywhere(weights))
        cost, used = MIXTURE_COST * self.mixture(weights, features), weights
        for number in range(GRAFTS):
            start = dim + number * (dim + GRID**2)
            logits = OTHER_GAIN * F.linear(z.narrow(1, start, dim), self.global_keys)
            weights = attention(logits + self.likeness(features) - REPEAT_PENALTY * used)
            other, used = self.read(self.everywhere(weights)), used + weights
            mixture_cost = MIXTURE_COST * self.mixture(weights, other)
            palette = self.harmonizer.palette(features)
            other = self.harmonizer(other, palette)
            points = z.narrow(1, start + dim, GRID**2).view(-1, 1, GRID, GRID)
            field = F.interpolate(points, size=(self.side, self.side), mode="bilinear", align_corners=False)
            mask, seam = self.seam_mask(features, other, F.conv2d(field, self.field_gain))
            cost = cost + seam + mixture_cost * F.adaptive_avg_pool2d(mask, 1)
            features = features + self.for_each_feature(mask) * (other - features)
            if self.colour_metric:
                features = self.harmonize(features, palette, mask)
        return cost, features

    def harmonize(self, features: torch.Tensor, palette: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Harmonizes features where the mask is 1, and elsewhere only where the change is large: the small changes that
        the harmonizer makes to every picture would add up from part to part."""
        change = self.harmonizer(features, palette) - features
        outside = torch.sigmoid(
            F.conv2d(change * change, self.difference_kernel) * (STEEPNESS / LARGE_CHANGE) - STEEPNESS
        )
        return features + self.for_each_feature(mask + (1 - mask) * outside) * change

    def for_each_feature(self, values: torch.Tensor) -> torch.Tensor:
        """N x 1 x side x side -> the same for all features, N x 32 x side x side."""
        return F.conv2d(values, torch.ones_like(self.difference_kernel).view(-1, 1, 1, 1))

    def scaled(self, features: torch.Tensor) -> torch.Tensor:
        """M x, where a squared difference is (x - o)' M (x - o): features N x 32 x side x side -> the same."""
        return F.conv2d(features, self.metric) if self.colour_metric else features

    def squares(self, features: torch.Tensor) -> torch.Tensor:
        """Squared differences from 0, in feature variances: N x 32 x side x side -> N x 1 x side x side."""
        return F.conv2d(features * self.scaled(features), self.difference_kernel)

    def likeness(self, features: torch.Tensor) -> torch.Tensor:
        """The similarity of each whole picture to these features, N x memory_size, in logits, without terms that are
        the same for all pictures."""
        products = torch.einsum("bdyx,yxnd->bnyx", self.scaled(features), self.memory)
        return self.likeness_scale * F.adaptive_avg_pool2d(products, 1).flatten(1) - self.likeness_bias

    def mixture(self, weights: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        """The variance among the blended pictures, weights N x memory_size, in feature variances: N x 1 x 1 x 1; 0 for
        a single picture."""
        length = F.adaptive_avg_pool2d(self.squares(mixed), 1)
        return F.relu(F.linear(weights, self.norms).view(-1, 1, 1, 1) - length)

    def seam_mask(
        self, features: torch.Tensor, other: torch.Tensor, field: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The mask y, N x 1 x side x side, 1 where `other` is taken, and the cost of the seam, N x 1 x 1 x 1."""
        distance = self.squares(other - features)
        spin = 0 * field  # of the Ising model, -1 to 1
        for number in range(1, ROUNDS + 1):
            force = field + distance * self.neighbour_sum(spin) + self.neighbour_sum(distance * spin)
            mask = torch.sigmoid(COOLING ** (number - ROUNDS) * force)
            spin = mask + mask - 1
        crossed = mask * self.neighbour_sum(1 - mask) + (1 - mask) * self.neighbour_sum(mask)
        return mask, self.side**2 * F.adaptive_avg_pool2d(distance * crossed, 1)

    def neighbour_sum(self, values: torch.Tensor) -> torch.Tensor:
        """The sum over a place's eight neighbours, diagonal ones half, times the weight of the seam."""
        return F.conv2d(values, self.neighbours, padding=1)

    def novelty_and_incoherence(self, cost: torch.Tensor, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Both N x 1 x 1 x 1, given what `retrieve` returned.  Novelty: the distance to the nearest training picture,
        in logits of likeness.  Incoherence: the cost from `draft`, to which older models add missing novelty."""
        length = F.adaptive_avg_pool2d(self.squares(features), 1)
        nearest = self.largest(self.likeness(features).view(-1, self.memory_size, 1, 1))
        novelty = F.conv2d(length, self.logits_of_distance) - nearest
        if self.novelty_weight:
            cost = cost + self.novelty_weight * F.relu(self.logits_of_distance - novelty)
        return novelty, cost

    def feature_score(self, features: torch.Tensor) -> torch.Tensor:
        """How far features to which differences were added are below `min_novelty`, N x 1 x 1 x 1; they have no
        seams."""
        projected = self.project(features)
        novelty, _ = self.novelty_and_incoherence(torch.zeros(len(features), 1, 1, 1), projected)
        return F.relu(self.min_novelty - novelty)

    def initial_latents(self, picture: torch.Tensor) -> torch.Tensor:
        """Latents whose bases are the training pictures most similar to the given one: up to 4 x latent_dim."""
        likeness = self.likeness(load_pretrained_nets()[0](picture))[0]
        keys = self.global_keys[likeness.topk(min(4, self.memory_size)).indices]
        return F.pad(F.normalize(keys) * self.key_dim**0.5, (0, GRAFTS * (self.key_dim + GRID**2)))

    @torch.no_grad()
    def set_pictures(
        self,
        features: torch.Tensor,
        global_keys: torch.Tensor,
        colour_keys: torch.Tensor,
        config: CollageConfig | None = None,
        colours: torch.Tensor | None = None,
    ) -> None:
        """Sets the memory bank: `features` memory_size x 32 x side x side, and keys for pictures as a whole and for
        their colours, memory_size x global_dim and x 6, which are normalized.  With `colour_metric`, `colours` is the
        linear map from features to colours, C x 32."""
        config = config or CollageConfig()
        super().fill_memory(features, global_keys, colour_keys, torch.ones(len(features), 1), RetrievalConfig())
        keys = F.normalize(torch.cat([F.normalize(global_keys), F.normalize(colour_keys) / 2], 1))
        self.global_keys.copy_(quantised(config.gain * keys, 31))
        variance = self.memory.var(2, correction=0).mean().clamp(min=1e-6)
        self.difference_kernel.fill_(1 / (FEATURES * variance))
        if self.colour_metric != (colours is not None):
            raise ValueError("colours: needed with colour_metric, and only then")
        if colours is not None:
            self.metric.copy_(metric(self.memory, variance, colours, config.colours)[:, :, None, None])
        norms = torch.cat([self.squares(part).mean((1, 2, 3)) for part in self.memory.permute(2, 3, 0, 1).split(64)])
        self.norms.copy_(quantised(norms[None], 31))
        self.likeness_scale.fill_(2 * config.likeness / (FEATURES * variance))
        self.likeness_bias.copy_(config.likeness * norms)
        self.neighbours.copy_(config.seam * torch.tensor([[0.5, 1, 0.5], [1, 0, 1], [0.5, 1, 0.5]]))
        self.field_gain.fill_(config.field)
        self.logits_of_distance.fill_(config.likeness)


def metric(memory: torch.Tensor, variance: torch.Tensor, colours: torch.Tensor, share: float) -> torch.Tensor:
    """M of the squared distance (x - o)' M (x - o), 32 x 32, symmetric but for rounding: that of the features plus,
    with this share, that of the colours, C x 32, each relative to its variance over the memory, side x side x
    memory_size x 32, whose features have this variance."""
    of_colours = colours.T @ colours
    colour_variance = (
        (memory @ colours.T).var(2, correction=0).sum().clamp(min=1e-9) / memory.shape[0] / memory.shape[1]
    )
    both = (1 - share) * torch.eye(FEATURES) + share * FEATURES * variance / colour_variance * of_colours
    return quantised(both, 31)

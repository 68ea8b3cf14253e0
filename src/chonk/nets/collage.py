"""A generator of whole drawings: one training picture, some parts of which are exchanged where the seam does not show.

    z -> base      one picture: x = sum_j w_j m_j, w = softmax_j(z_base . k_j)
      -> graft     three times: another picture o, like x and in its palette: w = softmax_j(z . k_j - a |x - m_j|^2);
                   a part of it replaces that of x: x <- x + y (o - x), y in [0, 1] at each place, and what does
                   not fit in colour is harmonized in the palette of x
      -> decode    convolutions (`chonk.nets.autoencoder.Decoder`)

How much two pictures differ, |x - o|^2, is asked of their features and, with a share of its own, of the colours that
can be read of them (`chonk.learn.colour_readout`): features hardly tell one sky from another, and a person does.
Along the seam, where y changes from 0 to 1, both pictures should agree.  So the mask y lowers the energy

    E(y) = s sum_pq (d_p + d_q) |y_p - y_q| - sum_p u_p y_p      d_p = |x_p - o_p|^2, p and q neighbours, u a field of z

by rounds of mean field: an Ising model whose couplings are how much the pictures differ (Kwatra et al. 2003 found such
seams by graph cuts).  What differs and hangs together is exchanged as one, a mouth, a hat, a head; the seam runs where
both pictures are alike.

Results that are one training picture, or whose seams show, are rejected (`novelty_and_incoherence`).  Memory, sums and
palettes are those of `chonk.nets.memory_bank` and `chonk.nets.mosaic`.
"""

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
"""Times that a part is exchanged."""
ROUNDS, COOLING = 16, 1.5
"""Rounds of mean field, and how much cooler each is than the one before: what hangs together decides together."""
OTHER_GAIN = 0.6
"""Gain of the logits for the other pictures, as a share of that for the base."""
REPEAT_PENALTY = 300.0
"""Logits that a picture loses for being in the result already."""
MIXTURE_COST = 3000.0
"""Cost of a picture's being a mixture of several, for a variance of one feature variance."""
MUCH, STEEPNESS = 0.03, 4.0
"""A squared change by the harmonizer, in feature variances, half of which is made where there is no new part (of
training pictures in their own palette 95 to 99 % are smaller), and how steeply that share rises."""
FORMER_NOVELTY_WEIGHT = 1.5
"""What a logit of missing novelty counted as incoherence, in costs of a seam: in models without the option."""


@dataclass(frozen=True)
class CollageConfig:
    """How pictures are put together."""

    gain: float = 100.0
    """Standard deviation over latents of the logits for a picture: lower blends longer between two."""
    likeness: float = 300.0
    """Logits that another picture loses for a mean squared difference of one feature variance."""
    seam: float = 3.0
    """Weight of the seam, for a squared difference of one feature variance."""
    field: float = 2.0
    """Standard deviation of the field that says where parts are exchanged."""
    colours: float = 0.5
    """Share of the colours in how much two pictures differ; the rest is that of the features."""


class Generator(mosaic.Generator):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = base + 3 (other + 16), where base and other have global_dim + 6 numbers each; `set_pictures` sets the
    pictures.  `novelty_weight` is what a logit of missing novelty adds to the incoherence; with `sees_colours` colours
    count as well, and results are harmonized with the parts in them.  The defaults are those of former models."""

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
        """Features harmonized where the mask is 1, and elsewhere where that changes them much; all the little that it
        changes of any picture would wear the rest away, part after part."""
        change = self.harmonizer(features, palette) - features
        much = torch.sigmoid(F.conv2d(change * change, self.difference_kernel) * (STEEPNESS / MUCH) - STEEPNESS)
        return features + self.for_each_feature(mask + (1 - mask) * much) * change

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
        """How much each picture looks like these features as a whole, N x memory_size, in logits; what is the same for
        all is left out."""
        products = torch.einsum("bdyx,yxnd->bnyx", self.scaled(features), self.memory)
        return self.likeness_scale * F.adaptive_avg_pool2d(products, 1).flatten(1) - self.likeness_bias

    def mixture(self, weights: torch.Tensor, mixed: torch.Tensor) -> torch.Tensor:
        """The variance among the pictures of a mixture, weights N x memory_size, in feature variances: N x 1 x 1 x 1, 0
        for one picture."""
        length = F.adaptive_avg_pool2d(self.squares(mixed), 1)
        return F.relu(F.linear(weights, self.norms).view(-1, 1, 1, 1) - length)

    def seam_mask(
        self, features: torch.Tensor, other: torch.Tensor, field: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """The mask y, N x 1 x side x side, 1 where `theirs` is taken, and what the seam costs, N x 1 x 1 x 1."""
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
        in logits of likeness.  Incoherence: the cost that `draft` returns; in former models missing novelty, too."""
        length = F.adaptive_avg_pool2d(self.squares(features), 1)
        nearest = self.largest(self.likeness(features).view(-1, self.memory_size, 1, 1))
        novelty = F.conv2d(length, self.logits_of_distance) - nearest
        if self.novelty_weight:
            cost = cost + self.novelty_weight * F.relu(self.logits_of_distance - novelty)
        return novelty, cost

    def feature_score(self, features: torch.Tensor) -> torch.Tensor:
        """How far features to which differences were added are from new enough, N x 1 x 1 x 1; they have no seams."""
        projected = self.project(features)
        novelty, _ = self.novelty_and_incoherence(torch.zeros(len(features), 1, 1, 1), projected)
        return F.relu(self.min_novelty - novelty)

    def initial_latents(self, picture: torch.Tensor) -> torch.Tensor:
        """Latents whose bases are the training pictures that look most like a picture: up to 4 x latent_dim."""
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
        """Sets the training pictures: features memory_size x 32 x side x side, and keys that say what they are like as
        a whole and in their colours, memory_size x global_dim and x 6, of which only the direction counts.  A generator
        that sees colours is told how they are read of features: colours x 32."""
        config = config or CollageConfig()
        super().fill_memory(features, global_keys, colour_keys, torch.ones(len(features), 1), RetrievalConfig())
        keys = F.normalize(torch.cat([F.normalize(global_keys), F.normalize(colour_keys) / 2], 1))
        self.global_keys.copy_(quantised(config.gain * keys, 31))
        variance = self.memory.var(2, correction=0).mean().clamp(min=1e-6)
        self.difference_kernel.fill_(1 / (FEATURES * variance))
        if self.colour_metric != (colours is not None):
            raise ValueError("colours: those of a generator that sees them, and of no other")
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
    """M of (x - o)' M (x - o), 32 x 32, symmetric but for rounding: the squared difference of features, and with this
    share that of the colours read of them, `colours` x 32, both as they vary over the memory, side x side x memory_size
    x 32, whose features have this variance."""
    read = colours.T @ colours
    seen = (memory @ colours.T).var(2, correction=0).sum().clamp(min=1e-9) / memory.shape[0] / memory.shape[1]
    both = (1 - share) * torch.eye(FEATURES) + share * FEATURES * variance / seen * read
    return quantised(both, 31)

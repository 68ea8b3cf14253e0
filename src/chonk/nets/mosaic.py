"""The default generator: it retrieves the features of training pictures place by place, makes neighbours agree, and
decodes them.

    z -> logits        a_jp = z_global . k_j + z_colour . h_j + field_p(z_local) . l_j
                       how much picture j is wanted at place p
      -> retrieve      x_p = sum_j w_jp m_jp,  w_p = softmax_j(2 a_jp)
                       m_jp: the features of picture j at place p
      -> refine        w_jp = softmax_j(a_jp - b mean_q |x_q - m_jq|^2 - c relu(mean_p w_jp - s)), and x anew
                       ROUNDS times; q are the places near p
      -> harmonize     x in the palette of one picture (`chonk.nets.harmonizer`)
                       before some of these rounds, and at the end
      -> decode        convolutions (`chonk.nets.autoencoder.Decoder`)

The training pictures are a memory bank.  Its values m are their features; its keys say what they are like as a whole
(k, `global_keys`), in their colours (h, in the same matrix) and in parts (l, `local_keys`).

The field of local logits is smooth in p, so neighbours ask for similar pictures.  A round of refinement asks which
pictures look like what is around a place.  That is a modern Hopfield network (Ramsauer et al. 2020, arXiv:2008.02217)
with a window; where only the neighbourhood matters it is gradient ascent to likely features, the local score machine of
Kamb and Ganguli (2024, arXiv:2412.20292).  The load penalty, c, lowers the logits of a picture that has more than its
share s of all places, so that hardly any result is one picture as a whole.

Linear maps, softmaxes, convolutions and ReLUs are all there is, so pictures are continuous in z, which is N(0, 1).

Sums are made with features, which add up as latents do not: the difference between two results is added to a third, and
the sum is projected a part of the way onto the memory (`project`).

Some results are still one picture as a whole, and some are incoherent: nothing in memory looks like what is around a
place.  The same similarity tells both (`rejection_score`), and whoever samples at random resamples those
(`chonk.model.Model.latents`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.fx
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets import base
from chonk.nets.autoencoder import FEATURES, STEP, Decoder
from chonk.nets.harmonizer import Harmonizer
from chonk.nets.pretrained import load_pretrained_nets
from chonk.validation import Range, checked

GRID = 4
"""The field of local logits has so many points each way, and is interpolated between them."""
COLOUR_DIM = 6
"""Numbers of a latent that say which picture's colours a result has."""
ROUNDS = 10
"""Rounds of refinement."""
HARMONIZE_BEFORE = (3, 6, 9)
"""Rounds, counted from 0, before which features are harmonized, so that places ask for pictures of such colours."""
MAX_INCOHERENCE = 4096.0
"""The limit that no result exceeds."""
MAX_SHARPNESS = 4.0
"""The largest of some logits is found as their mean under a softmax of so many times them."""
GAIN, MIN_DIFFERENCE = 1.5, 0.25
"""A difference is scaled to GAIN standard deviations of the features where it is largest; one smaller than
MIN_DIFFERENCE of them is scaled as if it were as large as that."""
PROJECTION = 0.4
"""How far features to which differences were added are moved towards the memory."""
MAX_SIDE = 1024
NEGLIGIBLE = 30.0
"""Logits so far below the largest have no weight that anybody could see; the page gives them none."""
LENGTHS = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Of the latents that an inversion starts from, in lengths of a usual one."""


@dataclass(frozen=True)
class RetrievalConfig:
    """How pictures are retrieved.  Gains are standard deviations of logits over latents."""

    global_gain: float = 12.0
    """Of the logits for the picture as a whole: higher is more coherent, and nearer to copying."""
    local_gain: float = 3.0
    """Of each place's own logits: higher is newer, and more of a patchwork."""
    colour_gain: float = 0.5
    """Of the logits for pictures of similar colours, as a share of `global_gain`: higher needs less harmonizing, and
    has fewer pictures to choose from."""
    palette_gain: float = 24.0
    """Of the logits for the palette, once for the colour numbers and once for the global ones: higher is more like a
    single picture's."""
    neighbour_weight: float = 100.0
    """Logits for a mean squared difference of one standard deviation of the features between a place's neighbourhood
    and a picture's."""
    max_share: float = 0.25
    """Share of a result that one picture may give before the load penalty begins."""
    load_penalty: float = 300.0
    """Its slope: logits for a whole result."""


def side_of(size: int) -> int:
    """Places along a side.  Raises ValueError for a size that is no multiple of 8 up to 1,024."""
    if size % STEP or not 0 < size <= MAX_SIDE:
        raise ValueError(
            f"pictures of {size} x {size}: the side must be a multiple of {STEP} up to {MAX_SIDE} "
            "(for example 32, 48, 64, 128, 256)"
        )
    return size // STEP


class Generator(base.Generator):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = global + 6 + 16 local: z_global, z_colour, then z_local as local_dim x 4 x 4.  `fill_memory` sets what
    is retrieved; the harmonizer and the decoder are trained.  `min_novelty` and `max_incoherence` are the limits of the
    rejection score."""

    latent_kind = "normal"
    has_features = True
    needs_calibration = True
    has_sharpness = True

    @checked
    def __init__(
        self,
        size: int,
        channels: int,
        latent_dim: int,
        local_dim: Annotated[int, Range(1, 256)] = 12,
        memory_size: Annotated[int, Range(1, 4096)] = 400,
        min_novelty: Annotated[float, Range(0, MAX_INCOHERENCE)] = 0.0,
        max_incoherence: Annotated[float, Range(0, MAX_INCOHERENCE)] = MAX_INCOHERENCE,
    ) -> None:
        super().__init__()
        self.side, self.local_dim, self.memory_size = side_of(size), local_dim, memory_size
        self.min_novelty, self.max_incoherence = min_novelty, max_incoherence
        self.global_dim = latent_dim - COLOUR_DIM - GRID**2 * local_dim
        if self.global_dim < 1:
            raise ValueError(f"latent_dim {latent_dim} is too small for local_dim {local_dim}")
        # Places each way that a place compares: a third of the picture.
        self.window = max(min(3, self.side | 1), self.side // 3 | 1)

        def constant(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(shape), requires_grad=False)

        self.global_keys = constant(memory_size, self.global_dim + COLOUR_DIM)
        self.palette_keys = constant(memory_size, self.global_dim + COLOUR_DIM)
        self.local_keys = constant(memory_size, local_dim, 1, 1)
        self.memory = constant(self.side, self.side, memory_size, FEATURES)
        self.similarity_kernel = constant(memory_size, 1, self.window, self.window)
        self.similarity_bias = constant(memory_size, self.side, self.side)
        self.load_kernel = constant(memory_size, 1, self.side, self.side)
        self.load_bias = constant(memory_size)
        self.harmonizer = Harmonizer()
        self.decoder = Decoder(channels)

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
        """What makes of one picture the other: features N x 32 x side x side each, or means of several -> the same.

        A mean of results that have something in common shows it only faintly, for they have it in different places; so
        all differences are scaled to be equally large in the sixteenth of all places where they are largest."""
        difference = plus - minus
        places = difference.square().mean(1).flatten(1)
        largest = places.topk(-(-places.shape[1] // 16)).values.mean(1).sqrt()
        return difference * (GAIN / (largest / self.feature_std).clamp(min=MIN_DIFFERENCE))[:, None, None, None]

    def project(self, features: torch.Tensor) -> torch.Tensor:
        """Features a part of the way towards those in memory that look most like them, in their palette."""
        retrieved = self.read(attention(self.similarity(features)))
        return (1 - PROJECTION) * features + PROJECTION * self.harmonizer(retrieved, self.harmonizer.palette(features))

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

    def novelty_and_incoherence(
        self, retrieved: torch.Tensor, features: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Both N x 1 x 1 x 1, in the logits that a place would have against a picture, given features before
        (`retrieved`) and after they were harmonized.

        Novelty: the distance to the nearest single picture, in the mean over all places.  Incoherence: the mean
        distance of each place to the picture that is nearest there, and twice how much its colours had to be
        changed."""
        similarity, kernel = self.similarity(features), self.similarity_kernel.narrow(0, 0, 1) / 2
        here = F.conv2d(features * features, kernel.expand(-1, FEATURES, -1, -1), padding=self.window // 2)
        there = F.conv2d(self.memory.square().sum(3).mean(2)[None, None], kernel, padding=self.window // 2)
        energy = F.adaptive_avg_pool2d(here + there, 1)
        change = features - retrieved
        recoloured = F.conv2d(F.adaptive_avg_pool2d(change * change, 1), (2 * kernel.sum()).expand(1, FEATURES, 1, 1))
        novelty = energy - self.largest(F.adaptive_avg_pool2d(similarity, 1))
        return novelty, energy - F.adaptive_avg_pool2d(self.largest(similarity), 1) + recoloured

    def largest(self, logits: torch.Tensor) -> torch.Tensor:
        """The largest logit over the memory, N x memory_size x H x W -> N x 1 x H x W."""
        weighted = attention(MAX_SHARPNESS * logits) * logits
        return F.conv2d(weighted, torch.ones_like(self.load_bias).view(1, -1, 1, 1))

    def retrieve(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents -> features as retrieved, and harmonized; N x 32 x side x side each."""
        logits, palette = self.logits(z), self.palette(z)
        weights = attention(logits + logits)
        for number in range(ROUNDS):
            features = self.read(weights)
            if number in HARMONIZE_BEFORE:
                features = self.harmonizer(features, palette)
            weights = attention(logits + self.similarity(features) - self.load_penalty(weights))
        retrieved = self.read(weights)
        return retrieved, self.harmonizer(retrieved, palette)

    def palette(self, z: torch.Tensor) -> torch.Tensor:
        """The palette that the latent asks for: that of a picture retrieved as a whole, N x 48 x 1 x 1."""
        weights = attention(F.linear(z.narrow(1, 0, self.global_dim + COLOUR_DIM), self.palette_keys))
        return self.harmonizer.palette(self.read(self.everywhere(weights)))

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """How much each picture is wanted at each place: N x memory_size x side x side."""
        whole = F.linear(z.narrow(1, 0, self.global_dim + COLOUR_DIM), self.global_keys)
        points = z.narrow(1, self.global_dim + COLOUR_DIM, GRID**2 * self.local_dim)
        field = F.interpolate(
            points.view(-1, self.local_dim, GRID, GRID),
            size=(self.side, self.side),
            mode="bilinear",
            align_corners=False,
        )
        return self.everywhere(whole) + F.conv2d(field, self.local_keys)

    @torch.no_grad()
    def latents_near(self, picture: torch.Tensor) -> torch.Tensor:
        """The latents whose logits are, in the least-squares sense, nearest to the weights w_jp that each place p would
        give the pictures j in memory if the picture were what it retrieves: of growing length, the longer the more
        decided.

        logits_jp(z) = g_j . z_global + l_j . sum_q f_qp z_q, with keys g and l and the field's f, so the normal
        equations need sums over j and over p only, never a matrix of both."""
        weights = F.softmax(4 * self.similarity(load_pretrained_nets()[0](picture)), dim=1)[0].flatten(1)
        wanted = weights - weights.mean(0)  # what all pictures have in common is lost in the softmax
        basis = torch.eye(GRID**2).view(GRID**2, 1, GRID, GRID)
        field = F.interpolate(basis, size=(self.side, self.side), mode="bilinear", align_corners=False).flatten(1)
        whole, local = self.global_keys, self.local_keys.flatten(1)
        cross = torch.kron(whole.T @ local, field.sum(1)[None])
        gram = torch.cat(
            [
                torch.cat([field.shape[1] * (whole.T @ whole), cross], 1),
                torch.cat([cross.T, torch.kron(local.T @ local, field @ field.T)], 1),
            ]
        )
        target = torch.cat([whole.T @ wanted.sum(1), (local.T @ wanted @ field.T).flatten()])
        ridge = 0.01 * gram.diagonal().mean().clamp(min=1e-9) * torch.eye(len(gram))
        z = F.normalize(torch.linalg.solve(gram + ridge, target), dim=0) * len(gram) ** 0.5
        return z * torch.tensor(LENGTHS)[:, None]

    def similarity(self, features: torch.Tensor) -> torch.Tensor:
        """How much each picture in memory looks like these features around each place, in logits, N x memory_size x
        side x side; what is the same for all pictures is left out."""
        products = torch.einsum("bdyx,yxnd->bnyx", features, self.memory)
        windowed = F.conv2d(products, self.similarity_kernel, padding=self.window // 2, groups=self.memory_size)
        return windowed - self.similarity_bias

    def load_penalty(self, weights: torch.Tensor) -> torch.Tensor:
        """What each picture's logits lose for having more than its share, the same at all places."""
        load = F.relu(F.conv2d(weights, self.load_kernel, self.load_bias, groups=self.memory_size))
        return load.expand(-1, -1, self.side, self.side)

    def read(self, weights: torch.Tensor) -> torch.Tensor:
        """The memory's values, mixed at each place by weights N x memory_size x side x side: N x 32 x side x side."""
        return torch.einsum("bnyx,yxnd->bdyx", weights, self.memory)

    def everywhere(self, values: torch.Tensor) -> torch.Tensor:
        """The same at every place: N x memory_size -> N x memory_size x side x side."""
        return values.view(-1, self.memory_size, 1, 1).expand(-1, -1, self.side, self.side)

    @torch.no_grad()
    def fill_memory(
        self,
        features: torch.Tensor,
        global_keys: torch.Tensor,
        colour_keys: torch.Tensor,
        local_keys: torch.Tensor,
        config: RetrievalConfig | None = None,
    ) -> None:
        """Sets the memory bank: features memory_size x 32 x side x side as values, and their keys, memory_size x
        global_dim, x 6 and x local_dim, of which only the direction counts.

        All is quantised so that four or six bits a number hold it without any loss."""
        config = config or RetrievalConfig()
        features = quantised(features.permute(2, 3, 0, 1), 7)
        self.memory.copy_(features)
        whole, colours = F.normalize(global_keys), F.normalize(colour_keys)
        keys = torch.cat([whole, config.colour_gain * colours], 1)
        self.global_keys.copy_(quantised(config.global_gain * keys, 31))
        self.palette_keys.copy_(quantised(config.palette_gain * torch.cat([whole, colours], 1), 31))
        basis = torch.eye(GRID**2).view(GRID**2, 1, GRID, GRID)
        field = F.interpolate(basis, size=(self.side, self.side), mode="bilinear", align_corners=False)
        field_std = field.square().sum(0).mean().sqrt()  # where its points are N(0, 1)
        self.local_keys.copy_(quantised(config.local_gain * F.normalize(local_keys) / field_std, 31)[:, :, None, None])
        # b |x - m|^2 = b |x|^2 - 2 b x.m + b |m|^2, summed over the window; the first term is the same for all
        # pictures.
        b = config.neighbour_weight / (self.window**2 * FEATURES * features.var(2).mean().clamp(min=1e-6))
        kernel = (2 * b).expand(self.memory_size, self.window**2)
        self.similarity_kernel.copy_(quantised(kernel, 31).view_as(self.similarity_kernel))
        norms = features.square().sum(3).permute(2, 0, 1)[:, None]
        around = F.conv2d(norms, torch.ones(1, 1, self.window, self.window), padding=self.window // 2)[:, 0]
        self.similarity_bias.copy_(quantised(b * (around - around.mean(0)), 31))
        slope = torch.full((self.memory_size, self.side**2), config.load_penalty / self.side**2)
        self.load_kernel.copy_(quantised(slope, 7).view_as(self.load_kernel))
        self.load_bias.fill_(-config.load_penalty * config.max_share)

    @torch.no_grad()
    def sharpen(self, factor: float) -> None:
        """Multiplies the retrieval's sharpness: the global logits times this factor, the local ones divided by it.
        Above 1, results keep nearer to single pictures."""
        self.global_keys.copy_(quantised(factor * self.global_keys, 31))
        self.local_keys.copy_(quantised(self.local_keys / factor, 31))


@torch.fx.wrap  # one operation to the page
def attention(logits: torch.Tensor) -> torch.Tensor:
    """The softmax over the memory, N x memory_size x ...  No weight is smaller than e^-NEGLIGIBLE of the largest one:
    with numbers near the smallest that it knows a processor is many times slower."""
    return F.softmax(torch.maximum(logits, logits.amax(1, keepdim=True) - NEGLIGIBLE), dim=1)


def quantised(values: torch.Tensor, levels: int) -> torch.Tensor:
    """Values rounded to whole multiples, -levels to levels, of a scale (fp16) that 32 neighbours of a row share: see
    `chonk.play.packed`."""
    rows = values.reshape(len(values), -1)
    groups = F.pad(rows, (0, -rows.shape[1] % 32)).view(len(rows), -1, 32)
    scale = (groups.abs().amax(2, keepdim=True) / levels).clamp(min=2e-7).half().float()
    rounded = (groups / scale).round().clamp(-levels, levels) * scale
    return rounded.view(len(rows), -1)[:, : rows.shape[1]].reshape(values.shape)

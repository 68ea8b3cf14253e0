"""A generator of mosaics: it retrieves the features of training pictures place by place, makes neighbouring places
agree, and decodes the result.  (The default generator is `chonk.nets.collage`, which builds on this one.)

    z -> logits        a_jp = z_global . k_j + z_colour . h_j + field_p(z_local) . l_j
                       the logit of picture j at place p
      -> retrieve      x_p = sum_j w_jp m_jp,  w_jp = softmax_j(2 a_jp)
                       m_jp: the features of picture j at place p; twice the logits, so that the first guess is sharp
      -> agree         ROUNDS times: x_p as above, then
                       w_jp = softmax_j(a_jp - b mean_q |x_q - m_jq|^2 - c relu(mean_p w_jp - s))
                       q: the places around p; b, c, s: the config's neighbour_weight, load_penalty, max_share
      -> harmonize     puts x into the palette of one picture (`chonk.nets.harmonizer`)
                       before some of these rounds, and after the last
      -> refine        with the option `refined`: x made like the features of a single picture (`chonk.nets.refiner`)
      -> decode        convolutions (`chonk.nets.autoencoder.Decoder`)

The training pictures are a memory bank (`chonk.nets.memory_bank`).  Its values m are their features.  Its keys
describe each picture as a whole (k), its colours (h; `global_keys` holds both) and its parts (l, `local_keys`).

The field of local logits is smooth in p, so neighbouring places select similar pictures.  Each round of agreement
retrieves again, with logits that also measure how similar each picture is to the current features around the place.
This is a modern Hopfield network (Ramsauer et al. 2020, arXiv:2008.02217) with a window.  Where only the neighbourhood
matters it finds likely features as the local score machine of Kamb and Ganguli does (2024, arXiv:2412.20292).  The load
penalty, c, lowers the logits of a picture that has more than the share s of all places, so that hardly any result is a
single picture.

The net consists of linear maps, softmaxes, convolutions and ReLUs, so pictures are continuous in z, which is N(0, 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import torch
import torch.fx
import torch.nn.functional as F

from chonk.nets.autoencoder import FEATURES
from chonk.nets.least_squares import nearest_latent
from chonk.nets.memory_bank import MAX_INCOHERENCE, MemoryBank, attention, constant
from chonk.nets.pretrained import load_pretrained_nets
from chonk.nets.quantised import quantised
from chonk.validation import Range, checked

torch.fx.wrap("attention")  # one operation to the page

GRID = 4
"""Points of the field of local logits, each way; between them it is interpolated."""
COLOUR_DIM = 6
"""Dimensions of the latent that select pictures by their colours."""
ROUNDS = 10
"""Rounds of agreement."""
HARMONIZE_BEFORE = (3, 6, 9)
"""Rounds, counted from 0, before which features are harmonized; places then select pictures of that palette."""
LENGTHS = (0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
"""Lengths of the latents that an inversion starts from, as multiples of a random latent's."""


@dataclass(frozen=True)
class RetrievalConfig:
    """Parameters of the retrieval.  A gain is the standard deviation of logits over latents."""

    global_gain: float = 12.0
    """Of the global logits, which are the same at all places: higher values give more coherent results, closer to
    copies."""
    local_gain: float = 3.0
    """Of the local logits, which differ from place to place: higher values give more novel results, and patchwork."""
    colour_gain: float = 0.5
    """Of the colour logits, relative to `global_gain`: higher values need less harmonization, and select among
    fewer pictures."""
    palette_gain: float = 24.0
    """Of the logits that retrieve the palette, both the global and the colour ones: higher values give the palette of a
    single picture."""
    neighbour_weight: float = 100.0
    """What is subtracted from the logit of a picture at a place around which it differs from the features by one
    standard deviation (root mean square)."""
    max_share: float = 0.25
    """Share of all places that one picture may have before the load penalty begins."""
    load_penalty: float = 300.0
    """Slope of that penalty: what is subtracted from the logits for each 1 of a share beyond `max_share`."""


class Generator(MemoryBank):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = global_dim + 6 + 16 local_dim: z_global, z_colour, then z_local as local_dim x 4 x 4.  `fill_memory`
    sets the memory bank; the harmonizer and the decoder are trained."""

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
        refined: bool = False,
    ) -> None:
        super().__init__(size, channels, memory_size, min_novelty, max_incoherence, refined)
        self.local_dim, self.global_dim = local_dim, latent_dim - COLOUR_DIM - GRID**2 * local_dim
        if self.global_dim < 1:
            raise ValueError(f"latent_dim {latent_dim} is too small for local_dim {local_dim}")
        self.global_keys = constant(memory_size, self.global_dim + COLOUR_DIM)
        self.palette_keys = constant(memory_size, self.global_dim + COLOUR_DIM)
        self.local_keys = constant(memory_size, local_dim, 1, 1)
        self.load_kernel = constant(memory_size, 1, self.side, self.side)
        self.load_bias = constant(memory_size)

    def draft(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
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

    def logits(self, z: torch.Tensor) -> torch.Tensor:
        """The logits of each picture at each place: N x memory_size x side x side."""
        global_logits = F.linear(z.narrow(1, 0, self.global_dim + COLOUR_DIM), self.global_keys)
        points = z.narrow(1, self.global_dim + COLOUR_DIM, GRID**2 * self.local_dim)
        field = enlarge(points.view(-1, self.local_dim, GRID, GRID), self.side)
        return self.everywhere(global_logits) + F.conv2d(field, self.local_keys)

    def palette(self, z: torch.Tensor) -> torch.Tensor:
        """The palette of a picture that the latent retrieves as a whole: N x 48 x 1 x 1."""
        weights = attention(F.linear(z.narrow(1, 0, self.global_dim + COLOUR_DIM), self.palette_keys))
        return self.harmonizer.palette(self.read(self.everywhere(weights)))

    def load_penalty(self, weights: torch.Tensor) -> torch.Tensor:
        """What is subtracted from the logits of pictures with more than their share, the same at all places."""
        load = F.relu(F.conv2d(weights, self.load_kernel, self.load_bias, groups=self.memory_size))
        return load.expand(-1, -1, self.side, self.side)

    def novelty_and_incoherence(
        self, retrieved: torch.Tensor, features: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Both N x 1 x 1 x 1, of features before (`retrieved`) and after they were harmonized.

        The distance d_jp from picture j at place p is the mean squared difference around it, b mean_q |x_q - m_jq|^2.
        Novelty: min_j mean_p d_jp, the distance from the nearest single picture.  Incoherence: mean_p min_j d_jp, with
        another nearest picture at each place, plus twice the squared change of its colours by the harmonizer."""
        similarity, kernel = self.similarity(features), self.similarity_kernel.narrow(0, 0, 1) / 2
        # Similarity is -d_jp but for what all pictures have in common: b mean_q |x_q|^2, and |m_jq|^2 averaged over j.
        of_features = F.conv2d(features * features, kernel.expand(-1, FEATURES, -1, -1), padding=self.window // 2)
        of_memory = F.conv2d(self.memory.square().sum(3).mean(2)[None, None], kernel, padding=self.window // 2)
        in_common = F.adaptive_avg_pool2d(of_features + of_memory, 1)
        change = features - retrieved
        recoloured = F.conv2d(F.adaptive_avg_pool2d(change * change, 1), (2 * kernel.sum()).expand(1, FEATURES, 1, 1))
        novelty = in_common - self.largest(F.adaptive_avg_pool2d(similarity, 1))
        return novelty, in_common - F.adaptive_avg_pool2d(self.largest(similarity), 1) + recoloured

    @torch.no_grad()
    def initial_latents(self, picture: torch.Tensor) -> torch.Tensor:
        """One latent in several lengths, LENGTHS x latent_dim, found by least squares (`chonk.nets.least_squares`): its
        logits are as close as possible, up to a factor, to how similar each picture in memory is to the given one at
        each place.  The longer the latent, the more its places keep to single pictures."""
        weights = F.softmax(4 * self.similarity(load_pretrained_nets()[0](picture)), dim=1)[0].flatten(1)
        z = nearest_latent(weights, self.global_keys, self.local_keys.flatten(1), field_basis(self.side).flatten(1))
        return F.normalize(z, dim=0) * len(z) ** 0.5 * torch.tensor(LENGTHS)[:, None]

    @torch.no_grad()
    def fill_memory(
        self,
        features: torch.Tensor,
        global_keys: torch.Tensor,
        colour_keys: torch.Tensor,
        local_keys: torch.Tensor,
        config: RetrievalConfig | None = None,
    ) -> None:
        """Sets the memory bank: values `features` memory_size x 32 x side x side, and keys memory_size x global_dim, x
        6 and x local_dim, which are normalized."""
        config = config or RetrievalConfig()
        self.set_values(features, config.neighbour_weight)
        whole, colours = F.normalize(global_keys), F.normalize(colour_keys)
        keys = torch.cat([whole, config.colour_gain * colours], 1)
        self.global_keys.copy_(quantised(config.global_gain * keys, 31))
        self.palette_keys.copy_(quantised(config.palette_gain * torch.cat([whole, colours], 1), 31))
        field_std = field_basis(self.side).square().sum(0).mean().sqrt()  # where its points are N(0, 1)
        self.local_keys.copy_(quantised(config.local_gain * F.normalize(local_keys) / field_std, 31)[:, :, None, None])
        slope = torch.full((self.memory_size, self.side**2), config.load_penalty / self.side**2)
        self.load_kernel.copy_(quantised(slope, 7).view_as(self.load_kernel))
        self.load_bias.fill_(-config.load_penalty * config.max_share)

    @torch.no_grad()
    def sharpen(self, factor: float) -> None:
        """Multiplies the retrieval's sharpness: the global logits are multiplied by the factor, the local ones divided
        by it.  Above 1, results become more like single pictures."""
        self.global_keys.copy_(quantised(factor * self.global_keys, 31))
        self.local_keys.copy_(quantised(self.local_keys / factor, 31))


def enlarge(points: torch.Tensor, side: int) -> torch.Tensor:
    """The smooth field through points, N x K x GRID x GRID -> N x K x side x side."""
    return F.interpolate(points, size=(side, side), mode="bilinear", align_corners=False)


def field_basis(side: int) -> torch.Tensor:
    """What each point of the field adds to each place: 16 x 1 x side x side."""
    return enlarge(torch.eye(GRID**2).view(GRID**2, 1, GRID, GRID), side)

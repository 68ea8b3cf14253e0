"""The default recipe: a generator that retrieves features, between a pretrained encoder and decoder.

The package's encoder, trained on other drawings, turns every training picture x into features e(x), S/8 x S/8.  The
generator retrieves them, place by place (`mosaic.py`) or picture by picture (`collage.py`).  All variety comes from
this retrieval, so nothing can collapse.  Trained are the decoder, to draw this set, and the harmonizer h, to know which
colours go together.  With r(x) the picture recoloured in places and p(x) its true palette, they minimise

    L(decoder(h(e(r(x)) + noise, p(x))), x) + mean (h(e(r(x)) + noise, p(x)) - e(x))^2 / 2

L compares at three scales (`chonk.learn.losses`).  The decoder's inputs are features combined of two
pictures, and its targets the two pictures combined in the same way (`chonk.learn.cutmix`).  With the setting `refine` a
flow is trained as well, which learns what goes together in the set's pictures; in the last part of the time it is
distilled into a refiner (`chonk.learn.refinement`).  docs/recipe.md explains why each part is there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, cast

import torch
import torch.nn.functional as F

from chonk.dataset.picture_set import PictureSet
from chonk.learn import distributed
from chonk.learn.average import Average
from chonk.learn.cutmix import cutmix, interior, smooth_masks
from chonk.learn.feature_cache import BATCH, FeatureCache
from chonk.learn.losses import reconstruction_loss
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.objectives import base
from chonk.learn.optimizer import Adam
from chonk.learn.recolour import masked_mean, patched, random_mask
from chonk.learn.refinement import BATCH as FLOW_BATCH
from chonk.learn.refinement import Refinement
from chonk.nets.autoencoder import FEATURES
from chonk.nets.memory_bank import side_of
from chonk.nets.mosaic import Generator
from chonk.nets.pretrained import load_pretrained_nets
from chonk.nets.refiner import Refiner
from chonk.validation import Range

WARM_UP, LAST_RATE = 30, 0.02
"""Steps in which the learning rate rises, and the final learning rate as a share of the highest."""
REFINER_RATE = 0.25
"""The refiner's learning rate, as a share of the decoder's."""
MAX_MEMORY_VALUES, MIN_MEMORY = 1_700_000, 50
"""The most feature values in the generator's memory (400 pictures of 64 x 64, 207 of 128 x 128); and the number of
pictures that it holds in any case."""


@dataclass(frozen=True)
class MemorySettings(base.Settings):
    """The settings that mosaic and collage share: the size of the memory, and the training of decoder and
    harmonizer."""

    memory_size: base.Count = 400
    """Pictures in the generator's memory; fewer for a smaller set, or for large pictures."""
    learning_rate: base.LearningRate = 0.02
    """Muon's, for convolutions; Adam's, for the rest, is a fifteenth of it."""
    noise: Annotated[float, Range(0, 10)] = 0.15
    """Standard deviation of the noise on encoded features."""
    keep_colours: base.Share = 0.3
    """Share of the pictures that keep their own colours in training; the others are recoloured in places."""
    lr_decay_start: Annotated[float, Range(0, 0.99)] = 0.5
    """Share of the budget after which the learning rate falls, linearly to a fiftieth."""
    refine: Annotated[float, Range(0, 0.9)] = 0.0
    """Share of the budget, at its end, in which a refiner is trained to make results coherent; 0 for no refiner."""

    kept: ClassVar[tuple[str, ...]] = ("refine",)
    ema_decay: base.Decay = 0.995
    """Decay of the averaged generator, per step."""


class MemoryObjective(base.Objective):
    """Fills a generator's memory with the set's features, and trains its harmonizer and decoder to draw them.  A
    subclass builds the generator (`build`) and fills its memory with values and keys (`fill`)."""

    augment = None
    single_process = None
    frozen = ("features.encoder",)
    generator: Generator
    latent_dim: int
    options: dict[str, Any]

    def __init__(self, pictures: PictureSet, settings: MemorySettings, seed: int) -> None:
        super().__init__()
        self.settings, self.pictures = settings, pictures
        torch.manual_seed(seed)
        room = MAX_MEMORY_VALUES // (FEATURES * side_of(pictures.size) ** 2)
        self.memory_size = min(settings.memory_size, len(pictures), max(MIN_MEMORY, room))
        self.generator = self.build()
        encoder, decoder, harmonizer = load_pretrained_nets(pictures.channels)
        self.generator.decoder, self.generator.harmonizer = decoder, harmonizer
        self.features = FeatureCache(encoder, pictures)
        chosen = torch.linspace(0, len(pictures) - 1, self.memory_size).round().long()
        memory = torch.cat([self.features.encode(part, 0)[0] for part in chosen.split(BATCH)]).to(encoder.mean)
        self.fill(memory)
        self.refinement = Refinement(memory, self.latent_dim) if settings.refine else None
        self.average = Average(self.generator, settings.ema_decay)
        matrices, rest = matrices_and_rest(self.generator)
        self.highest_rates = {"muon": settings.learning_rate, "adam": settings.learning_rate / 15}
        self.optimizers = {
            "muon": Muon(matrices, self.highest_rates["muon"]),
            "adam": Adam(rest, self.highest_rates["adam"], betas=(0.5, 0.99)),
        }
        if self.refinement:
            self.optimizers |= self.refinement.optimizers
        self.numbers = {"steps": 0, "slowed": 1.0} | ({"refined": 0} if self.refinement else {})

    @property
    def stage(self) -> int:
        return int(self.numbers.get("refined", 0) > 0)

    @staticmethod
    def check_size(size: int, preset: dict[str, Any]) -> None:
        side_of(size)

    @property
    def refiner_option(self) -> dict[str, bool]:
        """The generator option for a refiner, if there is to be one."""
        return {"refined": True} if self.settings.refine else {}

    def build(self) -> Generator:
        """The generator, with an empty memory."""
        raise NotImplementedError

    def fill(self, memory: torch.Tensor) -> None:
        """Fills the generator's memory with the features of pictures, memory_size x 32 x S/8 x S/8."""
        raise NotImplementedError

    def slow_down(self, factor: float = 0.5) -> None:
        self.numbers["slowed"] *= factor

    def rate_scale(self, steps: int | float, left: float) -> float:
        """The learning rate as a share of the highest: it rises in the first WARM_UP steps, and at the end falls
        linearly with `left`, the share that remains of the time in which it falls (above 1 before that time)."""
        return min(1.0, steps / WARM_UP) * min(1.0, max(LAST_RATE, left)) * self.numbers["slowed"]

    def update(self, rate_scale: float) -> None:
        """Steps the generator's optimisers, then updates its average."""
        for name, rate in self.highest_rates.items():
            self.optimizers[name].param_groups[0]["lr"] = rate * rate_scale
            self.optimizers[name].step()
        self.average.update(self.generator)

    def step(self, pictures: torch.Tensor, index: torch.Tensor, progress: float) -> dict[str, float]:
        start = 1 - self.settings.refine
        if self.refinement and progress >= start:
            return self.learn_refining(self.refinement, (progress - start) / self.settings.refine)
        left = (1 - progress / start) / (1 - self.settings.lr_decay_start)
        rate_scale = self.rate_scale(self.numbers["steps"] + 1, left)
        figures = self.learn_drawing(pictures, index, rate_scale)
        if self.refinement:
            chosen = distributed.shard(torch.randint(len(self.pictures), (FLOW_BATCH * distributed.world_size(),)))
            self.numbers["refined"] = 0
            figures["flow"] = self.refinement.train_flow(self.features(chosen)[0].to(pictures), rate_scale)
        self.numbers["steps"] += 1
        return figures

    def learn_drawing(self, pictures: torch.Tensor, index: torch.Tensor, rate_scale: float) -> dict[str, float]:
        """One update of decoder and harmonizer."""
        versions = self.features(index)  # the pictures as they are, and recoloured: (1 + MAPS) x N x 32 x S/8 x S/8
        features, shown = versions[0].to(pictures), patched(versions, self.settings.keep_colours).to(pictures)
        shown = shown + self.settings.noise * distributed.randn(*shown.shape).to(shown)
        mask = smooth_masks(len(features), features.shape[-1]).to(pictures.device)
        self.generator.zero_grad()
        losses = self.record(self.learn, pictures, features, shown, random_mask(features), mask)
        self.update(rate_scale)
        return {"reconstruction": losses[0].item(), "harmonization": losses[1].item()}

    def learn_refining(self, refinement: Refinement, progress: float) -> dict[str, float]:
        """One update of the refiner, while decoder and harmonizer are frozen as their averages at the beginning of this
        part of the time."""
        refiner = cast(Refiner, self.generator.refiner)
        if not self.numbers["refined"]:
            refinement.initialize(cast(Refiner, self.average.net.refiner), self.average.net)
            self.generator.load_state_dict(self.average.net.state_dict())
        drafts, targets = refinement.sample_batch(self.average.net)
        loss = F.mse_loss(refiner(drafts).to(drafts), targets)
        self.generator.zero_grad()
        loss.backward()
        self.numbers["refined"] += 1
        self.update(REFINER_RATE * self.rate_scale(self.numbers["refined"], 1 - progress))
        return {"refinement": loss.item()}

    def learn(
        self,
        pictures: torch.Tensor,
        features: torch.Tensor,
        shown: torch.Tensor,
        palette_mask: torch.Tensor,
        mask: torch.Tensor,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Computes the gradients of decoder and harmonizer; returns both parts of the loss, of the pictures and of the
        harmonized features.

        `pictures` N x C x S x S; their `features` N x 32 x S/8 x S/8; the harmonizer's inputs `shown`, recoloured and
        noisy. `palette_mask` selects the places whose mean is the palette; `mask` is where the other picture is put
        in."""
        harmonizer = self.generator.harmonizer
        palette = masked_mean(harmonizer.palette_map(features), palette_mask)
        harmonized = harmonizer(shown, palette).to(pictures.dtype)
        drawn = self.generator.decoder(cutmix(harmonized, mask)).to(pictures.dtype)
        mask = F.interpolate(mask.to(pictures), size=pictures.shape[2:], mode="nearest") > 0
        counted = interior(mask).to(pictures)
        reconstruction = reconstruction_loss(drawn * counted, cutmix(pictures, mask) * counted)
        harmonization = F.mse_loss(harmonized, features)
        (reconstruction + harmonization / 2).backward()
        return reconstruction.detach(), harmonization.detach()

    def trained(self) -> Generator:
        return self.average.net

"""Teaches a namer its stickers: tens of thousands of crops by the synthetic camera, each seen a few times, and what the
finder takes for stickers in rooms that have none."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from chonk.hidden import Hidden
from chonk.hunt import looks
from chonk.hunt.planes import CROWDED, USUAL
from chonk.hunt.rooms import rooms
from chonk.hunt.stickers import textures
from chonk.hunt.views import IGNORED, Camera
from chonk.nets.recognizer import CROP, Finder, Namer, Recognizer, even, pretrained
from chonk.synthetic import world


@dataclass(frozen=True)
class Batch:
    """Crops of a step: new ones, some of those before, and some of empty rooms."""

    fresh: int = 48
    replayed: int = 160
    empty: int = 64


MANY = 30
"""Of more stickers each is seen too seldom in the usual steps.  They have smaller ones, more of them, with fewer crops
of nothing: each is found more seldom where it is not, so there is room for that."""
FEW_STEPS, STEPS_EACH, MANY_BATCH = 360, 14, Batch(24, 80, 16)
"""Steps of a training of up to MANY stickers, for each sticker of more, and what those consist of."""
RATE = 2e-3
KEPT = 40_000
"""Crops that may come again."""
OTHERS = 100
"""Drawings of the world that lie about between the stickers."""
FIRST_OTHER = 5_000_000
ROOMS = 400
"""Empty rooms in which the finder looks for stickers."""
MINED, HARD = (0.2, 0.45, 0.7), 0.2
"""When, as shares of the training, the crops of rooms are found that look most like stickers, and the share of them;
half of the crops of rooms are of these from then on."""
ROOMS_SEED, LIMIT_SEED = 7_000_000, 9_000_000
SEEN_ROOMS, RARELY, STARE = 200, 1 / 900, 1.2
"""Unseen rooms at which a trained recognizer looks for its stickers, in what share of them an asked one may be found,
and after how many seconds.  Photographs of real things have about three times as many false finds, which makes one in
five minutes of a new view each second."""
LIMITS = 0.55, 0.66
"""Of the evidence that a find needs, as far as rooms say it.  Below them, another sticker is found where one like it
is, or one where there is none; above them, a steady view of two seconds does not find much."""
UNSEEN_CROPS, UNSEEN_STEP = 12, 1_000_000
"""Batches of the camera's crops that no training has seen, and the step that they begin with."""
SURE, STEADY = 0.3, 1.6
"""A recognizer that is so sure of its stickers that all but this share of single crops would be found after so many
seconds of a steady view asks for as much: with few stickers false finds are more frequent for each that is asked, and
right ones are no slower."""


class ReplayBuffer:
    """Views that were made before, to be learned from again: as bytes, with what is on them."""

    def __init__(self, side: int, labels: tuple[int, ...] = (), kind: torch.dtype = torch.float32) -> None:
        self.views = torch.empty(KEPT, 3, side, side, dtype=torch.uint8)
        self.labels = torch.empty(KEPT, *labels, dtype=kind)
        self.added = 0

    def add(self, views: torch.Tensor, labels: torch.Tensor) -> None:
        at = (self.added + torch.arange(len(views))) % KEPT
        self.views[at], self.labels[at] = ((views + 1) * 127.5).round().byte(), labels
        self.added += len(views)

    def some(self, newest: int, older: int, g: torch.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        """The newest ones, and any others, in [-1, 1]."""
        at = torch.cat(
            [
                (self.added - 1 - torch.arange(newest)) % KEPT,
                torch.randint(min(self.added, KEPT), (older,), generator=g),
            ]
        )
        views = self.views[at].contiguous(memory_format=torch.channels_last)
        return views.float() / 127.5 - 1, self.labels[at]


def camera_of(pictures: list[Image.Image], others: list[Image.Image], seed: int = 0) -> Camera:
    """Takes views of these pictures as stickers, among `others` and drawings of the world."""
    strangers = others + [world.picture(FIRST_OTHER + number, 64) for number in range(OTHERS)]
    variety = CROWDED if len(pictures) > MANY else USUAL
    return Camera(textures(pictures), textures(strangers), seed, variety=variety)


def steps_for(stickers: int) -> int:
    return max(2 * FEW_STEPS, STEPS_EACH * stickers) if stickers > MANY else FEW_STEPS


def batch_for(stickers: int) -> Batch:
    return MANY_BATCH if stickers > MANY else Batch()


def train(camera: Camera, steps: int, on_step: Callable[[int, float], None] = lambda step, loss: None) -> Recognizer:
    """A recognizer that knows the camera's stickers from each other, from what else it shows and from rooms.

    `on_step` hears after every step its number and the loss."""
    torch.manual_seed(camera.seed)
    net = pretrained(camera.count).eval()
    empty = empty_crops(net.finder, ROOMS, ROOMS_SEED + camera.seed)
    learn(net.namer, camera, steps, batch_for(camera.count), empty, on_step)
    return net.requires_grad_(False)


@torch.no_grad()
def empty_crops(finder: Finder, count: int, seed: int) -> torch.Tensor:
    """What the finder would show the namer of so many rooms without stickers, N x 3 x CROP x CROP bytes."""
    found = []
    for room in rooms(count, seed):
        levels = looks.mips(room)
        found.append(looks.crops(levels, looks.propose(finder, levels)))
    return ((torch.cat(found) + 1) * 127.5).round().byte()


def learn(
    namer: Namer,
    camera: Camera,
    steps: int,
    batch: Batch,
    empty: torch.Tensor | None = None,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Crops of the camera's stickers, and the crops `empty` of none of them."""
    head, rest = list(namer.guess.parameters()), list(namer.features.parameters())
    optimizer = torch.optim.AdamW([{"params": head}, {"params": rest}], RATE, betas=(0.9, 0.98), weight_decay=1e-2)
    replay = ReplayBuffer(CROP, kind=torch.long)
    g = torch.Generator().manual_seed(camera.seed)
    namer.train()
    mined, hard = {round(share * steps) for share in MINED}, empty
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
        replay.add(*camera.crops(batch.fresh, step))
        views, labels = replay.some(batch.fresh, batch.replayed, g)
        if empty is not None and hard is not None:
            hard = hardest(namer, empty) if step in mined else hard
            half = (batch.empty // 2,)
            nothing = torch.cat([some[torch.randint(len(some), half, generator=g)] for some in (empty, hard)])
            views = torch.cat([views, nothing.float() / 127.5 - 1])
            labels = torch.cat([labels, torch.zeros(len(nothing), dtype=torch.long)])
        loss = F.cross_entropy(namer(even(views)), labels, ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        on_step(step, float(loss.detach()))
    namer.eval()


@torch.no_grad()
def hardest(namer: Namer, crops: torch.Tensor) -> torch.Tensor:
    """The crops of no sticker that the namer is least sure of."""
    namer.eval()
    nothing = torch.cat([namer(even(some.float() / 127.5 - 1)).softmax(1)[:, 0] for some in crops.split(256)])
    namer.train()
    return crops[nothing.argsort()[: max(1, round(HARD * len(crops)))]]


def evidence_limit(net: Recognizer, camera: Camera) -> float:
    """The evidence for a find: so much that empty rooms have one as rarely as RARELY says, within LIMITS, for some sets
    of stickers are more like what lies about than others; or more, where the recognizer is SURE of its stickers."""
    unseen = rooms(SEEN_ROOMS, LIMIT_SEED + camera.seed)
    seen = [looks.look(net, Image.fromarray(room))[0][:, 1:].max(0) for room in unseen]
    by_rooms = evidence_after(STARE) * np.quantile(seen, 1 - RARELY)
    by_stickers = evidence_after(STEADY) * np.quantile(right_chances(net.namer, camera), SURE)
    return float(max(np.clip(by_rooms, *LIMITS), by_stickers))


def evidence_after(seconds: float) -> float:
    """What a steady view comes to in which every look is certain."""
    return 1 - math.exp(-seconds / looks.MEMORY)


@torch.no_grad()
def right_chances(namer: Namer, camera: Camera) -> np.ndarray:
    """How likely the namer thinks the right sticker in each of the camera's crops of one that it has not seen."""
    found = []
    for step in range(UNSEEN_STEP, UNSEEN_STEP + UNSEEN_CROPS):
        crops, labels = camera.crops(Batch.fresh, step)
        chances = namer(even(crops)).softmax(1)
        there = (labels > 0).nonzero()[:, 0]
        found.append(chances[there, labels[there]])
    return torch.cat(found).numpy()


def train_recognizer(stickers: Hidden) -> tuple[Recognizer, dict]:
    """A recognizer for a page's hunt, and how the page is to search frames with it; tells on standard error how far it
    is."""
    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as progress:
        camera = camera_of(stickers.stickers, stickers.others)
        steps = steps_for(camera.count)
        task = progress.add_task("teaching the hunt's recognizer", total=steps, visible=console.is_terminal)
        net = train(camera, steps, lambda step, loss: progress.update(task, completed=step + 1))
    return net, looks.SEARCH | {"enough": evidence_limit(net, camera)}

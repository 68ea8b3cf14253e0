"""Teaches a namer its stickers: seventeen thousand crops by the synthetic camera, each seen a few times, and what the
finder takes for stickers in rooms that have none."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from chonk.hidden import Hidden
from chonk.hunt import looks
from chonk.hunt.rooms import rooms
from chonk.hunt.stickers import textures
from chonk.hunt.views import IGNORED, Camera
from chonk.nets.recognizer import CROP, Finder, Namer, Recognizer, even, pretrained
from chonk.synthetic import world

STEPS = 360
FRESH, REPLAYED, EMPTY = 48, 160, 64
"""Crops of a step: new ones, some of those before, and some of empty rooms."""
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
"""Of the evidence that a find needs.  Below them, another sticker is found where one like it is; above them, a steady
view of two seconds does not find much."""


class Pool:
    """Views that were made before, as bytes, and what is on them."""

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


def train(
    pictures: list[Image.Image],
    others: list[Image.Image],
    seed: int = 0,
    steps: int = STEPS,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> Recognizer:
    """A recognizer that knows these pictures from each other, from `others`, from drawings of the world and from rooms.

    `on_step` hears after every step its number and the loss."""
    strangers = others + [world.picture(FIRST_OTHER + number, 64) for number in range(OTHERS)]
    camera = Camera(textures(pictures), textures(strangers), seed)
    torch.manual_seed(seed)
    net = pretrained(len(pictures)).eval()
    learn(net.namer, camera, steps, empty_crops(net.finder, ROOMS, ROOMS_SEED + seed), on_step)
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
    empty: torch.Tensor | None = None,
    on_step: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Crops of the camera's stickers, and the crops `empty` of none of them."""
    head, rest = list(namer.guess.parameters()), list(namer.features.parameters())
    optimizer = torch.optim.AdamW([{"params": head}, {"params": rest}], RATE, betas=(0.9, 0.98), weight_decay=1e-2)
    pool = Pool(CROP, kind=torch.long)
    g = torch.Generator().manual_seed(camera.seed)
    namer.train()
    mined, hard = {round(share * steps) for share in MINED}, empty
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = RATE * min(1.0, step / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * step / steps))
        pool.add(*camera.crops(FRESH, step))
        views, labels = pool.some(FRESH, REPLAYED, g)
        if empty is not None and hard is not None:
            hard = hardest(namer, empty) if step in mined else hard
            half = (EMPTY // 2,)
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


def evidence_limit(net: Recognizer, seed: int = 0) -> float:
    """The evidence for a find by which empty rooms have one so rarely as RARELY says, within LIMITS: some sets of
    stickers are more like what lies about than others."""
    seen = [looks.look(net, Image.fromarray(room))[0][:, 1:].max(0) for room in rooms(SEEN_ROOMS, LIMIT_SEED + seed)]
    evidence = 1 - math.exp(-STARE / looks.MEMORY)
    return float(np.clip(evidence * np.quantile(seen, 1 - RARELY), *LIMITS))


def teach(stickers: Hidden) -> tuple[Recognizer, dict]:
    """A recognizer for a page's hunt, and how the page is to search frames with it; tells on standard error how far it
    is."""
    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as progress:
        task = progress.add_task("teaching the hunt's recognizer", total=STEPS, visible=console.is_terminal)
        net = train(
            stickers.stickers, stickers.others, on_step=lambda step, loss: progress.update(task, completed=step + 1)
        )
    return net, looks.SEARCH | {"enough": evidence_limit(net)}

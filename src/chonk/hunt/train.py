"""Teaches a recognizer its stickers: a hundred thousand windows by the synthetic camera, each seen a few times, and
what it mistook for stickers in empty rooms."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
import torch.nn.functional as F
from PIL import Image
from rich.console import Console
from rich.progress import Progress

from chonk.hidden import Hidden
from chonk.hunt import looks
from chonk.hunt.rooms import rooms
from chonk.hunt.views import IGNORED, Camera, textures
from chonk.nets.recognizer import SIDE, STEP, Recognizer, chances
from chonk.synthetic import world

STEPS = 800
FRESH, REPLAYED, EMPTY = 128, 1024, 192
"""Windows of a step: new ones, some of those before, and some that were mistaken for stickers."""
KEPT = 40_000
"""Windows that may come again."""
RATE = 3e-3
OTHERS = 100
"""Drawings of the world that lie about between the stickers."""
FIRST_OTHER = 5_000_000
MINED = 0.45, 0.6, 0.75, 0.9
"""When, as shares of the training, rooms are searched for what is taken for a sticker."""
EMPTY_ROOMS, WORST = 60, 12
"""Rooms of each such search, and windows of each that the net then learns to be nothing."""
FALSE = 0.05
"""Share of empty rooms in which any sticker may be seen: a find needs the one that is asked for, and more than a
glance."""


def train(
    pictures: list[Image.Image],
    others: list[Image.Image],
    seed: int = 0,
    steps: int = STEPS,
    told: Callable[[int, float], None] = lambda step, loss: None,
) -> Recognizer:
    """A net that knows these pictures from each other, from `others`, from drawings of the world and from rooms.

    `told` hears after every step its number and the loss."""
    strangers = others + [world.picture(FIRST_OTHER + number, 64) for number in range(OTHERS)]
    camera = Camera(textures(pictures), textures(strangers), seed)
    torch.manual_seed(seed)
    net = Recognizer(len(pictures))
    learn(net, camera, steps, told)
    calibrate(net, seed + 1)
    return net.eval().requires_grad_(False)


def learn(net: Recognizer, camera: Camera, steps: int, told: Callable[[int, float], None]) -> None:
    optimizer = torch.optim.AdamW(net.parameters(), RATE, betas=(0.9, 0.98), weight_decay=1e-2)
    kept, labels = torch.empty(0, 3, SIDE, SIDE, dtype=torch.uint8), torch.empty(0, dtype=torch.long)
    nothing = kept
    g = torch.Generator().manual_seed(camera.seed)
    searches = {round(share * steps): number for number, share in enumerate(MINED)}
    for step in range(steps):
        share = step / steps
        optimizer.param_groups[0]["lr"] = RATE * min(1.0, step / (0.05 * steps)) * 0.5 * (1 + math.cos(math.pi * share))
        if step in searches:
            nothing = torch.cat([nothing, mistaken(net, camera.seed * 100 + searches[step])])
        fresh, found = camera.views(FRESH, step)
        kept = torch.cat([kept, ((fresh + 1) * 127.5).byte()])[-KEPT:]
        labels = torch.cat([labels, found])[-KEPT:]
        again = torch.randint(len(kept), (REPLAYED,), generator=g)
        views, wanted = torch.cat([kept[-FRESH:], kept[again]]), torch.cat([found, labels[again]])
        if len(nothing):
            empty = nothing[torch.randint(len(nothing), (EMPTY,), generator=g)]
            views, wanted = torch.cat([views, empty]), torch.cat([wanted, torch.zeros(EMPTY, dtype=torch.long)])
        loss = loss_of(net(views.float() / 127.5 - 1)[:, :, 0, 0], wanted)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        told(step, float(loss.detach()))


def loss_of(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Whether there is a sticker, and for each window that one fills, which: N x (1 + stickers), N -> mean
    cross-entropies."""
    seen, counts = labels > 0, labels != IGNORED
    there = F.binary_cross_entropy_with_logits(logits[counts, 0], seen[counts].float())
    return there + F.cross_entropy(logits[seen, 1:], labels[seen] - 1)


@torch.no_grad()
def search(net: Recognizer, seed: int) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Rooms without stickers as the page sees them, N x 3 x H x W in [-1, 1], and what the net says of each."""
    frames = torch.from_numpy(rooms(EMPTY_ROOMS, seed + 7_000_000)).permute(0, 3, 1, 2).float() / 127.5 - 1
    frames = F.interpolate(frames, scale_factor=0.5, mode="area")
    return frames, [net(frame[None]) for frame in frames]


def mistaken(net: Recognizer, seed: int) -> torch.Tensor:
    """The windows of empty rooms that look most like stickers, N x 3 x SIDE x SIDE bytes."""
    windows = []
    for frame, logits in zip(*search(net, seed)):
        seen = chances(logits)[0].amax(0)
        for place in seen.flatten().topk(WORST).indices.tolist():
            y, x = STEP * (place // seen.shape[1]), STEP * (place % seen.shape[1])
            windows.append(frame[:, y : y + SIDE, x : x + SIDE])
    return ((torch.stack(windows) + 1) * 127.5).byte()


def excess(logits: torch.Tensor) -> torch.Tensor:
    """By how much the logit of a sticker being there must fall at each place until none is likelier than not."""
    which = logits[:, 1:].softmax(1).amax(1)
    return torch.where(which > 0.5, logits[:, 0] - torch.logit(0.5 / which.clamp(0.5001, 0.9999)), -torch.inf)


@torch.no_grad()
def calibrate(net: Recognizer, seed: int) -> None:
    """Makes the net so much more careful that of empty rooms that it never saw no more than FALSE seem to have a
    sticker."""
    found = torch.stack([excess(logits).max() for part in range(4) for logits in search(net, seed + part)[1]])
    net.guess.bias[0] -= torch.quantile(found.clamp(min=-100), 1 - FALSE).clamp(min=0)


def teach(stickers: Hidden) -> tuple[Recognizer, dict]:
    """A net for a page's hunt, and how the page is to search frames with it; tells on standard error how far it is."""
    console = Console(stderr=True)
    with Progress(*Progress.get_default_columns(), console=console, transient=True) as progress:
        task = progress.add_task("teaching the hunt's recognizer", total=STEPS, visible=console.is_terminal)
        net = train(
            stickers.stickers, stickers.others, told=lambda step, loss: progress.update(task, completed=step + 1)
        )
    return net, looks.SEARCH

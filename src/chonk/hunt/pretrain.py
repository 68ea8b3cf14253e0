"""Trains what comes with the package: the finder, and the namer up to its last layer, on made-up drawings.

    python -m chonk.hunt.pretrain        (about sixteen CPU-minutes; --only finder: six)

The finder learns where any drawing is; the namer learns to tell many drawings of the synthetic world apart, half of
them from sets of one character, whatever the camera does to them.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image

from chonk.hunt.planes import HARD
from chonk.hunt.stickers import textures
from chonk.hunt.train import Batch, ReplayBuffer, learn
from chonk.hunt.views import FRAME, RANGE, Camera
from chonk.nets.recognizer import FILE, SIDE, STEP, Finder, Recognizer, even, pretrained, save_pretrained
from chonk.synthetic import world
from chonk.synthetic.world import character

SINGLES, SETS, OF_EACH, SIZE = 1000, 80, 12, 64
FIRST_SINGLE, FIRST_SET, FIRST_OTHER = 6_000_000, 7_000, 6_500_000
OTHERS = 200
NAMER_STEPS, FINDER_STEPS = 4000, 1500
FRESH, REPLAYED = 32, 64
"""Views of a step of the finder."""
RATE = 3e-3
OPEN = 1.5
"""Stickers that are so many times wider or narrower than SIDE the finder may see or not."""
NEAR, AROUND = 0.2, 0.4
"""Places so near to a sticker's middle, in its widths, are its places, and those a little farther may be."""
SURELY = 20
"""Weight of whether there is one against where: few places are one's."""


def drawings() -> list[Image.Image]:
    sets = [
        Image.fromarray(picture)
        for number in range(SETS)
        for picture in character.batch(FIRST_SET + number, OF_EACH, SIZE)
    ]
    return sets + [world.picture(FIRST_SINGLE + number, SIZE) for number in range(SINGLES)]


def others() -> list[Image.Image]:
    return [world.picture(FIRST_OTHER + number, SIZE) for number in range(OTHERS)]


def wanted(places: torch.Tensor) -> torch.Tensor:
    """What the finder shall say of views with these pictures (`Camera.frames`): N x 5 x rows x columns, whether there
    is one (1, 0, or -1 where that is open), then the three numbers of where and how wide, then their weight."""
    line = (torch.arange(FRAME // STEP) + 0.5) * STEP
    result = torch.zeros(len(places), 5, len(line), len(line))
    for picture in places.unbind(1):
        x, y, width = picture[:, :, None, None].unbind(1)
        dx, dy = (x - line).expand(-1, len(line), -1), (y - line[:, None]).expand(-1, -1, len(line))
        away, size = torch.hypot(dx, dy), (width.clamp(min=1) / SIDE).log().expand_as(dx)
        may = size.abs() <= math.log(OPEN)
        near = may & (away < (NEAR * width).clamp(min=0.75 * STEP))
        is_open = (near | (may & (away < AROUND * width))) & (result[:, 0] < 1)
        there = near & (size.abs() <= math.log(RANGE))
        result[:, 0] = torch.where(there, 1.0, torch.where(is_open, -1.0, result[:, 0]))
        where = torch.stack([dx / STEP, dy / STEP, size, torch.ones_like(dx)], 1)
        result[:, 1:] = torch.where(near[:, None], where, result[:, 1:])
    return result


def finder_loss(seen: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    there, weight = target[:, 0], target[:, 4]
    judged = there >= 0
    surely = F.binary_cross_entropy_with_logits(seen[:, 0][judged], there[judged])
    where = F.smooth_l1_loss(seen[:, 1:], target[:, 1:4], reduction="none", beta=0.2).sum(1)
    return SURELY * surely + (where * weight).sum() / weight.sum().clamp(min=1)


def learn_finder(finder: Finder, camera: Camera, steps: int) -> None:
    optimizer = torch.optim.AdamW(finder.parameters(), RATE, betas=(0.9, 0.98), weight_decay=1e-2)
    replay = ReplayBuffer(FRAME, (3, 3))
    g = torch.Generator().manual_seed(0)
    finder.train()
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * min(1, step / 60) * 0.5 * (1 + math.cos(math.pi * step / steps))
        replay.add(*camera.frames(FRESH, step))
        views, places = replay.some(FRESH, REPLAYED, g)
        loss = finder_loss(finder(even(views)), wanted(places))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step % 100 == 99:
            print(f"finder, step {step + 1}: {float(loss.detach()):.3f}", flush=True)
    finder.eval()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=FILE)
    parser.add_argument("--only", choices=("finder", "namer"), help="the other one stays as --out has it")
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pictures = drawings()
    camera = Camera(textures(pictures), textures(others()), 1, 400, HARD)
    net = Recognizer(len(pictures))
    if args.only and args.out.exists():
        kept = "namer" if args.only == "finder" else "finder"
        getattr(net, kept).load_state_dict(getattr(pretrained(len(pictures), args.out), kept).state_dict())
    if args.only != "namer":
        learn_finder(net.finder, camera, FINDER_STEPS)
        save_pretrained(net, args.out)
    if args.only != "finder":
        learn(net.namer, camera, NAMER_STEPS, Batch(), on_step=report)
        save_pretrained(net, args.out)


def report(step: int, loss: float) -> None:
    if step % 100 == 99:
        print(f"namer, step {step + 1}: {loss:.3f}", flush=True)


if __name__ == "__main__":
    main()

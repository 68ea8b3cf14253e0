"""Does a flow of features with a head start draw what belongs together?  docs/experiments/2026-11-29-flow.md tells.

    python benchmarks/flow.py sets out/sets --files 40                              made-up sets, 13 ms a picture
    python benchmarks/flow.py pretrain out/sets --minutes 90                        goes on where it was
    python benchmarks/flow.py train RUN out/flow.safetensors --minutes 15           on the pictures of a mosaic's run
    python benchmarks/flow.py draw RUN out/flow.safetensors out/samples             from noise, or with
        --start 0.35                                                                from the mosaic's own results

A rectified flow (Liu et al. 2022, arXiv:2209.03003): x_t = t x + (1 - t) noise, and the net v(x_t, t) learns x - noise;
what it draws is the end of dx/dt = v.  Beginning at `--start` with a picture made noisy as far as that is SDEdit (Meng
et al. 2021, arXiv:2108.01073); the noise is then the same for all pictures, so a result follows from its draft."""

from __future__ import annotations

import argparse
import copy
import itertools
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, cast

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from safetensors.torch import load_file, save_file

from chonk.dataset.training_set import training_pictures
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.model import load
from chonk.nets.autoencoder import FEATURES, SLOPE
from chonk.nets.mosaic import Generator
from chonk.nets.pretrained import load_pretrained_nets
from chonk.synthetic.world.character import batch

PRETRAINED = Path(__file__).with_name("flow.safetensors")
SIDE, WIDTH, BLOCKS, HEADS = 8, 192, 6, 3
SET, SETS_A_FILE = 24, 50
REFERENCES = (1, 1, 2, 4, 8, 16, 23, 23)
"""Other pictures of the set that the statistics are of, each equally often."""
MANY = 16.0
"""The count that stands for a whole set."""
DECAY = 0.9995
LOW = torch.bfloat16


class Statistics(NamedTuple):
    """What the flow is told of a set."""

    mean: torch.Tensor
    """N x 32 x 8 x 8."""
    deviation: torch.Tensor
    pictures: torch.Tensor
    """N: how many pictures they were taken from."""


class Block(nn.Module):
    """Attention among the places, and two layers at each, both scaled and shifted by the time (Peebles and Xie 2022,
    arXiv:2212.09748)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.modulation = nn.Parameter(torch.zeros(1, 1, 6 * WIDTH))
        nn.init.zeros_(self.out.bias)
        nn.init.zeros_(self.down.bias)
        with torch.no_grad():
            self.qkv.weight[:WIDTH] *= (WIDTH // HEADS) ** -0.5

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        scale, shift, gain, scale2, shift2, gain2 = (time + self.modulation).chunk(6, 2)
        h = F.layer_norm(x, (WIDTH,)) * (1 + scale) + shift
        q, k, v = self.qkv(h).view(*h.shape[:2], 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        # Written out: the fused attention's backward pass takes as long on a CPU as all the rest.
        x = x + gain * self.out((F.softmax(q @ k.transpose(2, 3), 3) @ v).transpose(1, 2).flatten(2))
        h = F.layer_norm(x, (WIDTH,)) * (1 + scale2) + shift2
        return x + gain2 * self.down(F.leaky_relu(self.up(h), SLOPE / 2))


class Flow(nn.Module):
    """Noisy features N x 32 x 8 x 8, their times (N; 0 noise, 1 features) and the set's statistics -> velocities."""

    frequencies: torch.Tensor

    def __init__(self) -> None:
        super().__init__()
        self.enter, self.statistics = nn.Linear(FEATURES, WIDTH), nn.Linear(2 * FEATURES + 1, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(1, SIDE**2, WIDTH))
        self.time = nn.Sequential(
            nn.Linear(64, WIDTH), nn.SiLU(), nn.Linear(WIDTH, WIDTH), nn.SiLU(), last := nn.Linear(WIDTH, 6 * WIDTH)
        )
        self.blocks = nn.ModuleList(Block() for _ in range(BLOCKS))
        self.last = nn.Linear(WIDTH, FEATURES)
        nn.init.zeros_(self.last.weight)
        nn.init.zeros_(self.last.bias)
        with torch.no_grad():
            last.weight.mul_(0.1)
            last.bias.zero_().view(6, WIDTH)[2::3] = 0.3  # both gains
        self.register_buffer("frequencies", torch.exp(torch.linspace(0, math.log(200), 32)), persistent=False)

    def forward(self, x: torch.Tensor, t: torch.Tensor, told: Statistics) -> torch.Tensor:
        angles = t[:, None] * self.frequencies
        time = self.time(torch.cat([angles.sin(), angles.cos()], 1))[:, None]
        count = (1 / told.pictures)[:, None, None].expand(-1, SIDE**2, 1)
        known = torch.cat([_tokens(told.mean), _tokens(told.deviation), count], 2)
        h = self.enter(_tokens(x)) + self.statistics(known) + self.positions
        for block in self.blocks:
            h = block(h, time)
        return self.last(F.layer_norm(h, (WIDTH,))).transpose(1, 2).reshape(x.shape)


def _tokens(maps: torch.Tensor) -> torch.Tensor:
    return maps.flatten(2).transpose(1, 2)


def statistics(features: torch.Tensor) -> Statistics:
    """Those of a whole set, N x 32 x 8 x 8, for one picture."""
    return Statistics(features.mean(0, keepdim=True), features.std(0, correction=0, keepdim=True), torch.tensor([MANY]))


def several(told: Statistics, count: int) -> Statistics:
    """One set's statistics for so many pictures."""
    return Statistics(*(value.expand(count, *value.shape[1:]) for value in told))


def load_flow(weights: Path | None) -> Flow:
    """A flow with these weights; a fresh one where the file is not there."""
    flow = Flow()
    if weights and weights.exists():
        flow.load_state_dict({name: value.float() for name, value in load_file(weights).items()})
    return flow


class Training:
    """A flow, a copy in bfloat16 that computes, its average, and its optimizers."""

    def __init__(self, weights: Path | None, rate: float) -> None:
        self.net = load_flow(weights)
        self.computing, self.average = copy.deepcopy(self.net).to(LOW), copy.deepcopy(self.net)
        matrices, rest = matrices_and_rest(self.net)
        self.optimizers: dict[Any, float] = {
            Muon(matrices, rate): rate,
            torch.optim.Adam(rest, rate / 20, betas=(0.9, 0.99)): rate / 20,
        }
        self.steps = 0

    def step(self, x: torch.Tensor, told: Statistics, pace: float, decay: float) -> float:
        """One update with features N x 32 x 8 x 8; returns the mean squared error of the velocity."""
        t, noise = torch.sigmoid(torch.randn(len(x))), torch.randn_like(x)
        mixed = torch.lerp(noise, x, t[:, None, None, None])
        low = Statistics(*(value.to(LOW) for value in told))
        loss = F.mse_loss(self.computing(mixed.to(LOW), t.to(LOW), low).float(), x - noise)
        self.computing.zero_grad()
        loss.backward()
        for weight, other in zip(self.net.parameters(), self.computing.parameters()):
            weight.grad = other.grad.float() if other.grad is not None else None
        for optimizer, rate in self.optimizers.items():
            optimizer.param_groups[0]["lr"] = rate * pace
            optimizer.step()
        memory = min(decay, (self.steps + 1) / (self.steps + 10))
        with torch.no_grad():
            for weight, other in zip(self.net.parameters(), self.computing.parameters()):
                other.copy_(weight)
            torch._foreach_lerp_(list(self.average.parameters()), list(self.net.parameters()), 1 - memory)
        self.steps += 1
        return loss.item()

    def save(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: value.half().contiguous() for name, value in self.average.state_dict().items()}, file)


@torch.no_grad()
def encode(pictures: torch.Tensor) -> torch.Tensor:
    """Pictures N x 3 or 4 x 64 x 64 in [-1, 1] -> the package's features of them."""
    encoder = load_pretrained_nets()[0]
    return torch.cat([encoder(part) for part in pictures.split(16)])


def features_of(run: Path) -> torch.Tensor:
    """The features of a run's training pictures."""
    found = training_pictures(run)
    if found is None:
        raise SystemExit(f"{run}: its training pictures are gone")
    return encode(found[0].normalized())


def sets(folder: Path, files: int, first: int) -> None:
    """Features of made-up sets, as they are and mirrored: 50 sets a file, 2 x 24 x 32 x 8 x 8 each, fp16."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + files):
        rows = []
        for seed in range(SETS_A_FILE * number, SETS_A_FILE * (number + 1)):
            straight = batch(1_000_000 + seed, SET, 8 * SIDE).astype(np.float32) / 255
            alpha = straight[..., 3:]
            on_white = np.rint(255 * (straight[..., :3] * alpha + 1 - alpha)) / 127.5 - 1
            alpha = np.ones_like(alpha) if seed % 5 < 2 else 2 * alpha - 1  # two of five sets are opaque
            pictures = torch.from_numpy(np.concatenate([on_white, alpha], 3)).permute(0, 3, 1, 2).contiguous()
            rows.append(torch.stack([encode(pictures), encode(pictures.flip(3))]).half())
        np.save(folder / f"{number:05d}.npy", torch.stack(rows).numpy())
        print(f"{number}: {len(rows)} sets", flush=True)


def pretrain(folder: Path, weights: Path, minutes: float) -> None:
    """Learns to draw a picture of a made-up set, given statistics of others of it."""
    data = torch.cat([torch.from_numpy(np.load(file)).flatten(0, 1) for file in sorted(folder.glob("*.npy"))])
    training, errors = Training(weights, 0.02), []
    until = time.monotonic() + 60 * minutes
    while time.monotonic() < until:
        shown, refs = [], []
        for number in torch.randint(len(data), (128,)).tolist():
            order = torch.randperm(SET)
            count = REFERENCES[int(torch.randint(len(REFERENCES), ()))]
            shown.append(data[number, order[0]].float())
            refs.append(data[number, order[1 : count + 1]].float())
        told = Statistics(
            torch.stack([r.mean(0) for r in refs]),
            torch.stack([r.std(0, correction=0) for r in refs]),
            torch.tensor([float(len(r)) for r in refs]),
        )
        pace = min(1.0, (training.steps + 1) / 100, (1000 / (training.steps + 1)) ** 0.5)
        errors.append(training.step(torch.stack(shown), told, pace, DECAY))
        if training.steps % 100 == 0:
            print(f"{training.steps * 128 // 1000} thousand  error {np.mean(errors[-100:]):.4f}", flush=True)
            training.save(weights)
    training.save(weights)


def train(run: Path, weights: Path, out: Path, minutes: float) -> None:
    """Learns the pictures of a run, in CPU-minutes."""
    features = features_of(run)
    training, told, errors = Training(weights, 0.01), several(statistics(features), 64), []
    began = time.process_time()
    while (progress := (time.process_time() - began) / 60 / minutes) < 1:
        pace = min(1.0, (training.steps + 1) / 50, max(0.02, 2 * (1 - progress)))
        errors.append(training.step(features[torch.randint(len(features), (64,))], told, pace, 0.995))
        if training.steps % 100 == 0:
            print(f"{training.steps * 64 // 1000} thousand  error {np.mean(errors[-100:]):.4f}", flush=True)
    training.save(out)


@torch.no_grad()
def integrate(
    velocity: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], x: torch.Tensor, start: float, steps: int
):
    """The end of dx/dt = velocity(x, t) from `start` on, by Heun's method."""
    times = torch.linspace(start, 1, steps + 1)
    for now, after in itertools.pairwise(times):
        first = velocity(x, now)
        there = x + (after - now) * first
        x = there if after == 1 else x + (after - now) * (first + velocity(there, after)) / 2
    return x


def draw(run: Path, trained: Path, out: Path, count: int, start: float, steps: int) -> None:
    """PNGs of what the flow draws, with the run's decoder: from noise, or from the run's own shown results."""
    model = load(run)
    net, told = cast(Generator, model.generator), statistics(features_of(run))
    flow = load_flow(trained).to(LOW)
    generator = torch.Generator().manual_seed(0)

    def velocity(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        low = Statistics(*(value.to(LOW) for value in several(told, len(x))))
        return flow(x.to(LOW), t.expand(len(x)).to(LOW), low).float()

    out.mkdir(parents=True, exist_ok=True)
    same = torch.randn(1, FEATURES, SIDE, SIDE, generator=generator)
    latents = torch.from_numpy(model.latents(0, count)) if start else torch.empty(count, 0)
    number = 0
    for z in latents.split(50):
        with torch.no_grad():
            if start:
                x = integrate(
                    velocity, torch.lerp(same.expand(len(z), -1, -1, -1), net.features(z), start), start, steps
                )
            else:
                x = integrate(velocity, torch.randn(len(z), *same.shape[1:], generator=generator), 0.0, steps)
            levels = ((net.decode(x)[:, :3].clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
        for picture in levels:
            Image.fromarray(picture).save(out / f"{number:04d}.png")
            number += 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    kinds = parser.add_subparsers(dest="command", required=True)
    one = kinds.add_parser("sets")
    one.add_argument("folder", type=Path)
    one.add_argument("--files", type=int, default=40)
    one.add_argument("--first", type=int, default=0)
    one = kinds.add_parser("pretrain")
    one.add_argument("folder", type=Path)
    one.add_argument("--weights", type=Path, default=PRETRAINED)
    one.add_argument("--minutes", type=float, default=90)
    one = kinds.add_parser("train")
    one.add_argument("run", type=Path)
    one.add_argument("out", type=Path)
    one.add_argument("--weights", type=Path, default=PRETRAINED)
    one.add_argument("--minutes", type=float, default=15)
    one = kinds.add_parser("draw")
    one.add_argument("run", type=Path)
    one.add_argument("trained", type=Path)
    one.add_argument("out", type=Path)
    one.add_argument("--count", type=int, default=500)
    one.add_argument("--start", type=float, default=0.0)
    one.add_argument("--steps", type=int, default=8)
    given = vars(parser.parse_args())
    torch.set_num_threads(1)
    commands: dict[str, Callable[..., None]] = {"sets": sets, "pretrain": pretrain, "train": train, "draw": draw}
    commands[given.pop("command")](**given)


if __name__ == "__main__":
    main()

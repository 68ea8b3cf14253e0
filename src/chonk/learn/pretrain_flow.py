"""Trains the flow that comes with the package on made-up sets of one character each.

    python -m chonk.learn.pretrain_flow sets out/sets --files 40           made-up sets, 13 ms a picture
    python -m chonk.learn.pretrain_flow train out/sets --minutes 50        goes on where the package's weights are

The flow learns to draw a picture of a set, given the mean and the deviation of others of it at each place."""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.optimizer import Adam
from chonk.learn.refinement import interpolate
from chonk.learn.speed import has_bf16
from chonk.nets.autoencoder import STEP
from chonk.nets.flow import PRETRAINED, SIDE, START, Flow, Statistics, load_pretrained_flow, save_pretrained_flow
from chonk.nets.pretrained import load_pretrained_nets
from chonk.synthetic.world.character import batch

SET, SETS_A_FILE = 24, 50
OPAQUE = 2 / 5
REFERENCES = (1, 1, 2, 4, 8, 16, 23, 23)
"""Other pictures of the set that the statistics are of, each equally often."""
BATCH, RATE, DECAY = 128, 0.02, 0.9995


@torch.no_grad()
def make_sets(folder: Path, files: int, first: int) -> None:
    """Features of made-up sets, as they are and mirrored: 50 sets a file, 2 x 24 x 32 x 8 x 8 each, fp16."""
    folder.mkdir(parents=True, exist_ok=True)
    encoder = load_pretrained_nets()[0]
    for number in range(first, first + files):
        rows = []
        for seed in range(SETS_A_FILE * number, SETS_A_FILE * (number + 1)):
            straight = torch.from_numpy(batch(1_000_000 + seed, SET, STEP * SIDE)).permute(0, 3, 1, 2) / 255
            alpha = straight[:, 3:]
            colours = (255 * (straight[:, :3] * alpha + 1 - alpha)).round() / 127.5 - 1
            alpha = torch.ones_like(alpha) if seed % 5 < 5 * OPAQUE else 2 * alpha - 1
            pictures = torch.cat([colours, alpha], 1)
            rows.append(torch.stack([encoder(shown) for shown in (pictures, pictures.flip(3))]).half())
        save_file({"sets": torch.stack(rows)}, folder / f"{number:05d}.safetensors")
        print(f"{number}: {len(rows)} sets", flush=True)


def draw_batch(data: torch.Tensor) -> tuple[torch.Tensor, Statistics]:
    """Pictures of sets (data N x 24 x 32 x 8 x 8), and the statistics of others of each set."""
    shown, stats = [], []
    for number in torch.randint(len(data), (BATCH,)).tolist():
        order = torch.randperm(SET)
        count = REFERENCES[int(torch.randint(len(REFERENCES), ()))]
        others = data[number, order[1 : count + 1]].float()
        shown.append(data[number, order[0]].float())
        stats.append((others.mean(0), others.std(0, correction=0), torch.tensor(float(count))))
    return torch.stack(shown), Statistics(*map(torch.stack, zip(*stats)))


def train(folder: Path, file: Path, minutes: float) -> None:
    """Trains for so many minutes, and saves the weights every 100 steps and at the end."""
    data = torch.cat([load_file(file)["sets"].flatten(0, 1) for file in sorted(folder.glob("*.safetensors"))])
    flow = load_pretrained_flow() if PRETRAINED.exists() else Flow()
    average = Average(flow, DECAY)
    matrices, rest = matrices_and_rest(flow)
    muon, adam = Muon(matrices, RATE), Adam(rest, RATE / 20, betas=(0.9, 0.99))
    dtype = torch.bfloat16 if has_bf16("cpu") else torch.float32
    began, steps, errors = time.monotonic(), 0, []
    while time.monotonic() - began < 60 * minutes:
        x, stats = draw_batch(data)
        t, noise = START + (1 - START) * torch.rand(BATCH), torch.randn_like(x)
        loss = F.mse_loss(flow.velocity(interpolate(noise, x, t), t, stats, dtype), x - noise)
        flow.zero_grad()
        loss.backward()
        rate_scale = min(1.0, (steps + 1) / 100, (1000 / (steps + 1)) ** 0.5)
        for optimizer, rate in ((muon, RATE), (adam, RATE / 20)):
            optimizer.param_groups[0]["lr"] = rate * rate_scale
            optimizer.step()
        average.update(flow)
        steps += 1
        errors.append(loss.item())
        if steps % 100 == 0:
            print(f"{steps * BATCH // 1000} thousand  error {np.mean(errors[-100:]):.4f}", flush=True)
            save_pretrained_flow(average.net, file)
    save_pretrained_flow(average.net, file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    sets = commands.add_parser("sets", help="draws and encodes made-up sets")
    sets.add_argument("folder", type=Path)
    sets.add_argument("--files", type=int, default=40, help="50 sets each")
    sets.add_argument("--first", type=int, default=0, help="number of the first file")
    learn = commands.add_parser("train", help="trains the flow on them")
    learn.add_argument("folder", type=Path)
    learn.add_argument("--out", type=Path, default=PRETRAINED)
    learn.add_argument("--minutes", type=float, default=50)
    given = parser.parse_args()
    if given.command == "sets":
        make_sets(given.folder, given.files, given.first)
    else:
        train(given.folder, given.out, given.minutes)


if __name__ == "__main__":
    main()

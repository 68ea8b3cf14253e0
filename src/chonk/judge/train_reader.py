"""Teaches the reader of factors (`chonk.judge.reader`) with drawings of the built-in character, whose truth is known.

    python -m chonk.judge.train_reader --out src/chonk/judge/reader.safetensors        (15 minutes on one core)

taught the one that comes with the package.  Drawings are shown many times, every time moved, softened and made noisy a
little: results are softer than drawings and must be read all the same.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

from chonk.judge.planted import blurred, noisy, shifted
from chonk.judge.reader import (
    READER,
    SIZE,
    SURE,
    FactorReader,
    Net,
    exchanged,
    outcome,
    reliable,
    right,
    save_reader,
    split,
)
from chonk.synthetic.mascot import FACTORS, Truth, draw, truths

DRAWINGS, CHECKED, STEPS, BATCH = 8000, 500, 2500, 64
SEED = 0x7275  # apart from small numbers that people use for their own sets


def drawings(asked: list[Truth]) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures on white, bytes N x 3 x SIZE x SIZE, and the numbers of their factor values, N x factors."""
    rgba = np.stack([np.asarray(draw(truth, SIZE)) for truth in asked])
    alpha = rgba[..., 3:] / 255
    on_white = np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    numbers = [[FACTORS[factor].index(value) for factor, value in truth.factors().items()] for truth in asked]
    return torch.from_numpy(np.ascontiguousarray(on_white.transpose(0, 3, 1, 2))), torch.tensor(numbers)


def worn(pictures: torch.Tensor, rng: np.random.Generator) -> torch.Tensor:
    """A batch as a generator might have drawn it: moved, soft, noisy, each to a random degree."""
    pictures = shifted(pictures, rng, 2)
    if rng.random() < 0.7:
        pictures = blurred(pictures, float(rng.uniform(0.3, 1.2)))
    return noisy(pictures, float(rng.uniform(0, 12)), rng)


def exchanges(
    before: list[Truth], factors: list[int], rng: np.random.Generator
) -> tuple[list[Truth], np.ndarray, np.ndarray]:
    """Each truth with the value of one of these factors exchanged; the numbers of the factors and of their new
    values."""
    changed, asked, after = [], rng.choice(factors, len(before)), []
    for truth, (factor, options) in zip(before, (list(FACTORS.items())[i] for i in asked)):
        value = rng.choice([option for option in options if option != getattr(truth, factor)])
        new: dict[str, Any] = {factor: str(value)}
        changed.append(replace(truth, **new))
        after.append(options.index(value))
    return changed, asked, np.array(after)


def train_reader(drawn: int = DRAWINGS, steps: int = STEPS) -> FactorReader:
    """A reader taught from nothing."""
    with torch.random.fork_rng():
        torch.manual_seed(SEED)
        net, rng = Net(), np.random.default_rng(SEED)
        asked = truths(drawn + CHECKED, SEED)
        pictures, numbers = drawings(asked)
        optimiser = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=steps)
        for _ in range(steps):
            index = torch.from_numpy(rng.integers(0, drawn, BATCH))
            logits = split(net(worn(pictures[index], rng).float() / 255))
            losses = (F.cross_entropy(part, numbers[index, i], label_smoothing=0.05) for i, part in enumerate(logits))
            loss = sum(losses, torch.zeros(()))
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    reader = FactorReader(net, {}, 0.0, 0.0)
    reading = reader(pictures[drawn:])
    accuracy = dict(zip(FACTORS, map(float, (reading.values == numbers[drawn:].numpy()).mean(0))))
    seen = reliable(accuracy) or list(range(len(FACTORS)))
    other, factors, values = exchanges(asked[drawn:], seen, rng)
    wanted = np.stack([exchanged(*of_one) for of_one in zip(reading.values, factors, values)])
    came_right = right(*outcome(reader(drawings(other)[0]).values, wanted, factors, seen))
    return FactorReader(net, accuracy, float((reading.sure > SURE).all(1).mean()), float(came_right.mean()))


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m chonk.judge.train_reader", description="Trains the reader that comes with the package."
    )
    parser.add_argument("--out", type=Path, default=READER, help="the file to write")
    given = parser.parse_args()
    reader = train_reader()
    save_reader(reader, given.out)
    print("read right: " + ", ".join(f"{factor} {share:.1%}" for factor, share in reader.accuracy.items()))
    print(f"clear throughout {reader.clear:.1%}, exchanges read as right {reader.right:.1%}")


if __name__ == "__main__":
    main()

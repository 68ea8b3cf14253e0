"""Reads the factors of the built-in character from a picture: a small net that comes with the package
(`chonk.judge.train_reader` trained it), and what counts as right of what it reads."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

from chonk.synthetic.mascot import FACTORS

SIZE = 64
"""Side at which pictures are read; others are brought to it."""
READER = Path(__file__).with_name("reader.safetensors")
"""Weights of the net, fp16, and what it makes of clean drawings."""
SURE = 0.6
"""A value counts as drawn clearly when it is read with this probability."""
SLIPS = 1
"""How many of the other factors may read differently where one was exchanged."""
RELIABLE = 0.8
"""A factor of which the net reads fewer clean drawings right is left out where a change is asked for: it could not be
seen."""


@dataclass(frozen=True)
class Reading:
    """What was read from N pictures."""

    values: np.ndarray
    """N x factors: the number of each factor's value, in the order of `FACTORS`."""
    sure: np.ndarray
    """N x factors: the probability given to that value."""


class Net(nn.Module):
    """N x 3 x 64 x 64 in 0..1 -> N x (values of all factors) logits."""

    def __init__(self, widths: tuple[int, ...] = (24, 48, 72, 96, 96)) -> None:
        super().__init__()
        # The first layer sees every pixel: an eye is four of them wide.
        self.maps = nn.Sequential(
            *(
                layer
                for a, b in zip((3, *widths), widths)
                for layer in (nn.Conv2d(a, b, 3, 1 if a == 3 else 2, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU())
            )
        )
        self.answer = nn.Sequential(
            nn.Flatten(),
            nn.Linear(widths[-1] * (SIZE // 16) ** 2, 256),
            nn.ReLU(),
            nn.Dropout(0.3),
            nn.Linear(256, sum(map(len, FACTORS.values()))),
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.answer(self.maps(pictures * 2 - 1))


def split(logits: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Logits of all factors -> N x values for each."""
    return logits.split([len(values) for values in FACTORS.values()], 1)


class FactorReader:
    """The taught net, with what it makes of clean drawings that it never saw: `accuracy`, the share of values read
    right, by factor; `clear`, the share of drawings in which every factor is read with SURE; `right`, the
    share of drawings that read as right (see `right`) when they are drawn again with one value exchanged."""

    def __init__(self, net: Net, accuracy: dict[str, float], clear: float, right: float) -> None:
        self.net, self.accuracy, self.clear, self.right = net.eval().requires_grad_(False), accuracy, clear, right

    @torch.inference_mode()
    def __call__(self, pixels: torch.Tensor) -> Reading:
        """Bytes N x C x S x S (colours on white) -> factors."""
        colours = pixels[:, :3].float() / 255
        if colours.shape[-1] != SIZE:
            colours = F.interpolate(colours, (SIZE, SIZE), mode="area" if colours.shape[-1] > SIZE else "bilinear")
        best = [part.softmax(1).max(1) for part in split(torch.cat([self.net(batch) for batch in colours.split(256)]))]
        return Reading(
            torch.stack([b.indices for b in best], 1).numpy(), torch.stack([b.values for b in best], 1).numpy()
        )


def exchanged(values: np.ndarray, factor: int, value: int) -> np.ndarray:
    """Factor values (numbers) with one of them exchanged."""
    return np.where(np.arange(len(values)) == factor, value, values)


def outcome(read: np.ndarray, wanted: np.ndarray, asked: np.ndarray, seen: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """Of N pictures in which factor asked[i] was to change (both N x factors): did it, and how many others of the
    factors `seen` did too?"""
    same = read == wanted
    changed = same[np.arange(len(same)), asked]
    return changed, len(seen) - 1 - (same[:, seen].sum(1) - changed)


def right(changed: np.ndarray, slips: np.ndarray) -> np.ndarray:
    """An exchange came out right: the value changed, and at most SLIPS of the others did."""
    return changed & (slips <= SLIPS)


def reliable(accuracy: dict[str, float]) -> list[int]:
    """The numbers of the factors that are read well enough to be asked for."""
    return [i for i, factor in enumerate(FACTORS) if accuracy[factor] >= RELIABLE]


def save_reader(reader: FactorReader, file: Path = READER) -> None:
    """Writes what `shipped_reader` reads."""
    figures = {
        "accuracy": torch.tensor([reader.accuracy[factor] for factor in FACTORS]),
        "clear": torch.tensor(reader.clear),
        "right": torch.tensor(reader.right),
    }
    save_file({name: value.half() for name, value in reader.net.state_dict().items()} | figures, file)


def shipped_reader(file: Path = READER) -> FactorReader:
    """The reader that comes with the package."""
    state = {name: value.float() for name, value in load_file(file).items()}
    accuracy = dict(zip(FACTORS, state.pop("accuracy").tolist()))
    clear, came_right = state.pop("clear").item(), state.pop("right").item()
    net = Net()
    net.load_state_dict(state)
    return FactorReader(net, accuracy, clear, came_right)

"""Finishing learned from a person's own originals, at the end of a training.

`chonk gather` keeps a few at up to 512 pixels.  The package's finishing stage learns from them for a few seconds more;
a quarter is held out, and only where those are finished better than before does the model keep what was learned."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from chonk.dataset.folder import open_png
from chonk.errors import UserError
from chonk.finish import finish
from chonk.ingest.originals import FOLDER, LARGEST, files
from chonk.learn.average import Average
from chonk.learn.finisher import CROP, step_loss
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.run import RunFolder
from chonk.model import load
from chonk.nets.finisher import Finisher, load_finisher
from chonk.nets.pretrained import load_pretrained_nets
from chonk.pixels import as_bytes, values_of

STEPS, RATE = 80, 0.003
"""Ten seconds of one core, and Muon's rate at first."""
STEPS_PER_KIMG, MIN_STEPS = 4, 10
"""Of short trainings: fewer steps than STEPS, or none."""
MIN_HELD_OUT, MIN_GAIN = 2, 0.05
"""Originals held out, and by how many dB they must be finished better."""
NOTE = "finishing_gain"
"""In a model's `training`: the gain in dB, 0 where the package's finishing stage is kept."""


@dataclass(frozen=True)
class Originals:
    """N originals, and the pictures of the set that were made of them, as bytes: colours on white, alpha."""

    large: torch.Tensor
    """N x 4 x L x L."""
    small: torch.Tensor
    """N x 4 x S x S."""


def tune_run(run: Path, pictures: Path) -> None:
    """Gives a run's model the finishing stage that fits its originals; once."""
    if int(os.environ.get("RANK", 0)):  # of several processes the first one writes
        return
    with RunFolder(run) as folder:
        model = load(run)
        if model.config.cell or NOTE in model.config.training or (originals := read_originals(pictures)) is None:
            return
        steps = min(STEPS, int(STEPS_PER_KIMG * model.config.training.get("kimg", 0)))
        if steps < MIN_STEPS:
            return
        count = len(originals.large)
        print(f"learning from {count} originals how to make large results crisp", file=sys.stderr)
        model.finisher, gain = tune(originals, steps)
        model.config.training[NOTE] = round(gain, 2)
        model.save(folder.model)
        if model.finisher:
            print(f"originals that it has not seen are now finished better by {gain:.1f} dB", file=sys.stderr)


def read_originals(pictures: Path) -> Originals | None:
    """What `chonk gather` kept in a set of pictures; None where that is nothing.  Raises UserError for a file that is
    no such original."""
    large, small = [], []
    for file in files(pictures / FOLDER):
        picture = pictures / f"{file.stem}.png"
        if not picture.is_file():
            continue
        try:
            with Image.open(file, formats=("WEBP",)) as image:
                if image.width != image.height or image.width > LARGEST:
                    raise ValueError(f"{image.width} x {image.height} pixels")
                large.append(as_bytes(values_of(image.convert("RGBA"))))
            small.append(as_bytes(values_of(open_png(picture))))
        except (OSError, SyntaxError, ValueError) as error:
            raise UserError(f"{file}: cannot be read ({error}); remove it, or prepare the folder again") from error
    if len({value.shape for value in large}) != 1 or len({value.shape for value in small}) != 1:
        return None
    return Originals(torch.cat(large), torch.cat(small))


def tune(originals: Originals, steps: int = STEPS) -> tuple[Finisher | None, float]:
    """The package's finishing stage after so many steps on originals, and by how many dB it is better on those
    of them that were held out; (None, 0) where it is not, or where they are too few or of a side that it does not
    take."""
    large, small = originals.large, originals.small
    factor, held = large.shape[-1] / small.shape[-1], len(large) // 4
    if factor not in (2, 4, 8) or small.shape[-1] < CROP or small.shape[-1] % 2 or held < MIN_HELD_OUT:
        return None, 0.0
    torch.manual_seed(0)
    order = torch.randperm(len(large))
    large, small = large[order], small[order]
    shown = _as_drawn(small[held:])
    net = load_finisher().requires_grad_(True)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    average = Average(net, 0.9)
    matrices, _ = matrices_and_rest(net)  # there is nothing else
    optimizer = Muon(matrices, RATE)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = RATE * min(1, (step + 1) / 10) * (1 - step / steps)
        optimizer.zero_grad()
        step_loss(net, large[held:], shown, on_black=step % 3 == 0).backward()
        optimizer.step()
        average.update(net)
    gain = _decibels(average.net, large[:held], small[:held]) - _decibels(load_finisher(), large[:held], small[:held])
    return (average.net, gain) if gain > MIN_GAIN else (None, 0.0)


@torch.inference_mode()
def _as_drawn(small: torch.Tensor) -> torch.Tensor:
    """N x 4 x S x S bytes -> N x versions x 4 x S x S: as they are and, where the package's nets take that side, as its
    decoder draws them."""
    if small.shape[-1] % 8:
        return small[:, None]
    encoder, decoder, _ = load_pretrained_nets()
    drawn = [as_bytes(decoder(encoder(part.float() / 127.5 - 1)).numpy()) for part in small.split(16)]
    return torch.stack([small, torch.cat(drawn)], 1)


@torch.inference_mode()
def _decibels(net: Finisher, large: torch.Tensor, small: torch.Tensor) -> float:
    """Mean PSNR of finished pictures."""
    drawn = finish(small.numpy() / 127.5 - 1, large.shape[-1], net=net)
    errors = np.square(drawn - (large.numpy() / 127.5 - 1)).mean((1, 2, 3))
    return float(np.mean(10 * np.log10(4 / errors)))

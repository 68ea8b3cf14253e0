"""Trains the finishing stage (`chonk.nets.finisher`) on the world's drawings, which exist at every size.

    python -m chonk.learn.finisher --out src/chonk/nets/finisher.safetensors        (25 minutes of one core)

An example is a crop of a drawing at 512 x 512 and the same crop of a small version of it: reduced as `gather` does it
or otherwise, passed through the encoder and the decoder of the package (generated pictures are as soft), or blurred and
made noisy.  The net's two results are compared with the truth pixel by pixel and by the differences between neighbours,
on white and on black, since what is right on both is right on any ground.

`chonk.learn.originals` goes on from there for a few seconds on a person's own originals.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from chonk.learn.average import Average
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.speed import has_bf16
from chonk.nets.finisher import WEIGHTS, Finisher, load_finisher, save_finisher
from chonk.nets.pretrained import load_pretrained_nets
from chonk.pixels import as_bytes, values_of
from chonk.synthetic.world import picture

SIZE, SMALL, CROP, BATCH = 512, 64, 24, 16
AT_512 = 5
"""Crops of a batch that are compared at eight times their side too, which costs the most."""
FIRST_SEED = 5_000_000
FILTERS = (Image.Resampling.HAMMING, Image.Resampling.BOX, Image.Resampling.BICUBIC)
NOISES = (0.0, 0.2)
"""What is added to features before they are decoded, in their deviations: generated ones are less sure."""
RATE = 0.01
"""Of Muon, at first."""


@dataclass(frozen=True)
class Drawings:
    """N drawings as bytes: colours on white, alpha."""

    large: torch.Tensor
    """N x 4 x 512 x 512."""
    small: torch.Tensor
    """N x versions x 4 x 64 x 64."""
    doubled: torch.Tensor
    """N x 4 x 128 x 128."""


@torch.inference_mode()
def draw(count: int) -> Drawings:
    """The first drawings of the world from FIRST_SEED on, and their small versions."""
    encoder, decoder, _ = load_pretrained_nets()
    large = torch.empty(count, 4, SIZE, SIZE, dtype=torch.uint8)
    small = torch.empty(count, len(FILTERS) + len(NOISES), 4, SMALL, SMALL, dtype=torch.uint8)
    doubled = torch.empty(count, 4, 2 * SMALL, 2 * SMALL, dtype=torch.uint8)
    for i in range(count):
        image = picture(FIRST_SEED + i, SIZE)
        large[i] = as_bytes(values_of(image))[0]
        reduced = [values_of(resized(image, SMALL, how)) for how in FILTERS]
        features = encoder(torch.from_numpy(reduced[0]))
        decoded = [decoder(features + noise * torch.randn_like(features)).numpy() for noise in NOISES]
        small[i] = as_bytes(np.concatenate(reduced + decoded))
        doubled[i] = as_bytes(values_of(resized(image, 2 * SMALL, FILTERS[0])))[0]
        if i % 100 == 0:
            print(f"{i} of {count} drawn", flush=True)
    return Drawings(large, small, doubled)


def resized(image: Image.Image, size: int, how: Image.Resampling) -> Image.Image:
    """In premultiplied alpha."""
    return image.convert("RGBa").resize((size, size), how).convert("RGBA")


def degraded(crops: torch.Tensor) -> torch.Tensor:
    """Small crops blurred by up to 0.75 pixels and made noisy, as decoders leave pictures; N x 4 x S x S in [-1, 1]."""
    deviation = torch.rand(len(crops), 1) * 0.75
    taps = torch.exp(-(torch.arange(-2, 3) ** 2) / (2 * deviation.clamp(min=0.1) ** 2))
    taps = (taps / taps.sum(1, keepdim=True)).repeat_interleave(4, 0)
    flat = F.pad(crops, (2, 2, 2, 2), mode="replicate").flatten(0, 1)[None]
    down = F.conv2d(flat, taps[:, None, :, None], groups=len(taps))
    blurred = F.conv2d(down, taps[:, None, None, :], groups=len(taps)).view_as(crops)
    coarse = torch.randn(len(crops), 4, CROP // 2, CROP // 2)
    noise = F.interpolate(coarse, size=crops.shape[2:], mode="bilinear") + 0.5 * torch.randn_like(crops)
    return (blurred + 0.03 * torch.rand(len(crops), 1, 1, 1) * noise).clamp(-1, 1)


def examples(large: torch.Tensor, small: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """BATCH x 4 x 24 x 24 crops of small pictures, N x versions x 4 x S x S bytes, and the same of the large ones,
    N x 4 x L x L; both in [-1, 1], mirrored, turned and with their colours' channels shuffled."""
    factor = large.shape[-1] // small.shape[-1]
    given: list[torch.Tensor] = []
    wanted: list[torch.Tensor] = []
    tries = 0
    while len(given) < BATCH:
        i, tries = int(torch.randint(len(large), ())), tries + 1
        source = small[i, int(torch.randint(small.shape[1], ()))]
        y, x = (2 * int(torch.randint((source.shape[1] - CROP) // 2 + 1, ())) for _ in range(2))
        crop = source[:, y : y + CROP, x : x + CROP]
        if torch.rand(()) > 0.1 and tries < 10 * BATCH and crop.float().std((1, 2)).max() < 12:
            continue  # next to nothing is drawn there
        given.append(crop)
        wanted.append(large[i, :, factor * y : factor * (y + CROP), factor * x : factor * (x + CROP)])
    crops, truth = (torch.stack(bytes_).float() / 127.5 - 1 for bytes_ in (given, wanted))
    if torch.rand(()) < 0.35:
        crops = degraded(crops)
    channels = torch.cat([torch.randperm(3), torch.tensor([3])])
    flips = [dim for dim in (2, 3) if torch.rand(()) < 0.5]
    pair = [value[:, channels].flip(flips) for value in (crops, truth)]
    if torch.rand(()) < 0.5:
        pair = [value.transpose(2, 3) for value in pair]
    crops, truth = (value.contiguous(memory_format=torch.channels_last) for value in pair)
    return crops, truth


def loss(drawn: torch.Tensor, truth: torch.Tensor, on_black: bool) -> torch.Tensor:
    """Mean difference of pixels and of neighbours' differences, on white, with alpha, or on black."""
    if on_black:
        drawn, truth = (value[:, :3] + value[:, 3:] for value in (drawn, truth))
    edges = sum(F.l1_loss(drawn.diff(dim=dim), truth.diff(dim=dim)) for dim in (2, 3))
    return F.l1_loss(drawn, truth) + 0.5 * edges + F.mse_loss(drawn, truth)


def step_loss(net: Finisher, large: torch.Tensor, small: torch.Tensor, on_black: bool) -> torch.Tensor:
    """Of a batch of pictures (see `examples`) whose large versions have two, four or eight times the side; what the net
    makes is compared before it is sharpened."""
    crops, truth = examples(large, small)
    factor = truth.shape[-1] // CROP
    with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16("cpu")):
        features = net.features(crops)
        at_4x = net.four_times(crops, features).float()
        if factor < 8:
            return loss(F.avg_pool2d(at_4x, 2) if factor == 2 else at_4x, truth, on_black)
        at_8x = net.eight_times(at_4x[:AT_512].detach(), features[:AT_512]).float()
    return loss(at_4x, F.avg_pool2d(truth, 2), on_black) + 0.5 * loss(at_8x, truth[:AT_512], on_black)


def train(count: int, minutes: float, out: Path, start: Path | None = None) -> None:
    """`minutes` are of computing, not of the clock.  With `start` the weights of that file learn on, with steps half as
    large."""
    torch.manual_seed(0)
    drawings = draw(count)
    net = load_finisher(start).requires_grad_(True) if start else Finisher()
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    average = Average(net, 0.998)
    matrices, _ = matrices_and_rest(net)  # there is nothing else
    optimizer = Muon(matrices, RATE)
    began, step, mean = time.process_time(), 0, 0.0
    while (progress := (time.process_time() - began) / 60 / minutes) < 1:
        warm, decay = min(1, (step + 1) / 50), min(1.0, (0.5 if start else 1.6) * (1 - progress))
        optimizer.param_groups[0]["lr"] = RATE * warm * decay
        optimizer.zero_grad()
        # Every fourth batch is of pictures of 128 pixels, every third is compared on black.
        small = drawings.doubled[:, None] if step % 4 == 3 else drawings.small
        total = step_loss(net, drawings.large, small, on_black=step % 3 == 0)
        total.backward()
        optimizer.step()
        average.update(net)
        mean += (total.item() - mean) / min(step + 1, 100)
        if step % 200 == 0:
            print(f"{100 * progress:5.1f} %  step {step}  loss {mean:.4f}", flush=True)
            save_finisher(average.net, out)
        step += 1
    save_finisher(average.net, out)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m chonk.learn.finisher", description="Trains the finishing stage that comes with the package."
    )
    parser.add_argument("--out", type=Path, default=WEIGHTS, help="the file to write")
    parser.add_argument("--count", type=int, default=1500, help="how many drawings to learn from")
    parser.add_argument("--minutes", type=float, default=22.0, help="minutes of computing, after they are drawn")
    parser.add_argument("--start", type=Path, help="weights to go on from, for a last few minutes with small steps")
    given = parser.parse_args()
    train(given.count, given.minutes, given.out, given.start)


if __name__ == "__main__":
    main()

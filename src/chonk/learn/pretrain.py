"""Trains the nets that come with the package on the endless world of `chonk.synthetic.world`.

    python -m chonk.learn.pretrain
    python -m chonk.learn.pretrain --only decoder

First encoder and a wide decoder learn together to pass pictures through 32 numbers a place, made noisy so that what is
near looks alike; a linear reader of the encoder's maps must also tell what is drawn (kind, eyes, mouth, line, scene
...), so that features say what things are.  Then the encoder stays as it is and the narrow decoder that is shipped
learns from it.  The harmonizer learns what colours recoloured pictures had, as it will go on to learn from the
pictures of a set.  And the decoder goes on with made-up sets of one character each
(`chonk.synthetic.world.character`), which are more like what people bring.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.learn.average import Average
from chonk.learn.losses import reconstruction_loss
from chonk.learn.muon import Muon, matrices_and_rest
from chonk.learn.pretrain_pictures import characters, world
from chonk.learn.recolour import MAPS, masked_mean, patched, random_mask, recolour
from chonk.learn.speed import has_bf16
from chonk.nets.autoencoder import Decoder, Encoder
from chonk.nets.harmonizer import Harmonizer
from chonk.nets.pretrained import PRETRAINED, load_pretrained_nets, save_pretrained_nets

BATCH, NOISE = 32, 0.15

Net = TypeVar("Net", bound=nn.Module)


def batches(pictures: torch.Tensor, minutes: float) -> Iterator[tuple[float, torch.Tensor, torch.Tensor]]:
    """(progress, numbers, pictures in [-1, 1], half of the time mirrored) until the time is up."""
    started = time.monotonic()
    while (progress := (time.monotonic() - started) / 60 / minutes) < 1:
        numbers = torch.randint(len(pictures), (BATCH,))
        shown = pictures[numbers].float() / 127.5 - 1
        shown = shown.flip(3) if torch.rand(()) < 0.5 else shown
        yield progress, numbers, shown.contiguous(memory_format=torch.channels_last)


def learn(
    net: Net, pictures: torch.Tensor, minutes: float, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> Net:
    """Trains a net to make `loss(pictures, numbers)` small; returns its average."""
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stubs lack it
    average = Average(net, 0.998)
    matrices, rest = matrices_and_rest(net)
    optimizers: dict[Any, float] = {Muon(matrices, 0.02): 0.02, torch.optim.Adam(rest, 2e-3, betas=(0.9, 0.99)): 2e-3}
    for step, (progress, numbers, shown) in enumerate(batches(pictures, minutes)):
        for optimizer, rate in optimizers.items():
            optimizer.param_groups[0]["lr"] = rate * min(1, (step + 1) / 50) * min(1.0, max(0.02, 2 * (1 - progress)))
            optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=has_bf16("cpu")):
            total = loss(shown, numbers)
        total.backward()
        for optimizer in optimizers:
            optimizer.step()
        average.update(net)
        if step % 200 == 0:
            print(f"{100 * progress:5.1f} %  step {step}  loss {total.item():.4f}", flush=True)
    return average.net


def autoencoder(
    pictures: torch.Tensor, factors: torch.Tensor, values: list[int], minutes: tuple[float, float]
) -> tuple[Encoder, Decoder]:
    """Encoder and decoder, in so many minutes for both together and for the decoder that is shipped."""
    encoder, wide, reader = Encoder(), Decoder(widths=(128, 96, 32)), nn.Linear(256, sum(values))
    whole = nn.ModuleDict({"encoder": encoder, "decoder": wide, "reader": reader})

    def autoencoder_loss(shown: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        maps = encoder.high(encoder.low(shown))
        features = encoder.out(maps).float()
        drawn = wide(features + NOISE * torch.randn_like(features)).float()
        logits = reader(torch.cat([maps.mean((2, 3)), maps.amax((2, 3))], 1)).float().split(values, 1)
        wrong = sum(
            F.cross_entropy(one, factor, label_smoothing=0.05) for one, factor in zip(logits, factors[numbers].T)
        ) / len(values)
        size = (features.var((0, 2, 3)) - 1).square().mean() + features.mean((0, 2, 3)).square().mean()
        return reconstruction_loss(drawn, shown) + 0.05 * wrong + 0.01 * size

    averaged = learn(whole, pictures, minutes[0], autoencoder_loss)
    encoder = Encoder()
    encoder.load_state_dict(averaged["encoder"].state_dict())
    with torch.no_grad():  # from here on every number has mean 0 and deviation 1
        seen = torch.cat(
            [encoder(pictures[part].float() / 127.5 - 1) for part in torch.randint(len(pictures), (1280,)).split(64)]
        )
        encoder.mean.copy_(seen.mean((0, 2, 3), keepdim=True))
        encoder.deviation.copy_(seen.std((0, 2, 3), keepdim=True))

    return encoder, learn_decoder(encoder, Decoder(), pictures, minutes[1])


def learn_decoder(encoder: Encoder, decoder: Decoder, pictures: torch.Tensor, minutes: float) -> Decoder:
    """The decoder for this encoder's features."""

    def decoder_loss(shown: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            features = encoder(shown).float()
        return reconstruction_loss(decoder(features + NOISE * torch.randn_like(features)).float(), shown)

    return learn(decoder, pictures, minutes, decoder_loss)


def harmonizer(encoder: Encoder, pictures: torch.Tensor, minutes: float) -> Harmonizer:
    """The harmonizer for this encoder's features."""
    net = Harmonizer()

    def harmonization_loss(shown: torch.Tensor, numbers: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            maps = torch.randperm(MAPS)[:2].tolist()
            versions = torch.stack(
                [encoder(version).float() for version in [shown] + [recolour(shown, numbers, which) for which in maps]]
            )
            again = versions.repeat(1, 3, 1, 1, 1)  # encoding costs more than learning
            recoloured = patched(again, keep_colours=0.1)
        palette = masked_mean(net.palette_map(again[0]), random_mask(again[0]))
        return F.mse_loss(net(recoloured + NOISE * torch.randn_like(recoloured), palette).float(), again[0])

    return learn(net, pictures, minutes, harmonization_loss)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m chonk.learn.pretrain", description="Trains the nets that come with the package."
    )
    parser.add_argument("--out", type=Path, default=PRETRAINED, help="the file to write")
    parser.add_argument("--count", type=int, default=40000, help="how many pictures of the world to draw")
    parser.add_argument(
        "--minutes",
        type=float,
        nargs=3,
        default=(50.0, 14.0, 14.0),
        metavar=("BOTH", "DECODER", "HARMONIZER"),
        help="for encoder and decoder together, for the decoder alone (with the world, and again with characters), "
        "for the harmonizer",
    )
    parser.add_argument("--only", choices=("decoder", "harmonizer"), help="train this one of the package's nets alone")
    args = parser.parse_args()
    torch.manual_seed(0)
    encoder, decoder, colours = load_pretrained_nets()
    if args.only != "decoder":
        pictures, factors, values = world(args.count)
        if not args.only:
            encoder, decoder = autoencoder(pictures, factors, values, args.minutes[:2])
        colours = harmonizer(encoder, pictures, args.minutes[2])
    if args.only != "harmonizer":
        decoder = learn_decoder(encoder, decoder, characters(args.count // 2), args.minutes[1])
    save_pretrained_nets(encoder, decoder, colours, args.out)


if __name__ == "__main__":
    main()

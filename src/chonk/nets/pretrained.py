"""The nets that come with the package, having seen many drawings: `python -m chonk.learn.pretrain` trained them."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file, save_file

from chonk.nets.autoencoder import Decoder, Encoder
from chonk.nets.harmonizer import Harmonizer

PRETRAINED = Path(__file__).with_name("pretrained.safetensors")
"""Weights of all three, fp16, and the mean and deviation of the features on the world's pictures."""


def load_pretrained_nets(channels: int = 4) -> tuple[Encoder, Decoder, Harmonizer]:
    """The encoder, which stays as it is, the decoder, without alpha where `channels` is 3, and the harmonizer."""
    weights = {name: value.float() for name, value in load_file(PRETRAINED).items()}
    for name in (
        "decoder.rest.11.weight",
        "decoder.rest.11.bias",
    ):  # the last convolution: 4 squares of pixels for each channel
        weights[name] = weights[name][: 4 * channels]
    encoder, decoder, harmonizer = Encoder(), Decoder(channels), Harmonizer()
    for name, net in {"encoder": encoder, "decoder": decoder, "harmonizer": harmonizer}.items():
        net.load_state_dict(
            {key.removeprefix(name + "."): value for key, value in weights.items() if key.startswith(name + ".")}
        )
    return encoder.requires_grad_(False).eval(), decoder, harmonizer


def save_pretrained_nets(encoder: Encoder, decoder: Decoder, harmonizer: Harmonizer, file: Path = PRETRAINED) -> None:
    """Writes what `load_pretrained_nets` reads."""
    nets = {"encoder": encoder, "decoder": decoder, "harmonizer": harmonizer}
    save_file(
        {
            f"{name}.{key}": value.half().contiguous()
            for name, net in nets.items()
            for key, value in net.state_dict().items()
        },
        file,
    )

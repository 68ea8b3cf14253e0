"""Mosaics planted on purpose: what the memory-based generator makes of pictures, drawn by the package's own
decoder, untrained on them.  Every part is a real one's and neighbours agree, but the whole is no picture."""

from __future__ import annotations

import torch

from chonk.learn.memory_keys import colour_keys, components
from chonk.nets.mosaic import COLOUR_DIM, GRID, Generator, RetrievalConfig
from chonk.nets.pretrained import load_pretrained_nets
from chonk.pixels import as_bytes

GLOBAL_DIM, LOCAL_DIM = 6, 12


@torch.inference_mode()
def features_of(pixels: torch.Tensor) -> torch.Tensor:
    """Bytes N x 3 or 4 x S x S -> the package's encoder's features."""
    return torch.cat([load_pretrained_nets()[0](part.float() / 127.5 - 1) for part in pixels.split(16)])


@torch.inference_mode()
def redrawn(pixels: torch.Tensor) -> torch.Tensor:
    """The same pictures through encoder and decoder: as softly drawn as `mosaics`, and whole."""
    decoder = load_pretrained_nets(pixels.shape[1])[1]
    return as_bytes(torch.cat([decoder(part) for part in features_of(pixels).split(16)]).numpy())


@torch.inference_mode()
def mosaics(pixels: torch.Tensor, count: int, seed: int = 0, sharpness: float = 0.5) -> torch.Tensor:
    """`count` mosaics of pictures (bytes N x 3 or 4 x S x S): the lower `sharpness` (see `Generator.sharpen`), the
    smaller the pieces."""
    features = features_of(pixels)
    torch.manual_seed(seed)  # the components begin at random
    keys = components(features.flatten(1), GLOBAL_DIM + LOCAL_DIM)
    latent_dim = GLOBAL_DIM + COLOUR_DIM + GRID**2 * LOCAL_DIM
    net = Generator(pixels.shape[-1], pixels.shape[1], latent_dim, LOCAL_DIM, len(pixels)).eval()
    _, net.decoder, net.harmonizer = load_pretrained_nets(pixels.shape[1])
    net.fill_memory(features, keys[:, :GLOBAL_DIM], colour_keys(features), keys[:, GLOBAL_DIM:], RetrievalConfig())
    net.sharpen(sharpness)
    z = torch.randn(count, latent_dim, generator=torch.Generator().manual_seed(seed))
    return as_bytes(torch.cat([net(part) for part in z.split(16)]).numpy())

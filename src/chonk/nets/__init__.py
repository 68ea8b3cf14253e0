"""The networks.  A new one is a new file here and, if it draws pictures, one line in GENERATORS."""
from __future__ import annotations

from importlib import import_module

import torch.nn as nn

GENERATORS = {
    "began": "chonk.nets.began:Generator",
    "mosaic": "chonk.nets.mosaic:Generator",
}
"""Every net that turns latents into pictures, by the name it has in a model's config.json.  Each is built as
`Generator(size=..., channels=..., latent_dim=..., **options)`; maps N x latent_dim to N x channels x size x size in
[-1, 1]; and has `latent_kind`, "normal" or "uniform"."""


def build_generator(net: str, **options) -> nn.Module:
    """The generator with that name; raises KeyError for an unknown one and TypeError for unknown options."""
    module, name = GENERATORS[net].split(":")
    return getattr(import_module(module), name)(**options)

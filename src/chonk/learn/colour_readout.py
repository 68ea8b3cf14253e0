"""How colours are read of features: the collage compares pictures by both (`chonk.nets.collage`)."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from chonk.nets.autoencoder import Decoder

PLACES = 4096
"""Places, evenly chosen, that the reading is fitted to."""
RIDGE = 1e-5
"""Added to the diagonal, for each place."""


@torch.no_grad()
def colour_readout(features: torch.Tensor, decoder: Decoder) -> torch.Tensor:
    """The linear map that comes nearest to a place's mean colour (and alpha, where there is one) as the decoder draws
    it: features N x 32 x side x side -> channels x 32, for colours in [-1, 1] up to a constant."""
    side = features.shape[-1]
    some = features[torch.linspace(0, len(features) - 1, min(len(features), max(1, PLACES // side**2))).long()]
    drawn = torch.cat([F.adaptive_avg_pool2d(decoder(part), side) for part in some.split(16)])
    places, colours = (values.movedim(1, -1).flatten(0, 2) for values in (some, drawn))
    places, colours = places - places.mean(0), colours - colours.mean(0)
    gram = places.T @ places + RIDGE * len(places) * torch.eye(places.shape[1])
    return torch.linalg.solve(gram, places.T @ colours).T

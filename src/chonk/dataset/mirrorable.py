"""Could pictures of a set as well be the other way round?"""

from __future__ import annotations

import torch
import torch.nn.functional as F

MAX_COMPARED, FEWEST = 400, 6
FARTHER = 1.15
"""How many times as far from the nearest picture mirrored pictures may be as the pictures are from each other, where
they could be of the set.  Measured: emoji 1.07; the built-in character, whose moon stands on one side, 1.33; robots,
creatures and cats that all face one way 2.1, 2.1 and 3.5."""
MIRROR_SIDE = 16
"""Side at which they are compared."""


def mirrorable(pixels: torch.Tensor) -> bool:
    """Whether pictures of the set (bytes N x C x S x S, colours on white) could as well be the other way round:
    mirrored, they are about as near to another picture.  True where there are too few to tell."""
    chosen = pixels[:: -(-len(pixels) // MAX_COMPARED)][:, :3].float()
    if len(chosen) < FEWEST:
        return True
    small = F.adaptive_avg_pool2d(chosen, MIRROR_SIDE)

    def to_nearest(pictures: torch.Tensor) -> float:
        distances = torch.cdist(pictures.flatten(1), small.flatten(1))
        return distances.fill_diagonal_(torch.inf).amin(1).median().item()

    return to_nearest(small.flip(3)) <= FARTHER * to_nearest(small)

"""Which patch of which picture a generated patch should become: all real ones, each equally often.

Pictures of the generator are cut into overlapping squares, and so are real ones.  At each place the two sets are paired
one to one at the smallest total distance (the assignment problem: optimal transport between two equal sets).  A plain
nearest neighbour would let the blandest patch win everywhere and the pictures would collapse to it; a pairing uses up
every real patch once, so what is rare stays.  Squares smaller than the picture, because a pairing of whole pictures would
be a lesson in copying: each square may follow another picture, and the overlap makes neighbours agree.
"""
from __future__ import annotations

import torch
import torch.nn.functional as F
from scipy.optimize import linear_sum_assignment

SEARCH = 32
"""Side to which pictures are brought before distances are taken, or a little more: lines move less there, and it is cheap."""


def search_step(size: int) -> int:
    """How many pixels of a picture become one for the search: at most S / 32, and a divisor of S / 8."""
    return max(step for step in range(1, max(1, size // SEARCH) + 1) if size // 8 % step == 0)


def squares(pictures: torch.Tensor, side: int, top: int, left: int) -> torch.Tensor:
    """N x C x S x S -> N x C x places x side x side: squares that overlap by half and cover the whole picture.

    The first one begins `top` and `left` (1 to side / 2) less side / 2 into the picture; what lies outside is the darkest
    value: 0 for bytes, -1 for floats.  places = (2 S / side)^2, whatever the shift."""
    return _windows(pictures, side, top, left).flatten(2, 3)


def _windows(pictures: torch.Tensor, side: int, top: int, left: int) -> torch.Tensor:
    """The squares in rows and columns, N x C x rows x columns x side x side: a view, so that few can be picked cheaply."""
    half, count = side // 2, 2 * pictures.shape[-1] // side
    padded = F.pad(pictures, (half, side, half, side), value=-1 if pictures.is_floating_point() else 0)[..., top:, left:]
    return padded.unfold(2, side, half).unfold(3, side, half)[:, :, :count, :count]


@torch.no_grad()
def pair(fake: torch.Tensor, real: torch.Tensor, side: int, top: int, left: int) -> torch.Tensor:
    """For every square of every fake picture, the number of the real picture it is paired with: N x places.

    `fake` and `real` are equally many, N x C x S x S; `side` / 2, `top` and `left` are in pixels and multiples of `search_step`.
    Distance: squared, between colours averaged over `search_step` pixels."""
    step = search_step(fake.shape[-1])
    a, b = (squares(F.avg_pool2d(x, step), side // step, top // step, left // step).permute(2, 0, 1, 3, 4).flatten(2) for x in (fake, real))
    cost = (a.square().sum(2)[:, :, None] + b.square().sum(2)[:, None] - 2 * a @ b.transpose(1, 2)).numpy()
    return torch.stack([torch.from_numpy(linear_sum_assignment(place)[1]) for place in cost], 1)


def targets(pixels: torch.Tensor, pairing: torch.Tensor, side: int, top: int, left: int) -> torch.Tensor:
    """The real squares that a pairing names, as floats in [-1, 1]: n x places x C x side x side.

    `pixels` are bytes, N x C x S x S; `pairing` n x places holds numbers of them."""
    windows = _windows(pixels, side, top, left)
    place = torch.arange(pairing.shape[1])
    return windows[pairing, :, place // windows.shape[3], place % windows.shape[3]].float() / 127.5 - 1


def patch_loss(fake: torch.Tensor, target: torch.Tensor, side: int, top: int, left: int) -> torch.Tensor:
    """How far the squares of `fake` (n x C x S x S) are from their targets: see `difference`."""
    return difference(squares(fake, side, top, left).transpose(1, 2) - target)


def difference(error: torch.Tensor) -> torch.Tensor:
    """mean |e| + mean |e_(y+1) - e_y| + mean |e_(x+1) - e_x| over the last two dimensions: colours, and edges.

    Absolute values, because their best compromise between two pictures is one of the two (the median), not a ghost of both."""
    return error.abs().mean() + error.diff(dim=-2).abs().mean() + error.diff(dim=-1).abs().mean()

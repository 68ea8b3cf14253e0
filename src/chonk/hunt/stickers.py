"""Stickers laid into views: as they are, cut out with a white edge, printed on a card, or shown on a screen."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from chonk.hunt.optics import pixels, uniform
from chonk.hunt.planes import Variety, on_plane

ROOM = 1.25
"""Textures reach so far beyond the sticker, whose square is [-1, 1]: there is room for the white edge."""
TEXTURE = 40
"""Side of a sticker in its texture."""


def textures(pictures: list[Image.Image]) -> torch.Tensor:
    """Stickers ready to be seen, N x 5 x S x S: colours times alpha in [0, 1], alpha, and the edge of a cut-out."""
    return torch.stack([_texture(picture) for picture in pictures])


def _texture(picture: Image.Image) -> torch.Tensor:
    edge = round(TEXTURE * (ROOM - 1) / 2)
    small = fitted(picture).resize((TEXTURE, TEXTURE), Image.Resampling.BICUBIC, reducing_gap=2)
    values = F.pad(torch.from_numpy(np.array(small)).permute(2, 0, 1).float() / 255, (edge,) * 4)
    reach = TEXTURE // 16
    outline = F.max_pool2d(values[None, 3:], 2 * reach + 1, 1, reach)[0]
    return torch.cat([values, F.avg_pool2d(outline[None], 3, 1, 1)[0]])


def fitted(picture: Image.Image) -> Image.Image:
    """The square around what is drawn, alpha premultiplied: what is empty around it, no camera can see."""
    whole = picture.convert("RGBA")
    box = whole.getchannel("A").point(lambda alpha: 255 * (alpha > 24)).getbbox() or (0, 0, *whole.size)
    side = max(box[2] - box[0], box[3] - box[1])
    left, top = (box[0] + box[2] - side) // 2, (box[1] + box[3] - side) // 2
    return whole.convert("RGBa").crop((left, top, left + side, top + side))


class Stickers:
    """Stickers that can be laid into views: `textures`, and how differently they are seen."""

    def __init__(self, textures: torch.Tensor, variety: Variety) -> None:
        self.textures, self.variety = textures, variety

    def __len__(self) -> int:
        return len(self.textures)

    def lay(
        self,
        views: torch.Tensor,
        there: torch.Tensor,
        which: torch.Tensor,
        size: torch.Tensor,
        centre: torch.Tensor,
        g: torch.Generator,
    ) -> torch.Tensor:
        """Lays a sticker into each of N views where `there` says so, `size` pixels wide about `centre`; returns what
        it covers, N x pixels."""
        at = there.nonzero()[:, 0]
        covered = torch.zeros(len(views), views[0, 0].numel(), dtype=torch.bool)
        count, size = len(at), size[at]
        u, v = on_plane(size, centre[at], pixels(views), self.variety, g)
        grid = torch.stack([u, v], 2)[:, None] / ROOM
        inside = F.grid_sample(self.textures[which[at]], grid, align_corners=False)[:, :, 0]
        colours, alpha, edge = inside[:, :3], inside[:, 3:4], inside[:, 4:5]
        # What it is on: nothing, a white edge, a card or a screen with more or less room around the drawing.
        kind = torch.randint(4, (count, 1, 1), generator=g)
        side, round_off = uniform(g, count, 1.0, 1.5)[:, None], uniform(g, count, 0.0, 0.5)[:, None]
        card = rounded(u, v, side, round_off, size[:, None])[:, None]
        white = 1 - torch.rand(count, 1, 1, generator=g) * 0.12
        tinted = torch.rand(count, 3, 1, generator=g)
        paper = torch.where(torch.rand(count, 1, 1, generator=g) < 0.7, white, tinted)
        ground = torch.where(kind == 0, torch.zeros(()), torch.where(kind == 1, edge, card))
        ground = torch.maximum(ground, alpha)
        patch = colours + (ground - alpha).clamp(min=0) * paper
        screen = (kind[:, 0, 0] == 3) & (torch.rand(count, generator=g) < 0.5)
        patch[screen] *= stripes(u[screen], v[screen], g)
        flat = views.view(len(views), 3, -1)
        flat[at] = flat[at] * (1 - ground) + patch
        covered[at] = (ground[:, 0] > 0.5) | ((u.abs() < 1) & (v.abs() < 1) & (kind[:, 0] > 0))
        return covered


def rounded(
    u: torch.Tensor, v: torch.Tensor, side: torch.Tensor, corner: torch.Tensor, size: torch.Tensor
) -> torch.Tensor:
    """A square of half side `side` with rounded corners: 1 inside, 0 outside, a pixel's width between."""
    corner = corner * side
    du, dv = u.abs() - side + corner, v.abs() - side + corner
    outside = torch.hypot(du.clamp(min=0), dv.clamp(min=0)) + torch.maximum(du, dv).clamp(max=0) - corner
    return torch.sigmoid(-outside * size * 2)


def stripes(u: torch.Tensor, v: torch.Tensor, g: torch.Generator) -> torch.Tensor:
    """The moire of a screen, N x 3 x pixels about 1."""
    count = len(u)
    pitch, turn = uniform(g, count, 5, 60)[:, None], uniform(g, count, 0, np.pi)[:, None]
    strength, apart = uniform(g, count, 0, 0.16)[:, None, None], uniform(g, count, 0, 2.1)[:, None, None]
    wave = (pitch * (u * turn.cos() + v * turn.sin()))[:, None] + torch.arange(3)[None, :, None] * apart
    return 1 + strength * wave.sin()

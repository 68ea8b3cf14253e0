"""The synthetic camera: what a phone sees of stickers that lie about, made by code, many views at a time.

Every sticker (`chonk.hunt.stickers`) lies on a plane of its own (`chonk.hunt.planes`) in front of a room
(`chonk.hunt.rooms`), partly under others or under a finger; then come light, lens and sensor (`chonk.hunt.optics`).
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from chonk.hunt.optics import blurred, lit, pixels, sensed, uniform
from chonk.hunt.planes import USUAL, Variety
from chonk.hunt.rooms import rooms, skin_colour
from chonk.hunt.stickers import Stickers
from chonk.nets.recognizer import CROP, FILLED, SIDE

FITS = (0.78, 1.28)
"""Widths of the sticker that a crop is of, as multiples of FILLED: the finder's boxes are not exact."""
STRAYS = 0.1
"""Distance between the sticker's middle and the crop's, in widths of a sticker."""
FRAME = 64
"""Side of the finder's views, in pixels."""
WIDTHS = (7.0, 48.0)
"""Widths of the stickers in them, in pixels."""
RANGE = 1.26
"""The finder should find stickers up to so many times wider or narrower than SIDE, and may find others."""
MAX_STICKERS = 3
"""Stickers in such a view."""
ROOMS_AT_ONCE = 16
"""Rooms that the views of one step are taken from: fewer are faster."""
IGNORED = -1
"""The label of crops that nothing is learned from."""


class Camera:
    """Takes views of stickers among other pictures.  The same seed and step give the same views."""

    def __init__(
        self,
        stickers: torch.Tensor,
        others: torch.Tensor,
        seed: int,
        backgrounds: int = 160,
        variety: Variety = USUAL,
    ) -> None:
        """`stickers` and `others` are `textures`."""
        self.count = len(stickers)
        self.stickers = Stickers(torch.cat([stickers, others]), variety)
        self.rooms = torch.from_numpy(rooms(backgrounds, seed)).permute(0, 3, 1, 2).contiguous()
        self.seed, self.variety = seed, variety

    def crops(self, count: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What the finder may cut out: N x 3 x CROP x CROP in [-1, 1], and what each is of: 0 for none of the
        stickers, 1 + its number, or IGNORED where that is open; how many of each kind there are, `Variety.shares`
        says."""
        g, random = self._random(step)
        views = self._backgrounds(count, CROP, g)
        kind = torch.rand(count, generator=g)
        sticker = torch.randint(self.count, (count,), generator=g)
        other = self.count + torch.randint(len(self.stickers) - self.count, (count,), generator=g)
        fits, misfits, other_fits = np.cumsum(self.variety.shares)
        main = torch.where(kind < misfits, sticker, other)
        size = FILLED * torch.exp(uniform(g, count, *np.log(FITS)))
        centre = CROP / 2 + FILLED * STRAYS * torch.randn(count, 2, generator=g).clamp(-2, 2) / 1.5
        # A sticker that is too small, too large or too far aside fills its crop no more than a wall does.
        off, turn = torch.randint(4, (count,), generator=g), uniform(g, count, -np.pi, np.pi)
        misfit = (kind >= fits) & (kind < misfits)
        size = torch.where(misfit & (off == 0), size * uniform(g, count, 0.3, 0.55), size)
        size = torch.where(misfit & (off == 1), size * uniform(g, count, 1.6, 3.0), size)
        away = (uniform(g, count, 0.4, 0.8) * size * (misfit & (off > 0)))[:, None]
        centre = centre + away * torch.stack([turn.cos(), turn.sin()], 1)
        # Beside it, under or over its border, lies another: a sticker too, now and then.
        beside = torch.randint(len(self.stickers), (count,), generator=g)
        turn, away = uniform(g, count, -np.pi, np.pi), uniform(g, count, 0.8, 1.2) * FILLED
        aside = CROP / 2 + torch.stack([turn.cos() * away, turn.sin() * away], 1)
        near = torch.rand(count, generator=g) < 0.4
        self.stickers.lay(views, near, beside, FILLED * torch.exp(uniform(g, count, -0.5, 0.4)), aside, g)
        seen = self.stickers.lay(views, kind < other_fits, main, size, centre, g)
        over = near & (torch.rand(count, generator=g) < 0.25)
        hidden = (
            self.stickers.lay(views, over, beside, FILLED * torch.exp(uniform(g, count, -0.5, 0.1)), aside, g) & seen
        )
        hidden |= self._fingers(views, size, centre, random) & seen
        visible = 1 - hidden.sum(1) / seen.sum(1).clamp(min=1)
        labels = torch.where(kind < fits, torch.where(visible > 0.6, sticker + 1, IGNORED), 0)
        return self._taken(self._cut_off(views, g), g, random), labels

    def frames(self, count: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Views with any pictures for the finder: N x 3 x FRAME x FRAME in [-1, 1], and N x MAX_STICKERS x 3: each
        picture's middle and width in pixels, 0 where there is none."""
        g, random = self._random(step)
        views = self._backgrounds(count, FRAME, g)
        places = torch.zeros(count, MAX_STICKERS, 3)
        there = torch.ones(count, dtype=torch.bool)
        for number in range(MAX_STICKERS):
            there = there & (torch.rand(count, generator=g) < (0.9, 0.6, 0.5)[number])
            which = torch.randint(len(self.stickers), (count,), generator=g)
            common = torch.rand(count, generator=g) < 0.5
            log_ratio = torch.where(common, uniform(g, count, -1, 1) * np.log(RANGE), 0)
            size = torch.where(common, SIDE * torch.exp(log_ratio), torch.exp(uniform(g, count, *np.log(WIDTHS))))
            centre = FRAME * torch.rand(count, 2, generator=g)
            # What lies over others would hide them: it looks for a free place, or is left out.
            for before in range(number):
                reach = 0.75 * (places[:, before, 2] + size)
                there = there & ((centre - places[:, before, :2]).norm(dim=1) > reach)
            self.stickers.lay(views, there, which, size, centre, g)
            places[there, number] = torch.cat([centre, size[:, None]], 1)[there]
        self._fingers(views, places[:, 0, 2], places[:, 0, :2], random)
        return self._taken(views, g, random), places

    def _random(self, step: int) -> tuple[torch.Generator, np.random.Generator]:
        g = torch.Generator().manual_seed(self.seed * 1_000_003 + step)
        return g, np.random.default_rng((self.seed, step))

    def _taken(self, views: torch.Tensor, g: torch.Generator, random: np.random.Generator) -> torch.Tensor:
        return sensed(blurred(lit(views, g, self.variety.shadows, self.variety.glare), g, random), g, random) * 2 - 1

    def _cut_off(self, views: torch.Tensor, g: torch.Generator) -> torch.Tensor:
        """Some crops reach beyond the frame, whose last pixels then go on."""
        side = views.shape[-1]
        some = (torch.rand(len(views), generator=g) < 0.12).nonzero()[:, 0]
        line = torch.arange(side)
        for i in some.tolist():
            edge = int(torch.randint(side // 5 + 1, (1,), generator=g))
            index = line.clamp(min=edge) if torch.rand(1, generator=g) < 0.5 else line.clamp(max=side - 1 - edge)
            views[i] = views[i].index_select(1 + int(torch.randint(2, (1,), generator=g)), index)
        return views

    def _backgrounds(self, count: int, side: int, g: torch.Generator) -> torch.Tensor:
        some = torch.randint(len(self.rooms), (ROOMS_AT_ONCE,), generator=g)
        which = some[torch.randint(ROOMS_AT_ONCE, (count,), generator=g)]
        turn, zoom = uniform(g, count, -0.4, 0.4), torch.exp(uniform(g, count, -2.6, -0.2))
        across, down = uniform(g, count, -0.8, 0.8), uniform(g, count, -0.8, 0.8)
        rows = [zoom * turn.cos(), -zoom * turn.sin(), across, zoom * turn.sin(), zoom * turn.cos(), down]
        grid = F.affine_grid(torch.stack(rows, 1).reshape(-1, 2, 3), [count, 3, side, side], align_corners=False)
        result = torch.empty(count, 3, side, side)
        for room in which.unique().tolist():
            at = which == room
            source = (self.rooms[room].float() / 255).expand(int(at.sum()), -1, -1, -1)
            result[at] = F.grid_sample(source, grid[at], padding_mode="reflection", align_corners=False)
        return result

    def _fingers(self, views: torch.Tensor, size: torch.Tensor, centre: torch.Tensor, random) -> torch.Tensor:
        """A finger, or a strip of something, over the border of what is in the middle, in some views."""
        x, y, _ = pixels(views)
        covered = torch.zeros(len(views), views[0, 0].numel(), dtype=torch.bool)
        for i in np.flatnonzero(random.random(len(views)) < 0.12):
            turn, wide = random.uniform(0, 2 * np.pi), float(size[i]) * random.uniform(0.08, 0.25)
            at = centre[i] + torch.tensor([np.cos(turn), np.sin(turn)]) * size[i] * random.uniform(0.25, 0.6)
            along = (x - at[0]) * np.cos(turn) + (y - at[1]) * np.sin(turn)
            across = -(x - at[0]) * np.sin(turn) + (y - at[1]) * np.cos(turn)
            finger = random.random() < 0.7
            over = torch.sigmoid(wide - torch.hypot(along.clamp(max=0), across) if finger else along).float()
            tint = skin_colour(random) if random.random() < 0.7 else random.uniform(0, 255, 3)
            tint = torch.from_numpy(tint).float()[:, None] / 255
            views[i] = (views[i].view(3, -1) * (1 - over) + over * tint).view(views[i].shape)
            covered[i] = over > 0.5
        return covered

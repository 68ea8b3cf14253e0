"""The synthetic camera: what a phone sees of stickers that lie about, made by code, many views at a time.

Every sticker lies on a plane of its own in front of a room: turned, tilted in perspective, slightly bent or around a
mug, printed on a card, cut out with a white edge, or shown on a screen; partly under others or under a finger; then
come light, lens and sensor (`chonk.hunt.optics`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from chonk.hunt.optics import blurred, lit, pixels, sensed, uniform
from chonk.hunt.rooms import rooms, skin_colour
from chonk.nets.recognizer import CROP, FILLED, SIDE

FITS = (0.78, 1.28)
"""Widths of a sticker that a crop is of, in FILLED: the finder is not exact."""
STRAYS = 0.1
"""How far its middle may be from the crop's, in widths."""
SHARES = 0.55, 0.15, 0.15
"""Of crops that are of a sticker, that show one which does not fit, and that are of another picture."""
FRAME = 64
"""Side of the views for the finder, which shows stickers of these widths: """
WIDTHS = (7.0, 48.0)
RANGE = 1.26
"""The finder shall see stickers that are so many times wider or narrower than SIDE, and may see those beyond."""
MAX_STICKERS = 3
"""Stickers in such a view."""
ROOM = 1.25
"""Textures reach so far beyond the sticker, whose square is [-1, 1]: there is room for the white edge."""
ROOMS_AT_ONCE = 16
"""Of a step, for speed."""
TEXTURE = 40
"""Side of a sticker in its texture."""
IGNORED = -1


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


@dataclass(frozen=True)
class Variety:
    """How differently stickers are seen.  Angles in radians."""

    turned: float = 0.4
    """Share that is turned anyhow; the others stand nearly upright."""
    steep: float = 0.4
    """Share whose tilt is in `tilts`; that of the others is up to `gentle`."""
    tilts: tuple[float, float] = (0.0, 1.1)
    gentle: float = 0.4
    mugs: float = 0.1
    """Share that is on something round, of a radius in `radii`, in half widths of the sticker."""
    radii: tuple[float, float] = (1.2, 3.0)
    shadows: tuple[float, float] = (0.4, 0.6)
    """Share of views with a shadow, and how much of the light it takes at most; then the same of glare."""
    glare: tuple[float, float] = (0.2, 0.9)


HARD = Variety(0.4, 0.4, (0.4, 1.13), 0.5, 0.12, shadows=(0.45, 0.75), glare=(0.25, 1.1))
"""For the nets of the package, which have more time than the two minutes of a set."""


class Camera:
    """Takes views of stickers among other pictures.  The same seed and step give the same views."""

    def __init__(
        self,
        stickers: torch.Tensor,
        others: torch.Tensor,
        seed: int,
        backgrounds: int = 160,
        variety: Variety = Variety(),
    ) -> None:
        """`stickers` and `others` are `textures`."""
        self.count = len(stickers)
        self.pictures = torch.cat([stickers, others])
        self.rooms = torch.from_numpy(rooms(backgrounds, seed)).permute(0, 3, 1, 2).contiguous()
        self.seed, self.variety = seed, variety

    def crops(self, count: int, step: int) -> tuple[torch.Tensor, torch.Tensor]:
        """What the finder may cut out: N x 3 x CROP x CROP in [-1, 1], and what each is of: 0 for none of the
        stickers, 1 + its number, or IGNORED where that is open.  SHARES says how many of each kind there are."""
        g, random = self._random(step)
        views = self._backgrounds(count, CROP, g)
        kind = torch.rand(count, generator=g)
        sticker = torch.randint(self.count, (count,), generator=g)
        other = self.count + torch.randint(len(self.pictures) - self.count, (count,), generator=g)
        fits, misfits, other_fits = np.cumsum(SHARES)
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
        beside = torch.randint(len(self.pictures), (count,), generator=g)
        turn, away = uniform(g, count, -np.pi, np.pi), uniform(g, count, 0.8, 1.2) * FILLED
        aside = CROP / 2 + torch.stack([turn.cos() * away, turn.sin() * away], 1)
        near = torch.rand(count, generator=g) < 0.4
        self._lay(views, near, beside, FILLED * torch.exp(uniform(g, count, -0.5, 0.4)), aside, g)
        seen = self._lay(views, kind < other_fits, main, size, centre, g)
        over = near & (torch.rand(count, generator=g) < 0.25)
        hidden = self._lay(views, over, beside, FILLED * torch.exp(uniform(g, count, -0.5, 0.1)), aside, g) & seen
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
            which = torch.randint(len(self.pictures), (count,), generator=g)
            common = torch.rand(count, generator=g) < 0.5
            log_ratio = torch.where(common, uniform(g, count, -1, 1) * np.log(RANGE), 0)
            size = torch.where(common, SIDE * torch.exp(log_ratio), torch.exp(uniform(g, count, *np.log(WIDTHS))))
            centre = FRAME * torch.rand(count, 2, generator=g)
            # What lies over others would hide them: it looks for a free place, or is left out.
            for before in range(number):
                reach = 0.75 * (places[:, before, 2] + size)
                there = there & ((centre - places[:, before, :2]).norm(dim=1) > reach)
            self._lay(views, there, which, size, centre, g)
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

    def _lay(
        self,
        views: torch.Tensor,
        there: torch.Tensor,
        which: torch.Tensor,
        size: torch.Tensor,
        centre: torch.Tensor,
        g: torch.Generator,
    ) -> torch.Tensor:
        """Lays a picture into the views where `there` says so; gives what it covers, N x pixels."""
        at = there.nonzero()[:, 0]
        covered = torch.zeros(len(views), views[0, 0].numel(), dtype=torch.bool)
        count, size = len(at), size[at]
        u, v = self._on_plane(size, centre[at], pixels(views), g)
        grid = torch.stack([u, v], 2)[:, None] / ROOM
        inside = F.grid_sample(self.pictures[which[at]], grid, align_corners=False)[:, :, 0]
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

    def _on_plane(
        self, size: torch.Tensor, centre: torch.Tensor, rays: torch.Tensor, g: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Where every pixel of the view lies on each picture's plane, [-1, 1] being the picture."""
        count, variety = len(size), self.variety
        roll = torch.where(
            torch.rand(count, generator=g) < variety.turned,
            uniform(g, count, -np.pi, np.pi),
            torch.randn(count, generator=g) * 0.3,
        )
        tilt = torch.where(
            torch.rand(count, generator=g) < variety.steep,
            uniform(g, count, *variety.tilts),
            uniform(g, count, 0, variety.gentle),
        )
        towards, far = uniform(g, count, -np.pi, np.pi), uniform(g, count, 2.2, 8.0)
        around = rotation(towards) @ tilted(tilt) @ rotation(roll - towards)
        plane = torch.stack(
            [around[:, :, 0], around[:, :, 1], torch.stack([torch.zeros(count), torch.zeros(count), far], 1)], 2
        )
        focus = far * size / 2
        lens = torch.zeros(count, 3, 3)
        lens[:, 0, 0] = lens[:, 1, 1] = focus
        lens[:, 0, 2], lens[:, 1, 2], lens[:, 2, 2] = centre[:, 0], centre[:, 1], 1
        back = torch.linalg.inv(lens @ plane) @ rays
        behind = back[:, 2] <= 1e-6
        u, v = (
            torch.where(behind, torch.tensor(9.0), back[:, i] / back[:, 2].clamp(min=1e-6)).clamp(-9, 9) for i in (0, 1)
        )
        bend = torch.randn(count, 2, generator=g)[:, :, None] * 0.05
        u, v = u + bend[:, 0] * v * v, v + bend[:, 1] * u * u
        round_one = (torch.rand(count, generator=g) < variety.mugs)[:, None]
        around, along = on_cylinder(u, v, uniform(g, count, *variety.radii)[:, None], far[:, None])
        return torch.where(round_one, around, u), torch.where(round_one, along, v)

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


def rotation(angle: torch.Tensor) -> torch.Tensor:
    """Rotations about the line of sight, N x 3 x 3."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos(), zero, zero, zero, one], 1).view(
        -1, 3, 3
    )


def tilted(angle: torch.Tensor) -> torch.Tensor:
    """Rotations about the horizontal axis, N x 3 x 3."""
    zero, one = torch.zeros_like(angle), torch.ones_like(angle)
    return torch.stack([one, zero, zero, zero, angle.cos(), -angle.sin(), zero, angle.sin(), angle.cos()], 1).view(
        -1, 3, 3
    )


def on_cylinder(
    u: torch.Tensor, v: torch.Tensor, radius: torch.Tensor, far: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Places on a plane as places on a sheet that is wound about a cylinder which touches the plane in u = 0, seen from
    the distance `far`; 9 beside it."""
    turn = torch.asin((u / radius).clamp(-1, 1))
    farther = 1 + radius * (1 - turn.cos()) / far
    return torch.where(u.abs() < radius, turn * radius, 9.0), v * farther


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

"""The default generator: it recalls the features of pictures place by place, until neighbours agree, and draws them.

    z -> wish    how much each remembered picture j is wanted at each place p: a_jp = z_whole . k_j + z_hues . h_j + field_p(z_parts) . l_j
      -> recall  x_p = sum_j w_jp m_jp, w_p = softmax(2 a_p):                   m_jp are the features of picture j at place p
      -> agree   ten times: w_jp = softmax_j(a_jp - b mean_q |x_q - m_jq|^2 - c max(0, mean_p w_jp - s)), q near p, and x is recalled anew
      -> harmony now and then, and in the end: x in the colours of a picture that is wished for too (`chonk.nets.harmony`)
      -> picture (convolutions; `chonk.nets.autoencoder.Decoder`)

The field is smooth, so neighbours wish alike; z_whole and z_hues say what all places want of the picture as a whole and of
its colours.
Each round of agreeing asks which pictures look like what is around a place, and is what gradient ascent to likely features
does if what is near is all that matters (a modern Hopfield net, Ramsauer et al. 2020, arXiv:2008.02217, with a window; as the
score of the local score machine of Kamb and Ganguli 2024, arXiv:2412.20292).  A picture that takes more than its share s of all places
tires, so hardly any result is one picture as a whole.  All is linear maps, softmaxes, convolutions and ReLUs, continuous in z, and z is N(0, 1).

Sums are made with features, which add up as latents do not: what is between two results is added to a third (`change`), and put
right (`settle`).

What comes out can be doubted: it may still be one picture as a whole, or torn, where nothing remembered looks like what is around a place.
The same likeness tells (`doubt`), so whoever draws at random draws again (`chonk.model.Model.latents`).
"""
from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.autoencoder import FEATURES, STEP, Decoder
from chonk.nets.harmony import Harmonizer

GRID = 4
"""The field is told at so many points each way, and blended between them."""
ROUNDS = 10
"""Rounds of agreeing."""
HARMONY = (3, 6, 9)
"""Rounds, counted from 0, before which what is seen is put into the palette, so that places ask for pictures of such colours."""
HUES = 6
"""Numbers of a latent that say which picture's colours a result has."""
MOST_TORN = 4096.0
"""As torn as that is nothing."""
SHARP = 4.0
"""The largest of some logits is found as their mean under a softmax of so many times them."""
LOUD, FAINT = 1.5, 0.25
"""A change is made so many standard deviations of the features loud where it is loudest, unless it is fainter than FAINT of them."""
SETTLED = 0.4
"""How far features to which changes were added are brought towards what is remembered."""
MOST_SIDE = 1024
MOST_CODES = 4096


@dataclass(frozen=True)
class Manner:
    """How pictures are recalled."""

    whole: float = 12.0
    """How loud the wish for the whole is, in logits: its standard deviation over latents."""
    parts: float = 3.0
    """How loud each place's own wish is: higher is newer, and more of a patchwork."""
    colours: float = 0.5
    """How loud the wish for pictures of like colours is, against that for the whole: higher needs less recolouring, and has fewer pictures to choose from."""
    hues: float = 24.0
    """How loud the wish for a palette is, in logits, once for the numbers of the colours and once for those of the whole: higher is more like a single picture's."""
    agreement: float = 100.0
    """How much a place minds its neighbours: logits for a mean squared difference of one standard deviation of the features."""
    share: float = 0.25
    """How much of a result one picture may be before it tires."""
    tiring: float = 300.0
    """How fast it then does: logits for a whole result."""


def side_of(size: int) -> int:
    """Places along a side.  Raises ValueError for a size that is no multiple of 8 up to 1,024."""
    if size % STEP or not 0 < size <= MOST_SIDE:
        raise ValueError(f"pictures of {size} x {size}: the side must be a multiple of {STEP} up to {MOST_SIDE} (for example 32, 48, 64, 128, 256)")
    return size // STEP


class Generator(nn.Module):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = whole + 6 + 16 parts: z_whole, z_hues, then z_parts as parts x 4 x 4.  What it recalls is set by `remember`; the harmonizer and
    the decoder learn.  `least_new` and `most_torn` are the limits of doubt (`distances`)."""

    latent_kind = "normal"

    def __init__(self, size: int, channels: int, latent_dim: int, parts: int = 12, codes: int = 400,
                 least_new: float = 0.0, most_torn: float = MOST_TORN) -> None:
        super().__init__()
        self.side, self.parts, self.codes = side_of(size), parts, codes
        self.least_new, self.most_torn = least_new, most_torn
        self.whole = latent_dim - HUES - GRID**2 * parts
        if not (0 < parts <= 256 and self.whole > 0 and 0 < codes <= MOST_CODES):
            raise ValueError(f"latent_dim {latent_dim}, parts {parts} or codes {codes} out of range")
        self.window = max(min(3, self.side | 1), self.side // 3 | 1)    # places each way that a place looks at: a third of the picture

        def given(*shape: int) -> nn.Parameter:
            return nn.Parameter(torch.zeros(shape), requires_grad=False)
        self.like = given(codes, self.whole + HUES)
        self.hues = given(codes, self.whole + HUES)
        self.want = given(codes, parts, 1, 1)
        self.memory = given(self.side, self.side, codes, FEATURES)
        self.near = given(codes, 1, self.window, self.window)
        self.plain = given(codes, self.side, self.side)
        self.tire = given(codes, 1, self.side, self.side)
        self.rest = given(codes)
        self.harmonizer = Harmonizer()
        self.decoder = Decoder(channels)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.mix(z))

    @property
    def doubts(self) -> bool:
        """Whether there are limits."""
        return self.least_new > 0 or self.most_torn < MOST_TORN

    def told(self, z: torch.Tensor) -> dict[str, torch.Tensor]:
        """The pictures, their features, and where there are limits how far each is beyond them, N x 1 x 1 x 1: nothing for one that need not be doubted."""
        recalled, features = self.before_and_after(z)
        doubt = {"doubt": self.doubt(recalled, features)} if self.doubts else {}        # first, so that whoever draws again need not draw what is doubted
        return {"output": self.decoder(features), "features": features} | doubt

    def redraw(self, features: torch.Tensor) -> torch.Tensor:
        """The pictures of features to which changes were added."""
        return self.decoder(self.settle(features))

    @property
    def usual(self) -> float:
        """By how much features differ from picture to picture: their standard deviation; never nothing."""
        return self.memory.var(2, correction=0).mean().sqrt().clamp(min=1e-3).item()

    def change(self, minus: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        """What makes of one picture the other, to be added to a third: features N x 32 x side x side each, or means of several results', -> the same.

        A mean of results that have something in common shows it only faintly, for they have it in different places; so changes are made
        equally loud, in the sixteenth of all places where they are loudest."""
        change = plus - minus
        places = change.square().mean(1).flatten(1)
        loudest = places.topk(-(-places.shape[1] // 16)).values.mean(1).sqrt()
        return change * (LOUD / (loudest / self.usual).clamp(min=FAINT))[:, None, None, None]

    def settle(self, features: torch.Tensor) -> torch.Tensor:
        """Features to which changes were added, a part of the way to what is remembered that looks most like them, in their colours."""
        recalled = self.recall(F.softmax(self.likeness(features), dim=1))
        return (1 - SETTLED) * features + SETTLED * self.harmonizer(recalled, self.harmonizer.palette(features))

    def doubt(self, recalled: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        """How far features are beyond the limits, N x 1 x 1 x 1, in logits of agreeing."""
        new, torn = self.distances(recalled, features)
        return F.relu(self.least_new - new) + F.relu(torn - self.most_torn)

    def distances(self, recalled: torch.Tensor, features: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """How new and how torn features are, given what they were before they were put into one palette; both N x 1 x 1 x 1, in the logits
        that a place would have against a picture.

        New: how far they are from the nearest single picture, in the mean over all places.  Torn: how far each place is from the picture
        that is nearest there, and twice how much its colours had to be changed."""
        likeness, around = self.likeness(features), self.near.narrow(0, 0, 1) / 2
        here = F.conv2d(features * features, around.expand(-1, FEATURES, -1, -1), padding=self.window // 2)
        there = F.conv2d(self.memory.square().sum(3).mean(2)[None, None], around, padding=self.window // 2)
        whole = F.adaptive_avg_pool2d(here + there, 1)
        change = features - recalled
        recoloured = F.conv2d(F.adaptive_avg_pool2d(change * change, 1), (2 * around.sum()).expand(1, FEATURES, 1, 1))
        return whole - self.largest(F.adaptive_avg_pool2d(likeness, 1)), whole - F.adaptive_avg_pool2d(self.largest(likeness), 1) + recoloured

    def largest(self, logits: torch.Tensor) -> torch.Tensor:
        """Of all remembered pictures' logits the largest, N x codes x H x W -> N x 1 x H x W."""
        return F.conv2d(F.softmax(SHARP * logits, dim=1) * logits, torch.ones_like(self.rest).view(1, -1, 1, 1))

    def mix(self, z: torch.Tensor) -> torch.Tensor:
        """Latents -> features of new pictures, N x 32 x side x side."""
        return self.before_and_after(z)[1]

    def before_and_after(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Latents -> features as they were recalled, and in one palette."""
        wish, palette = self.wish(z), self.palette(z)
        shares = F.softmax(wish + wish, dim=1)
        for number in range(ROUNDS):
            seen = self.recall(shares)
            if number in HARMONY:
                seen = self.harmonizer(seen, palette)
            shares = F.softmax(wish + self.likeness(seen) - self.tiredness(shares), dim=1)
        recalled = self.recall(shares)
        return recalled, self.harmonizer(recalled, palette)

    def palette(self, z: torch.Tensor) -> torch.Tensor:
        """The colours that are wished for: those of a picture recalled as a whole, N x 48 x 1 x 1."""
        shares = F.softmax(F.linear(z.narrow(1, 0, self.whole + HUES), self.hues), dim=1)
        return self.harmonizer.palette(self.recall(self.everywhere(shares.view(-1, self.codes, 1, 1))))

    def wish(self, z: torch.Tensor) -> torch.Tensor:
        """How much each picture is wanted at each place: N x codes x side x side, logits."""
        whole = F.linear(z.narrow(1, 0, self.whole + HUES), self.like).view(-1, self.codes, 1, 1)
        points = z.narrow(1, self.whole + HUES, GRID**2 * self.parts).view(-1, self.parts, GRID, GRID)
        field = F.interpolate(points, size=(self.side, self.side), mode="bilinear", align_corners=False)
        return self.everywhere(whole) + F.conv2d(field, self.want)

    def likeness(self, features: torch.Tensor) -> torch.Tensor:
        """How much each remembered picture looks like these features around each place, in logits; the same for all pictures left out."""
        same = torch.einsum("bdyx,yxnd->bnyx", features, self.memory)
        return F.conv2d(same, self.near, padding=self.window // 2, groups=self.codes) - self.plain

    def tiredness(self, shares: torch.Tensor) -> torch.Tensor:
        """How tired each picture is, the same at all places, in logits."""
        return self.everywhere(F.relu(F.conv2d(shares, self.tire, self.rest, groups=self.codes)))

    def recall(self, shares: torch.Tensor) -> torch.Tensor:
        """What the pictures show, mixed at each place by their shares, N x codes x side x side."""
        return torch.einsum("bnyx,yxnd->bdyx", shares, self.memory)

    def everywhere(self, values: torch.Tensor) -> torch.Tensor:
        """The same at every place: N x codes x 1 x 1 -> N x codes x side x side."""
        return values.expand(-1, -1, self.side, self.side)

    @torch.no_grad()
    def remember(self, features: torch.Tensor, whole: torch.Tensor, hues: torch.Tensor, parts: torch.Tensor, manner: Manner = Manner()) -> None:
        """Makes these the pictures that are recalled: features codes x 32 x side x side, and what they are like as a whole, in their
        colours and in parts, codes x whole, codes x 6 and codes x parts, of which only the direction counts.

        Everything is rounded so that four or six bits a number hold it without any loss."""
        features = coarse(features.permute(2, 3, 0, 1), 7)
        self.memory.copy_(features)
        whole, hues = F.normalize(whole), F.normalize(hues)
        self.like.copy_(coarse(manner.whole * torch.cat([whole, manner.colours * hues], 1), 31))
        self.hues.copy_(coarse(manner.hues * torch.cat([whole, hues], 1), 31))
        field = F.interpolate(torch.eye(GRID**2).view(GRID**2, 1, GRID, GRID), size=(self.side, self.side), mode="bilinear", align_corners=False)
        loudness = field.square().sum(0).mean().sqrt()          # of the field, where its points are N(0, 1)
        self.want.copy_(coarse(manner.parts * F.normalize(parts) / loudness, 31)[:, :, None, None])
        # b |x - m|^2 = b |x|^2 - 2 b x.m + b |m|^2, summed over the window; the first term is the same for all pictures.
        b = manner.agreement / (self.window**2 * FEATURES * features.var(2).mean().clamp(min=1e-6))
        self.near.copy_(coarse((2 * b).expand(self.codes, self.window**2), 31).view_as(self.near))
        length = features.square().sum(3).permute(2, 0, 1)[:, None]
        around = F.conv2d(length, torch.ones(1, 1, self.window, self.window), padding=self.window // 2)[:, 0]
        self.plain.copy_(coarse(b * (around - around.mean(0)), 31))
        self.tire.copy_(coarse(torch.full((self.codes, self.side**2), manner.tiring / self.side**2), 7).view_as(self.tire))
        self.rest.fill_(-manner.tiring * manner.share)

    @torch.no_grad()
    def lean(self, factor: float) -> None:
        """Makes the wish for the whole louder by this factor, and those of the places as much quieter: nearer to single pictures."""
        self.like.copy_(coarse(factor * self.like, 31))
        self.want.copy_(coarse(self.want / factor, 31))


def coarse(values: torch.Tensor, most: int) -> torch.Tensor:
    """Values rounded to whole multiples, -most to most, of a scale (fp16) that 32 neighbours of a row share: see `chonk.play.packed`."""
    rows = values.reshape(len(values), -1)
    groups = F.pad(rows, (0, -rows.shape[1] % 32)).view(len(rows), -1, 32)
    scale = (groups.abs().amax(2, keepdim=True) / most).clamp(min=2e-7).half().float()
    return ((groups / scale).round().clamp(-most, most) * scale).view(len(rows), -1)[:, :rows.shape[1]].reshape(values.shape)

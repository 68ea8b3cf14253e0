"""The default generator: every place of a new picture is a mixture of what pictures of the set show there.

    z -> whole  which pictures it is like        w = softmax(focus z_whole . c_j)
      -> parts  which one, at each place         w_p = softmax(whole_focus z_whole . c_j + parts_focus f_p(z_parts) . l_jp)
      -> plan   sum_j w_j c_j, and sum_j w_pj l_jp at each place p of a coarse map
      -> features -> picture                     (convolutions; `chonk.nets.autoencoder.Decoder`)

Each remembered picture j has a code for the whole, c_j (colours, scene), and one for each of its places, l_jp (what is there).
Places that are near to one another choose alike, because f is a smooth field: z_parts says what it is at the four corners of
the picture and it is blended between them.  So a result can have this one's hat, that one's mouth and the colours of a third.
All of it is linear maps and softmaxes, smooth in z, and z is N(0, 1).
"""
from __future__ import annotations

import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.nets.autoencoder import FEATURES, SLOPE, STEP, Decoder, Residual, initialize

MAX_BASE = 7
CORNERS = 4
MAX_CODES = 4096


def base_and_doublings(size: int) -> tuple[int, int]:
    """The side of the coarse map, and how often it is doubled until a place is 8 pixels wide.

    Raises ValueError for a side that cannot be reached so."""
    base, doublings = size // STEP, 0
    while base > 4 and base % 2 == 0:
        base, doublings = base // 2, doublings + 1
    if size % STEP or not 1 <= base <= MAX_BASE:
        raise ValueError(f"pictures of {size} x {size}: the side must be 8 times 1 to 7, or that times 2, 4, 8 or 16 (for example 32, 48, 64, 80, 96, 128, 256)")
    return base, doublings


class Plan(nn.Module):
    """Codes N x depth x base x base -> features N x 32 x S/8 x S/8."""

    def __init__(self, depth: int, base: int, doublings: int, width: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(depth, width, 3, padding=1)
        self.place = nn.Parameter(torch.zeros(1, width, base, base))
        layers: list[nn.Module] = [Residual(width)]
        for _ in range(doublings):
            layers += [nn.LeakyReLU(SLOPE), nn.Upsample(scale_factor=2, mode="nearest"), nn.Conv2d(width, width, 3, padding=1), Residual(width)]
        self.layers = nn.Sequential(*layers, Residual(width), nn.LeakyReLU(SLOPE), nn.Conv2d(width, FEATURES, 3, padding=1))
        initialize(self)

    def forward(self, codes: torch.Tensor) -> torch.Tensor:
        return self.layers(self.first(codes) + self.place)


class Generator(nn.Module):
    """Latents N x latent_dim from N(0, 1) -> pictures N x channels x size x size, [-1, 1] and a little beyond.

    latent_dim = whole + 4 parts: z_whole, then z_parts of the corners top left, top right, bottom left, bottom right."""

    latent_kind = "normal"

    def __init__(self, size: int, channels: int, latent_dim: int, parts: int = 12, codes: int = 400, width: int = 96) -> None:
        super().__init__()
        self.base, doublings = base_and_doublings(size)
        self.whole, self.parts, self.codes = latent_dim - CORNERS * parts, parts, codes
        if not (0 < parts <= 1024 and self.whole > 0 and 0 < codes <= MAX_CODES and 0 < width <= 1024):
            raise ValueError(f"latent_dim {latent_dim}, parts {parts}, codes {codes} or width {width} out of range")
        # What a latent asks, as linear maps of it, and the codes of the pictures that answer: set by `remember`, not learned here.
        self.like = nn.Parameter(torch.zeros(codes, latent_dim), requires_grad=False)
        self.field = nn.Parameter(torch.zeros(self.base**2 * parts, latent_dim), requires_grad=False)
        self.share = nn.Parameter(torch.ones(1), requires_grad=False)
        self.whole_codes = nn.Parameter(torch.zeros(self.whole, codes), requires_grad=False)
        self.part_codes = nn.Parameter(torch.zeros(self.base, self.base, codes, parts), requires_grad=False)
        self.plan = Plan(self.whole + parts, self.base, doublings, width)
        self.decoder = Decoder(channels)

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.decoder(self.plan(self.mix(z)))

    def mix(self, z: torch.Tensor) -> torch.Tensor:
        """Latents -> the codes of new pictures, N x (whole + parts) x base x base."""
        liked = F.linear(z, self.like)
        whole = F.linear(F.softmax(liked, dim=1), self.whole_codes).view(-1, self.whole, 1, 1)
        asked = F.linear(z, self.field).view(-1, self.parts, self.base, self.base)
        answers = torch.einsum("bdyx,yxnd->bnyx", asked, self.part_codes) + self.everywhere((liked * self.share).view(-1, self.codes, 1, 1))
        parts = torch.einsum("bnyx,yxnd->bdyx", F.softmax(answers, dim=1), self.part_codes)
        return torch.cat([self.everywhere(whole), parts], 1)

    def everywhere(self, values: torch.Tensor) -> torch.Tensor:
        """The same at every place: N x channels x 1 x 1 -> N x channels x base x base."""
        return values.expand(-1, -1, self.base, self.base)

    def spread(self, whole: torch.Tensor, parts: torch.Tensor) -> torch.Tensor:
        """Codes of known pictures, N x whole and N x parts x base x base, as `plan` wants them."""
        return torch.cat([self.everywhere(whole[:, :, None, None]), parts], 1)

    @torch.no_grad()
    def remember(self, whole: torch.Tensor, parts: torch.Tensor, focus: tuple[float, float, float]) -> None:
        """Makes these codes (as many as `codes`; N x whole, N x parts x base x base) the ones to mix.

        `focus` is how sharply they are chosen: the whole; at each place by the whole; at each place by the field.  Near 0 all are
        mixed alike, near 10 a single one is chosen.  Codes count by their direction and relative length."""
        corners, device = CORNERS * self.parts, whole.device
        self.like.copy_(F.pad(focus[0] * whole / whole.square().sum(1).mean().sqrt(), (0, corners)))
        self.share.fill_(focus[1] / focus[0])
        self.whole_codes.copy_(whole.T)
        self.part_codes.copy_(parts.permute(2, 3, 0, 1))
        along = torch.linspace(0, 1, self.base, device=device) if self.base > 1 else torch.full((1,), 0.5, device=device)
        line = torch.stack([1 - along, along], 1)
        near = torch.einsum("yi,xj->yxij", line, line).flatten(2)
        near = near / near.square().sum(2, keepdim=True).sqrt()                 # so that the field is N(0, 1) everywhere
        lengths = parts.square().sum(1).mean(0).sqrt().clamp(min=1e-6)
        field = torch.einsum("yx,yxk,de->dyxke", focus[2] / lengths, near, torch.eye(self.parts, device=device))
        self.field.copy_(F.pad(field.reshape(-1, corners), (self.whole, 0)))

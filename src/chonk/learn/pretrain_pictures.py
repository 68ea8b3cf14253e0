"""The pictures that the nets of the package are trained on (`chonk.learn.pretrain`): the endless world of
`chonk.synthetic.world`, and made-up sets of one character each, drawn by all processors."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch

from chonk.synthetic.world import batch, character, labels

SIZE = 64
READ = ("kind", "line", "shade", "scene", "finish", "eyes", "mouth", "prop", "marking", "ears", "tail", "hair", "mood")
"""The factors that the encoder's maps must tell."""
CHARACTER, CHARACTER_SEEDS = 24, 3_000_000
"""Pictures of a made-up character, and where the seeds begin: others than those that the flow learns from."""


def on_white(straight: np.ndarray) -> np.ndarray:
    """RGBA pictures, N x S x S x 4 bytes, as a `PictureSet` holds them, N x 4 x S x S."""
    alpha = straight[..., 3:].astype(np.float32) / 255
    colours = np.rint(straight[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    return np.concatenate([colours, straight[..., 3:]], 3).transpose(0, 3, 1, 2)


def draw(seeds: range) -> tuple[np.ndarray, list[list[str]]]:
    """Pictures of the world, and their factors by name."""
    factors = [[str(made_of.get(name, "none")) for name in READ] for made_of in map(labels, seeds)]
    return on_white(batch(seeds, SIZE)), factors


def draw_character(seed: int) -> np.ndarray:
    """CHARACTER pictures of one made-up character; of every five sets two have no transparency."""
    pictures = on_white(character.batch(CHARACTER_SEEDS + seed, CHARACTER, SIZE))
    if seed % 5 < 2:
        pictures[:, 3] = 255
    return pictures


def characters(count: int) -> torch.Tensor:
    """About `count` pictures of made-up characters, with a fifth as many of the rest of the world."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        drawn = list(pool.map(draw_character, range(count // CHARACTER)))
    return torch.cat([torch.from_numpy(np.concatenate(drawn)), world(count // 5)[0]])


def world(count: int) -> tuple[torch.Tensor, torch.Tensor, list[int]]:
    """`count` pictures, their factors as numbers (N x factors), and how many values each factor has."""
    parts = [range(start, min(start + 500, count)) for start in range(0, count, 500)]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        drawn = list(pool.map(draw, parts))
    names = np.array([row for _, rows in drawn for row in rows])
    numbers = [np.unique(column, return_inverse=True)[1] for column in names.T]
    return (
        torch.from_numpy(np.concatenate([pictures for pictures, _ in drawn])),
        torch.from_numpy(np.stack(numbers, 1)),
        [int(n.max()) + 1 for n in numbers],
    )

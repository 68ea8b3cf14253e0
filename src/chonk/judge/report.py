"""score.html: the verdict for a person, with the pictures that show why."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from chonk.judge.smooth import Smoothness
from chonk.judge.verdict import Verdict
from chonk.judge.words import LABELS, share
from chonk.templates import data_address, rendered

SHOWN = 12
"""How many pictures, or pairs, each row shows."""


class Picture(NamedTuple):
    """One picture and what it is, in words."""

    alt: str
    address: str


class Cell(NamedTuple):
    """Pictures side by side, and what stands below them."""

    pictures: tuple[Picture, ...]
    caption: str = ""


class Row(NamedTuple):
    """A headed row of pictures, with the sentence of the figure that they show."""

    title: str
    why: str
    shown: list[Cell]


def image(pixels: torch.Tensor, alt: str) -> Picture:
    """One picture, bytes C x S x S, on white."""
    return Picture(alt, data_address(Image.fromarray(pixels[:3].permute(1, 2, 0).numpy()), "PNG"))


def closest_pairs(nearest_other: tuple[np.ndarray, np.ndarray], maximum: int = SHOWN) -> list[tuple[int, int]]:
    """The most alike pairs of results, each picture in one pair only, nearest first."""
    other, gap = nearest_other
    pairs: list[tuple[int, int]] = []
    seen: set[int] = set()
    for i in np.argsort(gap, kind="stable"):
        if not seen & {int(i), int(other[i])}:
            pairs.append((int(i), int(other[i])))
            seen |= {int(i), int(other[i])}
    return pairs[:maximum]


def rows(real: torch.Tensor, fake: torch.Tensor, verdict: Verdict, blends: Smoothness) -> list[Row]:
    """The rows that show why."""
    nearest, typical_gap, said = verdict.nearest, verdict.typical_gap, verdict.words.sentences
    copied = np.argsort(nearest.gap, kind="stable")[:SHOWN]
    order = np.lexsort((nearest.gap, -verdict.density))
    seen = np.argsort(verdict.realness, kind="stable")[: np.isfinite(verdict.realness).sum()]
    every = np.linspace(0, len(real) - 1, min(2 * SHOWN, len(real))).astype(int)

    def result(i: int) -> Picture:
        return image(fake[i], f"result {i}")

    def beside(i: int, caption: str = "") -> Cell:
        """A result, and the training picture nearest to it."""
        other = int(nearest.index[i])
        return Cell((result(i), image(real[other], f"its nearest training picture, {other}")), caption)

    return [
        Row(
            "Some results, unpicked",
            "The first ones drawn.",
            [Cell((result(i),)) for i in range(min(2 * SHOWN, len(fake)))],
        ),
        Row(
            "Some training pictures",
            "What they were learned from.",
            [Cell((image(real[i], f"training picture {i}"),)) for i in every],
        ),
        Row(
            "Copied?",
            f"{said['copies']} These come nearest: left the result, right its nearest training picture. Below 0.50 it "
            "counts as a copy; 1.00 is how far real pictures are from each other.",
            [beside(i, f"{nearest.gap[i] / typical_gap:.2f}") for i in copied],
        ),
        Row(
            "Alike?",
            f"{said['duplicates']} These pairs are most alike.",
            [Cell((result(i), result(j))) for i, j in closest_pairs(verdict.nearest_other)],
        ),
        Row(
            "Hold together",
            f"{said['whole']} These seem the most whole.",
            [Cell((result(i),)) for i in seen[::-1][:SHOWN]],
        ),
        Row(
            "Fall apart",
            "And these the least: parts that do not belong together, or are missing.",
            [Cell((result(i),)) for i in seen[:SHOWN]],
        ),
        Row(
            "The best",
            f"{said['density']} These have the most around them; right the training picture nearest to each.",
            [beside(i) for i in order[:SHOWN]],
        ),
        Row(
            "The worst",
            f"{said['precision']} These look least like any; right the training picture nearest to each.",
            [beside(i) for i in order[::-1][:SHOWN]],
        ),
        Row(
            "A blend from one picture to another",
            f"{blends.sentence()} This is the roughest of them.",
            [Cell((image(picture, f"step {i} of a blend"),)) for i, picture in enumerate(blends.worst)],
        ),
    ]


def page(answer: dict, shown: list[Row]) -> str:
    """The whole file, from what score.json holds and the rows of pictures."""
    filters = {"share": share}
    return rendered("score.html", filters, answer={"truth": None, "second": None, **answer}, rows=shown, labels=LABELS)

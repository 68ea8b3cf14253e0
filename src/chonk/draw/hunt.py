"""The stickers of Sticker Hunt, to be printed, cut out and hidden: a PDF with cutting lines."""

from __future__ import annotations

import sys

from PIL import Image, ImageDraw, ImageFont

from chonk.draw.place import Job
from chonk.draw.shape import sticker
from chonk.hidden import hidden
from chonk.ingest.ours import SOFTWARE
from chonk.settings import Hunt

PAPERS = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
"""Width and height in millimetres."""
DPI = 200
COLUMNS, ROWS = 3, 4
MARGIN = 9.0
"""Millimetres that printers leave white."""
SHARE = 0.76
"""Of a card that its sticker fills: the white around it helps the camera."""
INK = (150, 150, 150)


def hunt(job: Job, what: Hunt) -> None:
    """hunt.pdf: twelve stickers a page, the most different ones first, each with its number."""
    stickers = hidden(job.run, what.count, what.pictures).stickers
    if len(stickers) < what.count:
        print(f"only {len(stickers)} of its pictures really look different", file=sys.stderr)
    per_page = COLUMNS * ROWS
    pages = [
        page(stickers[first : first + per_page], first + 1, PAPERS[what.paper])
        for first in range(0, len(stickers), per_page)
    ]
    (name,) = job.names
    pages[0].save(
        job.folder / name,
        "PDF",
        save_all=True,
        append_images=pages[1:],
        resolution=DPI,
        quality=93,
        title="Sticker Hunt",
        creator=SOFTWARE,
    )


def pixels(millimetres: float) -> int:
    return round(millimetres / 25.4 * DPI)


def page(stickers: list[Image.Image], first: int, paper: tuple[float, float]) -> Image.Image:
    """One sheet of paper with up to twelve stickers, numbered from `first`."""
    wide, tall = map(pixels, paper)
    cell = min((wide - 2 * pixels(MARGIN)) // COLUMNS, (tall - 2 * pixels(MARGIN)) // ROWS)
    left, top = (wide - COLUMNS * cell) // 2, (tall - ROWS * cell) // 2
    sheet = Image.new("RGB", (wide, tall), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(pixels(2.6))
    rows = -(-len(stickers) // COLUMNS)
    for column in range(COLUMNS + 1):
        dashed(pen, (left + column * cell, top - pixels(4)), (left + column * cell, top + rows * cell + pixels(4)))
    for row in range(rows + 1):
        dashed(pen, (left - pixels(4), top + row * cell), (left + COLUMNS * cell + pixels(4), top + row * cell))
    side = round(SHARE * cell)
    for i, picture in enumerate(stickers):
        x, y = left + i % COLUMNS * cell, top + i // COLUMNS * cell
        large = sticker(picture, side)
        sheet.paste(large, (x + (cell - side) // 2, y + (cell - side) // 2), large)
        pen.text((x + cell - pixels(2), y + cell - pixels(1.6)), str(first + i), INK, font, anchor="rs")
    return sheet


def dashed(pen: ImageDraw.ImageDraw, start: tuple[int, int], end: tuple[int, int]) -> None:
    """A cutting line, straight down or across."""
    step = pixels(2)
    length = max(end[0] - start[0], end[1] - start[1])
    across = end[0] > start[0]
    for at in range(0, length, 2 * step):
        to = min(at + step, length)
        pen.line(
            (
                start[0] + at * across,
                start[1] + at * (not across),
                start[0] + to * across,
                start[1] + to * (not across),
            ),
            fill=INK,
            width=2,
        )

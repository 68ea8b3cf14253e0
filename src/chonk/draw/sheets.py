"""Several pictures on one sheet: a grid, the blend between four corners, a sum."""

from __future__ import annotations

import numpy as np
from PIL import Image

from chonk import latents
from chonk.draw.place import Job, pictures_of, save_sheet
from chonk.errors import UserError
from chonk.model import Model, load_and_note
from chonk.pixels import Pictures
from chonk.settings import Arithmetic, Corners, Grid

MAX_CELLS = 10_000
INK = (90, 90, 90, 255)


def grid(job: Job, what: Grid) -> None:
    """Random pictures of the seed, row by row."""
    model = load_and_note(job.run)
    values = model.sample_values(job.request.seed, _count(what), job.request.truncation)
    save_sheet(job, as_sheet(pictures_of(job, model, values), what.columns))


def corners(job: Job, what: Corners) -> None:
    """The blend between four pictures, as `chonk.latents.blend` has it."""
    model = load_and_note(job.run)
    _count(what)
    four = _terms(job, model, what.top_left, what.top_right, what.bottom_left, what.bottom_right)
    values = model.blend(four, what.rows, what.columns)
    save_sheet(job, as_sheet(pictures_of(job, model, values), what.columns))


def arithmetic(job: Job, what: Arithmetic) -> None:
    """base - minus + plus = result, with the signs between."""
    model = load_and_note(job.run)
    values = model.sum_of(_terms(job, model, what.base, what.minus, what.plus))
    save_sheet(job, with_signs(pictures_of(job, model, values)))


def _count(what: Grid | Corners) -> int:
    if what.rows * what.columns > MAX_CELLS:
        raise UserError(f"--rows {what.rows} --columns {what.columns}: at most {MAX_CELLS:,} pictures fit on a sheet")
    return what.rows * what.columns


def _terms(job: Job, model: Model, *numbers: tuple[float, float, float] | None) -> np.ndarray:
    """A latent for each, scaled as on the page: of its three numbers, or the next random one of the seed where it has
    none."""
    z = model.latents(job.request.seed, len(numbers), truncation=1.0)
    for i, three in enumerate(numbers):
        if three is not None:
            z[i] = latents.project(np.array(three), model.config.latent_dim)[0]
    return z * (model.config.truncation if job.request.truncation is None else job.request.truncation)


def as_sheet(pictures: list[Image.Image], columns: int | None = None) -> Image.Image:
    """Row by row, with a gap that suits their size."""
    return Pictures(pictures, columns).grid(gap=max(2, pictures[0].width // 32))


def with_signs(pictures: list[Image.Image]) -> Image.Image:
    """Four pictures in a row with -, + and = between them."""
    size, bands = pictures[0].width, len(pictures[0].getbands())
    gap, thick, arm = size // 2, max(1, size // 32), size // 8
    sheet = Image.new(pictures[0].mode, (4 * size + 3 * gap, size), (255, 255, 255, 0)[:bands])
    for i, picture in enumerate(pictures):
        sheet.paste(picture, (i * (size + gap), 0))
    for i, sign in enumerate("-+="):
        x, y = (i + 1) * (size + gap) - gap // 2, size // 2
        for dy in (-2 * thick, 2 * thick) if sign == "=" else (0,):
            sheet.paste(INK[:bands], (x - arm, y + dy - thick, x + arm, y + dy + thick))
        if sign == "+":
            sheet.paste(INK[:bands], (x - thick, y - arm, x + thick, y + arm))
    return sheet

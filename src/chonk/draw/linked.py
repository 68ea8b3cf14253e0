"""What a link of a page shows, drawn here: the same pictures as there, since a link holds seeds and numbers."""

from __future__ import annotations

import gzip
import re
import zlib
from pathlib import Path

import numpy as np

from chonk.draw.place import FINISHED, ON_SHEET, Job, pictures_of, save_sheet
from chonk.draw.points import draw_points, read_steps
from chonk.draw.sheets import as_sheet, with_signs
from chonk.errors import UserError
from chonk.files import parse_json
from chonk.links import Link, Point, link_points
from chonk.model import Model, load_and_note
from chonk.model_files import page_name
from chonk.paths import model_folder

GRID = 25
"""Pictures of a grid; on narrow screens the page shows the first nine."""


def linked(job: Job, link: Link) -> None:
    """The grid, the blend, the sum with its signs, the stops of a walk in a row, or the one picture."""
    run = job.run
    model, name = load_and_note(run), page_name(model_folder(run))
    if link.model and not re.fullmatch(rf"{re.escape(name)}(-\d+)?", link.model):
        raise UserError(
            f"the link shows the model {link.model}, and {run} is called {name} on a page; name the run of that model, "
            f"or leave &model={link.model} out of the link to see what this one makes of it"
        )
    usual = FINISHED if link.view == "tune" else ON_SHEET
    pictures = pictures_of(job, model, shown_by(link, run, model), usual)
    if link.view == "sum":
        save_sheet(job, with_signs(pictures))
    else:
        save_sheet(job, as_sheet(pictures, len(pictures) if link.view == "walk" else None))


def shown_by(link: Link, run: Path, model: Model) -> np.ndarray:
    """The pictures that a link shows, N x C x S x S in [-1, 1]."""
    if link.view == "grid":
        return model.sample_values(link.seed, GRID, link.scale)
    return draw_points(model, link_points(link), link.scale, _directions(run, link, model))


def _directions(run: Path, link: Link, model: Model) -> list[np.ndarray]:
    """The model's directions, where the link moves along one: its page, made beside the run, has them.

    Raises UserError where that page is missing: without it the picture would be another one."""

    def moves(points: tuple[Point, ...]) -> bool:
        return any(term.kind == "d" or moves(term.points) for point in points for term in point)

    if not moves(link.points):
        return []
    for folder in (run / "page", run.parent / "page"):
        for file in sorted(folder.glob(f"models/{link.model or '*'}/model.*.bin")):
            return read_directions(file, model.features(np.zeros((1, model.config.latent_dim))).shape[1:])
    raise UserError(
        f"the link moves along a direction that only the model's page knows; make it with: chonk page {run} --out "
        f"{run / 'page'}"
    )


def read_directions(file: Path, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The directions of a page's model file (see `chonk.play.packed`), of this shape.  Raises UserError for a file that
    is none."""
    try:
        if not file.is_file():
            raise ValueError("no file")
        with open(file, "rb") as raw, gzip.open(raw) if raw.peek(2)[:2] == b"\x1f\x8b" else raw as stream:
            magic, length = stream.read(8), int.from_bytes(stream.read(4), "little")
            if magic != b"chonkpg1" or length > 16 << 20:
                raise ValueError("wrong beginning")
            return read_steps(parse_json(stream.read(length))["directions"], shape)
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{file}: not a model of a page ({error}); make the page again with: chonk page") from error

"""Pictures that move: a walk through the latents, and the film of the training."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from chonk.dataset.folder import open_png
from chonk.draw.animation import WHITE, save_moving
from chonk.draw.place import Job, enlarged, pictures_of
from chonk.errors import UserError
from chonk.files import MAX_LIST, is_inside, read_json
from chonk.model import Model, load_and_note
from chonk.paths import check_exists
from chonk.pixels import Pictures, values_of
from chonk.settings import Film, Walk

MAX_SHEET = 4096
"""Side of a frame in pixels: 4 x 4 of the largest pictures."""
MAX_BYTES = 4 << 30
"""Pixels of all frames together, four bytes each."""
MAX_FRAMES = 20_000
"""Of a walk."""


def walk(job: Job, what: Walk) -> None:
    """A round trip through the first latents of the seed, back to where it began."""
    if (count := what.stops * what.seconds * what.fps) > MAX_FRAMES:
        raise UserError(f"a walk of {count:,.0f} frames is too long; take fewer --stops, --seconds or --fps")
    model = load_and_note(job.run)
    stops = model.latents(job.request.seed, what.stops, job.request.truncation)
    frames = pictures_of(job, model, walked(model, stops, max(1, round(what.seconds * what.fps))))
    for name in job.names:
        save_moving(frames, job.folder / name, len(frames) / what.fps, what.fps, job.ground or WHITE)


def walked(model: Model, stops: np.ndarray, steps: int) -> np.ndarray:
    """The pictures of a round trip through latents, `steps` from each to the next: N x C x size x size in [-1, 1]."""
    kind = "uniform" if model.generator.blends_features else model.config.latent_kind
    return model.between(stops, lambda rows: round_trip(rows, steps, kind))


def round_trip(stops: np.ndarray, steps: int, kind: str) -> np.ndarray:
    """From latent to latent and back to the first, `steps` frames each: N x dim -> N steps x dim, float32.

    Along the arc for a normal prior, whose latents all have about the same length; straight for a uniform one."""
    t = (np.arange(steps) / steps)[:, None]
    parts = []
    for a, b in zip(stops, np.roll(stops, -1, 0)):
        angle = np.arccos(np.clip(a @ b / max(np.linalg.norm(a) * np.linalg.norm(b), 1e-12), -1, 1))
        if kind == "uniform" or np.sin(angle) < 1e-3:
            parts.append((1 - t) * a + t * b)
        else:
            parts.append((np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle))
    return np.concatenate(parts).astype(np.float32)


def film(job: Job, what: Film) -> None:
    """The frames that a training left, played in the time that is asked for; the last one is held for a moment."""
    frames = _finished(job, film_frames(job.run))
    frames += frames[-1:] * max(1, len(frames) // 8)
    for name in job.names:
        save_moving(frames, job.folder / name, what.seconds, ground=job.ground or WHITE)


def _finished(job: Job, sheets: list[Image.Image]) -> list[Image.Image]:
    """The film's sheets of pictures with every picture as the request wants it."""
    model, console = load_and_note(job.run), Console(stderr=True)
    size, columns = model.config.size, sheets[0].width // model.config.size
    if columns < 1 or sheets[0].size != (columns * size, columns * size):
        return [enlarged(sheet, job.request.scale) for sheet in sheets]  # of another model; shown as it is
    boxes = [(x * size, y * size, (x + 1) * size, (y + 1) * size) for y in range(columns) for x in range(columns)]
    frames = []
    for sheet in track(sheets, "drawing", console=console, transient=True, disable=not console.is_terminal):
        values = np.concatenate([values_of(sheet.crop(box)) for box in boxes])
        frames.append(Pictures(pictures_of(job, model, values), columns).grid(gap=0))
    return frames


def film_frames(run: Path) -> list[Image.Image]:
    """The frames of a run's film, in order.  Raises UserError where there is none."""
    folder = next((f for f in (run / "film", run / "run" / "film") if (f / "film.json").is_file()), None)
    if folder is None:
        check_exists(run)
        raise UserError(f"{run}: holds no film (film/film.json); a training makes one")
    try:
        names = [frame["file"] for frame in read_json(folder / "film.json", MAX_LIST)["frames"]]
        if not names or not all(re.fullmatch(r"\w+\.png", name) and is_inside(folder / name, folder) for name in names):
            raise ValueError("it lists no frames, or one that is not there")
        frames = []
        for name in names:
            frames.append(open_png(folder / name, MAX_SHEET))
            if frames[-1].size != frames[0].size or len(names) * frames[0].width * frames[0].height * 4 > MAX_BYTES:
                raise ValueError("frames of several sizes, or too many")
        return frames
    except (OSError, SyntaxError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"{folder}: the film cannot be read ({error})") from error

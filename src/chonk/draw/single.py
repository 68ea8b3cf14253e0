"""One file a picture: samples as the model draws them, and stickers large enough for a messenger."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image
from rich.console import Console
from rich.progress import track

from chonk.draw.place import FINISHED, Job, note, pictures_of
from chonk.draw.shape import loose
from chonk.draw.trace import trace
from chonk.model import load_and_note
from chonk.settings import Samples, Stickers

CHUNK = 64


def samples(job: Job, what: Samples) -> None:
    """0001.png ..., one for each latent of the seed, and draw.json that lists them."""
    for name, picture in _each(job, None, what.count, what.first):
        picture.save(job.folder / f"{name}.png", compress_level=3)
    note(job)


def stickers(job: Job, what: Stickers) -> None:
    """Large transparent PNGs, and SVGs traced from them where that is asked for."""
    for name, picture in _each(job, FINISHED, what.count):
        large = loose(picture)
        large.save(job.folder / f"{name}.png")
        if what.svg:
            (job.folder / f"{name}.svg").write_text(trace(large), encoding="utf-8")
    note(job)


def _each(job: Job, usual: int | None, count: int, first: int = 0) -> Iterator[tuple[str, Image.Image]]:
    """Random pictures one by one, each with its number within the seed, counted from 0001."""
    request, model, console = job.request, load_and_note(job.run), Console(stderr=True)
    for start in track(
        range(0, count, CHUNK), "drawing", console=console, transient=True, disable=not console.is_terminal
    ):
        values = model.sample_values(request.seed, min(CHUNK, count - start), request.truncation, first + start)
        for i, picture in enumerate(pictures_of(job, model, values, usual)):
            yield f"{first + start + i + 1:04}", picture

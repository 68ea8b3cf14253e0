"""One file a picture: samples as the model draws them, and stickers large enough for a messenger."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from chonk.draw.place import Job, enlarged, note
from chonk.errors import UserError
from chonk.ingest.cutout import cut_out
from chonk.model import opened
from chonk.settings import Samples, Stickers

CHUNK = 200
WHITE = (255, 255, 255)


def samples(job: Job, what: Samples) -> None:
    """0001.png ..., one for each latent of the seed, and draw.json that lists them."""
    for name, picture in _each(job, what.count, what.first):
        enlarged(picture, job.wish.scale).save(job.folder / f"{name}.png", compress_level=3)
    note(job)


def stickers(job: Job, what: Stickers) -> None:
    """Large transparent PNGs, and SVGs traced from them where that is wished for."""
    for name, picture in _each(job, what.count):
        large = sticker(picture, what.side)
        large.save(job.folder / f"{name}.png")
        if what.svg:
            (job.folder / f"{name}.svg").write_text(trace(large), encoding="utf-8")
    note(job)


def _each(job: Job, count: int, first: int = 0) -> Iterator[tuple[str, Image.Image]]:
    """Random pictures one by one, each with its number within the seed, counted from 0001."""
    wish, model, console = job.wish, opened(job.wish.run), Console(stderr=True)
    for start in track(
        range(0, count, CHUNK), "drawing", console=console, transient=True, disable=not console.is_terminal
    ):
        z = model.latents(wish.seed, min(CHUNK, count - start), wish.truncation, first + start)
        for i, picture in enumerate(model.draw(z, job.ground)):
            yield f"{first + start + i + 1:04}", picture


def sticker(picture: Image.Image, side: int) -> Image.Image:
    """The picture as large as a messenger wants it, transparent around what is drawn.

    An opaque picture loses its white ground.  Enlarged in premultiplied alpha, so that no hidden colour comes to the
    edge, with a filter that does not overshoot; the outline is then made as steep as it was in the small picture."""
    if picture.mode == "RGB":
        picture = Image.fromarray(cut_out(np.asarray(picture.convert("RGBA")), WHITE))
    large = np.asarray(picture.convert("RGBa").resize((side, side), Image.Resampling.HAMMING), np.float32)
    alpha = large[..., 3:] / 255
    colours = np.where(alpha > 1 / 255, large[..., :3] / np.maximum(alpha, 1 / 255), 255)
    steep = np.clip((alpha - 0.5) * max(1.0, side / picture.width / 2) + 0.5, 0, 1)
    return Image.fromarray(np.rint(np.concatenate([colours.clip(0, 255), 255 * steep], 2)).astype(np.uint8))


def trace(picture: Image.Image) -> str:
    """The picture as the text of an SVG of flat coloured shapes."""
    try:
        import vtracer
    except ModuleNotFoundError as error:
        raise UserError("--svg needs vtracer; install it with: pip install 'chonk[svg]'") from error
    data = io.BytesIO()
    picture.save(data, "PNG")
    return vtracer.convert_raw_image_to_svg(
        data.getvalue(), img_format="png", filter_speckle=8, color_precision=5, layer_difference=24
    )

"""A run's film and curves, small enough for the page."""

from __future__ import annotations

import math
from io import BytesIO
from pathlib import Path

from PIL import Image

from chonk import formats
from chonk.dataset.folder import open_png
from chonk.errors import UserError
from chonk.files import FORMAT, MAX_LIST, is_inside, is_number, parse_json, read_json

MAX_FRAMES = 60
MAX_SIDE = 8192
"""Of the whole reel, in pixels: what a browser decodes without trouble, half of what WebP can hold."""
MAX_SHEET = 4096
"""Side in pixels beyond which a sheet is not read: a film may come from a stranger."""
MAX_POINTS = 240
FIGURES = ("loss_real", "loss_fake", "k", "M", "reconstruction", "selection_score")


def film(run: Path) -> tuple[bytes, dict] | None:
    """The film as one WebP picture of at most 60 sheets, and what the page must know of it; None where there is none.

    Raises UserError for a film.json or a sheet that is not what training writes."""
    listing = run / "film" / "film.json"
    if not listing.is_file():
        return None
    try:
        record = read_json(listing, MAX_LIST)
        frames = [(frame["file"], frame["kimg"]) for frame in record["frames"]]
        size, columns = record["size"], record["columns"]
        if (
            record["format"] != FORMAT
            or not all(type(n) is int and n > 0 for n in (size, columns))
            or size * columns > MAX_SHEET
        ):
            raise ValueError("format, size or columns out of range")
        if not all(isinstance(name, str) and Path(name).name == name and is_number(kimg, 0) for name, kimg in frames):
            raise ValueError("a frame outside the folder, or of no time")
    except (ValueError, KeyError, TypeError, OSError) as error:
        raise UserError(f"{listing}: not a film of chonk ({error})") from error
    side = size * columns
    frames = evenly_spaced(
        [frame for frame in frames if is_inside(run / "film" / frame[0], run / "film")],
        min(MAX_FRAMES, (MAX_SIDE // side) ** 2),
    )
    if len(frames) < 2:
        return None
    across = math.ceil(math.sqrt(len(frames)))
    rows = math.ceil(len(frames) / across)
    reel = Image.new("RGB", (across * side, rows * side), "white")
    for i, (name, _) in enumerate(frames):
        reel.paste(_sheet(run / "film" / name, side), (i % across * side, i // across * side))
    data = BytesIO()
    reel.save(data, "WEBP", quality=72, method=4)
    return data.getvalue(), {
        "size": size,
        "columns": columns,
        "across": across,
        "kimg": [round(kimg, 3) for _, kimg in frames],
    }


def _sheet(file: Path, side: int) -> Image.Image:
    try:
        picture = open_png(file, MAX_SHEET)
        if picture.size != (side, side):
            raise ValueError(f"is {picture.width} x {picture.height}, the film says {side} x {side}")
    except (OSError, ValueError, SyntaxError) as error:
        raise UserError(f"{file}: not a frame of the film ({error})") from error
    white = Image.new("RGBA", picture.size, "white")
    white.alpha_composite(picture)
    return white.convert("RGB")


def curves(run: Path) -> dict[str, list[float | None]] | None:
    """The losses over training from metrics.jsonl, thinned out; None where there are none."""
    file = run / "metrics.jsonl"
    if not file.is_file() or file.stat().st_size > MAX_LIST:
        return None
    lines = []
    with file.open(encoding="utf-8", errors="replace") as handle:
        for text in handle:
            try:
                line = parse_json(text)
            except ValueError:
                continue  # the last line of a run that was killed
            if isinstance(line, dict) and _number(line.get("kimg")) is not None:
                lines.append(formats.renamed(line, formats.FIGURES))
    lines = evenly_spaced(lines, MAX_POINTS)
    known = [name for name in FIGURES if any(_number(line.get(name)) is not None for line in lines)]
    return {name: [_number(line.get(name)) for line in lines] for name in ("kimg", *known)} if known else None


def _number(value: object) -> float | None:
    return float(f"{value:.5g}") if is_number(value) else None


def evenly_spaced(items: list, maximum: int) -> list:
    """At most so many of a list, evenly spread, with the first and the last."""
    if len(items) <= maximum:
        return items
    return [items[round(i * (len(items) - 1) / (maximum - 1))] for i in range(maximum)]

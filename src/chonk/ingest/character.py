"""A set of the built-in character: drawn here instead of gathered from files."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from chonk.ingest.originals import FOLDER, LARGEST, choose_side, evenly_chosen, summary
from chonk.ingest.output import Output
from chonk.ingest.study import QUALITY, Job
from chonk.settings import Gather


def draw_character(settings: Gather, job: Job, output: Output) -> tuple[list[dict], dict | None]:
    """Draws the pictures that the settings ask for into an output; returns their entries of gather.json, and what it
    says of their originals."""
    from chonk.synthetic.mascot import make_folder

    made = output.scratch / "character"
    make_folder(settings.character or 0, settings.seed, settings.size, made)
    for file in sorted(made.iterdir()):
        output.write(file.name, file.read_bytes() if file.suffix != ".png" else _on_ground(file, job))
    names = sorted(file.name for file in made.glob("*.png"))
    taken = [
        {"file": name, "source": f"the built-in character, seed {settings.seed}, picture {n}"}
        for n, name in enumerate(names, 1)
    ]
    return taken, output.before.get("originals") or _large_characters(made, names, job, output)


def _large_characters(made: Path, names: list[str], job: Job, output: Output) -> dict | None:
    """The originals of the built-in character, which is drawn at any size."""
    from chonk.ingest.clean import put_on
    from chonk.synthetic.mascot import draw, load_truths

    side, truths, folder = choose_side(job.size, [LARGEST]), load_truths(made), output.new / FOLDER
    if not side or folder.exists():
        return None
    folder.mkdir()
    for name in evenly_chosen(names):
        file = (folder / name).with_suffix(".webp")
        put_on(np.array(draw(truths[name], side).convert("RGBA")), job.background).save(file, quality=QUALITY)
    return summary(folder, side)


def _on_ground(file: Path, job: Job) -> bytes:
    from PIL import Image

    from chonk.ingest.clean import put_on

    out = io.BytesIO()
    with Image.open(file) as picture:
        put_on(np.array(picture.convert("RGBA")), job.background).save(out, "PNG")
    return out.getvalue()

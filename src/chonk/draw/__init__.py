"""`chonk draw`: pictures out of a trained model."""

from __future__ import annotations

import json
from pathlib import Path

from chonk import settings
from chonk.draw.place import LISTING, Job, place, staged
from chonk.errors import UserError
from chonk.files import rgb
from chonk.links import read_link


def draw(request: settings.Draw) -> list[Path]:
    """Draws what the request says and returns the files.  Nothing half-written is left behind, whatever happens.

    Raises UserError for a run that is none and for settings out of range."""
    ground = None if request.background is None else rgb(request.background)
    if request.size and request.scale > 1:
        raise UserError("--size gives finished pictures and --scale the model's own pixels; leave out one of them")
    target = place(request)
    if not request.run:
        raise UserError(f"which model? Name its folder: chonk draw RUN {'--link ...' if request.link else target.what}")
    link = read_link(request.link) if request.link else None
    from chonk.draw.drawers import DRAWERS  # PyTorch is loaded here, when all is well
    from chonk.draw.linked import linked

    with staged(target) as folder:
        job = Job(request, request.run, ground, folder, target.names)
        if link:
            linked(job, link)
        else:
            DRAWERS[type(request.what)](job, request.what)
        names = sorted(file.name for file in folder.iterdir() if file.name != LISTING)
    files = [target.folder / name for name in names]
    print(
        json.dumps({"files": [str(file) for file in files]})
        if request.json
        else f"drawn: {files[0]}" + (f" to {names[-1]}" if len(names) > 1 else "")
    )
    return files

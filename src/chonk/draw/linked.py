"""What a link of a page shows, drawn here: the same pictures as there, since a link holds seeds and numbers."""
from __future__ import annotations

from pathlib import Path

import chonk
from chonk.draw.place import Job, save_sheet
from chonk.draw.sheets import with_signs
from chonk.errors import UserError
from chonk.links import Link, link_latents, read_link
from chonk.model import Pictures, load

SHIPPED = Path(chonk.__file__).parent / "play" / "demo"
"""The models that come with chonk: one folder each, called as in a link."""


def linked(job: Job) -> None:
    """The grid, the blend, the sum with its signs, the stops of a walk in a row, or the one picture."""
    link = read_link(job.wish.link)
    model = load(job.wish.run or _shipped(link))
    config = model.config
    z = link_latents(link, config.latent_dim, config.latent_kind, config.truncation)
    pictures = model.draw(z, job.ground)
    if link.view == "sum":
        save_sheet(job, with_signs(pictures))
    else:
        save_sheet(job, Pictures(pictures, len(pictures) if link.view == "walk" else None).grid())


def _shipped(link: Link) -> Path:
    """The shipped model that a link names.  Raises UserError for a link to a page of somebody's own models."""
    shipped = sorted(file.parent for file in SHIPPED.glob("*/config.json"))
    for folder in shipped:
        if folder.name == link.model or not link.model:
            return folder
    raise UserError(f"the link is to a model {link.model!r} that does not come with chonk; name its folder: chonk draw RUN --link ...")

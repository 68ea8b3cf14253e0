"""What chonk itself wrote, which is never a source: known by the records that it leaves in its folders."""

from __future__ import annotations

import os
from pathlib import Path

from PIL import Image

from chonk.errors import UserError
from chonk.files import read_json

RECORDS = {
    "gather.json": ("taken", "a folder that chonk gather made"),
    "make.json": ("stages", "a folder that chonk make made"),
    "config.json": ("objective", "a run of chonk train"),
    "draw.json": ("files", "a folder that chonk draw made"),
    "page.json": ("models", "a page that chonk made"),
    "tune.json": ("trials", "a search of chonk tune"),
}
"""A record's name, what it always holds, and what the folder around it is."""
MAX_BYTES = 64 << 20
SOFTWARE = "chonk"
"""What pictures that are drawn into a folder of the user's name as the program that made them."""
EXIF_SOFTWARE = 0x0131


def made_by_chonk(folder: Path | str) -> str | None:
    """What a folder is, where chonk made it; None for any other."""
    for name, (key, what) in RECORDS.items():
        file = Path(folder, name)
        if os.path.isfile(file):
            try:
                record = read_json(file, MAX_BYTES)
            except (OSError, ValueError):
                continue
            if isinstance(record, dict) and "format" in record and key in record:
                return what
    return None


def signature(ending: str) -> dict:
    """The options with which Pillow saves a file of that ending so that `drawn_by_chonk` knows it again."""
    if ending == ".gif":
        return {"comment": SOFTWARE.encode()}
    exif = Image.Exif()
    exif[EXIF_SOFTWARE] = SOFTWARE
    return {"exif": exif}


def drawn_by_chonk(image: Image.Image) -> bool:
    """Whether `chonk draw` made an open picture."""
    if image.info.get("comment") == SOFTWARE.encode():
        return True
    try:
        return image.getexif().get(EXIF_SOFTWARE) == SOFTWARE
    except Exception:  # a damaged block breaks its parser in many ways, and is none of ours
        return False


def check_source(source: Path, out: Path) -> None:
    """Raises UserError where an output would replace its own source, being the same or around it, and where chonk
    made the source. An output inside the source does no harm: it is passed over there."""
    check_apart(source, out)
    if what := made_by_chonk(source):
        raise UserError(f"{source}: is {what}, and no source; name the pictures that it was made of")


def check_apart(source: Path, out: Path) -> None:
    """Raises UserError where an output is its own source, or lies around it."""
    real, place = Path(os.path.realpath(source)), Path(os.path.realpath(out))
    if real == place:
        raise UserError(f"{out}: is the source itself; choose another --out")
    if real.is_relative_to(place):
        raise UserError(f"{source}: lies inside the output {out}; choose another --out")

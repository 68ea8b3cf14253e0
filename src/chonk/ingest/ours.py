"""What `chonk draw` drew: never a source, and the only files that another drawing of their name may replace."""

from __future__ import annotations

from pathlib import Path

import av
from PIL import Image
from PIL.PdfParser import PdfParser

SOFTWARE = "chonk"
"""What drawings name as the program that made them."""
EXIF_SOFTWARE = 0x0131


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


def is_drawing(file: Path) -> bool:
    """Whether `chonk draw` made a file: a picture, a film or a PDF."""
    try:
        if file.suffix.lower() == ".pdf":
            with PdfParser(filename=str(file)) as pdf:
                return pdf.info.Creator == SOFTWARE
        if file.suffix.lower() == ".mp4":
            with av.open(str(file)) as video:
                return video.metadata.get("comment") == SOFTWARE
        with Image.open(file) as image:
            return drawn_by_chonk(image)
    except Exception:  # whatever it is, it is none of ours
        return False

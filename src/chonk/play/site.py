"""The built page (HTML, script and style from web/), as it lies in the installed package."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import shutil
from io import BytesIO
from pathlib import Path

from PIL import Image

from chonk.errors import ChonkError

SITE = Path(__file__).parent / "site"
DESCRIPTION = (
    "A small machine that draws: press a button, get new pictures, play with them. Everything runs in your browser."
)
DATA_START, DATA_END = '<script type="application/json" id="page">', "</script>"


def site_files() -> list[Path]:
    """Files of the built page, without index.html.  Raises ChonkError where the package was made without them."""
    if not (SITE / "index.html").is_file():
        raise ChonkError(
            f"{SITE}: the page is not built; install chonk again (pip install .), or run: npm ci && npm run build in "
            f"web/"
        )
    return sorted(file for file in SITE.rglob("*") if file.is_file() and file.name != "index.html")


FINISHER = Path(__file__).with_name("finisher.bin")
"""The finishing stage (`chonk.play.finishing`), which the page fetches when the first large picture is wanted."""
MARK = "page.json"
"""A file of this name makes a folder one of ours: only such a folder is ever replaced."""


def assemble(folder: Path, data: dict) -> None:
    """Makes a page of a folder that holds its `models/`: adds the page's own files, index.html and page.json."""
    for file in site_files():
        target = folder / file.relative_to(SITE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    data = data | {"finisher": write_finisher(folder / "models", "models", FINISHER.read_bytes())}
    stills = data["models"][0]["stills"]
    sheet = (folder / stills["source"]).read_bytes()
    (folder / CARD).write_bytes(card(sheet, stills["columns"]))
    # In the document itself, so that the first pictures need no request of their own.
    inline = f"data:image/webp;base64,{base64.b64encode(sheet).decode()}"
    (folder / "index.html").write_text(index_page(data, inline), encoding="utf-8")
    (folder / MARK).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


CARD = "card.jpg"
CARD_SIZE, CARD_GROUND = (1200, 630), "#faf5ee"
"""What messengers show of a link: a picture of this size in pixels, on the page's own ground."""


def card(sheet: bytes, columns: int) -> bytes:
    """Eight pictures of a sheet without gaps, as a JPEG."""
    with Image.open(BytesIO(sheet)) as stills:
        size = stills.width // columns
        pictures = [
            stills.convert("RGBA").crop(
                (i % columns * size, i // columns * size, (i % columns + 1) * size, (i // columns + 1) * size)
            )
            for i in range(min(8, columns * (stills.height // size)))
        ]
    width, height = CARD_SIZE
    side, gap = 264, (width - 4 * 264) // 5
    top = (height - 2 * side - gap) // 2
    whole = Image.new("RGB", CARD_SIZE, CARD_GROUND)
    for i, picture in enumerate(pictures):
        tile = Image.new("RGBA", (size, size), "white")
        tile.alpha_composite(picture)
        place = (gap + i % 4 * (side + gap), top + i // 4 * (side + gap))
        whole.paste(tile.convert("RGB").resize((side, side), Image.Resampling.LANCZOS), place)
    data = BytesIO()
    whole.save(data, "JPEG", quality=85)
    return data.getvalue()


def write_finisher(folder: Path, base: str, data: bytes) -> dict:
    """Writes a finishing stage into a folder of a page, of which `base` is the address; returns its entry in the page's
    data."""
    digest = hashlib.sha256(data).hexdigest()
    name = f"finisher.{digest[:8]}.bin"
    (folder / name).write_bytes(data)
    return {"file": f"{base}/{name}", "bytes": len(data), "sha256": digest}


def index_page(data: dict, stills: str) -> str:
    """index.html for a page's data.  Its title, what it is and a picture also stand in it for the cards that messengers
    make of links: most of them want the picture's full address, which only an owner who gave the page's knows.

    Titles come from files, so nothing here may become markup: the data is JSON without a single "<", the title is
    escaped.  `stills` is the address of pictures that are shown even where scripts are off."""
    text = (SITE / "index.html").read_text(encoding="utf-8")
    start = text.index(DATA_START) + len(DATA_START)
    safe = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    text = text[:start] + safe + text[text.index(DATA_END, start) :]
    title = html.escape(data["title"])
    text = text.replace("<title>chonk</title>", f"<title>{title}</title>")
    address = data.get("address") or ""
    about = {
        "og:type": "website",
        "og:title": data["title"],
        "og:description": DESCRIPTION,
        **({"og:url": address} if address else {}),
        "og:image": address + CARD,
        "og:image:type": "image/jpeg",
        "og:image:width": CARD_SIZE[0],
        "og:image:height": CARD_SIZE[1],
        "og:image:alt": "Eight pictures that the page drew",
    }
    names = {"description": DESCRIPTION, "twitter:card": "summary_large_image"}
    lines = [f'<meta name="{name}" content="{html.escape(str(value))}">' for name, value in names.items()]
    lines += [f'<meta property="{name}" content="{html.escape(str(value))}">' for name, value in about.items()]
    text = text.replace("<!--description-->", "\n".join(lines))
    return text.replace("<!--stills-->", f'<img class="stills" alt="" src="{html.escape(stills)}">')

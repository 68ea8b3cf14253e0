"""The built page (HTML, script and style from web/), as it lies in the installed package."""

from __future__ import annotations

import base64
import html
import json
import shutil
from pathlib import Path

from chonk.errors import ChonkError

SITE = Path(__file__).parent / "site"
DATA_START, DATA_END = '<script type="application/json" id="page">', "</script>"


def site_files() -> list[Path]:
    """Files of the built page, without index.html.  Raises ChonkError where the package was made without them."""
    if not (SITE / "index.html").is_file():
        raise ChonkError(
            f"{SITE}: the page is not built; install chonk again (pip install .), or run: npm ci && npm run build in "
            f"web/"
        )
    return sorted(file for file in SITE.rglob("*") if file.is_file() and file.name != "index.html")


MARK = "page.json"
"""A file of this name makes a folder one of ours: only such a folder is ever replaced."""


def assemble(folder: Path, data: dict) -> None:
    """Makes a page of a folder that holds its `models/`: adds the page's own files, index.html and page.json."""
    for file in site_files():
        target = folder / file.relative_to(SITE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    # In the document itself, so that the first pictures need no request of their own.
    stills = base64.b64encode((folder / data["models"][0]["stills"]["source"]).read_bytes()).decode()
    (folder / "index.html").write_text(index_page(data, f"data:image/webp;base64,{stills}"), encoding="utf-8")
    (folder / MARK).write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")


def index_page(data: dict, stills: str) -> str:
    """index.html for a page's data.  Its title and the first model's stills also stand in it for the cards that
    messengers make of links.

    Titles come from files, so nothing here may become markup: the data is JSON without a single "<", the title is
    escaped.  `stills` is the address of pictures that are shown even where scripts are off."""
    text = (SITE / "index.html").read_text(encoding="utf-8")
    start = text.index(DATA_START) + len(DATA_START)
    safe = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    text = text[:start] + safe + text[text.index(DATA_END, start) :]
    title = html.escape(data["title"])
    text = text.replace("<title>chonk</title>", f"<title>{title}</title>")
    preview = html.escape(data["models"][0]["stills"]["source"])
    text = text.replace(
        "<!--preview-->",
        f'<meta property="og:title" content="{title}">\n<meta property="og:image" content="{preview}">',
    )
    return text.replace("<!--stills-->", f'<img class="stills" alt="" src="{html.escape(stills)}">')

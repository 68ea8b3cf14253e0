"""The built page (HTML, script and style from web/), as it lies in the installed package."""
from __future__ import annotations

import html
import json
from pathlib import Path

from chonk.errors import ChonkError

SITE = Path(__file__).parent / "site"
DATA_START, DATA_END = '<script type="application/json" id="page">', "</script>"


def site_files() -> list[Path]:
    """Files of the built page, without index.html.  Raises ChonkError where the package was made without them."""
    if not (SITE / "index.html").is_file():
        raise ChonkError(f"{SITE}: the page is not built; install chonk again (pip install .), or run: npm ci && npm run build in web/")
    return sorted(file for file in SITE.rglob("*") if file.is_file() and file.name != "index.html")


def index_page(data: dict, stills: str | None) -> str:
    """index.html for a page's data.

    Titles come from files, so nothing here may become markup: the data is JSON without a single "<", the title is
    escaped.  `stills` is the address of pictures that are shown even where scripts are off."""
    site_files()
    text = (SITE / "index.html").read_text(encoding="utf-8")
    start = text.index(DATA_START) + len(DATA_START)
    safe = json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    text = text[:start] + safe + text[text.index(DATA_END, start):]
    text = text.replace("<title>chonk</title>", f"<title>{html.escape(data['title'])}</title>")
    picture = f'<img class="stills" alt="" src="{html.escape(stills)}">' if stills else ""
    return text.replace("<!--stills-->", picture)

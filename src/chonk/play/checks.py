"""Checks of what a page is made from that need no PyTorch, which takes seconds to load."""

from __future__ import annotations

from urllib.parse import urlsplit

from chonk.errors import UserError
from chonk.paths import check_paths
from chonk.play.site import MARK
from chonk.settings import Page
from chonk.swap import recover


def check_page(settings: Page) -> None:
    """Raises UserError for a run that is none, an output that holds something else, and an address that is none."""
    out = settings.out
    if not settings.runs:
        raise UserError("no run given; name one or more, for example: chonk page my-stickers.chonk --out page")
    check_paths(settings)
    recover(out)
    if out.exists() and not (out / MARK).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out}: is there already and is no page of chonk; choose another --out")
    if settings.address:
        checked_address(settings.address)


def checked_address(address: str) -> str:
    """Where a page will be, with a slash at its end.  Raises UserError for what no browser could open."""
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise UserError(
            f"--address {address!r}: must be the page's full address, for example https://me.github.io/cats/"
        )
    return parts._replace(path=parts.path.removesuffix("index.html").rstrip("/") + "/").geturl()

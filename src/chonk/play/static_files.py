"""The files of a folder, as a server gives them away: which one a request names, and its bytes."""

from __future__ import annotations

import gzip
import re
from functools import lru_cache
from pathlib import Path
from urllib.parse import unquote_to_bytes

MAX_BYTES = 64 << 20
"""Larger files are not served."""
TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".png": "image/png",
    ".mp4": "video/mp4",
    ".txt": "text/plain; charset=utf-8",
}
PACKED = (".html", ".js", ".css", ".json", ".webmanifest", ".svg")
"""Files that are sent compressed to clients that accept it."""
LASTING = re.compile(r"[-.][A-Za-z0-9_-]{8}\.(js|css|bin)$")
"""Names with a hash in them: such a file never changes."""


def find(root: Path, target: str) -> Path | None:
    """The file that a request's target names; None for anything that is not a plain file inside `root`.

    Hidden files, `..`, backslashes, control characters and links that lead out of the folder name nothing."""
    path = target.split("?", 1)[0].split("#", 1)[0]
    try:
        text = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text.startswith("/") or re.search(r"[\x00-\x1f\x7f\\:]", text):
        return None
    parts = [part for part in text.split("/") if part]
    if any(part.startswith(".") for part in parts):
        return None
    try:
        file = root.joinpath(*parts)
        if text.endswith("/"):
            file = file / "index.html"
        file = file.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
    return file if file.is_file() and file.is_relative_to(root) else None


@lru_cache(maxsize=16)  # of 64 MB at most
def read(file: str, changed: int, size: int, packed: bool) -> bytes:
    """A file's bytes; a thousand clients at once share one copy."""
    with open(file, "rb") as handle:
        data = handle.read(size)
    return gzip.compress(data, 6, mtime=0) if packed else data

"""gather.html: what was taken, what was skipped and why, for people."""
from __future__ import annotations

from html import escape
from pathlib import Path


def advice(result: dict) -> list[str]:
    return []


def report(result: dict, folder: Path) -> str:
    """The whole page as text."""
    return "<!doctype html>" + escape(str(len(result["taken"])))

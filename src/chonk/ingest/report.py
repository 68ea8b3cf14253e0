"""gather.html: what was taken, what was skipped and why, for people.

One file that needs no other: small pictures are inside it, nothing is fetched, and every name from outside is shown as
text."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from chonk.templates import data_address, rendered

MAX_PICTURES = 400
MAX_NAMES = 200
THUMB = 64


def report(result: dict, folder: Path) -> str:
    """The whole page.  result: what gather.json holds; folder: where the pictures are."""
    taken, skipped = result["taken"], result["skipped"]
    return rendered(
        "gather.html",
        {"thumbnail": lambda name: _thumbnail(folder / name)},
        taken=taken,
        skipped=skipped,
        different=result["different"],
        size=result["size"],
        advice=result["advice"],
        step=-(-len(taken) // MAX_PICTURES),
        files={row["source"]: row["file"] for row in reversed(taken)},
        groups=_groups(taken + skipped),
        reasons=_reasons(skipped),
        max_names=MAX_NAMES,
    )


def _thumbnail(file: Path) -> str:
    """A small copy of a picture as a data address."""
    with Image.open(file) as opened:
        picture = opened.convert("RGBA")
    if picture.width > THUMB:
        picture = picture.convert("RGBa").resize((THUMB, THUMB), Image.Resampling.HAMMING).convert("RGBA")
    return data_address(picture, "WEBP", quality=80)


def _groups(rows: list[dict]) -> list[tuple[str, list[dict]]]:
    """Each picture that has copies, by its source, and their rows."""
    groups: dict[str, list[dict]] = {}
    for row in rows:
        if "copy_of" in row:
            groups.setdefault(row["copy_of"], []).append(row)
    return sorted(groups.items())


def _reasons(skipped: list[dict]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each reason, the most frequent first, and what was skipped for it: its source, and what more is said of it."""
    reasons: dict[str, list[tuple[str, str]]] = {}
    for row in skipped:
        if "copy_of" not in row:
            reason, detail = _without_detail(row["reason"])
            reasons.setdefault(reason, []).append((row["source"], detail))
    return sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0]))


def _without_detail(reason: str) -> tuple[str, str]:
    """A reason without what it says in brackets at its end, and that."""
    head, _, tail = reason.partition(" (")
    return (head, tail[:-1]) if tail.endswith(")") else (reason, "")

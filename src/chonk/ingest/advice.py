"""Plain advice about a gathered set: what it is good for, and what a person could do about it."""

from __future__ import annotations

LEAST = 20


def advice(result: dict) -> list[str]:
    """One sentence a line, the most important first.  result: what gather.json holds."""
    taken, size = result["taken"], result["size"]
    lines = [_amount(result["different"])]
    photographs = sum(row.get("photograph", False) for row in taken)
    scenes = sum(not row["transparent"] for row in taken if "transparent" in row)
    small = sum(row["side"] < size / 2 and not row["pixel_art"] for row in taken if "side" in row)
    sprites = sum(row.get("pixel_art", False) for row in taken)
    copies = sum("copy_of" in row for row in result["skipped"])
    if photographs:
        lines.append(
            f"{_these(photographs, 'look', 'looks')} like photographs: results will be poor. Drawings of one character "
            f"on a plain or "
            "transparent ground work best."
        )
    if scenes and scenes < len(taken) and not result["settings"]["cutout"]:
        lines.append(
            f"{len(taken) - scenes} are transparent and {scenes} have a background of their own: --cutout removes flat "
            "backgrounds, --background white puts all on white."
        )
    if small:
        lines.append(
            f"{_these(small, 'were', 'was')} drawn smaller than half of {size} pixels and had to be enlarged: expect "
            f"blur."
        )
    if sprites:
        lines.append(f"{_these(sprites, 'are', 'is')} pixel art: enlarged by whole factors, without blur.")
    if result["frame"]:
        lines.append(
            "Most pictures share one canvas and one composition: they were framed together, so that the character "
            "keeps its "
            "place and size."
        )
    if copies:
        lines.append(
            f"{copies} {'copy was' if copies == 1 else 'copies were'} left out (the same picture again, re-encoded, "
            "resized or mirrored); --keep-duplicates keeps them."
        )
    return lines


def _these(count: int, many: str, one: str) -> str:
    return f"{count} of them {one if count == 1 else many}"


def _amount(count: int) -> str:
    if count < LEAST:
        return (
            f"Only {count} different pictures: the result will repeat them. "
            f"{LEAST} are the least, a hundred or more are good."
        )
    if count < 100:
        return f"{count} different pictures: enough for a first try at 32 to 64 px; more pictures bring more variety."
    if count < 1000:
        return f"{count} different pictures: good for 64 to 128 px."
    return f"{count:,} different pictures: good for 128 px and more, given the time to train."

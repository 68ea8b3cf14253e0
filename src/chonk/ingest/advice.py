"""Plain advice about a gathered set: what it is good for, and what a person could do about it."""

from __future__ import annotations

MIN_PICTURES = 20


def advice(result: dict, strips: list[str]) -> list[str]:
    """One sentence a line, the most important first. result: what gather.json holds; strips: at which sides all
    pictures show the same."""
    taken, size = result["taken"], result["size"]
    lines = [_amount(result["different"]), *_oddities(taken, strips)]
    photographs = sum(row.get("photograph", False) for row in taken)
    scenes = sum(not row["transparent"] for row in taken if "transparent" in row)
    small = sum(row["side"] < size / 2 and not row["pixel_art"] for row in taken if "side" in row)
    sprites = sum(row.get("pixel_art", False) and row["side"] <= size for row in taken)
    copies = sum("copy_of" in row for row in result["skipped"])
    if photographs:
        lines.append(
            f"{_these(photographs, 'look', 'looks')} like photographs: results will be poor. Drawings of one character "
            "on a plain or transparent ground work best."
        )
    if scenes and scenes < len(taken) and not result["settings"]["cutout"]:
        others = len(taken) - scenes
        lines.append(
            f"{others} {'is' if others == 1 else 'are'} transparent and {scenes} {'has' if scenes == 1 else 'have'} a "
            "background of their own: --cutout removes flat backgrounds, --background white puts all on white."
        )
    if small:
        lines.append(
            f"{_these(small, 'were', 'was')} drawn smaller than half of {size} pixels and had to be enlarged: expect "
            "blur."
        )
    if sprites:
        lines.append(f"{_these(sprites, 'are', 'is')} pixel art: enlarged by whole factors, without blur.")
    if result["frame"] and not strips and not any("figures" in row for row in taken):
        lines.append(
            "Most pictures share one canvas and one composition: they were framed together, so that the character "
            "keeps its place and size."
        )
    if copies:
        lines.append(
            f"{copies} {'copy was' if copies == 1 else 'copies were'} left out (the same picture again, re-encoded, "
            "resized or mirrored); --keep-duplicates keeps them."
        )
    return lines


def _oddities(taken: list[dict], strips: list[str]) -> list[str]:
    """What a person would see at once: sheets, strips, bars, specks, damage."""
    lines = []
    sheets = [row for row in taken if row.get("figures")]
    grey = [row for row in taken if row.get("grey_rest")]
    if len(sheets) == 1:
        lines.append(
            f"{_names(sheets)} looks like a sheet of {sheets[0]['figures']} figures: --split-sheets takes each of them "
            "as a picture of its own."
        )
    elif sheets:
        lines.append(
            f"{len(sheets)} look like sheets of many figures ({_names(sheets)}): --split-sheets takes each figure as a "
            "picture of its own."
        )
    if strips:
        lines.append(
            f"All pictures show the same strip {_at(strips)}, like the bars of a screenshot or a frame: crop it off if "
            "it does not belong to them, or it will be learnt."
        )
    if grey:
        lines.append(
            f"{_these(len(grey), 'are', 'is')} plain grey below, from edge to edge ({_names(grey)}): remove what "
            "is damaged."
        )
    if bars := sum("bars" in row for row in taken):
        lines.append(f"{_these(bars, 'had', 'had')} bars of one colour along two sides: they were cut off.")
    if specks := sum("specks" in row for row in taken):
        lines.append(
            f"{_these(specks, 'had', 'had')} stray specks or marks far from the drawing (dots, a signature, a line "
            "along the edge): they were left out."
        )
    return lines


def _at(sides: list[str]) -> str:
    if len(sides) == 4:
        return "on all four sides"
    return f"at the {', '.join(sides[:-1])}{' and ' if len(sides) > 1 else ''}{sides[-1]}"


def _names(rows: list[dict]) -> str:
    """The first few sources, in one line whatever their names hold."""
    names = ["".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in row["source"]) for row in rows]
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _these(count: int, many: str, one: str) -> str:
    return f"{count} of them {one if count == 1 else many}"


def _amount(count: int) -> str:
    if count < MIN_PICTURES:
        return (
            f"Only {count} different pictures: the result will repeat them. "
            f"{MIN_PICTURES} are the least, a hundred or more are good."
        )
    if count < 100:
        return f"{count} different pictures: enough for a first try at 32 to 64 px; more pictures bring more variety."
    if count < 1000:
        return f"{count} different pictures: good for 64 to 128 px."
    return f"{count:,} different pictures: good for 128 px and more, given the time to train."

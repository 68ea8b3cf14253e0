"""The user's originals at up to 512 pixels, a few of them: what finishing large pictures is learned from.

They lie in OUT/originals, framed and cleaned like the small pictures, as WebP under the same numbers.  A set keeps
MAX_ORIGINALS at the most, so it stays small however many pictures it has."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from chonk.ingest.collect import Found
from chonk.ingest.output import Output
from chonk.ingest.pool import WorkerPool
from chonk.ingest.study import Job

FOLDER = "originals"
MAX_ORIGINALS = 32
FACTORS = (8, 4, 2)
"""How many times as large as the pictures of the set they may be."""
LARGEST = 512


def choose_side(size: int, sides: list[int]) -> int:
    """The side at which originals are kept beside pictures of `size` pixels: the largest that half of them fill, given
    the longer sides of what is drawn on them; 0 where they are hardly larger than those."""
    middle = sorted(sides)[len(sides) // 2] if sides else 0
    return next((size * factor for factor in FACTORS if size * factor <= LARGEST and fills(middle, size * factor)), 0)


def fills(drawn: int, side: int) -> bool:
    """Whether what is drawn so wide need not be enlarged, but for a tenth, to fill a picture with its margins."""
    return drawn >= 0.85 * side


def keep_originals(
    pool: WorkerPool, job: Job, output: Output, taken: list[dict], new: list[tuple[dict, Found]]
) -> dict | None:
    """Writes what belongs in OUT/originals and removes what does not; returns how many there are and how large, for
    gather.json, or None where there are none.

    `new` are the entries of `taken` that came with this call, and where they are read.  Originals kept before stay as
    long as their small pictures do; a set that has some gets no others."""
    folder = output.new / FOLDER
    if before := output.before.get("originals"):
        there = {Path(row["file"]).stem for row in taken}
        for file in files(folder):
            if file.stem not in there:
                file.unlink()
        return summary(folder, before["side"])
    able = [pair for pair in new if not pair[0]["pixel_art"]]
    side = choose_side(job.size, [row["side"] for row, _ in able])
    able = [pair for pair in able if side and fills(pair[0]["side"], side)]
    if not able or len(able) < len(new) / 2 or folder.exists():
        return None
    folder.mkdir()
    chosen = evenly_chosen(able)
    jobs = (
        {"do": "draw again", "path": one.entry.path, "member": one.entry.member, "known": [], "job": asdict(large)}
        for large in (replace(job, size=side, codec="WEBP"),)
        for _, one in chosen
    )
    for (row, one), (reply, parts) in zip(chosen, pool.map(jobs)):
        for facts, data in zip(reply.get("pictures", ()), parts[1::2]):
            if facts["frame"] == one.facts["frame"]:
                (folder / row["file"]).with_suffix(".webp").write_bytes(data)
    return summary(folder, side)


def evenly_chosen(items: list) -> list:
    """At most MAX_ORIGINALS of them, from all over the list."""
    return items[:: -(-len(items) // MAX_ORIGINALS)]


def files(folder: Path) -> list[Path]:
    """The originals that are kept in a folder; a link is none."""
    return [] if folder.is_symlink() else sorted(file for file in folder.glob("*.webp") if file.is_file())


def summary(folder: Path, side: int) -> dict | None:
    """What gather.json says of them."""
    kept = files(folder)
    return {"count": len(kept), "side": side, "bytes": sum(file.stat().st_size for file in kept)} if kept else None

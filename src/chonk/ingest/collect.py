"""The pictures of a source on their way into the set: studied by the workers, without copies, framed in
common."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from chonk.errors import UserError
from chonk.ingest.clean import shared_frame
from chonk.ingest.duplicates import CELLS, close_pairs, copies
from chonk.ingest.kinds import with_name
from chonk.ingest.output import Output
from chonk.ingest.pool import WorkerPool
from chonk.ingest.progress import track
from chonk.ingest.study import Job
from chonk.ingest.walk import MAX_ENTRIES, Entry, find
from chonk.settings import Gather

FACTS = ("side", "canvas", "box", "transparent", "photograph", "pixel_art")
TRAITS = ("bars", "specks", "grey_rest", "figures")
"""What is said only of pictures that have it."""


@dataclass
class Found:
    """One new picture on its way into the set."""

    entry: Entry
    sha256: str
    facts: dict
    png: Path
    original: str | None = None
    """The source of the picture that this one is a copy of."""
    mirrored: bool = False

    def rank(self) -> tuple:
        """Which of several copies is kept: the transparent one, the finer one, the one nearer the top, then "cat"
        before "cat (1)"."""
        name, facts = self.entry.name, self.facts
        return (
            not facts["transparent"],
            -round(4 * np.log2(facts["side"])),
            name.count("/"),
            os.path.splitext(name),
            facts["frame"],
        )

    def row(self) -> dict:
        """What gather.json says of it."""
        row: dict[str, object] = {"source": self.entry.name, "sha256": self.sha256}
        if self.facts["note"]:
            row |= {"frame": self.facts["frame"], "note": self.facts["note"]}
        if self.original is not None:
            row |= {"copy_of": self.original, "mirrored": self.mirrored}
        row |= {key: self.facts[key] for key in FACTS}
        return row | {key: self.facts[key] for key in TRAITS if self.facts[key]}


def study_all(
    settings: Gather, source: Path, pool: WorkerPool, job: Job, output: Output
) -> tuple[list[Found], list[dict], np.ndarray]:
    """(the new pictures, what was skipped, the fingerprints of the pictures taken before and then of the new ones)."""
    before = output.before
    known: dict[str, list[str]] = {}
    for row in before["taken"] + before["skipped"]:
        if "sha256" in row:
            known.setdefault(row["source"], []).append(row["sha256"])
    found: list[Found] = []
    skipped: list[dict] = []
    looked_at = set()
    raw = output.scratch / "raw"
    raw.mkdir()
    with open(output.scratch / "prints", "wb") as prints:
        prints.write(output.prints().tobytes())
        for entry, reply, parts in _replies(settings, source, pool, job, known):
            if "known" in reply:
                continue
            looked_at.add(entry.name)
            if "reason" in reply:
                skipped.append({"source": entry.name, "reason": reply["reason"]})
            for facts, print_, png in zip(reply.get("pictures", ()), parts[::2], parts[1::2]):
                file = raw / f"{len(found)}.png"
                file.write_bytes(png)
                prints.write(print_)
                found.append(Found(entry, reply["sha256"], facts, file))
    skipped += [row for row in before["skipped"] if row["source"] not in looked_at]
    shape = (len(before["taken"]) + len(found), CELLS, CELLS, 4)
    stored = np.memmap(output.scratch / "prints", np.uint8, "r", shape=shape) if shape[0] else np.empty(shape, np.uint8)
    return found, skipped, stored


def _replies(
    settings: Gather, source: Path, pool: WorkerPool, job: Job, known: dict[str, list[str]]
) -> Iterator[tuple[Entry, dict, list[bytes]]]:
    """The worker's reply to every entry of the source, archives opened, in name order."""
    waiting = list(find(source, settings.out))
    seen = len(waiting)
    while waiting:
        archives = []
        jobs = (
            {
                "do": "study",
                "path": entry.path,
                "member": entry.member,
                "known": known.get(entry.name, []),
                "job": asdict(job),
            }
            for entry in waiting
            if entry.reason is None
        )
        replies = pool.map(jobs)
        for entry in track(waiting, settings.json):
            reply, parts = ({"reason": entry.reason}, []) if entry.reason else next(replies)
            if "reason" in reply:
                reply["reason"] = with_name(reply["reason"], entry.name)
            if reply.pop("zip", False):
                archives.append(entry)
            else:
                yield entry, reply, parts
        waiting = []
        lists = pool.map([{"do": "list", "path": entry.path, "member": entry.member} for entry in archives])
        for entry, (reply, _) in zip(archives, lists):
            if "reason" in reply:
                yield entry, {"reason": with_name(reply["reason"], entry.name)}, []
            inside = entry.member or ()
            prefix = entry.name + "/" if inside or not source.is_file() else ""
            waiting += [
                Entry(prefix + name, entry.path, (*inside, number), reason)
                for number, name, reason in reply.get("members", ())
            ]
        seen += len(waiting)
        if seen > MAX_ENTRIES:
            raise UserError(f"{source}: its archives hold more than {MAX_ENTRIES:,} files; gather fewer at a time")


def mark_copies(found: list[Found], taken: list[dict], prints: np.ndarray) -> None:
    """Says of every new picture whether it is a copy of a better one, or of one that was taken before."""
    old = len(taken)
    boxes = [row["box"] for row in taken] + [one.facts["box"] for one in found]
    ratios = np.array([(right - left) / (bottom - top) for left, top, right, bottom in boxes])
    rank = list(range(old)) + sorted(range(old, len(boxes)), key=lambda n: found[n - old].rank())
    for n, (original, mirrored) in copies(close_pairs(prints, ratios), rank).items():
        if n >= old:
            found[n - old].original = taken[original]["source"] if original < old else found[original - old].entry.name
            found[n - old].mirrored = mirrored


def copy_row(one: Found) -> dict:
    """What gather.json says of a copy that was left out."""
    reason = f"a mirrored copy of {one.original}" if one.mirrored else f"a copy of {one.original}"
    return {**one.row(), "reason": reason}


def frame_in_common(new: list[Found]) -> dict | None:
    """The frame of the pictures that share one composition: their canvas, and the union of their boxes."""
    shared = shared_frame([tuple(one.facts["canvas"]) for one in new], [tuple(one.facts["box"]) for one in new])
    if shared is None:
        return None
    canvas, box = shared
    return {"canvas": list(canvas), "box": list(box)}


def draw_again(settings: Gather, pool: WorkerPool, found: list[Found], job: Job) -> None:
    """Draws pictures anew, in another frame or at another size than they were studied with; every file is opened
    once, however many pictures it holds."""
    of_file: dict[Entry, dict[int, Found]] = {}
    for one in found:
        of_file.setdefault(one.entry, {})[one.facts["frame"]] = one
    jobs: Iterator[dict] = (
        {"do": "draw again", "path": entry.path, "member": entry.member, "known": [], "job": asdict(job)}
        for entry in of_file
    )
    for ones, (reply, parts) in zip(track(list(of_file.values()), settings.json), pool.map(jobs)):
        for facts, png in zip(reply.get("pictures", ()), parts[1::2]):
            if facts["frame"] in ones:
                ones[facts["frame"]].png.write_bytes(png)

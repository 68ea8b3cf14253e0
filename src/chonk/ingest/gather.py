"""`chonk gather`: any folder that people really have -> one clean training set and a report that names every file.

Every source file is opened in a worker process (pool.py), which studies it and draws the finished picture in one go;
then copies are dropped, a set that shares one composition is drawn again in its common frame, and the result, made in a
folder beside the output, takes its place in one step (output.py).  On an output that is there already only new pictures
are added."""

from __future__ import annotations

import io
import json
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from chonk.errors import UserError
from chonk.files import FORMAT
from chonk.ingest.advice import advice
from chonk.ingest.character import draw_character
from chonk.ingest.collect import Found, copy_row, draw_again, frame_in_common, mark_copies, study_all
from chonk.ingest.originals import keep_originals
from chonk.ingest.output import LIST, PRINTS, REPORT, Output
from chonk.ingest.pool import WorkerPool
from chonk.ingest.report import report
from chonk.ingest.strips import same_strips
from chonk.ingest.study import Job
from chonk.paths import check_paths, check_raw
from chonk.settings import Gather

MIN_PICTURES = 4
FEW = 20
COLOURS: dict[str, tuple[int, int, int] | None] = {"keep": None, "white": (255, 255, 255), "black": (0, 0, 0)}


ChooseSize = Callable[[list[dict]], int]
"""Entries of gather.json, of the pictures taken -> the size at which they are drawn."""


def gather(settings: Gather, choose_size: ChooseSize | None = None) -> dict:
    """Prepares a folder of pictures; returns what OUT/gather.json holds.  `choose_size` says the size of a new set once
    its pictures are known, instead of `settings.size`.

    Writes OUT/0001.png ... (RGBA, or RGB where nothing is transparent), gather.json, gather.html and fingerprints.npy.
    Raises UserError for settings and sources that cannot work and ChonkError where the output cannot be written; the
    output is then as it was before."""
    check_paths(settings)
    job = job_of(settings)
    source = _checked_source(settings) if settings.character is None else None
    with Output(settings) as output:
        if source:
            result = _from_source(settings, source, job, output, choose_size)
        else:
            result = _from_character(settings, job, output, choose_size)
        if result != output.on_disk:
            output.write(LIST, json.dumps(result, indent=1).encode() + b"\n")
            output.write(REPORT, report(result, output.new).encode())
            output.commit()
    _tell(settings, result)
    return result


def job_of(settings: Gather) -> Job:
    """The worker's part of the settings."""
    if settings.background in COLOURS:
        background = COLOURS[settings.background]
    else:
        red, green, blue = bytes.fromhex(settings.background[1:])
        background = (red, green, blue)
    return Job(settings.size, background, settings.cutout, settings.frames, split_sheets=settings.split_sheets)


def _checked_source(settings: Gather) -> Path:
    if settings.source is None:
        raise UserError("nothing to gather: name a folder, or draw the built-in character with --character 400")
    check_raw(settings.source)
    return settings.source


def _from_character(settings: Gather, job: Job, output: Output, choose_size: ChooseSize | None) -> dict:
    if choose_size and not output.before["taken"]:
        settings, job = _at_size(choose_size([{}] * (settings.character or 0)), settings, job, output)
    taken, originals = draw_character(settings, job, output)
    return _result(settings, output, None, taken, [], originals)


def _at_size(size: int, settings: Gather, job: Job, output: Output) -> tuple[Gather, Job]:
    """What is given, for pictures of another size."""
    output.settings["size"] = size
    return replace(settings, size=size), replace(job, size=size)


def _from_source(
    settings: Gather, source: Path, job: Job, output: Output, choose_size: ChooseSize | None = None
) -> dict:
    before = output.before
    if before["frame"]:
        job = replace(job, canvas=tuple(before["frame"]["canvas"]), frame=tuple(before["frame"]["box"]))
    with WorkerPool() as pool:
        found, skipped, prints = study_all(settings, source, pool, job, output)
        mark_copies(found, before["taken"], prints)
        new = [one for one in found if one.original is None or settings.keep_duplicates]
        skipped += [copy_row(one) for one in found if one.original is not None and not settings.keep_duplicates]
        if len(before["taken"]) + len(new) < MIN_PICTURES:
            raise UserError(_too_few(settings, len(before["taken"]) + len(new), skipped))
        frame = before["frame"]
        if not before["taken"]:
            frame = frame_in_common(new)
            again = []
            if frame:
                job = replace(job, canvas=tuple(frame["canvas"]), frame=tuple(frame["box"]))
                again = [one for one in new if one.facts["canvas"] == frame["canvas"]]
                again = [one for one in again if one.facts["box"] != frame["box"]]
            if choose_size and (size := choose_size([one.row() for one in new])) != job.size:
                settings, job = _at_size(size, settings, job, output)
                again = new
            draw_again(settings, pool, again, job)
        taken = _numbered(before["taken"], new, output)
        originals = keep_originals(pool, job, output, taken, list(zip(taken[len(before["taken"]) :], new)))
    if new or output.before["taken"] != output.on_disk["taken"]:
        kept = [
            prints[len(before["taken"]) + n]
            for n, one in enumerate(found)
            if one.original is None or settings.keep_duplicates
        ]
        stacked = io.BytesIO()
        np.save(stacked, np.concatenate([output.prints(), *(print_[None] for print_ in kept)]), allow_pickle=False)
        output.write(PRINTS, stacked.getvalue())
    skipped = sorted(skipped, key=lambda row: row["source"])
    return _result(settings, output, frame, taken, skipped, originals)


def _numbered(before: list[dict], new: list[Found], output: Output) -> list[dict]:
    """Writes the new pictures under the next numbers that are free: a person's own pictures may be numbered too.
    Returns the entries of all that are taken."""
    number = max((int(row["file"].removesuffix(".png")) for row in before), default=0)
    taken = list(before)
    for one in new:
        number += 1
        while (output.new / f"{number:04d}.png").exists():
            number += 1
        taken.append({"file": f"{number:04d}.png", **one.row()})
        output.write(taken[-1]["file"], one.png.read_bytes())
    return taken


def _result(
    settings: Gather,
    output: Output,
    frame: dict | None,
    taken: list[dict],
    skipped: list[dict],
    originals: dict | None,
) -> dict:
    result = {
        "format": FORMAT,
        "size": settings.size,
        "settings": output.settings,
        "frame": frame,
        "different": sum("copy_of" not in row for row in taken),
        "taken": taken,
        "skipped": skipped,
        **({"originals": originals} if originals else {}),
    }
    strips = [] if settings.character is not None else same_strips([output.new / row["file"] for row in taken])
    return json.loads(json.dumps(result | {"advice": advice(result, strips)}))


def _too_few(settings: Gather, count: int, skipped: list[dict]) -> str:
    reasons = Counter(re.sub(r"^(a (mirrored )?copy) of .*", r"\1", row["reason"]) for row in skipped).most_common(3)
    why = "; ".join(f"{number} x {reason}" for reason, number in reasons)
    return f"{settings.source}: {count} usable pictures, at least {MIN_PICTURES} are needed" + (
        f" (skipped: {why})" if why else ""
    )


def _tell(settings: Gather, result: dict) -> None:
    if settings.json:
        print(json.dumps(result))
        return
    count = len(result["taken"])
    print(
        f"{count} pictures in {settings.out}, {len(result['skipped'])} skipped: {settings.out / REPORT} shows "
        f"and explains them"
    )
    if originals := result.get("originals"):
        megabytes = originals["bytes"] / 1e6
        print(
            f"{originals['count']} originals are kept at {originals['side']} pixels ({megabytes:.1f} MB), from which "
            f"training learns to make large results crisp"
        )
    if count < FEW:
        print(
            f"warning: only {count} different pictures; {FEW} are the least for a result worth looking at",
            file=sys.stderr,
        )
    for line in result["advice"][1:]:
        print(f"note: {line}", file=sys.stderr)

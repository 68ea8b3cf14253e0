"""A pack of stickers for one app: files within its limits, a sheet to look at, and the one file that the app wants."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.progress import track

from chonk.draw.apps import MOVING, SIDES, STILL, App, Limits
from chonk.draw.choose import choose, most_alike
from chonk.draw.emojis import emojis
from chonk.draw.encode import encode
from chonk.draw.linked import shown_by
from chonk.draw.loops import breathing, walking
from chonk.draw.place import FINISHED, Job, note
from chonk.draw.shape import box_of, loose, placed
from chonk.errors import UserError
from chonk.files import FORMAT, MAX_SETTINGS
from chonk.links import read_link
from chonk.model import Model, load_and_note
from chonk.pixels import as_pictures
from chonk.settings import Pack

CANDIDATES = 4
"""Pictures drawn for each that is taken."""
FRAMES, SECONDS = 20, 2.0
"""Of what moves: LINE wants whole seconds and at most so many frames."""
CELL, COLUMNS = 128, 6
"""Of the contact sheet: pixels a sticker, stickers a row."""
GROUNDS = ((255, 255, 255), (24, 34, 45))
"""Of the contact sheet: as apps look by day and by night."""

NEXT = {
    "whatsapp": "open pack.wastickers on a phone, with an app that adds such packs to WhatsApp",
    "telegram": "send the numbered files, as files, to @Stickers in Telegram",
    "signal": "in Signal on a computer, choose File, Create/Upload Sticker Pack, and the numbered files",
    "imessage": "the numbered files are what an iMessage sticker app is made of",
    "line": "upload pack.zip at LINE Creators Market",
    "discord": "add the numbered files under Server Settings, Stickers",
}
"""What a person does with the pack."""


@dataclass(frozen=True)
class Picked:
    """The pictures of a pack."""

    values: np.ndarray
    """N x C x S x S in [-1, 1]."""
    origins: list[dict]
    """What draws each of them again: a number within the seed, or a link."""
    latents: np.ndarray | None = None
    """N x latent_dim; none for pictures of links."""


def pack(job: Job, what: Pack) -> None:
    """The stickers 01, 02 ..., the pack's covers, pack.json, contact.png and, where the app takes one, the archive."""
    app = _app(what)
    model = load_and_note(job.run)
    picked = _picked(job, what, model)
    if len(picked.values) not in app.counts:
        raise UserError(
            f"{len(picked.values)} stickers: {what.app} takes packs of {_words(app.counts)}; "
            "choose with --count, --picks or --links"
        )
    if what.moves == "walk" and len(picked.values) == 1:
        raise UserError("--moves walk turns stickers into each other; choose at least two with --count or --picks")
    tags = what.emoji or emojis(picked.values, job.run)
    stickers, sheet, covers, console = [], [], {}, Console(stderr=True)
    for i in track(
        range(len(picked.values)), "drawing", console=console, transient=True, disable=not console.is_terminal
    ):
        frames = _frames(model, picked, i, what.moves, app.sticker)
        cell = 0 if what.moves == "breathe" else _finished_cell(model)
        if i == 0:
            covers = {
                cover + limits.ending: _file(frames, replace(app, sticker=limits, margin=0, stroke=0), cell)
                for cover, limits in app.covers
            }
        name, data = f"{i + 1:02}{app.sticker.ending}", _file(frames, app, cell)
        (job.folder / name).write_bytes(data)
        stickers.append({"file": name, "emoji": tags[i % len(tags)], "bytes": len(data), **picked.origins[i]})
        sheet.append(placed(frames[0], box_of(frames[:1]), CELL, CELL, 8, 2 if app.stroke else 0))
    for name, data in covers.items():
        (job.folder / name).write_bytes(data)
    _contact(sheet).save(job.folder / "contact.png")
    record = {
        "format": FORMAT,
        "for": what.app,
        "title": model.config.title,
        "author": what.author,
        "covers": sorted(covers),
        "stickers": stickers,
    }
    (job.folder / "pack.json").write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if app.archive:
        _archive(job, app, record)
    note(job)
    console.print(f"then {NEXT[what.app]}", highlight=False, soft_wrap=True)


def _app(what: Pack) -> App:
    app = (MOVING if what.moves else STILL)[what.app]
    sides = SIDES.get(what.app, (app.sticker.width,))
    if what.side is None:
        return app
    if what.side not in sides:
        raise UserError(f"--side {what.side}: stickers for {what.app} are {_words(sides)} pixels wide")
    return replace(app, sticker=replace(app.sticker, width=what.side, height=what.side))


def _words(numbers: Collection[int]) -> str:
    if isinstance(numbers, range) and numbers.step == 1:
        return f"{min(numbers)} to {max(numbers)}"
    *first, last = map(str, numbers)
    return f"{', '.join(first)} or {last}" if first else last


def _picked(job: Job, what: Pack, model: Model) -> Picked:
    """Of the links, by their numbers within the seed, or those of many that are whole and different."""
    request = job.request
    if what.links and (what.picks or what.moves == "walk"):
        raise UserError("--links name pictures; leave out --picks, and --moves walk, which needs latents")
    if what.links:
        shown = [(link, values) for link in _read(what.links) for values in shown_by(read_link(link), job.run, model)]
        return Picked(np.stack([values for _, values in shown]), [{"link": link} for link, _ in shown])
    if min(what.picks, default=1) < 1 or not 1 <= what.count <= 200:
        raise UserError(
            f"--count {what.count} --picks {' '.join(map(str, what.picks))}: choose 1 to 200 stickers; pictures of a "
            "seed are counted from 1"
        )
    if what.picks:
        numbers = [number - 1 for number in what.picks]
        z = np.concatenate([model.latents(request.seed, 1, request.truncation, number) for number in numbers])
        values = model(z)
    else:
        z, features = model.sample_features(request.seed, CANDIDATES * what.count, request.truncation)
        values = model.decode(features, project=False)
        score = model.rejection_score(z)
        score[: len(model.config.pool)] = 0  # they were chosen among many
        numbers = choose(values, score, what.count)
        z, values = z[numbers], values[numbers]
    return Picked(values, [{"seed": request.seed, "number": number + 1} for number in numbers], z)


def _read(links: tuple[str, ...]) -> list[str]:
    """The links, and those in text files that stand for them, one a line."""
    found = []
    for link in links:
        file = Path(link)
        if "#" in link or not file.is_file():
            found.append(link)
        elif file.stat().st_size > MAX_SETTINGS:
            raise UserError(f"--links {link}: too large for a list of links")
        else:
            found += file.read_text(encoding="utf-8", errors="replace").split()
    return found


def _frames(model: Model, picked: Picked, number: int, moves: str | None, limits: Limits) -> list[Image.Image]:
    """One finished picture, or those of its loop."""
    count = min(FRAMES, limits.max_frames)
    if moves == "walk":
        assert picked.latents is not None
        other = most_alike(picked.values)[number]
        return walking(model, picked.latents[number], picked.latents[other], FINISHED, count)
    picture = loose(as_pictures(model.finish(picked.values[number : number + 1], FINISHED))[0])
    return breathing(picture, count) if moves else [picture]


def _finished_cell(model: Model) -> int:
    """The width of a drawn pixel in finished pictures; 0 where they are no pixel art."""
    cell, size = model.config.cell, model.config.size
    return FINISHED // (size // cell) if cell and size < FINISHED else cell


def _file(frames: list[Image.Image], app: App, cell: int) -> bytes:
    limits = app.sticker
    frames = frames[: limits.max_frames]
    box = box_of(frames)
    placed_frames = [placed(frame, box, limits.width, limits.height, app.margin, app.stroke, cell) for frame in frames]
    return encode(placed_frames, limits, min(SECONDS, limits.max_seconds))


def _contact(stickers: list[Image.Image]) -> Image.Image:
    """All of them, on a light ground and again on a dark one."""
    rows = -(-len(stickers) // COLUMNS)
    columns = min(COLUMNS, len(stickers))
    sheet = Image.new("RGB", (columns * CELL * len(GROUNDS), rows * CELL))
    for half, ground in enumerate(GROUNDS):
        sheet.paste(ground, (half * columns * CELL, 0, (half + 1) * columns * CELL, rows * CELL))
        for i, sticker in enumerate(stickers):
            sheet.paste(sticker, ((half * columns + i % columns) * CELL, i // columns * CELL), sticker)
    return sheet


def _archive(job: Job, app: App, record: dict) -> None:
    """WhatsApp's helpers want title and author beside the pictures, LINE the pictures alone."""
    texts = {"title.txt": record["title"], "author.txt": record["author"]} if app.archive == ".wastickers" else {}
    with zipfile.ZipFile(job.folder / f"pack{app.archive}", "w") as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
        for name in (*record["covers"], *(sticker["file"] for sticker in record["stickers"])):
            archive.write(job.folder / name, name)

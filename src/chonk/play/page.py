"""A static folder for any web host: one page, one or several models, everything drawn in the visitor's browser."""

from __future__ import annotations

import hashlib
import json
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chonk.dataset.picture_set import PictureSet
from chonk.dataset.training_set import training_pictures
from chonk.hidden import hidden
from chonk.model import Model, load_and_note
from chonk.model_files import page_name, readable
from chonk.paths import model_folder
from chonk.play import film as films
from chonk.play import novelty
from chonk.play.checks import check_page, checked_address
from chonk.play.directions import directions
from chonk.play.export import export
from chonk.play.finishing import packed_finisher
from chonk.play.hunt import RecognizerTrainer, write_hunt
from chonk.play.site import assemble, write_finisher
from chonk.play.starts import starts
from chonk.play.training import truth
from chonk.swap import building, link_or_copy, swap

if TYPE_CHECKING:
    from chonk.settings import Page

STILLS_SEED, STILLS_COLUMNS = 1, 5


def page(settings: Page, train_recognizer: RecognizerTrainer | None = None) -> dict:
    """Writes the page; returns its data.  `train_recognizer` is called for a hunt.

    The folder appears whole or not at all.  Raises UserError for a run that is none and for an `out` that holds
    something else, ChonkError where a net cannot be exported, OSError where the disk is full."""
    check_page(settings)
    out, folders = Path(settings.out), [model_folder(run) for run in settings.runs]
    address = checked_address(settings.address) if settings.address else None
    out.parent.mkdir(parents=True, exist_ok=True)
    with building(out) as scratch:
        data = _write(scratch / "page", folders, settings, address, train_recognizer)
        _keep(out, scratch / "page")
        swap(out, scratch / "page", scratch)
    if settings.json:
        print(json.dumps({"page": str(out), **data}))
    else:
        for model in data["models"]:
            error = model["error"]
            print(
                f"{model['title']}: {model['bytes'] / 1e6:.2f} MB as {model['precision']}, differs from PyTorch by "
                f"{error['mean']:.2f} "
                f"of 255 levels in the mean, {error['max']:.0f} at most"
            )
        print(f"{out}: put this folder on any web host, or look at it with: chonk serve {out}")
    return data


def _write(
    new: Path, folders: list[Path], settings: Page, address: str | None, train_recognizer: RecognizerTrainer | None
) -> dict:
    models: list[dict] = []
    for folder in folders:
        name = _unique(page_name(folder), [m["name"] for m in models])
        models.append(_model(new / "models" / name, folder, name, settings, train_recognizer))
    title = readable(settings.title or models[0]["title"])
    data = {"format": 1, "title": title, "address": address, "models": models}
    assemble(new, data)
    return data


def _model(folder: Path, source: Path, name: str, settings: Page, train_recognizer: RecognizerTrainer | None) -> dict:
    """Writes one model's files; returns its entry in the page's data."""
    folder.mkdir(parents=True)
    model = load_and_note(source)
    run = source.parent if source.name == "model" else source
    trained_on = training_pictures(run)
    pictures, truths = (trained_on[0], truth(trained_on[1], trained_on[0].names)) if trained_on else (None, {})
    exported = export(
        model, settings.precision, directions(model, pictures.pixels.numpy() if pictures else None, truths)
    )
    base = f"models/{name}"
    digest = hashlib.sha256(exported.data).hexdigest()
    # The address changes with the content, so that a browser never mixes an old model with a new page.
    file = f"model.{digest[:8]}.bin"
    (folder / file).write_bytes(exported.data)
    (folder / "stills.webp").write_bytes(_stills(model))
    entry = {
        "name": name,
        "title": model.config.title,
        "file": f"{base}/{file}",
        "bytes": len(exported.data),
        "sha256": digest,
        "size": model.config.size,
        "parameters": sum(p.numel() for p in model.generator.parameters()),
        "truncation": model.config.truncation,
        "precision": exported.precision,
        "error": {"mean": round(exported.mean_error, 3), "max": round(exported.max_error, 3)},
        "film": None,
        "curves": None,
        "novelty": None,
        "facts": _facts(model.config.training),
        "starts": starts(model),
        "stills": {"source": f"{base}/stills.webp", "columns": STILLS_COLUMNS, "seed": STILLS_SEED},
    }
    if model.finisher:
        entry["finisher"] = write_finisher(folder, base, packed_finisher(model.finisher))
    if (reel := films.film(run)) is not None:
        (folder / "film.webp").write_bytes(reel[0])
        entry["film"] = {"file": f"{base}/film.webp", **reel[1]}
    if pictures is not None and pictures.size == model.config.size:
        entry["novelty"] = _novelty(folder, base, pictures, settings.thumbnails)
    if (curves := films.curves(run)) is not None:
        (folder / "curves.json").write_text(json.dumps(curves, separators=(",", ":")))
        entry["curves"] = f"{base}/curves.json"
    if settings.hunt and train_recognizer:
        entry["hunt"] = write_hunt(
            folder, base, hidden(source, settings.hunt_count, settings.hunt_pictures), train_recognizer
        )
    return entry


def _novelty(folder: Path, base: str, pictures: PictureSet, publish: bool) -> dict:
    """Writes what "is it new?" needs; thumbnails of the training pictures only where their owner said so."""
    (folder / "novelty.json").write_text(json.dumps(novelty.record(pictures), separators=(",", ":")))
    if publish:
        (folder / "training.webp").write_bytes(novelty.thumbnails(pictures))
    return {
        "file": f"{base}/novelty.json",
        "thumbnails": f"{base}/training.webp" if publish else None,
        "side": novelty.THUMBNAIL,
        "columns": novelty.THUMBNAIL_COLUMNS,
    }


def _stills(model: Model) -> bytes:
    """The page's first grid, 5 x 5 without gaps: what it shows until the model has drawn the same."""
    pictures = model.sample(STILLS_COLUMNS**2, STILLS_SEED)
    data = BytesIO()
    pictures.grid(gap=0).save(data, "WEBP", quality=70, alpha_quality=30, method=4)
    return data.getvalue()


def _facts(training: dict) -> dict:
    """What may be shown of a training: known keys of the expected kind, nothing else from the file."""
    kinds: dict[str, Any] = {
        "objective": str,
        "preset": str,
        "pictures": (int, float),
        "kimg": (int, float),
        "minutes": (int, float),
    }
    return {key: training[key] for key, kind in kinds.items() if isinstance(training.get(key), kind)}


def _unique(name: str, taken: list[str]) -> str:
    number = 2
    wanted = name
    while name in taken:
        name, number = f"{wanted}-{number}", number + 1
    return name


def _keep(out: Path, new: Path) -> None:
    """What somebody else put beside our files (a CNAME, a .git) is in the new page too."""
    for entry in out.iterdir() if out.is_dir() else []:
        if not (new / entry.name).exists():
            link_or_copy(entry, new / entry.name)

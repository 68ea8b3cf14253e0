"""`chonk score`: are the pictures of a run good, varied and new?  Figures, plain words, and pictures that show why."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import torch
from rich.console import Console
from rich.progress import track

from chonk.dataset.picture_set import PictureSet
from chonk.dataset.training_set import training_pictures
from chonk.errors import UserError
from chonk.files import FORMAT, disk_error, write_whole
from chonk.judge import fidelity, halves, report
from chonk.judge.features import NAME as FEATURES
from chonk.judge.halves import MIN_PICTURES
from chonk.judge.smooth import BLENDS, SIDE, Smoothness, smoothness
from chonk.judge.truth import Results, asked_for, trained_on, truth
from chonk.judge.verdict import Judge, Verdict
from chonk.model import Model, load_and_note
from chonk.paths import check_paths, model_folder
from chonk.pixels import as_bytes
from chonk.settings import Score

SEED = 20180417
"""Which results are judged: the latents of this seed, so that the same model always gets the same verdict."""
PER_PICTURE, MIN_RESULTS, MAX_RESULTS = 5, 500, 1000
"""Results that are judged for each training picture, and how few and how many at least and at most: all measures but
the shares of copies and of faults compare half as many results as there are training pictures, ten times."""


def find_pictures(settings: Score, run: Path) -> tuple[PictureSet, Path]:
    """The pictures to judge by and their folder: those that were named, or those that the run was trained on."""
    if settings.pictures:
        return PictureSet.load(settings.pictures), settings.pictures
    if found := training_pictures(run):
        return found
    raise UserError(
        f"{run}: the pictures it was trained on are not where its config.json says, or have changed; say where they "
        f"are with: --pictures FOLDER"
    )


def run_folder(path: Path) -> Path:
    """The run for a path to it, to its model or to what `chonk make` left."""
    folder = model_folder(path)
    return folder.parent if folder.name == "model" else folder


def drawn(model: Model, count: int) -> Results:
    """The first pictures of SEED."""
    latents, features = model.sample_features(SEED, count)
    parts = [
        as_bytes(model.decode(features[first : first + 100], project=False))
        for first in track(range(0, count, 100), "drawing", console=Console(stderr=True), transient=True)
    ]
    return Results(latents, features, torch.cat(parts))


def score(settings: Score) -> dict:
    """Judges a run, writes score.json and score.html, and gives back what score.json holds."""
    check_paths(settings)
    run = run_folder(settings.run)
    training, folder = find_pictures(settings, run)
    model = load_and_note(run)
    if training.size != model.config.size:
        raise UserError(
            f"{settings.run}: draws {model.config.size} px pictures, the training pictures have {training.size} px; "
            f"give the ones it was trained on with: --pictures FOLDER"
        )
    if len(training) < MIN_PICTURES:
        raise UserError(
            f"{len(training)} training pictures are too few to judge by; at least {MIN_PICTURES} are needed"
        )
    if settings.features:
        fidelity.extractor(settings.features)  # what is missing is said before the long part
    factors = trained_on(folder)
    count = settings.count or min(max(PER_PICTURE * len(training), MIN_RESULTS), MAX_RESULTS)
    results = drawn(model, max(count, 4 * BLENDS, 0 if factors is None else asked_for(factors)))
    channels = min(training.channels, results.pixels.shape[1])
    real, fake = training.pixels[:, :channels], results.pixels[:count, :channels]
    verdict = Judge(real)(fake)
    corners = results.latents[: 4 * BLENDS]
    blends = smoothness(lambda four: as_bytes(model.blend(four, SIDE, SIDE)), corners)
    out = settings.out or (run.parent if run.parent.suffix == ".chonk" else run)
    answer = {
        "format": FORMAT,
        **as_json(verdict, blends),
        "title": model.config.title,
        "features": FEATURES,
        "seed": SEED,
        "counts": {
            "training": len(training),
            "results": len(fake),
            "half": min(len(training) // 2, len(fake), halves.MAX_PICTURES),
        },
    }
    if settings.features:
        answer["second"] = fidelity.second_opinion(settings.features, real, fake)
    if factors is not None:
        answer["truth"] = truth(model, results, factors)
    page = report.page(answer, report.rows(real, fake, verdict, blends))
    _write(out, {"score.json": json.dumps(answer, indent=1) + "\n", "score.html": page})
    if settings.json:
        print(json.dumps(answer, indent=1))
    else:
        _print(answer, out)
    return answer


def as_json(verdict: Verdict, blends: Smoothness) -> dict:
    """A verdict, and how smooth blends are, as score.json has them."""
    said = verdict.words
    return {
        "verdict": said.verdict,
        "faults": said.faults,
        "next_steps": said.next_steps,
        "gauges": {name: asdict(gauge) for name, gauge in said.gauges.items()},
        "figures": {
            name: figure | {"sentence": said.sentences[name]}
            for name, figure in halves.as_json(verdict.figures).items()
        },
        "smoothness": {
            "largest": blends.largest,
            "deviation": blends.deviation,
            "jumps": blends.jumps,
            "sentence": blends.sentence(),
        },
    }


def _write(out: Path, files: dict[str, str]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(out, error) from error
    for name, text in files.items():
        write_whole(out / name, text.encode())


def _print(answer: dict, out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(answer["verdict"], style="bold", markup=False)
    for name, gauge in answer["gauges"].items():
        filled = round(20 * gauge["value"])
        bar = "█" * filled + "░" * (20 - filled) if gauge["known"] else "?".center(20)
        console.print(f"  {name:7} {bar} {gauge['word']}", markup=False)
    for name, figure in answer["figures"].items():
        console.print(
            f"  {name:11} {figure['value']:9.3f} ± {figure['deviation']:.3f}   real {figure['real']:9.3f} ± "
            f"{figure['real_deviation']:.3f}",
            markup=False,
        )
    console.print(answer["smoothness"]["sentence"], markup=False)
    for name, figure in answer.get("second", {"figures": {}})["figures"].items():
        console.print(
            f"  {name:11} {figure['value']:9.3f} ± {figure['deviation']:.3f}   real {figure['real']:9.3f} ± "
            f"{figure['real_deviation']:.3f}"
            f"   ({answer['second']['features']})",
            markup=False,
        )
    if "truth" in answer:
        console.print(answer["truth"]["sentence"], markup=False)
    for step in answer["next_steps"]:
        console.print(f"next: {step}", markup=False)
    console.print(f"why, with pictures: {out / 'score.html'}", markup=False)

"""`chonk score`: are the pictures of a run good, varied and new?  Figures, plain words, and pictures that show why."""
from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from rich.console import Console
from rich.progress import track

from chonk import model as models
from chonk.errors import ChonkError, UserError
from chonk.judge import halves, novelty, report, sharpness, variety
from chonk.judge.features import NAME as FEATURES
from chonk.judge.features import features
from chonk.judge.halves import Figure
from chonk.judge.quality import density_each
from chonk.judge.words import Words, words
from chonk.pictures.dataset import PictureSet
from chonk.settings import Score

FORMAT = 1
SEED = 20180417
"""Which results are judged: the latents of this seed, so that the same model always gets the same verdict."""
FEWEST = 20
"""Below so many real pictures, halves of them say nothing."""


@dataclass(frozen=True)
class Verdict:
    """All that is known about a set of results."""

    figures: dict[str, Figure]
    words: Words
    nearest: novelty.Nearest
    """For each result the nearest training picture."""
    unit: float
    """The usual gap between neighbouring real pictures."""
    density: np.ndarray
    """The density of each result by itself."""
    twins: tuple[np.ndarray, np.ndarray]
    """For each result the number of the nearest other result, and its distance."""


def judge(real: torch.Tensor, fake: torch.Tensor, seed: int = 0) -> Verdict:
    """The verdict on results (bytes M x C x S x S) for the real pictures they were learned from (N x C x S x S)."""
    sides = {"real": real, "fake": fake}
    seen = {name: features(pixels) for name, pixels in sides.items()}
    looks = {name: novelty.looks(pixels) for name, pixels in sides.items()}
    figures = halves.compare(*({"features": seen[name], "looks": looks[name]} for name in sides), seed=seed)

    among_real = novelty.nearest_training(real, real, same=True)
    nearest = novelty.nearest_training(fake, real)
    unit = novelty.usual_gap(among_real)
    if unit == 0:
        raise UserError("more than half of the training pictures are duplicates of each other; prepare them with: chonk gather")
    for name, higher, statistic in (("nearest", True, lambda gap: float(np.median(gap)) / unit),
                                    ("copies", False, lambda gap: novelty.copies(gap, unit))):
        values = [value for gap in (nearest.gap, among_real.gap) for value in (statistic(gap), halves.bootstrap(gap, statistic, seed))]
        figures[name] = Figure(*values, higher)

    rng = np.random.default_rng(seed)
    for name, function in (("softness", sharpness.softness), ("grain", sharpness.graininess)):
        figures[name] = _against_halves(function, real, fake, rng)
    return Verdict(figures, words(figures), nearest, unit, density_each(seen["real"], seen["fake"]), variety.neighbours(looks["fake"]))


def _against_halves(function, real: torch.Tensor, fake: torch.Tensor, rng: np.random.Generator, rounds: int = 4, most: int = 200) -> Figure:
    """A measure of (reference, asked) pictures as a Figure, as `halves.compare` does, for measures that are slow."""
    half = min(len(real) // 2, len(fake), most)
    table = []
    for _ in range(rounds):
        order, drawn = (torch.from_numpy(rng.permutation(len(x))) for x in (real, fake))
        reference = real[order[:half]]
        table.append((function(reference, fake[drawn[:half]]), function(reference, real[order[half:2 * half]])))
    (value, other), (deviation, other_deviation) = np.mean(table, 0), np.std(table, 0)
    return Figure(float(value), float(deviation), float(other), float(other_deviation), higher=False)


def cheap(real: torch.Tensor, fake: torch.Tensor, most: int = 200) -> dict[str, float]:
    """A few figures in a second or two, for use during training: bytes N x C x S x S each, at most `most` of each looked at.

    kid (0 = as good as real; lower is better), density and coverage (1 = as good as real), spread (1 = as varied as
    real, 0 = collapsed), duplicates and copies (shares of the results), softness (pixels of blur).  A pure function;
    noisier than `judge`."""
    real, fake = (x[:: max(1, len(x) // most)][:most] for x in (real, fake))
    count = min(len(real), len(fake))
    seen, looks = halves.ruler(*(features(x[:count]) for x in (real, fake))), [novelty.looks(x[:count]) for x in (real, fake)]
    figures = {name: m.function(*(seen if m.on == "features" else looks)) for name, m in halves.MEASURES.items()
               if name in ("kid", "density", "coverage", "spread", "duplicates")}
    few = {"zooms": (1.0,), "shifts": ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))}
    unit = novelty.usual_gap(novelty.nearest_training(real, real, same=True, **few))
    figures["copies"] = novelty.copies(novelty.nearest_training(fake, real, **few).gap, unit)
    figures["softness"] = sharpness.softness(real[:64], fake[:64])
    return figures


def training_folder(run: Path) -> Path:
    """Where the pictures are that a run was trained on, from its config.json."""
    file = run / "config.json"
    try:
        config = json.loads(file.read_text(encoding="utf-8"))
        named = Path(config.get("pictures") or config["settings"]["pictures"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(f"{file}: does not say what it was trained on; name the folder with: --pictures FOLDER") from error
    for folder in (named, run.parent / named, run.parent / named.name):
        if folder.is_dir():
            return folder
    raise UserError(f"{named}: the training pictures are not there any more; say where they are with: --pictures FOLDER")


def run_folder(path: Path) -> Path:
    """The run for a path to it, to its model or to what `chonk make` left."""
    folder = models.model_folder(path)
    return folder.parent if folder.name == "model" else folder


def results(model: models.Model, count: int) -> torch.Tensor:
    """`count` pictures of a model as bytes, count x C x S x S, always the same ones."""
    parts = [model(model.latents(SEED, min(100, count - first), first=first))
             for first in track(range(0, count, 100), "drawing", console=Console(stderr=True), transient=True)]
    return torch.from_numpy(np.rint((np.concatenate(parts).clip(-1, 1) + 1) * 127.5).astype(np.uint8))


def score(settings: Score) -> dict:
    """Judges a run, writes score.json and score.html, and gives back what score.json holds."""
    run = run_folder(settings.run)
    training = PictureSet.load(settings.pictures or training_folder(run))
    model = models.load(run)
    if training.size != model.config.size:
        raise UserError(f"{settings.run}: draws {model.config.size} px pictures, the training pictures have {training.size} px; give the ones it was trained on with: --pictures FOLDER")
    if len(training) < FEWEST:
        raise UserError(f"{len(training)} training pictures are too few to judge by; at least {FEWEST} are needed")
    if settings.count < FEWEST:
        raise UserError(f"--count {settings.count}: at least {FEWEST} results are needed")
    fake = results(model, settings.count)
    channels = min(training.channels, fake.shape[1])
    real, fake = training.pixels[:, :channels], fake[:, :channels]
    verdict = judge(real, fake)
    out = settings.out or (run.parent if run.parent.suffix == ".chonk" else run)
    answer = {
        "format": FORMAT, "verdict": verdict.words.verdict, "faults": verdict.words.faults,
        "gauges": {name: {"value": gauge.value, "word": gauge.word} for name, gauge in verdict.words.gauges.items()},
        "figures": {name: figure | {"sentence": verdict.words.sentences[name]} for name, figure in halves.as_json(verdict.figures).items()},
        "title": model.config.title, "features": FEATURES, "seed": SEED,
        "counts": {"training": len(training), "results": len(fake), "half": min(len(training) // 2, len(fake), halves.MOST)},
    }
    page = report.page(answer, real, fake, verdict.nearest, verdict.unit, verdict.density, verdict.twins)
    _write(out, {"score.json": json.dumps(answer, indent=1) + "\n", "score.html": page})
    if settings.json:
        print(json.dumps(answer, indent=1))
    else:
        _print(answer, out)
    return answer


def _write(out: Path, files: dict[str, str]) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (out / f"{name}.part").write_text(text, encoding="utf-8")
            (out / f"{name}.part").replace(out / name)
    except OSError as error:
        raise ChonkError(f"{out}: cannot write the verdict ({error.strerror})") from error


def _print(answer: dict, out: Path) -> None:
    console = Console(highlight=False, soft_wrap=True)
    console.print(answer["verdict"], style="bold", markup=False)
    for name, gauge in answer["gauges"].items():
        filled = round(20 * gauge["value"])
        console.print(f"  {name:7} {'█' * filled}{'░' * (20 - filled)} {gauge['word']}", markup=False)
    for name, figure in answer["figures"].items():
        console.print(f"  {name:11} {figure['value']:9.3f} ± {figure['deviation']:.3f}   real {figure['real']:9.3f} ± {figure['real_deviation']:.3f}",
                      markup=False)
    console.print(f"why, with pictures: {out / 'score.html'}", markup=False)

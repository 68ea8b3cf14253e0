"""Compares recipes at equal CPU time: trains each on each set with each seed, judges the results, prints a table, keeps
sheets.

    python benchmarks/recipes.py --minutes 20 --set cats=../shared/data/revoycats:300 --set character \\
        --set emoji=../shared/data/notoemoji:200 --scorer ../shared/eval/score.py --out out/recipes
    python benchmarks/recipes.py --recipe mosaic --recipe "no agreement=--objective mosaic --set neighbour_weight=0" \\
        --minutes 5 --seeds 1

`--set NAME=SOURCE:COUNT` trains on COUNT pictures and holds out the others; `character` is the built-in one, 400
pictures, and 1,000 of another seed are held out.  Every training runs on one thread, as many at once as there are
cores, and its clock is its own CPU time: a busy machine only makes it last longer.  A finished training is not
repeated: give the same command again to go on.  With --scorer FILE an independent scorer of the form `FILE REAL FAKE
--held-out HELD --json` judges, else our own verdict.

Left in OUT: table.md, ready for docs/experiments/, and sheets/SET-RECIPE.png: 64 training pictures, and beside them 64
results of the first seed, unpicked.  With `--write FILE` the table, the command that made it and links to the sheets,
as WebP in `pictures/` beside it, also take the place of what stands between the lines MARKS of a Markdown file.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import shlex
import shutil
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from os import cpu_count
from pathlib import Path

from PIL import Image

RECIPES = ("mosaic", "collage", "began", "ebgan", "wgan")
"""Compared where no --recipe is given: the objectives with their own settings."""
SCORES = {
    "high.frechet": "high Fréchet",
    "mid.frechet": "mid Fréchet",
    "high.precision": "precision",
    "high.recall": "recall",
    "high.coverage": "coverage",
    "copies": "copies",
    "spread": "spread",
    "self_duplicates": "self-dup.",
}
VERDICT = ("frechet", "precision", "recall", "coverage", "whole", "copies", "spread", "duplicates")
"""Of our own verdict."""
MARKS = ("<!-- table -->", "<!-- end of the table -->")


def chonk(*words: object) -> None:
    """One command of chonk in a process of its own; its words go to ours."""
    subprocess.run([sys.executable, "-m", "chonk", *map(str, words)], check=True, stdout=sys.stderr)


def prepare(name: str, source: str, out: Path, size: int) -> tuple[Path, Path]:
    """OUT/sets/NAME/train and held: the set gathered and parted, always in the same way."""
    train, held = (out / "sets" / name / part for part in ("train", "held"))
    if held.is_dir():
        return train, held
    if not source:
        chonk("gather", "--character", 400, "--seed", 0, "--out", train, "--size", size)
        chonk("gather", "--character", 1000, "--seed", 1, "--out", held, "--size", size)
        return train, held
    folder, _, count = source.rpartition(":")
    whole = out / "sets" / name / "all"
    chonk("gather", folder, "--out", whole, "--size", size)
    files = sorted(whole.glob("*.png"))
    random.Random(0).shuffle(files)
    for part, chosen in ((train, files[: int(count)]), (held, files[int(count) :])):
        part.mkdir(parents=True, exist_ok=True)
        for file in chosen:
            shutil.copy(file, part)
    return train, held


def train(recipe: list[str], pictures: Path, run: Path, minutes: float, seed: int, count: int) -> float:
    """A finished run with `count` samples in RUN/samples; returns the CPU-seconds that its training took."""
    note = run / "cpu_seconds.json"
    if not note.is_file():
        command = [
            sys.executable,
            "-m",
            "chonk",
            "train",
            pictures,
            "--out",
            run,
            "--minutes",
            minutes,
            "--cpu-time",
            "--json",
            "--seed",
            seed,
            "--threads",
            1,
            *recipe,
        ]
        spent = json.loads(subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True).stdout)[
            "seconds"
        ]
        chonk("draw", run, "samples", "--count", count, "--out", run / "samples")
        note.write_text(str(spent))
    return float(note.read_text())


def sheet(train_set: Path, run: Path, file: Path) -> None:
    """64 training pictures, evenly chosen, and beside them the first 64 results."""
    real, fake = (sorted(folder.glob("*.png")) for folder in (train_set, run / "samples"))
    step = Image.open(fake[0]).width + 2
    page = Image.new("RGB", (17 * step, 8 * step), "white")
    for left, files in ((0, [real[i * len(real) // 64] for i in range(64)]), (9 * step, fake[:64])):
        for i, picture in enumerate(Image.open(file).convert("RGBA") for file in files):
            page.paste(picture, (left + i % 8 * step, i // 8 * step), picture)
    file.parent.mkdir(exist_ok=True)
    page.save(file, optimize=True)


def judge(run: Path, train_set: Path, held: Path, scorer: Path | None, count: int) -> dict[str, float]:
    """The figures of a run: the scorer's, or our own where there is none."""
    if scorer:
        command = [sys.executable, scorer, train_set, run / "samples", "--held-out", held, "--json"]
        answer = json.loads(subprocess.run([*map(str, command)], check=True, stdout=subprocess.PIPE, text=True).stdout)
        return {label: answer[name] for name, label in SCORES.items()}
    chonk("score", run, "--pictures", train_set, "--out", run, "--count", count)
    answer = json.loads((run / "score.json").read_text())
    figures = {name: answer["figures"][name]["value"] for name in VERDICT}
    return figures | {"largest step": answer["smoothness"]["largest"]}


def table(rows: dict[tuple[str, str], list[tuple[float, dict[str, float]]]]) -> str:
    """Markdown: one row a set and recipe, the median over seeds and, of several, the lowest and highest."""

    def cell(values: list[float]) -> str:
        return f"{statistics.median(values):.3g}" + (
            f" ({min(values):.3g}-{max(values):.3g})" if len(values) > 1 else ""
        )

    names = list(next(iter(rows.values()))[0][1])
    lines = ["| set | recipe | seeds | CPU-seconds | " + " | ".join(names) + " |", "|---" * (len(names) + 4) + "|"]
    for (name, recipe), results in rows.items():
        cells = [cell([figures[label] for _, figures in results]) for label in names]
        lines.append(
            f"| {name} | {recipe} | {len(results)} | {statistics.median(s for s, _ in results):.0f} | "
            + " | ".join(cells)
            + " |"
        )
    return "\n".join(lines) + "\n"


def links(sheets: list[Path], file: Path) -> str:
    """Markdown links to the sheets, which are put into `pictures/` beside the file."""
    said = []
    for sheet in sheets:
        target = file.parent / "pictures" / f"results-{sheet.stem}.webp"
        target.parent.mkdir(exist_ok=True)
        Image.open(sheet).save(target, quality=85, method=6)
        said.append(f"[{sheet.stem}](pictures/{target.name})")
    return f"64 pictures of each set beside 64 results, unpicked: {', '.join(said)}.\n"


def put(text: str, file: Path) -> None:
    """The text between MARKS of a file."""
    before, begin, rest = file.read_text().partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not end:
        raise SystemExit(f"{file}: lacks the lines {' and '.join(MARKS)}")
    file.write_text(f"{before}{begin}\n\n{text.rstrip()}\n\n{end}{after}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", metavar="NAME=SOURCE:COUNT", help="default: character")
    parser.add_argument(
        "--recipe", action="append", metavar="OBJECTIVE or NAME=ARGUMENTS", help=f"default: {', '.join(RECIPES)}"
    )
    parser.add_argument("--minutes", type=float, default=20.0, help="of CPU time, each")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/recipes"))
    parser.add_argument("--write", type=Path, metavar="FILE", help="a Markdown file that is to have the table")
    args = parser.parse_args()
    recipes = {
        name: shlex.split(words) if words else ["--objective", name]
        for name, _, words in (item.partition("=") for item in args.recipe or RECIPES)
    }
    sets = {
        name: prepare(name, source, args.out, args.size)
        for name, _, source in (item.partition("=") for item in args.set or ["character"])
    }
    jobs = list(product(sets, recipes, range(args.seeds)))

    def folder(job: tuple[str, str, int]) -> Path:
        return args.out / "runs" / "-".join(map(str, job)).replace(" ", "-")

    def one(job: tuple[str, str, int]) -> float:
        name, recipe, seed = job
        return train(recipes[recipe], sets[name][0], folder(job), args.minutes, seed, args.count)

    with ThreadPoolExecutor(cpu_count()) as pool:
        seconds = list(pool.map(one, jobs))
    rows: dict[tuple[str, str], list] = {}
    sheets = []
    for job, spent in zip(jobs, seconds):
        rows.setdefault(job[:2], []).append((spent, judge(folder(job), *sets[job[0]], args.scorer, args.count)))
        if job[2] == 0:
            sheets.append(args.out / "sheets" / f"{folder(job).name.removesuffix('-0')}.png")
            sheet(sets[job[0]][0], folder(job), sheets[-1])
    text = table(rows)
    (args.out / "table.md").write_text(text)
    print(text)
    if args.write:
        # Without where things lie on this machine.
        words = [Path(word).name if word.startswith(("/", "..")) else word for word in sys.argv[1:]]
        words = [re.sub(r"=\S*/", "=", word) for word in words]
        put(f"    python benchmarks/recipes.py {shlex.join(words)}\n\n{text}\n{links(sheets, args.write)}", args.write)


if __name__ == "__main__":
    main()

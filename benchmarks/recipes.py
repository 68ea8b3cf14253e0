"""Compares recipes at equal time: trains each on each set with each seed, judges the results, prints a table, keeps sheets.

    python benchmarks/recipes.py --minutes 20 --seeds 3 --set cats=FOLDER --set emoji=FOLDER --out out/recipes

Without --set: the built-in character.  A quarter of every set (100 at most) is held out.  Every training runs on one thread, as
many at once as there are cores; the CPU-seconds that it got stand in the table.  A finished training is not repeated: give
the same command again to go on.  With --scorer FILE an independent scorer of the form `FILE REAL FAKE --held-out HELD --json`
judges too.  The table is printed and written to OUT/table.md, ready for docs/log.md.
"""
from __future__ import annotations

import argparse
import json
import random
import shutil
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from os import cpu_count
from pathlib import Path

RECIPES = {
    "chonk": ["--objective", "chonk"],
    "chonk without patchwork": ["--objective", "chonk", "--set", "patchwork=0"],
    "began": ["--objective", "began"],
    "ebgan": ["--objective", "ebgan"],
    "wgan": ["--objective", "wgan"],
}
"""What is compared, as `chonk train` is told it."""
SCORES = {"high.frechet": "high Fréchet", "mid.frechet": "mid Fréchet", "high.precision": "precision", "high.recall": "recall",
          "high.coverage": "coverage", "copies": "copies", "spread": "spread", "self_duplicates": "self-dup."}


def chonk(*words: object) -> None:
    """One command of chonk in a process of its own; its words go to ours."""
    subprocess.run([sys.executable, "-m", "chonk", *map(str, words)], check=True, stdout=sys.stderr)


def prepare(name: str, source: Path | None, out: Path, size: int) -> tuple[Path, Path]:
    """OUT/sets/NAME/train and held: the set gathered and parted, always in the same way."""
    parts = [out / "sets" / name / part for part in ("train", "held")]
    if not all(part.is_dir() for part in parts):
        whole = out / "sets" / name / "all"
        chonk("gather", *([source] if source else ["--character", 500]), "--out", whole, "--size", size)
        files = sorted(whole.glob("*.png"))
        random.Random(0).shuffle(files)
        held = min(100, len(files) // 4)
        for part, chosen in zip(parts, (files[held:], files[:held])):
            part.mkdir(parents=True)
            for file in chosen:
                shutil.copy(file, part)
    return parts[0], parts[1]


def train(recipe: str, pictures: Path, run: Path, minutes: float, seed: int, count: int) -> float:
    """A finished run with `count` samples in RUN/samples; returns the CPU-seconds that its training took."""
    note = run / "cpu_seconds.json"
    if not note.is_file():
        command = [sys.executable, "-c", TIMED, "train", pictures, "--out", run, "--minutes", minutes, "--seed", seed, "--threads", 1, *RECIPES[recipe]]
        spent = subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        chonk("draw", run, "samples", "--count", count, "--out", run / "samples")
        chonk("draw", run, "grid", "--rows", 8, "--columns", 8, "--out", run / "sheet.png")
        note.write_text(spent)
    return float(note.read_text())


TIMED = """
import resource, sys
from chonk.cli import main
try: main()
except SystemExit as end:
    if end.code: raise
used = resource.getrusage(resource.RUSAGE_SELF)
print(used.ru_utime + used.ru_stime)
"""


def judge(run: Path, train_set: Path, held: Path, scorer: Path | None) -> dict[str, float]:
    """The figures of a run: the scorer's, or our own where there is none."""
    if scorer:
        command = [sys.executable, scorer, train_set, run / "samples", "--held-out", held, "--json"]
        answer = json.loads(subprocess.run([*map(str, command)], check=True, capture_output=True, text=True).stdout)
        return {label: answer[name] for name, label in SCORES.items()}
    chonk("score", run, "--pictures", train_set, "--out", run)
    figures = json.loads((run / "score.json").read_text())["figures"]
    return {name: figure["value"] for name, figure in figures.items() if isinstance(figure.get("value"), (int, float))}


def table(rows: dict[tuple[str, str], list[tuple[float, dict[str, float]]]]) -> str:
    """Markdown: one row a set and recipe, the median over seeds."""
    names = list(next(iter(rows.values()))[0][1])
    lines = ["| set | recipe | seeds | CPU-seconds | " + " | ".join(names) + " |", "|---" * (len(names) + 4) + "|"]
    for (name, recipe), results in rows.items():
        medians = [statistics.median(figures[label] for _, figures in results) for label in names]
        lines.append(f"| {name} | {recipe} | {len(results)} | {statistics.median(s for s, _ in results):.0f} | "
                     + " | ".join(f"{value:.3g}" for value in medians) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=FOLDER")
    parser.add_argument("--recipe", action="append", choices=list(RECIPES), help="default: all of them")
    parser.add_argument("--minutes", type=float, default=20.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--scorer", type=Path)
    parser.add_argument("--out", type=Path, default=Path("out/recipes"))
    args = parser.parse_args()
    named = {name: Path(folder) for name, _, folder in (item.partition("=") for item in args.set)} or {"character": None}
    sets = {name: prepare(name, source, args.out, args.size) for name, source in named.items()}
    jobs = list(product(sets, args.recipe or RECIPES, range(args.seeds)))

    def one(job: tuple[str, str, int]) -> float:
        name, recipe, seed = job
        return train(recipe, sets[name][0], folder(job), args.minutes, seed, args.count)

    def folder(job: tuple[str, str, int]) -> Path:
        return args.out / "runs" / "-".join(map(str, job)).replace(" ", "-")

    with ThreadPoolExecutor(cpu_count()) as pool:
        seconds = list(pool.map(one, jobs))
    rows: dict[tuple[str, str], list] = {}
    for job, spent in zip(jobs, seconds):
        rows.setdefault(job[:2], []).append((spent, judge(folder(job), *sets[job[0]], args.scorer)))
    text = table(rows)
    (args.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

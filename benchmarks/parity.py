"""Is what was trained in bfloat16 any worse?  The same trainings in both precisions, counted in pictures, judged by our
own verdict.

    python benchmarks/parity.py --kimg 8 --seeds 3 --out out/parity
    python benchmarks/parity.py --kimg 100 --device cuda            the same on a GPU, where more pictures can be
    afforded

One after the other, on one thread, on the built-in character; a finished training is not repeated.  Prints each
figure's median (lowest to highest) for both, and the difference of the means in units of its own standard error over
the seeds: up to about 3 is noise, with three seeds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from math import sqrt
from pathlib import Path
from statistics import mean, variance

from recipes import judge, prepare, table

IN_PRECISION = """
import sys, time, torch
from chonk.cli import main
from chonk.learn import train
from chonk.learn.speed import Speed
device, precision = sys.argv.pop(), sys.argv.pop()
if device == "cuda": torch.backends.cudnn.allow_tf32 = False
speed = Speed(device, 1, precision == "bf16", graphs=device == "cuda")
train.choose = lambda *_, **__: speed
try: main()
except SystemExit as end:
    if end.code: raise
print(time.process_time())
"""
PRECISIONS = ("fp32", "bf16")


def train(pictures: Path, run: Path, words: list[object]) -> float:
    """A finished run; returns the CPU-seconds that it took."""
    note = run / "cpu_seconds"
    if not note.is_file():
        command = [sys.executable, "-c", IN_PRECISION, "train", pictures, "--out", run, *words]
        said = subprocess.run(
            [*map(str, command)],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        ).stdout
        note.write_text(said.splitlines()[-1])
    return float(note.read_text())


def differences(fp32: list[dict], bf16: list[dict]) -> str:
    """Markdown: bf16 less fp32, figure by figure."""
    lines = ["| | bf16 - fp32 | in standard errors |", "|---|---|---|"]
    for name in fp32[0]:
        one, other = ([figures[name] for figures in results] for results in (fp32, bf16))
        error = sqrt(variance(one) / len(one) + variance(other) / len(other))
        lines.append(
            f"| {name} | {mean(other) - mean(one):+.3g} | {(mean(other) - mean(one)) / error if error else 0:+.1f} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objective", default="began")
    parser.add_argument("--kimg", type=float, default=8.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--out", type=Path, default=Path("out/parity"))
    args = parser.parse_args()
    pictures, held = prepare("character", "", args.out, 64)
    rows: dict[tuple[str, str], list] = {}
    for seed in range(args.seeds):
        for precision in PRECISIONS:
            run = args.out / "runs" / f"{args.objective}-{precision}-{seed}"
            spent = train(
                pictures,
                run,
                ["--objective", args.objective, "--kimg", args.kimg, "--seed", seed, precision, args.device],
            )
            rows.setdefault((args.objective, precision), []).append((spent, judge(run, pictures, held, None)))
    results = [[figures for _, figures in rows[args.objective, precision]] for precision in PRECISIONS]
    text = table(rows) + (f"\n{differences(*results)}\n" if args.seeds > 1 else "")
    (args.out / "table.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()

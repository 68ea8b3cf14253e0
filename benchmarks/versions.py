"""Is a training step as fast as it was?  Two checkouts of chonk take turns, each in a process of its own.

    git clone . ../before && git -C ../before checkout REVISION
    python benchmarks/versions.py ../before --step mosaic=chonk --step ebgan --step "began n=32"

`--step NAME` is one of contenders.py in both, `--step NAME=OLD` where it was called otherwise.  Each process has one
thread; work is set against CPU time, and what counts is the ratio of neighbouring turns, so that a machine that others
use takes from both alike."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[1]
WORK = """
import sys, time
sys.path.insert(0, "benchmarks")
import torch
from chonk.learn.speed import keep_memory
from contenders import CONTENDERS, begin
torch.set_num_threads(1)
keep_memory()
contender = CONTENDERS[sys.argv[1]]
step, steps = begin(contender)[0], 2 * contender.round
for _ in range(steps):
    step()
print("ready", flush=True)
for _ in sys.stdin:
    began = time.process_time()
    for _ in range(steps):
        step()
    print((time.process_time() - began) / steps, flush=True)
"""


class Checkout:
    """A process that takes a step of a checkout's when it is asked."""

    def __init__(self, folder: Path, step: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORK, step],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(folder / "src"), "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._line() != "ready":
            raise SystemExit(f"{folder}: cannot take the step {step!r}")

    def __call__(self) -> float:
        """CPU-seconds of a step."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        return self.process.stdout.readline().strip()

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", type=Path, help="the other checkout")
    parser.add_argument("--step", action="append", required=True, metavar="NAME or NAME=OLD")
    parser.add_argument("--rounds", type=int, default=9)
    args = parser.parse_args()
    print("| step | before, CPU-ms | now, CPU-ms | before / now, median | quartiles |\n|---|---|---|---|---|")
    for item in args.step:
        # A name may hold an equals sign itself ("began n=32"), so OLD is what follows one only where both are names.
        now, _, old = item.partition("=") if " " not in item else (item, "", "")
        before, after = Checkout(args.before.resolve(), old or now), Checkout(HERE, now)
        times = []
        for number in range(args.rounds):  # whoever is first in one round is second in the next
            pair = [before(), after()] if number % 2 else [after(), before()][::-1]
            times.append(pair)
        before.close(), after.close()
        ratios = sorted(was / now_is for was, now_is in times)
        quarter = len(ratios) // 4
        print(
            f"| {now} | {1000 * median(was for was, _ in times):.1f} | {1000 * median(is_ for _, is_ in times):.1f} | "
            f"{median(ratios):.3f} | {ratios[quarter]:.3f}, {ratios[-1 - quarter]:.3f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

"""How long it takes from the command to the first training step, and to the help.

    chonk gather --character 500 --out pictures
    python benchmarks/start.py pictures --rounds 5 [--python OTHER/bin/python]     the other one's chonk, in turns with
    this one's

Each in a process of its own on one thread; medians of CPU-seconds (user and system) and of seconds.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

OBJECTIVES = ("began", "ebgan", "wgan", "chonk")
UNTIL_THE_FIRST_STEP = """
import os
from chonk.cli import main
from chonk.learn.train import Training
step = Training.step
def first(self, progress):
    step(self, progress)
    os._exit(0)
Training.step = first
main()
"""


def measure(words: list[object]) -> tuple[float, float]:
    """CPU-seconds and seconds of a process."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([*map(str, words)], check=True, capture_output=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    after, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - started
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--objective", nargs="+", choices=OBJECTIVES, default=OBJECTIVES)
    parser.add_argument("--python", nargs="*", default=[])
    args = parser.parse_args()
    times: dict[tuple[str, str], list] = {}
    for _ in range(args.rounds):
        for python in (sys.executable, *args.python):
            times.setdefault(("chonk --help", python), []).append(measure([python, "-m", "chonk", "--help"]))
            for objective in args.objective:
                with tempfile.TemporaryDirectory() as folder:
                    words = [
                        "train",
                        args.pictures,
                        "--out",
                        Path(folder) / "run",
                        "--objective",
                        objective,
                        "--threads",
                        1,
                    ]
                    times.setdefault((f"first step of {objective}", python), []).append(
                        measure([python, "-c", UNTIL_THE_FIRST_STEP, *words])
                    )
    print(f"| median of {args.rounds} | | CPU-s | s |\n|---|---|---|---|")
    for (what, python), pairs in sorted(times.items()):
        cpu, wall = (median(pair[i] for pair in pairs) for i in (0, 1))
        print(f"| {what} | {'' if python == sys.executable else python} | {cpu:.2f} | {wall:.2f} |")


if __name__ == "__main__":
    main()

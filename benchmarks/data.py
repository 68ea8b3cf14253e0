"""What a set of pictures costs as it grows: time to load, memory, and a batch's share of a step.

    python benchmarks/data.py --counts 100 1000 10000 100000 --size 64

One drawing, linked under as many names as are wanted, stands for the set: reading is what costs, not what there is to
see.  Each count is measured in a process of its own.  "Kept" is resident memory after 200 batches of 16, less what
there was before the set was loaded.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import torch
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.learn.augment import AugmentSettings, augment
from chonk.learn.sampler import order

LINKS = 50_000
"""File systems allow about 65,000 names of one file."""


def resident() -> float:
    """MB of this process that lie in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def cpu(work) -> tuple[float, object]:
    """CPU-seconds, and what the work returns."""
    started = time.process_time()
    result = work()
    return time.process_time() - started, result


def measure(count: int, size: int, batch: int = 16, batches: int = 200) -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        y, x = np.mgrid[:size, :size]
        pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 4), np.uint8)[y * 8 // size, x * 8 // size]
        for i in range(count):
            if i % LINKS == 0:
                Image.fromarray(pixels).save(source := folder / f"{i:07d}.png")
            else:
                os.link(source, folder / f"{i:07d}.png")
        before = resident()
        first, pictures = cpu(lambda: PictureSet.load(folder))
        again, pictures = cpu(lambda: PictureSet.load(folder))

        def shown() -> None:
            for step in range(batches):
                augment(pictures.normalized(order(0, step * batch, batch, count)), AugmentSettings())

        spent, _ = cpu(shown)
        return {
            "count": count,
            "load": first,
            "load_again": again,
            "kept": resident() - before,
            "batch": spent / batches,
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--counts", type=int, nargs="+", default=[100, 1000, 10_000, 100_000])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--alone", type=int, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.alone:
        torch.set_num_threads(1)
        print(json.dumps(measure(args.alone, args.size)))
        return
    print(
        f"| pictures of {args.size} px | first load, CPU-s | next load, CPU-s | kept, MB | batch of 16, varied, CPU-ms "
        f"|\n|---|---|---|---|---|"
    )
    for count in args.counts:
        out = subprocess.run(
            [sys.executable, __file__, "--alone", str(count), "--size", str(args.size)],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        row = json.loads(out.splitlines()[-1])
        print(
            f"| {count:,} | {row['load']:.2f} | {row['load_again']:.2f} | {row['kept']:.0f} | "
            f"{1000 * row['batch']:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()

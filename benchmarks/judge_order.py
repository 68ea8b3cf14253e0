"""Does the verdict put planted faults in the same order as an independent scorer?

    chonk gather ../shared/data/revoycats --out /tmp/cats
    python benchmarks/judge_order.py /tmp/cats --scorer ../shared/eval/score.py

A third of the pictures are trained on, a third are held out, and a third are spoiled in every known way.  Both judges
compare what comes out with the held-out third.  Printed: every figure of both, and Spearman's rank correlation over the
faults for each measure, with the scorer's features of what is shown (high) and of line and texture (mid).
"""
from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from chonk.judge import halves
from chonk.judge.features import features
from chonk.judge.planted import faults
from chonk.pictures.dataset import PictureSet

NAMES = ("frechet", "kid", "precision", "density", "recall", "coverage")


def thirds(pixels: torch.Tensor) -> list[torch.Tensor]:
    """Trained on, held out, fresh; colours on white only, as the other scorer sees them."""
    order, count = np.random.default_rng(0).permutation(len(pixels)), len(pixels) // 3
    return [pixels[torch.from_numpy(order[i * count:(i + 1) * count]), :3] for i in range(3)]


def put(pixels: torch.Tensor, folder: Path) -> Path:
    folder.mkdir()
    for i, picture in enumerate(pixels.permute(0, 2, 3, 1).numpy()):
        Image.fromarray(picture).save(folder / f"{i:04d}.png")
    return folder


def ranks(values: list[float]) -> np.ndarray:
    """Ranks, equal values sharing their mean rank."""
    values = np.asarray(values)
    return np.array([((values < v).sum() + (values <= v).sum()) / 2 for v in values])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--scorer", type=Path, required=True)
    args = parser.parse_args()
    training, held_out, fresh = thirds(PictureSet.load(args.pictures).pixels)
    ours, theirs = {}, {}
    with tempfile.TemporaryDirectory() as place:
        train, held = put(training, Path(place, "train")), put(held_out, Path(place, "held"))
        reference = features(held_out)
        for number, (name, make) in enumerate(faults(fresh, training).items()):
            pixels = make()
            seen = halves.ruler(reference, features(pixels))
            ours[name] = {measure: halves.MEASURES[measure].function(*seen) for measure in NAMES}
            asked = subprocess.run([sys.executable, args.scorer, train, put(pixels, Path(place, f"fault{number}")), "--held-out", held, "--json",
                                    "--size", str(pixels.shape[-1])], check=True, capture_output=True, text=True)
            theirs[name] = json.loads(asked.stdout)
    print(f"{'':16}" + "".join(f"{name:>20}" for name in NAMES) + "      (ours, theirs high)")
    for name in sorted(theirs, key=lambda name: theirs[name]["high.frechet"]):
        print(f"{name:16}" + "".join(f"{ours[name][m]:11.2f} {theirs[name][f'high.{m}']:8.2f}" for m in NAMES))
    for level in ("high", "mid"):
        print(f"rank, {level:10}" + "".join(
            f"{np.corrcoef(ranks([ours[n][m] for n in ours]), ranks([theirs[n][f'{level}.{m}'] for n in ours]))[0, 1]:20.2f}" for m in NAMES))


if __name__ == "__main__":
    main()

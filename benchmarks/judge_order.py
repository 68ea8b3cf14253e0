"""Does the verdict put results in the same order as an independent scorer?

    chonk gather ../shared/data/revoycats --out /tmp/cats
    python benchmarks/judge_order.py /tmp/cats --scorer ../shared/eval/score.py --work /tmp/order

A third of the pictures are trained on, a third are held out, and a third are spoiled in every known way and at several
strengths.  Both judges compare what comes out with the held-out third.  Real runs are judged too: train on WORK/train
and draw into WORK/results/NAME, then give the same command again.  Printed: every figure of both, and Spearman's rank
correlation for each measure, with the scorer's features of what is shown (high) and of line and texture (mid); and
that of our gauges, as `chonk score` gives them from the training pictures alone, with the scorer's Fréchet distance
(good) and with the mean of its recall and coverage (varied).
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.judge import halves, planted
from chonk.judge.features import features
from chonk.judge.verdict import Judge

NAMES = ("frechet", "kid", "precision", "density", "recall", "coverage")


def thirds(pixels: torch.Tensor) -> list[torch.Tensor]:
    """Trained on, held out, fresh; colours on white only, as the other scorer sees them."""
    order, count = np.random.default_rng(0).permutation(len(pixels)), len(pixels) // 3
    return [pixels[torch.from_numpy(order[i * count : (i + 1) * count]), :3] for i in range(3)]


def spoiled(fresh: torch.Tensor, training: torch.Tensor) -> dict[str, torch.Tensor]:
    """Every planted fault, some at further strengths, and mixtures."""
    rng, half = np.random.default_rng(1), len(fresh) // 2
    made = {name: make() for name, make in planted.faults(fresh, training).items()}
    made |= {f"blur {sigma}": planted.blurred(fresh, sigma) for sigma in (0.4, 1.0, 2.5)}
    made |= {f"warped {strength}": planted.warped(fresh, rng, strength) for strength in (1.2, 4.0)}
    made |= {f"repeated {kinds}": planted.repeated(fresh, kinds) for kinds in (4, 30)}
    soft = planted.ghosts(planted.blurred(fresh, 0.7), rng)
    return made | {
        "soft ghosts": soft,
        "half ghosts": torch.cat([made["ghosts"][:half], fresh[half:]]),
        "half copies": torch.cat([training[:half], fresh[half:]]),
        "soft and few": planted.repeated(planted.blurred(fresh, 0.7), 30),
        "bent and torn": planted.warped(made["swapped halves"], rng),
    }


def put(pixels: torch.Tensor, folder: Path) -> Path:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        for i, picture in enumerate(pixels.permute(0, 2, 3, 1).numpy()):
            Image.fromarray(picture).save(folder / f"{i:04d}.png")
    return folder


def ranks(values: list[float]) -> np.ndarray:
    """Ranks, equal values sharing their mean rank."""
    values = np.asarray(values)
    return np.array([((values < v).sum() + (values <= v).sum()) / 2 for v in values])


def correlation(a: list[float], b: list[float]) -> float:
    """Spearman's."""
    return float(np.corrcoef(ranks(a), ranks(b))[0, 1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--scorer", type=Path, required=True)
    parser.add_argument(
        "--work",
        type=Path,
        required=True,
        help="where pictures and the scorer's answers are kept; results/* in it are judged too",
    )
    args = parser.parse_args()
    training, held_out, fresh = thirds(PictureSet.load(args.pictures).pixels)
    train, held = put(training, args.work / "train"), put(held_out, args.work / "held")
    judged = spoiled(fresh, training)
    judged |= {folder.name: PictureSet.load(folder).pixels[:, :3] for folder in sorted(args.work.glob("results/*"))}
    reference, judge = features(held_out), Judge(training)
    ours, theirs = {}, {}
    for name, pixels in judged.items():
        count = min(len(pixels), len(held_out))
        seen = halves.ruler(reference, features(pixels[:count]))
        ours[name] = {measure: halves.MEASURES[measure].function(*seen) for measure in NAMES}
        ours[name] |= {gauge: value.value for gauge, value in judge(pixels).words.gauges.items()}
        answer = args.work / "scorer" / f"{name}.json"
        if not answer.is_file():
            folder = put(pixels[:count], args.work / "planted" / name)
            asked = subprocess.run(
                [
                    sys.executable,
                    args.scorer,
                    train,
                    folder,
                    "--held-out",
                    held,
                    "--json",
                    "--size",
                    str(pixels.shape[-1]),
                ],
                check=True,
                capture_output=True,
                text=True,
            )
            answer.parent.mkdir(exist_ok=True)
            answer.write_text(asked.stdout)
        theirs[name] = json.loads(answer.read_text())
    print(f"{'':16}" + "".join(f"{name:>20}" for name in NAMES) + "  good varied  new      (ours, theirs high)")
    for name in sorted(theirs, key=lambda name: theirs[name]["high.frechet"]):
        print(
            f"{name:16}"
            + "".join(f"{ours[name][m]:11.2f} {theirs[name][f'high.{m}']:8.2f}" for m in NAMES)
            + "".join(f"{ours[name][gauge]:6.2f}" for gauge in ("good", "varied", "new"))
        )
    for level in ("high", "mid"):
        print(
            f"rank, {level:10}"
            + "".join(
                f"{correlation([ours[n][m] for n in ours], [theirs[n][f'{level}.{m}'] for n in ours]):20.2f}"
                for m in NAMES
            )
        )
        good = correlation([-ours[n]["good"] for n in ours], [theirs[n][f"{level}.frechet"] for n in ours])
        varied = correlation(
            [ours[n]["varied"] for n in ours],
            [theirs[n][f"{level}.recall"] + theirs[n][f"{level}.coverage"] for n in ours],
        )
        print(f"gauges, {level:8}good {good:.2f}, varied {varied:.2f}")


if __name__ == "__main__":
    main()

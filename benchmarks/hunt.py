"""Does Sticker Hunt find what is there, and nothing else?  On views of a camera that it was not trained with
(`hunt_camera.py`).

    python benchmarks/hunt.py character --stickers 10 30 100
    python benchmarks/hunt.py ../shared/data/revoycats RUN --stickers 30 --views 60 --rows all "size 0.2"

SET is "character" for the built-in one, a folder of pictures, or a run (then its generated pictures are hidden).
Needs pip install scikit-image scikit-learn matplotlib for the photographs behind.  Prints, and keeps in --out as JSON:

  found    share of steady views of 2 s in which the asked sticker was found
  seconds  until then, the median
  wrong    share in which another one, asked for at random, would have been found
  first    share of single looks in which no other sticker is likelier than the right one
  none     finds of an asked sticker in five minutes of looking around where it is not
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

sys.path.insert(0, str(Path(__file__).parent))
import hunt_camera as camera

from chonk.dataset.different import different
from chonk.hidden import OTHERS
from chonk.hunt.looks import Evidence, look
from chonk.hunt.train import camera_of, evidence_limit, steps_for, train
from chonk.nets.recognizer import Recognizer

SECONDS, INTERVAL = 2.0, 0.2
"""A steady view, and the time between two looks: half as many as the page manages."""
MOMENTS = 3
"""Places of the hand in each view; noise and compression differ in every look."""
CONDITIONS = {
    "all": {},
    "size 0.12": {"size": 0.12},
    "size 0.2": {"size": 0.2},
    "size 0.35": {"size": 0.35},
    "size 0.6": {"size": 0.6},
    "size 0.9": {"size": 0.9},
    "tilt 30": {"tilt": 30.0},
    "tilt 45": {"tilt": 45.0},
    "tilt 60": {"tilt": 60.0},
    "turned 45": {"roll": 45.0},
    "turned 90": {"roll": 90.0},
    "turned 180": {"roll": 180.0},
    "dim": {"light": 0.25, "noise": 0.02},
    "warm": {"warmth": 0.35},
    "glare": {"gloss": 0.9, "lamp": (0.1, -0.2, -1.6)},
    "shadow": {"shadow": 0.8},
    "screen": {"screen": True},
    "mug": {"mug": True},
    "a quarter covered": {"cover": 0.25},
    "blur 2": {"blur": 2.0},
    "blur 4": {"blur": 4.0},
    "shaken": {"shake": 4.0},
}
"""What is fixed in each row; everything else is at random as in the first."""


def pictures_of(name: str) -> list[Image.Image]:
    if name == "character":
        from chonk.synthetic.mascot.factors import truths
        from chonk.synthetic.mascot.figure import draw

        return [draw(truth, 128) for truth in truths(400, 0)]
    folder = Path(name)
    files = sorted(folder.glob("*.png"))
    if files:
        return [Image.open(file).convert("RGBA") for file in files]
    from chonk.model import load

    return list(load(folder).sample(400, 1))


def steady(net, enough: float, stickers, photos, fixed: dict, views: int, seed: int) -> dict[str, float]:
    found, wrong, first = [], [], []
    for view in range(views):
        number = seed * 100_003 + view
        which = np.random.default_rng(number).integers(len(stickers))
        scene = camera.random_scene(number, **fixed)
        if "size" in fixed and fixed["size"] > 0.6:
            scene = replace(scene, x=0.0, y=0.0)
        lights = [camera.exposed(scene, stickers[which], photos[number % len(photos)], n) for n in range(MOMENTS)]
        evidence, values = Evidence(len(stickers)), []
        for moment in range(round(SECONDS / INTERVAL)):
            frame = camera.sensed(lights[moment % MOMENTS], scene, moment)
            seen, _ = look(net, Image.fromarray(frame))
            first.append(int(seen[:, 1:].max(0).argmax()) == which)
            values.append(evidence.add(seen, INTERVAL).copy())
        hits = np.array(values) >= enough
        found.append((hits[:, which].argmax() + 1) * INTERVAL if hits[:, which].any() else np.inf)
        wrong.append(np.delete(hits.any(0), which).mean())
    return {
        "found": float(np.isfinite(found).mean()),
        "seconds": float(np.median(found)),
        "wrong": float(np.mean(wrong)),
        "first": float(np.mean(first)),
        "views": views,
    }


def around(net, enough: float, photos, minutes: float, seed: int) -> float:
    """Finds in five minutes of looking around, the mean over all stickers that might be asked."""
    evidence, finds = Evidence(net.stickers), 0.0
    for moment in range(int(60 * minutes / INTERVAL)):
        if moment % 5 == 0:  # every second the camera looks somewhere else
            number = seed * 1_000 + moment // 5
            scene = camera.random_scene(number)
            light = camera.exposed(scene, None, photos[number % len(photos)], 0)
        seen, _ = look(net, Image.fromarray(camera.sensed(light, scene, moment)))
        hits = evidence.add(seen, INTERVAL) >= enough
        finds += hits.mean()
        evidence.values[hits] = 0
    return finds * 5 / minutes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--stickers", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--views", type=int, default=24, help="per row; five times as many in the first")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--rows", nargs="+", default=list(CONDITIONS))
    parser.add_argument("--nets", type=Path, help="folder in which trained recognizers are kept and looked for")
    parser.add_argument("--out", type=Path, default=Path("out/hunt.json"))
    args = parser.parse_args()
    torch.set_num_threads(1)
    photos, results = camera.photographs(), []
    for name in args.sets:
        candidates = pictures_of(name)
        for count in args.stickers:
            chosen = different(candidates, count)
            stickers = [
                np.asarray(candidates[i].convert("RGBA").resize((128, 128), Image.Resampling.LANCZOS)) for i in chosen
            ]
            start = time.process_time()
            rest = [i for i in range(len(candidates)) if i not in set(chosen)]
            others = [candidates[i] for i in rest[:: max(1, len(rest) // OTHERS)][:OTHERS]]
            maker = camera_of([candidates[i] for i in chosen], others)
            kept = args.nets and args.nets / f"{Path(name).name}-{len(chosen)}.safetensors"
            if kept and kept.is_file():
                net = Recognizer(len(chosen)).eval()
                net.load_state_dict(load_file(kept))
            else:
                net = train(maker, steps_for(maker.count))
            enough = evidence_limit(net, maker)
            seconds = time.process_time() - start
            if kept:
                kept.parent.mkdir(parents=True, exist_ok=True)
                save_file(net.state_dict(), kept)
            rows = {}
            for row in args.rows:
                views, seed = args.views if CONDITIONS[row] else 5 * args.views, list(CONDITIONS).index(row)
                rows[row] = steady(net, enough, stickers, photos, CONDITIONS[row], views, seed)
            none = around(net, enough, photos, args.minutes, 1)
            results.append(
                {"set": name, "stickers": len(chosen), "training, CPU-s": round(seconds), "enough": round(enough, 3)}
                | {"rows": rows, "none": none}
            )
            print(f"\n{name}, {len(chosen)} stickers, trained in {seconds:.0f} CPU-s, evidence {enough:.2f}; ", end="")
            print(f"none: {none:.3f}")
            for row, figures in rows.items():
                told = "  ".join(f"{key} {value:.3f}" for key, value in figures.items())
                print(f"  {row:20} {told}", flush=True)
            args.out.parent.mkdir(parents=True, exist_ok=True)
            args.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

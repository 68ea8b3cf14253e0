"""Does Sticker Hunt find what is there, and nothing else?  On views of a camera that it was not trained with
(`hunt_camera.py`).

    python benchmarks/hunt.py character --stickers 10 30 100
    python benchmarks/hunt.py ../shared/data/revoycats RUN --stickers 30 --views 60

SET is "character" for the built-in one, a folder of pictures, or a run (then its generated pictures are hidden).
Needs pip install scikit-image scikit-learn matplotlib for the photographs behind.  Prints, and keeps in --out as JSON:

  found    share of steady views of 2 s in which the asked sticker was found
  wrong    share in which another one, asked for at random, would have been found
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

sys.path.insert(0, str(Path(__file__).parent))
import hunt_camera as camera

from chonk.dataset.different import different
from chonk.hunt.looks import ENOUGH, Evidence, look
from chonk.hunt.train import train

SECONDS, INTERVAL = 2.0, 0.2
"""A steady view, and the time between two looks: half as many as the page manages."""
MOMENTS = 3
"""Places of the hand in each view; noise and compression differ in every look."""
CONDITIONS = {
    "all kinds": {},
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


def watch(net, frames) -> tuple[np.ndarray, float]:
    """The strongest evidence for every sticker over the frames, and the time a look takes."""
    evidence, best, start = Evidence(len(net.guess.weight) - 1), 0.0, time.process_time()
    for frame in frames:
        best = np.maximum(best, evidence.add(look(net, Image.fromarray(frame)), INTERVAL))
    return best, time.process_time() - start


def steady(net, stickers, photos, fixed: dict, views: int, seed: int, size: bool = False) -> dict[str, float]:
    found, wrong = [], []
    for view in range(views):
        number = seed * 100_003 + view
        which = np.random.default_rng(number).integers(len(stickers))
        scene = camera.random_scene(number, **fixed)
        if "size" in fixed and fixed["size"] > 0.6:
            scene = replace(scene, x=0.0, y=0.0)
        photo = photos[number % len(photos)]
        lights = [camera.exposed(scene, stickers[which], photo, moment) for moment in range(MOMENTS)]
        frames = (camera.sensed(lights[i % MOMENTS], scene, i) for i in range(round(SECONDS / INTERVAL)))
        best, _ = watch(net, frames)
        found.append(best[which] >= ENOUGH)
        wrong.append(np.delete(best >= ENOUGH, which).mean())
    return {"found": float(np.mean(found)), "wrong": float(np.mean(wrong)), "views": views}


def around(net, photos, minutes: float, strangers: list[np.ndarray], seed: int) -> float:
    """Finds in five minutes of looking around, the mean over all stickers that might be asked."""
    evidence, finds, looks = Evidence(len(net.guess.weight) - 1), 0.0, int(60 * minutes / INTERVAL)
    for moment in range(looks):
        if moment % 5 == 0:  # every second the camera looks somewhere else
            number = seed * 1_000 + moment // 5
            scene = camera.random_scene(number)
            stranger = strangers[number % len(strangers)] if strangers else None
            light = camera.exposed(scene, stranger, photos[number % len(photos)], 0)
        frame = camera.sensed(light, scene, moment)
        hits = evidence.add(look(net, Image.fromarray(frame)), INTERVAL) >= ENOUGH
        finds += hits.mean()
        evidence.values[hits] = 0
    return finds * 5 / minutes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--stickers", type=int, nargs="+", default=[10, 30, 100])
    parser.add_argument("--views", type=int, default=40, help="per row; four times as many in the first")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--rows", nargs="+", default=list(CONDITIONS))
    parser.add_argument("--out", type=Path, default=Path("out/hunt.json"))
    wish = parser.parse_args()
    torch.set_num_threads(1)
    photos, results = camera.photographs(), []
    for name in wish.sets:
        candidates = pictures_of(name)
        for count in wish.stickers:
            chosen = different(candidates, count)
            stickers = [
                np.asarray(candidates[i].convert("RGBA").resize((128, 128), Image.Resampling.LANCZOS)) for i in chosen
            ]
            start = time.process_time()
            net = train([candidates[i] for i in chosen], [])
            seconds = time.process_time() - start
            rows = {
                row: steady(net, stickers, photos, CONDITIONS[row], wish.views * (4 if not CONDITIONS[row] else 1), i)
                for i, row in enumerate(wish.rows)
            }
            none = around(net, photos, wish.minutes, [], 1)
            results.append(
                {"set": name, "stickers": len(chosen), "training, CPU-s": round(seconds), "rows": rows, "none": none}
            )
            print(f"\n{name}, {len(chosen)} stickers, trained in {seconds:.0f} CPU-s; none: {none:.3f}")
            for row, figures in rows.items():
                print(f"  {row:20} found {figures['found']:.3f}  wrong {figures['wrong']:.4f}", flush=True)
            wish.out.parent.mkdir(parents=True, exist_ok=True)
            wish.out.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()

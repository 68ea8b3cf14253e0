"""Does the trick that makes BEGAN's step quick change what it learns?  The package's step (one pass, bfloat16 where the
processor has it) and the textbook's (three passes, float32), from the same weights with the same pictures and latents:

    python benchmarks/curves.py PICTURES --kimg 20 --out out/curves

Writes curves.json, and curves.png with both curves of L(x), L(G(z)) and k_t in one picture."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn as nn
from contenders import PAPER
from PIL import Image, ImageDraw
from textbook import Began

from chonk.dataset.picture_set import PictureSet
from chonk.learn.objectives.began import Objective
from chonk.learn.run import objective_settings
from chonk.learn.speed import Speed, has_bf16

NAMES = ("L(x)", "L(G(z))", "k_t")
WIDTH, HEIGHT, MARGIN = 420, 260, 40
COLOURS = {"textbook": "#c0392b", "package": "#2c6fbb"}


def layers(net: nn.Module) -> Iterator[nn.Module]:
    """The layers with weights of the package's net or the textbook's, in the order in which they are used."""
    if hasattr(net, "down"):  # the package's discriminator
        yield from layers(net.first)
        for number, part in enumerate(net.encoder):
            if number:
                yield from layers(net.down[number - 1])
            yield from layers(part)
        yield net.code
        yield from layers(net.decoder)
    else:
        yield from (module for module in net.modules() if isinstance(module, (nn.Conv2d, nn.Linear)))


def compare(pictures: PictureSet, n: int, kimg: float, rate: float, gamma: float) -> dict[str, list[list[float]]]:
    """The curves of both, means of 25 steps of 16 pictures: name -> rows of L(x), L(G(z)), k_t."""
    torch.set_num_threads(1)
    wanted = (f"filters={n}", f"d_filters={n}", f"learning_rate={rate}", f"gamma={gamma}", "lambda_k=0.001", "k_max=1")
    ours = Objective(pictures, objective_settings("began", {}, (*PAPER, *wanted), 16), 0)
    theirs = Began(n, pictures.size, gamma, 0.001, rate)
    for net, other in ((ours.generator, theirs.g), (ours.discriminator, theirs.d)):
        for layer, twin in zip(layers(net), layers(other), strict=True):
            twin.load_state_dict(layer.state_dict())
    speed = Speed("cpu", 1, has_bf16("cpu"), True, False)
    speed.use(ours)
    rows: dict[str, list[list[float]]] = {"textbook": [], "package": []}
    for step in range(int(kimg * 1000 / 16)):
        index = torch.randint(len(pictures), (16,), generator=torch.Generator().manual_seed(step))
        real = pictures.normalized(index)
        torch.manual_seed(step)
        rows["textbook"].append(theirs.step(real))
        torch.manual_seed(step)
        with speed.precision():
            figures = ours.step(speed.to_device(real), index, 0.0)
        rows["package"].append([figures["loss_real"], figures["loss_fake"], figures["k"]])
    return {
        name: torch.tensor(values)[: len(values) // 25 * 25].view(-1, 25, 3).mean(1).tolist()
        for name, values in rows.items()
    }


def draw(curves: dict[str, list[list[float]]], file: Path) -> None:
    """A panel for each of the three, both curves in it."""
    picture = Image.new("RGB", (WIDTH * len(NAMES), HEIGHT), "white")
    pen = ImageDraw.Draw(picture)
    for panel, name in enumerate(NAMES):
        values = {who: [row[panel] for row in rows] for who, rows in curves.items()}
        top = max(map(max, values.values())) or 1.0
        left = panel * WIDTH + MARGIN
        pen.rectangle((left, MARGIN, left + WIDTH - 2 * MARGIN, HEIGHT - MARGIN), outline="#999999")
        pen.text((left, 12), f"{name}   0 to {top:.3g}", fill="black")
        for number, (who, ys) in enumerate(values.items()):
            x_step = (WIDTH - 2 * MARGIN) / max(1, len(ys) - 1)
            line = [(left + i * x_step, HEIGHT - MARGIN - y / top * (HEIGHT - 2 * MARGIN)) for i, y in enumerate(ys)]
            pen.line(line, fill=COLOURS[who], width=2)
            pen.text((left + 90 * number, HEIGHT - MARGIN + 8), who, fill=COLOURS[who])
    picture.save(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--kimg", type=float, default=20.0)
    parser.add_argument("--n", type=int, default=16)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--gamma", type=float, default=0.7)
    parser.add_argument("--out", type=Path, default=Path("out/curves"))
    given = parser.parse_args()
    loaded = PictureSet.load(given.pictures)
    pictures = PictureSet(loaded.pixels[:, :3].clone(), loaded.names)
    curves = compare(pictures, given.n, given.kimg, given.rate, given.gamma)
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "curves.json").write_text(json.dumps(curves))
    draw(curves, given.out / "curves.png")
    for who, rows in curves.items():
        print(who, "last:", ", ".join(f"{name} {value:.4f}" for name, value in zip(NAMES, rows[-1], strict=True)))


if __name__ == "__main__":
    main()

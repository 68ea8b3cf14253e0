"""What the tests of the page show: small models with random weights, in runs as trainings leave them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from chonk.draw.points import draw_points
from chonk.links import link_points, read_link
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.pixels import compose

SMALL = dict(filters=6, layers=1, sets=3, doubling=True, activation="leaky_relu", inject="latent")
EVIL = "<img src=x onerror=alert(1)></script><b>Cats</b>"
FRAMES = 24  # a film of four seconds
VIEWS = ("grid", "corners", "sum", "walk", "tune", "film", "finds", "about")


def lively(model: Model, seed: int = 0) -> Model:
    """Random weights large enough that the pictures use the whole range, and running averages that are nothing
    special."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in model.generator.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2, generator=generator)
        elif name.endswith(("carry", "fresh")):
            value.fill_(0.25 if name.endswith("carry") else 0.75)
        elif name.endswith("memory"):
            value.normal_(0, 1, generator=generator)  # features, not a layer's weights
        elif value.is_floating_point() and value.ndim > 1:
            value.normal_(0, 1.4 / value[0].numel() ** 0.5, generator=generator)
    return model


def small_run(folder: Path, channels: int = 3, title: str = "Cats", seed: int = 0) -> Model:
    """A run as training leaves it, in small: model, film, curves."""
    model = lively(
        Model.build(
            ModelConfig(
                "began",
                32,
                channels,
                16,
                options=SMALL,
                title=title,
                truncation=0.8,
                training={"objective": "began", "pictures": 300},
            )
        ),
        seed,
    )
    model.save(folder / "model")
    (folder / "film").mkdir()
    for i in range(FRAMES):
        Image.new("RGB", (128, 128), (10 * i, 40, 200)).save(folder / "film" / f"{i}.png")
    frames = [{"file": f"{i}.png", "kimg": i / 2} for i in range(FRAMES)]
    (folder / "film" / "film.json").write_text(json.dumps({"format": 1, "size": 32, "columns": 4, "frames": frames}))
    lines = [
        {"kimg": i / 10, "loss_real": 1 / (i + 1), "loss_fake": 0.5, "k": i / 20, "M": 2 / (i + 1)} for i in range(11)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"kimg": 1.1, "lo')
    return model


def wanted(model: Model, hash: str, directions=()) -> np.ndarray:
    """What PyTorch draws for a link, N x S x S x 3, on white."""
    link = read_link(hash)
    values = (
        model(model.latents(link.seed, 25, link.scale))
        if link.view == "grid"
        else draw_points(model, link_points(link), link.scale, directions)
    )
    return compose(values, (255, 255, 255)).astype(np.int16)

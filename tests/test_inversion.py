"""The way back from a picture to the latent that draws it: near at once where it is in memory, and never for long."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.inversion import closeness
from chonk.learn.memory_keys import components
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets.mosaic import COLOUR_DIM, GRID
from chonk.nets.pretrained import load_pretrained_nets
from chonk.synthetic.mascot import make_folder

GLOBAL, LOCAL, MEMORY, SIZE = 6, 4, 40, 32
DIM = GLOBAL + COLOUR_DIM + GRID**2 * LOCAL


def drawings(folder: Path) -> torch.Tensor:
    """The built-in character, MEMORY x 4 x SIZE x SIZE in [-1, 1]."""
    make_folder(MEMORY, 0, SIZE, folder)
    return PictureSet.load(folder).normalized(torch.arange(MEMORY))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> torch.Tensor:
    return drawings(tmp_path_factory.mktemp("character") / "pictures")


@pytest.fixture(scope="module")
def model(pictures) -> Model:
    """A mosaic with the drawings in its memory, with the decoder of the package."""
    torch.manual_seed(0)
    encoder, decoder, harmonizer = load_pretrained_nets()
    model = Model.build(ModelConfig("mosaic", SIZE, 4, DIM, options={"local_dim": LOCAL, "memory_size": MEMORY}))
    net = model.generator
    net.decoder, net.harmonizer = decoder, harmonizer
    features = encoder(pictures)
    whole, local = components(features.flatten(1), GLOBAL + LOCAL).split([GLOBAL, LOCAL], 1)
    net.fill_memory(features, whole, components(features.mean((2, 3)), COLOUR_DIM), local)
    net.eval().requires_grad_(False)
    return model


def test_what_is_in_memory_is_found_without_a_step(model, pictures):
    """The start alone is nearer to pictures in memory than any of 100 random ones."""
    random = torch.from_numpy(model.latents(3, 100))
    for picture in pictures[::10].split(1):
        near = model.generator.initial_latents(picture)
        assert near.shape[1] == DIM and near.isfinite().all()
        assert closeness(model, picture, near).min() < closeness(model, picture, random).min()


def test_the_closed_form_is_the_least_squares_solution(model, pictures):
    """`initial_latents` never makes the matrix of all logits; here it is made, and solved."""
    net, picture = model.generator, pictures[:1]
    encoder = load_pretrained_nets()[0]
    matrix = net.logits(torch.eye(DIM)).flatten(1).double()
    weights = torch.softmax(4 * net.similarity(encoder(picture)), 1)[0].flatten(1).double()
    wanted = (weights - weights.mean(0)).flatten()
    gram = matrix @ matrix.T
    z = torch.linalg.solve(gram + 0.01 * gram.diagonal().mean() * torch.eye(DIM), matrix @ wanted)
    found = net.initial_latents(picture)[0].double()
    assert torch.cosine_similarity(z, found, dim=0) > 0.9999


def test_steps_come_closer_and_the_same_ones_to_the_same_place(model):
    picture = model.draw(model.latents(5, 1))[0]
    start, found, again = (model.find(picture, steps=steps, seconds=300) for steps in (0, 10, 10))
    assert found.distance < start.distance and np.array_equal(found.z, again.z)


def test_it_ends_when_its_time_is_over(model):
    started = time.monotonic()
    found = model.invert(Image.new("RGB", (50, 20), "red"), steps=100_000, seconds=0.5)
    assert time.monotonic() - started < 30 and np.isfinite(found.distance) and found.z.shape == (DIM,)


@pytest.mark.parametrize("wrong", [{"starts": 0}, {"steps": -1}, {"seconds": float("nan")}, {"rate": "fast"}])
def test_settings_that_make_no_sense(model, wrong):
    with pytest.raises(UserError, match=f"{next(iter(wrong))} .*: must be"):
        model.invert(Image.new("RGB", (8, 8)), **wrong)

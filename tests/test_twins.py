"""The numbers that the page's tests compare with are this Python's own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn as nn
from PIL import Image

from chonk import latents
from chonk.finish import finish
from chonk.hunt import looks
from chonk.hunt.looks import SEARCH
from chonk.nets.mosaic import Generator
from chonk.nets.recognizer import Recognizer
from chonk.play import packed
from chonk.play.hunt import recognizer_file
from chonk.play.novelty import project
from chonk.play.training import small

FILE = Path(__file__).parent.parent / "web" / "tests" / "python.json"


def numbers() -> dict:
    seed, size = 123456789, 24
    index = np.arange(size * size * 4)
    picture = (
        ((index * 37 + (index >> 5)) % 256).astype(np.uint8).reshape(1, size, size, 4).transpose(0, 3, 1, 2)[:, :3]
    )
    cells = small(picture)
    return {
        "seed": seed,
        "uniforms": latents.uniforms(seed, 6, 3).tolist(),
        "normals": latents.normals(seed, 6, 2).tolist(),
        "normal_latent": latents.latents(seed, 1, 4, "normal", first=5)[0].tolist(),
        "uniform_latent": latents.latents(seed, 1, 4, "uniform", first=5)[0].tolist(),
        "pooled": [latents.pooled(of, index, 64) for of in (0, 7, seed, 2**32 - 1) for index in (0, 1, 2, 63)],
        "pool_latent": latents.latents(seed, 1, 4, first=2, pool=tuple(range(90, 94)))[0].tolist(),
        "cells": cells.reshape(-1)[::50].tolist(),
        "projection": project(cells)[0].tolist(),
        "attempts": [latents.resample(5, number) for number in range(latents.TRIES)],
        "change": change()[::37].tolist(),
        "finished": [finished(side, channels) for side, channels in ((64, 4), (128, 3))],
        "sight": sight(),
        "projected": latents.project([1, -0.5, 0.25], 5)[0].tolist(),
    }


def change() -> np.ndarray:
    """From one picture's features to another's, of 5 x 5 places, height x width x channels as the page has them."""
    features = torch.from_numpy(latents.normals(3, 2 * 32 * 25).reshape(2, 32, 5, 5).astype(np.float32))
    features[1] = features[0] + features[1] * torch.linspace(0, 0.5, 25).view(5, 5)
    net = Generator(40, 3, 60, local_dim=3, memory_size=2)
    net.memory.copy_(
        torch.tensor([0.0, 2.0]).view(1, 1, 2, 1).expand_as(net.memory) * 2**0.5
    )  # a standard deviation of the square root of 2
    return net.difference(features[:1], features[1:])[0].permute(1, 2, 0).flatten().double().numpy()


def sight() -> dict:
    """How likely three stickers are in a frame of 96 x 64 pixels for a recognizer with made-up weights, and where; the
    operations of its file, whose weights the page's tests make up alike."""
    net, at = Recognizer(3).eval(), 0
    for module in (net.finder, net.namer):
        layers = [layer for layer in module.modules() if isinstance(layer, (nn.Conv2d, nn.Linear))]
        for layer in layers:
            values = layer.weight
            drawn = latents.normals(11, values.numel(), at).reshape(values.shape)
            normed = (1 + nn.BatchNorm2d(1).eps) ** 0.5 if layer.bias is None else 1.0
            values.data.copy_(torch.from_numpy(normed * drawn * (2 / values[0].numel()) ** 0.5))
            at += values.numel()
            if layer.bias is not None:
                layer.bias.data.zero_()
    search = SEARCH | {"area": 96 * 64, "copy": 48 * 32, "scales": (1.0, 0.6), "places": 3, "closer": 2}
    graph, header = packed.unpack(recognizer_file(net, search))
    frame = (np.arange(64 * 96 * 3) * 89 % 256).reshape(64, 96, 3).astype(np.uint8)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("area", "copy", "scales", "places", "closer"):
            patch.setattr(looks, name.upper(), search[name])
        seen, places = looks.look(net, Image.fromarray(frame))
    seen = seen[:, 1:]
    return {
        "header": {key: header[key] for key in ("ops", "shapes", "found", "crop", "names", "stickers", "search")},
        "weights": [list(weight.shape) for weight in graph.weights],
        "best": seen.max(0).astype(float).tolist(),
        "places": np.where(seen.max(0)[:, None] > 0, places[seen.argmax(0), :2] / (96, 64), 0).tolist(),
    }


def finished(side: int, channels: int) -> dict:
    """Some numbers of a finished picture of flat squares, and their places height x width x channels, with alpha,
    as the page has them."""
    squares = 2 * latents.uniforms(5, (side // 8) ** 2 * channels).reshape(side // 8, side // 8, channels) - 1
    small = squares.repeat(8, 0).repeat(8, 1).transpose(2, 0, 1)[None].astype(np.float32)
    large = finish(small, 512)[0].transpose(1, 2, 0)
    places = np.arange(0, 512 * 512 * channels, 9973)
    return {
        "side": side,
        "channels": channels,
        "places": (places // channels * 4 + places % channels).tolist(),
        "values": large.ravel()[places].tolist(),
    }


def test_the_pages_reference_numbers_are_ours():
    kept, ours = json.loads(FILE.read_text()), numbers()
    assert kept.keys() == ours.keys()
    for old, new in zip(kept.pop("finished"), ours.pop("finished"), strict=True):
        assert old["places"] == new["places"]
        np.testing.assert_allclose(old["values"], new["values"], atol=1e-4)
    old, new = kept.pop("sight"), ours.pop("sight")
    assert [old[key] for key in ("header", "weights")] == [new[key] for key in ("header", "weights")]
    for key in ("best", "places"):
        np.testing.assert_allclose(old[key], new[key], rtol=1e-4)
    for key, value in ours.items():
        np.testing.assert_allclose(kept[key], value, rtol=1e-12, atol=1e-15, err_msg=key)


if __name__ == "__main__":
    FILE.write_text(json.dumps(numbers(), indent=1) + "\n")

from __future__ import annotations

import base64
import hashlib
import json

import numpy as np
import pytest
import torch
from PIL import Image

from chonk.dataset.picture_set import PictureSet
from chonk.dataset.training_set import training_pictures
from chonk.draw.points import read_steps
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets.base import Generator
from chonk.play import novelty
from chonk.play.directions import directions
from chonk.play.reach import LOOKS, Reach, ends, looks, reach
from chonk.play.spaces import Features
from chonk.play.training import small, truth


class Painter(Generator):
    """A picture whose upper half's brightness is latent 2 and whose lower half's is half of latent 5."""

    def forward(self, z):
        picture = torch.zeros(len(z), 3, 16, 16)
        picture[:, :, :8] = torch.tanh(z[:, 2])[:, None, None, None]
        picture[:, :, 8:] = torch.tanh(0.5 * z[:, 5])[:, None, None, None]
        return picture


PAINTER = Model(Painter(), ModelConfig("began", 16, 3, 8))


def test_without_names_the_strongest_changes_come_first():
    found = directions(PAINTER)
    first, second = (np.array(d["vector"]) for d in found[:2])
    assert first[2] > 0.97 and second[5] > 0.9 and found[0]["name"] == {}
    assert np.isclose(np.linalg.norm(first), 1, atol=1e-3)


class Paints(Painter):
    """The same, with features that are brightnesses of 2 x 2 places; they are told by latents through a fold, so that
    no latent is a direction."""

    has_features = True

    def features(self, z):
        upper, lower = torch.sin(9 * z[:, 2]), torch.sin(9 * z[:, 5]) / 2
        return torch.stack([upper, upper, lower, lower], 1).view(-1, 1, 2, 2)

    def difference(self, minus, plus):
        return (plus - minus) / (plus - minus).abs().amax((1, 2, 3), keepdim=True)

    def decode(self, features):
        return torch.tanh(features).repeat_interleave(8, 2).repeat_interleave(8, 3).expand(-1, 3, -1, -1)

    def forward(self, z):
        return self.decode(self.features(z))


PAINTS = Model(Paints(), ModelConfig("began", 16, 3, 8))


def test_directions_are_read_steps_features_where_a_net_has_them():
    found = directions(PAINTS)
    upper, lower = read_steps(found[:2], (1, 2, 2))
    np.testing.assert_allclose(upper, [[[1, 1], [0, 0]]], atol=0.1)
    np.testing.assert_allclose(lower, [[[0, 0], [1, 1]]], atol=0.1)
    with pytest.raises(ValueError, match="1 x 3 x 2"):
        read_steps(found, (1, 3, 2))


@pytest.mark.parametrize("painter", [PAINTER, PAINTS])
def test_with_the_truth_a_direction_gets_the_name_of_what_it_changes(painter):
    rng = np.random.default_rng(0)
    top, bottom = rng.integers(0, 2, (2, 200)).astype(bool)
    pictures = np.zeros((200, 3, 16, 16), np.uint8)
    pictures[top, :, :8], pictures[bottom, :, 8:] = 180, 180
    pictures += rng.integers(0, 75, pictures.shape, dtype=np.uint8)
    coin = rng.integers(0, 2, 200)
    found = directions(
        painter,
        pictures,
        {
            "hat": ["crown" if t else "none" for t in top],
            "ground": ["light" if b else "dark" for b in bottom],
            "coin": ["heads" if c else "tails" for c in coin],
        },
    )
    shape = painter.features(np.zeros((1, 8))).shape[1:]
    names = {
        (d["name"]["en"], *(end["en"] for end in d["ends"])): step.flat[[2, 5] if shape == (8,) else [0, 2]]
        for d, step in zip(found, read_steps(found, shape))
    }
    crown = names.pop(("hat", "no crown", "crown"))
    assert crown[0] > 0.9 and abs(crown[1]) < 0.3
    ((ground, (_, lower)),) = names.items()  # no coin, and "none" is not a hat
    assert ground in (("ground", "dark", "light"), ("ground", "light", "dark"))
    assert (lower > 0.9) == (ground[2] == "light") and abs(lower) > 0.9
    hat = next(d for d in found if d["name"]["en"] == "hat")
    assert hat["name"]["zh"] == "帽子" and hat["ends"][1]["zh"] == "皇冠" and hat["reach"][1] > 0


class Fragile(Paints):
    """Passes only while no feature is beyond 1.4 below or 1.6 above what its own pictures have."""

    rejects = True

    def rejection_score(self, z):
        return torch.zeros(len(z), 1, 1, 1)

    def feature_score(self, features):
        return (features.amax((1, 2, 3), keepdim=True) - 1.6).relu() + (
            -1.4 - features.amin((1, 2, 3), keepdim=True)
        ).relu()


def test_a_slider_goes_as_far_as_pictures_pass_and_where_something_is_seen():
    model = Model(Fragile(), ModelConfig("began", 16, 3, 8))
    space = Features(model)
    top = np.zeros((1, 2, 2), np.float32)
    top[0, 0] = 1

    def read(cells):
        return cells[:, :1]  # the brightness of the upper left

    far = reach(space, top, read, own=0)
    most, least = space.tried[:, 0, 0, 0].max(), space.tried[:, 0, 0, 0].min()
    assert 0.5 <= far.high <= 1.6 - least and 0 > far.low >= -1.4 - most and far.high > -far.low
    assert reach(space, 0.001 * top, read, own=0) is None, "nothing is seen"
    assert reach(space, 100 * top, read, own=0) is None, "nothing passes"

    def only_upwards(cells):
        return np.maximum(cells[:, :1], space.drawn(top, 0.0)[:, :1].max())

    one_way = reach(space, top, only_upwards, own=0)
    assert one_way is None or one_way.low == 0


def test_what_has_no_name_is_called_by_what_is_seen():
    white = np.ones((4, 3, 16, 16))
    spot, shifted = white.copy(), white.copy()
    spot[:, :, 4:8, 2:6] = 0.2
    shifted[:, :, 4:8, 10:14] = 0.2
    readings = [looks(cells.reshape(4, -1))[0] for cells in (white, spot, shifted)]
    names = [more["en"] for _, more in LOOKS]
    assert readings[0][names.index("brighter")] > readings[1][names.index("brighter")]
    assert readings[1][names.index("larger")] > readings[0][names.index("larger")]
    assert readings[2][names.index("further right")] == pytest.approx(readings[1][names.index("further right")] + 8)
    far = Reach(-1.0, 1.0, np.array([[0, 0, 0, 0, 2.0, 0], [0, 0, 0, 0, -1.0, 0]]))
    assert [end["en"] for end in ends(far, LOOKS)] == ["further right", "further left"]


def pictures(count: int = 12, seed: int = 0) -> PictureSet:
    pixels = torch.from_numpy(np.random.default_rng(seed).integers(0, 256, (count, 3, 24, 24), dtype=np.uint8))
    return PictureSet(pixels, tuple(f"{i}.png" for i in range(count)))


def test_small_pictures_are_means_of_the_pixels_touched():
    pixels = np.zeros((1, 3, 24, 24), np.uint8)
    pixels[0, 0, 0, 0] = 255
    cells = small(pixels)
    assert cells[0, 0, 0, 0] == 0.25 and cells[0].sum() == 0.25  # 24 / 16 = 1.5 pixels: the first cell touches 2 x 2
    np.testing.assert_allclose(small(np.full((1, 3, 80, 80), 51, np.uint8)), 0.2, rtol=1e-6)


def test_a_training_picture_and_its_mirror_are_at_home_and_distances_survive():
    own = pictures(60)
    record = novelty.record(own)
    stored = np.frombuffer(base64.b64decode(record["projections"]), np.int8)
    kept = stored.reshape(60, 64) * record["step"]
    cells = small(own.pixels.numpy())
    assert np.sqrt(((kept - novelty.project(cells)) ** 2).sum(1)).max() < record["usual"][0] / 5
    true = np.sqrt(((cells[:30] - cells[30:]) ** 2).mean((1, 2, 3)))
    ours = np.sqrt(((novelty.project(cells[:30]) - novelty.project(cells[30:])) ** 2).sum(1))
    assert 0.9 < (ours / true).mean() < 1.1
    twins = PictureSet(torch.cat([own.pixels, own.pixels.flip(3)]), own.names * 2)
    assert max(novelty.record(twins)["usual"]) < 1e-3 < record["usual"][0]


def test_training_pictures_count_only_with_the_digest_that_the_run_gives(tmp_path):
    own, folder, run = pictures(5), tmp_path / "elsewhere", tmp_path / "run"
    folder.mkdir()
    run.mkdir()
    for name, pixels in zip(own.names, own.pixels):
        Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(folder / name)
    digest = hashlib.sha256(own.pixels.numpy().tobytes()).hexdigest()
    (run / "config.json").write_text(json.dumps({"pictures": str(folder), "data": {"count": 5, "sha256": digest}}))
    found = training_pictures(run)
    assert found is not None and found[0].names == own.names and found[1] == folder
    (run / "config.json").write_text(json.dumps({"pictures": str(folder), "data": {"count": 5, "sha256": "0" * 64}}))
    assert training_pictures(run) is None
    (run / "config.json").write_text("[]")
    assert training_pictures(run) is None
    (folder / "truth.json").write_text(
        json.dumps({"factors": {"hat": ["none"]}, "pictures": {name: {"hat": "none"} for name in own.names}})
    )
    assert truth(folder, own.names) == {"hat": ["none"] * 5} and truth(run, own.names) == {}

"""The model: what it draws, how it is kept, what of a stranger's files it refuses, and the way back from picture to
latent."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from PIL import Image

import chonk
from chonk.errors import UserError
from chonk.latents import TRIES, latents, resample
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets.base import Generator
from chonk.pixels import Pictures, as_target, compose

SIZE, DIM = 16, 8


def small(channels: int = 4, **more) -> Model:
    torch.manual_seed(0)
    return Model.build(
        ModelConfig("began", SIZE, channels, DIM, "uniform", {"filters": 4, "layers": 1, "sets": 2}, **more)
    )


@pytest.fixture(scope="module")
def model():
    return small(title="cats", truncation=0.7)


def on_white(rgb, alpha) -> np.ndarray:
    """One pixel as a generator puts it out, 1 x 4 x 1 x 1 in [-1, 1], for a straight colour and alpha in [0, 1]."""
    rgb = np.array(rgb, float) * alpha + (1 - alpha)
    return (np.append(rgb, alpha) * 2 - 1).reshape(1, 4, 1, 1)


@pytest.mark.parametrize("alpha", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("ground", [(0, 0, 0), (255, 255, 255), (10, 200, 90)])
def test_compose_is_the_over_operator(alpha, ground):
    colour = np.array([0.2, 0.6, 1.0])
    expected = np.rint(255 * colour * alpha + np.array(ground) * (1 - alpha))
    assert np.abs(compose(on_white(colour, alpha), ground).ravel() - expected).max() <= 1
    assert np.abs(compose(on_white(colour, alpha)).ravel() - np.rint(255 * np.append(colour, alpha))).max() <= 2


def test_nothing_hides_under_what_is_transparent():
    assert compose(on_white((1, 0, 0), 0.0)).ravel().tolist() == [255, 255, 255, 0]


def test_three_channels_are_as_they_are():
    assert compose(np.array([-1, 0, 1.0]).reshape(1, 3, 1, 1), (9, 9, 9)).ravel().tolist() == [0, 128, 255]


def test_sample_is_seeded_and_uses_the_truncation(model):
    assert model.sample(3, seed=4) == model.sample(3, seed=4)
    assert model.sample(3, seed=4)[2] == model.sample(5, seed=4)[2]
    assert model.sample(1, seed=4) != model.sample(1, seed=5)
    assert model.sample(2, seed=4) == model.sample(2, seed=4, truncation=0.7) != model.sample(2, seed=4, truncation=1.0)
    assert model.sample(1)[0].mode == "RGBA" and small(3).sample(1)[0].mode == "RGB"


class Rejecting(Generator):
    """Draws nothing, and rejects latents whose first number is above a limit, the more so the larger it is."""

    rejects = True

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit

    def rejection_score(self, z: torch.Tensor) -> torch.Tensor:
        return (z[:, 0] - self.limit).clamp(min=0)[:, None, None, None]


def test_a_rejected_picture_gives_way_to_the_next_of_its_seed():
    def tries(i: int) -> np.ndarray:
        return np.concatenate([latents(3, 1, 4, first=resample(i, number)) for number in range(TRIES)])

    config = ModelConfig("mosaic", 16, 3, 4)
    chosen = Model(Rejecting(0.0), config).latents(3, 40)
    for i, z in enumerate(chosen):
        assert np.array_equal(z, next(z for z in tries(i) if z[0] <= 0))
    assert (chosen[:, 0] <= 0).all() and (latents(3, 40, 4)[:, 0] > 0).sum() > 10
    assert np.array_equal(Model(Rejecting(0.0), config).latents(3, 5, first=20), chosen[20:25]), (
        "no latent depends on what is drawn with it"
    )
    all_rejected = Model(Rejecting(-9.0), config).latents(3, 5)
    assert np.array_equal(all_rejected, np.stack([min(tries(i), key=lambda z: z[0]) for i in range(5)])), (
        "of bad ones the best"
    )


def test_features_that_told_what_to_reject_are_what_is_decoded():
    class Counting(Rejecting):
        has_features, made = True, 0

        def features(self, z: torch.Tensor) -> torch.Tensor:
            self.made += len(z)
            return z[:, :, None, None]

        def decode(self, features: torch.Tensor) -> torch.Tensor:
            return features[:, :3].expand(-1, 3, 16, 16)

        def forward(self, z: torch.Tensor) -> torch.Tensor:
            return self.decode(self.features(z))

    net = Counting(0.0)
    model = Model(net, ModelConfig("mosaic", 16, 3, 4))
    values = model.sample_values(3, 40)
    first = [latents(3, 40, 4, first=resample(0, number))[:, 0] <= 0 for number in range(TRIES)]
    assert net.made == sum(next(n for n in range(TRIES) if first[n][i]) + 1 for i in range(40))
    assert np.array_equal(values, model(model.latents(3, 40)))
    assert np.array_equal(model.sample_features(3, 40)[1][..., 0, 0], model.latents(3, 40))


def test_the_batch_makes_no_difference(model):
    z = model.latents(0, 7)
    assert np.allclose(model(z, batch=2), model(z, batch=7), atol=1e-5)


def test_corners_and_arithmetic(model):
    z = model.latents(1, 4)
    grid = model.corners(z, rows=3, columns=2)
    assert len(grid) == 6 and grid.columns == 2 and grid[0] == model.draw(z[:1])[0] and grid[5] == model.draw(z[3:])[0]
    _base, _minus, plus, result = model.arithmetic(z[0], z[1], z[2])
    assert result == model.draw((z[0] - z[1] + z[2])[None])[0] and plus == model.draw(z[2:3])[0]
    assert model.arithmetic([0.1, 0, 0], [0, 0.2, 0], [0, 0.2, 0])[0].size == (SIZE, SIZE), (
        "three numbers stand for a latent"
    )


@pytest.mark.parametrize("shape", [(DIM,), (2, DIM + 1)])
def test_latents_of_another_shape_are_refused(model, shape):
    with pytest.raises(UserError, match=f"N x {DIM}"):
        model(np.zeros(shape))


def test_a_grid_holds_every_picture():
    pictures = Pictures([Image.new("RGB", (4, 4), (i, 0, 0)) for i in range(5)], columns=3)
    sheet = np.asarray(pictures.grid(gap=1, scale=2))
    assert sheet.shape == (2 * 9, 2 * 14, 3)
    assert [sheet[2 * 5 * (i // 3), 2 * 5 * (i % 3), 0] for i in range(5)] == list(range(5)) and sheet[-1, -1, 0] == 255
    assert pictures._repr_png_().startswith(b"\x89PNG")


def test_save_and_load(model, tmp_path):
    model.save(tmp_path / "my.chonk" / "run" / "model")
    for path in (tmp_path / "my.chonk", tmp_path / "my.chonk" / "run", tmp_path / "my.chonk" / "run" / "model"):
        again = chonk.load(path)
        assert again.config == model.config and again.sample(2) == model.sample(2)
    assert {file.name for file in (tmp_path / "my.chonk" / "run" / "model").iterdir()} == {
        "config.json",
        "model.safetensors",
    }


def test_the_hubs_way_of_saying_it(model, tmp_path):
    model.save_pretrained(tmp_path)
    assert Model.from_pretrained(tmp_path).sample(1) == model.sample(1)


@pytest.mark.parametrize(
    "change",
    [
        {"format": 3},
        {"net": "os.system"},
        {"size": 10**9},
        {"size": True},
        {"size": 0},
        {"latent_dim": 10**6},
        {"channels": 5},
        {"latent_kind": "cauchy"},
        {"options": []},
        {"options": {"filters": 8}},
        {"options": {"no_such": 1}},
        {"surprise": 1},
    ],
)
def test_a_strangers_settings_are_checked(model, tmp_path, change):
    model.save(tmp_path)
    file = tmp_path / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UserError) as raised:
        chonk.load(tmp_path)
    assert "\n" not in str(raised.value) and str(tmp_path) in str(raised.value)


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        ("cats", "cats"),
        ("\U0001f469\u200d\U0001f3a4 猫", "\U0001f469\u200d\U0001f3a4 猫"),
        ("a\x1b[2Jb\n", "a[2Jb"),
        ("x\u202egnp.exe", "xgnp.exe"),
        ("\udcff", "chonk"),
        ("", "chonk"),
        ("y" * 5000, "y" * 200),
    ],
)
def test_a_title_can_be_shown_anywhere(tmp_path, title, shown):
    small(title=title).save(tmp_path)
    assert chonk.load(tmp_path).config.title == shown


@pytest.mark.parametrize("damage", [b"", b"not json", b"[]", b"\xff\xfe"])
def test_damaged_settings_are_refused(model, tmp_path, damage):
    model.save(tmp_path)
    (tmp_path / "config.json").write_bytes(damage)
    with pytest.raises(UserError, match="config.json"):
        chonk.load(tmp_path)


@pytest.mark.parametrize("keep", [0, 4, 100, -1])
def test_damaged_weights_are_refused(model, tmp_path, keep):
    model.save(tmp_path)
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(UserError, match="not the file that config.json was written with"):
        chonk.load(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"weights": ""}))  # as an earlier release wrote it
    with pytest.raises(UserError, match="weights do not fit"):
        chonk.load(tmp_path)


def test_no_model(tmp_path):
    with pytest.raises(UserError, match="no such file or folder"):
        chonk.load(tmp_path / "missing")
    with pytest.raises(UserError, match="holds no model"):
        chonk.load(tmp_path)


def test_the_way_back_finds_what_the_model_drew():
    model = small(3)
    z = model.latents(9, 1)
    picture = model.draw(z)[0]
    found = model.invert(picture, steps=120, starts=4, seconds=300)
    by_chance = np.abs(model(model.latents(10, 256)) - model(z)).mean((1, 2, 3)).min() / 2
    assert found.distance < 0.3 * by_chance and np.abs(found.z).max() <= 1
    assert found.distance == pytest.approx(
        float(np.abs(model(found.z[None]) - as_target(picture, SIZE, 3).numpy()).mean()) / 2, abs=1e-5
    )


def test_a_target_is_fitted_in_premultiplied_alpha():
    picture = Image.new("RGBA", (40, 20), (0, 255, 0, 0))
    picture.paste((200, 0, 0, 255), (10, 0, 30, 20))
    target = as_target(picture, 20, 4)[0].numpy()
    assert target.shape == (4, 20, 20)
    assert np.allclose(target[:, 0, 0], [1, 1, 1, -1]) and np.allclose(
        target[:, 10, 10], [200 / 127.5 - 1, -1, -1, 1], atol=0.01
    )
    seen = target[:, 5:15][:, target[3, 5:15] > -0.99]
    assert seen[1].max() <= -seen[3].min() + 1e-3, (
        "the hidden green never shows: what is green beyond red comes from the white ground"
    )

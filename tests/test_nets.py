"""The networks: shapes at every size, the published sizes, and vanishing residuals that vanish."""

from __future__ import annotations

import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.learn.objectives.began import Objective, Settings
from chonk.learn.presets import PRESETS, find_preset
from chonk.nets import enlarged
from chonk.nets.began import AutoEncoder, Generator, sets_for
from chonk.nets.critic import Critic
from chonk.nets.layers import LayerSet, set_carry


@pytest.mark.parametrize("size", [16, 24, 64, 80, 128])
@pytest.mark.parametrize("variant", ["paper", "2018"])
@pytest.mark.parametrize("channels", [3, 4])
def test_every_size_and_both_variants(size, variant, channels):
    paper = variant == "paper"
    common = dict(filters=2, layers=2, sets=sets_for(size) if paper else 4)
    generator = Generator(size, channels, 16, doubling=not paper, inject="first" if paper else "latent", **common)
    pictures = generator(torch.rand(2, 16) * 2 - 1)
    assert pictures.shape == (2, channels, size, size) and pictures.abs().max() <= 1
    assert AutoEncoder(size, channels, 8, growing=paper, **common)(pictures).shape == pictures.shape
    assert Critic(size, channels, 2)(pictures).shape == (2,)


def test_sets_end_at_8_or_more():
    assert [sets_for(size) for size in (8, 16, 24, 64, 80, 96, 128, 256)] == [1, 2, 2, 4, 4, 4, 5, 6]


@pytest.mark.parametrize(
    "name, published", [("began-2018-1", 6.80e6), ("began-2018-2", 2.15e6), ("began-2018-3", 6.80e6)]
)
def test_presets_have_the_published_number_of_weights(name, published):
    pictures = PictureSet(torch.zeros(4, 3, 80, 80, dtype=torch.uint8), tuple("abcd"))
    objective = Objective(pictures, Settings(**PRESETS[name][1]), seed=0)
    assert sum(weight.numel() for weight in objective.generator.parameters()) == pytest.approx(published, rel=0.01)


def test_a_preset_brings_its_objective_and_refuses_another():
    assert find_preset("began-2018-2", "chonk")[0] == "began"
    for name, objective in (("began-2019", "began"), ("began-paper", "wgan")):
        with pytest.raises(UserError):
            find_preset(name, objective)


def test_residuals_pass_the_input_on_at_first_and_vanish_at_last():
    layers = LayerSet(3, 5, 3, vanishing=True, activation="elu")
    x = torch.rand(2, 3, 6, 6)
    one = layers.layers[0](x)
    assert torch.equal(layers(x), one)
    set_carry(layers, 0.0)
    assert torch.equal(layers(x), layers.layers[2](layers.layers[1](one)))
    set_carry(layers, 0.25)
    two = 0.25 * one + 0.75 * layers.layers[1](one)
    assert torch.allclose(layers(x), 0.25 * two + 0.75 * layers.layers[2](two), atol=1e-6)


def test_the_latent_is_seen_again_before_each_upsampling():
    generator = Generator(16, 3, 16, filters=2, sets=2, doubling=True, inject="latent")
    with torch.no_grad():
        generator.first.weight.zero_()
    a, b = generator(torch.rand(2, 16))
    assert not torch.allclose(a, b)


@pytest.mark.parametrize("options", [{"size": 20}, {"size": 16, "latent_dim": 15, "inject": "latent"}])
def test_what_does_not_fit_is_refused(options):
    with pytest.raises(ValueError, match="must be a"):
        Generator(**{"channels": 3, "latent_dim": 16, **options})


@pytest.mark.parametrize("name", ["began-paper", "began-2018-1", "began-2018-2"])
def test_generators_can_be_traced(name):
    small = PRESETS[name][1] | dict(filters=2, d_filters=2)
    pictures = PictureSet(torch.zeros(4, 3, 16, 16, dtype=torch.uint8), tuple("abcd"))
    generator = Objective(pictures, Settings(**small), seed=0).trained()
    z = torch.rand(3, Settings(**small).latent_dim)
    assert torch.equal(torch.fx.symbolic_trace(generator)(z), generator(z))


@pytest.mark.parametrize("bias", [True, False])
def test_the_short_way_to_a_larger_picture_gives_what_the_long_one_gives(bias, monkeypatch):
    """Values and gradients, where the sides differ and at the edges."""
    monkeypatch.setattr(enlarged, "WORTH", 0)
    conv = torch.nn.Conv2d(3, 5, 3, padding=1, bias=bias).double()
    x = torch.randn(2, 3, 4, 7, dtype=torch.float64, requires_grad=True)
    weights = torch.randn(2, 5, 8, 14, dtype=torch.float64)
    results = []
    for training in (True, False):
        conv.train(training)
        y = enlarged.convolve_enlarged(x, conv)
        results.append((y.grad_fn.name(), y, *torch.autograd.grad((y * weights).sum(), [x, *conv.parameters()])))
    (short, *one), (long, *other) = results
    assert "Interleave" in short and "Interleave" not in long
    for a, b in zip(one, other):
        torch.testing.assert_close(a, b, rtol=1e-12, atol=1e-12)

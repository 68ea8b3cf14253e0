from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn as nn
import torch.nn.functional as F

from chonk.errors import ChonkError
from chonk.latents import latents
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets import base, began
from chonk.nets.mosaic import Generator
from chonk.nets.pretrained import load_pretrained_nets
from chonk.nets.quantised import quantised
from chonk.nets.refiner import Refiner
from chonk.play import packed, reference
from chonk.play.export import export
from chonk.play.graph import Graph
from chonk.play.lowering import lower


class Began2018(base.Generator):
    """The layout of the 2018 generator in small: z re-injected, separable convolutions, batch norm, a carry."""

    def __init__(self, channels: int = 3) -> None:
        super().__init__()
        self.first = nn.Linear(10, 8 * 5 * 5)
        self.deep, self.point = nn.Conv2d(9, 9, 3, padding=1, groups=9), nn.Conv2d(9, 12, 1)
        self.norm, self.again = nn.BatchNorm2d(12), nn.Conv2d(12, 12, 3, padding=1)
        self.last = nn.Conv2d(12, channels, 3, padding="same")
        self.register_buffer("carry", torch.tensor(0.25))

    def forward(self, z):
        h = self.first(z).view(z.shape[0], 8, 5, 5)
        h = torch.cat([h, F.interpolate(z.view(-1, 1, 2, 5), size=(5, 5), mode="nearest")], 1)
        h = F.leaky_relu(self.norm(self.point(self.deep(h))), 0.2)
        h = self.carry * h + (1 - self.carry) * F.leaky_relu(self.again(h), 0.2)
        return torch.tanh(self.last(F.interpolate(h, scale_factor=2)))


class Tokens(nn.Module):
    """A softmax over a code book, pixel shuffle, alpha as a fourth channel, and most of the other operations."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.logits, self.book = nn.Linear(6, 5 * 4 * 4), nn.Conv2d(5, 7, 1), nn.Conv2d(7, 8, 1, bias=False)
        self.wide, self.out = nn.Conv2d(8, 16, (1, 3), padding=(0, 1)), nn.Conv2d(4, 4, 3)
        self.scale = nn.Parameter(torch.rand(1, 8, 1, 1) + 0.5)
        self.map = nn.Parameter(torch.randn(1, 8, 4, 4))

    def forward(self, z):
        h = F.elu(self.first(z)).unflatten(1, (5, 4, 4))
        h = self.book(torch.softmax(3 * self.logits(h), dim=1)) * self.scale + self.map
        h = h - F.silu(h) * torch.sigmoid(h) / 2
        h = F.pixel_shuffle(self.wide(F.relu(h)), 2)
        return F.hardtanh(self.out(F.pad(h, (1, 1, 1, 1))))


class Places(nn.Module):
    """A transformer among 4 x 4 places."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.refiner, self.last = nn.Linear(6, 32 * 4 * 4), Refiner(4), nn.Conv2d(32, 3, 1)

    def forward(self, z):
        return self.last(self.refiner(self.first(z).view(-1, 32, 4, 4)))


def randomised(net: nn.Module, seed: int = 0) -> nn.Module:
    """Weights and running averages that are nothing special, so that no factor hides by being 0 or 1."""
    torch.manual_seed(seed)
    for name, value in net.state_dict().items():
        if name.endswith(("running_var", "norm.weight")):
            value.copy_(torch.rand_like(value) + 0.5)
        elif value.ndim and value.is_floating_point():
            value.copy_(torch.randn_like(value) / max(1, value[0].numel()) ** 0.5)
    return net.eval()


def pictures(net: nn.Module, z: np.ndarray) -> np.ndarray:
    with torch.no_grad():
        return net(torch.from_numpy(z)).numpy()


HEAD_START = began.Generator(16, 3, 5, filters=6, layers=1, sets=1, pretrained=True)
ANCHORED = began.Generator(8, 3, 5, filters=6, layers=1, sets=1, anchors=7)


@pytest.mark.parametrize("net, dim", [(Began2018(), 10), (Tokens(), 6), (Places(), 6), (HEAD_START, 5), (ANCHORED, 5)])
def test_the_graph_draws_what_the_net_draws(net, dim):
    randomised(net)
    z = latents(5, 7, dim)
    graph, _ = packed.unpack(packed.pack(lower(net, dim), "fp32", {}))
    np.testing.assert_allclose(reference.run(graph, z), pictures(net, z), atol=2e-6)


def test_batch_norm_and_leaky_relu_cost_nothing_and_a_spent_carry_disappears():
    net = randomised(Began2018())
    kinds = [op.kind for op in lower(net, 10).ops]
    assert "affine" not in kinds and "leaky_relu" not in kinds and kinds.count("mix") == 1
    net.carry.fill_(0)
    z = latents(1, 3, 10)
    graph = lower(net, 10)
    assert [len(op.inputs) for op in graph.ops if op.kind == "mix"] == [1]
    np.testing.assert_allclose(reference.run(graph, z), pictures(net, z), atol=2e-6)


def test_a_refiners_weights_take_half_a_byte():
    net = randomised(Places())
    small, plain = (len(packed.pack(lower(part, 6), "int8", {})) for part in (net, nn.Sequential(net.first)))
    many = sum(weight.numel() for weight in net.refiner.blocks.parameters() if weight.ndim == 4)
    assert small - plain < 0.65 * many


def model_of(net: nn.Module, dim: int, size: int, channels: int) -> Model:
    return Model(net, ModelConfig("began", size, channels, dim))


@pytest.mark.parametrize("size", range(1, 10))
@pytest.mark.parametrize(
    "kind, length", [("int4", lambda n: -(-n // 2)), ("int6", lambda n: 3 * -(-n // 4)), ("int8", lambda n: n)]
)
def test_few_bits_a_number_go_there_and_back(kind, length, size):
    most = packed.MAX_LEVEL[kind]
    numbers = np.random.default_rng(size).integers(-most, most + 1, size).astype(np.int8)
    squeezed = packed.pack_bits(numbers, kind)
    assert len(squeezed) == length(size)
    np.testing.assert_array_equal(packed.unpack_bits(b"xx" + squeezed, size, 2, kind), numbers)


class Twice(nn.Module):
    """A layer whose result is scaled, used twice and once without the scale."""

    def __init__(self) -> None:
        super().__init__()
        self.layer, self.scale = nn.Linear(5, 5), nn.Parameter(torch.rand(5) + 0.5)

    def forward(self, z):
        h = z + self.layer(F.relu(z)) * self.scale
        h = h + self.layer(F.relu(h)) * self.scale
        return (h - torch.sigmoid(self.layer(h))).view(-1, 5, 1, 1)


def test_a_layer_that_is_used_again_is_scaled_once_and_stored_once():
    net, z = randomised(Twice()), np.random.default_rng(0).standard_normal((3, 5)).astype(np.float32)
    graph = lower(net, 5)
    np.testing.assert_allclose(reference.run(graph, z), pictures(net, z), atol=1e-5)
    assert sum(weight.shape == (5, 5) for weight in graph.weights) == 2


class Plain(nn.Module):
    """A generator that tells nothing but pictures."""

    def __init__(self, generator: nn.Module) -> None:
        super().__init__()
        self.generator = generator

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return self.generator(z)


def test_the_default_generator_is_exported_whole():
    net = Generator(64, 4, 12 + 16 * 3, local_dim=3, memory_size=20).eval()
    net.fill_memory(torch.randn(20, 32, 8, 8), torch.randn(20, 6), torch.randn(20, 6), torch.randn(20, 3))
    net.harmonizer.load_state_dict(load_pretrained_nets()[2].state_dict())
    model = Model(net, ModelConfig("mosaic", 64, 4, 60))
    z = model.latents(0, 4)
    graph = lower(net, 60)
    np.testing.assert_allclose(reference.run(graph, z), model(z), atol=1e-4)
    assert graph.rejection is None
    net.min_novelty = 1e3  # nothing is so new, so all are rejected
    stored, _ = packed.unpack(packed.pack(lower(net, 60), "fp32", {}))
    np.testing.assert_allclose(reference.run(stored, z), model(z), atol=1e-4)
    score = reference.run(stored, z, stored.rejection)
    assert score.shape == (4, 1, 1, 1) and score.min() > 0
    np.testing.assert_allclose(score[:, 0, 0, 0], model.rejection_score(z), rtol=1e-4)
    features = model.features(z)
    np.testing.assert_allclose(reference.run(stored, z, stored.sums.features), features, atol=1e-4)
    changed = features[:2] + model.difference(features[1:3], features[2:])
    np.testing.assert_allclose(reference.redraw(stored, changed), model.decode(changed), atol=1e-4)
    assert len(packed.pack(graph, "int8", {})) < 1.02 * len(packed.pack(lower(Plain(net), 60), "int8", {})), (
        "sums need no weights of their own"
    )


def test_what_few_bits_hold_without_loss_is_stored_so():
    few, many, free = (quantised(torch.randn(6, 70), 7), quantised(torch.randn(6, 70), 31), torch.randn(6, 70))
    graph = Graph([], [[1]], [w.numpy() for w in (few, many, free)], 0)
    stored, header = packed.unpack(packed.pack(graph, "fp32", {}))
    assert [tensor["type"] for tensor in header["tensors"]] == ["int4", "int6", "fp32"]
    assert all(np.array_equal(a, b) for a, b in zip(graph.weights, stored.weights))


def test_fewer_bits_are_taken_only_where_the_pictures_stay():
    model = model_of(randomised(Began2018()), 10, 10, 3)
    int6, int8, chosen = (export(model, precision) for precision in ("int6", "int8", "auto"))
    assert len(int6.data) < len(int8.data) and int8.mean_error < int6.mean_error
    assert chosen.precision == ("int6" if int6.mean_error <= 1 else "int8") and chosen.mean_error <= 1


@pytest.mark.parametrize("channels", [3, 4])
def test_the_stated_error_is_the_true_one_of_what_can_be_seen(channels):
    model = model_of(randomised(Began2018(channels=channels)), 10, 10, channels)
    exported = export(model, "int8")
    z = latents(0, 64, 10)
    graph, header = packed.unpack(exported.data)
    shares = [(np.clip(pictures, -1, 1) + 1) / 2 for pictures in (reference.run(graph, z), model(z))]
    seen = [
        np.concatenate([share[:, :3] * share[:, 3:], share[:, 3:]], 1) if channels == 4 else share for share in shares
    ]
    error = np.abs(seen[0] - seen[1]) * 255
    assert exported.precision == header["precision"] == "int8" and 0 < exported.mean_error <= 1
    assert exported.max_error == pytest.approx(error.max(), abs=0.01) and header["error"]["mean"] == pytest.approx(
        error.mean(), abs=0.001
    )


def test_weights_become_fp16_where_int8_would_change_the_pictures():
    net = randomised(Began2018())
    with torch.no_grad():
        net.last.weight[:, 0, 0, 0] += 40  # one large weight leaves the others of its channel few of the 8 bits
        net.again.weight[0] = net.again.weight[0] * 0 + torch.randn(12, 3, 3)
        net.first.weight[:, 0] += 60
    exported = export(model_of(net, 10, 10, 3))
    forced = export(model_of(net, 10, 10, 3), precision="int8")
    assert (
        "fp16" in exported.precision
        and exported.mean_error <= 1 < forced.mean_error
        and len(exported.data) > len(forced.data)
    )


def test_a_large_weight_spoils_only_the_group_it_is_in():
    weight = np.random.default_rng(0).normal(size=(3, 70)).astype(np.float32)
    weight[1, 69] = 1000
    scales, numbers = packed.quantise(weight)
    back = numbers * np.repeat(scales.astype(np.float32), 32, 1)[:, :70]
    assert scales.shape == (3, 3) and np.abs(back - weight)[:, :64].max() < 0.02 and abs(back[1, 69] - 1000) < 1


def test_an_operation_without_a_rule_is_named():
    class Odd(nn.Module):
        def forward(self, z):
            return torch.cumsum(z, 1).view(-1, 1, 2, 5)

    with pytest.raises(ChonkError, match="cumsum"):
        lower(Odd(), 10)
    with pytest.raises(ChonkError, match="stride"):
        lower(nn.Sequential(nn.Unflatten(1, (1, 2, 5)), nn.Conv2d(1, 3, 3, stride=2, padding=1)), 10)

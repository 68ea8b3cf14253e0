"""The cost of co-occurrence: what no picture of the memory has both of."""

from __future__ import annotations

import pytest
import torch

from chonk.calibrate.cooccurrence import Cooccurrence, mean_cost
from chonk.nets import collage
from chonk.nets.memory_bank import FEATURES

EVERYWHERE = torch.ones(3, 3, dtype=torch.bool)
MEMORY = torch.tensor([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])[:, :, None]  # three places of two pictures, 0 and 1
SCALE = 1.0


def cost_of(*values: float, compared: torch.Tensor = EVERYWHERE) -> float:
    return mean_cost(torch.tensor(values, dtype=torch.float32)[:, None, None], MEMORY, SCALE, compared).item()


def test_its_closed_form():
    # The variance over the memory is 1/4, so the other picture differs by 4 and counts as 4 / (4 + scale).
    other = 4 / (4 + SCALE)
    assert cost_of(0, 0, 0) == cost_of(1, 1, 1) == 0
    assert cost_of(0, 0, 1) == pytest.approx(2 * other / 3)  # two of the three pairs
    near = torch.tensor([[1, 1, 0], [1, 1, 1], [0, 1, 1]], dtype=torch.bool)
    assert cost_of(0, 1, 0, compared=near) == pytest.approx(other)
    assert cost_of(0, 0, 1, compared=near) == pytest.approx(other / 2)


def test_what_is_in_no_picture_costs_nothing_by_itself():
    assert cost_of(0, 0, 1000) < 1e-3 and cost_of(0.5, 0.5, 0.5) == 0


def test_it_finds_two_halves_and_two_coats():
    torch.manual_seed(0)
    net = collage.Generator(64, 3, 24 + 3 * (24 + 16), memory_size=6)
    features = torch.randn(6, FEATURES, 1, 1) + 0.3 * torch.randn(6, FEATURES, 8, 8)
    net.set_pictures(features, torch.randn(6, 18), torch.randn(6, 6))
    costs = Cooccurrence(net)
    halves = torch.cat([features[:1, :, :, :4], features[1:2, :, :, 4:]], 3)
    whole, half = costs(features), costs(halves)
    assert whole.abs().max() < 1e-4 and (half > 0.05).all()
    coat = features[:1] + 0  # the other picture's colours, as they are read, in one corner
    onto = torch.linalg.pinv(costs.readout) @ costs.readout
    change = torch.einsum("de,neyx->ndyx", onto, features[1:2] - features[:1])
    coat[:, :, :4, :4] += change[:, :, :4, :4]
    of_features, of_colours = costs(coat)[0]
    assert of_colours > 0.02 and of_colours > 2 * of_features

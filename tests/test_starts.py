from __future__ import annotations

import numpy as np
import torch

from chonk import latents
from chonk.draw.points import draw_points
from chonk.links import link_points, read_link
from chonk.model import Model, ModelConfig
from chonk.nets.base import Generator
from chonk.play.starts import starts


class Choosy(Generator):
    """Features are the latent; whose first number is far from 0 is rejected."""

    has_features = True
    rejects = True

    def __init__(self, limit: float) -> None:
        super().__init__()
        self.limit = limit

    def features(self, z):
        return z.view(-1, 8, 1, 1)

    def decode(self, features):
        return torch.tanh(features[:, :3]).expand(-1, -1, 8, 8)

    def forward(self, z):
        return self.decode(self.features(z))

    def difference(self, minus, plus):
        return plus - minus

    def rejection_score(self, z):
        return (z[:, 0].abs() - self.limit).relu().view(-1, 1, 1, 1)

    def feature_score(self, features):
        return self.rejection_score(features.flatten(1))


def test_what_a_page_shows_at_first_passes():
    model = Model(Choosy(1.0), ModelConfig("began", 8, 3, 8))
    found = starts(model)
    link = read_link("#v1&view=corners&at=" + ",".join(found["corners"]))
    own = np.concatenate([latents.project(np.array([term.numbers for term in point]), 8) for point in link.points])
    assert len(own) == 4 and model.rejection_score(own).max() == 0
    assert len({tuple(np.sign(z)) for z in own}) > 1, "four different pictures"
    sums = read_link("#v1&view=sum&at=" + ",".join(found["sum"]))
    pictures = draw_points(model, link_points(sums))
    assert np.abs(np.arctanh(pictures[:, 0, 0, 0])).max() <= 1.0 + 1e-5, "the terms and the result"
    assert starts(model) == found, "the same on every machine"


def test_a_net_that_rejects_none_needs_no_choice():
    model = Model(Choosy(1.0), ModelConfig("began", 8, 3, 8))
    model.generator.rejects = False
    assert starts(model) == {}

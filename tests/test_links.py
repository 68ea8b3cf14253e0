from __future__ import annotations

import contextlib

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from chonk.draw.points import draw_points
from chonk.errors import UserError
from chonk.latents import MAX_TRIES, NEXT_TRY, blend, latents, project, resample
from chonk.links import Link, Point, Term, link_points, read_link, read_point
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets import GENERATORS, generator_class
from chonk.nets.base import Generator


class Shown(Generator):
    """Draws its latent: a picture whose first pixels are its numbers."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.pad(z, (0, 3 * 64 - z.shape[1])).view(-1, 3, 8, 8)


class Adding(Shown):
    """Has features, twice the latents, in which changes are three times as strong; and pictures of sums are one
    lighter."""

    has_features = True

    def features(self, z: torch.Tensor) -> torch.Tensor:
        return 2 * z

    def difference(self, minus: torch.Tensor, plus: torch.Tensor) -> torch.Tensor:
        return 3 * (plus - minus)

    def decode(self, features: torch.Tensor) -> torch.Tensor:
        return self(features + 1)


def shown(
    points: list[Point],
    scale: float = 1.0,
    net: torch.nn.Module | None = None,
    dim: int = 10,
    kind: str = "normal",
    directions=(),
) -> np.ndarray:
    """The latents that are drawn for points, N x dim."""
    model = Model(net or Shown(), ModelConfig("mosaic", 8, 3, dim, kind))
    return draw_points(model, points, scale, directions).reshape(len(points), -1)[:, :dim]


def test_a_grid_link_is_a_seed_and_a_scale():
    assert read_link("https://example.org/page/#v1&view=grid&model=my-cats&seed=12&scale=0.7") == Link(
        "grid", "my-cats", 12, 0.7
    )
    assert read_link("#v1&seed=12") == Link("grid", "", 12, None)


def test_a_point_is_a_weighted_sum():
    point = read_point("0.5xs12:3~-2xn1:0:-0.5~d1")
    assert point[1] == Term(-2.0, "n", (1.0, 0.0, -0.5))
    directions = [np.zeros(6), np.arange(6)]
    want = 0.5 * (0.5 * latents(12, 1, 6, "uniform", first=3)[0] - 2 * project([1, 0, -0.5], 6)[0] + np.arange(6))
    np.testing.assert_allclose(
        shown([point], 0.5, dim=6, kind="uniform", directions=directions)[0], want, rtol=1e-5, atol=1e-6
    )
    assert np.isfinite(shown([point], dim=6, kind="uniform")).all()


def test_corners_are_the_blend_and_a_sum_ends_with_its_result():
    at = "n1:0:0,n0:1:0,n0:0:1,n-1:-1:-1"
    z = shown(link_points(read_link(f"#v1&view=corners&at={at}&scale=1")))
    corners = project(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -1, -1]]), 10)
    np.testing.assert_allclose(z, blend(corners, 5, 5).reshape(25, 10), atol=1e-6)
    z = shown(link_points(read_link("#v1&view=sum&at=n1:0:0,n0:1:0,n0:0:1")), 0.5)
    np.testing.assert_allclose(z[3], z[0] - z[1] + z[2], atol=1e-6)


def test_a_sum_is_made_with_features_where_a_net_has_them():
    terms = "s1:0,s2:5,0.5xn1:0:1"
    points = link_points(read_link(f"#v1&view=sum&at={terms}"))
    assert points[3] == read_point("s1:0~cs2:5_0.5xn1:0:1z")
    a, b, c = shown(points[:3], 0.7)
    np.testing.assert_allclose(shown(points, 0.7, Adding()), [a, b, c, 2 * a + 6 * (c - b) + 1], atol=1e-5)
    again = read_point(
        "0.5xs1:0~-0.5xcs2:5_s1:0~cs2:5_0.5xn1:0:1zz"
    )  # half a sum, less half of what leads to it from a third
    want = 2 * a / 2 - 3 / 2 * (2 * a + 6 * (c - b) - 2 * b) + 1
    np.testing.assert_allclose(shown([again], 0.7, Adding())[0], want, atol=1e-4)
    np.testing.assert_allclose(shown([again], 0.7)[0], a / 2 - (a + c - b - b) / 2, atol=1e-5)


def test_a_direction_is_a_step_of_features_where_a_net_has_them():
    directions = [np.zeros(10), np.arange(10)]
    point = read_point("s1:0~-0.5xd1~d7~cs2:0_s2:0~0.5xd1z")
    want = 2 * shown([read_point("s1:0")], 0.7)[0] - 0.5 * np.arange(10) + 3 * 0.5 * np.arange(10) + 1
    np.testing.assert_allclose(shown([point], 0.7, Adding(), directions=directions)[0], want, atol=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "#v2&view=grid",
        "#v1&view=cellar",
        "#v1&seed=4294967296",
        "#v1&seed=-1",
        "#v1&scale=4.01",
        "#v1&scale=nan",
        "#v1&seed=1&seed=2",
        "#v1&model=../x",
        "#v1&view=corners&at=n1:0:0",
        "#v1&view=tune&at=q1",
        "#v1&view=tune&at=s1",
        "#v1&view=tune&at=n1:2:101",
        "#v1&view=tune&at=1e9xs1:1",
        "#v1&view=tune&at=101xs1:1",
        "#v1&view=tune&at=" + "~".join(["s1:1"] * 49),
        "#v1&view=tune&at=cs1:1z",
        "#v1&view=tune&at=cs1:1_s1:2",
        "#v1&view=tune&at=cs1:1_s1:2zs1:1",
        "#v1&view=tune&at=c_s1:1z",
        "#v1&view=tune&at=" + "c" * 60,
        "#v1&view=tune&at=" + "cs1:1_" * 25 + "s1:1" + "z" * 25,
        "#v1&seed=1&" + "a" * 9000,
    ],
)
def test_a_link_that_the_page_would_not_write_is_refused(text):
    with pytest.raises(UserError):
        read_link(text)


def test_every_try_of_every_net_can_be_named_in_a_link():
    nets = [generator_class(name).tries for name in GENERATORS]
    assert max(nets) == 24 and max(nets) <= MAX_TRIES
    last = resample(NEXT_TRY - 1, MAX_TRIES - 1)
    assert read_point(f"s1:{last}") and read_point(f"s1:{resample(7, 23)}") == (Term(1, "s", (1, resample(7, 23))),)
    with pytest.raises(UserError):
        read_link(f"#v1&view=tune&at=s1:{last + 1}")


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    with contextlib.suppress(UserError):
        read_link("#v1&view=tune&at=" + text)


def test_a_view_without_pictures_cannot_be_drawn():
    with pytest.raises(UserError, match="film"):
        link_points(read_link("#v1&view=film"))

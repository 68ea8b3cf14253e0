from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chonk.errors import UserError
from chonk.latents import blend, latents, project
from chonk.links import Link, Term, link_latents, read_link, read_point


def test_a_grid_link_is_a_seed_and_a_scale():
    assert read_link("https://example.org/page/#v1&view=grid&model=my-cats&seed=12&scale=0.7") == Link("grid", "my-cats", 12, 0.7)
    assert read_link("#v1&seed=12") == Link("grid", "", 12, None)


def test_a_point_is_a_weighted_sum():
    point = read_point("0.5xs12:3~-2xn1:0:-0.5~d1")
    assert point[1] == Term(-2.0, "n", (1.0, 0.0, -0.5))
    directions = [np.zeros(6), np.arange(6)]
    link = Link("tune", points=(point,), scale=0.5)
    want = 0.5 * (0.5 * latents(12, 1, 6, "uniform", first=3)[0] - 2 * project([1, 0, -0.5], 6)[0] + np.arange(6))
    np.testing.assert_allclose(link_latents(link, 6, "uniform", 1.0, directions)[0], want, rtol=1e-5, atol=1e-6)
    assert np.isfinite(link_latents(link, 6, "uniform", 1.0)).all()


def test_corners_are_the_blend_and_a_sum_ends_with_its_result():
    at = "n1:0:0,n0:1:0,n0:0:1,n-1:-1:-1"
    z = link_latents(read_link(f"#v1&view=corners&at={at}&scale=1"), 10, "normal", 0.3)
    corners = project(np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, -1, -1]]), 10)
    np.testing.assert_allclose(z, blend(corners, 5, 5).reshape(25, 10), atol=1e-6)
    z = link_latents(read_link("#v1&view=sum&at=n1:0:0,n0:1:0,n0:0:1"), 10, "normal", 1.0)
    np.testing.assert_allclose(z[3], z[0] - z[1] + z[2], atol=1e-6)


@pytest.mark.parametrize("text", [
    "", "#", "#v2&view=grid", "#v1&view=cellar", "#v1&seed=4294967296", "#v1&seed=-1", "#v1&scale=4.01", "#v1&scale=nan", "#v1&seed=1&seed=2",
    "#v1&model=../x", "#v1&view=corners&at=n1:0:0", "#v1&view=tune&at=q1", "#v1&view=tune&at=s1", "#v1&view=tune&at=n1:2:101",
    "#v1&view=tune&at=1e9xs1:1", "#v1&view=tune&at=101xs1:1", "#v1&view=tune&at=" + "~".join(["s1:1"] * 49), "#v1&seed=1&" + "a" * 9000,
])
def test_a_link_that_the_page_would_not_write_is_refused(text):
    with pytest.raises(UserError):
        read_link(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    try:
        read_link("#v1&view=tune&at=" + text)
    except UserError:
        pass


def test_a_view_without_pictures_cannot_be_drawn():
    with pytest.raises(UserError, match="film"):
        link_latents(read_link("#v1&view=film"), 4, "normal", 1.0)

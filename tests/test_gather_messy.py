"""A folder as people really have them: every one of its entries is taken, or skipped for the right reason."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from gather_help import finished, reasons, run, sources

MESSY = Path(__file__).parents[1].parent / "shared" / "data" / "messy.tar"
pytestmark = pytest.mark.skipif(not MESSY.exists(), reason="../shared/data/messy.tar is not here")

TAKEN = """cat 01.png|cat_trim.png|small_128.png|tiny_48.png|BIG.PNG|wide.png|very_wide_banner.png|white_bg.jpg|blue_bg.jpeg|print_cmyk.jpg
phone_rotated.jpg|gray.jpg|sticker.webp|sticker_lossless.webp|nested/robots_5.png|nested/monsters_9.png|nested/revoycats_17.png
nested/tuxemon_20.png|nested/deeper/robot_deep.png|animated.webp|animated.gif|static.gif|palette.png|deep16_rgba.png|deep16_gray.png
gray_alpha.png|onebit.png|old.bmp|scan.tiff|猫のステッカー_ñandú.png|really_a_png.jpg|gopher.svg|no_extension"""
# The manifest lets an importer that draws SVG take gopher.svg, and one that goes by content take no_extension.
SKIPPED = {
    "nested/empty_dir": "empty folder",
    ".hidden.png": "hidden",
    "._cat 01.png": "hidden",
    "Thumbs.db": "system file",
    "README.txt": "text",
    "cat 01 (copy).png": "a copy of cat 01.png",
    "nested/same_again.png": "a copy of small_128.png",
    "cat01_resaved.png": "a copy of cat 01.png",
    "white_bg_q60.jpg": "a copy of white_bg.jpg",
    "sticker_from_webp.png": "a copy of sticker.webp",
    # The manifest would keep this one; a mirrored copy is kept once here, as training mirrors pictures anyway
    # (--keep-duplicates).
    "cat01_mirrored.png": "a mirrored copy of cat 01.png",
    "truncated.jpg": "damaged",
    "truncated.png": "damaged",
    "bad_crc.png": "damaged",
    "empty.png": "empty file",
    "text_not_image.jpg": "web page",
    "bomb.png": "bomb",
    "bomb_header_only.png": "bomb",
    "all_transparent.png": "nothing is drawn",
    "blank_white.png": "nothing is drawn",
    "tracking_pixel.png": "too small",
    "nested/loop": "link",
    "self_link.png": "link",
    "dangling.png": "link",
    "link_to_cat.png": "link",
    "LICENSE.txt": "text",
    "manifest.json": "text",
}


@pytest.fixture(scope="module")
def messy(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("messy")
    with tarfile.open(MESSY) as tar:
        # Debian 12's Python, 3.11.2, does not know the filter.
        tar.extractall(folder, **({"filter": "fully_trusted"} if hasattr(tarfile, "fully_trusted_filter") else {}))
    return folder / "out", run(folder / "messy", folder / "out")


@pytest.mark.parametrize("name", TAKEN.replace("\n", "|").split("|"))
def test_taken(messy, name: str) -> None:
    out, result = messy
    assert sources(result).count(name) == 1
    assert np.unique(finished(out, result, name).reshape(-1, 4), axis=0).shape[0] > 10


@pytest.mark.parametrize("name", SKIPPED)
def test_skipped(messy, name: str) -> None:
    assert SKIPPED[name] in reasons(messy[1])[name]


def test_nothing_else_and_nothing_twice(messy) -> None:
    _, result = messy
    assert len(TAKEN.replace("\n", "|").split("|")) == len(result["taken"])
    assert set(SKIPPED) == set(reasons(result)) and len(SKIPPED) == len(result["skipped"])


def test_what_is_drawn_fills_the_picture(messy) -> None:
    """Not a speck in the middle of a banner, and not cut either."""
    out, result = messy
    for name in ("very_wide_banner.png", "tiny_48.png", "wide.png", "cat_trim.png", "gopher.svg"):
        alpha = finished(out, result, name)[..., 3] > 12
        rows, columns = np.flatnonzero(alpha.any(1)), np.flatnonzero(alpha.any(0))
        assert max(np.ptp(rows), np.ptp(columns)) >= 56, name


def test_colours(messy) -> None:
    """CMYK is not inverted, 16 bits are not clipped: the ground stays light and the drawing does not drown in it."""
    out, result = messy
    for name in ("print_cmyk.jpg", "phone_rotated.jpg", "gray.jpg", "deep16_gray.png"):
        picture = finished(out, result, name)[..., :3].astype(int)
        assert picture[2, 30:].min() > 200 or picture[2].mean() > 150, f"{name}: a light ground above"
        assert 90 < picture.mean() < 240, name

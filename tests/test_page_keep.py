"""What a visitor takes home: pictures, sticker packs, grids and walks."""

from __future__ import annotations

import io
import re
import zipfile
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from browser import Visit, served
from chonk.draw.apps import STILL
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.pixels import as_pictures
from chonk.play.demo import demo_page
from chonk.play.page import page as write_page
from chonk.settings import Page
from container_facts import Facts, facts
from small_pages import SMALL, VIEWS, lively


def test_a_picture_can_be_kept_saved_tuned_and_made_a_corner(visit, site):
    v = visit()
    v.open("#v1&view=grid&seed=5")
    before = v.pixels()[7]
    open_sheet = lambda: v.page.locator("main .tile").nth(7).click()  # noqa: E731
    open_sheet()
    v.page.get_by_role("button", name="Keep it").click()
    with v.page.expect_download() as saved:
        v.page.get_by_role("button", name="Save PNG").click()
    assert saved.value.suggested_filename == "cats-s5_7.png"
    with Image.open(saved.value.path()) as picture:
        large = np.asarray(picture)
    model = site[1]["cats"]
    same = np.asarray(as_pictures(model.finish(model(model.latents(5, 8)[7:]), 512))[0]).astype(int)
    assert large.shape[:2] == (512, 512) and np.abs(large[..., :3] - same).mean() < 2
    v.page.get_by_role("button", name="Bottom right", exact=True).click()
    v.settle()
    np.testing.assert_array_equal(v.pixels(".blend .tile canvas")[24], before)
    v.back("grid")
    open_sheet()
    v.page.get_by_role("button", name="Tune it").click()
    v.settle()
    np.testing.assert_array_equal(v.pixels()[0], before)
    v.page.reload()
    v.settle()
    np.testing.assert_array_equal(v.pixels()[0], before)
    v.page.locator("nav a").nth(VIEWS.index("finds")).click()
    v.settle()
    assert np.abs(v.pixels(".shelf .tile canvas")[0] - before).max() <= 1 and v.errors == []


def test_favourites_become_a_pack_that_the_app_takes(browser):
    with demo_page() as root, served(root) as address:
        make_packs(Visit(browser, address))


def make_packs(v: Visit) -> None:
    v.open("#v1&view=grid&seed=5&model=collage")
    for i in (0, 0, 1, 2):  # one is looked at twice
        v.page.locator("main .tile").nth(i).click()
        keep = v.page.locator("dialog.sheet .button.primary")
        if keep.get_attribute("aria-pressed") == "false":
            keep.click()
        v.page.get_by_role("button", name="Close").click()
    v.page.locator("nav a[href*='view=finds']").click()
    v.settle()
    for app, archive, names, ending in (
        ("whatsapp", "collage-whatsapp.wastickers", {"title.txt", "author.txt", "tray.png"}, "webp"),
        ("signal", "collage-signal.zip", {"links.txt"}, "png"),
    ):
        v.page.locator(".packer select").select_option(app)
        with v.page.expect_download() as saved:
            v.page.get_by_role("button", name="Make a sticker pack").click()
        assert saved.value.suggested_filename == archive
        limits = STILL[app].sticker
        with zipfile.ZipFile(saved.value.path()) as pack:
            assert pack.testzip() is None
            assert set(pack.namelist()) == names | {f"{n:02}.{ending}" for n in (1, 2, 3)}
            for n in (1, 2, 3):
                info = pack.getinfo(f"{n:02}.{ending}")
                assert facts(pack.read(info)) == Facts(ending.upper(), (limits.width, limits.height))
                assert info.file_size < limits.max_bytes
                with pack.open(info) as file, Image.open(file) as sticker:
                    assert sticker.convert("RGBA").getpixel((0, 0))[3] == 0
    v.page.locator(".packer select").select_option("line")
    v.page.get_by_role("button", name="Make a sticker pack").click()
    v.page.get_by_text("LINE wants at least 8 stickers").wait_for()
    assert v.errors == []


def test_pixel_art_is_shown_saved_and_packed_in_whole_pixels(browser, tmp_path):
    """A model whose drawn pixels are two of its own wide: all that is large consists of squares of one colour."""
    config = ModelConfig("began", 32, 3, 16, options=SMALL, title="Sprites", truncation=0.8, cell=2)
    model = lively(Model.build(config))
    model.save(tmp_path / "run" / "model")
    write_page(Page((tmp_path / "run",), tmp_path / "page"))
    wanted = np.asarray(as_pictures(model.finish(model(model.latents(5, 1)), 512))[0].convert("RGBA")).astype(int)
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open("#v1&view=grid&seed=5")
        v.page.locator("main .tile").first.click()
        v.page.locator(".sheet-picture canvas[width='512']").wait_for()
        shown = v.pixels(".sheet-picture canvas")[0]
        with v.page.expect_download() as saved:
            v.page.get_by_role("button", name="Save PNG").click()
        assert facts(Path(saved.value.path())) == Facts("PNG", (512, 512))
        with Image.open(saved.value.path()) as picture:
            large = np.asarray(picture.convert("RGBA")).astype(int)
        for pixels in (shown, large):
            assert square_side(pixels) == square_side(wanted) == 32
            assert np.abs(pixels - wanted).mean() < 2
        v.page.get_by_role("button", name="Keep it").click()
        v.page.get_by_role("button", name="Close").click()
        for i in (1, 2):
            v.page.locator("main .tile").nth(i).click()
            v.page.get_by_role("button", name="Keep it").click()
            v.page.get_by_role("button", name="Close").click()
        v.page.locator("nav a[href*='view=finds']").click()
        v.settle()
        for app, kind, sides in (("whatsapp", "WEBP", range(29, 33)), ("discord", "PNG", range(20, 23))):
            v.page.locator(".packer select").select_option(app)
            with v.page.expect_download() as saved:
                v.page.get_by_role("button", name="Make a sticker pack").click()
            with zipfile.ZipFile(saved.value.path()) as pack:
                for name in (name for name in pack.namelist() if name[:2].isdigit()):
                    assert facts(pack.read(name)).kind == kind
                    with pack.open(name) as file, Image.open(file) as sticker:
                        assert square_side(np.asarray(sticker.convert("RGBA"))) in sides, (app, name)
        assert v.errors == []
        v.context.close()


def square_side(pixels: np.ndarray) -> int:
    """The side of the squares that the middle of a picture consists of: colours change only between them."""
    side = len(pixels)
    middle = pixels[side // 4 : -side // 4, side // 4 : -side // 4].astype(int)
    steps = []
    for axis in (0, 1):
        lines = np.flatnonzero((np.abs(np.diff(middle, axis=axis)) > 24).any((1 - axis, 2)))
        assert len(lines) >= 6
        steps += [*np.diff(lines)]
    assert not any(step % min(steps) for step in steps), steps
    return int(min(steps))


TAKEN = """
const text = blob => new Promise(resolve => {
  const reader = new FileReader()
  reader.onload = () => resolve(reader.result.split(',')[1])
  reader.readAsDataURL(blob)
})
navigator.canShare = ({ files }) => files.length === 1
navigator.share = async ({ url, files }) => { window.shared = { url, name: files[0].name, data: await text(files[0]) } }
window.copied = async () => text(await (await navigator.clipboard.read())[0].getType('image/png'))
"""
"""A share sheet that keeps what it is given, and the picture that lies in the clipboard."""


@pytest.mark.parametrize(
    "link, name, size",
    [
        ("tune&model=clear&at=s1:2", "clear-s1_2.png", (512, 512)),
        ("grid&model=clear&seed=5", "clear-5.png", (1312, 1312)),
        ("corners&model=clear&at=s1:0,s1:1,n1:2:3,s1:3", "clear-corners-s1_0-s1_1-n1_2_3-s1_3.png", (1312, 1312)),
    ],
)
def test_what_is_shared_and_copied_is_what_is_saved(visit, link, name, size):
    """One picture, and sheets of them: all under the name that the file has, beside the link that shows it."""
    v = visit(permissions=["clipboard-read", "clipboard-write"])
    v.page.add_init_script(TAKEN)
    v.open(f"#v1&view={link}")
    if "tune" in link:
        v.page.locator("main .tile").first.click()
    with v.page.expect_download() as saved:
        v.page.get_by_role("button", name=re.compile("Save (as )?PNG")).click()
    assert saved.value.suggested_filename == name
    wanted = picture_in(Path(saved.value.path()).read_bytes())
    assert wanted.shape[1::-1] == size and wanted[..., 3].min() < 128
    v.page.get_by_role("button", name="Share").click()
    shared = v.until("window.shared")
    assert shared["name"] == name and shared["url"].replace("scale=0.8&", "") == f"{v.address}#v1&view={link}"
    np.testing.assert_array_equal(picture_in(b64decode(shared["data"])), wanted)
    v.page.get_by_role("button", name="Copy picture").click()
    v.page.get_by_text("Picture copied").wait_for()
    copied = picture_in(b64decode(v.page.evaluate("copied()"))).astype(int)
    assert np.abs(copied - wanted)[wanted[..., 3] == 255].max() <= 1 and copied[..., 3].min() < 128
    assert v.errors == []


def picture_in(data: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(data)) as picture:
        return np.asarray(picture.convert("RGBA"))


def test_grids_and_walks_go_home(visit, tmp_path):
    v = visit()
    v.open("#v1&view=grid&model=clear")
    with v.page.expect_download() as saved:
        v.page.get_by_role("button", name="Save as PNG").click()
    saved.value.save_as(tmp_path / "grid.png")
    with Image.open(tmp_path / "grid.png") as picture:
        assert picture.size == (5 * 264 - 8,) * 2 and picture.mode == "RGBA" and np.asarray(picture)[..., 3].min() < 128
    v.open("#v1&view=walk&at=s1:0,s1:1")
    with v.page.expect_download() as saved:
        v.page.get_by_role("button", name="Save as animation").click()
    assert saved.value.suggested_filename == "cats-walk-s1_0-s1_1.webp"
    saved.value.save_as(tmp_path / "walk.webp")
    with Image.open(tmp_path / "walk.webp") as film:
        assert film.n_frames == 32 and film.size == (256, 256) and film.info["loop"] == 0
        film.seek(31)
        film.load()
    assert v.errors == []

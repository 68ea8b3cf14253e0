from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from browser import Visit, chromium, served, served_cut
from chonk.dataset.picture_set import PictureSet
from chonk.draw.apps import STILL
from chonk.draw.linked import read_directions
from chonk.draw.points import draw_points
from chonk.errors import ChonkError, UserError
from chonk.latents import latents
from chonk.learn.objectives import OBJECTIVES, find_objective
from chonk.learn.presets import PRESETS
from chonk.links import link_points, read_link
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.pixels import as_pictures, compose
from chonk.play.demo import demo_page
from chonk.play.page import page
from chonk.settings import Page

ROOT = Path(__file__).parent.parent
SMALL = dict(filters=6, layers=1, sets=3, doubling=True, activation="leaky_relu", inject="latent")
EVIL = "<img src=x onerror=alert(1)></script><b>Cats</b>"
FRAMES = 24  # a film of four seconds
VIEWS = ("grid", "corners", "sum", "walk", "tune", "film", "finds", "about")


def lively(model: Model, seed: int = 0) -> Model:
    """Random weights large enough that the pictures use the whole range, and running averages that are nothing
    special."""
    generator = torch.Generator().manual_seed(seed)
    for name, value in model.generator.state_dict().items():
        if name.endswith("running_var"):
            value.uniform_(0.5, 2, generator=generator)
        elif name.endswith(("carry", "fresh")):
            value.fill_(0.25 if name.endswith("carry") else 0.75)
        elif name.endswith("memory"):
            value.normal_(0, 1, generator=generator)  # features, not a layer's weights
        elif value.is_floating_point() and value.ndim > 1:
            value.normal_(0, 1.4 / value[0].numel() ** 0.5, generator=generator)
    return model


def small_run(folder: Path, channels: int = 3, title: str = "Cats", seed: int = 0) -> Model:
    """A run as training leaves it, in small: model, film, curves."""
    model = lively(
        Model.build(
            ModelConfig(
                "began",
                32,
                channels,
                16,
                options=SMALL,
                title=title,
                truncation=0.8,
                training={"objective": "began", "pictures": 300},
            )
        ),
        seed,
    )
    model.save(folder / "model")
    (folder / "film").mkdir()
    for i in range(FRAMES):
        Image.new("RGB", (128, 128), (10 * i, 40, 200)).save(folder / "film" / f"{i}.png")
    frames = [{"file": f"{i}.png", "kimg": i / 2} for i in range(FRAMES)]
    (folder / "film" / "film.json").write_text(json.dumps({"format": 1, "size": 32, "columns": 4, "frames": frames}))
    lines = [
        {"kimg": i / 10, "loss_real": 1 / (i + 1), "loss_fake": 0.5, "k": i / 20, "M": 2 / (i + 1)} for i in range(11)
    ]
    (folder / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"kimg": 1.1, "lo')
    return model


@pytest.fixture(scope="module")
def launch():
    """Starts a Chromium with further switches."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *switches])


@pytest.fixture(scope="module")
def browser(launch):
    chrome = launch()
    yield chrome
    chrome.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A page with two models, one of them transparent and with a hostile title; its address and its models by name."""
    folder = tmp_path_factory.mktemp("page")
    models = {"cats": small_run(folder / "Cats.chonk" / "run"), "clear": small_run(folder / "clear", 4, EVIL, seed=1)}
    page(
        Page(runs=(folder / "Cats.chonk", folder / "clear"), out=folder / "page", precision="fp32", title="Little cats")
    )
    with served(folder / "page") as address:
        yield address, models, folder / "page"


@pytest.fixture
def visit(browser, site):
    opened = []

    def open_page(**options) -> Visit:
        opened.append(Visit(browser, site[0], **options))
        return opened[-1]

    yield open_page
    for v in opened:
        v.context.close()


def wanted(model: Model, hash: str, directions=()) -> np.ndarray:
    """What PyTorch draws for a link, N x S x S x 3, on white."""
    link = read_link(hash)
    values = (
        model(model.latents(link.seed, 25, link.scale))
        if link.view == "grid"
        else draw_points(model, link_points(link), link.scale, directions)
    )
    return compose(values, (255, 255, 255)).astype(np.int16)


@pytest.mark.parametrize(
    "hash",
    [
        "#v1&view=grid&model=cats&seed=77",
        "#v1&view=tune&scale=1.5&at=0.5xs3:1~-0.25xn1:0.5:-2",
        "#v1&view=walk&at=s1:1,n1:2:3&scale=0.6",
    ],
)
def test_the_browser_draws_what_pytorch_draws(visit, site, hash):
    v = visit()
    v.open(hash)
    want = wanted(site[1]["cats"], hash)
    got = v.pixels(".stops .tile canvas" if "walk" in hash else "main .tile canvas")
    assert got.shape[:3] == want.shape[:3] and np.abs(got[..., :3] - want).max() <= 1 and want.std() > 20
    assert v.errors == []


def test_corners_and_the_sum_are_those_of_the_link(visit, site):
    v = visit()
    for view, at in (("corners", "n1:0:0,n0:1:0,s5:0,n-1:-1:-1"), ("sum", "n1:0:0,s9:2,n0:0:1")):
        hash = f"#v1&view={view}&at={at}&scale=0.9"
        v.open(hash)
        got = v.pixels(".blend .tile canvas" if view == "corners" else ".sum .tile canvas")
        assert np.abs(got[..., :3] - wanted(site[1]["cats"], hash)).max() <= 1


def test_a_transparent_model_is_transparent_in_the_browser(visit, site):
    hash = "#v1&view=tune&model=clear&at=s1:0"
    v = visit()
    v.open(hash)
    got = v.pixels()[0].astype(np.float64)
    alpha = got[..., 3:] / 255
    model = site[1]["clear"]
    want = np.asarray(compose(draw_points(model, link_points(read_link(hash))))[0]).astype(np.float64)
    # A canvas keeps colours multiplied by alpha, so only what can be seen of them is comparable.
    seen = got[..., :3] * alpha - want[..., :3] * want[..., 3:] / 255
    assert 0.02 < alpha.mean() < 0.98 and np.abs(got[..., 3] - want[..., 3]).max() <= 1 and np.abs(seen).max() <= 2


@pytest.mark.parametrize("name", [*PRESETS, *OBJECTIVES])
def test_every_preset_and_objective_draws_the_same_in_the_browser(browser, tmp_path, monkeypatch, name):
    monkeypatch.setattr(
        "chonk.play.spaces.SAMPLES", 128
    )  # the published nets are large, and nobody moves along them here
    objective, values = PRESETS.get(name, (name, {}))
    module, size = find_objective(objective), 80 if "2018" in name else 64
    pixels = torch.randint(
        0, 256, (8, 3, size // 8, size // 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0)
    )
    pictures = PictureSet(pixels.repeat_interleave(8, 2).repeat_interleave(8, 3), tuple("abcdefgh"))
    objective = module.Objective(pictures, module.Settings(**values), 0)
    net, options, dim, kind = objective.generator_config()
    model = Model(objective.trained(), ModelConfig(net, size, 3, dim, kind, options, title=name))
    if name != "chonk":  # whose nets have learned before
        lively(model)
    model.save(tmp_path / "m")
    page(Page(runs=(tmp_path / "m",), out=tmp_path / "page", precision="fp32"))
    hash = "#v1&view=tune&at=s4:2"
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open(hash)
        want = wanted(model, hash)
        assert np.abs(v.pixels()[..., :3] - want).max() <= 1 and want.std() > 5 and v.errors == []
        v.context.close()


def recipe_model() -> Model:
    """The default recipe's, before its first lesson."""
    pixels = torch.randint(0, 256, (8, 3, 8, 8), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pictures = PictureSet(pixels.repeat_interleave(8, 2).repeat_interleave(8, 3), tuple("abcdefgh"))
    module = find_objective("chonk")
    objective = module.Objective(pictures, module.Settings(), 0)
    net, options, dim, kind = objective.generator_config()
    return Model(objective.trained(), ModelConfig(net, 64, 3, dim, kind, options))


def rounding(model: Model, z: np.ndarray) -> np.ndarray:
    """How far each picture moves, in levels, when its latent moves by one part in ten million, as far as float32 can
    tell numbers apart: retrieval of pictures that nearly tie amplifies that, in Python as on the page."""
    moved = (z * (1 + 1e-7 * np.random.default_rng(0).choice([-1, 1], (4, *z.shape)))).astype(np.float32)
    return np.max([np.abs(model(other) - model(z)).mean((1, 2, 3)) for other in moved], axis=0) * 127.5


def test_a_rejected_picture_is_resampled_as_in_python(browser, tmp_path):
    """The grid shows the same pictures, of which some are those with the lowest score of all, and a tile's link names
    the one that is shown."""
    model = recipe_model()
    generator, dim = model.generator, model.config.latent_dim
    with torch.inference_mode():
        _, incoherence = generator.novelty_and_incoherence(*generator.retrieve(torch.from_numpy(latents(9, 25, dim))))
    limit = incoherence.flatten().sort().values[2:4].mean().item()
    generator.max_incoherence = limit
    model.config.options["max_incoherence"] = limit
    model.save(tmp_path / "m")
    page(Page(runs=(tmp_path / "m",), out=tmp_path / "page", precision="fp32"))
    z = model.latents(9, 25)
    assert 0 < (model.rejection_score(z) > 0).sum() < 25
    changed = int(np.flatnonzero((z != latents(9, 25, dim)).any(1))[0])
    want = np.stack([np.asarray(picture) for picture in model.draw(z)]).astype(np.int16)
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open("#v1&view=grid&seed=9")
        error = np.abs(v.pixels()[..., :3] - want).mean((1, 2, 3))
        assert (error < 0.1 + 4 * rounding(model, z)).all() and error.max() < 1 and np.median(error) < 0.01
        assert np.abs(want[1:] - want[:-1]).mean((1, 2, 3)).min() > 1 and v.errors == []
        v.page.locator("main .tile").nth(changed).click()
        v.page.get_by_role("button", name="Tune").click()
        v.page.wait_for_url("**at=s9:*")
        index = int(v.page.url.split("s9:")[1].split("&")[0])
        assert index > changed and np.array_equal(latents(9, 1, dim, first=index)[0], z[changed])
        # What is shown before anybody has chosen passes too, where any of its tries does.
        for view, seed, selector in (("tune", 1, "main .tile canvas"), ("walk", 7, ".stop canvas")):
            v.open(f"#v1&view={view}")
            first = v.pixels(selector)[..., :3]
            want = np.stack([np.asarray(picture) for picture in model.draw(model.latents(seed, len(first)))])
            assert np.abs(first - want.astype(np.int16)).mean((1, 2, 3)).max() < 0.1
        assert any((model.latents(seed, 1) != latents(seed, 1, dim)).any() for seed in (1, 7))
        v.context.close()


def test_a_sum_is_that_of_python_and_can_be_used_again(browser, tmp_path):
    model = recipe_model()
    model.save(tmp_path / "m")
    page(Page(runs=(tmp_path / "m",), out=tmp_path / "page", precision="fp32"))
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open("#v1&view=sum&at=s1:0,s2:5,n1:0:-1&scale=0.8")
        for _ in range(2):
            hash = "#" + v.page.url.split("#")[1]
            got, want = v.pixels(".sum .tile canvas"), wanted(model, hash)
            assert np.abs(got[..., :3] - want).max() <= 1 and np.abs(want[3] - want[0]).mean() > 1
            v.page.get_by_role("button", name="Use as base").click()
            v.page.wait_for_url("**at=s1:0~*cs2:5_*")
            v.open("#" + v.page.url.split("#")[1])
        v.page.locator(".sum .result .tile").click()
        v.page.get_by_role("button", name="Tune").click()
        v.page.wait_for_url("**view=tune*")
        v.settle()
        assert np.abs(v.pixels()[..., :3] - wanted(model, "#" + v.page.url.split("#")[1])).max() <= 1
        v.open(hash := "#v1&view=tune&at=s1:0~1.5xd0~-2xd3&scale=0.8")
        (file,) = (tmp_path / "page" / "models").glob("*/model.*.bin")
        got, want = v.pixels()[..., :3], wanted(model, hash, read_directions(file, (32, 8, 8)))
        assert (
            np.abs(got - want).max() <= 1
            and np.abs(want - wanted(model, "#v1&view=tune&at=s1:0&scale=0.8")).mean() > 1
            and v.errors == []
        )
        v.context.close()


def test_small_weights_keep_pictures_within_the_stated_error(browser, tmp_path):
    model = small_run(tmp_path / "run")
    told = page(Page(runs=(tmp_path / "run",), out=tmp_path / "page"))["models"][0]
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open("#v1&view=grid&seed=3")
        error = np.abs(v.pixels()[..., :3] - wanted(model, "#v1&view=grid&seed=3"))
        v.context.close()
    assert told["precision"] in ("int6", "int8") and error.mean() <= 1 and error.max() <= 2 * told["error"]["max"] + 1


TRUST = """const post = Worker.prototype.postMessage
Worker.prototype.postMessage = function (message, ...rest) {
  return post.call(this, message.type === 'gpu' ? { ...message, trusting: true } : message, ...rest)
}"""


def finished(v: Visit) -> np.ndarray:
    """The first picture at 512 pixels, as its sheet shows it."""
    v.page.locator("main .tile").first.click()
    v.page.locator("canvas.crisp").wait_for()
    pixels = v.pixels("canvas.crisp")[0]
    v.page.keyboard.press("Escape")
    return pixels


@pytest.mark.parametrize("model", ["cats", "clear"])
def test_the_same_link_shows_the_same_finished_pixels(browser, site, model):
    """On a computer and on a phone, before and after more threads are there; and what Python finishes, nearly."""
    hash = f"#v1&view=tune&model={model}&at=0.5xs3:1~-0.25xn1:0.5:-2"
    drawn = []
    for width, cores, wait in ((1280, 1, 0), (390, 8, 3000)):
        v = Visit(browser, site[0], width=width, has_touch=cores > 1)
        v.page.add_init_script(f"Object.defineProperty(navigator, 'hardwareConcurrency', {{get: () => {cores}}})")
        v.open(hash)
        v.page.wait_for_timeout(wait)
        drawn.append(finished(v))
        assert v.errors == []
        v.context.close()
    np.testing.assert_array_equal(*drawn)
    large, link = site[1][model], read_link(hash)
    wanted = as_pictures(large.finish(draw_points(large, link_points(link), link.scale), 512))[0]
    assert drawn[0].shape == (512, 512, 4) and drawn[0].std() > 20
    assert np.abs(drawn[0] - np.asarray(wanted.convert("RGBA")).astype(int)).mean() < 2


@pytest.mark.parametrize("trusting", [False, True])
def test_a_graphics_card_draws_the_same_and_software_is_never_taken_for_one(launch, site, trusting):
    hash = "#v1&view=tune&model=cats&at=0.5xs3:1~-0.25xn1:0.5:-2"
    chrome = launch("--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader")
    v = Visit(chrome, site[0])
    if trusting:
        v.page.add_init_script(TRUST)
    v.open(hash)
    before, large = v.pixels(), finished(v)
    v.page.wait_for_timeout(1600)  # the card is tried when the first pictures are out
    v.page.locator("nav a").nth(VIEWS.index("about")).click()
    drawn_by = v.page.locator("dd.runtime")
    for _ in range(300):  # a card in software takes its time
        if not trusting or drawn_by.inner_text() == "the graphics card":
            break
        v.page.locator(".demo input").first.press("ArrowRight")
        v.page.wait_for_timeout(100)
    v.settle()
    assert drawn_by.inner_text() == ("the graphics card" if trusting else "the processor")
    v.page.go_back()
    v.settle()
    assert np.abs(v.pixels() - before).max() <= trusting and before.std() > 20 and v.errors == []
    np.testing.assert_array_equal(finished(v), large)  # the card draws no finished pictures
    chrome.close()


def test_four_requests_lead_to_the_first_picture(visit):
    v = visit()
    v.open()
    assert len(v.requests) <= 4, v.requests
    assert v.errors == []


def use(v: Visit, view: str) -> None:
    """Every control of a view once."""
    main = v.page.locator("main")
    for name in (
        "Generate",
        "Surprise me",
        "Use as base",
        "New walk",
        "Reset",
        "For experts",
        "For everyone",
        "Play",
        "Pause",
        "Copy link",
    ):
        for control in main.get_by_role("button", name=name, exact=True).all():
            if control.is_visible():
                control.click()
    for dice in main.locator(".dice").all():
        if dice.is_visible():
            dice.click()
    for chip in [None, *main.locator(".corner-chips button").all()]:
        if chip and chip.is_visible():
            chip.click()
        for step in main.locator(".step").all():
            if step.is_visible():
                step.click()
    for slider in main.locator("input[type=range]").all():
        slider.focus()
        slider.press("ArrowRight")
    for stop in main.get_by_role("button", name="Add a stop").all()[:1]:
        stop.click()
    v.settle()
    for stop in main.get_by_role("button", name="Remove stop 1").all():
        stop.click()
    v.settle()


@pytest.mark.parametrize("width, touch", [(1280, False), (390, True)])
def test_every_control_of_every_view_works(visit, width, touch):
    v = visit(width=width, has_touch=touch, permissions=["clipboard-read", "clipboard-write"])
    v.open()
    for view in VIEWS:
        v.page.locator("nav a").nth(VIEWS.index(view)).click()
        v.settle()
        assert v.page.evaluate("location.hash").startswith(f"#v1&view={view}")
        use(v, view)
        assert v.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{view} is wider than the screen"
    v.page.locator("select").select_option("clear")
    v.page.get_by_role("button", name="中文").click()
    v.settle()
    assert (
        v.page.locator("nav a").first.inner_text().strip() == "网格"
        and v.page.locator("html").get_attribute("lang") == "zh-Hans"
    )
    assert v.errors == []


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
    v.page.go_back()
    v.settle()
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
    v.open("#v1&view=grid&seed=5&model=mosaic")
    for i in range(3):
        v.page.locator("main .tile").nth(i).click()
        v.page.get_by_role("button", name="Keep it").click()
        v.page.get_by_role("button", name="Close").click()
    v.page.locator("nav a[href*='view=finds']").click()
    v.settle()
    for app, archive, names, ending in (
        ("whatsapp", "mosaic-whatsapp.wastickers", {"title.txt", "author.txt", "tray.png"}, "webp"),
        ("signal", "mosaic-signal.zip", {"links.txt"}, "png"),
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
                with Image.open(pack.open(info)) as sticker:
                    assert sticker.size == (limits.width, limits.height) and info.file_size < limits.max_bytes
                    assert sticker.convert("RGBA").getpixel((0, 0))[3] == 0
    v.page.locator(".packer select").select_option("line")
    v.page.get_by_role("button", name="Make a sticker pack").click()
    v.page.get_by_text("LINE wants at least 8 stickers").wait_for()
    assert v.errors == []


def test_the_next_grid_is_there_at_the_press_of_the_button(visit):
    """It was drawn while nobody waited for anything; its link gives the same pictures."""
    v = visit()
    v.page.add_init_script("""
        window.drawn = 0;
        const put = CanvasRenderingContext2D.prototype.putImageData;
        CanvasRenderingContext2D.prototype.putImageData = function (...given) {
          window.drawn++;
          return put.apply(this, given);
        };""")
    v.open("#v1&view=grid&model=clear")
    for _ in range(20):  # on a busy machine it takes a while until it is whole
        v.page.wait_for_timeout(1000)
        at_once = v.page.evaluate("(window.drawn = 0, document.querySelector('button.big').click(), window.drawn)")
        if at_once == 25:
            break
    assert at_once == 25
    shown = v.pixels()
    v.open(v.page.evaluate("location.hash"))
    assert (v.pixels() == shown).all()
    assert v.errors == []


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
    saved.value.save_as(tmp_path / "walk.webp")
    with Image.open(tmp_path / "walk.webp") as film:
        assert film.n_frames == 32 and film.size == (256, 256) and film.info["loop"] == 0
        film.seek(31)
        film.load()
    assert v.errors == []


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_film_opens_at_its_beginning_and_plays_for_who_likes_motion(visit, motion):
    v = visit(reduced_motion=motion)
    v.page.goto(v.address + "#v1&view=film")
    v.page.locator("canvas.film.there").wait_for()
    from playwright.sync_api import expect

    frame = v.page.locator(".transport input")
    if motion == "reduce":
        assert frame.input_value() == "0"
        v.page.get_by_role("button", name="Play").click()
    expect(frame).to_have_value(re.compile(r"^([1-9]|1\d|2[0-2])$"))
    expect(frame).to_have_value(str(FRAMES - 1), timeout=60_000)
    v.page.get_by_role("button", name="Play").wait_for()


def test_keyboard_alone_reaches_and_opens_a_picture(visit):
    v = visit()
    v.open()
    v.page.locator("main .tile").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home", "ArrowDown"):
        v.page.keyboard.press(key)
    assert v.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Picture 6 of 25"
    v.page.keyboard.press("Enter")
    assert v.page.locator("dialog").is_visible()
    v.page.keyboard.press("Escape")
    assert v.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Picture 6 of 25"


def test_titles_from_files_are_text(visit):
    v = visit()
    v.open("#v1&view=grid&model=clear")
    assert v.page.title() == f"{EVIL} · Little cats" and EVIL in v.page.locator("select").inner_text()
    assert v.page.locator("img[src=x]").count() == 0 and v.errors == []


def break_model(v: Visit, how) -> None:
    v.page.route(re.compile(r"model\.\w+\.bin$"), how)


SABOTAGE = {
    "nowasm": ("typeof WebAssembly", "typeof NoAssembly"),
    "nosimd": ("AGFzbQEAAA", "AGFzbQIAAA"),  # kernels of a version that no browser knows, as SIMD is to an old one
    "memory": ("memory.grow(", "memory.grow(1e5+"),
    "noworker": ("new Worker(", "new NoWorker("),
}
"""What is missing, as a change of the page's script: a worker has its own world, so there is no other way in."""


@pytest.mark.parametrize(
    "what, words",
    [
        ("cut", "could not be loaded"),
        ("missing", "could not be loaded"),
        ("altered", "damaged"),
        ("truncated", "damaged|cannot be read"),
        ("nowasm", "WebAssembly"),
        ("nosimd", "SIMD"),
        ("memory", "memory"),
        ("noworker", "thread"),
    ],
)
def test_never_blank(visit, what, words):
    v = visit()
    if what in SABOTAGE:

        def sabotage(route) -> None:
            text, (there, instead) = route.fetch().text(), SABOTAGE[what]
            assert there in text
            route.fulfill(body=text.replace(there, instead), content_type="text/javascript")

        v.page.route(re.compile(r"index.*\.js$"), sabotage)
    elif what == "cut":
        break_model(v, lambda route: route.abort())
    elif what == "missing":
        break_model(v, lambda route: route.fulfill(status=404, body="no"))
    else:

        def change(route):
            body = bytearray(route.fetch().body())
            if what == "altered":
                body[-100] ^= 1
            route.fulfill(
                body=bytes(body if what == "altered" else body[: len(body) // 2]),
                content_type="application/octet-stream",
            )

        break_model(v, change)
    v.page.goto(v.address)
    alert = v.page.get_by_role("alert")
    alert.wait_for()
    assert re.search(words, alert.inner_text())
    drawn = v.page.evaluate(
        "document.querySelectorAll('.tile.still').length || [...document.images].some(i => i.naturalWidth)"
    )
    assert drawn
    if what in ("cut", "altered"):
        v.page.unroute(re.compile(r"model\.\w+\.bin$"))
        alert.get_by_role("button").click()
        v.settle()
        assert v.page.get_by_role("alert").count() == 0


@pytest.mark.parametrize(
    "ending, words",
    [
        (".html", "Generate"),
        (".js", "load the page again"),
        (".css", "Generate"),
        (".bin", "could not be loaded"),
        ("film.webp", "could not be loaded"),
    ],
)
def test_a_network_cut_in_the_middle_of_a_load_leaves_pictures_and_words(browser, site, ending, words):
    with served_cut(site[2], ending) as address:
        v = Visit(browser, address, service_workers="block")
        v.page.goto(address + ("#v1&view=film" if ending == "film.webp" else ""), wait_until="commit")
        v.page.get_by_text(re.compile(words)).first.wait_for()
        if ending != "film.webp":
            assert v.page.evaluate(
                "document.querySelectorAll('.tile.still, .tile:not(.waiting)').length || [...document.images].some(i "
                "=> i.naturalWidth)"
            )
        v.context.close()


def test_a_slow_network_is_called_so_and_shows_pictures_at_once(visit):
    v = visit(service_workers="block")
    network = v.context.new_cdp_session(v.page)
    network.send("Network.enable")
    v.page.goto(v.address)
    v.settle()
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 300, "downloadThroughput": 2000, "uploadThroughput": 2000},
    )
    v.page.locator("select").select_option("clear")
    v.page.get_by_text("network is slow").wait_for()
    assert v.page.locator(".bar").is_visible() and v.page.get_by_role("alert").count() == 0


def test_a_wrong_link_starts_anew_and_says_so(visit):
    v = visit()
    v.open("#v1&view=corners&at=nonsense")
    assert (
        "link" in v.page.inner_text(".status") and v.page.locator("nav a").first.get_attribute("aria-current") == "page"
    )


def test_without_scripts_there_are_pictures_and_words(visit):
    v = visit(java_script_enabled=False)
    v.page.goto(v.address)
    assert v.page.locator("img.stills").is_visible() and "WebAssembly" in v.page.inner_text("body")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, scheme):
    file = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file():
        pytest.skip("axe-core is not installed: npm ci in web/")
    # The offline store would answer where this test breaks the network.
    v = visit(color_scheme=scheme, reduced_motion="reduce", service_workers="block")

    def check(where: str) -> None:
        v.page.evaluate(file.read_text())
        found = v.page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        assert not found["violations"], f"{where}: " + "; ".join(
            f"{x['id']}: {x['nodes'][0]['html'][:160]} {x['nodes'][0]['failureSummary'][:200]}"
            for x in found["violations"]
        )

    for view in VIEWS:
        v.open(f"#v1&view={view}")
        check(view)
    v.open()
    v.page.locator("main .tile").first.click()
    check("sheet")
    v.page.keyboard.press("Escape")
    break_model(v, lambda route: None)  # never answered
    v.page.goto("about:blank")
    v.page.goto(v.address)
    check("loading")
    v.page.unroute(re.compile(r"model\.\w+\.bin$"))
    break_model(v, lambda route: route.abort())
    v.page.goto("about:blank")
    v.page.goto(v.address)
    v.page.get_by_role("alert").wait_for()
    check("error")


def test_a_page_works_in_any_sub_folder(browser, site, tmp_path):
    small_run(tmp_path / "run")
    page(Page(runs=(tmp_path / "run",), out=tmp_path / "deep" / "down" / "page"))
    with served(tmp_path / "deep") as address:
        v = Visit(browser, address + "down/page/")
        v.open()
        assert v.errors == []
        v.context.close()


def test_the_demo_is_the_shipped_page_with_this_installations_files(site, tmp_path, monkeypatch):
    import filecmp
    import shutil

    from chonk.play import demo

    monkeypatch.setattr(demo, "SHIPPED", tmp_path / "demo")
    with pytest.raises(ChonkError, match="chonk make"), demo.demo_page():
        pass
    shutil.copytree(site[2] / "models", tmp_path / "demo" / "models")
    shutil.copy(site[2] / "page.json", tmp_path / "demo")
    with demo.demo_page() as root:
        names = sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file())
        assert names == sorted(str(file.relative_to(site[2])) for file in site[2].rglob("*") if file.is_file())
        assert filecmp.cmpfiles(root, site[2], names, shallow=False)[0] == names
    assert not root.exists()


def test_only_a_page_is_replaced(tmp_path):
    small_run(tmp_path / "kitty")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="mine"):
        page(Page(runs=(tmp_path / "kitty",), out=tmp_path / "mine"))
    first = page(Page(runs=(tmp_path / "kitty",), out=tmp_path / "out"))
    (tmp_path / "out" / "CNAME").write_text("cats.example")
    (tmp_path / "out" / ".git").mkdir()
    again = page(Page(runs=(tmp_path / "kitty", tmp_path / "kitty"), out=tmp_path / "out"))
    assert [m["name"] for m in again["models"]] == ["kitty", "kitty-2"] and again["models"][0] == first["models"][0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kitty", "mine", "out"]
    assert (tmp_path / "out" / "CNAME").read_text() == "cats.example" and (tmp_path / "out" / ".git").is_dir(), (
        "what is not ours stays"
    )


@pytest.mark.parametrize(
    "change",
    [{"frames": [{"file": "../../secret.png", "kimg": 1}] * 2}, {"size": 10**9}, {"format": 2}, {"columns": "4"}],
)
def test_a_film_from_a_stranger_stays_in_its_folder(tmp_path, change):
    small_run(tmp_path / "run")
    file = tmp_path / "run" / "film" / "film.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    with pytest.raises(UserError, match="film"):
        page(Page(runs=(tmp_path / "run",), out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_after_the_first_visit_it_works_without_a_network(browser, site):
    v = Visit(browser, site[0])
    v.open("#v1&view=grid&seed=4")
    before = v.pixels()
    stored = "caches.open('chonk-1').then(store => store.keys()).then(keys => keys.map(key => key.url))"
    for _ in range(300):
        if sum(name.endswith((".bin", ".js", ".css", "/")) for name in v.page.evaluate(stored)) >= 5:
            break
        v.page.wait_for_timeout(100)
    v.context.set_offline(True)
    v.page.goto("about:blank")
    v.page.goto(v.address + "#v1&view=grid&seed=4")
    v.settle()
    np.testing.assert_array_equal(v.pixels(), before)
    v.context.close()

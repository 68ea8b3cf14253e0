"""What a browser draws is what PyTorch draws, with every kind of model."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from browser import Visit, served
from chonk.dataset.picture_set import PictureSet
from chonk.draw.linked import read_directions
from chonk.draw.points import draw_points
from chonk.latents import latents
from chonk.learn.objectives import OBJECTIVES, find_objective
from chonk.learn.presets import PRESETS
from chonk.links import link_points, read_link
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.pixels import as_pictures, compose
from chonk.play.page import page
from chonk.settings import Page
from small_pages import VIEWS, lively, small_run, wanted


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


REFINED = {"refined mosaic": ("mosaic", {"refine": 0.25})}


@pytest.mark.parametrize("name", [*PRESETS, *OBJECTIVES, *REFINED])
def test_every_preset_and_objective_draws_the_same_in_the_browser(browser, tmp_path, monkeypatch, name):
    """With the layers of the published nets, but with no more than 12 filters."""
    monkeypatch.setattr("chonk.play.page.directions", lambda *given: [])  # nobody moves along them here
    monkeypatch.setattr("chonk.play.export.CHECKED_PICTURES", 8)
    objective, values = (PRESETS | REFINED).get(name, (name, {}))
    values = values | {width: min(values[width], 12) for width in ("filters", "d_filters") if width in values}
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


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """The default recipe's model, which rejects the two or three with the lowest score of the grid with seed 9; the
    address of its page, and the folder."""
    model, folder = recipe_model(), tmp_path_factory.mktemp("recipe")
    generator, dim = model.generator, model.config.latent_dim
    with torch.inference_mode():
        _, incoherence = generator.novelty_and_incoherence(*generator.retrieve(torch.from_numpy(latents(9, 25, dim))))
    limit = incoherence.flatten().sort().values[2:4].mean().item()
    generator.max_incoherence = limit
    model.config.options["max_incoherence"] = limit
    model.save(folder / "m")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chonk.play.spaces.SAMPLES", 100)
        page(Page(runs=(folder / "m",), out=folder / "page", precision="fp32"))
    with served(folder / "page") as address:
        yield model, address, folder / "page"


def test_a_rejected_picture_is_resampled_as_in_python(browser, recipe):
    """The grid shows the same pictures, of which some are those with the lowest score of all, and a tile's link names
    the one that is shown."""
    model, address, _ = recipe
    dim, z = model.config.latent_dim, model.latents(9, 25)
    assert 0 < (model.rejection_score(z) > 0).sum() < 25
    changed = int(np.flatnonzero((z != latents(9, 25, dim)).any(1))[0])
    want = np.stack([np.asarray(picture) for picture in model.draw(z)]).astype(np.int16)
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


def test_a_sum_is_that_of_python_and_can_be_used_again(browser, recipe):
    model, address, folder = recipe
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
    (file,) = (folder / "models").glob("*/model.*.bin")
    got, want = v.pixels()[..., :3], wanted(model, hash, read_directions(file, (32, 8, 8)))
    assert (
        np.abs(got - want).max() <= 1
        and np.abs(want - wanted(model, "#v1&view=tune&at=s1:0&scale=0.8")).mean() > 1
        and v.errors == []
    )
    v.context.close()


def test_small_weights_keep_pictures_within_the_stated_error(browser, tmp_path):
    model = small_run(tmp_path / "run")
    entry = page(Page(runs=(tmp_path / "run",), out=tmp_path / "page"))["models"][0]
    with served(tmp_path / "page") as address:
        v = Visit(browser, address)
        v.open("#v1&view=grid&seed=3")
        error = np.abs(v.pixels()[..., :3] - wanted(model, "#v1&view=grid&seed=3"))
        v.context.close()
    assert entry["precision"] in ("int6", "int8") and error.mean() <= 1 and error.max() <= 2 * entry["error"]["max"] + 1


TRUST = """const post = Worker.prototype.postMessage
Worker.prototype.postMessage = function (message, ...rest) {
  return post.call(this, message.type === 'gpu' ? { ...message, trusting: true } : message, ...rest)
}"""


def finished(v: Visit) -> np.ndarray:
    """The first picture at 512 pixels, as its sheet shows it."""
    v.page.locator("main .tile").first.click()
    v.page.locator("canvas.crisp[width='512']").wait_for()
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

    def by_card() -> bool:
        for key in ("ArrowRight", "ArrowLeft"):
            v.page.locator(".demo input").first.press(key)
        return drawn_by.inner_text() == "the graphics card"

    if trusting:  # a card in software takes its time
        v.until(by_card)
    v.settle()
    assert drawn_by.inner_text() == ("the graphics card" if trusting else "the processor")
    v.back("tune")
    assert np.abs(v.pixels() - before).max() <= trusting and before.std() > 20 and v.errors == []
    np.testing.assert_array_equal(finished(v), large)  # the card draws no finished pictures
    chrome.close()

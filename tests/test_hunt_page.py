"""Sticker Hunt in Chromium, before a camera that is a file: won, lost, refused, taken away, black, and without one."""

from __future__ import annotations

import colorsys
import io
import re
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn as nn
from PIL import Image, ImageDraw

from browser import PATIENCE, Visit, served
from chonk.hidden import Hidden
from chonk.hunt.looks import SEARCH
from chonk.model import Model, ModelConfig
from chonk.nets.recognizer import CROP, FILLED, Recognizer, even, pretrained
from chonk.play import page as pages
from chonk.settings import Page

COLOURS = [tuple(round(255 * v) for v in colorsys.hsv_to_rgb(i / 10, 1, 1)) for i in range(10)]
GREY = (120, 120, 120)
PAIRS = ((0, 1), (1, 0), (1, 2), (2, 1), (2, 0), (0, 2))
ASKED = (3, 4, 1, 5, 6, 2, 7, 0, 8, 9)
"""The colours that the game of seed 5 asks for, in this order."""
ELSEWHERE = "hunt.example"
"""Another machine's name: to pages from there over plain http browsers give no camera."""
FAKE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


def disc(colour: tuple[int, int, int], size: int = 64) -> Image.Image:
    picture = Image.new("RGBA", (size, size))
    ImageDraw.Draw(picture).ellipse((2, 2, size - 3, size - 3), fill=(*colour, 255))
    return picture


def colour_recognizer() -> Recognizer:
    """Finds discs as the package does, and tells ten colours apart, and all from grey, with weights set by hand: these
    tests are about the game, not about learning."""
    net = pretrained(len(COLOURS)).eval().requires_grad_(False)
    namer = net.namer
    for module in namer.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.zero_()
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
        if isinstance(module, nn.Linear):
            module.bias.zero_()
    layers = [layer for layer in namer.modules() if isinstance(layer, nn.Conv2d)]
    for i, (more, less) in enumerate(PAIRS):  # how much more there is of one colour than of another
        layers[0].weight[i, 4 * more : 4 * more + 4, 1, 1] = 0.25
        layers[0].weight[i, 4 * less : 4 * less + 4, 1, 1] = -0.25
        layers[1].weight[i, 4 * i : 4 * i + 4] = 0.25
        layers[2].weight[i, i, 1, 1] = layers[3].weight[i, i, 1, 1] = 1
        layers[4].weight[i, 4 * i : 4 * i + 4] = 0.25
        namer.features[9].weight[i, 4 * i : 4 * i + 4] = 0.25
    shown = even(torch.stack([crop_of(colour) for colour in COLOURS]))
    features = namer.features(shown)
    away = torch.cdist(features, features) + 1e3 * torch.eye(len(COLOURS))
    sharp = 40 / away.min() ** 2  # logits: minus the square of the distance to each colour's features
    namer.guess.weight[1:] = 2 * sharp * features
    namer.guess.bias[1:] = -sharp * features.square().sum(1)
    namer.guess.bias[0] = -sharp * 0.5 * away.min() ** 2
    return net


def crop_of(colour: tuple[int, int, int]) -> torch.Tensor:
    crop = Image.new("RGB", (CROP, CROP), GREY)
    edge = (CROP - FILLED) // 2
    crop.paste(disc(colour, FILLED), (edge, edge), disc(colour, FILLED))
    return torch.from_numpy(np.array(crop)).permute(2, 0, 1) / 127.5 - 1


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A page of a model with random weights, whose hunt asks for ten colours."""
    folder = tmp_path_factory.mktemp("hunt")
    options = dict(filters=6, layers=1, sets=3, doubling=True, activation="leaky_relu", inject="latent")
    torch.manual_seed(0)
    Model.build(ModelConfig("began", 32, 4, 16, options=options, title="Cats")).save(folder / "cats" / "model")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "hidden", lambda *request: Hidden([disc(colour) for colour in COLOURS], []))
        data = pages.page(
            Page(runs=(folder / "cats",), out=folder / "page", hunt=True),
            lambda stickers: (colour_recognizer(), SEARCH | {"enough": 0.55}),  # the least that a trained one has
        )
    assert data["models"][0]["hunt"]["stickers"] == len(COLOURS)
    with served(folder / "page", ELSEWHERE) as address:
        yield address


def film(
    file: Path, colours: list[tuple[int, int, int]], frames: int = 30, ground: tuple[int, int, int] = GREY
) -> Path:
    """A camera's film, MJPEG: a disc of each colour for a while, and round again."""
    with file.open("wb") as out:
        for colour in colours:
            frame = Image.new("RGB", (640, 480), ground)
            frame.paste(colour, (180, 100, 460, 380), disc(colour, 280))
            data = io.BytesIO()
            frame.save(data, "JPEG", quality=90)
            out.write(data.getvalue() * frames)
    return file


@pytest.fixture
def visit(launch, site):
    """Opens the hunt before a camera that shows a film, or before none."""
    open_ones = []

    def start(shown: Path | None, *switches: str, **options) -> Visit:
        camera = [*FAKE, f"--use-file-for-fake-video-capture={shown}"] if shown else []
        open_ones.append(launch(*camera, *switches))
        v = Visit(open_ones[-1], site, **options)
        v.open("#v1&view=hunt&seed=5")
        v.page.wait_for_selector(".hunt-setup")
        return v

    yield start
    for browser in open_ones:
        browser.close()


def said(v: Visit) -> str:
    return v.page.inner_text(".status")


def result(v: Visit) -> str:
    """How it went, which is also read out when the end takes the focus."""
    assert v.page.evaluate("document.activeElement.getAttribute('aria-describedby')") == "hunt-result"
    return v.page.inner_text("#hunt-result")


HEARD = """() => {
  window.times = []
  window.lines = []
  const note = (list, element) => {
    const words = element?.textContent
    if (words && words !== list.at(-1)) list.push(words)
  }
  new MutationObserver(() => {
    note(window.times, document.querySelector('.match > [role=status]'))
    note(window.lines, document.querySelector('.status'))
  }).observe(document.body, { subtree: true, childList: true, characterData: true })
}"""
"""Notes what a screen reader hears of the clock, and what the page's line says."""


def without_clock(v: Visit) -> None:
    """Opens the hunt anew with its clock off: a game that is not about time must not end while it is looked at."""
    v.page.evaluate("localStorage.setItem('chonk.hunt.clock', 'off')")
    v.open("#v1&view=hunt&seed=5")
    v.page.wait_for_selector(".hunt-setup")


QUESTIONS = """() => {
  window.questions = []
  new MutationObserver(() => {
    const words = document.querySelector('.asked canvas')?.ariaLabel
    if (words && words !== window.questions.at(-1)) window.questions.push(words)
  }).observe(document.body, { subtree: true, childList: true, attributes: true })
}"""
"""Notes what is asked: a find may follow before a test has looked."""
UNCOVERED = """selector => {
  const element = document.querySelector(selector)
  const { x, y, width, height } = element.getBoundingClientRect()
  return [y + 2, y + height - 2].every(at => document.elementFromPoint(x + width / 2, at) === element)
}"""
"""Whether nothing lies over an element, as the tabs do where the page is scrolled."""
SLOW_CLOCK = """() => {
  const every = window.setInterval
  window.setInterval = (tick, wait) => every(tick, wait === 100 ? 10_000 : wait)
}"""
"""The game counts a second at each tick at most, and so its clock loses against any machine that recognizes slowly."""


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
def test_a_whole_game_is_won_before_the_camera(visit, tmp_path, width, height):
    v = visit(film(tmp_path / "all.mjpeg", [COLOURS[i] for i in ASKED], 75), width=width, height=height)
    before = len(v.requests)
    v.page.evaluate(SLOW_CLOCK)
    v.page.evaluate(QUESTIONS)
    assert not any(re.search(r"hunt\.\w{8}\.bin|stickers\.", url) for url in v.requests)
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".match video")
    assert any(re.search(r"hunt\.\w{8}\.bin", url) for url in v.requests[before:])
    v.page.wait_for_selector(".hunt-end", timeout=4000 * PATIENCE)
    questions = v.page.evaluate("window.questions")
    assert [words.split(",")[0] for words in questions] == [f"Find {n} of 10" for n in range(1, 11)]
    assert questions[0].startswith("Find 1 of 10, level 1: sticker")
    assert "All ten found in" in result(v) and "best time" in result(v)
    assert v.page.evaluate(UNCOVERED, "h2") and v.page.evaluate(UNCOVERED, "#hunt-result")
    with v.page.expect_download() as kept:
        v.page.click("text=Save the picture")
    pixels = Image.open(kept.value.path()).convert("RGB")
    assert pixels.width > 1000
    # Each photo has the colour that was asked for, in its middle and in its corner.
    for i in range(10):
        x, y = 16 + i % 5 * 256, 96 + i // 5 * 256
        photo, asked = (pixels.getpixel((x + at, y + at)) for at in (120, 200))
        assert sum(abs(a - b) for a, b in zip(photo, asked)) < 120, (i, photo, asked)
    assert v.page.evaluate("document.querySelector('video')") is None
    assert v.errors == []


def test_a_game_is_lost_where_nothing_is_found(visit, tmp_path):
    v = visit(film(tmp_path / "grey.mjpeg", [GREY]))
    v.page.evaluate("const now = performance.now.bind(performance); performance.now = () => 8 * now()")  # time flies
    v.page.evaluate(HEARD)
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".hunt-end")
    times, lines = v.page.evaluate("[window.times, window.lines]")
    assert [*map(int, re.findall(r"\d+", " ".join(times)))] == [20, 10, 5]
    assert not any("seconds" in line for line in lines)  # it would stand there while the clock goes on
    assert "Time is up with 0 of 10 found." in result(v)
    v.page.click("text=Back")
    v.page.wait_for_selector(".hunt-setup")
    assert v.errors == []


def test_pausing_stops_the_clock_and_the_camera_is_let_go_with_the_view(visit, tmp_path):
    v = visit(film(tmp_path / "grey.mjpeg", [GREY]))
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".match video")
    v.page.evaluate("window.track = document.querySelector('video').srcObject.getTracks()[0]; undefined")
    v.page.locator("text=Pause").dispatch_event("click")  # a busy machine's frames never stand still
    before = v.page.inner_text(".clock")
    v.page.wait_for_timeout(2500)
    assert v.page.inner_text(".clock") == before and "Paused" in said(v)
    v.page.click("text=Go on")
    v.until(lambda: v.page.inner_text(".clock") != before)
    v.page.click("nav >> text=Grid")
    v.until("window.track.readyState === 'ended'")


@pytest.mark.parametrize(("error", "words"), [("NotFoundError", "No camera was found"), ("NotReadableError", "in use")])
def test_a_missing_or_busy_camera_is_told_and_the_crowd_offered(visit, error, words):
    v = visit(None)
    v.page.evaluate(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}') }}; undefined"
    )
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".hunt .trouble")
    assert words in v.page.inner_text(".hunt .trouble")


def test_a_refused_camera_is_told_and_the_crowd_is_played_instead(visit):
    v = visit(None, FAKE[1], "--deny-permission-prompts")
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".hunt .trouble")
    assert "not allowed" in v.page.inner_text(".hunt .trouble")
    assert v.page.inner_text(":focus") == "Play without camera"
    v.page.keyboard.press("Enter")
    v.page.wait_for_selector(".match .crowd")
    assert v.page.inner_text(".clock").startswith("0:")


def test_plain_http_from_elsewhere_says_why_there_is_no_camera(visit):
    v = visit(None, *FAKE, f"--host-resolver-rules=MAP {ELSEWHERE} 127.0.0.1")
    v.page.goto(v.address.replace("127.0.0.1", ELSEWHERE) + "#v1&view=hunt&seed=5")
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".hunt .trouble")
    assert "only to pages over https" in v.page.inner_text(".hunt .trouble")
    v.page.click(".hunt .trouble >> text=Play without camera")
    v.page.wait_for_selector(".match .crowd")


def test_a_camera_that_ends_midway_stops_the_clock_and_the_game_goes_on_without(visit, tmp_path):
    v = visit(film(tmp_path / "grey.mjpeg", [GREY]))
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".match video")
    v.page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    v.page.wait_for_selector(".match .trouble")
    assert "taken away" in v.page.inner_text(".match .trouble")
    clock = v.page.inner_text(".clock")
    v.page.wait_for_timeout(1500)
    assert v.page.inner_text(".clock") == clock
    v.page.click("text=Start the camera again")
    v.page.wait_for_selector(".match .trouble", state="hidden")
    v.until(lambda: v.page.inner_text(".clock") != clock)
    v.page.evaluate("document.querySelector('video').srcObject.getTracks()[0].dispatchEvent(new Event('ended'))")
    v.page.wait_for_selector(".match .trouble")
    v.page.click("text=Go on without camera")
    v.page.wait_for_selector(".match .crowd")
    assert not v.page.is_visible(".match .trouble")


def test_a_black_picture_is_told(visit, tmp_path):
    v = visit(film(tmp_path / "black.mjpeg", [(0, 0, 0)], ground=(0, 0, 0)))
    v.page.click("text=Start with camera")
    v.page.wait_for_selector(".match .trouble:not([hidden])")
    assert "black" in v.page.inner_text(".match .trouble")


BY_COLOUR = """() => {
  const read = canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true })
    copy.drawImage(canvas, 0, 0)
    return (x, y) => copy.getImageData(x * canvas.width, y * canvas.height, 1, 1).data
  }
  const asked = read(document.querySelector('.asked canvas'))(0.5, 0.5)
  const crowd = read(document.querySelector('.crowd canvas'))
  const away = [...document.querySelectorAll('.crowd-buttons button')].map(({ style }) => {
    const middle = (from, length) => (parseFloat(style[from]) + parseFloat(style[length]) / 2) / 100
    const seen = crowd(middle('left', 'width'), middle('top', 'height'))
    return seen.reduce((sum, value, i) => sum + Math.abs(value - asked[i]), 0)
  })
  return [...away.keys()].sort((a, b) => away[a] - away[b])
}"""
"""The numbers of the pictures in the crowd, the one whose middle is most like the asked one's first."""


PLACES = """() => [...document.querySelectorAll('.crowd-buttons button')].map(button => {
  const box = button.getBoundingClientRect()
  return [box.x + box.width / 2, box.y + box.height / 2, button === document.activeElement]
})"""


def move_to(v: Visit, number: int) -> None:
    """Presses arrow keys until that picture in the crowd has the focus."""
    random = np.random.default_rng(number)
    for _ in range(200):
        places = v.page.evaluate(PLACES)
        (here,) = (i for i, (_, _, focused) in enumerate(places) if focused)
        if here == number:
            return
        across, down = (places[number][axis] - places[here][axis] for axis in (0, 1))
        keys = ["ArrowRight" if across > 0 else "ArrowLeft", "ArrowDown" if down > 0 else "ArrowUp"]
        chance = abs(across) / (abs(across) + abs(down))
        v.page.keyboard.press(keys[int(random.random() > chance)])
    raise AssertionError(f"no way to picture {number + 1}")


def test_the_crowd_is_won_by_keyboard_alone(visit):
    """Presses the picture whose colour is least like what is asked for, then the others, most alike first, until the
    right one: wrong ones cost time, so without the clock."""
    v = visit(None)
    without_clock(v)
    while not v.page.query_selector("button:focus >> text=Play without camera"):
        v.page.keyboard.press("Tab")
    v.page.keyboard.press("Enter")
    v.page.wait_for_selector(".match .crowd")
    order = []
    for found in range(10):
        v.until(lambda n=found: v.page.get_attribute(".asked canvas", "aria-label").startswith(f"Find {n + 1} of 10"))
        order.append(v.page.get_attribute(".asked canvas", "aria-label").split("sticker ")[1].split(".")[0])
        assert v.page.evaluate("document.querySelectorAll('.crowd-buttons [tabindex=\"0\"]').length") == 1
        *alike, wrong = v.page.evaluate(BY_COLOUR)
        for i in [wrong, *alike]:
            move_to(v, i)
            v.page.keyboard.press("Enter")
            if v.page.evaluate("document.querySelectorAll('.dots .on').length") > found:
                break
    v.page.wait_for_selector(".hunt-end")
    assert "All ten found" in result(v) and len(set(order)) == 10
    while v.page.inner_text(":focus") != "Back":
        v.page.keyboard.press("Tab")
    v.page.keyboard.press("Enter")
    v.page.wait_for_selector(".hunt-setup")
    assert v.page.inner_text(":focus") == "Start with camera"
    assert v.errors == []


SOFT = """selector => {
  const canvas = document.querySelector(selector)
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
  let soft = 0
  for (let i = 0; i < data.length; i += 4) {
    const colours = data.subarray(i, i + 3)
    const bright = Math.max(...colours) - Math.min(...colours) > 120
    if (bright && data[i + 3] > 25 && data[i + 3] < 230) soft++
  }
  return soft
}"""
"""How many of the discs' pixels are partly clear."""


def test_what_is_asked_and_the_crowd_get_crisp_edges(visit):
    """Seen beside a browser that is asked to save data, where they stay as they are."""
    soft, crisp = visit(None), visit(None)
    soft.page.evaluate("Object.defineProperty(navigator, 'connection', { value: { saveData: true } })")
    for v in (soft, crisp):
        v.page.evaluate("localStorage.setItem('chonk.hunt.clock', 'off')")
        v.page.click("text=Play without camera")
        v.page.wait_for_selector(".match .crowd")
    for selector in (".asked canvas", ".crowd canvas"):
        before = soft.page.evaluate(SOFT, selector)
        crisp.until(lambda: crisp.page.evaluate(SOFT, selector) < 0.6 * before)  # noqa: B023
    assert soft.page.evaluate(SOFT, ".crowd canvas") == before


def test_a_paused_crowd_cannot_be_searched_with_reduced_motion_either(visit):
    v = visit(None, reduced_motion="reduce")
    v.page.click("text=Play without camera")
    v.page.click("text=Pause")
    assert "blur" in v.page.evaluate("getComputedStyle(document.querySelector('.place')).filter")


def test_arrow_keys_move_in_the_crowd_and_a_click_picks_what_is_seen(visit):
    v = visit(None)
    without_clock(v)
    v.page.click("text=Play without camera")
    v.page.wait_for_selector(".match .crowd")
    v.page.focus(".crowd-buttons [tabindex='0']")
    first = v.page.evaluate("document.activeElement.ariaLabel")
    for key in ("ArrowRight", "ArrowDown"):
        v.page.keyboard.press(key)
    assert v.page.evaluate("document.activeElement.ariaLabel") != first
    box = v.page.query_selector(".crowd canvas").bounding_box()
    v.page.mouse.click(box["x"] + 2, box["y"] + 2)
    assert v.page.evaluate("document.querySelectorAll('.dots .on').length") == 0


def test_a_phone_on_its_side_shows_what_is_asked_beside_a_large_crowd(visit):
    v = visit(None, width=844, height=390)
    v.page.click("text=Play without camera")
    v.page.wait_for_selector(".match .crowd")
    asked, crowd = (v.page.query_selector(f"{where} canvas").bounding_box() for where in (".asked", ".crowd"))
    assert crowd["width"] > 844 / 2 and crowd["x"] > asked["x"] + asked["width"]
    assert crowd["y"] + crowd["height"] <= 390 and asked["y"] > 50  # below the tabs


def test_the_same_link_asks_for_the_same(visit):
    v = visit(None)
    asked = []
    for seed in (5, 5, 6):
        v.open(f"#v1&view=hunt&seed={seed}")
        v.page.wait_for_selector(".hunt-setup")
        v.page.click("text=Play without camera")
        v.page.wait_for_selector(".match .crowd")
        asked.append(v.page.evaluate("document.querySelector('.asked canvas').toDataURL()"))
    assert asked[0] == asked[1] != asked[2]


def test_axe_finds_nothing_in_the_hunt(visit):
    v = visit(None, reduced_motion="reduce", locale="zh-CN")
    without_clock(v)
    v.check_with_axe("setup")
    v.page.click("text=不用摄像头玩")
    v.page.wait_for_selector(".match .crowd")
    v.check_with_axe("match")
    v.page.click("text=放弃")
    v.page.wait_for_selector(".hunt-end")
    v.check_with_axe("end")


KEEP_LATER = """{
  const allowed = new Promise(resolve => (window.keepNow = resolve))
  const worker = navigator.serviceWorker ?? {} // there is none on an empty page
  const { register } = worker
  worker.register = async (...given) => {
    await allowed
    return register.apply(worker, given)
  }
}"""
"""The page keeps its files when the test says so, not three seconds after the model is there."""


def test_once_opened_the_hunt_works_without_a_network(visit):
    """What was played before there was a worker to keep it is kept, and the next visit throws away only what is of
    another page."""
    v = visit(None)
    v.page.add_init_script(KEEP_LATER)
    v.open("#v1&view=hunt&seed=5")
    v.page.click("text=Play without camera")
    v.page.wait_for_selector(".match .crowd")
    v.page.evaluate("window.keepNow()")
    v.kept()
    v.page.evaluate("caches.open('chonk-1').then(store => store.put('model.old.bin', new Response('old')))")
    v.open("#v1&view=hunt&seed=5")
    v.page.evaluate("window.keepNow()")
    v.until("caches.match('model.old.bin').then(there => !there)")
    v.kept()
    v.context.set_offline(True)
    v.open("#v1&view=hunt&seed=9")
    v.page.wait_for_selector(".hunt-setup")
    v.page.click("text=Play without camera")
    v.page.wait_for_selector(".match .crowd")


EDGE = """() => {
  const canvas = document.querySelector('.large-sticker canvas')
  const { data } = canvas.getContext('2d').getImageData(0, canvas.height / 2, canvas.width / 2, 1)
  return [canvas.width, [...data].filter((value, i) => i % 4 === 3 && value > 25 && value < 230).length]
}"""
"""Width of the large sticker, and how many pixels its left edge takes."""


def test_a_sticker_is_shown_large_with_crisp_edges_and_all_are_saved_to_be_printed(visit):
    v = visit(None)
    v.page.click(".hunt summary")
    v.page.click(".shelf-grid button >> nth=3")
    v.until(lambda: v.page.evaluate(EDGE)[1] < 4)
    assert v.page.evaluate(EDGE)[0] == 512
    v.page.keyboard.press("Escape")
    with v.page.expect_download() as kept:
        v.page.click("text=Save as one picture")
    sheet = np.asarray(Image.open(kept.value.path()).convert("RGB")).astype(int)
    assert sheet.shape == (2 * 296, 5 * 296, 3)
    middle = sheet[148, 3 * 296 + 20 : 3 * 296 + 148]  # from the fourth sticker's left edge to its middle
    colour = np.array(COLOURS[3])
    assert np.abs(middle[-1] - colour).max() < 12
    away = np.abs(middle - colour).max(1)
    assert ((away > 25) & (away < 230)).sum() < 6
    assert v.errors == []


def test_a_page_without_a_hunt_has_no_tab_for_it(tmp_path, visit):
    v = visit(None)
    html = v.page.evaluate("fetch('./').then(r => r.text())")
    assert '"hunt":{' in html
    without = re.sub(r'"hunt":\{[^}]*\}', '"hunt":null', html)
    v.page.route(v.address, lambda route: route.fulfill(body=without, content_type="text/html"))
    v.open("")
    assert v.page.query_selector("nav >> text=Hunt") is None and v.page.query_selector("nav >> text=Film")

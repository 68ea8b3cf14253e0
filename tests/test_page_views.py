"""What a visitor can do on a page, by mouse, finger and keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from browser import Visit, break_model
from small_pages import FRAMES, VIEWS

ROOT = Path(__file__).parent.parent


PUT = """{
  const put = CanvasRenderingContext2D.prototype.putImageData
  CanvasRenderingContext2D.prototype.putImageData = function (...given) {
    window.drawn?.()
    return put.apply(this, given)
  }
}"""
"""Calls `drawn` at every picture that is put on the page."""


def test_four_requests_lead_to_the_first_picture(visit):
    v = visit()
    before = []  # at every picture
    v.page.expose_function("drawn", lambda: before.append(len(v.requests)))
    v.page.add_init_script(PUT)
    v.open()
    v.until(lambda: before)
    assert before[0] <= 4, v.requests
    assert v.errors == []


def press(control) -> None:
    """Clicks what is there; a view may have put another in its place since it was found."""
    from playwright.sync_api import Error

    try:
        control.click()
    except Error:
        assert not control.evaluate("element => element.isConnected")


def use(v: Visit, view: str) -> None:
    """Every control of a view once."""
    main = v.page.locator("main")
    for name in ("Generate", "Surprise me", "Use as base", "New walk", "Reset", "For experts", "For everyone"):
        for control in main.get_by_role("button", name=name, exact=True).all():
            if control.is_visible():
                control.click()
    for name in ("Play", "Pause", "Copy link"):  # as elements: the end of a film changes Pause to Play
        for control in main.get_by_role("button", name=name, exact=True).element_handles():
            if control.is_visible():
                press(control)
    for dice in main.locator(".dice").all():
        if dice.is_visible():
            dice.click()
    chips = [chip for chip in main.locator(".corner-chips button").all() if chip.is_visible()]
    for chip in chips or [None]:  # on a phone each shows the steps of its corner
        if chip:
            chip.click()
        for step in main.locator(".step:visible").all():
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


def test_the_next_grid_is_there_at_the_press_of_the_button(visit):
    """It was drawn while nobody waited for anything; its link gives the same pictures."""
    v = visit()
    v.page.add_init_script(PUT)
    v.open("#v1&view=grid&model=clear")
    v.page.locator("main img.crisp").first.wait_for()  # what comes after it
    before = v.page.url
    at_once = """() => {
      let count = 0
      window.drawn = () => count++
      document.querySelector('button.big').click()
      delete window.drawn
      return count
    }"""
    assert v.page.evaluate(at_once) == 25
    shown = v.pixels()
    v.page.wait_for_url(lambda url: url != before)  # the address follows a little later
    v.open(v.page.evaluate("location.hash"))
    assert (v.pixels() == shown).all()
    assert v.errors == []


def test_a_walk_that_rests_is_shown_finished(visit):
    """As it opens, where the slider was left, and when it is paused; what moves is drawn small, frame by frame."""
    v = visit()
    v.open("#v1&view=walk&model=clear")
    crisp = v.page.locator(".walk > .tile img.crisp")
    crisp.wait_for()
    assert crisp.evaluate("picture => picture.naturalWidth") >= 512
    first = crisp.get_attribute("src")
    v.page.locator("main input[type=range]").press("ArrowRight")
    v.until(lambda: crisp.count() and crisp.get_attribute("src") != first)
    v.page.get_by_role("button", name="Play").click()
    v.until(lambda: not crisp.count())
    v.page.get_by_role("button", name="Pause").click()
    crisp.wait_for()
    assert v.errors == []


FRAME_BY_FRAME = """{
  window.frames = []
  const look = () => {
    const frame = document.querySelector('.film.there ~ .transport input')?.value
    if (frame && frame !== window.frames.at(-1)) window.frames.push(frame)
    requestAnimationFrame(look)
  }
  look()
}"""
"""Notes which frames of the film are shown: it may have ended before a test has looked."""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_a_film_opens_at_its_beginning_and_plays_for_who_likes_motion(visit, motion):
    v = visit(reduced_motion=motion)
    v.page.add_init_script(FRAME_BY_FRAME)
    v.page.goto(v.address + "#v1&view=film")
    v.page.locator("canvas.film.there").wait_for()
    if motion == "reduce":
        v.page.wait_for_timeout(500)
        assert v.page.evaluate("window.frames") == ["0"]
        v.page.get_by_role("button", name="Play").click()
    v.until(f"window.frames.at(-1) === '{FRAMES - 1}'")
    frames = [int(frame) for frame in v.page.evaluate("window.frames")]
    assert frames[0] == 0 and frames == sorted(frames) and len(frames) > 2
    v.page.get_by_role("button", name="Play").wait_for()


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_the_toy_plays_once_it_is_seen_for_who_likes_motion(visit, motion):
    v = visit(reduced_motion=motion)
    v.open("#v1&view=about")
    reading = v.page.locator(".toy .reading")
    first = reading.inner_text()
    v.page.wait_for_timeout(300)
    assert reading.inner_text() == first, "nobody sees it yet"
    v.page.locator(".toy canvas").scroll_into_view_if_needed()
    if motion == "reduce":
        v.page.wait_for_timeout(300)
        assert reading.inner_text() == first
        v.page.locator(".toy").get_by_role("button", name="Play").click()
    v.until(lambda: reading.inner_text() != first)
    v.page.locator(".toy").get_by_role("button", name="Pause").wait_for()


def test_what_was_said_of_a_view_goes_with_it(visit):
    v = visit(permissions=["clipboard-read", "clipboard-write"])
    v.open()
    for leave in (v.page.locator("nav a[href*='view=tune']").click, v.page.go_forward):
        v.page.get_by_role("button", name="Copy link").click()
        v.page.get_by_text("Link copied").wait_for()
        leave()
        v.page.locator("main.view-tune").wait_for()
        assert v.page.inner_text(".status") == ""
        v.back("grid")


def test_only_chinese_is_set_in_a_chinese_font(visit):
    """Which would draw the quotes of English as wide as its own."""
    v = visit()
    v.open()
    fonts = "getComputedStyle(document.querySelector('h2')).fontFamily"
    chinese = ("PingFang", "CJK", "YaHei", "Hei", "Song")
    assert not any(name in v.page.evaluate(fonts) for name in chinese)
    v.page.get_by_role("button", name="中文").click()
    assert any(name in v.page.evaluate(fonts) for name in chinese)


def test_keyboard_alone_reaches_and_opens_a_picture(visit):
    v = visit()
    v.open()
    v.page.locator("main .tile").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft", "End", "Home", "ArrowDown"):
        v.page.keyboard.press(key)
    assert v.page.evaluate("document.activeElement.getAttribute('aria-label')") == "Picture 6 of 25"
    v.page.keyboard.press("Enter")
    v.page.locator("dialog").wait_for()
    v.page.keyboard.press("Escape")
    v.page.locator("dialog").wait_for(state="hidden")
    v.until("document.activeElement.getAttribute('aria-label') === 'Picture 6 of 25'")


def test_axe_finds_nothing(visit):
    # The offline store would answer where this test breaks the network.
    v = visit(reduced_motion="reduce", service_workers="block")
    for view in VIEWS:
        v.open(f"#v1&view={view}")
        v.check_with_axe(view)
    v.open()
    v.page.locator("main .tile").first.click()
    v.page.locator("dialog").wait_for()
    v.check_with_axe("sheet")
    v.page.keyboard.press("Escape")
    break_model(v, lambda route: None)  # never answered
    v.page.goto("about:blank")
    v.page.goto(v.address)
    v.check_with_axe("loading")
    v.page.unroute(re.compile(r"model\.\w+\.bin$"))
    break_model(v, lambda route: route.abort())
    v.page.goto("about:blank")
    v.page.goto(v.address)
    v.page.get_by_role("alert").wait_for()
    v.check_with_axe("error")

"""A runtime so slow that it draws a picture only when a test says so: what is drawn first, and what not at all."""

from __future__ import annotations

import pytest

SLOW = """
window.held = []
window.asked = []
window.answered = 0
Object.defineProperty(navigator, 'hardwareConcurrency', { value: 2 })  // one drawing thread
window.Worker = class extends Worker {
  constructor(...given) {
    super(...given)
    this.addEventListener('message', ({ data }) => { if (data.type === 'picture') window.answered++ })
  }
  postMessage(message, ...others) {
    if (message.type === 'draw') window.asked.push(message.large)
    if (message.type === 'draw') window.held.push(() => super.postMessage(message, ...others))
    else super.postMessage(message, ...others)
  }
}
"""
AT_ONCE = 2
"""Pictures that a thread is given at a time (web/src/runtime/renderer.ts)."""


@pytest.fixture
def slow(visit):
    """Opens a link of the page with such a runtime, and waits until it has begun."""

    def open_page(hash: str, **options):
        v = visit(**options)
        v.page.add_init_script(SLOW)
        v.page.goto(v.address + hash)
        v.until("held.length > 0")
        return v

    return open_page


def let_draw(v, count: int) -> None:
    for _ in range(count):
        v.until("held.length > 0")
        before = v.page.evaluate("answered")
        v.page.evaluate("held.shift()()")
        v.until(f"answered === {before + 1}")


def waiting(v) -> list[bool]:
    """By cell of the view, whether its picture is still to come."""
    return v.page.evaluate(
        "[...document.querySelectorAll('main .tile')].map(tile => tile.matches('.waiting, .still'))",
    )


@pytest.mark.parametrize("leave", ["by a tab", "back"])
def test_a_view_that_is_left_is_drawn_no_further(slow, leave):
    """But for what the thread has been given already, the picture of the view gone to is the next."""
    v = slow("#v1&view=tune" if leave == "back" else "#v1&view=grid&seed=9")
    if leave == "back":
        let_draw(v, 1)
        v.page.locator("nav a[href*='view=grid']").click()
        v.page.locator("main.view-grid").wait_for()
    let_draw(v, 3)
    if leave == "back":
        v.page.go_back()
    else:
        v.page.locator("nav a[href*='view=tune']").click()
    v.page.locator("main.view-tune").wait_for()
    assert waiting(v) == [True]
    let_draw(v, AT_ONCE)
    assert waiting(v) == [True], "those were given to the thread before"
    let_draw(v, 1)
    assert waiting(v) == [False]
    assert v.errors == []


def test_a_large_picture_of_a_view_that_is_left_is_not_drawn(slow):
    """Though the finishing stage, which it waited for, comes."""
    v, requests = slow("#v1&view=tune"), []
    v.page.route("**/finisher.*", lambda route: requests.append(route))
    let_draw(v, 1)
    v.until(lambda: requests)
    v.page.locator("nav a[href*='view=grid']").click()
    v.page.locator("main.view-grid").wait_for()
    with v.page.expect_event("requestfinished"):
        requests[0].continue_()
    let_draw(v, 6)
    assert waiting(v).count(False) == 6 and not any(v.page.evaluate("asked"))


def test_what_can_be_seen_is_drawn_first(slow):
    """The lower rows, where the visitor has scrolled down while the first pictures were drawn."""
    v = slow("#v1&view=grid&seed=9", width=700, height=400)
    v.page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    seen = v.until(
        """(() => {
          const places = [...document.querySelectorAll('main .tile')].map(tile => tile.getBoundingClientRect())
          const seen = places.map(({ top, bottom }) => bottom > 0 && top < innerHeight)
          return seen[0] || !seen.at(-1) ? null : seen
        })()"""
    )
    let_draw(v, AT_ONCE)
    assert waiting(v) == [False] * AT_ONCE + [True] * (len(seen) - AT_ONCE)
    let_draw(v, sum(seen))
    assert [not is_seen for is_seen in seen[AT_ONCE:]] == waiting(v)[AT_ONCE:]

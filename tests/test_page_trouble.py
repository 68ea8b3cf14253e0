"""What a visitor sees when something fails: a file, the network, the browser."""

from __future__ import annotations

import re

import numpy as np
import pytest

from browser import Visit, break_model, served_cut

SABOTAGE = {
    "nowasm": ("typeof WebAssembly", "typeof NoAssembly"),
    "nosimd": ("AGFzbQEAAA", "AGFzbQIAAA"),  # kernels of a version that no browser knows, as SIMD is to an old one
    "memory": ("memory.grow(", "memory.grow(1e5+"),
    "noworker": ("new Worker(", "new NoWorker("),
}
"""What is missing, as a change of the page's script: a worker has its own world, so there is no other way in."""

STILLS = "document.querySelector('.tile.still') || [...document.images].some(i => i.naturalWidth)"
PICTURES = STILLS.replace(".still", ".still, .tile:not(.waiting)")
"""Whether pictures are shown.  Waited for, not looked up: words of the file itself stand there before any picture."""


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
    v.until(STILLS)
    if what in ("cut", "altered"):
        v.page.unroute(re.compile(r"model\.\w+\.bin$"))
        alert.get_by_role("button").click()
        v.settle()
        assert alert.count() == 0


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
            v.until(PICTURES)
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
    v.until(STILLS)
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


def test_after_the_first_visit_it_works_without_a_network(browser, site):
    v = Visit(browser, site[0])
    v.open("#v1&view=grid&seed=4")
    before = v.pixels()
    v.kept()
    v.context.set_offline(True)
    v.page.goto("about:blank")
    v.page.goto(v.address + "#v1&view=grid&seed=4")
    v.settle()
    np.testing.assert_array_equal(v.pixels(), before)
    v.context.close()

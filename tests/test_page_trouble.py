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


def test_a_link_to_a_model_that_is_gone_says_so(visit):
    v = visit()
    v.open("#v1&view=tune&model=gone&at=s3:1")
    assert "no longer on this page" in v.page.inner_text(".status") and "cut" not in v.page.inner_text(".status")
    assert v.page.locator("main.view-tune").count() == 1


def test_a_file_from_the_disk_says_what_helps(visit, site):
    v = visit()
    v.page.goto((site[2] / "index.html").as_uri())
    v.until(STILLS)
    words = v.page.inner_text("main")
    assert "loading it again cannot help" in words and "chonk serve FOLDER" in words and "重新加载也没有用" in words


@pytest.mark.parametrize(
    "sandbox", ["", "allow-scripts", "allow-scripts allow-popups", "allow-scripts allow-same-origin"]
)
def test_inside_another_page_it_works_or_says_how_it_would(browser, site, sandbox):
    with served_cut(site[2], "nothing") as address:  # chonk serve itself lets no page frame it
        v = Visit(browser, address)
        v.page.set_content(f'<iframe sandbox="{sandbox}" src="{address}index.html" width=900 height=700></iframe>')
        inside = v.page.frame_locator("iframe")
        if "same-origin" in sandbox:
            inside.locator(".tile:not(.waiting)").first.wait_for()
        else:
            inside.locator("img.stills").wait_for()
            assert "copy the link into a new tab" in inside.locator("main").inner_text()
            link = inside.get_by_role("link", name="open it by itself").evaluate("link => link.href")
            v.page.goto(link)
            v.page.locator(".tile:not(.waiting)").first.wait_for()
        v.context.close()


def test_a_full_store_keeps_nothing_and_breaks_nothing(visit):
    """On a first visit, and on a second one, which the offline worker answers."""
    v = visit()
    v.context.new_cdp_session(v.page).send("Storage.overrideQuotaForOrigin", {"origin": v.host, "quotaSize": 10})
    v.open()
    v.until("navigator.serviceWorker.getRegistration().then(there => there?.active?.state === 'activated')")
    for model in ("cats", "clear"):
        v.open(f"#v1&view=grid&model={model}")
        assert v.page.evaluate("navigator.serviceWorker.controller !== null")
    assert v.page.evaluate(
        "caches.keys().then(all => Promise.all(all.map(async name => (await (await caches.open(name)).keys()).length)))"
    ) in ([], [0])
    assert v.errors == []


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

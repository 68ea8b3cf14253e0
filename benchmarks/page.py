"""How fast a page is, in headless Chromium with an empty cache and one drawing thread, at 10 Mbit/s and 40 ms.

    python benchmarks/page.py PAGE [--times 3]        PAGE as `chonk page` wrote it; needs the dev extra and Chromium

Prints the median of each figure as a table.  "Picture" means drawn by the model, not drawn in advance.
"""
from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import chromium, served  # noqa: E402

BITS, LATENCY = 10e6, 40
WATCH = """
Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 });
window.drawn = [];
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...given) { window.drawn.push(performance.now()); return put.apply(this, given); };
"""


def wait(page, count: int) -> list[float]:
    """The times, in ms from navigation, of the first `count` pictures drawn since `drawn` was emptied."""
    for _ in range(1200):
        drawn = page.evaluate("window.drawn")
        if len(drawn) >= count:
            return drawn[:count]
        page.wait_for_timeout(25)
    raise SystemExit(f"only {len(drawn)} of {count} pictures after 30 s")


def visit(browser, address: str) -> dict[str, float]:
    """One visit with an empty cache: the figures of the table."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.add_init_script(WATCH)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", {"offline": False, "latency": LATENCY, "downloadThroughput": BITS / 8, "uploadThroughput": BITS / 8})
    received, requests = [], []
    network.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    page.on("request", lambda r: requests.append(r.url) if r.url.startswith("http") else None)
    page.goto(address)
    grid = wait(page, 25)
    figures = {"requests to the first picture": len(requests), "over the wire, MB": sum(received) / 1e6,
               "first picture, s": grid[0] / 1000, "grid of 25, s": grid[-1] / 1000}
    fresh = []
    for _ in range(3):
        start = page.evaluate("(window.drawn = [], document.querySelector('button.big').click(), performance.now())")
        fresh.append((wait(page, 25)[-1] - start) / 1000)
    figures["fresh grid of 25, warm, s"] = statistics.median(fresh)
    page.evaluate("location.hash = '#v1&view=corners'")
    page.wait_for_timeout(2500)
    # One number of one corner: what a step of a drag asks for.
    start = page.evaluate("(window.drawn = [], document.querySelectorAll('.step')[1].click(), performance.now())")
    followed = wait(page, 17)
    figures["corner moved: first cells, ms"] = followed[0] - start
    figures["corner moved: all 16 cells, ms"] = followed[-1] - start
    context.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("page", type=Path)
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with served(given.page) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        visits = [visit(browser, address) for _ in range(given.times)]
        browser.close()
    print(f"{given.page}: median of {given.times} visits, {BITS / 1e6:.0f} Mbit/s, {LATENCY} ms, one drawing thread")
    for name in visits[0]:
        print(f"  {name:36}{statistics.median(v[name] for v in visits):8.2f}")


if __name__ == "__main__":
    main()

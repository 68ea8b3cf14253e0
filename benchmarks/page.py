"""How fast a page is, in headless Chromium with an empty cache and one drawing thread, at 10 Mbit/s and 40 ms.

    python benchmarks/page.py PAGE [PAGE ...] [--times 3]              PAGE as `chonk page` wrote it; needs the dev
    extra and Chromium python benchmarks/page.py PAGE --rivals RUN --scratch out/rivals   beside it RUN through ONNX
    Runtime Web and the 2018 layout
                                                                       through TensorFlow.js (rivals.py; installs them
                                                                       there)

Prints the median of each figure as a table; the pages take turns, so that a busy machine is unfair to all alike.
"Picture" means drawn by the model, not drawn in advance.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "tests")]
import rivals  # noqa: E402

from browser import chromium, served  # noqa: E402
from chonk.play import serve  # noqa: E402

BITS, LATENCY = 10e6, 40
WATCH = """
Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 });
window.drawn = [];
const put = CanvasRenderingContext2D.prototype.putImageData;
CanvasRenderingContext2D.prototype.putImageData = function (...given) {
  window.drawn.push(performance.now());
  return put.apply(this, given);
};
"""
PRESS = "(start => {{ window.drawn = []; {}.click(); return start }})(performance.now())"
"""Presses a button and tells when; some pages do all the work before the press returns."""


def wait(page, count: int) -> list[float]:
    """The times, in ms from navigation, of the first `count` pictures drawn since `drawn` was emptied."""
    for _ in range(4800):
        drawn = page.evaluate("window.drawn")
        if len(drawn) >= count:
            return drawn[:count]
        page.wait_for_timeout(25)
    raise SystemExit(f"only {len(drawn)} of {count} pictures after two minutes")


def visit(browser, address: str) -> dict[str, float]:
    """One visit with an empty cache: the figures of the table."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.add_init_script(WATCH)
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY, "downloadThroughput": BITS / 8, "uploadThroughput": BITS / 8},
    )
    received, requests = [], []
    network.on("Network.loadingFinished", lambda e: received.append(e["encodedDataLength"]))
    page.on("request", lambda r: requests.append(r.url) if r.url.startswith("http") else None)
    page.goto(address)
    grid = wait(page, 25)
    figures = {
        "requests to the first picture": len(requests),
        "over the wire, MB": sum(received) / 1e6,
        "first picture, s": grid[0] / 1000,
        "grid of 25, s": grid[-1] / 1000,
    }
    fresh = []
    for _ in range(3):
        start = page.evaluate(PRESS.format("document.querySelector('button.big')"))
        fresh.append((wait(page, 25)[-1] - start) / 1000)
    figures["fresh grid of 25, warm, s"] = statistics.median(fresh)
    if page.locator("nav").count():
        figures |= drag(page)
    context.close()
    return figures


def drag(page) -> dict[str, float]:
    """One number of one corner moves, which is what each step of a drag asks for: when the cells have followed."""
    page.evaluate("location.hash = '#v1&view=corners'")
    page.wait_for_timeout(2500)
    first, every = [], []
    for _ in range(5):
        start = page.evaluate(PRESS.format("document.querySelectorAll('.step')[1]"))
        followed = wait(page, 17)
        first.append(followed[0] - start)
        every.append(followed[-1] - start)
    return {
        "corner moved: first cell, ms": statistics.median(first),
        "corner moved: all 16 cells, ms": statistics.median(every),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=Path, nargs="+")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--rivals", type=Path, help="a run whose model is also run by ONNX Runtime Web")
    parser.add_argument("--scratch", type=Path, default=Path("out/rivals"))
    given = parser.parse_args()
    folders = {page.name: page for page in given.pages}
    if given.rivals:
        folders |= {
            "ONNX Runtime": rivals.onnx(given.rivals, given.scratch),
            "2018, TF.js": rivals.tensorflow(given.scratch),
        }
        serve.PACKED += (".wasm", ".mjs")  # most hosts send these packed, so it is only fair
        serve.TYPES[".mjs"] = serve.TYPES[".js"]
    visits: dict[str, list[dict[str, float]]] = {name: [] for name in folders}
    with ExitStack() as servers, sync_playwright() as playwright:
        addresses = {name: servers.enter_context(served(folder)) for name, folder in folders.items()}
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for _ in range(given.times):
            for name, address in addresses.items():
                visits[name].append(visit(browser, address))
                print(name, {figure: round(value, 2) for figure, value in visits[name][-1].items()}, file=sys.stderr)
        browser.close()
    print(f"median of {given.times} visits, {BITS / 1e6:.0f} Mbit/s, {LATENCY} ms, one drawing thread\n")
    print(f"| {'':30} | " + " | ".join(f"{name:>12}" for name in visits) + " |")
    print(f"|{'-' * 32}|" + "|".join("-" * 14 for _ in visits) + "|")
    for figure in max((seen[0] for seen in visits.values()), key=len):
        cells = [
            f"{statistics.median(v[figure] for v in seen):.2f}" if figure in seen[0] else "-"
            for seen in visits.values()
        ]
        print(f"| {figure:30} | " + " | ".join(f"{cell:>12}" for cell in cells) + " |")


if __name__ == "__main__":
    main()

"""How soon a tapped picture is crisp: in headless Chromium, one drawing thread, the demo's grid.

    python benchmarks/tap.py [--visits 2] [--wait 0 2 7]

Each visit taps four pictures in turn, the first one so many seconds after the first picture was there.  Prints the
milliseconds until the picture is shown finished at 256 pixels, and until it is there at 512.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import chromium, served
from chonk.play.demo import demo_page

TAPS = 4
TAP = """n => new Promise(done => {
  const start = performance.now()
  let crisp = 0
  document.querySelectorAll('.tile')[n].click()
  const look = () => {
    const canvas = document.querySelector('canvas.crisp')
    if (canvas && !crisp) crisp = performance.now() - start
    if (canvas?.width === 512) done([crisp, performance.now() - start])
    else setTimeout(look, 4)
  }
  look()
})"""


def visit(browser, address: str, wait: float) -> list[list[float]]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.add_init_script("Object.defineProperty(navigator, 'hardwareConcurrency', {get: () => 1})")
    page.goto(f"{address}#v1&view=grid&seed=3")
    page.wait_for_selector(".tile:not(.waiting)")
    page.wait_for_timeout(1000 * wait)
    times = []
    for n in range(TAPS):
        times.append(page.evaluate(TAP, n))
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)
    page.close()
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--visits", type=int, default=2)
    parser.add_argument("--wait", type=float, nargs="+", default=[0, 2, 7])
    args = parser.parse_args()
    with demo_page() as root, served(root) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for wait in args.wait:
            visits = [visit(browser, address, wait) for _ in range(args.visits)]
            first = ", ".join(f"{crisp:.0f} and {whole:.0f}" for (crisp, whole), *_ in visits)
            later = [statistics.median(column) for column in zip(*(times for _, *rest in visits for times in rest))]
            print(
                f"after {wait:g} s: first {first} ms; later, medians, {later[0]:.0f} and {later[1]:.0f} ms", flush=True
            )
        browser.close()


if __name__ == "__main__":
    main()

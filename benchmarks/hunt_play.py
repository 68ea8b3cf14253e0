"""Plays the demo's Sticker Hunt in Chromium before a fake camera: the ten asked stickers in views of
`hunt_camera.py` that nobody picked, seven seconds each, with the clock.

    python benchmarks/hunt_play.py --seed 3 --width 390

Needs what the browser tests need, and web/node_modules.  Prints how each find went and the looks of every second.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from hunt_camera import look, photographs, random_scene
from PIL import Image

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))
SHOWN = 7
"""Seconds a view."""
MOMENTS, FRAMES = 5, 30
"""Moments of a view, and frames that Chromium's fake camera shows, in a second."""
WATCH = """() => {
  window.finds = []
  window.looks = 0
  const postMessage = Worker.prototype.postMessage
  Worker.prototype.postMessage = function (message, ...given) {
    if (message?.type === 'look') window.looks++
    return postMessage.call(this, message, ...given)
  }
  let began = 0
  const note = () => {
    if (!began && document.querySelector('.match video')) began = performance.now()
    const found = document.querySelectorAll('.dots .on').length
    if (began && found > window.finds.length) {
      window.finds.push([(performance.now() - began) / 1000, window.looks])
    }
  }
  new MutationObserver(note).observe(document.body, { subtree: true, childList: true, attributes: true })
}"""


def asked(seed: int, stickers: int) -> list[int]:
    """The numbers that the page's game asks for, in order."""
    with tempfile.TemporaryDirectory() as folder:
        rules = Path(folder) / "game.mjs"
        bundle = ["npx", "rolldown", "src/hunt/game.ts", "--format", "esm", "--file", str(rules)]
        subprocess.run(bundle, cwd=ROOT / "web", check=True, capture_output=True)
        code = f"import('{rules}').then(g=>console.log(JSON.stringify(g.rounds({seed},{stickers}).map(r=>r.sticker))))"
        return json.loads(subprocess.run(["node", "-e", code], check=True, capture_output=True, text=True).stdout)


def film(file: Path, stickers: list[np.ndarray], seed: int) -> None:
    """MJPEG of the stickers one after the other, each in a view of its own."""
    photos = photographs()
    with file.open("wb") as out:
        for i, sticker in enumerate(stickers):
            scene = random_scene(1_000_000 + 1000 * seed + i)
            for moment in range(SHOWN * MOMENTS):
                frame = Image.fromarray(look(scene, sticker, photos[(seed + i) % len(photos)], moment))
                data = io.BytesIO()
                frame.resize((640, 480), Image.Resampling.BILINEAR).save(data, "JPEG", quality=92)
                out.write(data.getvalue() * (FRAMES // MOMENTS))


def main() -> None:
    from playwright.sync_api import sync_playwright

    from browser import Visit, chromium, served
    from chonk.play.demo import demo_page

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--width", type=int, default=390)
    given = parser.parse_args()
    with demo_page() as root, served(root) as address, tempfile.TemporaryDirectory() as folder, sync_playwright() as p:
        entry = json.loads(re.search(r'"hunt":\s*(\{[^}]*\})', (root / "page.json").read_text())[1])
        sheet = np.asarray(Image.open(root / entry["sheet"]).convert("RGBA"))
        side, order = entry["side"], asked(given.seed, entry["stickers"])
        corners = [(n // entry["columns"] * side, n % entry["columns"] * side) for n in order]
        shown = Path(folder) / "views.mjpeg"
        film(shown, [sheet[y : y + side, x : x + side] for y, x in corners], given.seed)
        camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"]
        chrome = p.chromium.launch(
            executable_path=chromium(), args=["--no-sandbox", *camera, f"--use-file-for-fake-video-capture={shown}"]
        )
        v = Visit(chrome, address, width=given.width, height=844 if given.width < 600 else 800)
        v.open(f"#v1&view=hunt&seed={given.seed}")
        v.page.wait_for_selector(".hunt-setup")
        v.page.evaluate(WATCH)
        v.page.click("text=Start with camera")
        v.page.wait_for_selector(".match video")
        started = time.monotonic()
        v.page.wait_for_selector(".hunt-end", timeout=600_000)
        seconds = time.monotonic() - started
        finds, looks = v.page.evaluate("[window.finds, window.looks]")
        print(v.page.inner_text("#hunt-result"))
        for i, (at, looked) in enumerate(finds):
            first = "the first time" if at < SHOWN * (i + 1) + 1 else "later"
            print(f"{i + 1:2} sticker {order[i] + 1:2}: after {at:5.1f} s, {first}, {looked} looks so far")
        print(f"{looks / seconds:.1f} looks a second; {v.errors or 'no errors'}")
        chrome.close()


if __name__ == "__main__":
    main()

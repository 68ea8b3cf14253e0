"""Helpers of the browser tests: a page served from a thread, and Chromium pages that note everything that goes
wrong."""

from __future__ import annotations

import os
import re
import shutil
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from chonk.play.serve import listen
from chonk.play.server import Server

AXE = Path(__file__).parent.parent / "web" / "node_modules" / "axe-core" / "axe.min.js"
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE = 180
"""Seconds until what a page must come to is missing: enough for a machine ten times as slow as one of today."""


def chromium() -> str:
    """The browser to test with; skips the test where there is none."""
    path = os.environ.get("CHROMIUM") or next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if not path:
        pytest.skip("no Chromium: install it (apt-get install chromium) or set CHROMIUM to its path")
    return path


@contextmanager
def served(root: Path, *host_names: str) -> Iterator[str]:
    """The address of a folder served by `chonk serve`'s own server, which answers to these names too."""
    with Server(root, listen(0), host_names) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server.address
        finally:
            server.shutdown()
            thread.join(20)


@contextmanager
def served_cut(root: Path, ending: str) -> Iterator[str]:
    """As `served`, but of files with this ending only half arrives before the connection breaks."""

    class Handler(SimpleHTTPRequestHandler):
        def copyfile(self, source, outputfile) -> None:
            data = source.read()
            cut = source.name.endswith(ending)
            outputfile.write(data[: len(data) // 2] if cut else data)
            if cut:
                time.sleep(1)  # as a network breaks: what came before has been read by then

        def log_message(self, *words) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(20)


class Visit:
    """One open page.  `errors` holds console errors, script errors and requests to any other host."""

    def __init__(self, browser, address: str, width: int = 1280, height: int = 800, **options) -> None:
        self.address, self.errors, self.requests = address, [], []
        self.host = "/".join(address.split("/")[:3])
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, accept_downloads=True, **{"locale": "en-GB"} | options
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(1000 * PATIENCE)
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type in ("error", "warning") else None)
        self.page.on("pageerror", lambda e: self.errors.append(str(e)))
        self.page.on("request", self._request)

    def _request(self, request) -> None:
        if request.url.startswith("http"):
            self.requests.append(request.url)
        if not request.url.removeprefix("blob:").startswith((self.host, "data:")):
            self.errors.append(f"request to another host: {request.url}")

    def open(self, hash: str = "") -> None:
        """Opens a link and waits until everything on it is drawn.  (The page forbids eval, so its state is asked for,
        not awaited.)"""
        self.page.goto("about:blank")
        self.page.goto(self.address + hash)
        self.settle()

    def until(self, state: str | Callable[[], object], *given: object) -> object:
        """Waits for something to be true of the page, and returns it: what a script says, of `given` where it is a
        function, or a function of ours.  (The page forbids eval, so it is asked again and again, not awaited.)"""
        end = time.monotonic() + PATIENCE
        while not (found := state() if callable(state) else self.page.evaluate(state, *given)):
            assert time.monotonic() < end, f"{state}: {self.errors} {self.page.inner_text('body')[:500]}"
            self.page.wait_for_timeout(50)
        return found

    def settle(self) -> None:
        """Waits until everything is drawn."""
        self.until(
            "document.querySelector('.bar').hidden && !document.querySelector('.tile.waiting:not(.add), .tile.still')"
        )

    def back(self, view: str) -> None:
        """Goes back to a view, and waits until everything on it is drawn."""
        self.page.go_back()
        self.page.locator(f"main.view-{view}").wait_for()
        self.settle()

    def kept(self) -> None:
        """Waits until all that the page has asked for is kept for a visit without a network."""
        files = sorted({url.split("#")[0] for url in self.requests if url.startswith(self.host)})
        self.until(
            """files => Promise.all([
              navigator.serviceWorker.getRegistration().then(there => there?.active),
              ...files.map(file => caches.match(file)),
            ]).then(all => all.every(found => found))""",
            files,
        )

    def pixels(self, selector: str = "main .tile canvas") -> np.ndarray:
        """Every canvas that matches, N x S x S x 4.  They come as text: lists of numbers take Playwright seconds."""
        texts = self.page.evaluate(
            """selector => [...document.querySelectorAll(selector)].map(canvas => {
              const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height)
              let text = ''
              for (let i = 0; i < data.length; i += 4096) text += String.fromCharCode(...data.subarray(i, i + 4096))
              return btoa(text)
            })""",
            selector,
        )
        data = np.stack([np.frombuffer(b64decode(text), np.uint8) for text in texts])
        side = int((data.shape[1] // 4) ** 0.5)
        return data.astype(np.int16).reshape(len(data), side, side, 4)

    def check_with_axe(self, where: str) -> None:
        """What is shown is accessible, in light and in dark, which differ in their colours alone; skips the test where
        axe is not installed."""
        if not AXE.is_file():
            pytest.skip("axe-core is not installed: npm ci in web/")
        self.page.evaluate(AXE.read_text())
        for scheme, rules in (("dark", ["cat.color"]), ("light", AXE_RULES)):
            self.page.emulate_media(color_scheme=scheme)
            found = self.page.evaluate(
                "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']}).then(all => all.violations)",
                rules,
            )
            assert not found, f"{where}, {scheme}: " + "; ".join(
                f"{x['id']}: {x['nodes'][0]['html'][:160]} {x['nodes'][0]['failureSummary'][:200]}" for x in found
            )


def break_model(v: Visit, how) -> None:
    """Answers requests for a model in another way."""
    v.page.route(re.compile(r"model\.\w+\.bin$"), how)

"""Settings of every test run, the order of the files, and the browser with a page that the tests of the page share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
    # Compiling torch anew takes a process longer than all else that it does to import it, and the tests start hundreds.
    sys.dont_write_bytecode, sys.pycache_prefix = (
        False,
        str(Path(__file__).parent.parent / ".pytest_cache" / "bytecode"),
    )
    os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix
settings.register_profile("chonk", deadline=None)  # how long an example takes says what else the machine does
settings.load_profile("chonk")
os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: on tiny nets threads only get in each other's way
os.environ.setdefault(
    "CUDA_VISIBLE_DEVICES", ""
)  # bit for bit is for CPUs; CUDA_VISIBLE_DEVICES=0 pytest tests/test_devices.py tries a GPU


LONG = (
    *["hunt_page", "page_drawing", "page_views", "page_trouble", "page_keep", "resume", "refinement", "hunt"],
    *["benchmarks", "packs", "terminal", "judge_faults", "gather_eye", "judge_calibration", "hostile", "kills", "make"],
    *["train", "distributed", "gather_people", "tune", "recipe", "judge_truth"],
)
"""The files that take longest begin first, so that no process works on the last one while the others wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {f"test_{name}": number for number, name in enumerate(LONG)}
    items.sort(key=lambda item: rank.get(item.path.stem, len(rank)))


@pytest.fixture(scope="module", autouse=True)
def idle_workers(request):
    """Keeps idle workers of gather for its next run in a file of tests, for starting one takes longer than most tests;
    not in files that say FRESH_WORKERS."""
    from chonk.ingest import pool

    if hasattr(request.module, "FRESH_WORKERS"):
        yield
        return
    idle: list[subprocess.Popen] = []

    class Worker(pool._Worker):
        keep = False

        def ask(self, job):
            self.keep = False
            reply = super().ask(job)
            self.keep = job["do"] != "list" and not job.get("member")  # those hold an archive open
            return reply

        def stop(self):
            if self.keep and self._process is not None and self._process.poll() is None:
                idle.append(self._process)
                self._process = None
            super().stop()

        def _running(self):
            if self._process is None and idle:
                self._process = idle.pop()
            return super()._running()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pool, "_Worker", Worker)
        yield
    for process in idle:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            pipe.close()


@pytest.fixture(scope="module")
def launch():
    """Starts a Chromium with further switches."""
    from playwright.sync_api import sync_playwright

    from browser import chromium

    path = chromium()
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(executable_path=path, args=["--no-sandbox", *switches])


@pytest.fixture(scope="module")
def browser(launch):
    chrome = launch()
    yield chrome
    chrome.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """A page with two models, one of them transparent and with a hostile title: its address, its models by name and its
    folder."""
    from browser import served
    from chonk.play.page import page
    from chonk.settings import Page
    from small_pages import EVIL, small_run

    folder = tmp_path_factory.mktemp("page")
    models = {"cats": small_run(folder / "Cats.chonk" / "run"), "clear": small_run(folder / "clear", 4, EVIL, seed=1)}
    runs = folder / "Cats.chonk", folder / "clear"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("chonk.play.spaces.SAMPLES", 50)  # directions of any kind will do
        page(Page(runs=runs, out=folder / "page", precision="fp32", title="Little cats"))
    with served(folder / "page") as address:
        yield address, models, folder / "page"


@pytest.fixture
def visit(browser, site):
    """Opens that page in a window of its own."""
    from browser import Visit

    opened = []

    def open_page(**options) -> Visit:
        opened.append(Visit(browser, site[0], **options))
        return opened[-1]

    yield open_page
    for v in opened:
        v.context.close()

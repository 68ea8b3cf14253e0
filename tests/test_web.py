"""The page's types, where Node is at hand.  Its own tests (vitest) are what `make test` begins with."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

WEB = Path(__file__).parent.parent / "web"


def test_the_pages_types_are_right():
    # The Node of the dev extra lies beside this Python.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    if not shutil.which("npm", path=path) or not (WEB / "node_modules").is_dir():
        pytest.skip("needs npm and the page's packages: npm ci in web/")
    done = subprocess.run(
        ["npm", "run", "-s", "check"],
        cwd=WEB,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]

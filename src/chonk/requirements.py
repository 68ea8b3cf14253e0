"""What chonk needs of Python, PyTorch and memory, checked without loading PyTorch."""

from __future__ import annotations

import os
import re
from importlib.metadata import PackageNotFoundError, version

OLDEST_PYTHON, OLDEST_TORCH = (3, 11), (2, 4)
"""As pyproject.toml has them; scripts/matrix tests both ends."""
ADDRESS_SPACE = {"serve": 0, "demo": 0, "gather": 512, None: 1024}
"""The least that a command needs of it, in MB; None for all others.  With less, libraries fail in any way as they are
loaded."""


def short_of_memory(name: str) -> str | None:
    """Says so where the process may have less address space than the command needs; with little more it takes one
    thread."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    limit, needed = resource.getrlimit(resource.RLIMIT_AS)[0], ADDRESS_SPACE.get(name, ADDRESS_SPACE[None])
    if limit == resource.RLIM_INFINITY:
        return None
    if limit < needed << 20:
        return (
            f"only {limit >> 20} MB of address space are allowed here, chonk {name} needs {needed} MB; see: ulimit -v"
        )
    if limit < 4 << 30:
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
    return None


def unsupported() -> str | None:
    """What is wrong with the installed PyTorch, found without loading it; None if nothing is."""
    try:
        found = version("torch")
    except PackageNotFoundError:
        return "PyTorch is not installed; install chonk again: pip install ."
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < OLDEST_TORCH:
        oldest = ".".join(map(str, OLDEST_TORCH))
        return f"PyTorch {found} is too old; chonk needs {oldest} or newer: pip install --upgrade torch"
    return None

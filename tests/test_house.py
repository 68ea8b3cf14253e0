"""The house stands: imports only run downwards, and the rooms of a floor do not know each other."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import chonk

ROOT = Path(chonk.__file__).parent
FLOORS = {
    "errors": 0,
    "files": 0,
    "latents": 0,
    "settings": 0,
    "links": 0,
    "swap": 0,
    "pictures": 1,
    "nets": 1,
    "model": 2,
    "find": 2,
    "learn": 3,
    "judge": 3,
    "play": 3,
    "draw": 3,
    "make": 4,
    "stages": 4,
    "tune": 4,
    "cli": 5,
    "__main__": 6,
}
"""A room is a module or a package right under chonk/.  The package's own __init__ belongs to the model it stands
for."""
MAY_SHARE = {
    ("make", "stages"),
    ("find", "model"),
    ("model", "find"),
    ("links", "latents"),
    ("links", "errors"),
    ("files", "errors"),
}
"""Neighbours on one floor that are two files of one idea."""
FILES = sorted(ROOT.rglob("*.py"))


def room(file: Path) -> str:
    return file.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(file: Path) -> set[str]:
    """Rooms that a file imports from anywhere in it, but for type checking alone."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; say chonk.…"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("chonk.")}
    return found - {"__version__"}


def test_every_room_has_a_floor():
    assert {room(file) for file in FILES if file.parent != ROOT or file.stem != "__init__"} == set(FLOORS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_imports_only_run_downwards(file):
    here = room(file)
    if here == "__init__":
        assert imports(file) <= {"model"}
        return
    for other in imports(file):
        assert other == here or (here, other) in MAY_SHARE or FLOORS[other] < FLOORS[here], (
            f"{file.relative_to(ROOT)} (floor {FLOORS[here]}) imports chonk.{other} (floor {FLOORS[other]})"
        )


def test_the_check_sees_what_it_should(tmp_path):
    file = tmp_path / "x.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from chonk.cli import run\n"
        "def f():\n    from chonk import make\n    import chonk.learn.train\n    from chonk.dataset.picture_set import "
        "PictureSet\n"
    )
    assert imports(file) == {"make", "learn", "pictures"}


def test_nothing_can_run_code_from_a_file():
    """Weights and records are safetensors and JSON: no pickle, no eval, no torch.load anywhere."""
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                names = {alias.name.split(".")[0] for alias in node.names} | {
                    (getattr(node, "module", None) or "").split(".")[0]
                }
                assert not names & {"pickle", "marshal", "shelve", "dill", "joblib"}, file
            if isinstance(node, ast.Call):
                assert ast.unparse(node.func) not in (
                    "eval",
                    "exec",
                    "torch.load",
                    "torch.save",
                    "np.load",
                    "numpy.load",
                ) or any(k.arg == "allow_pickle" and ast.unparse(k.value) == "False" for k in node.keywords), (
                    f"{file}:{node.lineno}"
                )

"""The architecture: imports only run downwards from layer to layer, and from file to file without a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import chonk
from chonk.cli import COMMANDS

ROOT = Path(chonk.__file__).parent
LAYERS = {
    "arguments": 0,
    "beside": 0,
    "errors": 0,
    "files": 0,
    "formats": 0,
    "latents": 0,
    "links": 0,
    "paths": 0,
    "rejection": 0,
    "requirements": 0,
    "settings": 0,
    "swap": 0,
    "templates": 0,
    "terminal": 0,
    "validation": 0,
    "dataset": 1,
    "ingest": 1,
    "nets": 1,
    "pixels": 1,
    "synthetic": 1,
    "batched": 2,
    "finish": 2,
    "hidden": 2,
    "inversion": 2,
    "model": 2,
    "model_files": 2,
    "stored_nets": 2,
    "draw": 3,
    "hunt": 3,
    "judge": 3,
    "learn": 3,
    "play": 3,
    "calibrate": 4,
    "commands": 4,
    "estimates": 4,
    "make": 4,
    "pipeline": 4,
    "stages": 4,
    "tune": 4,
    "cli": 5,
    "__main__": 6,
}
"""A component is a module or a package right under chonk/.  The package's own __init__ belongs to `model`, which it
exports."""
INDEPENDENT = {3}
"""Layers whose components must not import each other; in the others they may, but never in a circle."""
FILES = sorted(ROOT.rglob("*.py"))


def name_of(file: Path) -> str:
    """The dotted name of a file's module."""
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(file): file for file in FILES}


def component(name: str) -> str:
    """The component of a module's dotted name."""
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


def imports(file: Path, lazy: bool = True) -> set[str]:
    """Modules of chonk that a file imports anywhere in it, but for type checking alone; `lazy`, in functions too."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    skipped = set()
    for node in ast.walk(tree):
        typing_only = isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        if typing_only or (not lazy and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))):
            skipped |= {id(inner) for inner in ast.walk(node)}
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: relative import; say chonk.…"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {module for name in found if (module := known(name))}


def known(name: str) -> str | None:
    """The module that an imported name is, or is in; None where it is none of ours."""
    if name.split(".")[0] != "chonk":
        return None
    return name if name in MODULES else name.rpartition(".")[0] or None


def test_every_component_has_a_layer():
    assert {component(name) for name in MODULES if name != "chonk"} == set(LAYERS)


@pytest.mark.parametrize("name", MODULES)
def test_imports_only_run_downwards(name):
    for other in imports(MODULES[name]):
        if other == "chonk" or component(other) == component(name):
            continue  # its version
        if name == "chonk":
            assert component(other) == "model"
            continue
        here, there = LAYERS[component(name)], LAYERS[component(other)]
        assert there < here or (there == here and here not in INDEPENDENT), (
            f"{name} (layer {here}) imports {other} (layer {there})"
        )


def test_no_file_imports_itself_through_others():
    graph = {name: imports(file) - {name, "chonk"} for name, file in MODULES.items()}
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def picture() -> str:
    """Every component above layer 0, and the components above layer 0 that its files import."""
    components: dict[str, set[str]] = {name: set() for name, layer in LAYERS.items() if 0 < layer < 6}
    for name, file in MODULES.items():
        if component(name) in components:
            components[component(name)] |= {component(other) for other in imports(file)} & components.keys() - {
                component(name)
            }
    components["cli"] = {component(function.partition(":")[0]) for _, function in COMMANDS.values()}
    lines = []
    for name, others in sorted(components.items(), key=lambda entry: (-LAYERS[entry[0]], entry[0])):
        lines.append(f"    {LAYERS[name]}  {name:<12}{' '.join(sorted(others))}".rstrip())
    return "\n".join(lines) + "\n"


def test_the_picture_of_the_imports_is_up_to_date():
    docs = ROOT.parents[1] / "docs" / "architecture.md"
    if not docs.is_file():
        pytest.skip("chonk is installed without its documents")
    assert picture() in docs.read_text(encoding="utf-8"), f"docs/architecture.md should have:\n{picture()}"


def test_the_check_sees_what_it_should(tmp_path):
    file = tmp_path / "x.py"
    file.write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from chonk.cli import run\n"
        "import chonk.learn.train\ndef f():\n    from chonk import make\n"
        "    from chonk.dataset.picture_set import PictureSet\n"
    )
    assert imports(file) == {"chonk.make", "chonk.learn.train", "chonk.dataset.picture_set"}
    assert imports(file, lazy=False) == {"chonk.learn.train"}


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

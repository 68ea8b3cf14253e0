"""Other ways to put a generator on a page, for benchmarks/page.py: made in a scratch folder, no part of the product.

`onnx` is the same generator, exported by PyTorch and run by ONNX Runtime Web.  `tensorflow` is the layout of the 2018
page's first model (began-2018-3, untrained: its weights do not change the time), run by TensorFlow.js, one file a
weight.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.latents import latents
from chonk.learn.objectives import find_objective
from chonk.learn.presets import PRESETS
from chonk.model import Model, load
from chonk.model_files import ModelConfig
from chonk.play import reference
from chonk.play.lowering import lower

HERE = Path(__file__).parent / "rivals"
PACKAGES = ("onnxruntime-web@1.30.0", "@tensorflow/tfjs-core@4.22.0", "@tensorflow/tfjs-backend-wasm@4.22.0")
SIZE_2018 = 80


def install(scratch: Path) -> Path:
    """The packages of both from their registries into a scratch folder, unless they are there; returns node_modules."""
    modules, python = scratch / "node_modules", scratch / "python"
    if not modules.is_dir():
        subprocess.run(
            [
                "npm",
                "install",
                "--silent",
                "--no-audit",
                "--no-fund",
                "--ignore-scripts",
                "--prefix",
                str(scratch),
                *PACKAGES,
            ],
            check=True,
        )
    if not python.is_dir():
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(python), "onnx", "onnxscript"],
            check=True,
        )
    sys.path.append(str(python))
    return modules


def _page(folder: Path, name: str, scripts: tuple[str, ...], files: list[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for file in (*files, HERE / "grid.js", HERE / f"{name}.js"):
        shutil.copy(file, folder / file.name)
    tags = "".join(f'<script src="{script}"></script>' for script in scripts)
    (folder / "index.html").write_text(
        f'<!doctype html><title>{name}</title><link rel="icon" href="data:,"><button '
        f'class="big">again</button>{tags}<script type="module" src="{name}.js"></script>'
    )


def onnx(model: Path, scratch: Path) -> Path:
    """The page of a chonk model through ONNX Runtime Web."""
    folder, dist = scratch / "onnx", install(scratch) / "onnxruntime-web" / "dist"
    _page(
        folder,
        "onnx",
        (),
        [dist / f"ort{name}" for name in (".wasm.min.mjs", "-wasm-simd-threaded.mjs", "-wasm-simd-threaded.wasm")],
    )
    chonk = load(model)
    count = torch.export.Dim("count")
    torch.onnx.export(
        chonk.generator.eval(),
        (torch.randn(2, chonk.config.latent_dim),),
        str(folder / "model.onnx"),
        dynamo=True,
        verbose=False,
        input_names=["z"],
        output_names=["pictures"],
        dynamic_shapes=({0: count},),
        external_data=False,
    )
    (folder / "model.json").write_text(json.dumps({"size": chonk.config.size, "dim": chonk.config.latent_dim}))
    return folder


def tensorflow(scratch: Path) -> Path:
    """The page of the 2018 layout through TensorFlow.js."""
    folder, modules = scratch / "tfjs", install(scratch) / "@tensorflow"
    backend = modules / "tfjs-backend-wasm" / "dist"
    scripts = ("tf-core.min.js", "tf-backend-wasm.min.js")
    _page(
        folder,
        "tfjs",
        scripts,
        [modules / "tfjs-core" / "dist" / scripts[0], backend / scripts[1], backend / "tfjs-backend-wasm-simd.wasm"],
    )
    objective, values = PRESETS["began-2018-3"]
    module = find_objective(objective)
    pictures = PictureSet(torch.zeros(8, 3, SIZE_2018, SIZE_2018, dtype=torch.uint8), tuple("abcdefgh"))
    net, options, dim, kind = module.Objective(pictures, module.Settings(**values), 0).generator_config()
    model = Model.build(ModelConfig(net, SIZE_2018, 3, dim, kind, options))
    graph = lower(model.generator, dim)
    z = latents(0, 2, dim, kind)
    assert np.abs(reference.run(graph, z) - model(z)).max() < 1e-4, "the graph is not the net"
    for number, weight in enumerate(graph.weights):
        (folder / f"w{number}.f32").write_bytes(weight.astype("<f4").tobytes())
    ops = [{"op": op.kind, "in": op.inputs, "out": op.output, "w": op.weights, **op.settings} for op in graph.ops]
    (folder / "model.json").write_text(
        json.dumps(
            {
                "size": SIZE_2018,
                "dim": dim,
                "output": graph.output,
                "ops": ops,
                "shapes": graph.shapes,
                "tensors": [list(weight.shape) for weight in graph.weights],
            }
        )
    )
    return folder

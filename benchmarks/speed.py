"""How fast a training step is here: each objective, preset and size, beside a textbook BEGAN and what a convolution reaches.

    python benchmarks/speed.py --rounds 5 --out out/speed.json

All contenders and the convolutions that stand for the machine's limit take turns in one process, on one thread, and the median of
the rounds counts.  Work is set against CPU time (user and system), so that a machine which others use too costs accuracy, not the
result.  GFLOP/s count what convolutions and matrix products need, backward passes included (torch.utils.flop_counter), against the
fastest 3x3 convolution of the same precision.  Memory and the time to the first step come from a process of their own, imports
included.  Peers that cannot be run are listed with the reason.
"""
from __future__ import annotations

import argparse
import contextlib
import ctypes
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from chonk.learn.presets import find_preset
from chonk.learn.run import objective_settings
from chonk.learn.speed import M_MMAP_MAX, M_TRIM_THRESHOLD, Speed, has_bf16, keep_memory
from chonk.learn.train import build
from chonk.pictures.dataset import PictureSet

CONTENDERS = {
    **{f"textbook n={n}": (64, 16, None, n) for n in (32, 64)},
    **{f"began n={n}": (64, 16, "began", (f"filters={n}", f"d_filters={n}", "vanishing=false")) for n in (32, 64)},
    "began": (64, 16, "began", ()),
    "began-paper": (64, 16, "began-paper", ()),
    **{f"began-2018-{i}": (80, 16, f"began-2018-{i}", ()) for i in (1, 2, 3)},
    "ebgan": (64, 16, "ebgan", ()),
    "wgan": (64, 16, "wgan", ()),
    **{f"chonk {size}": (size, 8, "chonk", ()) for size in (64, 128, 256)},
    **{f"began {size}": (size, 16, "began", ()) for size in (128, 256)},
    **{f"began batch {batch}": (64, batch, "began", ()) for batch in (64, 256)},
}
"""name -> side, batch, objective or preset, settings; None: the textbook's step with that n."""
PEERS = {"lightweight-gan": "lightweight_gan", "stylegan2-pytorch": "stylegan2_pytorch"}
SHAPES = [(16, 64, 32), (16, 64, 64), (16, 128, 32), (32, 32, 64), (16, 256, 16)]
"""Batch, channels and side of the convolutions among which the fastest is the machine's limit."""


def contender(name: str) -> tuple[Callable[[], None], int]:
    """One step of a contender, and the pictures that it shows."""
    size, batch, objective, settings = CONTENDERS[name]
    pixels = torch.randint(0, 256, (400, 3, size, size), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    pictures, index = PictureSet(pixels, ("",) * 400), torch.arange(batch)
    if objective is None:
        from textbook import Began
        return partial(Began(settings, size).step, pictures.unit(index)), batch
    objective, preset = find_preset(objective if "-" in objective else None, objective.partition("-")[0])
    own = objective_settings(objective, preset, settings, batch)
    trained, speed = build({"seed": 0, "objective": objective}, pictures, own), Speed("cpu", 1, has_bf16("cpu"))
    speed.use(trained)
    real = pictures.unit(index).contiguous(memory_format=torch.channels_last)

    def step() -> None:
        with speed.precision():
            trained.step(real, index, 0.5)
    return step, batch


def convolution(batch: int, channels: int, side: int, dtype: torch.dtype) -> tuple[Callable[[], None], float]:
    """A 3x3 convolution forwards, and its GFLOP."""
    net = torch.nn.Conv2d(channels, channels, 3, padding=1).to(dtype=dtype, memory_format=torch.channels_last).requires_grad_(False)
    x = torch.randn(batch, channels, side, side).to(dtype=dtype, memory_format=torch.channels_last)
    return lambda: net(x), 18 * batch * channels**2 * side**2 / 1e9


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """CPU-seconds and seconds."""
    cpu, wall = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - cpu, time.perf_counter() - wall


def usual_memory() -> None:
    """Undoes `keep_memory`, for those who know nothing of it."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).mallopt(M_MMAP_MAX, 65536)
        ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, 128 * 1024)


def flops(name: str, step: Callable[[], None]) -> float:
    """GFLOP of a step; of five where WGAN-GP's generator learns in every fifth.  Not of the first: BEGAN's k is 0 there, and it works more."""
    steps = 5 if name.startswith("wgan") else 1
    step()
    with Counter() as counter:
        for _ in range(steps):
            step()
    return counter.total / steps / 1e9


class Counter(TorchDispatchMode):
    """Floating-point operations of convolutions and matrix products (FlopCounterMode itself does not let second derivatives through)."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if count := flop_registry.get(function.overloadpacket):
            self.total += count(*args, **(kwargs or {}), out_val=result)
        return result


def alone(name: str) -> dict:
    """Peak memory and time to the first step, measured by a process that does nothing else."""
    answer = subprocess.run([sys.executable, __file__, "--alone", name], check=True, capture_output=True, text=True).stdout
    return json.loads(answer.splitlines()[-1])


def measure(names: list[str], rounds: int) -> dict:
    """Everything, as the JSON has it."""
    torch.set_num_threads(1)
    steps = {name: contender(name) for name in names}
    work = {name: flops(name, step) for name, (step, _) in steps.items()}         # warms up too
    limits = {f"{kind} {shape}": convolution(*shape, dtype) for shape in SHAPES
              for kind, dtype in [("fp32", torch.float32), ("bf16", torch.bfloat16)][:1 + has_bf16("cpu")]}
    times: dict[str, list] = {name: [] for name in [*steps, *limits]}
    for _ in range(rounds):
        for name, (step, _) in [*steps.items(), *limits.items()]:
            usual_memory() if name.startswith("textbook") else keep_memory()
            times[name].append(timed(step))
    cpu, wall = ({name: median(pair[i] for pair in pairs) for name, pairs in times.items()} for i in (0, 1))
    peak = {kind: max(gflop / cpu[name] for name, (_, gflop) in limits.items() if name.startswith(kind)) for kind in ("fp32", "bf16")
            if any(name.startswith(kind) for name in limits)}
    rows = {}
    for name, (_, batch) in steps.items():
        reached = work[name] / cpu[name]
        limit = peak.get("fp32" if CONTENDERS[name][2] is None else "bf16", peak["fp32"])
        rows[name] = {"pictures_per_second": batch / wall[name], "pictures_per_cpu_second": batch / cpu[name], "gflop_per_picture": work[name] / batch,
                      "gflops": reached, "of_peak": reached / limit, **alone(name)}
    return {"cpu": processor(), "torch": torch.__version__, "rounds": rounds, "peak_gflops": peak, "steps": rows,
            "left_out": {peer: reason for peer, module in PEERS.items() if (reason := why_not(module))}}


def peak_memory() -> float:
    """MB.  Linux hands a child its parent's ru_maxrss, so there it is asked for otherwise."""
    status = Path("/proc/self/status")
    if status.exists():
        return next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM")) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), sys.platform)


def why_not(module: str) -> str:
    """Why a peer is not among the contenders."""
    try:
        __import__(module)
    except ImportError:
        return "not installed"
    except Exception as error:
        return f"cannot be imported here: {type(error).__name__}: {error}"
    return "needs CUDA"


def table(result: dict) -> str:
    """Markdown."""
    heads = ["step", "pictures / s", "pictures / CPU-s", "GFLOP / picture", "GFLOP/s", "of peak", "peak memory, MB", "start to first step, CPU-s"]
    lines = [f"{result['cpu']}, one thread; 3x3 convolution: " + ", ".join(f"{kind} {value:.0f} GFLOP/s" for kind, value in result["peak_gflops"].items()),
             "", "| " + " | ".join(heads) + " |", "|---" * len(heads) + "|"]
    for name, row in result["steps"].items():
        lines.append(f"| {name} | {row['pictures_per_second']:.1f} | {row['pictures_per_cpu_second']:.1f} | {row['gflop_per_picture']:.2f} | "
                     f"{row['gflops']:.0f} | {row['of_peak']:.0%} | {row['peak_memory_mb']:.0f} | {row['first_step_seconds']:.1f} |")
    for n in (32, 64):
        if {f"textbook n={n}", f"began n={n}"} <= result["steps"].keys():
            ours, theirs = (result["steps"][f"{who} n={n}"]["pictures_per_cpu_second"] for who in ("began", "textbook"))
            lines.append(f"\nBEGAN, n = {n}: {ours / theirs:.2f} times the textbook's step")
    return "\n".join([*lines, *(f"\n{peer}: left out, {reason}" for peer, reason in result["left_out"].items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS), metavar="STEP")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("out/speed.json"))
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.alone:
        torch.set_num_threads(1)
        contender(args.alone)[0]()
        print(json.dumps({"peak_memory_mb": peak_memory(), "first_step_seconds": time.process_time()}))
        return
    result = measure(args.only, args.rounds)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(result, indent=1) + "\n")
    print(table(result))


if __name__ == "__main__":
    main()

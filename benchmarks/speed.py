"""How fast a training step is here: each objective, preset, size and batch, beside a textbook BEGAN, peers and what a
convolution reaches.

    python benchmarks/speed.py --rounds 5 --out out/speed.json                 all of contenders.py
    python benchmarks/speed.py --only began "textbook n=32" "began n=32"       some
    python benchmarks/speed.py --device cuda                                   on a GPU, by the clock
    python benchmarks/speed.py --quick                                         tiny pictures, once: does it all work?

All contenders and the convolutions that stand for the machine's limit take turns in one process, on one thread, and the
median of the rounds counts; what takes more than LONG seconds is timed in the first only.  Work is set against CPU time
(user and system), so that a machine which others use too costs accuracy, not the result.  The JSON is written after
every round.  GFLOP/s count what convolutions and matrix products need, backward passes included
(torch.utils.flop_counter), against the fastest 3x3 convolution of the same precision.  Memory and the time to the first
step and the first sample come from a process of their own, imports included; on a GPU memory is the device's.  Peers
that cannot be run are listed with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from contenders import CONTENDERS, ELSEWHERE, TRICKS, WHOLE, Contender, begin, small
from peers import PEERS, why_not
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import conv_flop_count, flop_registry

from chonk.learn import speed
from chonk.learn.speed import has_bf16, keep_memory

LONG = 20.0
STEPS = 30
"""So many are timed together on a GPU."""
SHAPES = [(16, 64, 32), (16, 64, 64), (16, 128, 32), (32, 32, 64), (16, 256, 16)]
"""Batch, channels and side of the convolutions among which the fastest is the machine's limit."""


LARGE = [(256, 256, 32), (256, 512, 16), (512, 128, 64)]
"""The same for a GPU."""


def convolution(
    batch: int, channels: int, side: int, dtype: torch.dtype, device: str
) -> tuple[Callable[[], None], float]:
    """A 3x3 convolution forwards, and its GFLOP."""
    net = (
        torch.nn.Conv2d(channels, channels, 3, padding=1)
        .to(device, dtype=dtype, memory_format=torch.channels_last)
        .requires_grad_(False)
    )
    x = torch.randn(batch, channels, side, side).to(device, dtype=dtype, memory_format=torch.channels_last)
    return lambda: net(x), 18 * batch * channels**2 * side**2 / 1e9


def finish() -> None:
    """Waits for the GPU."""
    if torch.cuda.is_initialized():
        torch.cuda.synchronize()


def timed(work: Callable[[], None], times: int = 1) -> tuple[float, float]:
    """CPU-seconds and seconds of one of so many times."""
    finish()
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(times):
        work()
    finish()
    return (time.process_time() - cpu) / times, (time.perf_counter() - wall) / times


def flops(step: Callable[[], None], times: int) -> float:
    """GFLOP of one of so many steps."""
    with Counter() as counter:
        for _ in range(times):
            step()
    return counter.total / times / 1e9


class Counter(TorchDispatchMode):
    """Floating-point operations of convolutions and matrix products (FlopCounterMode itself does not let second
    derivatives through, and takes the backward passes of depthwise convolutions for dense ones)."""

    total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function.overloadpacket == torch.ops.aten.convolution_backward and args[9] > 1:
            self.total += sum(args[10][:2]) * conv_flop_count(args[1].shape, args[2].shape, args[0].shape)
        elif count := flop_registry.get(function.overloadpacket):
            self.total += count(*args, **(kwargs or {}), out_val=result)
        return result


def alone(name: str, quick: bool) -> dict:
    """Peak memory, time to the first step and picture, and later steps, measured by a process that does nothing
    else."""
    answer = subprocess.run(
        [sys.executable, __file__, "--alone", name, *["--quick"][:quick]], check=True, capture_output=True, text=True
    ).stdout
    return json.loads(answer.splitlines()[-1])


def measure(names: list[str], rounds: int, quick: bool = False, device: str = "cpu") -> Iterator[dict]:
    """Everything, as the JSON has it, after each round; what processes of their own measure is in the last."""
    torch.set_num_threads(1)
    keep_memory()
    gpu = device == "cuda"
    torch.backends.cudnn.benchmark = gpu
    left_out = {peer: reason for peer in PEERS if peer in names and (reason := why_not(peer))}
    names = [name for name in names if name not in left_out]
    steps, work, memory = {}, {}, {}
    for name in names:
        contender = CONTENDERS[name]
        work[name] = flops(begin(replace(contender, graphs=False), device)[0], contender.round)  # warms up too
        memory[name], steps[name] = on_device(contender) if gpu else (None, begin(contender)[0])
    many = STEPS if gpu else 1
    limits = {
        f"{kind} {shape}": convolution(*shape, dtype, device)
        for shape in SHAPES + LARGE * gpu
        for kind, dtype in [("fp32", torch.float32), ("bf16", torch.bfloat16)][: 1 + has_bf16(device)]
    }
    times: dict[str, list] = {name: [] for name in [*steps, *limits]}
    for number in range(1, rounds + 1):
        for name, step in [*steps.items(), *((name, step) for name, (step, _) in limits.items())]:
            if not times[name] or times[name][0][1] < LONG:
                times[name].append(timed(step, many * (CONTENDERS[name].round if name in steps else 1)))
        cpu, wall = ({name: median(pair[i] for pair in pairs) for name, pairs in times.items()} for i in (0, 1))
        spent = wall if gpu else cpu
        peak = {
            kind: max(gflop / spent[name] for name, (_, gflop) in limits.items() if name.startswith(kind))
            for kind in ("fp32", "bf16")
            if any(name.startswith(kind) for name in limits)
        }
        rows = {}
        for name in steps:
            shown, reached = CONTENDERS[name].batch, work[name] / spent[name]
            limit = peak["bf16" if CONTENDERS[name].bf16 and "bf16" in peak else "fp32"]
            rows[name] = {
                "pictures_per_second": shown / wall[name],
                "pictures_per_cpu_second": shown / cpu[name],
                "gflop_per_picture": work[name] / shown,
                "gflops": reached,
                "of_peak": reached / limit,
            }
            if gpu:
                rows[name]["peak_memory_mb"] = memory[name]
            elif number == rounds:
                rows[name] |= alone(name, quick)
        yield {
            "machine": torch.cuda.get_device_name() if gpu else processor() + ", one thread",
            "by": "second" if gpu else "cpu_second",
            "torch": torch.__version__,
            "rounds": number,
            "peak_gflops": peak,
            "steps": rows,
            "left_out": left_out,
        }


def on_device(contender: Contender) -> tuple[float, Callable[[], None]]:
    """MB that a step takes on the GPU at most, and the step, warmed up."""
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_reserved()
    step = begin(contender, "cuda")[0]
    for _ in range(2 * contender.round):
        step()
    finish()
    return (torch.cuda.max_memory_reserved() - before) / 1e6, step


def peak_memory() -> float:
    """MB.  Linux hands a child its parent's ru_maxrss, so there it is asked for otherwise."""
    status = Path("/proc/self/status")
    if status.exists():
        return (
            next(int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            * 1024
            / 1e6
        )
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), sys.platform)


def table(result: dict) -> str:
    """Markdown."""
    columns = {
        "pictures / s": "pictures_per_second",
        "pictures / CPU-s": "pictures_per_cpu_second",
        "GFLOP / picture": "gflop_per_picture",
        "GFLOP/s": "gflops",
        "of peak": "of_peak",
        "peak memory, MB": "peak_memory_mb",
        "start to first step, CPU-s": "first_step_seconds",
        "to first sample": "first_sample_seconds",
    }
    columns = {head: name for head, name in columns.items() if all(name in row for row in result["steps"].values())}
    lines = [
        f"{result['machine']}; 3x3 convolution: "
        + ", ".join(f"{kind} {value:,.0f} GFLOP/s" for kind, value in result["peak_gflops"].items()),
        "",
        f"| step | {' | '.join(columns)} |",
        "|---" * (1 + len(columns)) + "|",
    ]
    for name, row in result["steps"].items():
        lines.append(
            f"| {name} | "
            + " | ".join(
                f"{row[column]:.1%}" if column == "of_peak" else f"{row[column]:,.{0 if row[column] >= 1000 else 2}f}"
                for column in columns.values()
            )
            + " |"
        )

    def gain(ours: str, theirs: str) -> str:
        """How many times as fast the first is as the second, where both were timed; memory is a matter of the whole
        process."""
        if not {ours, theirs} <= result["steps"].keys():
            return "-"
        speeds = [
            result["steps"][name][f"pictures_per_{result['by']}" + "_alone" * ("memory" in theirs)]
            for name in (ours, theirs)
        ]
        return f"{speeds[0] / speeds[1]:.2f}"

    lines += [
        "",
        "| what it gains | " + " | ".join(WHOLE) + " |",
        "|---" * (1 + len(WHOLE)) + "|",
        "| over the textbook's step | "
        + " | ".join(gain(name, name.replace("began", "textbook")) for name in WHOLE)
        + " |",
        "| ... with k at 0 | "
        + " | ".join(gain(f"{name} k=0", name.replace("began", "textbook")) for name in WHOLE)
        + " |",
        *(
            "| " + " | ".join([trick, *(gain(name, f"{name} without {trick}") for name in WHOLE)]) + " |"
            for trick in TRICKS
        ),
    ]
    return "\n".join([*lines, *(f"\n{peer}: left out, {reason}" for peer, reason in result["left_out"].items())])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), metavar="STEP")
    parser.add_argument("--device", choices=list(ELSEWHERE), default="cpu")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("out/speed.json"))
    parser.add_argument("--quick", action="store_true", help="tiny pictures, one round")
    parser.add_argument("--alone", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.quick:
        CONTENDERS.update({name: small(contender) for name, contender in CONTENDERS.items()})
        SHAPES[:] = [(2, 8, 8)]
    if args.alone:
        torch.set_num_threads(1)
        if not (contender := CONTENDERS[args.alone]).keep_memory:
            speed.keep_memory = lambda: None
        step, draw = begin(contender)
        step()
        first = time.process_time()
        draw()
        sample = time.process_time()
        later = median(timed(step, contender.round)[0] for _ in range(3 if first < LONG else 1))
        print(
            json.dumps(
                {
                    "peak_memory_mb": peak_memory(),
                    "first_step_seconds": first,
                    "first_sample_seconds": sample,
                    "pictures_per_cpu_second_alone": contender.batch / later,
                }
            )
        )
        return
    names = args.only or [
        name for name in CONTENDERS if not any(f"without {trick}" in name for trick in ELSEWHERE[args.device])
    ]
    args.out.parent.mkdir(parents=True, exist_ok=True)
    for result in measure(names, 1 if args.quick else args.rounds, args.quick, args.device):
        args.out.write_text(json.dumps(result, indent=1) + "\n")
    print(table(result))


if __name__ == "__main__":
    main()

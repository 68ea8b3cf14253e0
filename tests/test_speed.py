"""The way to compute that is chosen at the start: the fastest, never slower than the plain one, and without a trace in
the nets."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import speed
from chonk.learn.objectives import began
from chonk.learn.speed import Speed

PIXELS = torch.randint(0, 256, (8, 3, 16, 16), generator=torch.Generator().manual_seed(3), dtype=torch.uint8)
PICTURES = PictureSet(PIXELS, ("",) * 8)


@pytest.fixture
def objective():
    return began.Objective(PICTURES, began.Settings(filters=2, d_filters=2, latent_dim=4, hidden=4, batch=4), seed=1)


PLAIN = Speed("cpu", 2, channels_last=False)


def chosen(objective, monkeypatch, times: dict[tuple, float], threads=None, timed=True) -> tuple[Speed, list]:
    """What is chosen on a machine with 2 cores and bf16 where a step of (threads, bf16) takes that long, and the plain
    way as long as "plain" says; and what was tried."""
    tried = []

    def seconds(s: Speed, *_) -> float:
        tried.append((s.threads, s.bf16) if s.channels_last else "plain")
        return times[tried[-1]]

    monkeypatch.setattr(speed, "find_device", lambda: "cpu")
    monkeypatch.setattr(speed, "has_bf16", lambda device: True)
    monkeypatch.setattr(speed, "cores", lambda: 2)
    monkeypatch.setattr(speed, "_seconds", seconds)
    return speed.choose(objective, PICTURES, 4, threads, timed), tried


@pytest.mark.parametrize(
    "times, wanted",
    [
        ({"plain": 1.0, (1, True): 0.5, (2, True): 0.4, (1, False): 2.0, (2, False): 0.7}, Speed("cpu", 2, True)),
        (
            {"plain": 1.0, (1, True): 0.95, (2, True): 2.0, (1, False): 2.0, (2, False): 0.91},
            PLAIN,
        ),  # not clearly faster
        ({"plain": 1.0, (1, True): 0.95, (2, True): 2.0, (1, False): 2.0, (2, False): 0.7}, Speed("cpu", 2, False)),
        ({"plain": 9.0, (1, True): 3.0, (2, True): 9.0, (1, False): 1.0, (2, False): 9.0}, Speed("cpu", 1, False)),
    ],
)
def test_the_fastest_is_chosen(objective, monkeypatch, times, wanted):
    assert chosen(objective, monkeypatch, times)[0] == wanted


def test_threads_that_were_asked_for_are_kept_and_a_count_of_pictures_is_not_timed(objective, monkeypatch):
    best, tried = chosen(objective, monkeypatch, {"plain": 1.0, (3, True): 0.1, (3, False): 0.5}, threads=3)
    assert best == Speed("cpu", 3, True) and tried == ["plain", (3, True), (3, False)]
    assert chosen(objective, monkeypatch, {}, timed=False) == (Speed("cpu", 2, False), [])


def test_timing_ends_after_its_time(objective, monkeypatch):
    monkeypatch.setattr(speed, "SECONDS", 0.0)
    assert chosen(objective, monkeypatch, {"plain": 9.0, (1, True): 1.0})[1] == ["plain", (1, True)]


@pytest.mark.parametrize(
    "recorded, wanted", [(0.1, Speed("cuda", 2, True, graphs=True)), (float("inf"), Speed("cuda", 2, True))]
)
def test_a_gpu_is_told_a_step_once_where_that_works(objective, monkeypatch, recorded, wanted):
    tried = []

    def seconds(s: Speed, *_) -> float:
        tried.append(s)
        return recorded if s.graphs and s.bf16 else 1.0 - 0.5 * s.bf16

    monkeypatch.setattr(speed, "find_device", lambda: "cuda")
    monkeypatch.setattr(speed, "has_bf16", lambda device: True)
    monkeypatch.setattr(speed, "cores", lambda: 2)
    monkeypatch.setattr(speed, "_seconds", seconds)
    monkeypatch.setattr(Speed, "use", lambda self, objective: None)
    assert speed.choose(objective, PICTURES, 4, None, timed=True) == wanted
    assert (
        tried[0] == Speed("cuda", 2, channels_last=False)
        and tried[1] == Speed("cuda", 2, True, graphs=True)
        and len(set(tried)) == 5
    )


@pytest.mark.parametrize("speed", [PLAIN, Speed("cpu", 1)])
def test_the_memory_order_is_the_one_that_was_chosen(objective, speed):
    speed.use(objective)
    shown = speed.to_device(torch.rand(2, 3, 16, 16))
    assert all(
        x.is_contiguous(memory_format=speed.order) for x in [shown, *objective.state_dict().values()] if x.ndim == 4
    )
    assert shown.stride(1) == (1 if speed.channels_last else 256)


def test_timing_leaves_no_trace(objective, monkeypatch):
    before = {name: value.clone() for name, value in objective.get_state()[0].items()}
    speed.choose(objective, PICTURES, 4, 1, timed=True)
    after = objective.get_state()[0]
    assert before.keys() == after.keys() and all(torch.equal(before[name], after[name]) for name in before)


def test_a_torch_that_cannot_tell_has_no_bf16(monkeypatch):
    """As 2.4, the oldest, cannot."""
    for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported"):
        monkeypatch.delattr(torch.cpu, name, raising=False)
    assert not speed.has_bf16("cpu")
    monkeypatch.setattr(torch.cpu, "_is_amx_tile_supported", lambda: True, raising=False)
    assert speed.has_bf16("cpu")


FAULTS = """
import resource, torch
from chonk.learn import speed
speed.keep_memory()
def work():
    return [torch.ones(12_000_000) for _ in range(4)]      # beyond 32 MB glibc gives every block back
for _ in range(3):                                         # until each block has found its place
    work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(5):
    work()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="about glibc")
def test_memory_is_kept_from_step_to_step():
    """In a process of its own, as a training is: where blocks find their place depends on all that a process did
    before."""
    faults = subprocess.run([sys.executable, "-c", FAULTS], check=True, capture_output=True, text=True).stdout
    assert int(faults) < 10_000  # 20 blocks of 48 MB anew would be 234,000

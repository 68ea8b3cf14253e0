"""Our Adam is PyTorch's, bit for bit, and nothing in a training loads PyTorch's compiler."""

from __future__ import annotations

import copy
import subprocess
import sys

import pytest
import torch

from chonk.learn.optimizer import Adam
from training import make_pictures, sets

SETTINGS = {"lr": 5e-4, "betas": (0.5, 0.999)}


def net() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(3, 5, 3), torch.nn.Conv2d(5, 7, 1), torch.nn.Flatten(), torch.nn.Linear(28, 2)
    ).to(memory_format=torch.channels_last)


def learn(weights: list, optimizer, steps: range) -> None:
    """Steps with gradients of very different sizes; one weight has none at every other step."""
    for step in steps:
        optimizer.zero_grad()
        torch.manual_seed(step)
        for i, weight in enumerate(weights):
            if i != 2 or step % 2:
                weight.grad = torch.randn_like(weight) * 10.0 ** (i - 4)
        optimizer.step()


def same(one: torch.nn.Module, other: torch.nn.Module) -> bool:
    return all(map(torch.equal, one.parameters(), other.parameters()))


def test_the_same_bits_as_torch_and_each_goes_on_from_the_others_state():
    ours, theirs = net(), net()
    optimizers = Adam(ours.parameters(), **SETTINGS), torch.optim.Adam(theirs.parameters(), **SETTINGS)
    learn([*ours.parameters()], optimizers[0], range(20))
    learn([*theirs.parameters()], optimizers[1], range(20))
    assert same(ours, theirs) and not same(ours, net())
    states = [copy.deepcopy(optimizer.state_dict()) for optimizer in optimizers]
    changed = Adam(ours.parameters(), **SETTINGS), torch.optim.Adam(theirs.parameters(), **SETTINGS)
    changed[0].load_state_dict({"state": states[1]["state"], "param_groups": [{"lr": 1e-3}]})
    changed[1].load_state_dict(
        {"state": states[0]["state"], "param_groups": [states[1]["param_groups"][0] | {"lr": 1e-3}]}
    )
    learn([*ours.parameters()], changed[0], range(20, 40))
    learn([*theirs.parameters()], changed[1], range(20, 40))
    assert same(ours, theirs)


def test_what_is_remembered_lies_as_the_weights_do():
    weights = [*net().parameters()]
    optimizer = Adam(weights, **SETTINGS)
    learn(weights, optimizer, range(2))
    state = optimizer.state_dict()
    stored = {i: {name: value.contiguous() for name, value in slots.items()} for i, slots in state["state"].items()}
    optimizer.load_state_dict(state | {"state": stored})
    assert all(optimizer.state[weight]["exp_avg"].stride() == weight.stride() for weight in weights)
    for name, wrong in (
        ("exp_avg", torch.zeros(1, 3, 3, 3)),
        ("exp_avg", torch.zeros(())),
        ("step", torch.zeros(2)),
    ):  # the first two would spread over 5 x 3 x 3 x 3
        with pytest.raises(RuntimeError):
            optimizer.load_state_dict(state | {"state": {0: stored[0] | {name: wrong}}})


def test_a_training_loads_no_compiler(tmp_path):
    """One process trains with each of them, and tells after which the compiler was there."""
    pictures = make_pictures(tmp_path / "pictures")
    works = ["import sys; from chonk.cli import run"]
    for objective in ("began", "ebgan", "wgan"):
        words = ["train", pictures, "--out", tmp_path / objective, "--objective", objective, "--kimg", 0.03]
        words += ["--threads", 1, "--set", *sets(objective)]
        works.append(f"assert run({[*map(str, words)]}) == 0")
        works.append(f"assert 'torch._dynamo' not in sys.modules, '{objective}'")
    done = subprocess.run([sys.executable, "-c", "; ".join(works)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr

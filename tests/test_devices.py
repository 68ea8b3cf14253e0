"""CUDA and MPS are seldom where tests run.  On the meta device torch refuses a tensor that was made in the wrong place
just as it would there; what a real device would hand back to the CPU (a loss, a pairing) is made up here."""

from __future__ import annotations

import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.learn.augment import AugmentSettings, augment
from chonk.learn.average import Average
from chonk.learn.cuda_graph import plain
from chonk.learn.muon import Muon
from chonk.learn.objectives import OBJECTIVES, find_objective
from chonk.learn.run import objective_settings
from chonk.learn.speed import DEVICES, Speed, find_device
from chonk.learn.train import train
from training import fingerprint, make_pictures, sets, tiny

HERE = [name for name in DEVICES if name != "cpu" and DEVICES[name]()]


@pytest.fixture
def elsewhere(monkeypatch) -> str:
    """The meta device, whose tensors read as ones on the CPU."""

    def read_back(name: str, made_up) -> None:
        real = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor, name, lambda self, *args: made_up(self) if self.is_meta else real(self, *args)
        )

    for name, made_up in {
        "item": lambda x: 1,
        "__int__": lambda x: 1,
        "__float__": lambda x: 1.0,
        "__bool__": lambda x: True,
        "cpu": lambda x: torch.ones(x.shape, dtype=x.dtype),
        "tolist": lambda x: torch.ones(x.shape, dtype=x.dtype).tolist(),
    }.items():
        read_back(name, made_up)
    return "meta"


def pictures(count: int = 8) -> PictureSet:
    return PictureSet(
        torch.randint(0, 256, (count, 4, 16, 16), dtype=torch.uint8, generator=torch.Generator().manual_seed(1)),
        tuple(map(str, range(count))),
    )


@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_step_makes_every_tensor_where_the_nets_are(elsewhere, name):
    ours = pictures()
    objective = find_objective(name).Objective(ours, objective_settings(name, {}, sets(name), None), 0)
    objective.to(elsewhere)
    for number in range(6):  # 6: also what is done only every so often, or late
        shown = torch.arange(4)
        objective.step(ours.normalized(shown).to(elsewhere), shown, number / 6)
    assert all(weight.device.type == elsewhere for weight in objective.parameters())
    assert all(weight.grad is None or weight.grad.device.type == elsewhere for weight in objective.parameters())


def test_the_test_sees_what_it_should(elsewhere):
    with pytest.raises(RuntimeError, match="device|meta"):
        torch.ones(3, device=elsewhere) + torch.rand(3)


def test_variations_are_made_where_the_pictures_are(elsewhere):
    varied = augment(torch.rand(4, 4, 16, 16, device=elsewhere), AugmentSettings())
    assert varied.device.type == elsewhere


def test_optimiser_and_average_stay_where_the_weights_are(elsewhere):
    net = torch.nn.Conv2d(3, 8, 3, device=elsewhere)
    average = Average(net).to(elsewhere)
    net.weight.grad = torch.rand(net.weight.shape, device=elsewhere)
    muon = Muon([net.weight])
    muon.step()
    average.update(net)
    assert muon.state[net.weight]["momentum"].device.type == average.net.weight.device.type == elsewhere


def test_the_best_device_is_taken(monkeypatch):
    for best in ("cuda", "mps", "cpu"):
        monkeypatch.setattr(
            "chonk.learn.speed.DEVICES",
            {name: lambda name=name, best=best: name in (best, "cpu") for name in ("cuda", "mps", "cpu")},
        )
        assert find_device() == best


@pytest.mark.parametrize(
    "choice",
    [
        None,
        [],
        {"device": "tpu"},
        {"threads": 0},
        {"threads": 10**9},
        {"threads": True},
        {"bf16": "yes"},
        {"device": ["cuda"]},
        {"precision": 1},
    ],
)
def test_a_choice_that_is_none_is_refused(tmp_path, choice):
    with pytest.raises(UserError, match="its speed is none"):
        Speed.read(choice, tmp_path)


def test_a_run_of_a_device_that_is_not_here(monkeypatch, tmp_path):
    monkeypatch.setitem(DEVICES, "cuda", lambda: False)
    with pytest.raises(UserError, match="begun on cuda, which is not here; continue it there"):
        Speed.read({"device": "cuda"}, tmp_path)


def test_the_pictures_lie_where_they_are_shown_if_they_fit():
    ours = pictures()
    assert ours.on("meta", ours.pixels.nbytes - 1) is ours.on("cpu", 1 << 40) is ours
    there = ours.on("meta", ours.pixels.nbytes)
    assert there.normalized(torch.arange(4)).device.type == "meta" and there.names == ours.names


def test_a_training_shows_the_pictures_that_lie_there(tmp_path, monkeypatch):
    folder, shown = make_pictures(tmp_path / "pictures"), []
    monkeypatch.setattr("chonk.learn.speed.DEVICES", {"cpu": lambda: True})
    train(tiny(folder, tmp_path / "one", kimg=0.04))

    class There(PictureSet):
        def normalized(self, index):
            shown.append(len(index))
            return super().normalized(index)

    monkeypatch.setattr(PictureSet, "on", lambda self, device, room: There(self.pixels.clone(), self.names))
    train(tiny(folder, tmp_path / "two", kimg=0.04))
    assert shown == [4] * 10 and fingerprint(tmp_path / "one") == fingerprint(tmp_path / "two")


@pytest.mark.skipif(not HERE, reason="neither CUDA nor MPS is here")
@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_training_on_the_real_device(tmp_path, name):
    train(tiny(make_pictures(tmp_path / "pictures"), tmp_path / "run", kimg=0.04, objective=name, set=sets(name)))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA GPU is here")
@pytest.mark.parametrize("bf16", [False, True])
@pytest.mark.parametrize("name", OBJECTIVES)
def test_a_recorded_step_does_what_it_does_when_told(name, bf16, monkeypatch):
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    ours, weights = pictures(), {}
    for graphs in (False, True):
        objective = find_objective(name).Objective(ours, objective_settings(name, {}, sets(name), None), 0)
        start = [weight.detach().clone().cuda() for weight in objective.parameters()]
        speed = Speed("cuda", 1, bf16, graphs=graphs)
        speed.use(objective)
        if name == "began":
            objective.numbers["k"] = 0.01  # so that it plays together, and then apart
        for number in range(8):
            torch.manual_seed(number)
            shown = torch.arange(4)
            with speed.precision():
                objective.step(speed.to_device(ours.normalized(shown)), shown, number / 8)
            if name == "began" and number == 4:
                objective.numbers["k"] = 0.0
        assert (objective.record is not plain) == graphs
        weights[graphs] = [weight.detach() for weight in objective.parameters()]
    moved = sum((a - b).square().sum() for a, b in zip(weights[False], start)).sqrt()
    apart = sum((a - b).square().sum() for a, b in zip(weights[False], weights[True])).sqrt()
    assert moved > 0 and apart < (0.2 if bf16 else 0.05) * moved

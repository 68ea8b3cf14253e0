"""The flow of features, the refiner that it teaches, and that a training with both can be taken up again anywhere."""

from __future__ import annotations

import json

import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn import pretrain_flow, refinement
from chonk.learn.objectives import chonk, mosaic
from chonk.learn.refinement import Refinement, interpolate
from chonk.learn.run import describe
from chonk.nets import flow as flows
from chonk.nets import refiner as refiners
from chonk.nets.flow import START, Flow, load_pretrained_flow, save_pretrained_flow, set_statistics
from chonk.nets.mosaic import Generator
from chonk.nets.pretrained import load_pretrained_nets
from chonk.nets.refiner import Refiner
from chonk.settings import Train
from chonk.synthetic.world.character import batch
from training import make_pictures


@pytest.fixture(scope="module")
def features() -> torch.Tensor:
    """Of eight pictures of one made-up character."""
    straight = torch.from_numpy(batch(5, 8, 64)).permute(0, 3, 1, 2) / 255
    colours = 2 * (straight[:, :3] * straight[:, 3:] + 1 - straight[:, 3:]) - 1
    with torch.no_grad():
        return load_pretrained_nets()[0](torch.cat([colours, 2 * straight[:, 3:] - 1], 1))


def test_the_pretrained_flow_knows_more_of_a_set_than_its_mean(features):
    noise, errors = torch.randn(features.shape, generator=torch.Generator().manual_seed(1)), []
    t = torch.full((8,), 0.5)
    for flow in (Flow(), load_pretrained_flow()):
        with torch.no_grad():
            velocity = flow.velocity(interpolate(noise, features, t), t, set_statistics(features))
        errors.append((velocity - (features - noise)).square().mean().item())
    assert errors[1] < 0.6 * errors[0]


def test_bfloat16_says_about_the_same(features):
    flow, t, stats = load_pretrained_flow(), torch.full((8,), 0.5), set_statistics(features)
    with torch.no_grad():
        fine, coarse = (flow.velocity(features, t, stats, dtype) for dtype in (torch.float32, torch.bfloat16))
    assert (fine - coarse).square().mean() < 0.01 * fine.square().mean()


def test_a_flow_is_stored_as_bytes(tmp_path):
    flow = load_pretrained_flow()
    save_pretrained_flow(flow, tmp_path / "flow.safetensors")
    assert (tmp_path / "flow.safetensors").stat().st_size < 1.05 * sum(weight.numel() for weight in flow.parameters())


def test_between_noise_and_features():
    noise, features = torch.zeros(2, 1, 1, 1), torch.ones(2, 1, 1, 1)
    assert interpolate(noise, features, torch.tensor([0.25, 1.0])).flatten().tolist() == [0.25, 1.0]


def test_a_fresh_refiner_leaves_features_as_they_are():
    features = torch.randn(2, 32, 8, 8)
    assert torch.equal(Refiner(8)(features), features)


class Drafts:
    """A generator whose drafts are always the same; what it remembers is far from them, or `memory`."""

    has_sharpness = False

    def __init__(self, drafts: torch.Tensor, memory: torch.Tensor | None = None) -> None:
        self.drafts = drafts
        self.memory = (10 * torch.randn_like(drafts) if memory is None else memory).permute(2, 3, 0, 1)

    def draft(self, z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        return self.drafts[: len(z)], self.drafts[: len(z)]


def test_a_refiner_begins_as_the_flows_first_guess(features, monkeypatch):
    monkeypatch.setattr(refiners, "quantised", lambda weight, levels: weight)
    taught, refiner = Refinement(features, 4), Refiner(8).eval()
    with torch.no_grad():
        taught.flow.last.weight.normal_()
        for block in taught.flow.blocks:
            block.modulation.normal_(std=0.1)
        taught.average.update(taught.flow)
        taught.initialize(refiner, Drafts(features.repeat(2, 1, 1, 1)))  # type: ignore[arg-type]
        assert taught.start == START
        x = interpolate(taught.noise, features, torch.full((8,), START))
        guess = x + (1 - START) * taught.average.net.velocity(x, torch.full((8,), START), taught.statistics)
        torch.testing.assert_close(refiner(features), guess, atol=2e-3, rtol=1e-3)


def test_a_refiner_knows_the_whole_picture_and_where_it_is():
    torch.manual_seed(0)
    refiner = Refiner(8).eval()
    for weight in refiner.parameters():
        torch.nn.init.normal_(weight, std=0.05)
    features = torch.zeros(1, 32, 8, 8)
    changed = features.clone()
    changed[..., 0, 0] = 5.0
    with torch.no_grad():
        plain, other = refiner(features), refiner(changed)
    assert (plain - other)[..., 7, 7].abs().max() > 1e-4
    assert (plain[..., 3, 3] - plain[..., 3, 4]).abs().max() > 1e-4


def test_rounded_weights_learn_and_are_the_same_when_it_is_used(features):
    torch.manual_seed(0)
    refiner = Refiner(8)
    optimizer = torch.optim.Adam(refiner.parameters(), 1e-3)
    losses = []
    for _ in range(20):
        losses.append((refiner(features) - features.roll(1, 0)).square().mean())
        optimizer.zero_grad()
        losses[-1].backward()
        optimizer.step()
    assert losses[-1] < 0.9 * losses[0]
    with torch.no_grad():
        torch.testing.assert_close(refiner(features), refiner.eval()(features), atol=1e-4, rtol=1e-4)


@pytest.fixture(scope="module")
def taught(features) -> Refinement:
    """It knows a set of two pictures by heart."""
    torch.manual_seed(0)
    taught = Refinement(features[:2], 4)
    for _ in range(20):
        taught.train_flow(features[torch.randint(2, (32,))], 1.0)
    return taught


@pytest.fixture
def forgetful(taught):
    """The same, before it has made any drafts."""
    for kept in (taught.groups, taught.drafts, taught.draft_generator):
        kept.clear()
    taught.start.fill_(START)
    return taught


def test_paths_lead_from_drafts_to_features_of_the_set(features, forgetful):
    """A flow that knows its set makes whole pictures of spoilt ones."""
    torch.manual_seed(0)
    drafts = features[:1] + 0.7 * torch.randn(refinement.GROUP, *features.shape[1:])
    _, targets = forgetful.group(Drafts(drafts), 0)  # type: ignore[arg-type]
    before, after = ((values - features[:1]).square().mean().item() for values in (drafts, targets))
    assert after < 0.5 * before


def test_a_set_learned_by_heart_is_drawn_on_later(features, forgetful):
    """The drafts lie between two pictures, no copies of either, and the flow leads to one of them from the earliest
    start."""
    refiner = Refiner(8)
    torch.manual_seed(0)
    apart = (features[0] - features[1]).square().mean().sqrt()
    noise = torch.randn(refinement.GROUP, *features.shape[1:])
    drafts = torch.lerp(features[:1], features[1:2], 0.35) + 0.55 * apart * noise
    forgetful.initialize(refiner, Drafts(drafts, features[:2]))  # type: ignore[arg-type]
    assert forgetful.start > START and refiner.carry.mean().item() == pytest.approx(float(forgetful.start))


def test_drafts_that_are_copies_already_do_not_delay_the_start(features):
    """What the generator's own copies become says nothing about the flow."""
    taught = Refinement(features, 4)
    drafts = features.repeat(2, 1, 1, 1)
    taught.initialize(Refiner(8), Drafts(drafts, features))  # type: ignore[arg-type]
    assert taught.start == START


def train(pictures: PictureSet, steps: range, state: tuple | None = None) -> tuple:
    """A tiny training with a refiner, 10 steps long."""
    settings = mosaic.Settings(batch=4, global_dim=4, local_dim=2, refine=0.5)
    objective = mosaic.Objective(pictures, settings, seed=0)
    if state:
        objective.set_state(*state)
    for step in steps:
        torch.manual_seed(step)
        index = torch.arange(4 * step, 4 * step + 4) % len(pictures)
        objective.step(pictures.normalized(index), index, step / 10)
    tensors, numbers = objective.get_state()
    return {name: value.clone() for name, value in tensors.items()}, numbers


@pytest.fixture
def few(monkeypatch):
    """Few and small batches of the flow and of drafts."""
    monkeypatch.setattr(chonk, "FLOW_BATCH", 8)
    monkeypatch.setattr(refinement, "GROUP", 4)
    monkeypatch.setattr(refinement, "GROUPS", 2)


def test_taken_up_again_it_goes_on_as_if_nothing_had_been(tmp_path, few):
    """While the flow learns, and while the refiner does."""
    pictures = PictureSet.load(make_pictures(tmp_path / "pictures", size=64))
    straight, state, begun = train(pictures, range(10)), None, 0
    for stop in (3, 8):
        state, begun = train(pictures, range(begun, stop), state), stop
        resumed = train(pictures, range(stop, 10), state)
        assert straight[1] == resumed[1] and straight[0].keys() == resumed[0].keys()
        assert [name for name, value in straight[0].items() if not torch.equal(value, resumed[0][name])] == []


def test_more_time_makes_the_refiner_anew(tmp_path, few):
    """The flow learns on where it was, and the refiner begins as it again."""
    pictures = PictureSet.load(make_pictures(tmp_path / "pictures", size=64))
    objective = mosaic.Objective(pictures, mosaic.Settings(batch=4, global_dim=4, local_dim=2, refine=0.5), 0)
    index, counts = torch.arange(4), []
    for progress in (0.0, 0.5, 0.9, 0.3, 0.6):
        objective.step(pictures.normalized(index), index, progress)
        counts.append((objective.numbers["refined"], int(objective.refinement.average.steps)))
    assert counts == [(0, 1), (1, 1), (2, 1), (0, 2), (1, 2)]


def test_its_generator_is_built_again_from_its_config(tmp_path):
    pictures = PictureSet.load(make_pictures(tmp_path / "pictures", size=64))
    objective = mosaic.Objective(pictures, mosaic.Settings(batch=4, global_dim=4, local_dim=2, refine=0.3), 0)
    config = objective.generator_config()
    generator = Generator(64, pictures.channels, config.latent_dim, **config.options)
    generator.load_state_dict(objective.trained().state_dict())
    assert generator.refiner is not None


def settings(pictures, out, **changes) -> Train:
    return Train(**{"pictures": pictures, "out": out, "threads": 2, "objective": "mosaic", **changes})


def test_a_refiner_comes_where_it_is_asked_for(tmp_path):
    folder = make_pictures(tmp_path / "pictures", size=64)
    pictures = PictureSet.load(folder)

    def refine(**changes) -> float:
        return describe(settings(folder, tmp_path / "run", **changes), pictures)[0]["settings"]["refine"]

    assert refine() == refine(minutes=120) == refine(objective="collage") == 0
    assert refine(set=("refine=0.2",)) == refine(objective="collage", set=("refine=0.2",)) == 0.2


@pytest.mark.parametrize(
    ("objective", "name", "begun"),
    [("mosaic", "refine", 0.0), ("mosaic", "refine", 0.3), ("collage", "colours", 0.0), ("collage", "colours", 0.8)],
)
def test_a_run_goes_on_as_it_was_begun_however_long(tmp_path, objective, name, begun):
    folder = make_pictures(tmp_path / "pictures", size=64)
    pictures = PictureSet.load(folder)
    run = {"objective": objective}
    config = describe(settings(folder, tmp_path / "run", set=(f"{name}={begun}",), **run), pictures)[0]
    (tmp_path / "run").mkdir()
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    for minutes in (1, 60):
        given = settings(folder, tmp_path / "run", minutes=minutes, **run)
        assert describe(given, pictures)[0]["settings"] == config["settings"]
    del config["settings"][name]  # before there were refiners, and before collages saw colours
    (tmp_path / "run/config.json").write_text(json.dumps(config))
    assert describe(settings(folder, tmp_path / "run", **run), pictures)[0]["settings"][name] == 0


def test_it_is_pretrained_on_made_up_sets(tmp_path, monkeypatch):
    """One file of two sets; what is learned from it goes where it is asked to."""
    monkeypatch.setattr(pretrain_flow, "SETS_A_FILE", 2)
    monkeypatch.setattr(pretrain_flow, "BATCH", 4)
    pretrain_flow.make_sets(tmp_path / "sets", 1, 0)
    pretrain_flow.train(tmp_path / "sets", tmp_path / "flow.safetensors", 0.01)
    assert (tmp_path / "flow.safetensors").stat().st_size == flows.PRETRAINED.stat().st_size

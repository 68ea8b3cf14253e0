"""The objectives against closed forms, and the one-pass step against separate passes."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
import torch

from chonk.dataset.picture_set import PictureSet
from chonk.learn.even import uniform_latents
from chonk.learn.objectives import began, ebgan, equilibrium, wgan
from chonk.learn.objectives.equilibrium import convergence, next_k
from chonk.learn.objectives.warm_up import distance
from chonk.learn.presets import PRESETS
from chonk.nets import build_generator
from chonk.nets.layers import set_carry
from chonk.nets.mean_shift import BANDWIDTH
from chonk.nets.pretrained import load_pretrained_nets


def picture_set(count: int = 8, size: int = 16, channels: int = 3) -> PictureSet:
    pixels = torch.randint(
        0, 256, (count, channels, size, size), generator=torch.Generator().manual_seed(3), dtype=torch.uint8
    )
    return PictureSet(pixels, tuple(f"{i}.png" for i in range(count)))


TINY = dict(start="noise", edges=0.0, filters=4, d_filters=4, layers=2, d_layers=2, latent_dim=16, hidden=9, batch=4)


def test_loss_of_constant_pictures_is_their_distance():
    grey, white = torch.zeros(2, 3, 4, 4), torch.ones(2, 3, 4, 4)
    assert distance(grey, white).tolist() == [1.0, 1.0]
    assert distance(white, 0.25 * white, edges=1.0).tolist() == [0.75, 0.75]
    assert distance(white, white, edges=1.0).tolist() == [0.0, 0.0]
    line = white.clone()
    line[..., 2] = 0  # a quarter of the pixels; two thirds of the differences to the right
    assert distance(white, line, edges=1.0).tolist() == pytest.approx([0.25 + 2 / 3] * 2)


def test_k_follows_the_balance_and_stays_between_0_and_1():
    assert next_k(0.5, loss_real=0.4, loss_fake=0.1, gamma=0.5, lambda_k=0.001) == pytest.approx(0.5001)
    assert next_k(0.5, loss_real=0.4, loss_fake=0.3, gamma=0.5, lambda_k=0.001) == pytest.approx(0.4999)
    assert next_k(0.3, loss_real=0.4, loss_fake=0.2, gamma=0.5, lambda_k=0.001) == 0.3
    assert next_k(0.0, loss_real=0.1, loss_fake=0.9, gamma=0.5, lambda_k=0.1) == 0.0
    assert next_k(0.99, loss_real=1.0, loss_fake=0.0, gamma=1.0, lambda_k=0.1) == 1.0


def test_convergence_measure():
    assert convergence(loss_real=0.2, loss_fake=0.1, gamma=0.5) == pytest.approx(0.2)
    assert convergence(loss_real=0.2, loss_fake=0.3, gamma=0.5) == pytest.approx(0.4)
    assert convergence(loss_real=0.2, loss_fake=0.0, gamma=0.5) == pytest.approx(0.3)


@pytest.mark.parametrize("k", [0.0, 1e-9, 1e-3, 0.6, 1.0])
@pytest.mark.parametrize("options", [{}, {"batch_norm": True}, {"variant": "2018", "separable": True}, {"skip": True}])
def test_one_pass_gives_the_gradients_of_separate_passes(k, options):
    objective = began.Objective(picture_set(), began.Settings(**TINY | options), seed=1).double()
    set_carry(objective, 0.3)
    real, z = torch.rand(4, 3, 16, 16).double() * 2 - 1, torch.rand(4, 16).double() * 2 - 1
    d, g = objective.discriminator, objective.generator

    def loss(v: torch.Tensor) -> torch.Tensor:
        return (v - d(v)).abs().mean()

    d_loss = loss(real) - k * loss(g(z).detach())
    expected = list(torch.autograd.grad(d_loss, list(d.parameters())))
    expected += torch.autograd.grad(loss(g(z)), list(g.parameters()))
    objective.play(real, z, k)
    for parameter, wanted in zip([*d.parameters(), *g.parameters()], expected, strict=True):
        assert torch.allclose(parameter.grad, wanted, rtol=1e-6, atol=1e-6 * wanted.abs().max().item() + 1e-15)


def test_learning_rate_is_halved_when_m_stalls(monkeypatch):
    monkeypatch.setattr(equilibrium, "MIN_STEPS", 1)
    settings = began.Settings(**TINY | {"stall": 0.25, "learning_rate": 0.01, "annealed": False})
    objective = began.Objective(picture_set(), settings, seed=1)
    rates = []
    for progress, m in ((0.0, 1.0), (0.1, 0.8), (0.26, 0.5), (0.51, 0.6), (0.6, 0.6), (0.76, 0.1)):
        monkeypatch.setattr(equilibrium, "convergence", lambda *_, m=m: m)
        objective.step(picture_set().normalized()[:4], torch.arange(4), progress)
        rates.append(objective.optimizers["d"].param_groups[0]["lr"])
    # windows: mean 0.9, then 0.5 (better), then 0.6 (no better: halved when it ends)
    assert rates == [0.01] * 5 + [0.005]


GAMES = [began, ebgan, wgan]
BEGINNINGS = {
    "plain": {},
    "warm-up": dict(hidden=16, warmup=0.2),
    "head start": dict(start="drawings", latent_dim=8, warmup=0.2),
}


def begin(module, name: str, seed: int = 1, **options):
    """An objective of few weights that begins in this way."""
    names = {field.name for field in fields(module.Settings)}
    own = {key: value for key, value in (TINY | BEGINNINGS[name] | options).items() if key in names}
    return module.Objective(picture_set(), module.Settings(**own), seed=seed)


def steps(objective, first: int, count: int) -> dict[str, float]:
    for i in range(first, first + count):
        torch.manual_seed(i)
        pictures = picture_set().normalized()[i % 4 : i % 4 + 4]
        figures = objective.step(pictures, torch.arange(i % 4, i % 4 + 4), i / 10)
    return figures


@pytest.mark.parametrize("module", GAMES)
@pytest.mark.parametrize("name", BEGINNINGS)
def test_state_goes_round(name, module):
    straight, resumed = begin(module, name), begin(module, name, seed=2)
    steps(straight, 0, 3)
    tensors, numbers = straight.get_state()
    assert not any(name.startswith("net.discriminator.places.") for name in tensors), "it comes with the package"
    resumed.set_state({name: value.clone() for name, value in tensors.items()}, numbers)
    assert steps(resumed, 3, 3) == steps(straight, 3, 3)
    for name, value in straight.get_state()[0].items():
        assert torch.equal(value, resumed.get_state()[0][name]), name


def test_generator_begins_as_the_decoder_of_codes_that_lie_as_the_pictures_do():
    objective = began.Objective(picture_set(), began.Settings(**TINY | BEGINNINGS["warm-up"]), seed=1)
    decoder = objective.discriminator.decoder
    codes = torch.randn(500, 16) @ torch.randn(16, 16) + 3
    objective._imitate_decoder(codes, None)
    z = torch.rand(2000, 16) * 2 - 1
    first = objective.generator.first(z)
    reached = torch.linalg.lstsq(decoder.first.weight, (first - decoder.first.bias).T).solution.T
    assert torch.allclose(reached.mean(0), codes.mean(0), atol=0.5)
    assert torch.allclose(reached.T.cov(), codes.T.cov(correction=0), atol=0.15 * codes.T.cov().abs().max().item())
    latents = torch.rand(500, 16) * 2 - 1
    objective._imitate_decoder(latents @ torch.eye(16) * 2, latents)
    assert torch.allclose(objective.generator(z), decoder(2 * z), atol=1e-4)


@pytest.mark.parametrize("module", GAMES)
@pytest.mark.parametrize("name", ["warm-up", "head start"])
def test_discriminator_learns_alone_at_first_and_pictures_get_latents_afterwards(name, module):
    objective = begin(module, name, critic_steps=1)
    assert steps(objective, 0, 2).keys() == {"loss_real"} | ({"k"} if module is began else set())
    assert not objective.latents.any()
    played = steps(objective, 2, 1).keys()
    assert "loss_fake" in played or {"distance", "loss_g"} <= played
    assert steps(objective, 0, 1).keys() == played, "a training that is given more time does not begin anew"
    assert objective.latents.abs().max() <= 1 and objective.latents.flatten(0, 1).std(0).min() > 0.3


@pytest.mark.parametrize("module", GAMES)
def test_after_the_warm_up_latents_move_towards_those_of_pictures(module):
    objective = begin(module, "warm-up")
    z = torch.rand(20, 16) * 2 - 1
    steps(objective, 0, 2)
    assert torch.equal(objective.trained()(z), objective.trained().draw(z)), "there are none yet"
    steps(objective, 2, 1)
    latents = objective.latents[: 1 + objective.mirrored].flatten(0, 1)
    squares = (z[:, None] - latents).square().sum(2)
    weights = torch.exp(-squares / (2 * BANDWIDTH**2))
    means = weights @ latents / weights.sum(1, keepdim=True)
    for net in (objective.generator, objective.trained()):
        assert torch.allclose(net.mean_shift(z), z + 0.35 * (means - z), atol=1e-5)
    plain = begin(module, "plain")
    assert plain.generator.mean_shift is None, "without a warm-up pictures have no latents"


@pytest.mark.parametrize("module", GAMES)
def test_in_the_game_the_generator_learns_of_its_opponent_and_of_the_pictures(module):
    """Twelve steps from the same state: neither the game alone nor the redrawing alone (a weight that leaves nothing of
    the game, 0.01 to 0.02 from what no game at all leaves) is the whole, and redrawing brings G nearer."""
    ends = {}
    for cover in (0.0, 1.0, 1e6):
        objective = begin(module, "head start", cover=cover, critic_steps=1)
        steps(objective, 0, 2)
        for i in range(12):
            torch.manual_seed(i)
            objective.step(picture_set().normalized()[:4], torch.arange(4), 0.3)
        with torch.no_grad():
            redrawn = objective.generator.draw(objective.latents[0, :4])
            error = distance(picture_set().normalized()[:4], redrawn).mean()
        ends[cover] = error, objective.generator.first.weight.detach()
    assert ends[1e6][0] < ends[1.0][0] < ends[0.0][0]
    for other in (0.0, 1e6):
        assert (ends[1.0][1] - ends[other][1]).norm() > 0.1 * ends[1.0][1].norm()


@pytest.mark.parametrize("module", GAMES)
def test_with_a_head_start_nets_see_and_draw_as_the_package_does(module):
    """The encoder stays as it is, for the discriminator; the decoder learns on, its own and the generator's."""
    objective = begin(module, "head start")
    encoder, decoder, _ = load_pretrained_nets(3)
    assert torch.equal(objective.generator.pixels.rest[2].weight, decoder.rest[2].weight)
    assert torch.equal(objective.trained().pixels.rest[2].weight, decoder.rest[2].weight)
    assert torch.equal(objective.discriminator.decoder.pixels.rest[2].weight, decoder.rest[2].weight)
    assert not objective.constant_rate, "step sizes fall, so it runs its whole time"
    steps(objective, 0, 6)
    assert torch.equal(objective.discriminator.places.low[1].weight, encoder.low[1].weight)
    assert not torch.equal(objective.generator.pixels.rest[2].weight, decoder.rest[2].weight)
    assert all(weight.grad is None for weight in objective.discriminator.places.parameters())
    config = objective.generator_config()
    rebuilt = build_generator(config.net, size=16, channels=3, latent_dim=config.latent_dim, **config.options)
    rebuilt.load_state_dict(objective.trained().state_dict())
    assert rebuilt(torch.zeros(2, 8)).shape == (2, 3, 16, 16)


@pytest.mark.parametrize("name, module", [("ebgan-noise", ebgan), ("wgan-noise", wgan)])
def test_presets_from_noise_play_the_published_game_from_the_first_step(name, module):
    objective = module.Objective(picture_set(), module.Settings(**PRESETS[name][1] | dict(batch=4)), seed=1)
    assert not objective.warms_up and objective.constant_rate and objective.optimizers.keys() == {"g", "d"}
    assert steps(objective, 0, 1).keys() & {"loss_fake", "distance"}


def test_a_head_start_says_which_sizes_it_needs():
    with pytest.raises(ValueError, match="20 x 20: the side must be a multiple of 8.*began-noise"):
        began.Objective(picture_set(size=20), began.Settings(), seed=1)


def test_latents_of_codes_fill_the_cube_and_keep_their_order():
    """Two clusters, far apart, on a bent line: what no scaling would make uniform."""
    line = torch.cat([torch.randn(300) - 5, torch.randn(300) + 5])
    codes = torch.stack([line, line.square() + torch.randn(600)], 1)
    latents = uniform_latents(codes)
    assert latents.abs().max() < 1
    counts = torch.histogramdd(latents, bins=[3, 3], range=[-1.0, 1.0, -1.0, 1.0]).hist
    assert counts.min() > 600 / 9 / 3
    assert torch.corrcoef(torch.stack([latents[:, 0], codes[:, 0]]))[0, 1] > 0.5


def test_a_few_steps_teach_the_discriminator_to_redraw():
    pictures = PictureSet(torch.full((4, 3, 16, 16), 200, dtype=torch.uint8), tuple("abcd"))
    objective = began.Objective(pictures, began.Settings(**TINY | {"learning_rate": 2e-3}), seed=1)
    losses = []
    for i in range(30):
        torch.manual_seed(i)
        losses.append(objective.step(pictures.normalized(), torch.arange(4), 0.0)["loss_real"])
    assert np.mean(losses[-5:]) < 0.5 * losses[0]


def test_ebgan_hinge_ends_at_the_margin():
    real, fake = torch.tensor([0.1, 0.3]), torch.tensor([0.0, 0.5])
    assert ebgan.discriminator_loss(real, fake, margin=0.2).item() == pytest.approx(0.2 + (0.2 + 0.0) / 2)
    assert ebgan.energy(torch.ones(1, 3, 2, 2), torch.zeros(1, 3, 2, 2)).tolist() == [1.0]


def test_pulling_away_is_1_for_equal_codes_and_0_for_orthogonal_ones():
    assert ebgan.pulling_away(torch.tensor([[1.0, 2], [2, 4], [-1, -2]])).item() == pytest.approx(1)
    assert ebgan.pulling_away(torch.eye(4)).item() == pytest.approx(0, abs=1e-6)
    assert ebgan.pulling_away(torch.tensor([[1.0, 0], [1, 1]])).item() == pytest.approx(0.5)


def test_gradient_penalty_of_a_linear_critic_is_its_slope():
    real, fake, mix = torch.rand(5, 3, 4, 4), torch.rand(5, 3, 4, 4), torch.rand(5, 1, 1, 1)
    assert wgan.gradient_penalty(lambda u: 2 * u[:, 0, 0, 0], real, fake, mix).item() == pytest.approx(1)
    assert wgan.gradient_penalty(lambda u: u[:, 1, 2, 3], real, fake, mix).item() == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("module", [ebgan, wgan])
def test_the_others_step_and_leave_a_generator(module):
    objective = begin(module, "plain")
    before = [weight.clone() for weight in objective.generator.parameters()]
    for i in range(5):
        torch.manual_seed(i)
        figures = objective.step(torch.rand(4, 3, 16, 16), torch.arange(4), i / 5)
    assert all(np.isfinite(value) for value in figures.values())
    assert all(not torch.equal(a, b) for a, b in zip(before, objective.generator.parameters()))
    assert objective.trained()(torch.zeros(2, 16)).shape == (2, 3, 16, 16)

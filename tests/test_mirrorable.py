"""Which sets may be mirrored, and what is trained with them."""

from __future__ import annotations

import pytest
import torch

from chonk.dataset.mirrorable import mirrorable
from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from chonk.learn.objectives import OBJECTIVES, find_objective, resolve


def faces(count: int, moved: int, size: int = 64) -> PictureSet:
    """Discs of many colours with two of eight kinds of eyes and mouths, each picture moved by up to so many pixels."""
    random = torch.Generator().manual_seed(1)
    y, x = torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")
    pictures = torch.full((count, 3, size, size), 255.0)
    for picture in pictures:
        dx, dy = ((2 * torch.rand(2, generator=random) - 1) * moved).tolist()
        eye, mouth = (2 + torch.randint(0, 4, (2,), generator=random)).tolist()
        colour = torch.rand(3, generator=random) * 160
        for radius, at_x, at_y, shade in ((22, 32, 32, colour), (eye, 24, 27, 0), (eye, 40, 27, 0), (mouth, 32, 42, 0)):
            inside = (x - at_x * size / 64 - dx) ** 2 + (y - at_y * size / 64 - dy) ** 2 < (radius * size / 64) ** 2
            picture[:, inside] = torch.as_tensor(shade).view(-1, 1).float()
    return PictureSet(pictures.round().byte(), tuple(f"{i}.png" for i in range(count)))


def test_the_default_is_the_collage():
    assert resolve("chonk") == resolve("chonk", ("learning_rate=0.01",)) == "collage"
    assert resolve("chonk", ("local_gain=2",)) == "mosaic", "a setting that only the mosaic has"
    assert resolve("mosaic") == "mosaic" and resolve("began") == "began"
    assert resolve("chonk", begun="mosaic") == "mosaic" and resolve("chonk", begun="began") == "collage"


def test_every_objective_is_found_and_an_unknown_one_says_what_there_is():
    assert all(find_objective(name) for name in OBJECTIVES) and find_objective("chonk") is find_objective("collage")
    with pytest.raises(UserError, match="choose one of chonk, mosaic, collage, began"):
        find_objective("mosaics")


def turned(pictures: PictureSet, every: int) -> torch.Tensor:
    """The pictures with a sun on the right, every so many-th of them mirrored."""
    pixels = pictures.pixels.clone()
    pixels[:, :, 4:16, 48:60] = torch.tensor([255, 200, 0], dtype=torch.uint8).view(3, 1, 1)
    pixels[::every] = pixels[::every].flip(3)
    return pixels


def test_pictures_may_be_mirrored_where_some_are_and_not_where_all_face_one_way():
    pictures = faces(60, 6)
    assert mirrorable(pictures.pixels) and mirrorable(turned(pictures, 2))
    assert not mirrorable(turned(pictures, 60))
    assert mirrorable(turned(pictures, 60)[:5]), "too few to tell"


@pytest.mark.parametrize("every, mirrored", [(60, False), (2, True)])
@pytest.mark.parametrize("objective", ["began", "ebgan", "wgan"])
def test_the_classics_learn_from_mirrored_pictures_only_where_those_could_be_of_the_set(objective, every, mirrored):
    pictures = faces(60, 6)
    pictures = PictureSet(turned(pictures, every), pictures.names)
    module = find_objective(objective)
    settings = module.Settings(start="noise", warmup=0.0, latent_dim=4, filters=4, d_filters=4)
    trained = module.Objective(pictures, settings, 0)
    assert trained.mirrored is mirrored and trained.augment.flip is mirrored


@pytest.mark.parametrize("every, mirrored", [(60, False), (2, True)])
def test_covered_pictures_are_mirrored_only_there(every, mirrored):
    pictures = faces(60, 6)
    pictures = PictureSet(turned(pictures, every), pictures.names)
    module = find_objective("began")
    trained = module.Objective(pictures, module.Settings(start="noise", latent_dim=4, filters=4, d_filters=4), 0)
    trained.end_warm_up(torch.device("cpu"))
    shown, index = pictures.normalized(torch.arange(60)), torch.arange(60)
    seen, latents = trained.player_inputs(shown, index)
    flipped = (seen != shown).flatten(1).any(1)
    assert bool(flipped.any()) is mirrored and (mirrored or torch.equal(latents, trained.latents[0]))
    assert bool(trained.latents[1].any()) is mirrored

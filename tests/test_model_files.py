"""A model in a folder is the old one or the new one, whenever the process that writes it is killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import torch

from chonk.errors import UserError
from chonk.model import Model, load
from chonk.model_files import ModelConfig
from training import forkserver

CONFIG = ModelConfig(
    "began", size=8, channels=3, latent_dim=4, latent_kind="uniform", options={"filters": 2, "sets": 1}
)


def model_of(seed: int) -> Model:
    torch.manual_seed(seed)
    model = Model.build(CONFIG)
    model.config.training["seed"] = seed
    return model


def save_and_die(folder: Path, seed: int, number: int, named: bool) -> None:
    """Saves, and is killed before or after the rename with this number."""
    replace, count = Path.replace, 0

    def deadly(part: Path, file: Path) -> Path:
        nonlocal count
        count += 1
        if count == number and not named:
            os.kill(os.getpid(), signal.SIGKILL)
        done = replace(part, file)
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    Path.replace = deadly
    model_of(seed).save(folder)


def killed(folder: Path, seed: int, number: int, named: bool) -> None:
    process = forkserver("chonk.model", "test_model_files").Process(
        target=save_and_die, args=(folder, seed, number, named)
    )
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL


def seed_of(folder: Path) -> int:
    """Which of the models this is; its weights and its settings agree."""
    model = load(folder)
    seed = model.config.training["seed"]
    wanted = model_of(seed).generator.state_dict()
    assert all(torch.equal(value, wanted[name]) for name, value in model.generator.state_dict().items())
    return seed


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("named", [False, True], ids=["before", "after"])
def test_killed_at_any_rename_it_is_the_old_model_or_the_new_one(tmp_path, number, named):
    model_of(1).save(tmp_path)
    killed(tmp_path, 2, number, named)
    is_new = number == 3 or (number == 2 and named)  # config.json has its name
    assert seed_of(tmp_path) == (2 if is_new else 1)
    killed(tmp_path, 3, 1, named)  # the next one does not take away what counts
    assert seed_of(tmp_path) == (2 if is_new else 1)
    model_of(4).save(tmp_path)
    assert seed_of(tmp_path) == 4 and sorted(file.name for file in tmp_path.iterdir()) == [
        "config.json",
        "model.safetensors",
    ]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_first_model_is_there_whole_or_not_at_all(tmp_path, number):
    killed(tmp_path, 1, number, False)
    if number == 3:
        assert seed_of(tmp_path) == 1
    else:
        with pytest.raises(UserError, match="holds no model"):
            load(tmp_path)


def test_weights_of_another_model_are_not_taken(tmp_path):
    for seed in (1, 2):
        model_of(seed).save(tmp_path / str(seed))
    (tmp_path / "2" / "model.safetensors").replace(tmp_path / "1" / "model.safetensors")
    with pytest.raises(UserError, match="not the file that config.json was written with"):
        load(tmp_path / "1")


def test_a_folder_whose_name_is_no_text(tmp_path):
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9-\xff"))
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this disk has UTF-8 names only")
    model_of(1).save(folder)
    assert seed_of(folder) == 1


@pytest.mark.parametrize("name", ["x" * 5000, "nowhere", "a\0b"])
def test_names_that_no_folder_has(name):
    with pytest.raises(UserError):
        load(name)

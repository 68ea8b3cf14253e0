"""Every setting says what it may be, in one place, and holds that wherever its value comes from."""

from __future__ import annotations

import json
import math
import typing
from dataclasses import MISSING, fields
from pathlib import Path
from types import NoneType

import numpy as np
import pytest

import chonk
from chonk import cli, settings
from chonk.errors import UserError
from chonk.learn.objectives import OBJECTIVES, find_objective
from chonk.learn.presets import PRESETS, find_preset
from chonk.learn.run import objective_settings
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets import GENERATORS, generator_class
from chonk.tune.spaces import SPACES
from chonk.validation import Pattern, Range, annotated_types, checked, fits, words

COMMANDS = [cli.settings_class(name) for name in cli.COMMANDS]
DRAWN = typing.get_args(typing.get_type_hints(settings.Draw)["what"])
TRAINED = [find_objective(name).Settings for name in OBJECTIVES]
NETS = [generator_class(name) for name in GENERATORS]
ODD = (math.nan, math.inf, -math.inf, -1, 2**70, True, "x", None, (), 1.5)
"""Values that some settings can have, and none without saying so."""


def numbers(kind: object) -> set[type]:
    """The types of number in an annotation."""
    if kind in (int, float):
        return {kind}
    return set().union(*map(numbers, typing.get_args(kind))) if typing.get_args(kind) else set()


@pytest.mark.parametrize(
    "owner", [*COMMANDS, *DRAWN, *TRAINED, *NETS], ids=lambda owner: f"{owner.__module__}.{owner.__name__}"
)
def test_every_number_has_a_range(owner):
    """So that none can be forgotten.  Size, channels and latents of a net are those of its model's config."""
    for name, kind in annotated_types(owner).items():
        if (
            numbers(kind)
            and typing.get_origin(kind) is not typing.Literal
            and (owner not in NETS or name not in annotated_types(ModelConfig))
        ):
            limits = [note for note in getattr(kind, "__metadata__", ()) if isinstance(note, Range)]
            assert limits and math.isfinite(limits[0].minimum) and math.isfinite(limits[0].maximum), name


@pytest.mark.parametrize(
    "owner", [*COMMANDS, *DRAWN, *TRAINED], ids=lambda owner: f"{owner.__module__}.{owner.__name__}"
)
def test_no_odd_value_is_taken(owner):
    """Each field of each dataclass with each odd value: it is refused in words that name it, or the type allows it."""
    needed = {field.name: Path("x") for field in fields(owner) if field.default is field.default_factory is MISSING}
    if owner is settings.Page:
        needed = {"runs": (Path("x"),)}
    for name, kind in annotated_types(owner).items():
        for odd in ODD:
            if fits(odd, kind):
                plain = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
                assert type(odd) is not float or (math.isfinite(odd) and numbers(kind)), (name, odd)
                assert odd is not None or NoneType in typing.get_args(plain), name
            else:
                with pytest.raises(UserError, match=f"(?s){name.replace('_', '.')}.*: must be "):
                    owner(**needed | {name: odd})


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("train x --threads 100000", "--threads 100000: must be a whole number, 1 to 1,024"),
        ("train x --seed -1", "--seed -1: must be a whole number, 0 to 4,294,967,295"),
        ("make --seed 99999999999999999999", "--seed"),
        ("train x --minutes nan", "--minutes nan: must be more than 0"),
        ("train x --kimg inf", "--kimg inf"),
        ("make x --minutes 0", "--minutes 0"),
        ("draw x --truncation nan", "--truncation nan: must be 0 to 10"),
        ("draw x samples --first 99999999999", "--first 99999999999"),
        ("draw x corners --top-left nan 0 0", "--top-left nan 0.0 0.0: must be"),
        ("page x --precision int9", "int9"),
        ("page x --out page.html", "--out page.html: must be the name of a folder"),
        ("page x --out Drawing.PSD", "--out Drawing.PSD: must be the name of a folder"),
        ("train x --out model.safetensors", "--out model.safetensors"),
        ("score x --features incepton", "incepton"),
        ("gather x --background bleu", "--background bleu: must be keep, white, black or a colour"),
        ("serve x --port 70000", "--port 70000"),
    ],
)
def test_the_command_line_says_what_a_setting_may_be(line, words, capsys):
    assert cli.run(line.split()) == 2
    captured = capsys.readouterr().err
    assert captured.count("\n") == 1 and words in captured


@pytest.mark.parametrize("objective", OBJECTIVES)
@pytest.mark.parametrize(
    "setting", ["learning_rate=nan", "learning_rate=-1", "learning_rate=inf", "learning_rate=0", "batch=0", "batch=1e9"]
)
def test_an_objective_refuses_what_it_cannot_have(objective, setting):
    with pytest.raises(UserError, match=f"--set {setting}: must be "):
        objective_settings(objective, {}, (setting,), None)


def test_a_setting_that_is_mistyped_is_told_what_was_meant():
    with pytest.raises(UserError, match="did you mean gamma"):
        objective_settings("began", {}, ("gama=1",), None)
    with pytest.raises(UserError, match="did you mean began-2018-"):
        find_preset("began-2018", "chonk")
    with pytest.raises(UserError, match="did you mean began"):
        find_objective("began2")


def test_presets_and_what_is_searched_can_be_had():
    for objective, values in PRESETS.values():
        objective_settings(objective, values, (), None)
    for objective, space in SPACES.items():
        for name, values in space.items():
            for value in values:
                objective_settings(objective, {}, (f"{name}={value}",), None)


def saved(folder: Path, net: str = "mosaic", **changes) -> Path:
    """A model's folder with other options than were saved."""
    options = {"mosaic": {"local_dim": 1, "memory_size": 2}, "began": {"filters": 1, "sets": 1}}[net]
    dim, kind = {"mosaic": (23, "normal"), "began": (4, "uniform")}[net]
    Model.build(ModelConfig(net, 8, 3, dim, kind, options)).save(folder)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"options": config["options"] | changes}))
    return folder


@pytest.mark.parametrize("value", [True, "x", -1, None, [], 1e300])
@pytest.mark.parametrize(
    ("net", "option"),
    [
        ("mosaic", "min_novelty"),
        ("mosaic", "max_incoherence"),
        ("mosaic", "memory_size"),
        ("began", "filters"),
        ("began", "inject"),
        ("began", "doubling"),
    ],
)
def test_a_model_with_options_that_are_none_is_refused(tmp_path, net, option, value):
    if (option, value) == ("doubling", True):
        value = 1
    with pytest.raises(UserError, match=rf"not a model's settings \(option {option}"):
        chonk.load(saved(tmp_path, net, **{option: value}))


@pytest.fixture(scope="module")
def model(tmp_path_factory) -> Model:
    return chonk.load(saved(tmp_path_factory.mktemp("model"), "began"))


@pytest.mark.parametrize(
    "call",
    [
        lambda model: model.sample(-1),
        lambda model: model.sample(2.5),
        lambda model: model.sample(3, seed=2**40),
        lambda model: model.sample(3, seed=-1),
        lambda model: model.sample(3, truncation=math.nan),
        lambda model: model.latents(0, 10**9),
        lambda model: model.latents(0, 3, first=-1),
        lambda model: model.sample(0).grid(),
        lambda model: model.sample(3).grid(scale=0),
        lambda model: model.corners(model.latents(0, 4), rows=0),
        lambda model: model.corners(model.latents(0, 3)),
        lambda model: model.corners("abcd"),
        lambda model: model.arithmetic([0, 0], [0, 0], [0, 0]),
        lambda model: model.arithmetic([math.nan] * 3, [0] * 3, [0] * 3),
        lambda model: model(np.zeros((2, 3))),
        lambda model: chonk.load("x" * 5000),
        lambda model: chonk.load(7),
    ],
    ids=map(str, range(17)),
)
def test_the_python_api_says_what_is_wrong(model, call):
    with pytest.raises(UserError) as captured:
        call(model)
    assert "\n" not in str(captured.value)


def test_what_is_right_is_left_alone(model):
    assert len(model.sample(np.int64(2), seed=2**32 - 1, truncation=np.float32(0.5))) == 2
    assert model.sample(0) == [] and len(model.corners(model.latents(0, 4), 2, 3)) == 6
    assert settings.Train("pictures", "run", minutes=3).minutes == 3


def test_words():
    assert words(typing.Annotated[int, Range(1, 5000)]) == "a whole number, 1 to 5,000"
    assert words(typing.Annotated[float | None, Range(0, 1.5, above=True)]) == "more than 0, up to 1.5"
    assert words(typing.Literal["a", "b"]) == "a or b" and words(bool) == "true or false"
    assert words(typing.Annotated[str, Pattern("x+", "some x")]) == "some x"


def test_a_checked_function():
    @checked
    def add(a: typing.Annotated[int, Range(0, 9)], *rest: int, b: float = 0.0) -> float:
        return a + b

    assert add(1, b=2) == 3
    for wrong in ({"a": 10}, {"a": 1, "b": "2"}):
        with pytest.raises(UserError, match="must be"):
            add(**wrong)

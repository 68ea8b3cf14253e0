"""Folders that a stranger made: whatever their files say, each is read or refused in one line, and nothing around it is
touched.

400 cases; 5,000 with CHONK_LONG=1.  A case is told by its number: `broken(kind, number)` makes it again."""

from __future__ import annotations

import copy
import json
import os
import random
import resource
import shutil
import struct
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

import chonk
from chonk.dataset.training_set import training_pictures
from chonk.draw.linked import read_directions
from chonk.draw.moving import film_frames
from chonk.draw.place import Place, listed
from chonk.errors import ChonkError, UserError
from chonk.ingest.collect import mark_copies
from chonk.ingest.gather import gather
from chonk.ingest.output import Output
from chonk.ingest.report import report
from chonk.judge.score import score
from chonk.judge.truth import trained_on
from chonk.learn.objectives.chonk import MAX_MEMORY_VALUES
from chonk.learn.train import train
from chonk.model import Model
from chonk.model_files import ModelConfig
from chonk.nets import MAX_VALUES, MAX_WORK, without_memory, work_and_values
from chonk.nets.autoencoder import FEATURES
from chonk.nets.mosaic import Generator
from chonk.play import film
from chonk.settings import Gather, Score, Train
from chonk.stages import Stages
from training import make_pictures, sets, tiny

CASES = 5000 if os.environ.get("CHONK_LONG") else 400
SECONDS, BYTES = 20, 1 << 30
DIM = 4
VALUES = [
    None,
    True,
    -1,
    0,
    1,
    3.5,
    10**9,
    2**63,
    10**400,
    -(10**400),
    1e308,
    "",
    "x",
    "0" * 20,
    "../../secret.png",
    "/etc/passwd",
    "\x00",
    "\x1b[2J",
    "\ud800",
    "9" * 5000,
    [],
    {},
    [[]],
    [1, 2],
    {"format": 1},
    "cuda",
    "normal",
    ["x"] * 300,
    {"a": {"b": {"c": 1}}},
]
TEXTS = [
    b"",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"\x00" * 64,
    b"[" * 100_000,
    b'{"a":' * 20_000,
    b'{"format": NaN}',
    b'{"format": 2}',
    b'{"format": 1}',
    b'{"format": 1e999}',
    b"9" * 10_000,
    b'"' + b"x" * 3_000_000 + b'"',
]


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Thousands of cases need not wait for the disk."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """What a stranger's chonk left, all good: pictures, run, page's model file, a listing; and beside it what must stay
    as it is."""
    root = tmp_path_factory.mktemp("hostile")
    source = make_pictures(root / "source", 8)
    folder = root / "made"
    gather(Gather(source, folder / "pictures", size=16))
    go_on(folder)
    train(recalled(folder))
    header = json.dumps({"format": 1, "directions": [{"name": {}, "vector": [0.5] * DIM}]}).encode()
    (folder / "page.bin").write_bytes(b"chonkpg1" + struct.pack("<I", len(header)) + header)
    (folder / "draw.json").write_text(json.dumps({"format": 1, "what": "samples", "seed": 1, "files": ["0001.png"]}))
    (folder / "truth.json").write_text(json.dumps({"format": 1, "factors": {}, "pictures": {}}))
    (folder / "make.json").write_text(
        json.dumps({"format": 1, "stages": {"gather": {"inputs": {"size": 16}, "done": True}}})
    )
    (root / "mine").mkdir()
    for name in ("0000000000.png", "0000000004.safetensors.part", "film.json", "secret.png"):
        (root / "mine" / name).write_bytes((source / "0000.png").read_bytes())
    return folder


def recalled(folder: Path) -> Train:
    """The same with the default recipe, whose model holds features of the pictures."""
    return tiny(folder / "pictures", folder / "recalled", kimg=0.04, objective="chonk", set=sets("chonk"))


def go_on(folder: Path) -> None:
    train(tiny(folder / "pictures", folder / "run", kimg=0.04))


def look(folder: Path) -> None:
    model = chonk.load(folder)
    assert model.config.size <= 1024 and model.draw(model.latents(1, 1))


def frames(folder: Path) -> None:
    film.film(folder / "run")
    film_frames(folder / "run")


def add(folder: Path) -> None:
    output = Output(Gather(folder / "source", folder / "pictures", size=16))
    mark_copies([], output.before["taken"], output.prints())
    report(output.before, folder / "pictures")


READERS = {
    "run/config.json": lambda folder: (go_on(folder), training_pictures(folder / "run")),
    "run/metrics.jsonl": lambda folder: (film.curves(folder / "run"), go_on(folder)),
    "run/checkpoints/0000000040.safetensors": go_on,
    "run/film/film.json": frames,
    "run/film/0000000000.png": frames,
    "recalled/checkpoints/0000000040.safetensors": lambda folder: train(recalled(folder)),
    "run/model/config.json": look,
    "run/model/model.safetensors": look,
    "recalled/model/config.json": lambda folder: look(folder / "recalled"),
    "recalled/model/model.safetensors": lambda folder: look(folder / "recalled"),
    "pictures/gather.json": add,
    "pictures/fingerprints.npy": add,
    "page.bin": lambda folder: read_directions(folder / "page.bin", (DIM,)),
    "make.json": lambda folder: Stages(folder),
    "draw.json": lambda folder: listed(Place(folder, (), "samples")),
    "truth.json": trained_on,
}
"""file: what reads it."""

TOLERANT = ("draw.json", "run/metrics.jsonl")
"""What is broken in these is left out."""


def injured(data: bytes, rng: random.Random) -> bytes:
    """Bytes changed, cut out, doubled, or the end lost."""
    data = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(data)) if data and rng.random() < 0.5 else rng.randrange(min(len(data), 100) or 1)
        match rng.randrange(4):
            case 0:
                data[at : at + 8] = rng.choice(
                    [b"\xff" * 8, b"\0" * 8, b"\0\0\0\0\0\0\0\x7f", struct.pack("<Q", 1 << 45), rng.randbytes(8)]
                )
            case 1:
                del data[at : at + rng.randint(1, 64)]
            case 2:
                data[at:at] = data[at : at + 32] * rng.randint(1, 20)
            case 3:
                del data[at:]
    return bytes(data)


def warped(record: object, rng: random.Random) -> object:
    """The same JSON with one to three values replaced, taken away or added, anywhere in it."""
    record = copy.deepcopy(record)
    for _ in range(rng.randint(1, 3)):
        place_, inner = None, record
        while isinstance(inner, (dict, list)) and inner and (place_ is None or rng.random() < 0.7):
            place_ = (inner, rng.choice(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
            inner = inner[place_[1]]
        if place_ is None:
            return copy.deepcopy(rng.choice(VALUES))
        holder, key = place_
        match rng.randrange(4):
            case 0 if isinstance(holder, dict):
                del holder[key]
            case 1 if isinstance(holder, dict):
                holder[rng.choice(["x", "format", "filters", "__class__"])] = copy.deepcopy(rng.choice(VALUES))
            case 2 if isinstance(inner, (int, float)) and not isinstance(inner, bool) and abs(inner) < 1e290:
                holder[key] = inner * rng.choice([-1, 0, 2, 1000, 10**12]) + rng.choice([0, 1, 0.5])
            case _:
                holder[key] = copy.deepcopy(rng.choice(VALUES))
    return record


def warped_header(data: bytes, at: int, rng: random.Random) -> bytes:
    """A file that begins with the length of a JSON header, `at` its position, with that header warped."""
    size = 8 if at == 0 else 4
    end = at + size + int.from_bytes(data[at : at + size], "little")
    header = json.loads(data[at + size : end])
    metadata = header.get("__metadata__", {}).get("chonk")
    if metadata and rng.random() < 0.6:
        header["__metadata__"]["chonk"] = json.dumps(warped(json.loads(metadata), rng))
    else:
        header = warped(header, rng)
    text = json.dumps(header).encode()
    return data[:at] + len(text).to_bytes(size, "little") + text + data[end:]


def broken(name: str, data: bytes, number: int) -> bytes:
    """Case `number` of a file."""
    rng = random.Random(f"{name} {number}")
    if rng.random() < 0.15:
        return rng.choice(TEXTS)
    if rng.random() < 0.25 or name.endswith(("png", "npy")):
        return injured(data, rng)
    if name.endswith("jsonl"):
        lines = [json.loads(line) for line in data.splitlines()] * 3
        return b"\n".join(json.dumps(warped(line, rng) if rng.random() < 0.5 else line).encode() for line in lines)
    if name.endswith("json"):
        return json.dumps(warped(json.loads(data), rng)).encode()
    return warped_header(data, 8 if name == "page.bin" else 0, rng)


def everything(folder: Path) -> dict[str, bytes | str]:
    return {
        str(file.relative_to(folder)): os.readlink(file) if file.is_symlink() else file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if not file.is_dir()
    }


def refused_in_words(read, folder: Path, case: str) -> bool:
    """Reads it within bounds; whether it was refused."""
    started, peak = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(folder)
        refused = False
    except ChonkError as error:
        refused = True
        words = str(error)
        assert "\n" not in words and words.isprintable(), f"{case}: {words[:2000]!r}"
    except BaseException as error:
        raise AssertionError(f"{case}: {type(error).__name__}: {str(error)[:300]}") from error
    assert time.monotonic() - started < SECONDS, f"{case}: took too long"
    assert 1024 * (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak) < BYTES, f"{case}: took too much memory"
    return refused


@pytest.mark.parametrize("name", READERS)
def test_broken_files(made, tmp_path, name):
    data, mine = (made / name).read_bytes(), everything(made.parent / "mine")
    folder, refused = tmp_path / "made", 0
    for number in range(-(-CASES // len(READERS))):
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        (folder / name).write_bytes(broken(name, data, number))
        refused += refused_in_words(READERS[name], folder, f"{name} {number}")
    assert everything(made.parent / "mine") == mine and {entry.name for entry in tmp_path.iterdir()} == {"made"}
    assert refused or name in TOLERANT, "nothing was found wrong with any of them"


@pytest.mark.parametrize("name", READERS)
def test_good_files_are_good(made, tmp_path, name):
    shutil.copytree(made, tmp_path / "made")
    assert not refused_in_words(READERS[name], tmp_path / "made", name)


@pytest.mark.parametrize(
    ("net", "size", "dim", "options"),
    [
        ("mosaic", 64, 204, {"memory_size": 4096}),
        ("mosaic", 1024, 4096, {"memory_size": 4096, "local_dim": 255}),
        ("mosaic", 1 << 30, 204, {}),
        ("mosaic", 64, 204, {"memory_size": 10**9}),
        ("mosaic", 64, 1 << 40, {"local_dim": 1 << 30}),
        ("mosaic", 64, 204, {"local_dim": -1}),
        ("mosaic", 64, 204, {"local_dim": 13}),
        ("mosaic", 60, 204, {}),
        ("mosaic", 64, 204, {"side": 10**9}),
        ("began", 1024, 4096, {"filters": 4096, "sets": 8, "doubling": True}),
        ("began", 16, 4, {"filters": 10**9}),
        ("began", 16, 4, {"layers": 10**9}),
        ("began", 16, 4, {"sets": 10**9}),
        ("began", 16, 4, {"sets": 0}),
        ("began", 16, 4, {"layers": 1.5}),
        ("began", 16, 4, {"filters": True}),
        ("began", 16, 4, {"inject": "x"}),
        ("began", 16, 4, {"activation": "x"}),
        ("mosaic", 64, 204, {"local_dim": 1.5}),
        ("mosaic", 64, 204, {"memory_size": True}),
        ("mosaic", 64, 204, {"size": 8}),
    ],
)
def test_enormous_settings_allocate_nothing(tmp_path, net, size, dim, options):
    (tmp_path / "model.safetensors").write_bytes(save({"x": torch.zeros(1)}))
    (tmp_path / "config.json").write_text(
        json.dumps({"net": net, "size": size, "channels": 3, "latent_dim": dim, "options": options, "format": 1})
    )
    assert refused_in_words(chonk.load, tmp_path, str(options))


def test_a_model_of_another_version_is_refused_in_words(tmp_path):
    (tmp_path / "model.safetensors").write_bytes(save({"x": torch.zeros(1)}))
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "net": "mosaic",
                "size": 64,
                "channels": 4,
                "latent_dim": 72,
                "options": {"local_dim": 12, "width": 96},
                "format": 1,
            }
        )
    )
    with pytest.raises(UserError, match="mosaic has no setting width; draw with the chonk that trained it"):
        chonk.load(tmp_path)


@pytest.mark.parametrize("size", [32, 64, 128, 256, 512, 1024])
def test_what_can_be_trained_is_no_more_work_than_a_picture_may_be(size):
    with without_memory():
        generator = Generator(size, 4, 204, memory_size=max(50, MAX_MEMORY_VALUES // (FEATURES * (size // 8) ** 2)))
    work, values = work_and_values(generator.state_dict(), size)
    assert work <= MAX_WORK and values <= MAX_VALUES


def test_a_model_that_is_more_work_than_a_picture_may_be_is_refused(tmp_path):
    """Its weights are few and fit its settings, but it would need 4 GiB for one layer."""
    options = {"filters": 1024, "layers": 1, "sets": 1, "separable": True}
    Model.build(ModelConfig("began", 8, 3, 4, "uniform", options)).save(tmp_path)
    config = json.loads((tmp_path / "config.json").read_text()) | {"size": 1024, "latent_dim": 4}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert refused_in_words(chonk.load, tmp_path, "size")


def test_weights_that_claim_terabytes(tmp_path):
    Model.build(ModelConfig("began", 16, 3, 4, "uniform", {"filters": 2, "layers": 1})).save(tmp_path)
    for length, header in (
        (1 << 40, b"{}"),
        (2, b"{}"),
        (1 << 20, b'{"x":{"dtype":"F32","shape":[1099511627776],"data_offsets":[0,4398046511104]}}'),
    ):
        (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", length) + header.ljust(min(length, 1 << 20)))
        assert refused_in_words(chonk.load, tmp_path, "header")
    with open(tmp_path / "model.safetensors", "wb") as sparse:
        sparse.truncate(1 << 42)
    assert refused_in_words(chonk.load, tmp_path, "sparse")


def test_weights_that_are_no_numbers(tmp_path):
    model = Model.build(ModelConfig("began", 16, 3, 4, "uniform", {"filters": 2, "layers": 1}))
    model.generator.last.bias.fill_(float("nan"))
    model.save(tmp_path)
    with pytest.raises(UserError, match="last.bias"):
        chonk.load(tmp_path)


@pytest.mark.parametrize("name", ["film", "checkpoints", "model"])
def test_a_folder_of_a_run_that_leads_elsewhere_is_not_touched(made, tmp_path, name):
    shutil.copytree(made, tmp_path / "made")
    mine = everything(made.parent / "mine")
    shutil.rmtree(tmp_path / "made" / "run" / name)
    (tmp_path / "made" / "run" / name).symlink_to(made.parent / "mine")
    with pytest.raises(UserError, match=f"{name}: is a link"):
        go_on(tmp_path / "made")
    assert everything(made.parent / "mine") == mine


@pytest.mark.parametrize(
    "name",
    [
        "lock",
        "metrics.jsonl",
        "metrics.jsonl.part",
        "config.json.part",
        "samples.png",
        "samples.png.part",
        "film/film.json.part",
        "model/config.json.part",
        "model/model.safetensors.part",
        "checkpoints/0000000080.safetensors.part",
    ],
)
def test_a_file_of_a_run_that_leads_elsewhere_is_not_written_through(made, tmp_path, name):
    shutil.copytree(made, tmp_path / "made")
    mine = everything(made.parent / "mine")
    file = tmp_path / "made" / "run" / name
    file.unlink(missing_ok=True)
    file.symlink_to(made.parent / "mine" / "secret.png")
    try:
        train(tiny(tmp_path / "made" / "pictures", tmp_path / "made" / "run", kimg=0.08))
    except ChonkError:
        assert name == "lock"
    assert everything(made.parent / "mine") == mine


def test_pictures_that_lead_elsewhere_are_not_shown(made, tmp_path):
    shutil.copytree(made, tmp_path / "made")
    mine = made.parent / "mine" / "secret.png"
    frame = sorted((tmp_path / "made" / "run" / "film").glob("*.png"))[-1]
    frame.unlink()
    frame.symlink_to(mine)
    with pytest.raises(UserError, match="film cannot be read"):
        film_frames(tmp_path / "made" / "run")
    assert film.film(tmp_path / "made" / "run")[1]["kimg"][-1] < 0.04, "the page leaves it out"
    first = tmp_path / "made" / "pictures" / "0001.png"
    first.unlink()
    first.symlink_to(mine)
    with pytest.raises(UserError, match="is a link"):
        add(tmp_path / "made")


def test_what_make_left_as_a_link_is_not_replaced(made, tmp_path):
    shutil.copytree(made, tmp_path / "made")
    (tmp_path / "made" / "page").symlink_to(made.parent / "mine")
    with pytest.raises(UserError, match="page: is a link"):
        Stages(tmp_path / "made")


@pytest.mark.parametrize(
    "name",
    [
        "run/config.json",
        "run/metrics.jsonl",
        "run/model/config.json",
        "run/film/film.json",
        "pictures/gather.json",
        "pictures/fingerprints.npy",
    ],
)
def test_nothing_waits_for_a_pipe(made, tmp_path, name):
    shutil.copytree(made, tmp_path / "made")
    (tmp_path / "made" / name).unlink()
    os.mkfifo(tmp_path / "made" / name)
    refused_in_words(READERS[name], tmp_path / "made", name)


@pytest.mark.parametrize(
    "data", [b"", b"PK\3\4", b"PK\5\6" + bytes(18)], ids=["empty", "broken archive", "empty archive"]
)
def test_fingerprints_that_are_none(made, tmp_path, data):
    shutil.copytree(made, tmp_path / "made")
    (tmp_path / "made" / "pictures" / "fingerprints.npy").write_bytes(data)
    assert refused_in_words(add, tmp_path / "made", "fingerprints")


def test_a_picture_that_declares_a_bomb(made, tmp_path):
    shutil.copytree(made, tmp_path / "made")
    for side in (1025, 30_000):
        header = b"IHDR" + struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
        bomb = b"\x89PNG\r\n\x1a\n\0\0\0\r" + header + struct.pack(">I", zlib.crc32(header)) + b"\0\0\0\0IEND\xaeB`\x82"
        (tmp_path / "made" / "pictures" / "0001.png").write_bytes(bomb)
        with pytest.raises(UserError, match="0001.png: cannot be read.*more than 1024"):
            go_on(tmp_path / "made")


def test_a_run_names_pictures_that_are_not_its_own(made, tmp_path):
    """What a page or a verdict shows of the training pictures is only what whoever made the run had."""
    shutil.copytree(made, tmp_path / "made")
    shutil.rmtree(tmp_path / "made" / "pictures")
    config = json.loads((tmp_path / "made" / "run" / "config.json").read_text())
    (tmp_path / "made" / "run" / "config.json").write_text(
        json.dumps(config | {"pictures": str(make_pictures(tmp_path / "private", 30))})
    )
    assert training_pictures(tmp_path / "made" / "run") is None
    with pytest.raises(UserError, match="or have changed"):
        score(Score(tmp_path / "made", out=tmp_path))

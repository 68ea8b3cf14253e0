"""A set is the same whether it is held in memory or mapped from a file, and a mapped one takes no memory."""

from __future__ import annotations

import builtins
import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from chonk.dataset import memory_map, picture_set
from chonk.dataset.picture_set import PictureSet
from chonk.errors import UserError
from training import make_pictures


@pytest.fixture(params=["transparent", "opaque"])
def folder(tmp_path, request):
    pictures = make_pictures(tmp_path / "pictures")
    for file in pictures.glob("*.png") if request.param == "opaque" else ():
        Image.open(file).convert("RGB").save(file)
    return pictures


def by_map(folder: Path, monkeypatch) -> PictureSet:
    monkeypatch.setattr(picture_set, "IN_MEMORY", 0)
    return PictureSet.load(folder)


def test_mapped_and_held_are_the_same(folder, monkeypatch):
    held = PictureSet.load(folder)
    assert not (folder / "pixels.safetensors").exists()
    for seen in (by_map(folder, monkeypatch), by_map(folder, monkeypatch)):
        assert torch.equal(seen.pixels, held.pixels) and seen.names == held.names and seen.digest() == held.digest()
        index = torch.tensor([7, 0, 7])
        assert (
            torch.equal(seen.normalized(index), held.normalized(index))
            and torch.equal(seen.some(4), held.some(4))
            and len(seen.some(4)) == 4
        )


def test_the_file_is_used_again_until_a_picture_changes(folder, monkeypatch):
    before, reads, really = by_map(folder, monkeypatch), [], picture_set.read_picture
    monkeypatch.setattr(picture_set, "read_picture", lambda file, **size: reads.append(file) or really(file, **size))
    by_map(folder, monkeypatch)
    assert len(reads) == 1  # one, for its size
    Image.new("RGB", (16, 16), "red").save(folder / "0003.png")
    after = by_map(folder, monkeypatch)
    assert [i for i in range(10) if not torch.equal(before.pixels[i], after.pixels[i, : before.channels])] == [3]


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-1], lambda data: b"\xff" * len(data)])
def test_a_damaged_file_is_made_again(folder, monkeypatch, damage):
    whole, file = by_map(folder, monkeypatch).digest(), folder / "pixels.safetensors"
    file.write_bytes(damage(file.read_bytes()))
    assert by_map(folder, monkeypatch).digest() == whole


def test_a_folder_that_cannot_be_written_to(folder, monkeypatch):
    held, really = PictureSet.load(folder), builtins.open

    def refuse(name, mode="r", *others):
        if set("wxa+") & set(mode) and str(name).startswith(str(folder)):
            raise PermissionError(errno.EACCES, "no", str(name))
        return really(name, mode, *others)

    monkeypatch.setattr(builtins, "open", refuse)
    assert by_map(folder, monkeypatch).digest() == held.digest() and not list(folder.glob("pixels*"))


def test_a_picture_of_another_size_leaves_no_half_made_file(folder, monkeypatch):
    Image.new("RGB", (8, 8)).save(folder / "0009.png")
    with pytest.raises(UserError, match="0009.png: is 8 x 8, the others 16 x 16"):
        by_map(folder, monkeypatch)
    assert not list(folder.glob("pixels*"))


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's count of resident memory")
def test_looking_at_every_picture_takes_no_memory(tmp_path):
    files = [tmp_path / f"{i:05d}.png" for i in range(4000)]
    for file in files:
        file.touch()
    pixels, _, view = memory_map.mapped(
        tmp_path, files, 64, lambda file: np.full((4, 64, 64), int(file.stem) % 256, np.uint8)
    )
    pictures = PictureSet(pixels, tuple(file.name for file in files), view)
    pictures.normalized(torch.arange(16))
    before = resident()
    for part in torch.arange(4000).split(16):
        assert pictures.normalized(part)[-1, 0, 0, 0].item() == pytest.approx(int(part[-1]) % 256 / 127.5 - 1, abs=1e-6)
    assert resident() - before < 16e6 < pixels.numel() / 4


def resident() -> int:
    """Bytes of this process that lie in memory."""
    (line,) = [line for line in Path("/proc/self/smaps_rollup").read_text().splitlines() if line.startswith("Rss:")]
    return int(line.split()[1]) * 1024

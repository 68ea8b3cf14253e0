"""Copies of a picture are found; sisters that share its pose are not taken for copies."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from chonk.ingest.clean import find_ground
from chonk.ingest.decode import decode
from chonk.ingest.duplicates import CELLS, FINE, close_pairs, copies, distance, fingerprint
from gather_help import drawing, encode, folder_of, on, reasons, run, sources

CATS = Path(__file__).parents[1].parent / "shared" / "data" / "revoycats"


def print_of(data: bytes) -> np.ndarray:
    pixels = decode(data)[0].pixels
    return fingerprint(pixels, find_ground(pixels))


def resized(image: Image.Image, share: float) -> Image.Image:
    return image.resize((round(image.width * share), round(image.height * share)), Image.Resampling.LANCZOS)


def padded(image: Image.Image) -> Image.Image:
    wide = Image.new("RGBA", (image.width + 70, image.height + 20))
    wide.paste(image, (40, 5))
    return wide


COPIES = {
    "re-encoded": lambda i: encode(on(i, "white"), "JPEG", quality=50),
    "resized": lambda i: encode(resized(i, 0.5), "PNG"),
    "enlarged": lambda i: encode(resized(i, 1.7), "PNG"),
    "lossy": lambda i: encode(i, "WEBP", quality=50),
    "padded": lambda i: encode(padded(i), "PNG"),
    "padded and re-encoded": lambda i: encode(on(padded(i), "white"), "JPEG", quality=60),
    "on white": lambda i: encode(on(i, "white"), "PNG"),
}


@pytest.mark.parametrize("how", COPIES)
def test_copies_are_close(how: str) -> None:
    for number in range(8):
        image = drawing(number, 256)
        assert distance(print_of(encode(image, "PNG")), print_of(COPIES[how](image))) <= FINE, (how, number)


def test_other_pictures_are_far() -> None:
    prints = np.stack([print_of(encode(drawing(number), "PNG")) for number in range(40)])
    assert close_pairs(prints, np.ones(40)) == []


def test_sisters_with_another_mouth_are_far() -> None:
    image, other = drawing(1, 256), drawing(1, 256)
    ImageDraw.Draw(other).ellipse([120, 120, 140, 134], fill=(10, 10, 10, 255))
    assert distance(print_of(encode(image, "PNG")), print_of(encode(other, "PNG"))) > FINE


@pytest.mark.skipif(not CATS.is_dir(), reason="../shared/data/revoycats is not here")
def test_cats_that_differ_in_a_feature_are_kept() -> None:
    files = sorted(CATS.glob("*.png"))
    prints = np.stack([print_of(file.read_bytes()) for file in files])
    pairs = close_pairs(prints, np.ones(len(files)))
    assert len(copies(pairs, list(range(len(files))))) <= 3


def test_mirrored_copies_are_named_as_such() -> None:
    image = drawing(3)
    pair = np.stack(
        [print_of(encode(image, "PNG")), print_of(encode(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "PNG"))]
    )
    assert close_pairs(pair, np.ones(2)) == [(0, 1, True)]


def test_the_best_is_kept_and_chains_are_not_followed() -> None:
    """With 0 ~ 1 ~ 2 but not 0 ~ 2, keeping 0 drops 1 and keeps 2; with 1 the best, both others are its copies."""
    pairs = [(0, 1, False), (1, 2, True)]
    assert copies(pairs, [0, 1, 2]) == {1: (0, False)}
    assert copies(pairs, [1, 0, 2]) == {0: (1, False), 2: (1, True)}


def test_ten_thousand_are_compared_quickly() -> None:
    random = np.random.default_rng(0)
    prints = random.integers(0, 256, (10_000, CELLS, CELLS, 4), dtype=np.uint8)
    prints[9_999] = prints[17]
    start = time.process_time()
    assert close_pairs(prints, np.ones(10_000)) == [(17, 9_999, False)]
    assert time.process_time() - start < 60


def test_the_command_keeps_each_picture_once_or_all(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 5)
    image = drawing(0)
    (source / "drawing 000 (copy).png").write_bytes((source / "drawing 000.png").read_bytes())
    (source / "small.png").write_bytes(encode(resized(image, 0.5), "PNG"))
    (source / "on white.jpg").write_bytes(encode(on(image, "white"), "JPEG", quality=60))
    (source / "turned.webp").write_bytes(
        encode(image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "WEBP", lossless=True)
    )
    result = run(source, tmp_path / "out", size=32)
    assert sources(result) == [f"drawing 00{n}.png" for n in range(5)]
    assert reasons(result) == dict.fromkeys(
        ("drawing 000 (copy).png", "on white.jpg", "small.png"), "a copy of drawing 000.png"
    ) | {"turned.webp": "a mirrored copy of drawing 000.png"}
    kept = run(source, tmp_path / "all", size=32, keep_duplicates=True)
    assert len(kept["taken"]) == 9 and kept["different"] == 5
    for page in (tmp_path / "out" / "gather.html", tmp_path / "all" / "gather.html"):
        assert "turned.webp</bdi> (mirrored)" in page.read_text()

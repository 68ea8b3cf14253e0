"""How well small pictures are finished: originals reduced to 64 pixels and enlarged again, beside what others make of
them.

    python benchmarks/finishing.py FOLDER [FOLDER ...] [--sheet sheet.png]

FOLDER holds originals of at least 256 x 256 pixels that no net of the package has seen.  A way's figures are means over
the pictures: PSNR (dB, on white and on black), the width of edges (pixels that a strong edge takes, beside that of the
originals), and how far features of the package's encoder are from the original's.
"""

from __future__ import annotations

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import resvg_py
import torch
import vtracer
from PIL import Image, ImageDraw
from scalers import epx, xbr
from scipy.ndimage import maximum_filter, minimum_filter

from chonk.finish import finish
from chonk.nets.pretrained import load_pretrained_nets
from chonk.pixels import values_of

SMALL = 64


def resized(image: Image.Image, size: int, how: Image.Resampling) -> Image.Image:
    return image.convert("RGBa").resize((size, size), how).convert("RGBA")


def doubled(image: Image.Image, size: int, scaler: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    pixels = np.asarray(image)
    while len(pixels) < size:
        pixels = scaler(pixels)
    return values_of(Image.fromarray(pixels))


def traced(image: Image.Image, size: int) -> np.ndarray:
    """What vtracer makes of the Lanczos enlargement on white, drawn again, with the enlargement's alpha."""
    large = resized(image, size, Image.Resampling.LANCZOS)
    data = io.BytesIO()
    Image.alpha_composite(Image.new("RGBA", large.size, "white"), large).save(data, "PNG")
    svg = vtracer.convert_raw_image_to_svg(data.getvalue(), img_format="png", filter_speckle=4, layer_difference=16)
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, height=size)))).convert("RGB")
    return np.concatenate([values_of(drawn), values_of(large)[:, 3:]], 1)


WAYS: dict[str, Callable[[Image.Image, int], np.ndarray]] = {
    "nearest": lambda image, size: values_of(resized(image, size, Image.Resampling.NEAREST)),
    "bicubic": lambda image, size: values_of(resized(image, size, Image.Resampling.BICUBIC)),
    "Lanczos": lambda image, size: values_of(resized(image, size, Image.Resampling.LANCZOS)),
    "EPX": lambda image, size: doubled(image, size, epx),
    "xBR": lambda image, size: doubled(image, size, xbr),
    "vtracer": lambda image, size: traced(image, size),
    "finished": lambda image, size: finish(values_of(image), size),
}


def grounds(values: np.ndarray) -> np.ndarray:
    """On white and on black, 2 x 3 x S x S in [0, 1]."""
    unit = (values[0].clip(-1, 1) + 1) / 2
    return np.stack([unit[:3], (unit[:3] - 1 + unit[3:]).clip(0, 1)])


def psnr(values: np.ndarray, truth: np.ndarray) -> float:
    return float(
        np.mean([-10 * np.log10(max(1e-6, np.mean((a - b) ** 2))) for a, b in zip(grounds(values), grounds(truth))])
    )


def edge_width(values: np.ndarray, truth: np.ndarray, reach: int = 9) -> float:
    """Contrast over steepest slope around the originals' strong edges, in pixels: 1 is as steep as pixels allow."""

    def measures(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        grey = grounds(picture)[0].mean(0)
        slope = np.hypot(*np.gradient(grey)) * 2
        slope = np.maximum(
            np.abs(np.diff(grey, axis=0, prepend=grey[:1])), np.abs(np.diff(grey, axis=1, prepend=grey[:, :1]))
        ).clip(slope / 2)
        return maximum_filter(grey, reach) - minimum_filter(grey, reach), maximum_filter(slope, reach)

    contrast, _ = measures(truth)
    strong = contrast > 0.4
    own, slope = measures(values)
    return float(np.median((own / np.maximum(slope, 1e-3))[strong])) if strong.any() else float("nan")


@torch.inference_mode()
def features(values: np.ndarray) -> list[torch.Tensor]:
    """Maps of the encoder at a quarter and an eighth of the side, each place of length 1."""
    low = ENCODER.low(torch.from_numpy(values.clip(-1, 1)).float())
    return [torch.nn.functional.normalize(maps, dim=1) for maps in (low, ENCODER.high(low))]


def compare(folder: Path, size: int) -> tuple[dict[str, tuple[float, float, float]], list[list[Image.Image]]]:
    rows, sheet = {way: [] for way in (*WAYS, "original")}, []
    for file in sorted(folder.iterdir()):
        original = resized(Image.open(file).convert("RGBA"), size, Image.Resampling.BOX)
        truth, small = values_of(original), resized(original, SMALL, Image.Resampling.HAMMING)
        seen = features(truth)
        results = {way: enlarge(small, size) for way, enlarge in WAYS.items()} | {"original": truth}
        for way, values in results.items():
            far = sum((a - b).square().sum(1).mean().item() for a, b in zip(features(values), seen))
            rows[way].append((psnr(values, truth), edge_width(values, truth), far))
        sheet.append([picture_of(results[way]) for way in results])
    return {way: tuple(np.nanmean(np.array(list(zip(*found))), 1)) for way, found in rows.items()}, sheet


def picture_of(values: np.ndarray) -> Image.Image:
    return Image.fromarray(np.rint(255 * grounds(values)[0].clip(0, 1)).astype(np.uint8).transpose(1, 2, 0))


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/finishing.py", description=__doc__.split("\n")[0])
    parser.add_argument("folders", type=Path, nargs="+")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--sheet", type=Path, help="where to draw the first results beside each other")
    parser.add_argument("--rows", type=int, default=4, help="pictures of each folder on the sheet")
    given = parser.parse_args()
    rows: list[list[Image.Image]] = []
    for folder in given.folders:
        found, sheet = compare(folder, given.size)
        rows += sheet[: given.rows]
        print(f"{folder.name}, {len(sheet)} pictures: 64 -> {given.size}")
        print(f"{'':10}{'PSNR, dB':>10}{'edge, px':>10}{'features':>10}")
        for way, (db, width, far) in found.items():
            print(f"{way:10}{db:10.2f}{width:10.2f}{far:10.3f}")
    if given.sheet:
        side = given.size
        canvas = Image.new("RGB", (side * len(rows[0]), side * len(rows) + 16), "white")
        for column, way in enumerate((*WAYS, "original")):
            ImageDraw.Draw(canvas).text((column * side + 4, 2), way, fill="black")
        for y, row in enumerate(rows):
            for x, picture in enumerate(row):
                canvas.paste(picture, (x * side, y * side + 16))
        canvas.save(given.sheet)


ENCODER = load_pretrained_nets()[0]

if __name__ == "__main__":
    main()

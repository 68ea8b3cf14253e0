"""What happens to the drawn picture afterwards: textures, volume, stickers' borders, shadows, pixel art."""

from __future__ import annotations

from functools import lru_cache
from random import Random

import numpy as np
from PIL import Image, ImageFilter

FINISHES = ("none",) * 9 + (
    "painterly",
    "painterly",
    "oil",
    "grain",
    "hatch",
    "halftone",
    "volume",
    "volume",
    "wash",
    "soft",
    "pixels",
    "fur",
    "crisp",
)


@lru_cache
def cloth() -> np.ndarray:
    """Kinds of texture, 4 x 256 x 256 around 0 with deviation 1: clouds, strokes, grain, fur."""
    random = np.random.Generator(np.random.PCG64(7))
    wave = np.fft.fftfreq(256)
    fx, fy = np.meshgrid(wave, wave)
    spectra = (
        1 / (0.01 + np.hypot(fx, fy)) ** 1.6,
        1 / (0.03 + np.hypot(fx * 0.5 + fy * 0.2, fy * 1.1)) ** 1.7,
        np.ones_like(fx),
        np.exp(-(((np.hypot(fx * 3, fy * 0.6) - 0.12) / 0.06) ** 2)),
    )
    layers = [np.fft.ifft2(np.fft.fft2(random.standard_normal((256, 256))) * s).real for s in spectra]
    return np.stack([(a - a.mean()) / a.std() for a in layers]).astype(np.float32)


def texture(random: Random, layer: int, size: int) -> np.ndarray:
    """A size x size piece of a texture, sometimes turned."""
    down, right = ((np.arange(size) + random.randrange(256)) % 256 for _ in range(2))
    piece = cloth()[layer][np.ix_(down, right)]
    return piece.T if random.random() < 0.5 else piece


def pixel_art(random: Random, image: Image.Image) -> Image.Image:
    """Few, hard pixels and few colours."""
    size, cells = image.width, random.choice((16, 21, 24, 32, 32))
    small = image.resize((cells, cells), Image.Resampling.BOX)
    alpha = small.getchannel("A").point(lambda a: 255 if a > 110 else 0)
    colours = (
        small.convert("RGB")
        .quantize(random.choice((6, 10, 16)), Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        .convert("RGB")
    )
    colours.putalpha(alpha)
    return colours.resize((size, size), Image.Resampling.NEAREST)


def finish(random: Random, kind: str, border: bool, shadow: bool, image: Image.Image) -> Image.Image:
    """RGBA in, RGBA out (straight alpha), the same size."""
    size = image.width
    if kind == "pixels":
        return pixel_art(random, image)
    if kind in ("painterly", "grain", "hatch", "halftone", "volume", "wash", "fur"):
        a = np.asarray(image, dtype=np.float32)
        alpha, rgb, strength = a[..., 3:] / 255, a[..., :3], random.uniform(0.02, 0.11)
        if kind == "painterly":
            tone = texture(random, 0, size) * strength + texture(random, 1, size) * strength * random.uniform(0, 0.9)
        elif kind == "grain":
            tone = texture(random, 2, size) * strength * 0.7
        elif kind == "fur":
            tone = texture(random, 3, size) * strength * np.clip(0.6 + texture(random, 0, size) * 0.6, 0, 1.5)
        elif kind in ("hatch", "halftone"):
            y, x = np.mgrid[:size, :size] * (random.uniform(0.7, 2.2) * 64 / size)
            turn = random.uniform(0, 3.14)
            u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
            pattern = np.sin(u) if kind == "hatch" else np.sin(u) * np.sin(v)
            tone = np.clip(pattern * 3, -1, 1) * strength * (1 - rgb.mean(-1) / 255 * 0.7)
        else:
            soft = (
                np.asarray(
                    image.getchannel("A").filter(ImageFilter.GaussianBlur(size * random.uniform(0.03, 0.12))),
                    dtype=np.float32,
                )
                / 255
            )
            if kind == "wash":
                tone = (soft - 0.85) * random.choice((-0.6, 0.5)) + texture(random, 0, size) * strength * 0.6
            else:
                gy, gx = np.gradient(soft)
                turn = random.uniform(2.2, 4.0)
                tone = (gx * np.cos(turn) * -1 + gy) * size * random.uniform(0.06, 0.16)
        mottled = tone[..., None] * np.asarray([random.uniform(0.8, 1.2) for _ in range(3)], dtype=np.float32)
        rgb = np.where(mottled > 0, rgb + (255 - rgb) * np.minimum(mottled, 0.8), rgb * (1 + np.maximum(mottled, -0.8)))
        image = Image.fromarray(
            np.concatenate((np.clip(rgb, 0, 255), alpha * 255), -1).round().astype(np.uint8), "RGBA"
        )
    elif kind == "soft":
        image = (
            image.convert("RGBa").filter(ImageFilter.GaussianBlur(size / 64 * random.uniform(0.3, 0.7))).convert("RGBA")
        )
    elif kind == "oil":
        dabs = image.convert("RGB").filter(ImageFilter.ModeFilter(3 + 2 * round(size / 64 * random.uniform(0, 1))))
        dabs.putalpha(image.getchannel("A"))
        image = Image.blend(image, dabs, random.uniform(0.6, 1))
    elif kind == "crisp":
        image = (
            image.convert("RGBa").filter(ImageFilter.UnsharpMask(size / 64, random.randint(50, 140), 0)).convert("RGBA")
        )
    if border or shadow:
        grown = image.getchannel("A")
        if border:
            wide = 1 + 2 * max(1, round(size / 64 * random.uniform(0.6, 2.4)))
            grown = grown.filter(ImageFilter.MaxFilter(wide)).filter(ImageFilter.GaussianBlur(size / 128))
            ground = Image.new("RGBA", image.size, random.choice(((255, 255, 255), (255, 255, 255), (20, 20, 30))))
            ground.putalpha(grown)
            image = Image.alpha_composite(ground, image)
        if shadow:
            far = round(size / 64 * random.uniform(1, 3))
            dark = Image.new("L", image.size)
            dark.paste(
                grown.filter(ImageFilter.GaussianBlur(size / 64 * random.uniform(0.5, 2))).point(lambda v: v * 2 // 5),
                (far, far),
            )
            under = Image.new("RGBA", image.size, (20, 15, 30))
            under.putalpha(dark)
            image = Image.alpha_composite(under, image)
    return image

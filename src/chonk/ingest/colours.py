"""Any mode and profile -> 8-bit RGBA in sRGB: 16-bit and float greys, CMYK, LAB, palettes, embedded ICC profiles."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageCms

PHOTOMETRIC, WHITE_IS_ZERO = 262, 0
"""The tag of a TIFF that says which way its greys count."""


def to_rgba(image: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGBA; profile: its ICC profile, if it has one."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        image = _deep_grey(image)
    if profile:
        image = _to_srgb(image, profile)
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        image = ImageCms.profileToProfile(image, lab, ImageCms.createProfile("sRGB"), outputMode="RGB") or image
    rgba = image.convert("RGBA")
    gamma = image.info.get("gamma")
    if gamma and not profile and "srgb" not in image.info and abs(2.2 * gamma - 1) > 0.05:
        curve = [round(255 * (level / 255) ** (1 / (2.2 * gamma))) for level in range(256)]
        rgba = rgba.point([*curve * 3, *range(256)])
    return rgba


def _deep_grey(image: Image.Image) -> Image.Image:
    """16-bit, 32-bit and float greys to 8 bits; Pillow's own conversion cuts them off at 255."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    clear = image.info.get("transparency")
    if image.mode.startswith("I;16") or (image.mode == "I" and values.min() >= 0 and values.max() <= 65535):
        top = _white(float(values.max()))
    elif image.mode == "F" and values.min() >= 0 and values.max() <= 1:
        top = 1.0
    else:
        values, top = values - values.min(), max(float(values.max() - values.min()), 1e-9)
    if getattr(image, "tag_v2", {}).get(PHOTOMETRIC) == WHITE_IS_ZERO:  # Pillow turns only 1 and 8 bits round
        values = top - values
    grey = Image.fromarray(np.rint(values / top * 255).clip(0, 255).astype(np.uint8))
    if isinstance(clear, int):
        grey.putalpha(Image.fromarray(np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)))
    return grey


def _white(brightest: float) -> float:
    """The value of white in 16 bits: scanners of 10, 12 or 14 bits leave the upper ones empty, and a picture that is
    darker than that would show nothing anyway."""
    return next((white for bits in (10, 12, 14) if brightest <= (white := 2.0**bits - 1)), 65535.0)


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Colours from the embedded ICC profile to sRGB; a profile that is damaged or of another kind than the pixels is
    ignored."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        space = source.profile.xcolor_space.strip()
        if image.mode in ("P", "PA"):
            image = image.convert("RGBA")
        alpha = image.getchannel("A") if image.mode in ("RGBA", "LA") else None
        if image.info.get("transparency") is not None and image.mode in ("RGB", "L", "1"):
            image = image.convert("RGBA")
            alpha = image.getchannel("A")
        colours = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}.get(space)
        if colours is None or (colours == "CMYK") != (image.mode == "CMYK"):
            return image
        if "srgb" in (source.profile.profile_description or "").lower():
            return image
        converted = ImageCms.profileToProfile(
            image.convert(colours), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def on_white(pixels: np.ndarray) -> Image.Image:
    """RGBA pixels as an RGB picture on white."""
    image = Image.fromarray(pixels)
    ground = Image.new("RGBA", image.size, "white")
    return Image.alpha_composite(ground, image).convert("RGB")

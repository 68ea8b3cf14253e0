"""Stickers as bytes: the best quality that fits a limit."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from PIL import Image

from chonk.draw.apps import Limits
from chonk.errors import ChonkError

QUALITIES = (100, 95, 90, 85, 80, 70, 60, 45, 30, 15)
COLOURS = (256, 128, 64, 32, 16)
SHARES = (1.0, 0.8, 0.65, 0.5, 0.35)
"""Of the frames of an animated PNG that are kept, from the smoothest on; they play as long as all of them would."""
FEW_COLOURS = 64
"""An animated PNG loses frames before it gets fewer colours than that."""
MAX_SINGLE_FRAMES = 1.5
"""Times the limit that the frames one by one may take: together they take less."""
RATES = (20, 28, 34, 40, 46, 52, 58, 63)
"""Constant rate factors of VP9, from the best on."""


def encode(frames: list[Image.Image], limits: Limits, seconds: float = 0.0) -> bytes:
    """RGBA frames of one size, one of a picture that does not move, as a file within the limits; `seconds` is how long
    all of them last.

    Raises ChonkError where nothing fits."""
    for shown, write in _attempts(frames, limits, seconds):
        # One frame alone tells at once that many will be far too large; not of a video, whose further ones are small.
        alike = len(shown) > 1 and limits.ending != ".webm"
        if alike and len(write(shown[:1])) * len(shown) > MAX_SINGLE_FRAMES * limits.max_bytes:
            continue
        if len(data := write(shown)) < limits.max_bytes:
            return data
    raise ChonkError(f"a sticker does not fit into {limits.max_bytes:,} bytes")


Write = Callable[[list[Image.Image]], bytes]


def _attempts(frames: list[Image.Image], limits: Limits, seconds: float) -> Iterator[tuple[list[Image.Image], Write]]:
    """From the best quality on: frames, and what makes a file of them."""
    moves, ending = len(frames) > 1, limits.ending
    save = partial(_saved, durations=_durations(range(len(frames)), len(frames), seconds), loop=limits.loops)
    if ending == ".webm":
        yield from ((frames, partial(webm, seconds=seconds, rate=rate)) for rate in RATES)
    elif ending == ".webp":
        if not moves:
            yield frames, partial(save, kind="WEBP", lossless=True, quality=80, method=4)
        for quality in QUALITIES:
            alpha = max(60, quality)
            options: dict[str, Any] = {"quality": quality, "alpha_quality": alpha, "method": 2 if moves else 4}
            yield frames, partial(save, kind="WEBP", **options)
    else:
        save = partial(save, kind="PNG", optimize=True)
        yield frames, save
        if not moves:
            yield from ((in_colours(frames, colours), save) for colours in COLOURS)
            return
        for colours in (COLOURS[: COLOURS.index(FEW_COLOURS) + 1], COLOURS[COLOURS.index(FEW_COLOURS) + 1 :]):
            for share in SHARES:
                kept = sorted({round(i / share) for i in range(round(share * len(frames)))})
                durations = _durations(kept, len(frames), seconds)
                for count in colours:
                    yield in_colours([frames[i] for i in kept], count), partial(save, durations=durations)


def _durations(kept: Sequence[int], count: int, seconds: float) -> list[int]:
    """How long each kept one of `count` frames is shown, in milliseconds, until the next one's turn."""
    starts = [round(1000 * seconds * i / count) for i in (*kept, count)]
    return [max(8, after - before) for before, after in pairwise(starts)]


def _saved(frames: list[Image.Image], *, durations: list[int], loop: int, kind: str, **options) -> bytes:
    data = io.BytesIO()
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:], "duration": durations, "loop": loop}
    frames[0].save(data, kind, **options)
    return data.getvalue()


def in_colours(frames: list[Image.Image], colours: int) -> list[Image.Image]:
    """The frames in so many colours and transparencies, the same ones in all of them."""
    width, height = frames[0].size
    strip = Image.new("RGBA", (width, height * len(frames)))
    for i, frame in enumerate(frames):
        strip.paste(frame, (0, i * height))
    few = strip.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return [few.crop((0, i * height, width, (i + 1) * height)) for i in range(len(frames))]


def webm(frames: list[Image.Image], *, seconds: float, rate: int) -> bytes:
    """VP9 with alpha, without sound."""
    import av

    data = io.BytesIO()
    fps = Fraction(len(frames) / seconds).limit_denominator(1000)
    with av.open(data, "w", format="webm") as video:
        stream = video.add_stream(
            "libvpx-vp9",
            rate=fps,
            options={"crf": str(rate), "b": "0", "auto-alt-ref": "0", "deadline": "good", "cpu-used": "4"},
        )
        stream.width, stream.height = frames[0].size
        stream.pix_fmt = "yuva420p"
        for frame in frames:
            video.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(frame), "rgba").reformat(format="yuva420p")))
        video.mux(stream.encode())
    return data.getvalue()

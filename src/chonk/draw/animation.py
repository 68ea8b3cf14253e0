"""Frames -> a file that moves: animated WebP (keeps transparency), GIF or MP4 (on a ground of one colour)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from chonk.ingest.ours import SOFTWARE, signature

MOVING = (".webp", ".gif", ".mp4")
WHITE = (255, 255, 255)


def flatten(picture: Image.Image, ground: tuple[int, int, int] = WHITE) -> Image.Image:
    """The picture on a ground of one colour, RGB."""
    if picture.mode == "RGB":
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, (*ground, 255)), picture).convert("RGB")


def save_moving(
    frames: Sequence[Image.Image], file: Path, seconds: float, fps: int = 25, ground: tuple[int, int, int] = WHITE
) -> None:
    """Writes frames of one size that together last `seconds`, in the format of the file's ending (one of MOVING).

    WebP and GIF play for ever.  GIF knows no half-transparent pixels and MP4 no transparent ones, so these two are put
    on `ground`.  `fps` is how finely time is cut in an MP4."""
    if file.suffix == ".mp4":
        return _save_mp4(frames, file, seconds, fps, ground)
    milliseconds = max(20, round(1000 * seconds / len(frames)))
    if file.suffix == ".gif":
        frames = [flatten(frame, ground) for frame in frames]
    options: dict[str, Any] = signature(file.suffix)
    if file.suffix == ".webp":
        options |= {"quality": 88, "method": 3, "background": (255, 255, 255, 0)}
    frames[0].save(file, save_all=True, append_images=frames[1:], duration=milliseconds, loop=0, **options)


def _save_mp4(
    frames: Sequence[Image.Image], file: Path, seconds: float, fps: int, ground: tuple[int, int, int]
) -> None:
    """H.264 in yuv420p, which every player knows; it wants even sides, so an odd one gets a row of the ground more."""
    import av

    width, height = (side + side % 2 for side in frames[0].size)
    with av.open(str(file), "w", options={"movflags": "faststart"}) as video:
        video.metadata["comment"] = SOFTWARE
        stream = video.add_stream("libx264", rate=fps, options={"crf": "16", "preset": "slow"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = Fraction(1, fps)
        for moment in range(max(1, round(seconds * fps))):
            frame = frames[min(len(frames) - 1, moment * len(frames) // max(1, round(seconds * fps)))]
            canvas = Image.new("RGB", (width, height), ground)
            canvas.paste(flatten(frame, ground))
            video.mux(stream.encode(av.VideoFrame.from_ndarray(np.asarray(canvas), "rgb24")))
        video.mux(stream.encode())

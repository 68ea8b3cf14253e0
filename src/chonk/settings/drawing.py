"""The settings of `chonk draw`, and of each thing that it draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from chonk.paths import Source
from chonk.settings.common import (
    Cells,
    Hidden,
    MaybeInt,
    MaybePath,
    MaybeStr,
    MaybeThree,
    Seed,
    Settings,
    Truncation,
)
from chonk.validation import Pattern, Range


@dataclass(frozen=True)
class Samples(Settings):
    """One file a picture, transparent where the model is."""

    count: Annotated[int, Range(1, 1_000_000)] = 100
    """How many."""
    first: Annotated[int, Range(0, 1_000_000)] = 0
    """Number of the first one within the seed."""


@dataclass(frozen=True)
class Grid(Settings):
    """Random pictures on one sheet."""

    rows: Cells = 5
    """Pictures from top to bottom."""
    columns: Cells = 5
    """Pictures from left to right."""


@dataclass(frozen=True)
class Corners(Settings):
    """The blend between four pictures."""

    rows: Cells = 5
    """Pictures from top to bottom."""
    columns: Cells = 5
    """Pictures from left to right."""
    top_left: MaybeThree = None
    """Three numbers for this corner (default: a random picture of the seed)."""
    top_right: MaybeThree = None
    """Three numbers for this corner (default: a random picture of the seed)."""
    bottom_left: MaybeThree = None
    """Three numbers for this corner (default: a random picture of the seed)."""
    bottom_right: MaybeThree = None
    """Three numbers for this corner (default: a random picture of the seed)."""


@dataclass(frozen=True)
class Arithmetic(Settings):
    """base - minus + plus = result."""

    base: MaybeThree = None
    """Three numbers for this picture (default: a random picture of the seed)."""
    minus: MaybeThree = None
    """Three numbers for this picture (default: a random picture of the seed)."""
    plus: MaybeThree = None
    """Three numbers for this picture (default: a random picture of the seed)."""


@dataclass(frozen=True)
class Walk(Settings):
    """A round trip from picture to picture, as animated WebP, GIF or MP4."""

    stops: Annotated[int, Range(2, 1000)] = 6
    """How many pictures it passes."""
    seconds: Annotated[float, Range(0, 60, above=True)] = 1.0
    """Time from one to the next."""
    fps: Annotated[int, Range(1, 60)] = 24
    """Frames per second."""


@dataclass(frozen=True)
class Film(Settings):
    """The film of the training: the same sixteen inputs again and again, as MP4 and animated WebP."""

    seconds: Annotated[float, Range(0, 600, above=True)] = 12.0
    """How long it plays."""


@dataclass(frozen=True)
class Stickers(Settings):
    """Single transparent pictures, large enough for a messenger."""

    count: Annotated[int, Range(1, 10_000)] = 12
    """How many."""
    svg: bool = False
    """Trace them to SVG too (needs: pip install 'chonk[svg]')."""


@dataclass(frozen=True)
class Pack(Settings):
    """A pack of stickers within the limits of an app: the files, a contact sheet, and the archive where the app takes
    one."""

    app: Annotated[Literal["whatsapp", "telegram", "signal", "imessage", "line", "discord"], arg(name="for")] = (
        "whatsapp"
    )
    """The app that they are for."""
    count: Annotated[int, Range(1, 200)] = 24
    """How many: those of four times as many that are whole and differ most from each other."""
    picks: Annotated[tuple[int, ...], Range(0, 100_000), arg(metavar="N", help_behavior_hint="")] = ()
    """Take these pictures of the seed instead, by the numbers that `samples` gives them, counted from 1."""
    links: Annotated[tuple[str, ...], arg(metavar="LINK", help_behavior_hint="")] = ()
    """Take what these links of the page show instead, or those in a text file (links.txt of a pack that the page
    made)."""
    emoji: Annotated[tuple[str, ...], arg(metavar="EMOJI", help_behavior_hint="")] = ()
    """What the stickers stand for, one after the other and from the beginning again (default: what the names of the
    training pictures say that they look most like)."""
    moves: Annotated[Literal["breathe", "walk"] | None, arg(metavar="{breathe,walk}", help_behavior_hint="")] = None
    """Stickers that move: breathe, or turn into the one that they are most like and back."""
    author: str = "chonk"
    """Whom the app names as the maker."""
    side: Annotated[MaybeInt, Range(1, 618)] = None
    """Width in pixels where the app takes several: 300, 408 or 618 for imessage (default: 408)."""


@dataclass(frozen=True)
class Hunt(Settings):
    """The stickers of Sticker Hunt to print, cut out and hide: a PDF with cutting lines, the most different ones
    first."""

    count: Hidden = 30
    """How many; as many as the page was made with."""
    paper: Literal["a4", "letter"] = "a4"
    """Size of the paper."""
    pictures: bool = False
    """Pictures of the training set instead of generated ones, as the page was made with."""


@dataclass(frozen=True)
class Draw(Settings):
    """Pictures out of a trained model.

    example: chonk draw my-stickers.chonk samples --count 1000 --out samples

    example: chonk draw my-stickers.chonk pack --for whatsapp --count 24 --out stickers

    example: chonk draw my-stickers.chonk film --out film.mp4

    example: chonk draw my-stickers.chonk hunt --paper letter

    example: chonk draw my-stickers.chonk --link "http://127.0.0.1:8000/#..."
    """

    run: Positional[
        Annotated[
            Path | None,
            Source(model=True, taken="one RUN and one thing to draw at a time"),
            arg(metavar="[RUN]", help_behavior_hint=""),
        ]
    ] = None
    """The folder of a run, or what `chonk make` left."""
    what: Samples | Grid | Corners | Arithmetic | Walk | Film | Stickers | Pack | Hunt = field(default_factory=Grid)
    """What to draw."""
    out: MaybePath = None
    """A folder, or a file whose ending says the format: .png, .webp, .gif, .mp4 (default: in the current folder)."""
    seed: Seed = 0
    """Which random pictures: the same seed gives the same ones everywhere, on the page too."""
    truncation: Truncation = None
    """Scale of the latents (default: the model's own); smaller is tamer."""
    size: Annotated[MaybeInt, Range(16, 4096)] = None
    """Width and height of each picture, in pixels; larger ones than the model's own are finished, with crisp edges
    (default: 512 for stickers, the model's own for samples, 256 for everything else; packs have the sizes of their
    apps)."""
    scale: Annotated[int, Range(1, 64)] = 1
    """Show the model's own pixels, each magnified this many times, instead of finished pictures."""
    background: Annotated[MaybeStr, Pattern("#[0-9a-fA-F]{6}", "a colour as #rrggbb, for example #ffe0f0")] = None
    """Colour behind transparent pictures as #rrggbb (default: transparent where the format can, else white)."""
    link: MaybeStr = None
    """A link copied from a page: draws what it shows."""
    json: bool = False
    """Print the names of the files written as one JSON object."""

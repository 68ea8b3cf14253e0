"""The settings of what leads to a model: make, gather, train, tune."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from tyro.conf import Positional, arg

from chonk.paths import Source
from chonk.settings.common import (
    Assignments,
    MaybeFloat,
    MaybeInt,
    MaybeMinutes,
    MaybeNewFolder,
    MaybeSize,
    MaybeStr,
    Minutes,
    NewFolder,
    Seed,
    Settings,
    Show,
    Size,
    own_first,
)
from chonk.validation import Pattern, Range

INTO_ONE = Source(taken="one folder or file: put several into one folder, for its subfolders are read too")
ONE_SET = Source(taken="one set: gather several folders into it, one after the other (chonk gather FOLDER --out SET)")
DEFAULT_OBJECTIVE = "chonk"
"""The collage, or the mosaic where its settings are given (`chonk.learn.objectives.resolve`)."""


@dataclass(frozen=True, kw_only=True)
class Recipe(Settings):
    """What is trained with."""

    objective: str = DEFAULT_OBJECTIVE
    """What to train with: chonk (the collage), mosaic, collage, began, ebgan or wgan."""
    preset: MaybeStr = None
    """Published settings by name, for example the original's three: began-2018-1, began-2018-2 or began-2018-3."""
    seed: Seed = 0
    """Start of all random numbers."""
    json: bool = False
    """Print the result as one JSON object."""


@dataclass(frozen=True, kw_only=True)
class Training(Recipe):
    """How it is trained with."""

    kimg: Annotated[MaybeFloat, Range(0, 1_000_000_000, above=True)] = None
    """How long to train, in thousands of pictures shown."""
    cpu_time: bool = False
    """Let --minutes be minutes of computing, not of the clock on the wall: for a machine that others use too."""
    threads: Annotated[MaybeInt, Range(1, 1024)] = None
    """CPU threads (default: what a second of timing at the start finds fastest)."""
    set: Assignments = ()
    """The objective's own settings, for example: --set gamma=0.5 filters=64."""


@own_first
@dataclass(frozen=True)
class Make(Recipe):
    """The whole way: gather, train, score, page; then look at it. Given again, it goes on where it was.

    example: chonk make my-stickers --minutes 20
    """

    folder: Positional[Annotated[Path | None, INTO_ONE, arg(metavar="[FOLDER]", help_behavior_hint="")]] = None
    """A folder, a ZIP archive or a single file; the built-in character without one."""
    out: MaybeNewFolder = None
    """The folder to leave everything in (default: FOLDER's name with .chonk, in the current folder)."""
    minutes: Minutes = 20.0
    """How long to train."""
    size: MaybeSize = None
    """Width and height of the pictures, in pixels (default: 64, or 128 where pictures and time allow it; it says which
    and why)."""
    character: Annotated[int, Range(1, 100_000)] = 400
    """How many pictures of the built-in character, where no FOLDER is given."""
    cutout: bool = False
    """Remove a flat background from pictures that have no transparency."""
    split_sheets: bool = False
    """Take every figure of a sheet (sprites or stickers in rows and columns) as a picture of its own."""
    show: Show = True
    """Serve the page and open it at the end, where somebody sits at the terminal."""


@dataclass(frozen=True)
class Gather(Settings):
    """Any files in; clean, deduplicated pictures of one size and a report out.

    example: chonk gather my-stickers --out pictures
    """

    source: Positional[Annotated[Path | None, INTO_ONE, arg(metavar="[SOURCE]", help_behavior_hint="")]] = None
    """A folder, a ZIP archive or a single file; not needed with --character."""
    out: NewFolder = Path("pictures")
    """The folder to make. Given again, it keeps what it has and adds only what is new."""
    size: Size = 64
    """Width and height of every picture, in pixels (8 to 1024)."""
    character: Annotated[MaybeInt, Range(1, 100_000)] = None
    """Draw this many pictures of the built-in character instead of reading a source."""
    seed: Seed = 0
    """Which pictures of the built-in character (the same seed gives the same ones)."""
    background: Annotated[
        str, Pattern("keep|white|black|#[0-9a-fA-F]{6}", "keep, white, black or a colour as #rrggbb")
    ] = "keep"
    """What stands behind transparent pictures: keep (stay transparent), white, black or a colour as #rrggbb."""
    cutout: bool = False
    """Remove a flat background (white or any colour) from pictures that have no transparency."""
    frames: Annotated[int, Range(1, 64)] = 1
    """How many different frames to take from each animated file."""
    split_sheets: bool = False
    """Take every figure of a sheet (sprites or stickers in rows and columns) as a picture of its own."""
    keep_duplicates: bool = False
    """Keep copies (exact, re-encoded, resized, mirrored) instead of taking each picture once."""
    json: bool = False
    """Print the result as one JSON object."""


@own_first
@dataclass(frozen=True)
class Train(Training):
    """Learn to draw a folder of pictures. Given an unfinished RUN again, it goes on; Ctrl-C keeps everything.

    example: chonk train pictures --out run --minutes 20
    """

    pictures: Positional[Annotated[Path, ONE_SET, arg(metavar="PICTURES")]]
    """A folder that `chonk gather` made."""
    out: NewFolder = Path("run")
    """The folder of the run."""
    minutes: MaybeMinutes = None
    """How long to train (default: 20 minutes where --kimg does not say it either)."""
    batch: Annotated[MaybeInt, Range(1, 4096)] = None
    """Pictures per step (default: the objective's own)."""


@own_first
@dataclass(frozen=True)
class Tune(Training):
    """Search for good settings: many short trainings, hopeless ones ended early. Needs: pip install 'chonk[tune]'

    example: chonk tune pictures --objective began --trials 20 --minutes 5

    example: chonk tune pictures --search gamma=0.3,0.5,0.7 --search learning_rate=1e-4,5e-4 --set filters=32
    """

    pictures: Positional[Annotated[Path, ONE_SET, arg(metavar="PICTURES")]]
    """A folder that `chonk gather` made."""
    out: NewFolder = Path("tune")
    """The folder of the search. Given again, it goes on; given several times at once, the trials are shared out."""
    trials: Annotated[int, Range(1, 1_000_000)] = 20
    """How many trainings to try, all together."""
    minutes: MaybeMinutes = None
    """How long a trial trains (default: 5 minutes where --kimg does not say it either)."""
    ray: Annotated[str | None, arg(metavar="ADDRESS", help_behavior_hint="")] = None
    """Spread the trials over the Ray cluster at this address; local starts one here, auto finds the running one. All of
    its machines must see PICTURES and OUT. Needs: pip install 'chonk[ray]'"""
    search: Annotated[tuple[str, ...], arg(metavar="KEY=VALUE,VALUE", help_behavior_hint="")] = ()
    """The settings to search, each with its values (default: the objective's own table)."""

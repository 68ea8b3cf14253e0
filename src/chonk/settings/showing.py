"""The settings of what is done with a model: score, page, serve, demo."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from tyro.conf import Positional, arg

from chonk.paths import Source
from chonk.settings.common import (
    Hidden,
    HostNames,
    MaybeInt,
    MaybeOutFolder,
    MaybePath,
    MaybeStr,
    NewFolder,
    Port,
    Settings,
    Show,
    own_first,
)
from chonk.validation import Range


@dataclass(frozen=True)
class Score(Settings):
    """Is it good, varied and new? Figures, plain words, and pictures that show why.

    example: chonk score my-stickers.chonk
    """

    run: Positional[Annotated[Path, Source(model=True), arg(metavar="RUN")]]
    """The folder of a run, or what `chonk make` left."""
    pictures: Annotated[MaybePath, Source()] = None
    """The pictures it was trained on (default: where the run says they are)."""
    count: Annotated[MaybeInt, Range(20, 100_000)] = None
    """How many results to judge (default: five for every training picture, 500 to 1000)."""
    features: Annotated[Literal["inception", "dinov2"] | None, arg(help_behavior_hint="")] = None
    """A second opinion on pretrained features, inception or dinov2: downloads them at first use (needs: pip install
    'chonk[fidelity]')."""
    out: MaybeOutFolder = None
    """Folder for score.json and score.html (default: in the run, or beside it where `chonk make` made it)."""
    json: bool = False
    """Print the verdict as one JSON object."""


@dataclass(frozen=True)
class Page(Settings):
    """One or several runs -> a folder for any web host, in which every visitor draws.

    example: chonk page my-stickers.chonk --out page
    """

    runs: Positional[
        Annotated[tuple[Path, ...], Source(model=True), arg(metavar="RUN [RUN ...]", help_behavior_hint="(required)")]
    ]
    """Folders of runs, or what `chonk make` left: one model each."""
    out: NewFolder = Path("page")
    """The folder to make."""
    title: MaybeStr = None
    """Title of the page (default: the first model's)."""
    address: MaybeStr = None
    """Where the page will be on the web, for example https://me.github.io/cats/: messengers then show a card."""
    thumbnails: bool = False
    """Publish small pictures of the training set on the page, for "is it new?"; without, only the distance is shown."""
    hunt: bool = False
    """Put Sticker Hunt on the page, with the stickers that `chonk draw RUN hunt` prints; teaching it to see them takes
    two minutes."""
    hunt_pictures: bool = False
    """Hide pictures of the training set in the hunt, which publishes them, instead of generated ones."""
    hunt_count: Hidden = 30
    """How many stickers are hidden."""
    precision: Literal["auto", "int6", "int8", "fp16", "fp32"] = "auto"
    """How weights are stored: int6, int8, fp16, fp32, or auto for the smallest that keeps the pictures."""
    json: bool = False
    """Print the result as one JSON object."""


@dataclass(frozen=True, kw_only=True)
class Serving(Settings):
    """How a page is shown on this machine."""

    port: Port = None
    """Port on 127.0.0.1 (default: 8000, or any free one where that is taken)."""
    host_name: HostNames = ()
    """Other names under which browsers may ask for it, for example localhost:9000 where that port is forwarded here."""
    show: Show = True
    """Open it in the browser, where somebody sits at the terminal."""


@own_first
@dataclass(frozen=True)
class Serve(Serving):
    """Look at a page on this machine, and only on this machine.

    example: chonk serve my-stickers.chonk/page
    """

    folder: Positional[Annotated[Path, Source(taken="one page at a time"), arg(metavar="DIR")]]
    """The folder that `chonk page` made, or what `chonk make` left."""


@dataclass(frozen=True)
class Demo(Serving):
    """Open the page with the models of the built-in character that come with chonk. No training.

    example: chonk demo
    """

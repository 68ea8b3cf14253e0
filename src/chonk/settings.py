"""The settings of every command: one frozen dataclass each, which tyro turns into the command line.

Nothing heavy is imported here: `chonk --help` reads this file and answers at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from tyro.conf import Positional, arg

from chonk.validation import Folder, Pattern, Range, check, flag

DEFAULT_OBJECTIVE = "chonk"
"""The collage or the mosaic, whichever suits the pictures (`chonk.learn.objectives.resolve`)."""

MaybePath = Annotated[Path | None, arg(metavar="PATH", help_behavior_hint="")]
MaybeInt = Annotated[int | None, arg(metavar="INT", help_behavior_hint="")]
MaybeFloat = Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint="")]
MaybeStr = Annotated[str | None, arg(metavar="STR", help_behavior_hint="")]
HostNames = Annotated[tuple[str, ...], arg(metavar="NAME", help_behavior_hint="")]
MaybeThree = Annotated[tuple[float, float, float] | None, arg(metavar="X Y Z", help_behavior_hint=""), Range(-100, 100)]
Assignments = Annotated[tuple[str, ...], arg(metavar="KEY=VALUE", help_behavior_hint="")]
OutFolder = Annotated[Path, Folder()]
MaybeOutFolder = Annotated[MaybePath, Folder()]
Seed = Annotated[int, Range(0, 2**32 - 1)]
Size = Annotated[int, Range(8, 1024)]
MaybeSize = Annotated[MaybeInt, Range(8, 1024)]
Minutes = Annotated[float, Range(0, 1_000_000, above=True)]
MaybeMinutes = Annotated[MaybeFloat, Range(0, 1_000_000, above=True)]
Truncation = Annotated[MaybeFloat, Range(0, 10)]
Port = Annotated[MaybeInt, Range(0, 65535)]
Cells = Annotated[int, Range(1, 10_000)]
Hidden = Annotated[int, Range(2, 100)]
Show = Annotated[bool, arg(help="Only say where it is, and do not open it in the browser.", help_behavior_hint="")]


class Settings:
    """What all of them have in common: values that are out of range cannot be set.  Raises UserError."""

    def __post_init__(self) -> None:
        check(type(self), vars(self), flag)


def own_first(kind: Any) -> Any:
    """Settings whose inherited fields come last, so that --help begins with what the command is about."""
    fields = kind.__dataclass_fields__
    kind.__dataclass_fields__ = {name: fields[name] for name in (*kind.__annotations__, *fields)}
    return kind


@dataclass(frozen=True, kw_only=True)
class Recipe(Settings):
    """What is trained with."""

    objective: str = DEFAULT_OBJECTIVE
    """What to train with: chonk (the collage where the pictures lie on top of each other, else the mosaic), mosaic,
    collage, began, ebgan or wgan."""
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

    folder: Positional[Annotated[Path | None, arg(metavar="[FOLDER]", help_behavior_hint="")]] = None
    """A folder, a ZIP archive or a single file; the built-in character without one."""
    out: MaybeOutFolder = None
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

    source: Positional[Annotated[Path | None, arg(metavar="[SOURCE]", help_behavior_hint="")]] = None
    """A folder, a ZIP archive or a single file; not needed with --character."""
    out: OutFolder = Path("pictures")
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

    pictures: Positional[Annotated[Path, arg(metavar="PICTURES")]]
    """A folder that `chonk gather` made."""
    out: OutFolder = Path("run")
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

    pictures: Positional[Annotated[Path, arg(metavar="PICTURES")]]
    """A folder that `chonk gather` made."""
    out: OutFolder = Path("tune")
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


@dataclass(frozen=True)
class Score(Settings):
    """Is it good, varied and new? Figures, plain words, and pictures that show why.

    example: chonk score my-stickers.chonk
    """

    run: Positional[Annotated[Path, arg(metavar="RUN")]]
    """The folder of a run, or what `chonk make` left."""
    pictures: MaybePath = None
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

    runs: Positional[Annotated[tuple[Path, ...], arg(metavar="RUN [RUN ...]", help_behavior_hint="(required)")]]
    """Folders of runs, or what `chonk make` left: one model each."""
    out: OutFolder = Path("page")
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


@dataclass(frozen=True)
class Serve(Settings):
    """Look at a page on this machine, and only on this machine.

    example: chonk serve my-stickers.chonk/page
    """

    folder: Positional[Annotated[Path, arg(metavar="DIR")]]
    """The folder that `chonk page` made, or what `chonk make` left."""
    port: Port = None
    """Port on 127.0.0.1 (default: 8000, or any free one where that is taken)."""
    host_name: HostNames = ()
    """Other names under which browsers may ask for it, for example localhost:9000 where that port is forwarded here."""
    show: Show = True
    """Open it in the browser, where somebody sits at the terminal."""


@dataclass(frozen=True)
class Demo(Settings):
    """Open the page with the models of the built-in character that come with chonk. No training.

    example: chonk demo
    """

    port: Port = None
    """Port on 127.0.0.1 (default: 8000, or any free one where that is taken)."""
    host_name: HostNames = ()
    """Other names under which browsers may ask for it, for example localhost:9000 where that port is forwarded here."""
    show: Show = True
    """Open it in the browser, where somebody sits at the terminal."""


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
    """Stickers that move: breathe, or turn into the next one and back."""
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

    run: Positional[Annotated[Path | None, arg(metavar="[RUN]", help_behavior_hint="")]] = None
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

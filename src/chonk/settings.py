"""The settings of every command: one frozen dataclass each, which tyro turns into the command line.

Nothing heavy is imported here: `chonk --help` reads this file and answers at once."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Gather:
    """Any files in; clean, deduplicated pictures of one size and a report out."""

    source: Path | None = None
    """A folder, a ZIP archive or a single file; not needed with --character."""
    out: Path = Path("pictures")
    """The folder to make. Given again, it keeps what it has and adds only what is new."""
    size: int = 64
    """Width and height of every picture, in pixels (8 to 1024)."""
    character: int | None = None
    """Draw this many pictures of the built-in character instead of reading a source."""
    seed: int = 0
    """Which pictures of the built-in character (the same seed gives the same ones)."""
    background: str = "keep"
    """What stands behind transparent pictures: keep (stay transparent), white, black or a colour as #rrggbb."""
    cutout: bool = False
    """Remove a flat background (white or any colour) from pictures that have no transparency."""
    frames: int = 1
    """How many different frames to take from each animated file."""
    keep_duplicates: bool = False
    """Keep copies (exact, re-encoded, resized, mirrored) instead of taking each picture once."""
    json: bool = False
    """Print the result as one JSON object."""

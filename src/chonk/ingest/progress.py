"""One progress bar with time left, on a terminal only."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")


def track(items: Sequence[T], quiet: bool) -> Iterable[T]:
    """The items, with a bar on stderr while they are gone through."""
    if quiet or not sys.stderr.isatty():
        return items
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("reading pictures"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return _bar(items, Progress(*columns, console=Console(stderr=True)))


def _bar(items: Sequence[T], progress: Progress) -> Iterator[T]:
    with progress:
        yield from progress.track(items)

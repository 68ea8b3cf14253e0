"""The two ways a command ends badly, each worded for the person at the keyboard."""

from __future__ import annotations

from collections.abc import Iterable

MAX_LETTERS = 1000


def one_line(message: str) -> str:
    """A message as one line of bounded length that any terminal can show: it may quote a stranger's file."""
    line = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in " ".join(message.split()))
    return line if len(line) <= MAX_LETTERS else f"{line[: MAX_LETTERS * 3 // 4]} ... {line[-MAX_LETTERS // 4 :]}"


class ChonkError(Exception):
    """Something went wrong that a person can understand.  The message names what, where and what to do, in one line."""

    exit_code = 1

    def __init__(self, message: str) -> None:
        super().__init__(one_line(message))


class UserError(ChonkError):
    """A mistake in what we were given (a path, a setting, a file): nothing was done, correct it and call again."""

    exit_code = 2


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """What may have been meant by a word that is not known, to be put behind it; nothing where none is like it."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower(), list(known), 1)
    return f"; did you mean {close[0]}?" if close else ""


def out_of_memory(error: BaseException) -> bool:
    """Whether an error means that there was too little memory: Python's own, or torch's on any device."""
    words = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, (RuntimeError, ImportError))
        and any(said in words for said in ("allocate memory", "out of memory", "start new thread", "map segment"))
    )

"""The standard streams of a command: whoever reads them may go away, and that ends no work."""

from __future__ import annotations

import errno
import io
import os
import select
import signal
import sys

GONE = (errno.EPIPE, errno.EIO, errno.EBADF)
"""Errors by which a stream has lost its reader: it has seen enough, its terminal was closed, or there never was one."""
INHERITED = signal.getsignal(signal.SIGHUP) if hasattr(signal, "SIGHUP") else None
"""What a closed terminal was to do when the process began."""


class Stream(io.FileIO):
    """A standard stream.  After the first error what is written is dropped; `lost` tells which error it was."""

    lost: OSError | None = None

    def write(self, data) -> int:
        while self.lost is None:
            try:
                if (written := super().write(data)) is not None:
                    return written
                select.select([], [self], [])  # the other end made it non-blocking, and is slow
            except OSError as error:
                self.lost = error
        return len(data)


def open_streams() -> tuple[Stream, Stream]:
    """Puts such streams in the place of sys.stdout and sys.stderr, and returns them.

    A closed one is /dev/null: were its number free, the next file to be opened would get it, and what is printed.  What
    the terminal's encoding cannot hold is shown as backslash escapes."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    sys.stdin = sys.stdin or io.TextIOWrapper(io.FileIO(0, closefd=False))
    opened = []
    for name, number in (("stdout", 1), ("stderr", 2)):
        former = getattr(sys, name)
        opened.append(Stream(number, "w", closefd=False))
        setattr(
            sys,
            name,
            io.TextIOWrapper(
                io.BufferedWriter(opened[-1]),
                encoding=former.encoding if former else "utf-8",
                errors="backslashreplace",
                line_buffering=name == "stderr" or os.isatty(number),
            ),
        )
    first, second = opened
    return first, second


def outlive_terminal() -> None:
    """Lets the process go on when its terminal is closed (SIGHUP), as nohup does."""
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)


def end_with_terminal() -> None:
    """Lets a closed terminal (SIGHUP, but under nohup) and SIGTERM end the process as Ctrl-C does: what was opened for
    as long as it runs is closed, and what was put into a temporary folder goes."""

    def end(number: int, _frame: object) -> None:
        sys.exit(128 + number)

    signal.signal(signal.SIGTERM, end)
    if INHERITED not in (None, signal.SIG_IGN):
        signal.signal(signal.SIGHUP, end)

"""The command line, without any logic: a command is a settings dataclass and a function, imported when it runs."""

from __future__ import annotations

import errno
import os
import platform
import sys
import traceback
from importlib import import_module
from inspect import cleandoc

from chonk import __version__
from chonk.arguments import parse_arguments
from chonk.errors import ChonkError, did_you_mean, one_line, out_of_memory
from chonk.paths import check_paths
from chonk.requirements import OLDEST_PYTHON, short_of_memory, unsupported
from chonk.terminal import GONE, end_with_terminal, open_streams, outlive_terminal

COMMANDS = {
    "make": ("Make", "chonk.make:make"),
    "gather": ("Gather", "chonk.ingest.gather:gather"),
    "train": ("Train", "chonk.commands:train"),
    "tune": ("Tune", "chonk.tune:tune"),
    "draw": ("Draw", "chonk.draw:draw"),
    "score": ("Score", "chonk.judge.score:score"),
    "page": ("Page", "chonk.commands:page"),
    "serve": ("Serve", "chonk.play.serve:serve"),
    "demo": ("Demo", "chonk.play.demo:demo"),
}
"""Each command's class of settings in `chonk.settings`, and the function that takes them."""
SERVERS = ("serve", "demo")
"""Commands that end when their terminal is closed; the others finish their work."""


def main() -> None:
    """The entry point of the `chonk` command: runs it and exits with its code."""
    output, _ = open_streams()
    args = sys.argv[1:]
    if args and args[0] in SERVERS:
        end_with_terminal()
    else:
        outlive_terminal()
    code = run(args)
    sys.stdout.flush()
    if output.lost and output.lost.errno not in GONE:
        code = report_end(f"standard output: {system_error(output.lost)}", 1)
    sys.stderr.flush()
    sys.exit(code)


def run(args: list[str]) -> int:
    """Runs one command; the exit code is 0, 1 (a failure), 2 (the user's mistake) or 130 (interrupted).

    Whatever ends a command is reported in one line on standard error.  CHONK_DEBUG=1 adds the traceback."""
    if sys.version_info < OLDEST_PYTHON:
        return report_end(
            f"Python {platform.python_version()} is too old; chonk needs {'.'.join(map(str, OLDEST_PYTHON))} or newer "
            f"(docs/safety.md)",
            1,
        )
    try:
        return command(args)
    except ChonkError as error:
        return report_end(str(error), error.exit_code)
    except KeyboardInterrupt:
        return report_end("interrupted; the same command goes on where this one was", 130)
    except OSError as error:
        return report_end(system_error(error), 1)
    except Exception as error:
        if out_of_memory(error):
            return report_end(
                "not enough memory; try smaller pictures (gather --size), a smaller batch (train --batch) or fewer at "
                "a time (--count)",
                1,
            )
        return report_end(
            f"{type(error).__name__}: {str(error)[:300]} - this is our mistake, not yours: please report it with the "
            f"output of CHONK_DEBUG=1 chonk {' '.join(args)}",
            1,
        )


def command(args: list[str]) -> int:
    """Finds a command, parses its settings and calls it."""
    if args[:1] == ["help"] and len(args) > 1:
        args = [args[1], "--help"]
    if not args or args[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if args else 2
    if args[0] in ("-V", "--version"):
        print(f"chonk {__version__}")
        return 0
    if args[0] not in COMMANDS:
        return report_end(
            f"{args[0]}: no such command{did_you_mean(args[0], COMMANDS)}; there are {', '.join(COMMANDS)}", 2
        )
    settings = parse(args[0], args[1:])
    if settings is None:
        return 0
    if problem := short_of_memory(args[0]) or unsupported():
        return report_end(problem, 1)
    check_paths(settings)
    module, function = COMMANDS[args[0]][1].split(":")
    getattr(import_module(module), function)(settings)
    return 0


def settings_class(name: str) -> type:
    """The settings dataclass of a command."""
    return getattr(import_module("chonk.settings"), COMMANDS[name][0])


def parse(name: str, args: list[str]):
    """The settings from a command's arguments; None if they asked for help."""
    return parse_arguments(settings_class(name), f"chonk {name}", args)


def overview() -> str:
    """What `chonk --help` prints: every command with the first line of its settings' docstring."""
    lines = [f"  chonk {name:8}{cleandoc(settings_class(name).__doc__ or '').splitlines()[0]}" for name in COMMANDS]
    return "\n".join(
        [
            "From a folder of pictures of one character to a small generator, an honest verdict and a web page that "
            "runs it.",
            "",
            *lines,
            "",
            "example: chonk make my-stickers --minutes 20",
            "More about one: chonk COMMAND --help",
        ]
    )


def system_error(error: OSError) -> str:
    """An error of the operating system in one line, with what to do about it."""
    where = f"{error.filename}: " if error.filename else ""
    advice = {
        errno.ENOSPC: "the disk is full; make room and give the same command again",
        errno.EDQUOT: "your disk quota is used up; make room and give the same command again",
        errno.EROFS: "the disk is read-only; choose another folder with --out",
        errno.EACCES: "no permission; choose another folder with --out or change its permissions",
        errno.EPERM: "no permission; choose another folder with --out or change its permissions",
        errno.EADDRINUSE: "the port is in use; choose another with --port",
        errno.EMFILE: "too many open files; raise the limit with ulimit -n",
    }
    return where + advice.get(error.errno or 0, error.strerror or str(error))


def report_end(message: str, code: int) -> int:
    """Prints why a command ended, in one line on standard error, with a traceback if CHONK_DEBUG=1; returns the
    code."""
    if os.environ.get("CHONK_DEBUG") == "1" and sys.exc_info()[0]:
        traceback.print_exc()
    print(f"chonk: {one_line(message)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()

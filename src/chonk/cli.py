"""The command line.  No logic here: a command is a settings dataclass and the function that takes it, imported when it
runs."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import platform
import re
import sys
import traceback
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from inspect import cleandoc

from chonk import __version__
from chonk.errors import ChonkError, did_you_mean, one_line, out_of_memory
from chonk.terminal import GONE, open_streams, outlive_terminal

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
"""Every command: its settings in `chonk.settings`, and the function that they are given to."""
OLDEST_PYTHON, OLDEST_TORCH = (3, 11), (2, 4)
"""As pyproject.toml has them; scripts/matrix tests both ends."""
SERVERS = ("serve", "demo")
"""Commands that end with their terminal; the others have something to finish."""
SEVERAL = ("--set", "--search", "--picks", "--links", "--emoji", "--host-name")
"""Options that take several values, and may be given several times."""
ADDRESS_SPACE = {"serve": 0, "demo": 0, "gather": 512, None: 1024}
"""The least that a command needs of it, in MB; None for all others.  With less, libraries fail in any way as they are
loaded."""


def main() -> None:
    """The entry point of the `chonk` command: runs it and exits with its code."""
    output, _ = open_streams()
    args = sys.argv[1:]
    if args and args[0] not in SERVERS:
        outlive_terminal()
    code = run(args)
    sys.stdout.flush()
    if output.lost and output.lost.errno not in GONE:
        code = ended(f"standard output: {system_error(output.lost)}", 1)
    sys.stderr.flush()
    sys.exit(code)


def run(args: list[str]) -> int:
    """Runs one command; the exit code is 0, 1 (a failure), 2 (the user's mistake) or 130 (interrupted).

    Whatever ends a command is told in one line on standard error.  CHONK_DEBUG=1 adds the traceback."""
    if sys.version_info < OLDEST_PYTHON:
        return ended(
            f"Python {platform.python_version()} is too old; chonk needs {'.'.join(map(str, OLDEST_PYTHON))} or newer "
            f"(docs/safety.md)",
            1,
        )
    try:
        return command(args)
    except ChonkError as error:
        return ended(str(error), error.exit_code)
    except KeyboardInterrupt:
        return ended("interrupted; the same command goes on where this one was", 130)
    except OSError as error:
        return ended(system_error(error), 1)
    except Exception as error:
        if out_of_memory(error):
            return ended(
                "not enough memory; try smaller pictures (gather --size), a smaller batch (train --batch) or fewer at "
                "a time (--count)",
                1,
            )
        return ended(
            f"{type(error).__name__}: {str(error)[:300]} - this is our mistake, not yours: please report it with the "
            f"output of CHONK_DEBUG=1 chonk {' '.join(args)}",
            1,
        )


def command(args: list[str]) -> int:
    """Finds the command, reads its settings and calls it."""
    if not args or args[0] in ("-h", "--help", "help"):
        print(overview())
        return 0 if args else 2
    if args[0] in ("-V", "--version"):
        print(f"chonk {__version__}")
        return 0
    if args[0] not in COMMANDS:
        return ended(f"{args[0]}: no such command{did_you_mean(args[0], COMMANDS)}; there are {', '.join(COMMANDS)}", 2)
    settings = parse(args[0], args[1:])
    if isinstance(settings, int):
        return settings
    if lacking := short_of_memory(args[0]) or unsupported():
        return ended(lacking, 1)
    module, function = COMMANDS[args[0]][1].split(":")
    getattr(import_module(module), function)(settings)
    return 0


def short_of_memory(name: str) -> str | None:
    """Says so where the process may have less address space than the command needs; with little more it takes one
    thread."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return None
    limit, needed = resource.getrlimit(resource.RLIMIT_AS)[0], ADDRESS_SPACE.get(name, ADDRESS_SPACE[None])
    if limit == resource.RLIM_INFINITY:
        return None
    if limit < needed << 20:
        return (
            f"only {limit >> 20} MB of address space are allowed here, chonk {name} needs {needed} MB; see: ulimit -v"
        )
    if limit < 4 << 30:
        for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
            os.environ.setdefault(variable, "1")
    return None


def unsupported() -> str | None:
    """What is wrong with the installed PyTorch, told without loading it; None where all is well."""
    try:
        found = version("torch")
    except PackageNotFoundError:
        return "PyTorch is not installed; install chonk again: pip install ."
    if tuple(map(int, re.findall(r"\d+", found)[:2])) < OLDEST_TORCH:
        oldest = ".".join(map(str, OLDEST_TORCH))
        return f"PyTorch {found} is too old; chonk needs {oldest} or newer: pip install --upgrade torch"
    return None


def settings_class(name: str) -> type:
    """The settings dataclass of a command."""
    return getattr(import_module("chonk.settings"), COMMANDS[name][0])


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


def parse(name: str, args: list[str]):
    """The settings that the arguments give, or the exit code where they ask for help or cannot be read."""
    import tyro
    from tyro.conf import CascadeSubcommandArgs, FlagCreatePairsOff, OmitArgPrefixes, OmitSubcommandPrefixes

    settings = settings_class(name)
    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(
                settings,
                prog=f"chonk {name}",
                description=cleandoc(settings.__doc__ or ""),
                args=together(args),
                config=(CascadeSubcommandArgs, FlagCreatePairsOff, OmitArgPrefixes, OmitSubcommandPrefixes),
            )
    except SystemExit as end:
        return ended(f"{first_words(complaint.getvalue())}; see: chonk {name} --help", 2) if end.code else 0


def together(args: list[str]) -> list[str]:
    """`--set a --set b` as `--set a b`: tyro would take b alone, without a word."""
    kept: list[str] = []
    several: dict[str, list[str]] = {}
    words = kept
    for argument in args:
        name, equals, value = argument.partition("=")
        if name in SEVERAL:
            words = several.setdefault(name, [])
            words += [value] if equals else []
        else:
            words = kept if argument.startswith("--") else words
            words.append(argument)
    return kept + [word for name, values in several.items() for word in (name, *values)]


def first_words(box: str) -> str:
    """The message of tyro's many-lined box (drawn with lines or with dashes): what stands under its title, up to the
    next rule, and what else may have been meant."""
    lines = [line.strip("│╭╮╰╯ ") for line in box.splitlines()][1:]
    parts = re.split(r"(?:^|\n)[─-]{5,}(?:\n|$)", "\n".join(lines).strip())
    first, *rest = (" ".join(part.split()) for part in filter(str.strip, parts))
    if value := re.match(r"Error parsing (\S+): .*?(\[.*?\]|'.*?')", first):
        return f"{value[1]}: cannot read {value[2]}"
    if unknown := re.match(r"Unrecognized options: (\S+?)(?:,|$)", first):
        near = re.search(r"you meant: (--\S+)", " ".join(rest))
        kinds = re.search(r"Available subcommands: (.*)", "\n".join(rest))
        meant = (
            f"; did you mean {near[1]}?" if near else did_you_mean(unknown[1], kinds[1].split(", ") if kinds else [])
        )
        return f"{unknown[1]}: is not known{meant}" + (
            f"; there are {kinds[1]}" if kinds and unknown[1][0] != "-" else ""
        )
    return re.sub(r"^Missing from [^:]*: (\S+) (.*?)( \(required\))?$", r"\1 is missing: \2", first)


def system_error(error: OSError) -> str:
    """An error of the operating system, in words that say what to do."""
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


def ended(message: str, code: int) -> int:
    """Tells why a command ended, in one line on standard error (and where in the code, with CHONK_DEBUG=1); gives the
    code back."""
    if os.environ.get("CHONK_DEBUG") == "1" and sys.exc_info()[0]:
        traceback.print_exc()
    print(f"chonk: {one_line(message)}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()

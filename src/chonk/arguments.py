"""Arguments of a command line as settings: tyro reads them, and what it complains of is said in one line."""

from __future__ import annotations

import contextlib
import io
import re
from inspect import cleandoc

from chonk.errors import UserError, did_you_mean

SEVERAL = ("--set", "--search", "--picks", "--links", "--emoji", "--host-name")
"""Options that take several values, and may be given several times."""


def parse_arguments(settings: type, command: str, args: list[str]):
    """The settings, an instance of the dataclass, that a command's arguments give; None where they ask for help.

    Raises UserError where they cannot be read."""
    import tyro
    from tyro.conf import CascadeSubcommandArgs, FlagCreatePairsOff, OmitArgPrefixes, OmitSubcommandPrefixes

    complaint = io.StringIO()
    try:
        with contextlib.redirect_stderr(complaint):
            return tyro.cli(
                settings,
                prog=command,
                description=cleandoc(settings.__doc__ or ""),
                args=together(args),
                config=(CascadeSubcommandArgs, FlagCreatePairsOff, OmitArgPrefixes, OmitSubcommandPrefixes),
            )
    except SystemExit as end:
        if end.code:
            raise UserError(f"{first_words(complaint.getvalue())}; see: {command} --help") from None
        return None


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
        return f"{value[1]}: cannot read {' '.join(quoted(value[2])) or 'nothing'}"
    if choice := re.match(r"invalid choice '(.*)' for argument '(\S+)'\. Expected one of \((.*)\)", first):
        known = sorted(set(quoted(choice[3])) - {"None"})
        return f"{choice[2]} {choice[1]}: is not known{did_you_mean(choice[1], known)}; there are {', '.join(known)}"
    if lacking := re.match(r"Missing value for argument '(\S+)'", first):
        return f"{lacking[1]}: needs a value"
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


def quoted(text: str) -> list[str]:
    """The words that stand between quotation marks in a text."""
    return re.findall(r"'(.*?)'", text)

"""Arguments of a command line as settings: tyro reads them, and what it complains of is said in one line."""

from __future__ import annotations

import contextlib
import io
import os
import re
import typing
from dataclasses import fields, is_dataclass
from inspect import cleandoc

from tyro.conf import Positional

from chonk.errors import UserError, did_you_mean
from chonk.paths import Source
from chonk.validation import annotated_types

SEVERAL = ("--set", "--search", "--picks", "--links", "--emoji", "--host-name")
"""Options that take several values, and may be given several times."""
MISTAKE = 2
"""The exit code of tyro where arguments cannot be read."""
MAX_WORDS = 8
"""Of a name with spaces that was not put in quotation marks, on either side of the word that makes no sense."""


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
        if end.code == MISTAKE:
            words = first_words(complaint.getvalue())
            if unknown := re.match(r"Unrecognized (?:or misplaced )?options: (.*)", words):
                words = about_unknown(listed_first(unknown[1], args), settings, command, args)
            raise UserError(f"{words}; see: {command} --help") from None
        if end.code:  # a signal
            raise
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
    next rule."""
    lines = [line.strip("│╭╮╰╯ ") for line in box.splitlines()][1:]
    parts = re.split(r"(?:^|\n)[─-]{5,}(?:\n|$)", "\n".join(lines).strip())
    first, *_ = (" ".join(part.split()) for part in filter(str.strip, parts))
    if value := re.match(r"Error parsing (\S+): .*?(\[.*?\]|'.*?')", first):
        return f"{value[1]}: cannot read {' '.join(quoted(value[2])) or 'nothing'}"
    if choice := re.match(r"invalid choice '(.*)' for argument '(\S+)'\. Expected one of \((.*)\)", first):
        known = sorted(set(quoted(choice[3])) - {"None"})
        return f"{choice[2]} {choice[1]}: is not known{did_you_mean(choice[1], known)}; there are {', '.join(known)}"
    if lacking := re.match(r"Missing value for argument '(\S+)'", first):
        return f"{lacking[1]}: needs a value"
    return re.sub(r"^Missing from [^:]*: (\S+) (.*?)( \(required\))?$", r"\1 is missing: \2", first)


def listed_first(text: str, args: list[str]) -> str:
    """The argument that a list of them begins with; it may hold spaces and commas itself."""
    return max((argument for argument in args if text.startswith(" ".join(argument.split()))), key=len, default=text)


def about_unknown(word: str, settings: type, command: str, args: list[str]) -> str:
    """What to say of an argument that a command does not know, or has no place for."""
    options, kinds = options_of(settings), kinds_of(settings)
    name, before = word.partition("=")[0], args[max(args.index(word) - 1, 0)] if word in args else ""
    if name.startswith("-"):
        having = [kind for kind, its in kinds.items() if name in options_of(its)]
        if having:
            return f"{name}: is known to {', '.join(having)} alone; name one of them before it"
        known = options.keys() | {option for its in kinds.values() for option in options_of(its)}
        return f"{name}: is not known{did_you_mean('--' + name.lstrip('-'), known)}"
    if f"--{word}" in options:
        return f"{word}: is not known; did you mean --{word}?"
    if options.get(before) is bool:
        return f"{word}: is one too many; {before} takes no value, it holds where it is given"
    if spaced := with_spaces(word, args):
        return f'{word}: is not known; did you mean "{spaced}"? Names with spaces need the quotation marks'
    if kinds and (meant := did_you_mean(word, kinds)):
        return f"{word}: is not known{meant}; there are {', '.join(kinds)}"
    if kinds and not kinds.keys() & set(args):
        return f"{word}: is not known; there are {', '.join(kinds)}"
    return f"{word}: is one too many; {command} takes {taken_of(settings)}"


def options_of(settings: type) -> dict[str, type | None]:
    """The options of a command or of a thing to draw, as they are typed, and bool for those without a value."""
    kinds = typing.get_type_hints(settings)
    defaults = {field.name: field.default for field in fields(settings)}
    return {
        f"--{'no-' * (defaults[name] is True)}{name.replace('_', '-')}": bool if kinds[name] is bool else None
        for name, hint in annotated_types(settings).items()
        if Positional not in typing.get_args(hint) and not is_choice(hint)
    }


def kinds_of(settings: type) -> dict[str, type]:
    """The things, by name, of which a command takes one, with options of its own; none for most."""
    choices = [typing.get_args(hint) for hint in annotated_types(settings).values() if is_choice(hint)]
    return {kind.__name__.lower(): kind for choice in choices for kind in choice}


def is_choice(hint: object) -> bool:
    """Whether a setting is one of several dataclasses."""
    return all(map(is_dataclass, typing.get_args(hint) or [None]))


def taken_of(settings: type) -> str:
    """What a command takes beside its options, and what to do with more than that."""
    marks = [mark for hint in annotated_types(settings).values() for mark in typing.get_args(hint)]
    return next((mark.taken for mark in marks if isinstance(mark, Source)), "options alone")


def with_spaces(word: str, args: list[str]) -> str | None:
    """The name of a file or folder that the arguments around this one are, where nobody put it in quotation marks."""
    at = args.index(word) if word in args else 0
    for first in range(max(at - MAX_WORDS, 0), at + 1):
        for last in range(at + 1, min(at + MAX_WORDS, len(args)) + 1):
            name = " ".join(args[first:last])
            if last > first + 1 and os.path.exists(name):
                return name
    return None


def quoted(text: str) -> list[str]:
    """The words that stand between quotation marks in a text."""
    return re.findall(r"'(.*?)'", text)

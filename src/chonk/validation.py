"""Whether a value is what an annotation says: its type, its choices, and the range that stands beside it.

    minutes: Annotated[float, Range(0, 10_000, above=True)] = 20.0

The same annotations hold wherever a value comes from: the command line, --set, a model's config.json or a call from
Python."""

from __future__ import annotations

import builtins
import functools
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from numbers import Integral, Real
from pathlib import Path
from types import UnionType
from typing import Any

from chonk.errors import UserError

WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text", Path: "a path"}

# fmt: off
FILES = (
    ".apng", ".avi", ".avif", ".bmp", ".csv", ".eps", ".gif", ".heic", ".heif", ".htm", ".html", ".ico", ".jpeg",
    ".jpg", ".json", ".jxl", ".m4v", ".mkv", ".mov", ".mp4", ".mpg", ".pdf", ".png", ".ppm", ".psd", ".safetensors",
    ".svg", ".tga", ".tif", ".tiff", ".txt", ".webm", ".webp", ".wmv", ".zip",
)
# fmt: on
"""How files are called that somebody may expect from a command."""


@dataclass(frozen=True)
class Range:
    """Of a number, or of each number in a tuple: `minimum` to `maximum`, both included; with `above`, more than
    `minimum`.  Never NaN."""

    minimum: float
    maximum: float
    above: bool = False

    def __contains__(self, value: object) -> bool:
        if not isinstance(value, Real):
            return False
        number: Any = value  # a Real can be compared, whatever its class
        return (self.minimum < number if self.above else self.minimum <= number) and number <= self.maximum

    def __str__(self) -> str:
        low, high = (f"{end:,}" if isinstance(end, int) else f"{end:g}" for end in (self.minimum, self.maximum))
        return f"more than {low}, up to {high}" if self.above else f"{low} to {high}"


@dataclass(frozen=True)
class Pattern:
    """Of a text: the regular expression that all of it must match, and that in words."""

    expression: str
    words: str

    def __contains__(self, value: object) -> bool:
        return isinstance(value, str) and re.fullmatch(self.expression, value) is not None

    def __str__(self) -> str:
        return self.words


@dataclass(frozen=True)
class Folder:
    """Of a path: that of a folder, which is not called like a file."""

    def __contains__(self, value: object) -> bool:
        path = Path(str(value))
        return path.suffix.lower() not in FILES or path.is_dir()

    def __str__(self) -> str:
        return "the name of a folder, this is one of a file"


LIMITS = (Range, Pattern, Folder)


def fits(value: object, kind: object) -> bool:
    """Whether a value has the annotated type.  A whole number is a number too, true and false are none; a text names a
    path."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        kind, *limits = parts
        numbers = value if isinstance(value, tuple) else (value,)
        return fits(value, kind) and all(
            number in limit for limit in limits if isinstance(limit, LIMITS) for number in numbers if number is not None
        )
    if origin in (typing.Union, UnionType):
        return any(fits(value, part) for part in parts)
    if origin is typing.Literal:
        return any(value == part and type(value) is type(part) for part in parts)
    if origin is tuple:
        wanted = parts[:1] * len(value) if isinstance(value, tuple) and parts[1:] == (...,) else parts
        return isinstance(value, tuple) and len(value) == len(wanted) and all(map(fits, value, wanted))
    if kind in (int, float):
        return isinstance(value, Integral if kind is int else Real) and not isinstance(value, bool)
    if kind is Path:
        return isinstance(value, (str, Path))
    return kind is typing.Any or not isinstance(kind, type) or isinstance(value, kind)


def words(kind: object) -> str:
    """What a value of the annotated type may be, in words."""
    origin, parts = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Annotated:
        limits = [str(limit) for limit in parts[1:] if isinstance(limit, LIMITS)]
        whole = "a whole number, " if limits and words(parts[0]) == WORDS[int] else ""
        return whole + limits[0] if limits else words(parts[0])
    if origin in (typing.Union, UnionType):
        return " or ".join(words(part) for part in parts if part is not type(None))
    if origin is typing.Literal:
        return " or ".join(map(str, parts))
    if origin is tuple:
        return f"several of: {words(parts[0])}" if parts[1:] == (...,) else f"{len(parts)} of: {words(parts[0])}"
    name = getattr(kind, "__name__", str(kind))
    return WORDS.get(kind, name) if isinstance(kind, type) else name


class _Names(dict):
    """Names in annotations; one that is imported for type checking only stands for anything."""

    def __missing__(self, name: str) -> object:
        return typing.Any


@functools.cache
def annotated_types(owner: Callable) -> dict[str, object]:
    """The annotations of a dataclass's fields or of a function's parameters, with what stands beside the types."""
    if isinstance(owner, type) and is_dataclass(owner):
        hints = typing.get_type_hints(owner, include_extras=True)
        hints = {field.name: hints[field.name] for field in fields(owner)}  # a ClassVar is no setting
    else:
        function = inspect.unwrap(vars(owner)["__init__"] if isinstance(owner, type) else owner)
        names = _Names(vars(builtins) | function.__globals__)
        hints = typing.get_type_hints(function, localns=names, include_extras=True)
    hints.pop("return", None)
    return hints


def check(
    owner: Callable, values: Mapping[str, object], label: Callable[[str, object], str] = "{} {!r}".format
) -> None:
    """Raises UserError for the first of the named values that is not what the annotations of `owner` say.

    `owner` is a dataclass, or what is called with the values; `label(name, value)` says where the value stands."""
    hints = annotated_types(owner)
    for name, value in values.items():
        if name in hints and not fits(value, hints[name]):
            raise UserError(f"{label(name, value):.200}: must be {words(hints[name])}")


def read(text: str, kind: Any, label: str) -> Any:
    """The value of the annotated type that a text stands for.  Raises UserError, which begins with `label`."""
    whole = kind
    kind = typing.get_args(kind)[0] if typing.get_origin(kind) is typing.Annotated else kind
    try:
        if typing.get_origin(kind) is typing.Literal:
            value = {str(choice): choice for choice in typing.get_args(kind)}[text]
        else:
            value = {"true": True, "false": False}[text.lower()] if kind is bool else kind(text)
    except (ValueError, KeyError):
        value = None
    if value is None or not fits(value, whole):
        raise UserError(f"{label}: must be {words(whole)}")
    return value


def flag(name: str, value: object) -> str:
    """A setting as it stands on the command line: --top-left 1 2 3."""
    return f"--{name.replace('_', '-')} {' '.join(map(str, value)) if isinstance(value, tuple) else value}"


def checked(function: Callable) -> Callable:
    """A function that raises UserError for arguments which are not what its annotations say."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args, **kwargs):
        check(function, signature.bind(*args, **kwargs).arguments)
        return function(*args, **kwargs)

    return call

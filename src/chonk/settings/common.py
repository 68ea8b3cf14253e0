"""What the settings of several commands share: the types of their values, and the class that checks them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from tyro.conf import arg

from chonk.paths import Anew
from chonk.validation import Folder, Range, check, flag

MaybePath = Annotated[Path | None, arg(metavar="PATH", help_behavior_hint="")]
MaybeInt = Annotated[int | None, arg(metavar="INT", help_behavior_hint="")]
MaybeFloat = Annotated[float | None, arg(metavar="FLOAT", help_behavior_hint="")]
MaybeStr = Annotated[str | None, arg(metavar="STR", help_behavior_hint="")]
HostNames = Annotated[tuple[str, ...], arg(metavar="NAME", help_behavior_hint="")]
MaybeThree = Annotated[tuple[float, float, float] | None, arg(metavar="X Y Z", help_behavior_hint=""), Range(-100, 100)]
Assignments = Annotated[tuple[str, ...], arg(metavar="KEY=VALUE", help_behavior_hint="")]
NewFolder = Annotated[Path, Anew()]
MaybeNewFolder = Annotated[MaybePath, Anew()]
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

"""The reports as pages: the templates beside this file.  Whatever is put into them is escaped."""

from __future__ import annotations

import base64
import io
import unicodedata
from collections.abc import Callable

from jinja2 import Environment, PackageLoader, StrictUndefined
from PIL import Image

JOINER = "\N{ZERO WIDTH JOINER}"
"""Holds emoji of several parts together."""


def rendered(template: str, filters: dict[str, Callable] | None = None, **values: object) -> str:
    """The text of a template with these values; `filters` are its own besides `harmless`."""
    environment = Environment(
        loader=PackageLoader("chonk", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {"harmless": harmless, **(filters or {})}
    return environment.get_template(template).render(values)


def harmless(text: str) -> str:
    """Text from outside without control characters and those that turn the direction of writing."""
    return "".join(
        c
        if c == JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
        else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def data_address(picture: Image.Image, kind: str, **options: object) -> str:
    """A picture as an address that holds all of it."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return f"data:image/{kind.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"

"""SVG drawings from strangers: checked strictly (svg_check.py), written in plain words (svg_style.py), then drawn by
resvg."""

from __future__ import annotations

import html
import io
import re
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import resvg_py
from PIL import Image

from chonk.ingest.kinds import Unusable
from chonk.ingest.svg_check import Check
from chonk.ingest.svg_style import VAR, definitions, plain_sheet, plain_value

MAX_BYTES = 16 << 20
LONGEST = 50
"""How many times longer than wide a drawing may be."""
DECLARATION = re.compile(r"^\s*<\?xml\s[^>]{0,200}\?>")
COMMENT = re.compile(r"(<!\[CDATA\[.*?\]\]>)|<!--.*?-->", re.DOTALL)
STYLE = re.compile(r"(<(?:[\w-]+:)?style\b[^>]*>)(.*?)(</(?:[\w-]+:)?style\s*>)", re.DOTALL | re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(\s([\w:-]+)\s*=\s*)(?:"([^"<]*)"|'([^'<]*)')""")
PAINTED = {"style", "fill", "stroke", "color", "stop-color", "flood-color", "lighting-color"}
"""Attributes that may hold colours; a variable may stand in any."""
NAMESPACES = {"": "http://www.w3.org/2000/svg", "xlink": "http://www.w3.org/1999/xlink"}
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts", "/run/host/fonts")
FAMILIES = {
    "serif_family": (
        ("DejaVuSerif.ttf", "DejaVu Serif"),
        ("LiberationSerif-Regular.ttf", "Liberation Serif"),
        ("NotoSerif-Regular.ttf", "Noto Serif"),
        ("FreeSerif.ttf", "FreeSerif"),
    ),
    "sans_serif_family": (
        ("DejaVuSans.ttf", "DejaVu Sans"),
        ("LiberationSans-Regular.ttf", "Liberation Sans"),
        ("NotoSans-Regular.ttf", "Noto Sans"),
        ("FreeSans.ttf", "FreeSans"),
    ),
    "monospace_family": (
        ("DejaVuSansMono.ttf", "DejaVu Sans Mono"),
        ("LiberationMono-Regular.ttf", "Liberation Mono"),
        ("NotoSansMono-Regular.ttf", "Noto Sans Mono"),
        ("FreeMono.ttf", "FreeMono"),
    ),
}
"""Usual fonts where the machine lacks those that resvg falls back to (Times New Roman, Arial, Courier New)."""


def draw_svg(data: bytes, side: int) -> bytes:
    """PNG bytes of the drawing, its longer side `side` pixels.

    Raises Unusable where it is not safe or not drawable; the message says why."""
    if len(data) > MAX_BYTES:
        raise Unusable(f"an SVG larger than {MAX_BYTES >> 20} MB; export it as PNG")
    text = DECLARATION.sub("", _decoded(data).lstrip("\ufeff"))
    document = text.encode("utf-8", "replace")
    check = Check().walk(document)
    fonts = {"skip_system_fonts": False, **_families()} if check.has_text else {"skip_system_fonts": True}
    try:
        png = bytes(
            resvg_py.svg_to_bytes(svg_string=_plain(document, check), width=side, height=side, dpi=96.0, **fonts)
        )
    except ValueError as error:
        raise Unusable(f"an SVG that cannot be drawn ({error}); export it as PNG") from error
    with Image.open(io.BytesIO(png)) as picture:
        if max(picture.size) > LONGEST * min(picture.size):
            raise Unusable("an SVG of an unusable size (far longer than wide); export it as PNG")
        drawn = picture.convert("RGBA").getchannel("A").getbbox() is not None
    if not drawn and check.moves:
        raise Unusable("an SVG that shows nothing before its animation begins; export it as GIF, WebP or PNG")
    if not drawn and check.has_text:
        raise Unusable("an SVG of text in a font or of signs that this machine does not have; export it as PNG")
    return png


def _decoded(data: bytes) -> str:
    """The text of a document, in the encoding that it says it has."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    declared = re.match(rb"\s*<\?xml\s[^>]{0,200}?encoding\s*=\s*[\"']([\w.-]{1,40})", data)
    try:
        if declared and b"16" not in declared[1]:
            return data.decode(declared[1].decode(), "replace")
    except LookupError:
        pass
    return data.decode("utf-8-sig", "replace")


def _plain(document: bytes, check: Check) -> str:
    """The document in words that resvg understands: no document type, no entities, plain colours, its namespaces
    declared."""
    if len(check.doctype) == 2:
        document = document[: check.doctype[0]] + document[check.doctype[1] :]
    text = COMMENT.sub(lambda match: match[1] or "", document.decode("utf-8"))
    for name, value in check.entities.items():
        if len(text) + text.count(f"&{name};") * 6 * len(value) > MAX_BYTES:
            raise Unusable("an SVG whose entities grow without bound")
        text = text.replace(f"&{name};", escape(value, {'"': "&quot;", "'": "&apos;"}))
    missing = [
        (prefix, address)
        for prefix, address in NAMESPACES.items()
        if prefix in check.prefixes and _xmlns(prefix) not in (check.root or ())
    ]
    declared = "".join(f" {_xmlns(prefix)}={quoteattr(address)}" for prefix, address in missing)
    text = re.sub(r"<svg(?=[\s/>])", lambda match: match[0] + declared, text, count=1)
    variables = definitions(check.sheets, check.styles)
    text = STYLE.sub(lambda match: match[1] + escape(plain_sheet(_content(match[2]), variables)) + match[3], text)
    return ATTRIBUTE.sub(lambda match: _plain_attribute(match, variables), text)


def _plain_attribute(match: re.Match, variables: dict[str, str]) -> str:
    raw = match[3] if match[3] is not None else match[4]
    if match[2] not in PAINTED and not VAR.search(raw):
        return match[0]
    value = html.unescape(raw)
    plain = plain_value(value, variables)
    return match[0] if plain == value else match[1] + quoteattr(plain)


def _xmlns(prefix: str) -> str:
    return f"xmlns:{prefix}" if prefix else "xmlns"


def _content(text: str) -> str:
    """What stands between two tags, without the marks of XML."""
    return re.sub(
        r"<!\[CDATA\[(.*?)\]\]>|([^<]+)",
        lambda match: match[1] if match[1] is not None else html.unescape(match[2]),
        text,
        flags=re.DOTALL,
    )


@cache
def _families() -> dict[str, str]:
    """Which installed fonts stand for serif, sans-serif and monospace."""
    files = {file.name for folder in FONTS for file in Path(folder).expanduser().glob("**/*.ttf")}
    found = {
        kind: next((family for name, family in choices if name in files), None) for kind, choices in FAMILIES.items()
    }
    return {kind: family for kind, family in found.items() if family}

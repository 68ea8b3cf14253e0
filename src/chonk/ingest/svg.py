"""SVG drawings from strangers: checked strictly, then drawn by resvg.

An SVG is a program as much as a picture.  What is refused: document type definitions with entities, scripts and event
handlers, anything that would be fetched from elsewhere, foreign content, and drawings that multiply themselves through
nested <use>."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import dataclass, field
from xml.parsers import expat

import resvg_py
from PIL import Image

MAX_BYTES = 4 << 20
MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
MAX_EMBEDDED = 16_000_000
REFUSED = {"script", "foreignobject", "iframe", "object", "embed", "audio", "video", "handler", "listener"}
REFERENCE = re.compile(r"url\(\s*['\"]?\s*([^)]{0,40})", re.IGNORECASE)
EMBEDDED = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,", re.IGNORECASE)
LENGTH = re.compile(r"\s*([0-9]*\.?[0-9]+(?:[eE][+-]?[0-9]+)?)\s*(px|pt|pc|mm|cm|in|em|ex)?\s*$")


class SvgError(Exception):
    """The drawing is not safe or not drawable; the message says why."""


@dataclass
class _Element:
    children: list[_Element] = field(default_factory=list)
    target: str | None = None
    weight: int | None = None
    open: bool = False


class _Check:
    """One walk through the document by an expat parser that knows no entities."""

    def __init__(self) -> None:
        self.count = self.pixels = 0
        self.path: list[_Element] = []
        self.names: dict[str, _Element] = {}
        self.root: dict[str, str] | None = None
        self.top = _Element()
        self.texts = False
        self.style: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        local = tag.rsplit(":", 1)[-1].lower()
        self.count += 1
        if self.count > MAX_ELEMENTS:
            raise SvgError(f"an SVG of more than {MAX_ELEMENTS:,} elements")
        if len(self.path) >= MAX_DEPTH:
            raise SvgError(f"an SVG nested more than {MAX_DEPTH} deep")
        if local in REFUSED:
            raise SvgError(f"an SVG with <{local}>: scripts and foreign content are refused")
        if self.root is None:
            if local != "svg":
                raise SvgError("not an SVG: its first element is not <svg>")
            self.root = attributes
        element = _Element()
        (self.path[-1] if self.path else self.top).children.append(element)
        self.path.append(element)
        for key, value in attributes.items():
            self.attribute(local, key.rsplit(":", 1)[-1].lower(), value, element)
        if local == "style":
            self.style = []
        self.texts |= local == "text"

    def attribute(self, tag: str, key: str, value: str, element: _Element) -> None:
        if key.startswith("on"):
            raise SvgError("an SVG with event handlers: scripts are refused")
        if key == "id":
            self.names.setdefault(value, element)
        if key in ("href", "src") and tag != "a":
            reference = value.strip()
            if reference.startswith("#"):
                if tag == "use":
                    element.target = reference[1:]
            elif not EMBEDDED.match(reference):
                raise SvgError("an SVG that refers to another file or address")
            else:
                self.embedded(reference)
        self.references(value)

    def embedded(self, reference: str) -> None:
        """resvg decodes embedded pictures whatever their size, and ends the process where memory runs out."""
        try:
            with Image.open(io.BytesIO(base64.b64decode(reference.split(",", 1)[1]))) as picture:
                self.pixels += picture.width * picture.height
        except (
            OSError,
            ValueError,
            SyntaxError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise SvgError("an SVG with an embedded picture that cannot be read") from error
        if self.pixels > MAX_EMBEDDED:
            raise SvgError(f"an SVG with embedded pictures of more than {MAX_EMBEDDED // 10**6} million pixels")

    def references(self, text: str) -> None:
        if "@import" in text.lower() or any(not r.strip().startswith("#") for r in REFERENCE.findall(text)):
            raise SvgError("an SVG that refers to another file or address")

    def end(self, tag: str) -> None:
        self.path.pop()
        if self.style is not None and tag.rsplit(":", 1)[-1].lower() == "style":
            self.references(re.sub(r"/\*.*?\*/", "", "".join(self.style), flags=re.DOTALL))
            self.style = None

    def text(self, text: str) -> None:
        if self.style is not None:
            self.style.append(text)

    def instruction(self, target: str, _: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise SvgError("an SVG that refers to another file or address")

    def entity(self, *_: object) -> None:
        raise SvgError("an SVG that declares entities")

    def weigh(self, element: _Element) -> int:
        """How many elements this one becomes when every <use> is drawn out."""
        if element.open:
            raise SvgError("an SVG that uses itself")
        if element.weight is None:
            element.open = True
            total = 1 + sum(self.weigh(child) for child in element.children)
            if element.target in self.names:
                total += self.weigh(self.names[element.target])
            if total > MAX_ELEMENTS:
                raise SvgError(f"an SVG that grows to more than {MAX_ELEMENTS:,} elements when drawn")
            element.weight, element.open = total, False
        return element.weight


def draw_svg(data: bytes, side: int) -> bytes:
    """PNG bytes of the drawing, its longer side `side` pixels.  Raises SvgError."""
    if len(data) > MAX_BYTES:
        raise SvgError(f"an SVG larger than {MAX_BYTES >> 20} MB")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        text = data.decode("utf-16", "replace")
    else:
        text = data.decode("utf-8-sig", "replace")
    text = re.sub(r"^\s*<\?xml\s[^>]{0,200}\?>", "", text)
    check = _Check()
    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = check.start, check.end
    parser.CharacterDataHandler, parser.ProcessingInstructionHandler = check.text, check.instruction
    parser.EntityDeclHandler = parser.UnparsedEntityDeclHandler = check.entity
    try:
        parser.Parse(text.encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        raise SvgError(f"a damaged SVG ({error})") from error
    if check.root is None:
        raise SvgError("not an SVG")
    try:
        check.weigh(check.top)
    except RecursionError as error:
        raise SvgError("an SVG of too many nested uses") from error
    width, height = _aspect(check.root)
    scale = side / max(width, height)
    try:
        png = resvg_py.svg_to_bytes(
            svg_string=_without_doctype(text),
            width=max(1, round(width * scale)),
            height=max(1, round(height * scale)),
            skip_system_fonts=not check.texts,
            dpi=96.0,
        )
    except ValueError as error:
        raise SvgError(f"an SVG that cannot be drawn ({error})") from error
    return bytes(png)


def _without_doctype(text: str) -> str:
    return re.sub(r"<!DOCTYPE[^\[>]*>", "", text, count=1, flags=re.IGNORECASE)


def _aspect(root: dict[str, str]) -> tuple[float, float]:
    box = re.split(r"[\s,]+", root.get("viewBox", "").strip())
    sides = [LENGTH.match(root.get(key, "")) for key in ("width", "height")]
    if all(sides):
        width, height = (float(side.group(1)) for side in sides)
    elif len(box) == 4:
        try:
            width, height = float(box[2]), float(box[3])
        except ValueError as error:
            raise SvgError("an SVG with a damaged viewBox") from error
    else:
        raise SvgError("an SVG that states no size")
    if not (0 < width < 1e7 and 0 < height < 1e7) or max(width, height) > 50 * min(width, height):
        raise SvgError(f"an SVG of an unusable size ({width:g} x {height:g})")
    return width, height

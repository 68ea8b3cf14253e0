"""One walk through an SVG from a stranger, which refuses what is not safe to draw and finds out what drawing it
needs."""

from __future__ import annotations

import base64
import binascii
import io
import re
from dataclasses import dataclass, field
from urllib.parse import unquote_to_bytes
from xml.parsers import expat

from PIL import Image

from chonk.ingest.kinds import Unusable
from chonk.ingest.svg_style import VAR

MAX_ELEMENTS = 50_000
MAX_DEPTH = 100
MAX_EMBEDDED = 16_000_000
"""Pixels of all embedded pictures together."""
MAX_ENTITIES = 1 << 16
"""Bytes of all texts that a document declares for entities."""
NESTED = 3
"""How deeply drawings may be embedded in one another."""
REFUSED = {"script", "iframe", "object", "embed", "audio", "video", "handler", "listener"}
MOVING = {"animate", "animatetransform", "animatemotion", "set"}
REFERENCE = re.compile(r"url\(\s*['\"]?\s*([^)]{0,40})", re.IGNORECASE)
DATA = re.compile(r"data:([^,;]{0,60})((?:;[^,;]{0,60}){0,4}),", re.IGNORECASE)
EMBEDDED = {"image/png": "PNG", "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
ELSEWHERE = "an SVG that refers to another file or address; export it with everything embedded, or as PNG"


@dataclass
class _Element:
    children: list[_Element] = field(default_factory=list)
    target: str | None = None
    weight: int | None = None
    open: bool = False


class Check:
    """The walk, by an expat parser that follows nothing outside the document. What it has found is in its public
    attributes."""

    def __init__(self, nested: int = 0) -> None:
        self.root: dict[str, str] | None = None
        """The attributes of the outermost element."""
        self.prefixes: set[str] = set()
        """The prefixes of names that are used."""
        self.entities: dict[str, str] = {}
        """The plain texts that the document declares."""
        self.doctype: list[int] = []
        """Where its document type begins and ends, in bytes."""
        self.has_text = self.moves = False
        self.sheets: list[str] = []
        """What stands in style elements ..."""
        self.styles: list[str] = []
        """... and in style attributes."""
        self._nested = nested
        self._count = self._pixels = 0
        self._path: list[_Element] = []
        self._names: dict[str, _Element] = {}
        self._top = _Element()
        self._style: list[str] | None = None
        self._switches: list[int] = []

    def walk(self, data: bytes) -> Check:
        """Goes through a document in UTF-8.  Raises Unusable with the reason where it is not to be drawn."""
        parser = expat.ParserCreate("utf-8")
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.ProcessingInstructionHandler = self._text, self._instruction
        parser.EntityDeclHandler = self._entity
        parser.StartDoctypeDeclHandler = lambda *_: self.doctype.append(
            data.rindex(b"<!DOCTYPE", 0, parser.CurrentByteIndex)
        )
        parser.EndDoctypeDeclHandler = lambda: self.doctype.append(data.index(b">", parser.CurrentByteIndex) + 1)
        try:
            parser.Parse(data, True)
        except expat.ExpatError as error:
            raise Unusable(f"a damaged SVG ({error}); save or export it again") from error
        if self.root is None:
            raise Unusable("not an SVG")
        try:
            self._weigh(self._top)
        except RecursionError as error:
            raise Unusable("an SVG of too many nested uses") from error
        return self

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        prefix, _, local = tag.rpartition(":")
        local = local.lower()
        self._count += 1
        if self._count > MAX_ELEMENTS:
            raise Unusable(f"an SVG of more than {MAX_ELEMENTS:,} elements")
        if len(self._path) >= MAX_DEPTH:
            raise Unusable(f"an SVG nested more than {MAX_DEPTH} deep")
        if local in REFUSED:
            raise Unusable(f"an SVG with <{local}>: scripts and foreign content are refused; export it as PNG")
        if local == "foreignobject" and not self._switches:
            raise Unusable("an SVG with <foreignObject>, a piece of a web page, is not supported; export it as PNG")
        if self.root is None:
            if local != "svg":
                raise Unusable("not an SVG: its first element is not <svg>")
            self.root = attributes
        element = _Element()
        (self._path[-1] if self._path else self._top).children.append(element)
        self._path.append(element)
        if local == "switch":  # its first child that can be drawn is; a piece of a web page never is
            self._switches.append(len(self._path))
        self.prefixes.add(prefix)
        for key, value in attributes.items():
            self.prefixes.add(key.rpartition(":")[0])
            self._attribute(local, key.rpartition(":")[2].lower(), value, element)
        if local == "style":
            self._style = []
        self.has_text |= local == "text"
        self.moves |= local in MOVING

    def _attribute(self, tag: str, key: str, value: str, element: _Element) -> None:
        if key.startswith("on"):
            raise Unusable("an SVG with event handlers: scripts are refused; export it as PNG")
        if key == "id":
            self._names.setdefault(value, element)
        if key == "style":
            self.styles.append(value)
        if key in ("href", "src") and tag != "a":
            reference = value.strip()
            if reference.startswith("#"):
                if tag == "use":
                    element.target = reference[1:]
            elif data := DATA.match(reference):
                self._embedded(data[1].lower().strip(), data[2].lower(), reference[data.end() :])
            elif reference:
                raise Unusable(ELSEWHERE)
        self._references(value)

    def _embedded(self, kind: str, parameters: str, content: str) -> None:
        """resvg decodes embedded pictures whatever their size, and ends the process where memory runs out."""
        try:
            if "base64" in parameters:
                content = re.sub(r"[\s=]+", "", unquote_to_bytes(content).decode("ascii"))
                data = base64.b64decode(content + "=" * (-len(content) % 4))
            else:
                data = unquote_to_bytes(content)
            if kind == "image/svg+xml":
                return self._drawing(data)
            with Image.open(io.BytesIO(data)) as picture:
                if EMBEDDED.get(kind) != picture.format:
                    raise Unusable(
                        f"an SVG with an embedded picture of a kind that is not drawn ({kind or 'none'}); export it "
                        "as PNG"
                    )
                self._pixels += picture.width * picture.height
        except (
            OSError,
            ValueError,
            SyntaxError,
            binascii.Error,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise Unusable("an SVG with an embedded picture that cannot be read; export it as PNG") from error
        if self._pixels > MAX_EMBEDDED:
            raise Unusable(
                f"an SVG with embedded pictures of more than {MAX_EMBEDDED // 10**6} million pixels; export it as PNG"
            )

    def _drawing(self, data: bytes) -> None:
        if self._nested >= NESTED:
            raise Unusable(f"an SVG with drawings embedded more than {NESTED} deep")
        inner = Check(self._nested + 1)
        inner._count, inner._pixels = self._count, self._pixels
        inner.walk(data)
        if inner.entities or any(VAR.search(style) for style in inner.sheets + inner.styles):
            raise Unusable("an SVG with an embedded drawing that is not plain; export it as PNG")
        self._count, self._pixels = inner._count, inner._pixels
        self.has_text |= inner.has_text

    def _references(self, text: str) -> None:
        """Of what url() names, places in the document and embedded data do no harm: resvg draws the former and passes
        over the latter."""
        if "@import" in text.lower() or any(
            not r.strip().lower().startswith(("#", "data:")) for r in REFERENCE.findall(text)
        ):
            raise Unusable(ELSEWHERE)

    def _end(self, tag: str) -> None:
        if self._switches and self._switches[-1] == len(self._path):
            self._switches.pop()
        self._path.pop()
        if self._style is not None and tag.rpartition(":")[2].lower() == "style":
            sheet = "".join(self._style)
            self._references(re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL))
            self.moves |= "@keyframes" in sheet.lower()
            self.sheets.append(sheet)
            self._style = None

    def _text(self, text: str) -> None:
        if self._style is not None:
            self._style.append(text)

    def _instruction(self, target: str, _: str) -> None:
        if target.lower() == "xml-stylesheet":
            raise Unusable(ELSEWHERE)

    def _entity(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        """Illustrator declares its namespaces as entities: short texts. What refers elsewhere, or to other entities,
        is refused."""
        if is_parameter or value is None or re.search("[&<%]", value):
            raise Unusable(
                "an SVG that declares entities which are more than plain text; export it as plain SVG, or as PNG"
            )
        self.entities[name] = value
        if sum(map(len, self.entities.values())) > MAX_ENTITIES:
            raise Unusable("an SVG that declares too much text as entities")

    def _weigh(self, element: _Element) -> int:
        """How many elements this one becomes when every <use> is drawn out."""
        if element.open:
            raise Unusable("an SVG that uses itself")
        if element.weight is None:
            element.open = True
            total = 1 + sum(self._weigh(child) for child in element.children)
            if element.target in self._names:
                total += self._weigh(self._names[element.target])
            if total > MAX_ELEMENTS:
                raise Unusable(f"an SVG that grows to more than {MAX_ELEMENTS:,} elements when drawn")
            element.weight, element.open = total, False
        return element.weight

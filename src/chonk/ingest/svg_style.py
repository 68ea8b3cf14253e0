"""The colours of an SVG in the plain words that resvg understands.

What resvg does not know, it draws black without a word: variables, colour functions of newer CSS, rules inside @media
or @layer, selectors like :is(). All of that is written out here, or refused with a reason."""

from __future__ import annotations

import colorsys
import re

from chonk.ingest.kinds import Unusable

MAX_STYLE = 4 << 20
"""Bytes that style sheets and values may have once their variables are written out."""
DEPTH = 10
"""How many variables may be defined by one another."""
COMMENT = re.compile(r"/\*.*?\*/|<!--|-->", re.DOTALL)
INITIAL = re.compile(r"@property\s+(--[\w-]+)\s*\{[^}]*?initial-value\s*:\s*([^;{}]*)", re.IGNORECASE)
DEFINITION = re.compile(r"(?<![\w-])(--[\w-]+)\s*:\s*([^;{}\"'<>]*)")
VAR = re.compile(r"(?<![\w-])var\(", re.IGNORECASE)
VARIABLE = re.compile(VAR.pattern + r"\s*(--[\w-]+)\s*(?:,((?:[^()]|\([^()]*\))*))?\)", re.IGNORECASE)
FUNCTION = re.compile(r"(?<![\w-])(rgba?|hsla?|hwb)\(([^()]*)\)", re.IGNORECASE)
LIGHT = re.compile(r"(?<![\w-])light-dark\(((?:[^(),]|\([^()]*\))*),(?:[^()]|\([^()]*\))*\)", re.IGNORECASE)
COLOURS = {
    "rebeccapurple": "#663399",
    "canvastext": "#000",
    "fieldtext": "#000",
    "buttontext": "#000",
    "canvas": "#fff",
}
WORDS = re.compile(rf"(?<![\w.#-])({'|'.join(COLOURS)})(?![\w-])", re.IGNORECASE)
"""Words that resvg does not know, on a light screen."""
UNKNOWN = re.compile(
    r"(?<![\w-])(color-mix|contrast-color|color|lab|lch|oklab|oklch|device-cmyk|calc|env|attr|if|rgba?|hsla?|hwb)\("
    r"|(?<![\w.#-])((?:accent|selecteditem)color(?:text)?|(?:link|visited|active|highlight|gray|mark)text"
    r"|buttonface|buttonborder|highlight|context-(?:fill|stroke))(?![\w-])",
    re.IGNORECASE,
)
"""Functions, and the words for colours of the reader's own desktop or page."""
PAINT = re.compile(r"(?<![\w-])(?:fill|stroke|color|stop-color|flood-color|lighting-color)\s*[:=]", re.IGNORECASE)
SELECTOR = re.compile(r":(?:is|where|not|has|nth-[a-z-]+|last-[a-z-]+|only-[a-z-]+)\b|&|\*\|", re.IGNORECASE)


def definitions(sheets: list[str], attributes: list[str]) -> dict[str, str]:
    """The CSS variables that style sheets and style attributes define, and their values.

    Raises Unusable where one has several: which is meant depends on the place, and nothing here works that out."""
    found: dict[str, str] = {}
    declarations = [body for sheet in sheets for _, body in _rules(COMMENT.sub(" ", sheet))] + attributes
    for name, value in DEFINITION.findall(";".join(declarations)):
        value = value.replace("!important", "").strip()
        if found.setdefault(name, value) != value:
            raise Unusable(
                f"an SVG that gives its CSS variable {name} several values; export it with plain colours, or as PNG"
            )
    for sheet in sheets:
        for name, value in INITIAL.findall(COMMENT.sub(" ", sheet)):
            found.setdefault(name, value.strip())
    return found


def plain_value(text: str, variables: dict[str, str]) -> str:
    """An attribute's value, or declarations, with variables and colours written out. Raises Unusable for what cannot
    be."""
    for _ in range(DEPTH):
        if not VAR.search(text):
            break
        text = VARIABLE.sub(lambda match: _value(match, variables), text)
        if len(text) > MAX_STYLE:
            raise Unusable("an SVG whose CSS variables grow without bound")
    if VAR.search(text):
        raise Unusable("an SVG with CSS variables that are defined by themselves")
    text = LIGHT.sub(lambda match: match[1].strip(), text)
    text = FUNCTION.sub(lambda match: _plain_colour(match[1].lower(), match[2]) or match[0], text)
    text = WORDS.sub(lambda match: COLOURS[match[0].lower()], text)
    text = re.sub(r"\s+(?:icc|device)-[a-z]+\([^()]*\)", "", text)  # SVG 1.1: a plain colour stands before it
    if unknown := UNKNOWN.search(text):
        raise Unusable(
            f"an SVG with values of a newer kind ({unknown[1] or unknown[2]}); export it with plain colours, or as PNG"
        )
    return text


def _value(match: re.Match, variables: dict[str, str]) -> str:
    value = variables.get(match[1], match[2])
    if value is None:
        raise Unusable(
            f"an SVG coloured by {match[1]}, which it leaves to a web page; export it with plain colours, or as PNG"
        )
    return value.strip()


def _plain_colour(name: str, inside: str) -> str | None:
    """rgb(), hsl() or hwb() in any of their ways of writing as #rrggbbaa; None where it is none."""
    parts = [part for part in re.split(r"[\s,/]+", inside.strip()) if part]
    if len(parts) not in (3, 4):
        return None
    try:
        alpha = _number(parts[3], 1.0) if len(parts) == 4 else 1.0
        if name.startswith("rgb"):
            colour = [_number(part, 255.0) / 255 for part in parts[:3]]
        else:
            turn = {"deg": 360.0, "grad": 400.0, "rad": 6.283185307, "turn": 1.0}
            angle = re.fullmatch(r"(none|[-+]?[\d.]+(?:e-?\d+)?)(deg|grad|rad|turn)?", parts[0].lower())
            if angle is None:
                return None
            hue = (0.0 if angle[1] == "none" else float(angle[1])) / turn[angle[2] or "deg"] % 1
            one, other = (min(max(_number(part, 100.0) / 100, 0.0), 1.0) for part in parts[1:3])
            if name == "hwb":
                white, black = (one / (one + other), other / (one + other)) if one + other > 1 else (one, other)
                colour = [white + (1 - white - black) * c for c in colorsys.hsv_to_rgb(hue, 1, 1)]
            else:
                colour = list(colorsys.hls_to_rgb(hue, other, one))
    except ValueError:
        return None
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02x}" for c in (*colour, alpha))


def _number(text: str, whole: float) -> float:
    if text.lower() == "none":
        return 0.0
    return float(text[:-1]) / 100 * whole if text.endswith("%") else float(text)


def plain_sheet(css: str, variables: dict[str, str]) -> str:
    """A style sheet with its at-rules resolved for a light screen and its values written out.

    Raises Unusable where colours hang on a selector that resvg would pass over."""
    rules = _rules(COMMENT.sub(" ", css))
    return plain_value("".join(f"{head}{{{DEFINITION.sub('', body)}}}\n" for head, body in rules), variables)


def _rules(css: str, depth: int = 0) -> list[tuple[str, str]]:
    """(selectors, declarations) of every rule that holds on a light screen."""
    if depth > 8:
        raise Unusable("an SVG whose style is nested too deeply")
    rules = []
    for head, body in _blocks(css):
        low = head.lower()
        if low.startswith(("@layer", "@supports")) or (low.startswith("@media") and _is_for_a_light_screen(low)):
            rules += _rules(body, depth + 1)
        elif not low.startswith("@"):
            if PAINT.search(body) and ((found := SELECTOR.search(head)) or "{" in body):
                what = found[0] if found else "a rule inside a rule"
                raise Unusable(
                    f"an SVG coloured by style rules of a newer kind ({what}); export it with plain colours, or as PNG"
                )
            rules.append((head, body))
    return rules


def _is_for_a_light_screen(query: str) -> bool:
    return not re.search(r"print|speech|dark|forced|inverted|reduce|more|max-|min-", query)


def _blocks(css: str) -> list[tuple[str, str]]:
    """(what stands before a block, what stands in it) of every outermost block; statements without one are left out."""
    blocks, start, at, depth = [], 0, 0, 0
    for brace in re.finditer(r"[{};]", css):
        if brace[0] == "{":
            if depth == 0:
                head, at = css[start : brace.start()].strip(), brace.end()
            depth += 1
        elif brace[0] == "}" and depth:
            depth -= 1
            if depth == 0:
                blocks.append((head, css[at : brace.start()]))
                start = brace.end()
        elif depth == 0:
            start = brace.end()
    return blocks

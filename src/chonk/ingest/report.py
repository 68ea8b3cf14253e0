"""gather.html: what was taken, what was skipped and why, for people.

One file that needs no other: small pictures are inside it, nothing is fetched, and every name from outside is shown as
text."""

from __future__ import annotations

import base64
import io
import unicodedata
from html import escape
from pathlib import Path

from PIL import Image

MAX_PICTURES = 400
MAX_NAMES = 200
THUMB = 64
JOINER = "\N{ZERO WIDTH JOINER}"
"""Holds emoji of several parts together."""
STYLE = """
:root { color-scheme: light dark; --ground: light-dark(#faf8f5, #1b1a1d); --card: light-dark(#fff, #27252a);
  --ink: light-dark(#2b2730, #ece8f0); --soft: light-dark(#6b6572, #aaa3b3); --line: light-dark(#e6e0da, #3b3840); --mark: light-dark(#b4431f, #ff9d73) }
* { box-sizing: border-box } body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif }
main { max-width: 64rem; margin: 0 auto; padding: 1.25rem 1rem 4rem } h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0 } h2 { font-size: 1.2rem; margin: 2.2rem 0 .6rem }
p, ul { margin: .4rem 0 } .soft { color: var(--soft) } ul.advice { padding-left: 1.2rem } ul.advice li:first-child { font-weight: 600 }
.sheet { display: grid; grid-template-columns: repeat(auto-fill, minmax(64px, 1fr)); gap: .5rem } figure { margin: 0; min-width: 0; text-align: center }
figure img { width: 100%; max-width: 96px; aspect-ratio: 1; border-radius: .5rem; background: var(--card); border: 1px solid var(--line); image-rendering: auto }
figcaption { font-size: .68rem; color: var(--soft); overflow: hidden; text-overflow: ellipsis; white-space: nowrap }
details, .group { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .6rem .8rem; margin: .5rem 0 }
summary { cursor: pointer } summary b { color: var(--mark) } .names { font-size: .85rem; overflow-wrap: anywhere; margin: .5rem 0 0; padding-left: 1.2rem }
.group { display: flex; gap: .8rem; align-items: center } .group img { width: 64px; height: 64px; flex: none; border-radius: .4rem } .group div { min-width: 0; overflow-wrap: anywhere; font-size: .85rem }
"""


def report(result: dict, folder: Path) -> str:
    """The whole page.  result: what gather.json holds; folder: where the pictures are."""
    taken, skipped = result["taken"], result["skipped"]
    step = -(-len(taken) // MAX_PICTURES)
    sheet = "".join(
        f'<figure title="{_text(row["source"])}"><img loading="lazy" alt="" src="{_thumb(folder / row["file"])}">'
        f"<figcaption>{_name(row['source'].rsplit('/', 1)[-1])}</figcaption></figure>"
        for row in taken[::step]
    )
    some = f"Every {step}th of them is shown. " if step > 1 else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{len(taken):,} pictures gathered</title><style>{STYLE}</style></head><body><main>
<p class="soft">chonk gather</p>
<h1>{len(taken):,} pictures taken, {len(skipped):,} entries skipped</h1>
<p class="soft">{result["different"]:,} really different pictures of {result["size"]} x {result["size"]} pixels.</p>
<ul class="advice">{"".join(f"<li>{_text(line)}</li>" for line in result["advice"])}</ul>
<h2>Taken</h2><p class="soft">{some}Point at a picture for its file.</p><div class="sheet">{sheet}</div>
{_groups(taken, skipped, folder)}{_skipped(skipped)}
</main></body></html>
"""


def _thumb(file: Path) -> str:
    """A small copy of a picture as a data address."""
    out = io.BytesIO()
    with Image.open(file) as opened:
        picture = opened.convert("RGBA")
        if picture.width > THUMB:
            picture = picture.convert("RGBa").resize((THUMB, THUMB), Image.Resampling.HAMMING).convert("RGBA")
        picture.save(out, "WEBP", quality=80)
    return "data:image/webp;base64," + base64.b64encode(out.getvalue()).decode()


def _groups(taken: list[dict], skipped: list[dict], folder: Path) -> str:
    files = {row["source"]: row["file"] for row in reversed(taken)}
    groups: dict[str, list[dict]] = {}
    for row in taken + skipped:
        if "copy_of" in row:
            groups.setdefault(row["copy_of"], []).append(row)
    if not groups:
        return ""
    parts = ['<h2>Copies of one picture</h2><p class="soft">The first of each group was taken.</p>']
    for source, rows in sorted(groups.items())[:MAX_NAMES]:
        picture = f'<img alt="" src="{_thumb(folder / files[source])}">' if source in files else ""
        names = "<br>".join(
            _name(row["source"]) + (" (mirrored)" if row["mirrored"] else "") for row in rows[:MAX_NAMES]
        )
        parts.append(f'<div class="group">{picture}<div><b>{_name(source)}</b><br>{names}</div></div>')
    return "".join(parts) + _more(len(groups) - MAX_NAMES)


def _skipped(skipped: list[dict]) -> str:
    reasons: dict[str, list[tuple[str, str]]] = {}
    for row in skipped:
        if "copy_of" not in row:
            reason, detail = _without_detail(row["reason"])
            reasons.setdefault(reason, []).append((row["source"], detail))
    if not reasons:
        return ""
    parts = ["<h2>Skipped, and why</h2>"]
    for reason, names in sorted(reasons.items(), key=lambda item: (-len(item[1]), item[0])):
        items = "".join(
            f'<li>{_name(name)} <span class="soft">{_text(detail)}</span></li>' for name, detail in names[:MAX_NAMES]
        )
        opened = " open" if len(names) <= 5 else ""
        parts.append(
            f'<details{opened}><summary><b>{len(names):,}</b> {_text(reason)}</summary><ul class="names">{items}</ul>'
            f"{_more(len(names) - MAX_NAMES)}</details>"
        )
    return "".join(parts)


def _without_detail(reason: str) -> tuple[str, str]:
    """A reason without what it says in brackets at its end, and that."""
    head, _, tail = reason.partition(" (")
    return (head, tail[:-1]) if tail.endswith(")") else (reason, "")


def _more(count: int) -> str:
    return f'<p class="soft">and {count:,} more: gather.json lists all</p>' if count > 0 else ""


def _name(name: str) -> str:
    return f"<bdi>{_text(name)}</bdi>"


def _text(text: str) -> str:
    """Text from outside, harmless: escaped, and without control characters and those that turn the direction of
    writing."""
    return escape(
        "".join(
            c
            if c == JOINER or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Zl", "Zp")
            else "\N{REPLACEMENT CHARACTER}"
            for c in text
        )
    )

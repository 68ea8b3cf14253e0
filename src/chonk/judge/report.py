"""score.html: the verdict for a person, one file without scripts, with the pictures that show why."""

from __future__ import annotations

import base64
import io
from html import escape

import numpy as np
import torch
from PIL import Image

from chonk.judge.smooth import Smoothness
from chonk.judge.verdict import Verdict
from chonk.judge.words import LABELS

SHOWN = 12
"""How many pictures, or pairs, each row shows."""

STYLE = """
:root { color-scheme: light dark; --ground: #fbfaf8; --ink: #23211f; --soft: #6b665f; --line: #ddd8d0; --card: #fff;
  --good: #2e7d4f; --fair: #a5670c; --bad: #b3372f }
@media (prefers-color-scheme: dark) { :root { --ground: #191817; --ink: #ece9e4; --soft: #a49e95; --line: #3a3733;
  --card: #232120; --good: #6cc494; --fair: #e0a54a; --bad: #ee8a80 } }
* { box-sizing: border-box }
body { margin: 0 auto; padding: 1.2rem; max-width: 62rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .3rem } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem }
p { margin: .3rem 0; max-width: 46rem } .soft { color: var(--soft) }
.gauges { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(16rem, 100%), 1fr)); gap: .8rem; margin: 1.2rem 0 }
.gauge { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .8rem 1rem }
.gauge b { display: block; font-size: 1.1rem } .gauge .soft { display: block }
meter { width: 100%; height: 1rem; margin: .3rem 0 }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: 0 2rem }
.pictures { display: flex; flex-wrap: wrap; gap: .5rem; padding: 0; margin: .6rem 0; list-style: none }
.pictures li { border: 1px solid var(--line); background: #fff; color: #444; border-radius: .3rem; padding: .2rem; font-size: .75rem; text-align: center }
.pictures img { display: inline-block; width: 72px; height: 72px; image-rendering: pixelated; vertical-align: top }
.next { margin: .3rem 0; padding-left: 1.2rem; max-width: 46rem }
details { margin: 1.5rem 0 } summary { cursor: pointer; font-size: 1.1rem; font-weight: 600; padding: .5rem 0 }
.table { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: .9rem }
td, th { border-bottom: 1px solid var(--line); padding: .35rem .6rem .35rem 0; text-align: right; white-space: nowrap; vertical-align: top }
td:first-child, th:first-child { text-align: left } td:last-child, th:last-child { text-align: left; white-space: normal; min-width: 15rem }
@media (max-width: 40rem) { tr { display: grid; grid-template-columns: 1fr auto auto; gap: 0 .8rem; border-bottom: 1px solid var(--line); padding: .35rem 0 }
  td, th { border: 0; padding: 0 } td:last-child { grid-column: 1 / -1; color: var(--soft) } th:last-child, td:last-child:empty { display: none } }
"""


def image(pixels: torch.Tensor, alt: str) -> str:
    """One picture (bytes C x S x S, on white) as an <img> that carries its own data."""
    file = io.BytesIO()
    Image.fromarray(pixels[:3].permute(1, 2, 0).numpy()).save(file, "PNG")
    return f'<img alt="{escape(alt, quote=True)}" src="data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}">'


def row(title: str, why: str, items: list[str]) -> str:
    """A headed row of pictures; nothing where there are none."""
    shown = "".join(f"<li>{item}</li>" for item in items)
    return (
        f'<section><h2>{escape(title)}</h2><p class="soft">{escape(why)}</p><ul class="pictures">{shown}</ul></section>'
        if items
        else ""
    )


def twin_pairs(twins: tuple[np.ndarray, np.ndarray], most: int = SHOWN) -> list[tuple[int, int]]:
    """The most alike pairs of results, each picture in one pair only, nearest first."""
    other, gap = twins
    pairs: list[tuple[int, int]] = []
    seen: set[int] = set()
    for i in np.argsort(gap, kind="stable"):
        if not seen & {int(i), int(other[i])}:
            pairs.append((int(i), int(other[i])))
            seen |= {int(i), int(other[i])}
    return pairs[:most]


def pictures(real: torch.Tensor, fake: torch.Tensor, verdict: Verdict, blends: Smoothness) -> str:
    """The rows that show why, each with the sentence of the figure that it shows."""
    nearest, typical_gap, said = verdict.nearest, verdict.typical_gap, verdict.words.sentences
    copied = np.argsort(nearest.gap, kind="stable")[:SHOWN]
    order = np.lexsort((nearest.gap, -verdict.density))
    seen = np.argsort(verdict.realness, kind="stable")[: np.isfinite(verdict.realness).sum()]
    every = np.linspace(0, len(real) - 1, min(2 * SHOWN, len(real))).astype(int)

    def beside(i: int, caption: str = "") -> str:
        """A result, and the training picture nearest to it."""
        pair = f"{image(fake[i], f'result {i}')} {image(real[nearest.index[i]], f'its nearest training picture, {nearest.index[i]}')}"
        return f"{pair}<br>{escape(caption)}" if caption else pair

    return "".join(
        (
            '<div class="two">',
            row(
                "Some results, unpicked",
                "The first ones drawn.",
                [image(fake[i], f"result {i}") for i in range(min(2 * SHOWN, len(fake)))],
            ),
            row(
                "Some training pictures",
                "What they were learned from.",
                [image(real[i], f"training picture {i}") for i in every],
            ),
            "</div>",
            row(
                "Copied?",
                f"{said['copies']} These come nearest: left the result, right its nearest training picture. Below 0.50 "
                f"it counts as a copy; "
                "1.00 is how far real pictures are from each other.",
                [beside(i, f"{nearest.gap[i] / typical_gap:.2f}") for i in copied],
            ),
            row(
                "Alike?",
                f"{said['duplicates']} These pairs are most alike.",
                [
                    f"{image(fake[i], f'result {i}')} {image(fake[j], f'result {j}')}"
                    for i, j in twin_pairs(verdict.twins)
                ],
            ),
            row(
                "Hold together",
                f"{said['whole']} These seem the most whole.",
                [image(fake[i], f"result {i}") for i in seen[::-1][:SHOWN]],
            ),
            row(
                "Fall apart",
                "And these the least: parts that do not belong together, or are missing.",
                [image(fake[i], f"result {i}") for i in seen[:SHOWN]],
            ),
            row(
                "The best",
                f"{said['density']} These have the most around them; right the training picture nearest to each.",
                [beside(i) for i in order[:SHOWN]],
            ),
            row(
                "The worst",
                f"{said['precision']} These look least like any; right the training picture nearest to each.",
                [beside(i) for i in order[::-1][:SHOWN]],
            ),
            row(
                "A blend from one picture to another",
                f"{blends.sentence()} This is the roughest of them.",
                [image(picture, f"step {i} of a blend") for i, picture in enumerate(blends.worst)],
            ),
        )
    )


def table(figures: dict[str, dict], label: str = "all figures") -> str:
    """Figures with their noise and what real pictures get."""

    def number(value: float, deviation: float) -> str:
        digits = 1 if abs(value) >= 20 else 3
        return f"{value:.{digits}f} ± {deviation:.{digits}f}"

    rows = "".join(
        f"<tr><td>{escape(LABELS.get(name, name))} {'↑' if f['higher'] else '↓'}</td><td>{number(f['value'], f['deviation'])}</td>"
        f"<td>{number(f['real'], f['real_deviation'])}</td><td>{escape(f['sentence'])}</td></tr>"
        for name, f in figures.items()
    )
    return (
        '<div class="table" tabindex="0" role="region" aria-label="'
        + escape(label, quote=True)
        + '"><table><thead><tr><th>figure</th><th>results</th>'
        f"<th>real pictures</th><th>in words</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def page(answer: dict, real: torch.Tensor, fake: torch.Tensor, verdict: Verdict, blends: Smoothness) -> str:
    """The whole file, from what score.json holds, from the pictures (bytes N x C x S x S) and from what was found in
    them."""
    gauges = "".join(
        f'<div class="gauge"><b>{escape(name)}</b><meter min="0" max="1" low="0.25" high="0.8" optimum="1" '
        f'value="{g["value"]:.3f}" '
        f'aria-label="{escape(name)}">{g["value"]:.2f}</meter><span class="soft">{escape(g["word"])}</span></div>'
        for name, g in answer["gauges"].items()
    )
    counts = answer["counts"]
    steps = "".join(f"<li>{escape(step)}</li>" for step in answer["next_steps"])
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>{escape(answer["title"])}: the verdict</title><style>{STYLE}</style></head><body><main>
<h1>{escape(answer["verdict"])}</h1>
<p class="soft">{escape(answer["title"])}: {counts["results"]} results against {counts["training"]} training pictures.
A full bar is what other real pictures of the same set would get.</p>
<div class="gauges">{gauges}</div>
<section><h2>What to do next</h2><ul class="next">{steps}</ul></section>
{pictures(real, fake, verdict, blends)}
<details><summary>All figures</summary>
<p class="soft">↑ more is better, ↓ less is better; ± is one standard deviation. “Real pictures” is what one half of the training set gets
against the other half; the results are measured against the same halves, {counts["half"]} pictures each. Features: {escape(answer["features"])}.</p>
{table(answer["figures"])}</details>
{truth_section(answer["truth"]) if "truth" in answer else ""}
{second_section(answer["second"]) if "second" in answer else ""}
</main></body></html>
"""


def second_section(second: dict) -> str:
    """The same question to features of others (`chonk.judge.fidelity`)."""
    return (
        f'<h2>A second opinion</h2><p class="soft">On features learned from photographs '
        f"({escape(second['features'])}), in their own units.</p>" + table(second["figures"], "second opinion")
    )


def truth_section(truth: dict) -> str:
    """What the factor reader found among results for the built-in character (`chonk.judge.truth`)."""
    rows = "".join(
        f"<tr><td>{escape(factor)}</td><td>{escape(value)}</td><td>{found['results']:.3f}</td><td>{found['truth']:.3f}</td><td></td></tr>"
        for factor, values in truth["shares"].items()
        for value, found in values.items()
    )
    return (
        f"<section><h2>Against the truth</h2><p>{escape(truth['sentence'])}</p></section>"
        '<details><summary>Every value of every factor</summary><div class="table" tabindex="0" role="region" '
        'aria-label="factor values">'
        "<table><thead><tr><th>factor</th><th>value</th><th>share of results</th><th>share in "
        "truth</th><th></th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div></details>"
    )

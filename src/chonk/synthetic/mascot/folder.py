"""A training set of the character, as `chonk gather --character N` leaves it, with the truth of every picture."""

from __future__ import annotations

import json
from pathlib import Path

from chonk.files import FORMAT, MAX_LIST, read_json
from chonk.synthetic.mascot.factors import FACTORS, Truth, truths
from chonk.synthetic.mascot.figure import draw


def make_folder(count: int, seed: int, size: int, out: Path | str) -> None:
    """Writes `out`/0001.png ... (RGBA, `size` x `size`, transparent ground), truth.json and gather.json.

    The same arguments give the same bytes.  truth.json tells the factors of each picture, and its wobble, so that
    `load_truths` can draw it again.  Raises UserError for a count that the factors cannot give."""
    out = Path(out)
    pictures = truths(count, seed)
    digits = max(4, len(str(count)))
    names = [f"{number:0{digits}}.png" for number in range(1, count + 1)]
    out.mkdir(parents=True, exist_ok=True)
    for name, truth in zip(names, pictures):
        draw(truth, size).save(out / name)
    _write(
        out / "truth.json",
        {
            "format": FORMAT,
            "factors": FACTORS,
            "pictures": {name: truth.factors() for name, truth in zip(names, pictures)},
            "wobble": {name: truth.wobble for name, truth in zip(names, pictures)},
        },
    )
    source = f"the built-in character, seed {seed}, picture"
    _write(
        out / "gather.json",
        {
            "format": FORMAT,
            "size": size,
            "character": {"count": count, "seed": seed},
            "taken": [{"file": name, "source": f"{source} {number}"} for number, name in enumerate(names, 1)],
            "skipped": [],
        },
    )


def load_truths(folder: Path | str) -> dict[str, Truth]:
    """File name -> truth, as `make_folder` wrote them."""
    content = read_json(Path(folder) / "truth.json", MAX_LIST)
    return {name: Truth(**factors, wobble=content["wobble"][name]) for name, factors in content["pictures"].items()}


def _write(file: Path, content: dict) -> None:
    file.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")

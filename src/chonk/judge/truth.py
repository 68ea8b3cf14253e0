"""Against the truth: for the built-in character it is known what a picture can show, so variety and arithmetic can be
counted.

- *shares*: how often each value of each factor appears among the results, beside its share in the training set.
- *combinations*: the values of all thirteen factors make a picture; how many different ones the results show, how many
  of them no training picture shows, and how many of those are drawn clearly enough for every factor to be read.
- *sums*: base - minus + plus.  Minus and plus are means of what the model makes sums with (latents, or features), over
  the results that read as one value of a factor and over those that read as another: sums of single pictures are
  unstable, sums of means are not (Radford et al. 2016, arXiv:1511.06434, section 6.3.2).  A sum is right if it reads as
  the base with that one value exchanged, so the two means may differ in that factor alone: they are adjusted by least
  squares for all the other factors (Searle, Speed and Milliken 1980).  Plain means of k results are off by 1 / sqrt(k)
  in every direction, which moves the other factors; with k = 16 even a generator whose latents are the factors fails
  three sums of four.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch

from chonk.errors import UserError
from chonk.files import MAX_LIST, read_json
from chonk.judge.reader import SURE, FactorReader, Reading, exchanged, outcome, reliable, right, shipped_reader
from chonk.judge.words import share
from chonk.model import Model
from chonk.pixels import as_bytes
from chonk.synthetic.mascot import FACTORS

SUMS, MIN_PICTURES = 300, 4
PER_PICTURE, MIN_RESULTS, MAX_RESULTS = 10, 1000, 2000
"""Results that are read for each training picture, and how few and how many at least and at most."""
FAR = 3
"""In so many factors a result must differ from every training picture to be one that nobody drew: with one changed
it is still a known picture with another hat."""


def trained_on(folder: Path) -> np.ndarray | None:
    """The training pictures' factor values as numbers, N x factors; None for pictures that are not the built-in
    character's.

    Raises UserError for a truth.json that does not fit this version's character."""
    file = folder / "truth.json"
    if not file.is_file():
        return None
    try:
        pictures = read_json(file, MAX_LIST)["pictures"].values()
        return np.array([[values.index(picture[factor]) for factor, values in FACTORS.items()] for picture in pictures])
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UserError(
            f"{file}: not the truth of this version's character ({error}); draw the pictures again with: chonk gather "
            f"--character N"
        ) from error


def shares(read: np.ndarray, truth: np.ndarray) -> dict[str, dict[str, dict[str, float]]]:
    """Factor -> value -> its share among the results and in the training set."""
    return {
        factor: {
            value: {"results": float((read[:, i] == n).mean()), "truth": float((truth[:, i] == n).mean())}
            for n, value in enumerate(values)
        }
        for i, (factor, values) in enumerate(FACTORS.items())
    }


def combinations(read: Reading, truth: np.ndarray) -> dict[str, float]:
    """different: distinct combinations per result; new: share of the results whose combination was never trained on;
    clear: share of the results in which every factor is read with SURE; new_and_clear: both; far_and_clear: clear, and
    at least FAR factors differ from each training picture."""
    trained = set(map(bytes, truth.astype(np.uint8)))
    rows = [bytes(row) for row in read.values.astype(np.uint8)]
    new, clear = np.array([row not in trained for row in rows]), (read.sure > SURE).all(1)
    return {
        "different": len(set(rows)) / len(rows),
        "new": float(new.mean()),
        "clear": float(clear.mean()),
        "new_and_clear": float((new & clear).mean()),
        "far_and_clear": float((nearest_truth(read.values, truth) >= FAR)[clear].sum() / len(rows)),
    }


def nearest_truth(values: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """In how many factors each row of N x factors differs from the row of `truth` that is most like it."""
    return np.array([(row != truth).sum(1).min() for row in values], dtype=int)


def adjusted_means(features: np.ndarray, values: np.ndarray) -> list[np.ndarray]:
    """By factor, for each of its values the mean of the features (N x ...) that show it, had all other factors been
    mixed alike: values x ..."""
    counts = [len(options) for options in FACTORS.values()]
    shown = np.concatenate([np.eye(count)[values[:, i]] for i, count in enumerate(counts)], 1)
    flat = features.reshape(len(features), -1).astype(np.float64)
    parts = np.linalg.lstsq(shown - shown.mean(0), flat - flat.mean(0), rcond=None)[0]
    return [(flat.mean(0) + part).reshape(-1, *features.shape[1:]) for part in np.split(parts, np.cumsum(counts)[:-1])]


def sums(
    draw,
    read: FactorReader,
    features: np.ndarray,
    values: np.ndarray,
    seen: list[int],
    count: int = SUMS,
    seed: int = 0,
    change=lambda minus, plus: plus - minus,
) -> dict:
    """Makes `count` sums from results whose factors were read (`features` N x ..., with which they add up, `values` N x
    factors) and reads what comes out.

    `draw` maps features to bytes N x C x S x S, and `change` those of minus and of plus to what is added; only the
    factors `seen`, which are read reliably, are asked for and watched. changed: share in which the asked value appears;
    kept: mean share of the other factors that stay; right: changed, and at most one of the others not kept.  No sums
    where no factor has two values that at least MIN_PICTURES results show."""
    rng = np.random.default_rng(seed)
    usual = [
        [n for n in range(len(options)) if (values[:, i] == n).sum() >= MIN_PICTURES]
        for i, options in enumerate(FACTORS.values())
    ]
    usable = [i for i in seen if len(usual[i]) > 1]
    if not usable:
        return {"count": 0, "factors": [], "changed": 0.0, "kept": 0.0, "right": 0.0}
    bases, wanted, asked = [], [], []
    for _ in range(count):
        factor = rng.choice(usable)
        before, after = rng.choice(usual[factor], 2, replace=False)
        bases.append(rng.choice(np.flatnonzero(values[:, factor] == before)))
        wanted.append(exchanged(values[bases[-1]], factor, after))
        asked.append(factor)
    others = np.setdiff1d(np.arange(len(values)), bases)
    means = adjusted_means(features[others], values[others])
    minus, plus = (
        np.stack([means[factor][now[factor]] for factor, now in zip(asked, shown)]) for shown in (values[bases], wanted)
    )
    made = features[bases] + change(minus, plus)
    changed, slips = outcome(read(draw(made.astype(np.float32))).values, np.stack(wanted), np.array(asked), seen)
    return {
        "count": count,
        "factors": [list(FACTORS)[i] for i in seen],
        "changed": float(changed.mean()),
        "kept": float(1 - slips.mean() / max(1, len(seen) - 1)),
        "right": float(right(changed, slips).mean()),
    }


class Results(NamedTuple):
    """Random pictures of a model."""

    latents: np.ndarray
    """N x latent_dim."""
    features: np.ndarray
    """What sums are made with, as `Model.features` has it."""
    pixels: torch.Tensor
    """Bytes, N x C x S x S."""


def truth(model: Model, results: Results, training: np.ndarray) -> dict:
    """All of it for a model trained on the built-in character with these factor values (`trained_on`).  The first
    `asked_for` of the results are read."""
    reader, count = shipped_reader(), asked_for(training)
    read = reader(results.pixels[:count])
    added = sums(
        lambda features: as_bytes(model.decode(features)),
        reader,
        results.features[:count],
        read.values,
        reliable(reader.accuracy),
        change=model.difference,
    )
    found = {
        "shares": shares(read.values, training),
        "combinations": combinations(read, training),
        "sums": added,
        "reader": {"accuracy": reader.accuracy, "clear": reader.clear, "right": reader.right},
    }
    return found | {"sentence": sentence(found, count)}


def asked_for(training: np.ndarray) -> int:
    """How many results are read, for N training pictures."""
    return min(max(PER_PICTURE * len(training), MIN_RESULTS), MAX_RESULTS)


def sentence(found: dict, count: int) -> str:
    """What was found in so many results, for a person."""
    values = [value for factor in found["shares"].values() for value in factor.values()]
    shown = sum(value["results"] >= value["truth"] / 4 for value in values)
    together, arithmetic = found["combinations"], found["sums"]
    return (
        f"Of the {len(values)} things that the character can do, wear or be, {shown} appear among {count} results at "
        f"least a quarter as often as they should. {share(together['new']).capitalize()} of the results combine them "
        f"as no training picture does, {share(together['new_and_clear'])} do and are clear to read throughout, "
        f"{share(together['far_and_clear'])} are clear and differ in at least {FAR} things from every training picture "
        f"(of faultless drawings {share(found['reader']['clear'])} are clear). "
        f"Of {arithmetic['count']} sums (this one, less that, plus that) {share(arithmetic['right'])} come out right "
        f"(drawn by hand with that one value exchanged, {share(found['reader']['right'])} read as right): in "
        f"{share(arithmetic['changed'])} the asked change happens, and {share(arithmetic['kept'])} of everything else "
        f"stays."
    )

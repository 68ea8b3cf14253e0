"""Directions worth a slider: with names where the truth of the training pictures is known.

A direction is a step that is added to what a model makes sums with: features, where its net has them, or
latents.  Both kinds come from the same samples and their small pictures.  Without names: what the small pictures differ
in most, their principal components.  With names: a linear reader learns on small training pictures to tell whether one
has a factor's value, and says it of the samples.  A value gets a slider if the reader is right about training pictures
that it did not learn from, and if the direction moves it in samples that were not learned from either; `reach` then
measures how far.
"""

from __future__ import annotations

import base64
from collections import Counter
from functools import cached_property

import numpy as np

from chonk.model import Model
from chonk.pixels import compose
from chonk.play.reach import LOOKS, MIN_SEEN, Reach, Read, ends, looks, reach
from chonk.play.training import small

SAMPLES, SEED = 400, 11
UNNAMED, NAMED = 8, 12
MIN_READ = 0.8
"""Chance that of two unseen training pictures, one with the value and one without, the reader orders them right; 0.5 is
a coin."""
MIN_PICTURES = 12
"""Training pictures that must have a value, and that must lack it."""


def directions(
    model: Model, pictures: np.ndarray | None = None, truth: dict[str, list[str]] | None = None
) -> list[dict]:
    """The strongest first: [{"name": {"en": ..., "zh": ...} or {}, "ends": [names of the lower and the upper end],
    "reach": [how far each is], ...}] with "vector", latent_dim numbers of length 1, or for features with "step" and
    "numbers": base64 of whole numbers -127 to 127, channels x side x side, in that unit.

    `pictures` are the training set's bytes N x C x S x S and `truth` the value of every factor in each of them."""
    space = Features(model) if model.has_features else Latents(model)
    cells = space.cells
    found = (
        named(space, cells, small(pictures).reshape(len(pictures), -1), truth) if truth and pictures is not None else []
    )
    return found or unnamed(space, cells)


def unnamed(space: Latents | Features, cells: np.ndarray) -> list[dict]:
    """What small pictures (samples' cells N x P) differ in most."""
    entries = []
    for step in space.strongest(cells):
        if far := reach(space, step, looks):
            entries.append({"name": {}, "ends": ends(far, LOOKS), "reach": [far.low, far.high], **space.entry(step)})
    return entries


def named(
    space: Latents | Features, cells: np.ndarray, training: np.ndarray, truth: dict[str, list[str]]
) -> list[dict]:
    """The directions of factor values that small pictures show and that samples (cells N x P) can be moved along, best
    first."""
    wanted = [
        (factor, value, np.array(own) == value)
        for factor, own in truth.items()
        for value in sorted(set(own))
        if value != "none"
    ]
    wanted = [entry for entry in wanted if MIN_PICTURES <= entry[2].sum() <= len(training) - MIN_PICTURES]
    if not wanted:
        return []
    has, mean = np.stack([entry[2] for entry in wanted], 1), training.mean(0)
    training = training.astype(np.float64) - mean
    seen = _halves(
        len(training), lambda learn, test: _skill(training[test] @ _reader(training[learn], has[learn]), has[test])
    )
    reader = _reader(training, has)

    def read(cells: np.ndarray) -> np.ndarray:
        return (cells - mean) @ reader

    felt, steps = space.moved(cells, read)
    found: list[tuple[int, dict]] = []
    taken: Counter[str] = Counter()
    for k in np.argsort(-felt, kind="stable"):
        factor, value, _ = wanted[k]
        # Of a factor with two values the second is the first one's slider pushed the other way.
        if seen[k] < MIN_READ or felt[k] < space.MIN_FELT or (taken[factor] and len(set(truth[factor])) == 2):
            continue
        if far := reach(space, steps[k], read, own=k):
            rivals = {i: other for i, (rival, other, _) in enumerate(wanted) if rival == factor and i != k}
            opposite = _opposite(far, rivals, value, "none" in truth[factor])
            name = {"name": words(factor), "ends": [opposite, words(value)], "reach": [far.low, far.high]}
            found.append((taken[factor], name | space.entry(steps[k])))
            taken[factor] += 1
    # One of every factor before the second of any.
    return [entry for _, entry in sorted(found, key=lambda pair: pair[0])][:NAMED]


def _opposite(far: Reach, rivals: dict[int, str], value: str, may_lack: bool) -> dict[str, str]:
    """What the lower end is called: the factor's value that comes forward most on the way there, if any does."""
    rival = max(rivals, key=lambda i: far.moved[0][i], default=None)
    if rival is not None and far.moved[0][rival] >= MIN_SEEN:
        return words(rivals[rival])
    known = words(value)
    less = {"en": f"no {value}" if may_lack else f"not {value}"}
    return less | ({"zh": f"无{known['zh']}" if may_lack else f"不{known['zh']}"} if "zh" in known else {})


class Latents:
    """Directions in latent space, by linear regression on the latents z, N x D."""

    MIN_FELT = 0.22
    """Correlation of what is read in unseen samples and what their latents say."""
    RIDGE = 100.0

    TRIED = 16
    """Samples that a direction is tried on."""
    LONGEST = 2.0
    """Beyond that, and the length of a latent, no net was ever trained: these reject nothing themselves."""

    def __init__(self, model: Model) -> None:
        self.model, self.z = model, model.latents(SEED, SAMPLES).astype(np.float64)
        self.cells = _cells(model(self.z))

    @property
    def still(self) -> np.ndarray:
        return self.cells[: self.TRIED]

    def drawn(self, step: np.ndarray, weight: float) -> np.ndarray:
        return _cells(self.model(self.z[: self.TRIED] + weight * step))

    def accepted(self, step: np.ndarray, weight: float) -> float:
        return float(abs(weight) <= self.LONGEST)

    def strongest(self, cells: np.ndarray) -> np.ndarray:
        """The directions along which small pictures (N x P) change most with the latent."""
        change = np.linalg.lstsq(self.z, cells - cells.mean(0), rcond=None)[0]
        vectors = np.linalg.svd(change, full_matrices=False)[0].T[:UNNAMED]
        brighter = _upwards(vectors @ change)
        return vectors * brighter[:, None]

    def moved(self, cells: np.ndarray, read: Read) -> tuple[np.ndarray, np.ndarray]:
        """How well latents say what is read in small pictures, N x P -> N x V, and the V directions."""
        values = read(cells)
        felt = _halves(
            len(self.z),
            lambda learn, test: _correlation(self.z[test] @ self._fit(self.z[learn], values[learn]), values[test]),
        )
        vectors = self._fit(self.z, values).T
        return felt, vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(1e-12)

    def _fit(self, z: np.ndarray, values: np.ndarray) -> np.ndarray:
        return np.linalg.solve(z.T @ z + self.RIDGE * np.eye(z.shape[1]), z.T @ (values - values.mean(0)))

    @staticmethod
    def entry(step: np.ndarray) -> dict:
        return {"vector": [round(float(v), 5) for v in step]}


class Features:
    """Directions in a net's features, by linear regression of the samples' features on what is seen in their pictures.

    On all that is seen at once: a direction is what goes with one thing while the others stay."""

    MIN_FELT = 0.5
    """By how many of its own standard deviations what is read moves when the direction is added once."""
    RIDGE = 0.1
    TRIED = 16
    """Samples that a direction is tried on; they are not learned from."""
    LONGEST = 1.5
    """Beyond that hardly a picture stays whole; for nets whose rejection cannot tell."""

    def __init__(self, model: Model) -> None:
        self.model, self.features = model, model.sample_features(SEED, SAMPLES)[1]
        self.cells = _cells(model.decode(self.features, project=False))
        self.tried = self.features[: self.TRIED]
        self.passing = self.tried[model.feature_score(self.tried) == 0]

    @cached_property
    def still(self) -> np.ndarray:
        return _cells(self.model.decode(self.tried))

    def drawn(self, step: np.ndarray, weight: float) -> np.ndarray:
        return _cells(self.model.decode(self.tried + np.float32(weight) * step))

    def accepted(self, step: np.ndarray, weight: float) -> float:
        if not len(self.passing):
            return float(abs(weight) <= self.LONGEST)
        return float((self.model.feature_score(self.passing + np.float32(weight) * step) == 0).mean())

    def strongest(self, cells: np.ndarray) -> np.ndarray:
        """What goes with the principal components of small pictures (N x P)."""
        left, _, right = np.linalg.svd(cells - cells.mean(0), full_matrices=False)
        return self._steps((left * _upwards(right))[:, :UNNAMED], self.features)

    def moved(self, cells: np.ndarray, read: Read) -> tuple[np.ndarray, np.ndarray]:
        """How far directions move what is read in small pictures, N x P -> N x V, in its standard deviations; and the V
        directions."""
        values, tried = read(cells), self.tried
        steps = self._steps(values[self.TRIED :], self.features[self.TRIED :])
        after = [read(_cells(self.model.decode(tried + step)))[:, k] for k, step in enumerate(steps)]
        felt = (np.stack(after, 1) - values[: self.TRIED]).mean(0) / values.std(0).clip(1e-12)
        return felt, steps

    def _steps(self, values: np.ndarray, features: np.ndarray) -> np.ndarray:
        """What of the features goes with each column of values, N x V, as large as changes are: V x channels x side x
        side."""
        values = (values - values.mean(0)) / values.std(0).clip(1e-12)
        apart = (features - features.mean(0)).reshape(len(features), -1)
        steps = np.linalg.solve(
            values.T @ values + self.RIDGE * len(values) * np.eye(values.shape[1]), values.T @ apart
        )
        steps = steps.reshape(-1, *features.shape[1:]).astype(np.float32)
        return self.model.difference(np.zeros_like(steps), steps)

    @staticmethod
    def entry(step: np.ndarray) -> dict:
        scale = float(np.abs(step).max() / 127) or 1.0
        return {"step": scale, "numbers": base64.b64encode(np.rint(step / scale).astype(np.int8).tobytes()).decode()}


def _cells(values: np.ndarray) -> np.ndarray:
    """A generator's output -> small pictures on white, N x P."""
    return small(compose(values, (255, 255, 255)).transpose(0, 3, 1, 2)).reshape(len(values), -1).astype(np.float64)


def _upwards(changes: np.ndarray) -> np.ndarray:
    """A sign for each of V x P changes: a singular vector's is an accident; up means brighter, on every machine."""
    return np.where(changes.sum(1) < 0, -1, 1)


def _halves(count: int, judge) -> np.ndarray:
    """The worse of what is found when every second one is learned from and when the others are."""
    half = np.arange(count) % 2 == 0
    return np.minimum(judge(half, ~half), judge(~half, half))


def _reader(pictures: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Ridge regression of values (N x V, yes or no) on small pictures N x P, as weights P x V."""
    likeness = pictures @ pictures.T
    return pictures.T @ np.linalg.solve(
        likeness + likeness.trace() / len(pictures) * np.eye(len(pictures)), has - has.mean(0)
    )


def _skill(scores: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Area under the receiver operating characteristic, for every column; 0 where all or none have the value."""
    parts = [(score[own], score[~own]) for score, own in zip(scores.T, has.T)]
    return np.array([(yes[:, None] > no).mean() if len(yes) and len(no) else 0.0 for yes, no in parts])


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of every column of a with the same of b."""
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0)).clip(1e-12)


CHINESE = {
    "lean": "倾斜",
    "pose": "姿势",
    "size": "大小",
    "colour": "颜色",
    "marking": "花纹",
    "ears": "耳朵",
    "tail": "尾巴",
    "eyes": "眼睛",
    "mouth": "嘴",
    "holds": "拿着",
    "hat": "帽子",
    "neck": "脖子",
    "scene": "场景",
    "left": "向左",
    "right": "向右",
    "upright": "直立",
    "sitting": "坐",
    "standing": "站",
    "loaf": "揣手",
    "lying": "躺",
    "big": "大",
    "small": "小",
    "apricot": "杏色",
    "berry": "莓色",
    "mint": "薄荷色",
    "lilac": "丁香色",
    "mask": "面罩",
    "patch": "色块",
    "spots": "斑点",
    "hood": "兜帽",
    "pointed": "尖",
    "round": "圆",
    "floppy": "垂",
    "long": "长",
    "ringed": "环纹",
    "curl": "卷",
    "pompom": "绒球",
    "happy": "开心",
    "sleepy": "困",
    "starry": "星星",
    "grumpy": "生气",
    "cat": "猫嘴",
    "open": "张开",
    "oh": "惊讶",
    "tongue": "吐舌",
    "taco": "玉米卷",
    "fish": "鱼",
    "balloon": "气球",
    "book": "书",
    "cone": "甜筒",
    "crown": "皇冠",
    "party": "派对帽",
    "beanie": "毛线帽",
    "leash": "牵绳",
    "scarf": "围巾",
    "water": "水",
    "fire": "火",
    "forest": "森林",
    "sky": "天空",
}


def words(name: str) -> dict[str, str]:
    """A factor or one of its values as the page names it."""
    return {"en": name} | ({"zh": CHINESE[name]} if name in CHINESE else {})

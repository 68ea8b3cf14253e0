"""Directions in latent space worth a slider: with names where the truth of the training pictures is known.

Both kinds come from the same samples and their small pictures.  Without names: the latent directions along which the pictures
change most, by linear regression of small pictures on latents and its singular vectors.  With names: a linear reader learns
on small training pictures to tell whether one has a factor's value; what it reads in the samples is fitted on their latents.
A value gets a slider if the reader is right about training pictures, and the fit about samples, that they did not learn from.
"""
from __future__ import annotations

import numpy as np

from chonk.model import Model, compose
from chonk.play.training import small

SAMPLES, SEED = 1000, 11
UNNAMED, NAMED = 6, 12
LEAST_READ = 0.8
"""Chance that of two unseen training pictures, one with the value and one without, the reader orders them right; 0.5 is a coin."""
LEAST_FELT = 0.22
"""Correlation of what is read in unseen samples and what their latents say."""
RIDGE = 100.0
FEWEST = 12
"""Training pictures that must have a value, and that must lack it."""


def directions(model: Model, pictures: np.ndarray | None = None, truth: dict[str, list[str]] | None = None) -> list[dict]:
    """[{"name": {"en": ..., "zh": ...} or {}, "vector": latent_dim numbers of length 1}], the strongest first.

    `pictures` are the training set's bytes N x C x S x S and `truth` the value of every factor in each of them."""
    z = model.latents(SEED, SAMPLES)
    cells = small(compose(model(z), (255, 255, 255)).transpose(0, 3, 1, 2)).reshape(SAMPLES, -1)
    found = named(z, cells, small(pictures).reshape(len(pictures), -1), truth) if truth and pictures is not None else []
    return found or unnamed(z, cells)


def unnamed(z: np.ndarray, cells: np.ndarray) -> list[dict]:
    """The directions along which small pictures (N x P) change most with the latent (N x D), linearly."""
    change = np.linalg.lstsq(z.astype(np.float64), cells - cells.mean(0), rcond=None)[0]
    vectors = np.linalg.svd(change, full_matrices=False)[0].T[:UNNAMED]
    # A singular vector's sign is an accident; up means brighter, on every machine.
    brighter = np.sign((vectors @ change).sum(1))
    return [_entry({}, vector * (sign or 1)) for vector, sign in zip(vectors, brighter)]


def named(z: np.ndarray, cells: np.ndarray, training: np.ndarray, truth: dict[str, list[str]]) -> list[dict]:
    """The directions of factor values that pictures show and that the latent can be shown to hold, best first."""
    wanted = [(factor, value, np.array(own) == value) for factor, own in truth.items() for value in sorted(set(own)) if value != "none"]
    wanted = [entry for entry in wanted if FEWEST <= entry[2].sum() <= len(training) - FEWEST]
    if not wanted:
        return []
    has = np.stack([entry[2] for entry in wanted], 1)
    training, cells = (part.astype(np.float64) - training.mean(0) for part in (training, cells))
    seen = _halves(len(training), lambda learn, test: _skill(training[test] @ _reader(training[learn], has[learn]), has[test]))
    read = cells @ _reader(training, has)
    felt = _halves(len(z), lambda learn, test: _correlation(z[test] @ _fit(z[learn], read[learn]), read[test]))
    found, taken = [], set()
    for k in np.argsort(-felt, kind="stable"):
        factor, value, _ = wanted[k]
        # Of a factor with two values the second is the first one's slider pushed the other way.
        if seen[k] >= LEAST_READ and felt[k] >= LEAST_FELT and (factor not in taken or len(set(truth[factor])) > 2):
            taken.add(factor)
            found.append(_entry(words(factor, value), _fit(z, read[:, k])))
    return found[:NAMED]


def _halves(count: int, judge) -> np.ndarray:
    """The worse of what is found when every second one is learned from and when the others are."""
    half = np.arange(count) % 2 == 0
    return np.minimum(judge(half, ~half), judge(~half, half))


def _reader(pictures: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Ridge regression of values (N x V, yes or no) on small pictures N x P, as weights P x V."""
    likeness = pictures @ pictures.T
    return pictures.T @ np.linalg.solve(likeness + likeness.trace() / len(pictures) * np.eye(len(pictures)), has - has.mean(0))


def _fit(z: np.ndarray, values: np.ndarray) -> np.ndarray:
    z = z.astype(np.float64)
    return np.linalg.solve(z.T @ z + RIDGE * np.eye(z.shape[1]), z.T @ (values - values.mean(0)))


def _skill(scores: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Area under the receiver operating characteristic, for every column; 0 where all or none have the value."""
    parts = [(score[own], score[~own]) for score, own in zip(scores.T, has.T)]
    return np.array([(yes[:, None] > no).mean() if len(yes) and len(no) else 0.0 for yes, no in parts])


def _correlation(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Of every column of a with the same of b."""
    a, b = a - a.mean(0), b - b.mean(0)
    return (a * b).sum(0) / np.sqrt((a**2).sum(0) * (b**2).sum(0)).clip(1e-12)


def _entry(name: dict[str, str], vector: np.ndarray) -> dict:
    return {"name": name, "vector": [round(float(v), 5) for v in vector / np.linalg.norm(vector)]}


CHINESE = {
    "lean": "倾斜", "pose": "姿势", "size": "大小", "colour": "颜色", "marking": "花纹", "ears": "耳朵", "tail": "尾巴", "eyes": "眼睛",
    "mouth": "嘴", "holds": "拿着", "hat": "帽子", "neck": "脖子", "scene": "场景",
    "left": "向左", "right": "向右", "upright": "直立", "sitting": "坐", "standing": "站", "loaf": "揣手", "lying": "躺", "big": "大", "small": "小",
    "apricot": "杏色", "berry": "莓色", "mint": "薄荷色", "lilac": "丁香色", "mask": "面罩", "patch": "色块", "spots": "斑点", "hood": "兜帽",
    "pointed": "尖", "round": "圆", "floppy": "垂", "long": "长", "ringed": "环纹", "curl": "卷", "pompom": "绒球", "happy": "开心", "sleepy": "困",
    "starry": "星星", "grumpy": "生气", "cat": "猫嘴", "open": "张开", "oh": "惊讶", "tongue": "吐舌", "taco": "玉米卷", "fish": "鱼", "balloon": "气球",
    "book": "书", "cone": "甜筒", "crown": "皇冠", "party": "派对帽", "beanie": "毛线帽", "leash": "牵绳", "scarf": "围巾",
    "water": "水", "fire": "火", "forest": "森林", "sky": "天空",
}


def words(factor: str, value: str) -> dict[str, str]:
    """A factor's value as the page names it."""
    return {"en": f"{factor}: {value}"} | ({"zh": f"{CHINESE[factor]}：{CHINESE[value]}"} if {factor, value} <= CHINESE.keys() else {})

"""Directions in latent space worth a slider: with names where the truth of the training pictures is known.

Both kinds come from the same few hundred samples.  Without names: the latent directions along which the pictures
change most, by linear regression of small pictures on latents and its singular vectors.  With names: every sample is
given the factors of its nearest training picture, and a factor's direction is the least-squares fit of "has it" on the
latent; it is kept if it tells apart samples that it was not fitted on.
"""
from __future__ import annotations

import numpy as np

from chonk.model import Model, compose
from chonk.play.training import small

SAMPLES, SEED = 640, 11
UNNAMED, NAMED = 6, 12
LEAST_SKILL = 0.65
"""Chance that of two unseen samples, one with the value and one without, the direction orders them right; 0.5 is a coin."""
RIDGE = 20.0
FEWEST = 24
"""Samples that must have a value, and that must lack it."""


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
    """The directions of factor values that the latent can be shown to hold, best first."""
    squares = (cells**2).sum(1)[:, None] + (training**2).sum(1) - 2 * cells @ training.T
    nearest = squares.argmin(1)
    half = np.arange(len(z)) % 2 == 0
    found = []
    for factor, values in truth.items():
        own = np.array(values)[nearest]
        for value in sorted(set(values)):
            has = own == value
            if value != "none" and FEWEST <= has.sum() <= len(z) - FEWEST:
                skill = min(_skill(z[~half] @ _fit(z[half], has[half]), has[~half]), _skill(z[half] @ _fit(z[~half], has[~half]), has[half]))
                if skill >= LEAST_SKILL:
                    found.append((skill, factor, value, _fit(z, has)))
    found.sort(key=lambda entry: -entry[0])
    return [_entry(words(factor, value), vector) for _, factor, value, vector in found[:NAMED]]


def _fit(z: np.ndarray, has: np.ndarray) -> np.ndarray:
    z = z.astype(np.float64)
    return np.linalg.solve(z.T @ z + RIDGE * np.eye(z.shape[1]), z.T @ (has - has.mean()))


def _skill(score: np.ndarray, has: np.ndarray) -> float:
    """Area under the receiver operating characteristic."""
    yes, no = score[has], score[~has]
    return float((yes[:, None] > no).mean()) if len(yes) and len(no) else 0.0


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

"""Which emoji a sticker stands for: what is said of the training picture that it looks most like.

A picture's file name may hold an emoji or its code point (😀.png, emoji_u1f600.png), or a word that people use for one
(happy-3.png); of the built-in character the factors are known."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import numpy as np

from chonk.dataset.training_set import training_pictures
from chonk.draw.choose import thumbnail
from chonk.files import MAX_LIST, read_json

USUAL = "🙂"
CODE = re.compile(r"(?<![0-9a-f])(?:u\+?)?(1f[3-9a][0-9a-f]{2}|2[67][0-9a-f]{2})(?![0-9a-f])")
WORDS = {
    **dict.fromkeys(("happy", "smile", "smiling", "glad", "开心", "高兴"), "😊"),
    **dict.fromkeys(("laugh", "laughing", "lol", "haha", "joy", "哈哈"), "😂"),
    **dict.fromkeys(("sad", "unhappy", "难过"), "😢"),
    **dict.fromkeys(("cry", "crying", "tears", "哭"), "😭"),
    **dict.fromkeys(("angry", "grumpy", "mad", "furious", "生气"), "😠"),
    **dict.fromkeys(("love", "heart", "hearts", "爱"), "😍"),
    **dict.fromkeys(("sleep", "sleepy", "sleeping", "tired", "睡", "困"), "😴"),
    **dict.fromkeys(("surprise", "surprised", "shock", "shocked", "wow", "惊"), "😮"),
    **dict.fromkeys(("party", "birthday", "celebrate", "生日"), "🥳"),
    **dict.fromkeys(("hello", "hi", "hey", "wave", "bye", "你好", "再见"), "👋"),
    **dict.fromkeys(("thanks", "please", "sorry", "谢谢"), "🙏"),
    **dict.fromkeys(("yes", "ok", "good", "like", "赞"), "👍"),
    **dict.fromkeys(("think", "thinking", "confused", "hmm"), "🤔"),
    **{
        "kiss": "😘",
        "wink": "😉",
        "cool": "😎",
        "starry": "🤩",
        "tongue": "😛",
        "no": "👎",
        "sick": "🤒",
        "scared": "😱",
    },
    **{
        "taco": "🌮",
        "fish": "🐟",
        "balloon": "🎈",
        "book": "📖",
        "cone": "🍦",
        "crown": "👑",
        "coffee": "☕",
        "cake": "🍰",
    },
    **{"cat": "🐱", "dog": "🐶", "bear": "🐻", "fox": "🦊", "rabbit": "🐰", "bird": "🐦", "ghost": "👻"},
}
"""From the most telling on: of several words in a name the first of these counts."""


def emojis(values: np.ndarray, run: Path) -> list[str]:
    """One for each picture, N x C x S x S in [-1, 1]; USUAL where the training pictures are gone or say nothing."""
    places = (run, run / "run", run.parent)  # a run, what `make` left, or the model in a run
    training_set = next((found for place in places if (found := training_pictures(place))), None)
    if training_set is None or training_set[0].size != values.shape[2]:
        return [USUAL] * len(values)
    pictures, folder = training_set
    names = names_of(folder)
    training = np.stack([thumbnail(picture) for picture in pictures.normalized().numpy()[:, :3]])
    chosen = []
    for picture in values:
        far = np.linalg.norm(training - thumbnail(picture[:3]), axis=1)
        chosen.append(emoji_of(names.get(pictures.names[far.argmin()], "")))
    return chosen


def names_of(folder: Path) -> dict[str, str]:
    """What is said of each picture of a set: the name of its source, and the values of its factors."""
    names: dict[str, str] = {}
    try:
        names |= {row["file"]: row["source"] for row in read_json(folder / "gather.json", MAX_LIST)["taken"]}
        if (folder / "truth.json").is_file():
            truth = read_json(folder / "truth.json", MAX_LIST)
            usual = {name: values[0] for name, values in truth["factors"].items()}
            for file, factors in truth["pictures"].items():
                names[file] = " ".join(value for name, value in factors.items() if value != usual[name])
        return {str(file): str(name) for file, name in names.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):  # a stranger's
        return {}


def emoji_of(name: str) -> str:
    """The emoji that a name speaks of: holds, numbers, or says in a word."""
    name = Path(name).stem.lower()
    for character in name:
        if unicodedata.category(character) == "So" and ord(character) > 0x2600:
            return character
    if code := CODE.search(name):
        return chr(int(code[1], 16))
    words = set(re.findall(r"[a-z]+", name))
    return next(
        (emoji for word, emoji in WORDS.items() if word in words or (not word.isascii() and word in name)), USUAL
    )

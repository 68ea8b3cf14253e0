"""Sheets of the world for a person to look at:  python -m chonk.synthetic.world OUT --count 200 --size 64"""

from __future__ import annotations

import argparse
from pathlib import Path

from PIL import Image

from chonk.synthetic.world import picture


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m chonk.synthetic.world", description="Draws pictures of the procedural world."
    )
    parser.add_argument("out", type=Path, help="folder for the PNG files")
    parser.add_argument("--count", type=int, default=100, help="how many pictures")
    parser.add_argument("--size", type=int, default=64, help="pixels a side")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--single", action="store_true", help="one file a picture instead of sheets of 100 on white")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    seeds = range(given.first, given.first + given.count)
    if given.single:
        for seed in seeds:
            picture(seed, given.size).save(given.out / f"{seed:06d}.png")
        return
    for start in seeds[::100]:
        part = list(range(start, min(start + 100, seeds.stop)))
        sheet = Image.new("RGBA", (10 * given.size, -(-len(part) // 10) * given.size), "white")
        for i, seed in enumerate(part):
            sheet.alpha_composite(picture(seed, given.size), (i % 10 * given.size, i // 10 * given.size))
        sheet.convert("RGB").save(given.out / f"sheet_{start:06d}.png")


if __name__ == "__main__":
    main()

"""The curves of a training: metrics.jsonl, one JSON object a line."""

from __future__ import annotations

import json
import math
from pathlib import Path

from chonk.errors import UserError
from chonk.files import MAX_LIST, disk_error, is_number, parse_json, write_whole
from chonk.learn.checkpoint import State

EVERY = 50
"""Steps that one line is the mean of."""


class Metrics:
    """RUN/metrics.jsonl.  Each line: step, kimg, seconds, pictures_per_second and the means of the objective's
    figures."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.last: dict = {"kimg": 0.0, "seconds": 0.0}

    def rewind(self, state: State) -> None:
        """Drops the lines after a checkpoint: those steps will be made again."""
        kept = [line for line in self._lines() if line["step"] <= state.step]
        write_whole(self.file, b"".join(json.dumps(line).encode() + b"\n" for line in kept), durable=False)
        self.last = kept[-1] if kept else {"kimg": 0.0, "seconds": 0.0}

    def _lines(self) -> list[dict]:
        if not self.file.is_file():
            return []
        if self.file.stat().st_size > MAX_LIST:
            raise UserError(f"{self.file}: too large for the curves of a training; move it away to go on without them")
        lines: list[dict] = []
        for text in self.file.read_text(encoding="utf-8", errors="replace").splitlines():
            try:
                line = parse_json(text)
                if not all(is_number(line[name], 0) for name in ("step", "kimg", "seconds")) or not all(
                    map(is_number, line.values())
                ):
                    break
            except (ValueError, TypeError, KeyError):
                break  # a line that was being written when the process was killed
            lines.append(line)
        return lines

    def add(self, state: State, figures: dict[str, float]) -> None:
        """Takes in one step's figures."""
        for name, value in figures.items():
            total, steps = state.sums.get(name, (0.0, 0))
            state.sums[name] = [total + value, steps + 1]

    def write(self, state: State) -> dict:
        """Writes the line of the steps since the last one and returns it."""
        kimg, seconds = state.kimg - self.last["kimg"], max(state.seconds - self.last["seconds"], 1e-9)
        line = {
            "step": state.step,
            "kimg": state.kimg,
            "seconds": round(state.seconds, 3),
            "pictures_per_second": round(1000 * kimg / seconds, 2),
        }
        line |= {name: float(f"{total / steps:.6g}") for name, (total, steps) in state.sums.items()}
        try:
            with open(self.file, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise disk_error(self.file, error) from error
        state.sums, self.last = {}, line
        return line


EXPLODED, TIMES, LIMIT = 100.0, 100.0, 1e6
"""A figure has exploded beyond EXPLODED and TIMES its last mean; beyond LIMIT in any case.  Figures are of the order of
1, a slope penalty's first ones of 10."""


def gone_wrong(figures: dict[str, float], usual: dict[str, float]) -> str | None:
    """The name and value of the first figure that is no number or has exploded; None when all is well.

    `usual` holds the figures' last means, where there are any: the last line of the metrics."""
    for name, value in figures.items():
        limit = max(EXPLODED, TIMES * abs(usual[name])) if name in usual else LIMIT
        if not math.isfinite(value) or abs(value) > min(limit, LIMIT):
            return f"{name} = {value:g}"
    return None

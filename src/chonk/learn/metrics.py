"""The curves of a training: metrics.jsonl, one JSON object a line."""
from __future__ import annotations

import json
import math
from pathlib import Path

from chonk.learn.checkpoint import State, disk_error, write_whole

EVERY = 50
"""Steps that one line is the mean of."""


class Metrics:
    """RUN/metrics.jsonl.  Each line: step, kimg, seconds, pictures_per_second and the means of the objective's figures."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.last: dict = {"kimg": 0.0, "seconds": 0.0}

    def rewind(self, state: State) -> None:
        """Drops the lines after a checkpoint: those steps will be made again."""
        kept = [line for line in self._lines() if line["step"] <= state.step]
        write_whole(self.file, b"".join(json.dumps(line).encode() + b"\n" for line in kept), durable=False)
        self.last = kept[-1] if kept else {"kimg": 0.0, "seconds": 0.0}

    def _lines(self) -> list[dict]:
        lines = []
        for text in self.file.read_text(encoding="utf-8").splitlines() if self.file.exists() else []:
            try:
                lines.append(json.loads(text))
                lines[-1]["step"]
            except (ValueError, TypeError, KeyError):
                break                                   # a line that was being written when the process was killed
        return [line for line in lines if isinstance(line, dict) and "step" in line]

    def add(self, state: State, figures: dict[str, float]) -> None:
        """Takes in one step's figures."""
        for name, value in figures.items():
            total, steps = state.sums.get(name, (0.0, 0))
            state.sums[name] = [total + value, steps + 1]

    def write(self, state: State) -> dict:
        """Writes the line of the steps since the last one and returns it."""
        kimg, seconds = state.kimg - self.last["kimg"], max(state.seconds - self.last["seconds"], 1e-9)
        line = {"step": state.step, "kimg": state.kimg, "seconds": round(state.seconds, 3),
                "pictures_per_second": round(1000 * kimg / seconds, 2)}
        line |= {name: float(f"{total / steps:.6g}") for name, (total, steps) in state.sums.items()}
        try:
            with open(self.file, "a", encoding="utf-8") as stream:
                stream.write(json.dumps(line) + "\n")
        except OSError as error:
            raise disk_error(self.file, error) from error
        state.sums, self.last = {}, line
        return line


def gone_wrong(figures: dict[str, float], limit: float = 1e6) -> str | None:
    """The name and value of the first figure that is no number or has exploded; None when all is well."""
    for name, value in figures.items():
        if not math.isfinite(value) or abs(value) > limit:
            return f"{name} = {value:g}"
    return None

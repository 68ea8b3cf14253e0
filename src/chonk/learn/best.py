"""The best moment of a training, which need not be the last: the generator with the highest selection score.

The judge is passed in by the caller, `judge(real)` -> `evaluator(fake)` -> figures, because this package does not
import one.  One of the figures is `selection_score`, 0 to 1, higher is better.  The pictures are always those of the
same latents, so only the generator changes.  The record goes into the checkpoint, so a training that was killed and
continued chooses the same moment as one that was not."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property

import torch

from chonk.files import is_number
from chonk.learn.checkpoint import State
from chonk.model import Model
from chonk.pixels import as_bytes

Evaluator = Callable[[torch.Tensor], dict[str, float]]
"""Results as bytes N x C x S x S -> figures, among them `selection_score`."""
Judge = Callable[[torch.Tensor], Evaluator | None]
"""Training pictures as bytes -> an Evaluator; None where nothing can be said about so few."""
MAX_PICTURES = 2000
"""Training pictures that a judge is shown, from all over the set: it compares each with each."""
SAMPLES, SEED = 150, 17
"""The latents whose pictures are evaluated."""
SHARE = 0.03
"""Of the training time, at most, that evaluating may take."""
MAX_EVALUATIONS = 60
"""In a training."""
FIRST_SECONDS = 30
PICTURES = 5000
"""Pictures shown between two evaluations in a training that is counted in pictures, where no clock may decide."""
WINDOW = 3
"""Evaluations whose mean selection_score counts: one alone is noisy."""
MIN_GAIN = 0.02
"""Selection scores that differ by a smaller share are as good as each other; then the later moment is kept."""
PATIENCE, MIN_EVALUATIONS, SOME = 1 / 2, 12, 0.05
"""A training has stalled after this share of the budget and this many evaluations without a clear gain, if the
selection_score was ever above SOME: a generator that draws nothing yet is given time."""


@dataclass
class Record:
    """The evaluations so far."""

    recent: list[float] = field(default_factory=list)
    """Selection scores of the last WINDOW evaluations of the kept model's stage."""
    selection_score: float = 0.0
    """The highest mean of WINDOW evaluations, as of the last clear gain."""
    gained: list[float] = field(default_factory=lambda: [0, 0.0])
    """When that was: pictures shown, and seconds."""
    idle: int = 0
    """Evaluations since."""
    last: list[float] = field(default_factory=lambda: [0, 0.0])
    """When the last evaluation was, in the same way."""
    wait: float = 0.0
    """Seconds to train before the next evaluation, from what the last one took."""
    training: dict = field(default_factory=dict)
    """What the kept model's config says about its moment."""
    stage: int = 0
    """The objective's stage (`objectives/base.py`) that the kept model is of."""


class Best:
    """Keeps the best generator of a training on `pixels` (bytes N x C x S x S); with no judge, it keeps none."""

    def __init__(
        self,
        judge: Judge | None,
        pixels: torch.Tensor,
        minutes: float | None,
        kimg: float | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.judge, self.pixels, self.clock = judge, pixels, clock
        self.minutes, self.kimg = minutes, kimg
        self.record = Record(wait=FIRST_SECONDS)
        self.model: Model | None = None

    @cached_property
    def evaluator(self) -> Evaluator | None:
        """Made at the first evaluation, because that takes time and a training should begin at once."""
        return self.judge(self.pixels) if self.judge else None

    def due(self, state: State, progress: float) -> bool:
        """Is it time to evaluate?  Always at the end."""
        shown, seconds = state.shown - self.record.last[0], state.seconds - self.record.last[1]
        if self.minutes:
            due = seconds >= max(60 * self.minutes / MAX_EVALUATIONS, self.record.wait)
        else:
            due = shown >= max(1000 * (self.kimg or 0) / MAX_EVALUATIONS, PICTURES)
        return (due or progress >= 1) and self.evaluator is not None

    def evaluate(self, model: Model, state: State, stage: int = 0) -> dict[str, float]:
        """Evaluates a moment's generator, keeps it if none was clearly better, and returns the figures.  One of a later
        stage is better than all before."""
        started, r = self.clock(), self.record
        if self.evaluator is None:
            raise ValueError("there is no judge")
        figures = self.evaluator(as_bytes(model.sample_values(SEED, SAMPLES)))
        if stage > r.stage:
            r.stage, r.selection_score, r.recent, self.model = stage, 0.0, [], None
        r.last, r.wait = [state.shown, state.seconds], (self.clock() - started) / SHARE
        r.idle += 1
        if stage < r.stage:  # a finished training that goes on begins with its first stage again
            return figures
        r.recent = [*r.recent, figures["selection_score"]][-WINDOW:]
        selection_score = sum(r.recent) / len(r.recent)
        if self.model is None or selection_score >= (1 - MIN_GAIN) * r.selection_score:
            self.model, r.training = model, model.config.training
        if selection_score > (1 + MIN_GAIN) * r.selection_score:
            r.selection_score, r.gained, r.idle = selection_score, r.last, 0
        return figures

    def stalled(self) -> bool:
        """Whether there has been no clear gain for long; only meaningful with constant learning rates."""
        budgets = self.kimg and 1000 * self.kimg, self.minutes and 60 * self.minutes
        waited = any(
            budget and last - gained > PATIENCE * budget
            for budget, last, gained in zip(budgets, self.record.last, self.record.gained)
        )
        return self.record.selection_score > SOME and self.record.idle >= MIN_EVALUATIONS and waited

    def get_state(self) -> tuple[dict[str, torch.Tensor], dict]:
        """For the checkpoint: the kept generator's tensors, and the record as JSON can hold it."""
        kept: dict[str, torch.Tensor] = {} if self.model is None else self.model.generator.state_dict()
        return {f"best.{name}": value for name, value in kept.items()}, asdict(self.record)

    def set_state(self, tensors: dict[str, torch.Tensor], record: dict, build: Callable[[], Model]) -> None:
        """Puts back what `get_state` gave; `build()` makes a model of the kind.  Raises TypeError, ValueError or
        RuntimeError where it does not fit."""
        kept = {name[5:]: value for name, value in tensors.items() if name.startswith("best.")}
        self.record, self.model = Record(**record) if record else Record(wait=FIRST_SECONDS), None
        r = self.record
        if not (
            all(map(is_number, (r.selection_score, r.idle, r.wait, r.stage, *r.recent, *r.gained, *r.last)))
            and len(r.gained) == len(r.last) == 2
            and isinstance(r.training, dict)
        ):
            raise ValueError("a best moment that is none")
        if kept:
            self.model = build()
            self.model.generator.load_state_dict(kept)
            self.model.config = replace(self.model.config, training=self.record.training)

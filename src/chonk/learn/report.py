"""What a person sees of long work while it goes on: a bar on a terminal, a line every so often elsewhere."""

from __future__ import annotations

import sys
import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

LINE_SECONDS = 10
"""Time between two lines where there is no terminal."""
BELIEF = 0.2
"""What is expected of a work's time counts as much as having seen this share of it."""
MAX_SLOWDOWN = 5.0


def span(seconds: float) -> str:
    """A time in few characters: 45 s, 12 min, 3 h 20 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{max(seconds, 0):.0f} s"
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


class Report:
    """Use it in a `with`; everything goes to stderr, so stdout stays free for results.  One that is not `visible` says
    nothing, a `plain` one nothing but how long it takes, to which `after` seconds of other work are added: as many on a
    machine with nothing else to do, more on a busy one.  `name` is what goes on, and `expected` how many seconds it is
    thought to take, where it does not know that itself."""

    def __init__(
        self,
        progress: float,
        visible: bool = True,
        plain: bool = False,
        after: float = 0.0,
        name: str = "training",
        expected: float | None = None,
    ) -> None:
        self.expected, self.computed = expected, time.process_time()
        self.console = Console(stderr=True, highlight=False, quiet=not visible)
        self.first_progress, self.started = progress, time.monotonic()
        self.last_line = -LINE_SECONDS * 2.0
        self.bar: Progress | None = None
        self.visible, self.plain, self.after, self.name = visible, plain, after, name
        if visible and self.console.is_terminal:
            self.bar = Progress(
                TextColumn(name),
                BarColumn(),
                TextColumn("{task.percentage:5.1f} %  {task.description}"),
                console=self.console,
                refresh_per_second=4,
            )
            self.task = self.bar.add_task("starting", total=1.0)
            self.bar.update(self.task, completed=progress)

    def __enter__(self) -> Report:
        if self.bar:
            self.bar.start()
        return self

    def __exit__(self, *_) -> None:
        if self.bar:
            self.bar.stop()

    def say(self, sentence: str) -> None:
        """A sentence of its own line."""
        self.console.print(sentence, markup=False, soft_wrap=True)

    def update(
        self,
        progress: float,
        kimg: float = 0.0,
        pictures_per_second: float = 0.0,
        figures: dict[str, float] | None = None,
    ) -> None:
        """Where it stands: share done 0 to 1, and of a training pictures shown, speed and the balance of the game."""
        now = time.monotonic()
        gained, spent = progress - self.first_progress, now - self.started
        slow = self.slowdown(spent)
        text = "-"
        if gained > 1e-6:
            belief, expected = (BELIEF, self.expected) if self.expected else (0.0, 0.0)
            whole = (belief * expected * slow + spent) / (belief + gained)
            text = f"{span((1 - progress) * whole + self.after * slow)} left{self.plain * ' in all'}"
        if figures is not None and not self.plain:
            text += f"  {kimg:.1f} kimg  {pictures_per_second:.1f} pictures/s"
            text += "".join(f"  {name} {value:.4g}" for name, value in figures.items())
        if self.bar:
            self.bar.update(self.task, completed=progress, description=text)
        elif self.visible and now - self.last_line >= LINE_SECONDS:
            self.last_line = now
            print(f"{self.name} {100 * progress:5.1f} %  {text}", file=sys.stderr, flush=True)

    def slowdown(self, spent: float) -> float:
        """How many times longer than on a machine with nothing else to do everything takes: the time on the clock, of
        all threads, over what they computed in it."""
        from torch import get_num_threads

        computed = time.process_time() - self.computed
        return min(max(spent * get_num_threads() / max(computed, 1e-3), 1.0), MAX_SLOWDOWN) if spent > 1 else 1.0

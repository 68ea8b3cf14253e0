"""Ctrl-C between two steps instead of in the middle of one."""

from __future__ import annotations

import signal
import threading
from typing import Any


class Interrupt:
    """Within its `with` block the first Ctrl-C (or SIGTERM) only sets `signal_number`; a second one acts at once."""

    def __init__(self) -> None:
        self.signal_number = 0
        self._before: dict[int, Any] = {}

    def _note(self, number: int, _frame: object) -> None:
        self.signal_number = number
        signal.signal(number, self._before[number])

    def __enter__(self) -> Interrupt:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

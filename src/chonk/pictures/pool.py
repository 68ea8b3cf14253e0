"""At most two worker processes, given jobs in order and restarted when one dies of a file."""
from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from chonk.errors import ChonkError

PROCESSES = 2
PATIENCE = 60.0
"""Wall-clock seconds after which a worker is killed; the processor seconds (worker.SECONDS) run out long before,
unless the file sits on a device that does not answer."""
AHEAD = 32
"""Jobs under way or waiting: answers are handed on in order, so this bounds the memory for those that wait."""


class Pool:
    """`with Pool() as pool: for head, parts in pool.map(jobs): ...`"""

    def __enter__(self) -> Pool:
        self._workers = [_Worker() for _ in range(min(PROCESSES, os.cpu_count() or 1))]
        self._idle = deque(self._workers)
        self._threads = ThreadPoolExecutor(len(self._workers))
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()

    def map(self, jobs: Iterable[dict]) -> Iterator[tuple[dict, list[bytes]]]:
        """(reply, binary parts) of each job, in the jobs' order.  A worker's death becomes {"reason": ...}."""
        waiting: deque[Future] = deque()
        for job in jobs:
            waiting.append(self._threads.submit(self._one, job))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _one(self, job: dict) -> tuple[dict, list[bytes]]:
        worker = self._idle.popleft()
        try:
            return worker.ask(job)
        finally:
            self._idle.append(worker)


class _Worker:
    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None
        self._closed = False

    def ask(self, job: dict) -> tuple[dict, list[bytes]]:
        process = self._running()
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            if line.endswith(b"\n"):
                head = json.loads(line)
                parts = [process.stdout.read(length) for length in head.pop("parts")]
                if all(len(part) == length for part, length in zip(parts, map(len, parts))):
                    return head, parts
        except (BrokenPipeError, ValueError):
            pass
        finally:
            timer.cancel()
        code = process.wait()
        self.stop()
        return {"reason": _cause_of_death(code)}, []

    def _running(self) -> subprocess.Popen:
        if self._closed:
            raise ChonkError("the pool is closed")
        if self._process is None:
            source = str(Path(__file__).resolve().parents[2])
            threads = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
            paths = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chonk.pictures.worker"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**os.environ, **threads, "PYTHONPATH": paths})
        return self._process

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()


def _cause_of_death(code: int) -> str:
    if code == -signal.SIGPROF:
        return "takes too long to decode (more than 5 seconds of computing)"
    if code == -signal.SIGKILL:
        return f"does not end (stopped after {PATIENCE:.0f} seconds)"
    return f"crashes its decoder ({signal.Signals(-code).name if code < 0 else f'exit code {code}'})"

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
from queue import Queue
from typing import IO

PROCESSES = 2
PATIENCE = 180.0
"""Wall-clock seconds after which a worker is killed; the processor seconds (SECONDS) run out long before,
unless the file sits on a device that does not answer."""
SECONDS = 8.0
"""Processor seconds for one file, several times what the largest take; the kernel ends the worker that takes more."""
ENOUGH_FOR_ONE = 24
"""A second process starts with this job: starting costs more than a few small files."""
AHEAD = 32
"""Jobs under way or waiting: answers are handed on in order, so this bounds the memory for those that wait."""


class WorkerPool:
    """`with WorkerPool() as pool: for head, parts in pool.map(jobs): ...`"""

    def __enter__(self) -> WorkerPool:
        self._workers = [_Worker() for _ in range(min(PROCESSES, os.cpu_count() or 1))]
        self._idle: Queue[_Worker] = Queue()
        self._idle.put(self._workers[0])
        self._jobs = 0
        self._threads = ThreadPoolExecutor(len(self._workers))
        return self

    def __exit__(self, *_: object) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown()
        for worker in self._workers:  # one may have begun a job in the meantime
            worker.stop()

    def map(self, jobs: Iterable[dict]) -> Iterator[tuple[dict, list[bytes]]]:
        """(reply, binary parts) of each job, in the jobs' order.  A worker's death becomes {"reason": ...}."""
        waiting: deque[Future] = deque()
        for job in jobs:
            self._jobs += 1
            if self._jobs == ENOUGH_FOR_ONE:
                for worker in self._workers[1:]:
                    self._idle.put(worker)
            waiting.append(self._threads.submit(self._one, {**job, "seconds": SECONDS}))
            if len(waiting) >= AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _one(self, job: dict) -> tuple[dict, list[bytes]]:
        worker = self._idle.get()
        try:
            return worker.ask(job)
        finally:
            self._idle.put(worker)


class _Worker:
    def __init__(self) -> None:
        self._process: subprocess.Popen | None = None

    def ask(self, job: dict) -> tuple[dict, list[bytes]]:
        process = self._running()
        requests, replies = _pipes(process)
        timer = threading.Timer(PATIENCE, process.kill)
        timer.start()
        try:
            requests.write(json.dumps(job).encode() + b"\n")
            requests.flush()
            line = replies.readline()
            if line.endswith(b"\n"):
                head = json.loads(line)
                parts = [replies.read(length) for length in head.pop("parts")]
                return head, parts
        except BrokenPipeError:
            pass
        except ValueError:
            process.kill()
        finally:
            timer.cancel()
        code = process.wait()
        self.stop()
        return {"reason": _cause_of_death(code)}, []

    def _running(self) -> subprocess.Popen:
        if self._process is None:
            source = str(Path(__file__).resolve().parents[2])
            threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
            paths = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
            self._process = subprocess.Popen(
                [sys.executable, "-m", "chonk.ingest.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **threads, "PYTHONPATH": paths},
            )
        return self._process

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in _pipes(process):
                pipe.close()


def _pipes(process: subprocess.Popen) -> tuple[IO[bytes], IO[bytes]]:
    assert process.stdin and process.stdout, "both are pipes"
    return process.stdin, process.stdout


def _cause_of_death(code: int) -> str:
    if code == -signal.SIGPROF:
        return f"takes too long to decode (more than {SECONDS:g} seconds of computing); save it smaller or simpler"
    if code == -signal.SIGKILL:
        return f"does not end (stopped after {PATIENCE:.0f} seconds); copy it to this machine, or save it anew"
    if code == -signal.SIGABRT:
        return "needs too much memory to decode, or crashes its decoder; save it anew, and smaller"
    return f"crashes its decoder ({signal.Signals(-code).name if code < 0 else f'exit code {code}'}); save it anew"

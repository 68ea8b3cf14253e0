"""A search on many machines: Ray (Moritz et al. 2018, arXiv:1712.05889) starts a worker wherever there is room for one.

A worker does what the same command does that is given once more: it takes trials from the study until there are enough
(`study.py`). So the study in OUT stays the only record, and search space, trial and result are those of one machine.
Ray starts a worker anew whose machine is lost; what it left is, as after any kill, the next one's first trial (not
tried on several machines)."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from chonk.errors import ChonkError, UserError
from chonk.settings import Tune
from chonk.tune.study import hold

LAST_WORDS = 30
"""Seconds that workers have after Ctrl-C to write down how far they are."""


def run_on_cluster(settings: Tune, work: Callable[[Tune], None]) -> None:
    """Works on the search with the whole cluster at `settings.ray`, until there are enough trials; `work` is a worker's
    part.

    A worker for every `--threads` CPUs (or one), or for every GPU where there are any.  Raises UserError where no
    cluster answers, ChonkError for what ends a worker, KeyboardInterrupt after Ctrl-C."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # else Ray reports to its makers
    import ray

    try:
        ray.init(settings.ray, logging_level="error", **{"include_dashboard": False} if settings.ray == "local" else {})
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UserError(f"--ray {settings.ray}: no Ray cluster answers ({str(error).splitlines()[0]})") from error
    there, threads = ray.cluster_resources(), settings.threads or 1
    gpus = int(there.get("GPU", 0))
    count = max(1, min(settings.trials, gpus or int(there["CPU"]) // threads))
    worker_settings = replace(
        settings,
        ray=None,
        threads=threads,
        pictures=Path(settings.pictures).resolve(),
        out=Path(settings.out).resolve(),
    )
    worker = ray.remote(num_cpus=threads, num_gpus=min(gpus, 1))(work)
    at_work = [worker.remote(worker_settings) for _ in range(count)]
    try:
        ray.get(at_work)
    except ray.exceptions.RayTaskError as error:
        raise (
            error.cause
            if isinstance(error.cause, ChonkError)
            else ChonkError(f"--ray {settings.ray}: a worker ended ({error.cause})")
        ) from error
    except ray.exceptions.RayError as error:
        raise ChonkError(f"--ray {settings.ray}: {str(error).splitlines()[0]}") from error
    except KeyboardInterrupt:
        for one in at_work:
            ray.cancel(one)
        until = time.monotonic() + LAST_WORDS  # Ray itself takes a task for ended as soon as it is told to end
        while time.monotonic() < until and any(map(held, worker_settings.out.glob("trials/*.lock"))):
            time.sleep(0.2)
        raise
    finally:
        ray.shutdown()


def held(file: Path) -> bool:
    """Whether somebody works on the trial that this lock belongs to."""
    if lock := hold(file):
        lock.close()
    return lock is None

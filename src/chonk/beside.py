"""A chonk command in a process of its own, beside what this one does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryFile

from chonk.errors import ChonkError, UserError


class Beside:
    """`chonk ARGUMENTS` on so many threads; what it says is kept until it is waited for.

    Use it in a `with`: the process does not outlive that."""

    def __init__(self, *arguments: str | Path, threads: int) -> None:
        source = str(Path(__file__).resolve().parents[1])
        paths = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
        settings = {"PYTHONPATH": paths, "PYTHONIOENCODING": "utf-8", "OMP_NUM_THREADS": str(threads)}
        self.name = f"chonk {arguments[0]}"
        self.output, self.errors = TemporaryFile(), TemporaryFile()
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "chonk", *map(str, arguments)],  # -P: nothing of the current folder
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.errors,
            env=os.environ | settings,
        )

    def __enter__(self) -> Beside:
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()  # what it writes appears whole or not at all
            self.process.wait()
        self.output.close()
        self.errors.close()

    def wait(self) -> None:
        """Waits for its end and says what it said.  Raises ChonkError or UserError with its own reason where it failed,
        and where it was killed."""
        code = self.process.wait()
        output, errors = self._said(self.output), self._said(self.errors)
        if code == 0:
            print(output, end="")
            print(errors, end="", file=sys.stderr)
            return
        if code < 0:
            raise ChonkError(
                f"{self.name}: its process was killed (signal {-code}), perhaps for want of memory; give the same "
                f"command again"
            )
        *before, reason = errors.strip().splitlines() or [f"{self.name} failed"]
        print("".join(f"{line}\n" for line in before), end="", file=sys.stderr)
        kind = UserError if code == UserError.exit_code else ChonkError
        raise kind(reason.removeprefix("chonk: "))

    @staticmethod
    def _said(stream) -> str:
        stream.seek(0)
        return stream.read().decode("utf-8", "replace")

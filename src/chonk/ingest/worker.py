"""The process that opens strangers' files, so that a crash, a hang or a memory bomb costs one file and not the command.

Run as `python -m chonk.ingest.worker`.  One JSON line in, one JSON line and its binary parts out; the kernel holds
the limits: memory (RLIMIT_AS), processor seconds for each file (a profiling timer that kills), no files written
(RLIMIT_FSIZE)."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import resource
import signal
import stat
import sys
import zipfile
from typing import BinaryIO

from chonk.ingest.archives import MAX_FILE, ArchiveError, list_members, open_archive, read_member
from chonk.ingest.decode import decode
from chonk.ingest.kinds import Unusable, sniff
from chonk.ingest.study import Job, pieces, study

MEMORY = 1536 << 20
NESTED = 2
"""Archives that may lie inside one another: a download of many packs."""


def main() -> None:
    """Answers jobs until its input ends."""
    channel = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    limit()
    for line in sys.stdin.buffer:
        job = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, job["seconds"])
        head, parts = answer(job)
        signal.setitimer(signal.ITIMER_PROF, 0)
        head["parts"] = [len(part) for part in parts]
        channel.write(json.dumps(head).encode() + b"\n")
        for part in parts:
            channel.write(part)
        channel.flush()


def limit() -> None:
    """Puts the limits on this process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    for what, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(what, (value, value))
        except (ValueError, OSError):
            pass  # macOS knows RLIMIT_AS and refuses it


def answer(job: dict) -> tuple[dict, list[bytes]]:
    """The reply to one job: {"members"}, {"pictures", "sha256"}, {"known"}, {"zip"} or {"reason"}, and the binary
    parts."""
    try:
        if job["do"] == "list":
            return {"members": list_members(_archive(job["path"], tuple(job["member"] or ())))}, []
        data = _read(job["path"], job["member"])
        digest = hashlib.sha256(data).hexdigest()
        if digest in job["known"]:
            return {"known": True, "sha256": digest}, []
        if sniff(data) == "zip":
            if len(job["member"] or ()) < NESTED:
                return {"zip": True}, []
            return {"reason": "an archive inside an archive inside an archive is not opened; unpack it first"}, []
        settings = Job(**job["job"])
        pictures, parts, reason = [], [], None
        for piece in (piece for decoded in decode(data, settings.frames) for piece in pieces(decoded, settings)):
            try:
                facts, blobs = study(piece, settings, job["do"] == "draw again")
            except Unusable as error:
                reason = error
                continue
            pictures.append(facts)
            parts += blobs
        if reason and not pictures:
            raise reason
        return {"pictures": pictures, "sha256": digest, "bytes": len(data)}, parts
    except (Unusable, ArchiveError) as error:
        return {"reason": str(error)}, []
    except MemoryError:
        return {"reason": "needs too much memory to decode; save it smaller"}, []
    except OSError as error:
        return {"reason": f"cannot be opened ({error.strerror or error})"}, []


def _open(path: str) -> BinaryIO:
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    file = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        file.close()
        raise ArchiveError("not a regular file")
    return file


def _read(path: str, member: list[int] | None) -> bytes:
    if member:
        return read_member(_archive(path, tuple(member[:-1])), member[-1])
    with _open(path) as file:
        data = file.read(MAX_FILE + 1)
    if len(data) <= MAX_FILE:
        return data
    kind = sniff(data[: 1 << 20])
    if kind == "zip":
        return data[:64]
    raise Unusable(kind if kind not in ("picture", "svg") else f"larger than {MAX_FILE >> 20} MB; save it smaller")


@functools.lru_cache(NESTED)
def _archive(path: str, inside: tuple[int, ...]) -> zipfile.ZipFile:
    """A ZIP file, or the one that lies inside it under that number; the last ones stay open."""
    return open_archive(io.BytesIO(_read(path, list(inside))) if inside else _open(path))


if __name__ == "__main__":
    main()

"""Look at a page on this machine: a small server for one folder, on 127.0.0.1 only.

The folder may have been made by a stranger, and any site open in the same browser may try to talk to this server: so
nothing outside the folder is ever read, only requests that name this very host are answered, and every answer carries
the page's own content security policy.
"""
from __future__ import annotations

import asyncio
import errno
import gzip
import re
import socket
import sys
import webbrowser
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from chonk.errors import ChonkError, UserError

if TYPE_CHECKING:
    from chonk.settings import Serve

HOST, USUAL_PORT = "127.0.0.1", 8000
PATIENCE = 15.0
"""Seconds that a client may take for its request, and for each piece of the answer."""
MOST_CLIENTS = 200
"""At a time: some systems allow a process 256 open files."""
MOST_HEAD = 16_384
MOST_BYTES = 64 << 20
PIECE = 1 << 16
TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".json": "application/json", ".webmanifest": "application/manifest+json", ".svg": "image/svg+xml", ".wasm": "application/wasm",
    ".webp": "image/webp", ".png": "image/png", ".mp4": "video/mp4", ".txt": "text/plain; charset=utf-8",
}
PACKED = (".html", ".js", ".css", ".json", ".webmanifest", ".svg")
POLICY = ("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
          "connect-src 'self' data:; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
          "frame-ancestors 'none'")
HEADERS = (f"Content-Security-Policy: {POLICY}\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n"
           "Cross-Origin-Resource-Policy: same-origin\r\nCross-Origin-Opener-Policy: same-origin\r\nConnection: close\r\n")
WORDS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed", 431: "Header Too Large"}


def serve(settings: Serve) -> None:
    """Serves a page until Ctrl-C.  Raises UserError for a folder that is no page and for a port in use."""
    root = Path(settings.folder)
    if (root / "page" / "index.html").is_file():
        root = root / "page"
    if not (root / "index.html").is_file():
        raise UserError(f"{root}: holds no page (index.html); make one with: chonk page RUN --out {root}")
    run(root, settings.port, settings.show)


def run(root: Path, port: int | None, show: bool) -> None:
    """Serves a folder until Ctrl-C, and opens it where somebody sits at the terminal."""
    try:
        asyncio.run(_run(root.resolve(), port, show and sys.stdout.isatty()))
    except KeyboardInterrupt:
        print()


async def _run(root: Path, port: int | None, show: bool) -> None:
    with listen(port) as listener:
        address = f"http://{HOST}:{listener.getsockname()[1]}/"
        print(f"{address}  (Ctrl-C ends it)", flush=True)
        if show:
            webbrowser.open(address)
        await accept(root, listener)


def listen(port: int | None) -> socket.socket:
    """A listening socket; `port` None takes 8000, or any free one.  Raises UserError for a port in use or out of range."""
    if port is not None and not 0 <= port < 65536:
        raise UserError(f"port {port}: must be between 0 and 65535")
    for wanted in (USUAL_PORT, 0) if port is None else (port,):
        try:
            return socket.create_server((HOST, wanted), backlog=2048)
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise ChonkError(f"port {wanted}: cannot listen on it ({error.strerror})") from error
            if port is not None:
                why = "is in use" if error.errno == errno.EADDRINUSE else "may not be used by this account"
                raise UserError(f"port {port}: {why}; choose another with --port, or leave it out") from error
    raise ChonkError("no free port on this machine")


async def accept(root: Path, listener: socket.socket) -> None:
    """Serves a folder for ever, MOST_CLIENTS at a time; who comes then waits in the system's queue and costs no open file."""
    loop, room, clients = asyncio.get_running_loop(), asyncio.Semaphore(MOST_CLIENTS), set()
    listener.setblocking(False)
    while True:
        await room.acquire()
        try:
            connection, _ = await loop.sock_accept(listener)
        except OSError:                                 # gone already, or even so few files may not be open
            room.release()
            await asyncio.sleep(0.1)
            continue
        clients.add(client := asyncio.create_task(_client(root, connection)))
        client.add_done_callback(lambda client: (clients.discard(client), room.release()))


@dataclass(frozen=True)
class Answer:
    """What goes back: `extra` are further header lines; with `head_only` the body's length is told, not the body."""

    status: int
    kind: str
    body: bytes
    extra: str = ""
    head_only: bool = False


async def _client(root: Path, connection: socket.socket) -> None:
    reader, writer = await asyncio.open_connection(sock=connection, limit=MOST_HEAD)
    writer.transport.set_write_buffer_limits(0)         # drained is sent: nothing is left that a closed connection would wait for
    try:
        answer = await _answer(root, reader, writer)
        if answer is None:
            return
        writer.write((f"HTTP/1.1 {answer.status} {WORDS[answer.status]}\r\nContent-Type: {answer.kind}\r\n"
                      f"Content-Length: {len(answer.body)}\r\n{answer.extra}{HEADERS}\r\n").encode())
        for at in range(0, 0 if answer.head_only else len(answer.body), PIECE):
            writer.write(answer.body[at:at + PIECE])
            await asyncio.wait_for(writer.drain(), PATIENCE)
        await asyncio.wait_for(writer.drain(), PATIENCE)
    except (OSError, asyncio.TimeoutError):
        writer.transport.abort()  # gone, or too slow: nobody else waits for it
    finally:
        writer.close()


async def _answer(root: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Answer | None:
    """The answer to a client's request; None where it went away before it had asked."""
    def refuse(status: int) -> Answer:
        return Answer(status, "text/plain; charset=utf-8", f"{status} {WORDS[status]}\n".encode())

    try:
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)).decode("latin-1")
    except asyncio.LimitOverrunError:
        return refuse(431)
    except asyncio.IncompleteReadError:
        return None
    line, *fields = head.split("\r\n")
    match = re.fullmatch(r"([A-Z]+) (\S+) HTTP/1\.[01]", line)
    if match is None:
        return refuse(400)
    method, target = match.groups()
    named = [field.split(":", 1) for field in fields if ":" in field]
    hosts = [value.strip().lower() for name, value in named if name.strip().lower() == "host"]
    port = writer.get_extra_info("sockname")[1]
    ours = [name + end for name in (HOST, "localhost") for end in ((f":{port}", "") if port == 80 else (f":{port}",))]    # browsers leave :80 out
    if len(hosts) != 1 or hosts[0] not in ours:
        return refuse(403)
    if method not in ("GET", "HEAD"):
        return refuse(405)
    file = find(root, target)
    if file is None:
        return refuse(404)
    packed = file.suffix in PACKED and any(name.strip().lower() == "accept-encoding" and "gzip" in value for name, value in named)
    try:
        status = file.stat()
        if status.st_size > MOST_BYTES:
            return refuse(404)
        body = _read(str(file), status.st_mtime_ns, status.st_size, packed)
    except OSError:
        return refuse(404)
    # A hash in the name: such a file never changes.
    lasting = re.search(r"[-.][A-Za-z0-9_-]{8}\.(js|css|bin)$", file.name)
    extra = f"Cache-Control: {'max-age=31536000, immutable' if lasting else 'no-cache'}\r\n"
    extra += "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n" if packed else ""
    return Answer(200, TYPES.get(file.suffix, "application/octet-stream"), body, extra, method == "HEAD")


def find(root: Path, target: str) -> Path | None:
    """The file that a request's target names; None for anything that is not a plain file inside `root`.

    Hidden files, `..`, backslashes, control characters and links that lead out of the folder name nothing."""
    path = target.split("?", 1)[0].split("#", 1)[0]
    try:
        text = unquote_to_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not text.startswith("/") or re.search(r"[\x00-\x1f\x7f\\:]", text):
        return None
    parts = [part for part in text.split("/") if part]
    if any(part.startswith(".") for part in parts):
        return None
    try:
        file = root.joinpath(*parts)
        if text.endswith("/"):
            file = file / "index.html"
        file = file.resolve(strict=True)
    except (OSError, ValueError, RuntimeError):
        return None
    return file if file.is_file() and file.is_relative_to(root) else None


@lru_cache(maxsize=16)                                 # of 64 MB at most
def _read(file: str, changed: int, size: int, packed: bool) -> bytes:
    """A file's bytes; a thousand clients at once share one copy."""
    with open(file, "rb") as handle:
        data = handle.read(size)
    return gzip.compress(data, 6, mtime=0) if packed else data

"""A small server for one folder, on 127.0.0.1 only.

The folder may have been made by a stranger, and any site open in the same browser may try to talk to this server: so
nothing outside the folder is ever read, only requests that name this very host are answered, and every answer carries
the page's own content security policy.
"""

from __future__ import annotations

import re
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from chonk.play.static_files import LASTING, MAX_BYTES, PACKED, TYPES, find, read

HOST = "127.0.0.1"
PATIENCE = 15.0
"""Seconds that a client may take for each piece of its request and of the answer."""
MAX_CLIENTS = 200
"""At a time: some systems allow a process 256 open files."""
GRACE = 1.0
"""Seconds after which the client that has been here longest is let go if another one has no room."""
MAX_HEAD = 16_384
PIECE = 1 << 16
POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self' data:; worker-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Connection": "close",
}
HOST_NAME = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?"
)
"""What a browser may say it asks for: a name or an address, and a port where it is not the usual one."""


class Server(ThreadingHTTPServer):
    """Serves the files of a folder, a thread for each client, at most MAX_CLIENTS at a time.

    Where there is no room, the client that has been here longest goes once it had its GRACE, so slow ones keep nobody
    out."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, root: Path, listener: socket.socket, host_names: Sequence[str] = ()) -> None:
        super().__init__(listener.getsockname(), Handler, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.root = root.resolve()
        port = listener.getsockname()[1]
        self.address = f"http://{HOST}:{port}/"
        endings = (f":{port}", "") if port == 80 else (f":{port}",)  # browsers leave :80 out
        self.own = frozenset(name + ending for name in (HOST, "localhost") for ending in endings)
        self.host_names = frozenset(host_names)
        self._clients: dict[socket.socket, float] = {}
        self._left = threading.Condition()

    def knows(self, host: str) -> bool:
        """Whether a request's Host is ours, or one that was given, with any port where it was given without.

        A site that has its own name lead to this machine (DNS rebinding) gives itself away: browsers say that name."""
        return not {host, re.sub(r":[0-9]{1,5}$", "", host)}.isdisjoint(self.host_names) or host in self.own

    def process_request(self, request, client_address) -> None:
        with self._left:
            while len(self._clients) >= MAX_CLIENTS:
                oldest, since = next(iter(self._clients.items()))
                age = time.monotonic() - since
                if age < GRACE:
                    self._left.wait(GRACE - age)
                    continue
                del self._clients[oldest]
                with suppress(OSError):  # gone already
                    oldest.shutdown(socket.SHUT_RDWR)  # its thread wakes and ends
            self._clients[request] = time.monotonic()
        super().process_request(request, client_address)

    def shutdown_request(self, request) -> None:
        with self._left:
            self._clients.pop(request, None)
            self._left.notify()
        super().shutdown_request(request)

    def handle_error(self, request, client_address) -> None:
        if not isinstance(sys.exception(), OSError):  # gone, or too slow: nothing to tell
            super().handle_error(request, client_address)


class Handler(BaseHTTPRequestHandler):
    """One request: a file of the folder, or a line that says why not."""

    server: Server
    default_request_version = "HTTP/1.0"

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(PATIENCE)

    def parse_request(self) -> bool:
        if not super().parse_request():
            return False
        hosts = [host.strip().lower() for host in self.headers.get_all("Host", [])]
        if len(str(self.headers)) > MAX_HEAD:
            self.send_error(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        elif len(hosts) != 1 or not self.server.knows(hosts[0]):
            self.send_error(HTTPStatus.FORBIDDEN, explain=self._stranger(hosts))
        elif self.command not in ("GET", "HEAD"):
            self.send_error(HTTPStatus.METHOD_NOT_ALLOWED)
        else:
            return True
        return False

    def _stranger(self, hosts: list[str]) -> str:
        why = f"This page is served for {self.server.address} alone"
        if len(hosts) != 1 or not HOST_NAME.fullmatch(hosts[0]):
            return f"{why}, and the request does not say for whom it is.\n"
        return (
            f"{why}, and your browser asked for {hosts[0]}.\n"
            "Other names are refused because another web site could use one to read what is served here (DNS "
            "rebinding).\n"
            "If the name is your own, for example because you forwarded a port, end the server with Ctrl-C and start "
            "it again with\n"
            f"    --host-name {hosts[0]}\n"
            "at the end of the command.\n"
        )

    def do_GET(self) -> None:
        file = find(self.server.root, self.path)
        accepted = self.headers.get("Accept-Encoding", "")
        packed = file is not None and file.suffix in PACKED and "gzip" in accepted
        try:
            status = file.stat() if file else None
            if file is None or status is None or status.st_size > MAX_BYTES:
                return self.send_error(HTTPStatus.NOT_FOUND)
            body = read(str(file), status.st_mtime_ns, status.st_size, packed)
        except OSError:
            return self.send_error(HTTPStatus.NOT_FOUND)
        extra = {"Cache-Control": "max-age=31536000, immutable" if LASTING.search(file.name) else "no-cache"}
        if packed:
            extra |= {"Content-Encoding": "gzip", "Vary": "Accept-Encoding"}
        self._answer(HTTPStatus.OK, TYPES.get(file.suffix, "application/octet-stream"), body, extra)

    do_HEAD = do_GET

    def send_error(self, code, message=None, explain=None) -> None:
        status = HTTPStatus(code)
        body = f"{status.value} {status.phrase}\n{explain or ''}"
        self._answer(status, "text/plain; charset=utf-8", body.encode(), {})

    def _answer(self, status: HTTPStatus, kind: str, body: bytes, extra: dict[str, str]) -> None:
        self.close_connection = True
        self.send_response_only(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **extra, **HEADERS}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            for at in range(0, len(body), PIECE):  # the time limit is for each piece
                self.wfile.write(body[at : at + PIECE])

    def log_message(self, *_) -> None:
        """Nothing is logged: the terminal shows the address."""

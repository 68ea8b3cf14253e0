"""`chonk serve`: look at a page on this machine, and only on this machine."""

from __future__ import annotations

import errno
import socket
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chonk.errors import ChonkError, UserError
from chonk.play.server import HOST, HOST_NAME, Server

if TYPE_CHECKING:
    from chonk.settings import Serve

USUAL_PORT = 8000


def serve(settings: Serve) -> None:
    """Serves a page until Ctrl-C.  Raises UserError for a folder that is no page, a port in use, and a host name that
    is none."""
    root = Path(settings.folder)
    if (root / "page" / "index.html").is_file():
        root = root / "page"
    if not (root / "index.html").is_file():
        raise UserError(f"{root}: holds no page (index.html); make one with: chonk page RUN --out {root}")
    run(root, settings.port, settings.show, settings.host_name)


def run(root: Path, port: int | None, show: bool, host_names: Sequence[str] = ()) -> None:
    """Serves a folder until Ctrl-C, and opens it where somebody sits at the terminal."""
    names = checked(host_names)
    with Server(root, listen(port), names) as server:
        print(f"{server.address}  (Ctrl-C ends it)", flush=True)
        if show and sys.stdout.isatty():
            webbrowser.open(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()


def checked(host_names: Sequence[str]) -> tuple[str, ...]:
    """Host names as browsers send them.  Raises UserError for one that is none: a pattern would let other sites in."""
    names = tuple(name.strip().lower() for name in host_names)
    for name in names:
        if not HOST_NAME.fullmatch(name):
            raise UserError(
                f"--host-name {name!r}: must be one host name, with its port or without, as the browser's address "
                f"shows it, "
                "for example localhost:9000"
            )
    return names


def listen(port: int | None) -> socket.socket:
    """A listening socket; `port` None takes 8000, or any free one.  Raises UserError for a port in use or out of
    range."""
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

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from browser import PATIENCE, served
from chonk.errors import UserError
from chonk.play import server
from chonk.play.serve import checked, listen, serve
from chonk.play.server import POLICY, Server
from chonk.play.site import SITE, index_page
from chonk.play.static_files import MAX_BYTES, find
from chonk.settings import Serve


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    (folder / "secret.txt").write_text("secret")
    page = folder / "page"
    (page / "sub").mkdir(parents=True)
    (page / "index.html").write_text("<!doctype html>hello " + "x" * 500)
    (page / "sub" / "index.html").write_text("below")
    (page / "assets.js").write_text("1")
    (page / "model.0123abcd.bin").write_bytes(bytes(range(256)) * 4000)
    (page / ".hidden").write_text("secret")
    (page / "out").symlink_to(folder / "secret.txt")
    (page / "up").symlink_to(folder)
    (page / "inside").symlink_to(page / "assets.js")
    return page


@pytest.fixture(scope="module")
def address(root):
    with served(root) as url:
        yield "127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))


def ask(
    address, target: str = "/", method: str = "GET", host: str | None = None, extra: str = "", raw: bytes | None = None
) -> tuple[int, dict, bytes]:
    """One request, exactly as written: no client tidies the path."""
    host = f"{address[0]}:{address[1]}" if host is None else host
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(
            raw if raw is not None else f"{method} {target} HTTP/1.1\r\nHost: {host}\r\n{extra}\r\n".encode()
        )
        data = b""
        while piece := connection.recv(1 << 16):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.lower().split(": ", 1) for line in lines[1:]), body


def test_files_come_with_their_type_and_the_headers(address):
    for target, kind in (
        ("/", "text/html; charset=utf-8"),
        ("/sub/", "text/html; charset=utf-8"),
        ("/assets.js?v=1", "text/javascript; charset=utf-8"),
        ("/inside", "text/javascript; charset=utf-8"),
        ("/model.0123abcd.bin", "application/octet-stream"),
    ):
        status, headers, body = ask(address, target)
        assert status == 200 and headers["content-type"] == kind and len(body) == int(headers["content-length"])
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy and "'unsafe-eval'" not in policy
    assert (
        "immutable" in ask(address, "/model.0123abcd.bin")[1]["cache-control"]
        and ask(address)[1]["cache-control"] == "no-cache"
    )


def test_refusals_carry_the_headers_too(address):
    for answer in (
        ask(address, "/nothing"),
        ask(address, host="evil.example"),
        ask(address, method="POST"),
        ask(address, raw=b"rubbish\r\n\r\n"),
    ):
        assert answer[1]["x-content-type-options"] == "nosniff" and answer[1]["referrer-policy"] == "no-referrer"
        assert answer[1]["content-security-policy"].startswith("default-src 'none'") and answer[1][
            "content-type"
        ].startswith("text/plain")


def test_the_page_says_the_same_policy_and_keeps_to_it(tmp_path):
    """On any other host there is only what the document itself says: no inline script, style or handler, and no eval
    but WebAssembly's."""
    if not (SITE / "index.html").is_file():
        pytest.skip("the page is not built: pip install -e . builds it")
    title = "</title><script>alert(1)</script><img src=x onerror=alert(1)>"
    text = index_page({"title": title, "models": [{"title": title, "stills": {"source": title}}]}, "data:,")
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert POLICY.startswith(policy)
    assert (
        "unsafe-inline" not in policy
        and "unsafe-eval" not in policy.replace("'wasm-unsafe-eval'", "")
        and not re.search(r"https?:|\*", policy)
    )
    scripts = re.findall(r"<script\b([^>]*)>", text)
    assert scripts and all("src=" in attributes or 'type="application/json"' in attributes for attributes in scripts)
    bare = re.sub('"[^"]*"', '""', text)  # what stands between quotes is no attribute
    assert not re.search(r"<style|<[^>]*\s(style|on[a-z]+)=", bare) and "alert(1)</script>" not in text


def test_the_page_never_takes_text_for_html():
    sources = Path(__file__).parent.parent / "web" / "src"
    if not sources.is_dir():
        pytest.skip("chonk is installed without the page's sources")
    for file in sources.rglob("*.ts"):
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new "
            r"Function",
            file.read_text(encoding="utf-8"),
        ), file


def test_a_client_that_does_not_read_is_let_go(tmp_path, monkeypatch):
    monkeypatch.setattr(server, "PATIENCE", 0.5)
    (tmp_path / "index.html").write_text("small")
    with open(tmp_path / "large.bin", "wb") as large:
        large.truncate(MAX_BYTES)
    with open(tmp_path / "larger.bin", "wb") as larger:
        larger.truncate(MAX_BYTES + 1)
    with served(tmp_path) as url:
        address = "127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))
        assert ask(address, "/larger.bin")[0] == 404
        with socket.create_connection(address, timeout=PATIENCE) as lazy:
            lazy.sendall(f"GET /large.bin HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode())
            assert ask(address)[0] == 200
            end = time.monotonic() + PATIENCE
            while any("process_request" in thread.name for thread in threading.enumerate()):
                assert time.monotonic() < end, "it is still waited for"
                time.sleep(0.05)
            got = 0
            with contextlib.suppress(ConnectionError):
                while piece := lazy.recv(1 << 20):
                    got += len(piece)
            assert got < MAX_BYTES, "it was cut off"


def test_head_tells_without_sending_and_text_is_packed(address):
    status, headers, body = ask(address, method="HEAD")
    assert status == 200 and int(headers["content-length"]) > 500 and body == b""
    _, headers, body = ask(address, extra="Accept-Encoding: gzip, br\r\n")
    assert headers["content-encoding"] == "gzip" and gzip.decompress(body).startswith(b"<!doctype html>")


@pytest.mark.parametrize(
    "target",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/%252e%252e/secret.txt",
        "/sub/../../secret.txt",
        "/..\\secret.txt",
        "/%5c..%5csecret.txt",
        "/out",
        "/up/secret.txt",
        "/.hidden",
        "/%2ehidden",
        "/sub",
        "/nothing",
        "/index.html/",
        "/index.html%00.js",
        "//etc/passwd",
        "/%2fetc/passwd",
        "/%ff",
        "/c:/x",
        "/index.html%0d%0aX",
        "/" + "a" * 5000,
    ],
)
def test_nothing_outside_the_folder_is_found(address, target):
    status, _, body = ask(address, target)
    assert status == 404 and b"secret" not in body


@given(st.text(max_size=40))
def test_any_target_names_a_file_inside_or_none(root, text):
    file = find(root.resolve(), "/" + text)
    assert file is None or file.is_relative_to(root.resolve())


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:80", ""])
def test_only_requests_for_this_host_are_answered(address, host):
    assert ask(address, host=host)[0] == 403
    port = address[1]
    assert ask(address, host=f"localhost:{port}")[0] == 200
    assert ask(address, extra=f"Host: 127.0.0.1:{port}\r\n")[0] == 403


def test_other_methods_and_rubbish_are_refused(address):
    assert ask(address, method="POST")[0] == 405
    assert ask(address, raw=b"rubbish\r\n\r\n")[0] == 400
    assert ask(address, raw=b"GET / HTTP/1.1\r\nX: " + b"a" * 40_000 + b"\r\n\r\n")[0] == 431


def test_a_thousand_requests_at_once_beside_slow_clients(address, monkeypatch):
    # Longer than this test waits: the slow ones stay, and on a slow machine none of the thousand is taken for one.
    monkeypatch.setattr(server, "PATIENCE", 10.0 * PATIENCE)
    monkeypatch.setattr(server, "GRACE", 10.0 * PATIENCE)

    async def one() -> int:
        reader, writer = await asyncio.open_connection(*address)
        writer.write(f"GET /assets.js HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode())
        data = await reader.read()
        writer.close()
        return int(data.split()[1])

    async def all_at_once() -> list[int]:
        limit = asyncio.Semaphore(400)  # the test's own sockets count against the same limit of open files

        async def limited() -> int:
            async with limit:
                return await one()

        return await asyncio.gather(*(limited() for _ in range(1000)))

    slow = [socket.create_connection(address) for _ in range(50)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HT")
        assert asyncio.run(all_at_once()) == [200] * 1000
        assert ask(address)[0] == 200
    finally:
        for connection in slow:
            connection.close()


def test_a_port_in_use_is_one_clear_line(root):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(UserError, match="in use; choose another") as error:
            serve(Serve(folder=root, port=taken.getsockname()[1], show=False))
    assert error.value.exit_code == 2
    with pytest.raises(UserError, match="65,?535"):
        serve(Serve(folder=root, port=70_000, show=False))
    with pytest.raises(UserError, match="holds no page"):
        serve(Serve(folder=root / "sub" / "none", show=False))


def test_more_slow_clients_than_files_may_be_open_cost_nobody_else_the_page(root):
    # Where tests run in the background of a shell, Ctrl-C is ignored, and children inherit that.
    code = (
        "import pathlib, resource, signal, sys; from chonk.play import serve; "
        "resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256)); "
        "signal.signal(signal.SIGINT, signal.default_int_handler); "
        "serve.run(pathlib.Path(sys.argv[1]), 0, False)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(root)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        address = "127.0.0.1", int(re.search(r":(\d+)/", process.stdout.readline())[1])
        slow = [socket.create_connection(address) for _ in range(400)]
        try:
            for connection in slow:
                with contextlib.suppress(ConnectionError):  # it may have had to make room already
                    connection.sendall(b"GET / HT")
            assert ask(address)[0] == 200
        finally:
            for connection in slow:
                connection.close()
            process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=PATIENCE)[1] == "" and process.returncode == 0


class Listening:
    """What a Server asks of its socket, on a port that a test may not have."""

    def __init__(self, port: int) -> None:
        self.port = port

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def close(self) -> None:
        pass


@pytest.mark.parametrize("port, known", [(80, True), (8080, False)])
def test_browsers_leave_the_usual_port_out(root, port, known):
    assert Server(root, Listening(port)).knows("127.0.0.1") is known


def test_a_forwarded_port_is_told_why_and_what_to_type(root, address):
    for host in ("localhost:9000", "[::1]:9000", "fluffy-8765.app.github.dev"):
        status, headers, body = ask(address, host=host)
        assert status == 403 and headers["content-type"].startswith("text/plain")
        assert (
            f"--host-name {host}\n".encode() in body
            and b"DNS rebinding" in body
            and f"127.0.0.1:{address[1]}".encode() in body
        )
    status, _, body = ask(address, host="<script>alert(1)</script>")
    assert status == 403 and b"script" not in body and b"--host-name" not in body


@pytest.mark.parametrize(
    "given, known, unknown",
    [
        ("localhost:9000", ["localhost:9000"], ["localhost:9001", "localhost", "evil.example:9000"]),
        ("Cats.Example", ["cats.example", "cats.example:8443"], ["cats.example.evil", "evil.cats.example", "example"]),
        ("[::1]", ["[::1]:9000", "[::1]"], ["[::2]:9000", "::1"]),
    ],
)
def test_a_name_that_was_given_is_answered_and_no_other(root, given, known, unknown):
    server = Server(root, Listening(8765), checked([given]))
    assert all(map(server.knows, known)) and not any(map(server.knows, unknown))
    assert server.knows("localhost:8765") and not server.knows("evil.example")


@pytest.mark.parametrize(
    "name", ["*", "*.example", "", "http://cats.example", "cats.example/", "a b", "[::1", "cats.example:port"]
)
def test_a_host_name_that_is_none_is_refused(root, name):
    with pytest.raises(UserError, match="--host-name"):
        serve(Serve(folder=root, port=0, host_name=(name,), show=False))


def test_more_dripping_readers_than_there_is_room_for_keep_nobody_out(tmp_path):
    """They would read for an hour, far longer than `ask` waits for its answer."""
    (tmp_path / "index.html").write_text("small")
    with open(tmp_path / "large.bin", "wb") as large:
        large.truncate(MAX_BYTES)
    with served(tmp_path) as url:
        address = "127.0.0.1", int(url.rsplit(":", 1)[1].strip("/"))
        readers, over = [], threading.Event()

        def drip() -> None:
            while not over.wait(0.2):
                for reader in readers:
                    with contextlib.suppress(OSError):
                        reader.recv(1 << 12, socket.MSG_DONTWAIT)

        thread = threading.Thread(target=drip)
        try:
            for _ in range(server.MAX_CLIENTS + 10):
                readers.append(socket.create_connection(address, timeout=PATIENCE))
                with contextlib.suppress(ConnectionError):  # it may have had to make room already
                    readers[-1].sendall(f"GET /large.bin HTTP/1.1\r\nHost: {address[0]}:{address[1]}\r\n\r\n".encode())
            thread.start()
            for _ in range(5):
                assert ask(address)[0] == 200
        finally:
            over.set()
            thread.join(20)
            for reader in readers:
                reader.close()


def test_it_listens_on_this_machine_only():
    with listen(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"

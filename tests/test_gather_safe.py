"""Hostile archives, drawings and files: skipped with a reason, within bounds, and nothing outside the output is
touched."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from chonk.errors import UserError
from chonk.ingest import archives, pool
from chonk.ingest.decode import decode
from chonk.ingest.kinds import Unusable
from chonk.ingest.svg import draw_svg
from gather_help import drawing, encode, folder_of, reasons, run, sources

FRESH_WORKERS = True
"""These tests are about what a worker bears."""

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10">'
JOB = {"size": 32, "background": None, "cutout": False, "frames": 1}


def ask(*files: Path) -> list[dict]:
    """What the worker processes say of some files."""
    with pool.WorkerPool() as workers:
        return [
            reply
            for reply, _ in workers.map(
                {"do": "study", "path": str(f), "member": None, "known": [], "job": JOB} for f in files
            )
        ]


def test_an_archive_of_tricks(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 2)
    picture = lambda n: encode(drawing(n), "PNG")  # noqa: E731
    with zipfile.ZipFile(source / "pack.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr("stickers/a.png", picture(10))
        pack.writestr("no extension", picture(11))
        pack.writestr("../escaped.png", picture(12))
        pack.writestr("/absolute.png", picture(13))
        pack.writestr("C:\\windows.png", picture(14))
        pack.writestr("__MACOSX/._a.png", picture(15))
        pack.writestr(".hidden/b.png", picture(16))
        pack.writestr("zeros.png", b"\0" * (30 << 20))
        pack.writestr("inner.zip", b"PK\3\4" + b"\0" * 60)
        pack.writestr("readme.txt", "words")
        link = zipfile.ZipInfo("link.png")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        pack.writestr(link, "/etc/passwd")
    with zipfile.ZipFile(source / "notes.docx", "w") as document:
        document.writestr("[Content_Types].xml", "<Types/>")
        document.writestr("word/media/image1.png", picture(17))
    (source / "broken.zip").write_bytes((source / "pack.zip").read_bytes()[:5000])
    before = sorted(p for p in tmp_path.rglob("*"))
    result = run(source, tmp_path / "out", size=32)
    assert sources(result) == ["drawing 000.png", "drawing 001.png", "pack.zip/no extension", "pack.zip/stickers/a.png"]
    why = reasons(result)
    for name, word in {
        "pack.zip/../escaped.png": "outside",
        "pack.zip//absolute.png": "outside",
        "pack.zip/C:/windows.png": "outside",
        "pack.zip/__MACOSX/._a.png": "system",
        "pack.zip/.hidden/b.png": "hidden",
        "pack.zip/zeros.png": "bomb",
        "pack.zip/inner.zip": "damaged",
        "pack.zip/readme.txt": "text",
        "pack.zip/link.png": "link",
        "notes.docx": "document",
        "broken.zip": "damaged",
    }.items():
        assert word in why.pop(name)
    assert not why
    assert [p for p in sorted(tmp_path.rglob("*")) if (tmp_path / "out") not in (p, *p.parents)] == before


def test_an_archive_that_claims_a_million_entries() -> None:
    data = b"PK\3\4" + b"\0" * 100 + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 0xFFFE, 0xFFFE, 46 * 0xFFFE, 0, 0)
    with pytest.raises(archives.ArchiveError, match="entries"):
        archives.open_archive(io.BytesIO(data))


def test_a_member_larger_than_it_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILE", 1000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        pack.writestr("a.png", os.urandom(5000))
    with pytest.raises(archives.ArchiveError, match="larger"):
        archives.read_member(archives.open_archive(out), 0)


@pytest.mark.parametrize(
    "body, reason",
    [
        ("<script>alert(1)</script>", "script"),
        ('<rect width="5" height="5" onload="x()"/>', "script"),
        ('<image href="http://example.org/a.png" width="5" height="5"/>', "another file"),
        ('<image xlink:href="/etc/passwd" width="5" height="5"/>', "another file"),
        ('<image href="data:image/svg+xml;base64,AAAA" width="5" height="5"/>', "damaged"),
        ('<use href="other.svg#a"/>', "another file"),
        ('<rect width="5" height="5" style="fill:url(http://example.org/#a)"/>', "another file"),
        ('<rect width="5" height="5" fill="url(\'file:///etc/passwd\')"/>', "another file"),
        ('<style>@import "http://example.org/a.css";</style>', "another file"),
        ("<style>@font-face{src:url(//example.org/f)}</style>", "another file"),
        ("<foreignObject><p>x</p></foreignObject>", "foreignObject"),
        ('<g id="a"><use href="#a"/></g>', "uses itself"),
        (
            "".join(f'<g id="l{n}">' + f'<use href="#l{n + 1}"/>' * 10 + "</g>" for n in range(9))
            + '<rect id="l9" width="1" height="1"/>',
            "grows",
        ),
        ("<g>" * 2000 + "</g>" * 2000, "nested"),
        ("<g/>" * 60_000, "elements"),
    ],
)
def test_svg_refused(body: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        draw_svg((HEAD + body + "</svg>").encode(), 64)


@pytest.mark.parametrize(
    "text, reason",
    [
        (
            '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>' + HEAD + "<text>&b;</text></svg>",
            "entities",
        ),
        ('<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + HEAD + "<text>&x;</text></svg>", "entities"),
        ('<?xml-stylesheet href="http://example.org/a.css"?>' + HEAD + "</svg>", "another file"),
        (HEAD.replace("0 0 10 10", "0 0 1e30 1"), "damaged|size"),
        (HEAD.replace("0 0 10 10", "0 0 100000 1") + "</svg>", "size"),
        (HEAD + "<rect", "damaged"),
    ],
)
def test_svg_documents_refused(text: str, reason: str) -> None:
    with pytest.raises(Unusable, match=reason):
        draw_svg(text.encode(), 64)


def test_svg_utf16_is_checked_as_well() -> None:
    with pytest.raises(Unusable, match="script"):
        decode((HEAD + "<script/></svg>").encode("utf-16"))


def test_a_harmless_svg_is_drawn() -> None:
    """Local references, embedded pictures, links for readers and a document type without entities are all fine."""
    body = (
        '<defs><linearGradient id="g"><stop stop-color="red"/></linearGradient><g id="a"><rect width="10" height="10" '
        'fill="url(#g)"/></g></defs>'
        '<a href="https://example.org"><use xlink:href="#a"/></a>'
    )
    doctype = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">'
    assert tuple(decode((doctype + HEAD + body + "</svg>").encode())[0].pixels[5, 5]) == (255, 0, 0, 255)


def test_a_drawing_that_never_ends_costs_its_seconds_and_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SECONDS", 0.7)
    slow = '<filter id="f" x="0" y="0" width="1" height="1"><feTurbulence baseFrequency="0.9" numOctaves="9"/></filter>'
    (tmp_path / "slow.svg").write_text(
        HEAD + slow + '<rect width="10" height="10" filter="url(#f)"/>' * 2000 + "</svg>"
    )
    (tmp_path / "good.png").write_bytes(encode(drawing(1), "PNG"))
    slow_reply, good_reply, again = ask(tmp_path / "slow.svg", tmp_path / "good.png", tmp_path / "good.png")
    assert "too long" in slow_reply["reason"]
    assert len(good_reply["pictures"]) == len(again["pictures"]) == 1


def test_a_large_file_of_nothing_is_refused(tmp_path: Path) -> None:
    """49 million pixels, within the limit: decoded, found empty."""
    (tmp_path / "large.png").write_bytes(encode(Image.new("1", (7000, 7000)), "PNG"))
    assert "nothing is drawn" in ask(tmp_path / "large.png")[0]["reason"]


@pytest.mark.parametrize(
    "act, error", [("bytearray(2 << 30)", "MemoryError"), ("open('made', 'w').write('x' * 9999)", "OSError")]
)
def test_the_worker_can_neither_fill_memory_nor_write_files(tmp_path: Path, act: str, error: str) -> None:
    code = (
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        f"from chonk.ingest.worker import limit; limit(); {act}"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and error in done.stderr


def test_pipes_and_unreadable_files_are_named(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    os.mkfifo(source / "pipe.png")
    (source / "gone.tgs").write_bytes(b"x")
    start = time.monotonic()
    result = run(source, tmp_path / "out", size=32)
    assert "regular" in reasons(result)["pipe.png"] and "Telegram" in reasons(result)["gone.tgs"]
    assert time.monotonic() - start < 60


def test_the_report_shows_names_as_text(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 4)
    (source / "<img src=x onerror=alert(1)>.txt").write_text("x")
    (source / "turn\u202egnp.txt").write_text("x")
    os.rename(source / "drawing 000.png", source / '"><script>alert(1)<!--.png')
    run(source, tmp_path / "out", size=32)
    page = (tmp_path / "out" / "gather.html").read_text()
    assert "<script" not in page and "<img src=x" not in page and "\u202e" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.txt" in page
    assert "http" not in page.replace("http-equiv", "")


def test_too_few_pictures(tmp_path: Path) -> None:
    source = folder_of(tmp_path / "in", 3)
    with pytest.raises(UserError, match="3 usable pictures, at least 4"):
        run(source, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in"]

"""ZIP archives from strangers: listed and read within bounds, nothing ever unpacked to disk."""

from __future__ import annotations

import lzma
import re
import stat
import struct
import zipfile
import zlib
from typing import BinaryIO

from chonk.ingest.walk import LINK, LITTER_FOLDERS, reason_by_name

MAX_MEMBERS = 50_000
MAX_DIRECTORY = 32 << 20
MAX_TOTAL = 8 << 30
MAX_FILE = 128 << 20
MAX_RATIO = 300
NO_DIRECTORY = "a damaged ZIP archive: its directory is missing; download it again"
PROGRAM = "a document or program, not an archive of pictures"
HOLDS = {
    "[Content_Types].xml": PROGRAM,
    "META-INF/MANIFEST.MF": PROGRAM,
    "META-INF/container.xml": PROGRAM,
    "AndroidManifest.xml": PROGRAM,
    "content.xml": PROGRAM,
    "maindoc.xml": "a Krita drawing is not supported; export it as PNG",
    "stack.xml": "an OpenRaster drawing is not supported; export it as PNG",
    "Document.archive": "a Procreate drawing is not supported; export it as PNG",
    "document.json": "a Sketch drawing is not supported; export it as PNG",
}
"""What an archive holds that is something else, and what to say of it."""
PACK, TRAY = "title.txt", re.compile(r"tray[^/]*\.(png|webp)$", re.IGNORECASE)
"""What WhatsApp's sticker packs hold beside their stickers: the first tells that it is one, the second stands for it in
lists."""
OTHER_PROGRAMS = re.compile(r"Payload/[^/]+\.app/|[^/]+\.dist-info/WHEEL$")


class ArchiveError(Exception):
    """The archive, or one member of it, is not read; the message says why."""


def open_archive(file: BinaryIO) -> zipfile.ZipFile:
    """Opens an archive after a look at the size of its directory: `zipfile` builds an object for every entry it is told
    of.  Raises ArchiveError for a damaged one, and for documents, drawings and programs that are ZIP archives too."""
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise ArchiveError(NO_DIRECTORY)
    count, size = struct.unpack("<HI", tail[at + 10 : at + 16])
    wide = tail.rfind(b"PK\6\6", 0, at)
    if (count == 0xFFFF or size == 0xFFFFFFFF) and wide >= 0 and at >= wide + 56:
        count, size = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise ArchiveError(f"an archive of {count:,} entries; at most {MAX_MEMBERS:,} are read")
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise ArchiveError(f"a damaged ZIP archive ({error})") from error
    for name in archive.namelist():
        if name in HOLDS or OTHER_PROGRAMS.match(name):
            raise ArchiveError(HOLDS.get(name, PROGRAM))
    return archive


def list_members(archive: zipfile.ZipFile) -> list[tuple[int, str, str | None]]:
    """(number, name, reason to leave it out or None) of every file in the archive, in name order."""
    members = []
    total = 0
    for number, info in enumerate(archive.infolist()):
        if info.is_dir():
            continue
        reason = _reason(info)
        if reason is None and TRAY.match(info.filename) and PACK in archive.namelist():
            reason = "the tray picture of a sticker pack, not one of its stickers"
        if reason is None:
            total += info.file_size
            if total > MAX_TOTAL:
                reason = f"beyond the first {MAX_TOTAL >> 30} GB of the archive"
        members.append((number, info.filename.replace("\\", "/"), reason))
    return sorted(members, key=lambda member: member[1])


def _reason(info: zipfile.ZipInfo) -> str | None:
    name = info.orig_filename.replace("\\", "/")
    parts = name.split("/")
    if name.startswith("/") or parts[0][1:2] == ":" or ".." in parts or "\0" in name:
        return "its path points outside the archive"
    if stat.S_ISLNK(info.external_attr >> 16):
        return LINK
    if any(part.lower() in LITTER_FOLDERS for part in parts[:-1]):
        return "a system folder"
    if any(part.startswith(".") and part != "." for part in parts[:-1]):
        return "in a hidden folder"
    if info.flag_bits & 1:
        return "protected by a password; unpack it first"
    if info.file_size > MAX_FILE:
        return f"larger than {MAX_FILE >> 20} MB"
    if info.file_size > 1 << 20 and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        return "compressed absurdly well: a decompression bomb"
    return reason_by_name(parts[-1])


def read_member(archive: zipfile.ZipFile, number: int) -> bytes:
    """One member's bytes, never more than MAX_FILE whatever its header claims.  Raises ArchiveError."""
    try:
        with archive.open(archive.infolist()[number]) as member:
            data = member.read(MAX_FILE + 1)
    except (
        zipfile.BadZipFile,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
        NotImplementedError,
        zlib.error,
        lzma.LZMAError,
    ) as error:
        raise ArchiveError(f"cannot be read from the archive ({error})") from error
    if len(data) > MAX_FILE:
        raise ArchiveError(f"larger than {MAX_FILE >> 20} MB")
    return data

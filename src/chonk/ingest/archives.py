"""ZIP archives from strangers: listed and read within bounds, nothing ever unpacked to disk."""

from __future__ import annotations

import lzma
import stat
import struct
import zipfile
import zlib
from typing import BinaryIO

from chonk.ingest.walk import LITTER_FOLDERS, reason_by_name

MAX_MEMBERS = 50_000
MAX_DIRECTORY = 32 << 20
MAX_TOTAL = 8 << 30
MAX_FILE = 128 << 20
MAX_RATIO = 300
DOCUMENTS = (
    ".docx",
    ".xlsx",
    ".pptx",
    ".odt",
    ".ods",
    ".odp",
    ".epub",
    ".jar",
    ".apk",
    ".ipa",
    ".xpi",
    ".whl",
    ".kra",
    ".ora",
    ".sketch",
)


class ArchiveError(Exception):
    """The archive, or one member of it, is not read; the message says why."""


def open_archive(file: BinaryIO, name: str) -> zipfile.ZipFile:
    """Opens an archive after a look at the size of its directory: `zipfile` builds an object for every entry it is told
    of."""
    if name.lower().endswith(DOCUMENTS):
        raise ArchiveError("a document or program, not an archive of pictures")
    file.seek(0, 2)
    length = file.tell()
    file.seek(max(0, length - (1 << 16) - 22))
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) < at + 22:
        raise ArchiveError("a damaged ZIP archive: its directory is missing")
    count, size = struct.unpack("<HI", tail[at + 10 : at + 16])
    wide = tail.rfind(b"PK\6\6", 0, at)
    if (count == 0xFFFF or size == 0xFFFFFFFF) and wide >= 0 and at >= wide + 56:
        count, size = struct.unpack("<QQ", tail[wide + 32 : wide + 48])
    if count > MAX_MEMBERS or size > MAX_DIRECTORY:
        raise ArchiveError(f"an archive of {count:,} entries; at most {MAX_MEMBERS:,} are read")
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error) as error:
        raise ArchiveError(f"a damaged ZIP archive ({error})") from error


def list_members(archive: zipfile.ZipFile) -> list[tuple[int, str, str | None]]:
    """(number, name, reason to leave it out or None) of every file in the archive, in name order."""
    members = []
    total = 0
    for number, info in enumerate(archive.infolist()):
        if info.is_dir():
            continue
        reason = _reason(info)
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
        return "a link; links are not followed"
    if any(part.lower() in LITTER_FOLDERS for part in parts[:-1]):
        return "a system folder"
    if any(part.startswith(".") and part != "." for part in parts[:-1]):
        return "in a hidden folder"
    if info.flag_bits & 1:
        return "protected by a password"
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

"""Opens a zip archive without believing it: every member is inflated and counted.

A zip can say one thing to one reader and another thing to the next: two directories, overlapping
members, sizes that lie. Only the plain shape that office programs write is let through, so that
what was checked here is what the spreadsheet reader will see.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from songhua.tables.limits import MIB, Limits, refuse

if TYPE_CHECKING:
    from collections.abc import Iterator

CHUNK = 256 * 1024
HINTS = (b"sheetData", b"sst", b"<!DOCTYPE", b"<!ENTITY", b"macroEnabled", b"opendocument")
"""Every mark that is looked for contains one of these."""
_BAD_PATH = re.compile(r"(^/)|(^|/)\.\.?(/|$)|[\\:\x00-\x1f]|//")


@dataclass(frozen=True)
class Member:
    """One member: its compressed bytes lie at `start` for `length`."""

    name: str
    start: int
    length: int
    unpacked: int
    crc: int
    stored: bool


def members(data: bytes, where: str, limits: Limits) -> list[Member]:
    """The directory of the archive, refused unless it is plain and complete."""
    if len(data) < 22 or data[-22:-18] != b"PK\x05\x06":
        raise refuse(where, "upload_zip_damaged")
    count, size, offset = struct.unpack("<HII", data[-12:-2])
    if count > limits.max_members or data.count(b"PK\x01\x02") > limits.max_members:
        raise refuse(where, "upload_too_many_members", limits.max_members)
    if offset + size != len(data) - 22:
        raise refuse(where, "upload_zip_damaged")
    try:
        entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise refuse(where, "upload_zip_damaged") from error
    found = [_member(data, entry, where) for entry in entries]
    names = {member.name.casefold() for member in found}
    end = 0
    for member, head in sorted(
        ((m, e.header_offset) for m, e in zip(found, entries, strict=True)), key=lambda p: p[1]
    ):
        if head < end:
            raise refuse(where, "upload_zip_overlap", member.name)
        end = member.start + member.length
    if len(names) != len(found) or len(found) != count or end > offset:
        raise refuse(where, "upload_zip_overlap")
    return found


def _member(data: bytes, entry: zipfile.ZipInfo, where: str) -> Member:
    if _BAD_PATH.search(entry.orig_filename) or len(entry.orig_filename) > 255:
        raise refuse(where, "upload_zip_path", ascii(entry.orig_filename[:80]))
    if entry.flag_bits & 1:
        raise refuse(where, "upload_encrypted")
    head = data[entry.header_offset : entry.header_offset + 30]
    if (
        len(head) < 30
        or head[:4] != b"PK\x03\x04"
        or entry.compress_type not in (0, 8)
        or struct.unpack("<H", head[8:10])[0] != entry.compress_type
    ):
        raise refuse(where, "upload_zip_damaged", entry.filename)
    name_length, extra_length = struct.unpack("<HH", head[26:30])
    name_at = entry.header_offset + 30
    name = data[name_at : name_at + name_length]
    if name != entry.orig_filename.encode("utf-8" if entry.flag_bits & 0x800 else "cp437"):
        raise refuse(where, "upload_zip_damaged", entry.filename)
    start = name_at + name_length + extra_length
    return Member(
        entry.filename,
        start,
        entry.compress_size,
        entry.file_size,
        entry.CRC,
        entry.compress_type == 0,
    )


def inflate(data: bytes, member: Member) -> Iterator[bytes]:
    """The bytes of `member` in bounded chunks; a broken stream ends with `zlib.error`."""
    packed = memoryview(data)[member.start : member.start + member.length]
    if member.stored:
        for at in range(0, len(packed), CHUNK):
            yield bytes(packed[at : at + CHUNK])
        return
    engine = zlib.decompressobj(-15)
    for at in range(0, len(packed), CHUNK):
        rest: bytes | memoryview = packed[at : at + CHUNK]
        while rest and not engine.eof:
            chunk = engine.decompress(rest, CHUNK)
            rest = engine.unconsumed_tail
            if chunk:
                yield chunk
    while not engine.eof:
        chunk = engine.decompress(b"", CHUNK)
        if not chunk:
            raise zlib.error("the stream ends too early")
        yield chunk


def weigh(
    data: bytes, where: str, limits: Limits, marks: re.Pattern[bytes]
) -> dict[str, set[bytes]]:
    """Inflate and count every member; the `marks` each contains, by member name."""
    total = 0
    found: dict[str, set[bytes]] = {}
    for member in members(data, where, limits):
        size = crc = 0
        tail = b""
        seen = found.setdefault(member.name, set())
        try:
            for chunk in inflate(data, member):
                size += len(chunk)
                if total + size > limits.max_unpacked_bytes:
                    raise refuse(where, "upload_unpacks_too_large", member.name)
                if size > MIB and size > limits.max_ratio * max(member.length, 1):
                    raise refuse(where, "upload_ratio", member.name)
                crc = zlib.crc32(chunk, crc)
                window = tail + chunk
                if any(hint in window for hint in HINTS):  # ten times faster than the pattern
                    seen.update(marks.findall(window))
                tail = chunk[-32:]
        except zlib.error as error:
            raise refuse(where, "upload_zip_damaged", member.name) from error
        if size != member.unpacked or crc != member.crc:
            raise refuse(where, "upload_zip_lies", member.name)
        total += size
    return found

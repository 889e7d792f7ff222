"""The file of entries: each is its length and a checksum (4 bytes each, big-endian), its bytes.

The checksum is CRC-32 over the length and the bytes, so that a stretch of zeros is no record. It
finds what a broken write left behind; against people the tree stands.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, BinaryIO
from zlib import crc32

from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD = struct.Struct(">II")
LIMIT = 1 << 24  # bytes of one entry; a broken length must not ask for all memory


def packed(entry: bytes) -> bytes:
    """The record of an entry. Raises ``log_entry_large`` above 16 MiB."""
    require(len(entry) <= LIMIT, "entry", "log_entry_large", len(entry))
    return HEAD.pack(len(entry), _check(entry)) + entry


def records(stream: BinaryIO) -> Iterator[tuple[bytes, bool]]:
    """Each entry, and whether its checksum holds; stops before a record that is not whole."""
    while len(head := stream.read(HEAD.size)) == HEAD.size:
        length, check = HEAD.unpack(head)
        entry = stream.read(length) if length <= LIMIT else b""
        if len(entry) < length:
            return
        yield entry, _check(entry) == check


def _check(entry: bytes) -> int:
    return crc32(entry, crc32(struct.pack(">I", len(entry))))

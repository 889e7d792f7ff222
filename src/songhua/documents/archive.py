"""Zip files whose bytes depend on their members alone: fixed order, fixed dates."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

_FIRST = "[Content_Types].xml"  # Office wants it first


def packed(members: Mapping[str, str | bytes]) -> bytes:
    """`members` as a zip, in the order of their names and dated 1 January 1980.

    >>> packed({"b": "2", "a": "1"}) == packed({"a": "1", "b": "2"})
    True
    """
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(members, key=lambda name: (name != _FIRST, name)):
            entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.compress_type = ZIP_DEFLATED
            archive.writestr(entry, members[name], compresslevel=6)
    return out.getvalue()


def repacked(file: bytes) -> bytes:
    """The zip `file` with the same members, order and dates fixed."""
    with ZipFile(BytesIO(file)) as archive:
        return packed({name: archive.read(name) for name in archive.namelist()})

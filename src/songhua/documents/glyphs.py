"""Which characters the package's fonts can draw, so that a rare name never leaves a hole.

A character that neither font has prints as its number, ``〔U+2B6E5〕``: a reader can look it up,
and the file stays PDF/A, which refuses text without a shape.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path
from unicodedata import category


def characters(font: bytes) -> set[int]:
    """The code points of an OpenType font: the (first, last) groups of its ``cmap`` format 12."""
    (count,) = struct.unpack_from(">H", font, 4)
    tables = (struct.unpack_from(">4sLLL", font, 12 + 16 * at) for at in range(count))
    start = next(offset for tag, _, offset, _ in tables if tag == b"cmap")
    (count,) = struct.unpack_from(">H", font, start + 2)
    found: set[int] = set()
    for at in range(count):
        (offset,) = struct.unpack_from(">4xL", font, start + 4 + 8 * at)
        kind, groups = struct.unpack_from(">H10xL", font, start + offset)
        if kind == 12:
            for group in range(groups):
                first, last, _ = struct.unpack_from(">LLL", font, start + offset + 16 + 12 * group)
                found.update(range(first, last + 1))
    return found


@cache
def _drawn() -> frozenset[int]:
    import pylopdf_fonts_zh_cn as package

    sans, serif = (Path(path).read_bytes() for path in (package.sans_path(), package.serif_path()))
    return frozenset(characters(sans) & characters(serif))


def drawable(text: str) -> str:
    """`text` with what the fonts cannot draw written as its number; invisible marks fall away.

    >>> drawable("松花江\\U0001f600")
    '松花江〔U+1F600〕'
    """
    known = _drawn()
    if known.issuperset(map(ord, text)):
        return text
    return "".join(_drawable(character, known) for character in text)


def _drawable(character: str, known: frozenset[int]) -> str:
    if ord(character) in known or character in "\n\t\u200b":
        return character
    if category(character) == "Cf" or "\ufe00" <= character <= "\ufe0f":
        return ""
    return " " if character.isspace() else f"〔U+{ord(character):04X}〕"

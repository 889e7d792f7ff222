"""The two encodings that offices send: which one a file is in, and its cells as UTF-8."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numba import njit

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

UTF8, GB18030 = "utf-8", "gb18030"
LOST = "\ufffd"
"""Stands where bytes are no character (or were none when somebody else decoded them)."""

_SAMPLE = 64 * 1024
# What UTF-8 text here is made of; two bytes of GB18030 that pass for UTF-8 give stranger letters.
_NOT_ASCII = re.compile("[^\x00-\x7f]")
_USUAL = re.compile("[\u0080-\u017f\u0370-\u04ff\u0800-\ufffc\U00010000-\U0010ffff]")


def detect(path: Path) -> str:
    """`UTF8` or `GB18030`, from the first 64 KiB in which there is more than ASCII. Damaged
    bytes do not change the answer: the encoding under which more makes sense is taken."""
    with path.open("rb") as stream:
        while (sample := stream.read(_SAMPLE)).isascii():
            if not sample:
                return UTF8
        first = next(at for at, byte in enumerate(sample) if byte > 127)
        sample = sample[first:] + stream.read(first)
    text = sample.decode(UTF8, errors="replace")
    usual = len(_USUAL.findall(text))
    return UTF8 if 2 * usual > len(_NOT_ASCII.findall(text)) else GB18030


@cache
def _points() -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """The code point of every two-byte code, and of every four-byte code up to U+FFFF; else -1."""
    pairs = (bytes((a, b)) for a in range(0x81, 0xFF) for b in range(0x40, 0xFF))
    fours = (
        bytes((a, b, c, d))
        for a in range(0x81, 0x85)
        for b in range(0x30, 0x3A)
        for c in range(0x81, 0xFF)
        for d in range(0x30, 0x3A)
    )
    texts = ([code.decode(GB18030, errors="replace") for code in codes] for codes in (pairs, fours))
    first, second = (
        np.array([ord(text) if len(text) == 1 and text != LOST else -1 for text in found], np.int32)
        for found in texts
    )
    return first, second


def to_utf8(
    data: NDArray[np.uint8], offsets: NDArray[np.int64]
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Cells of GB18030 laid behind each other, as UTF-8; `LOST` for each byte that is none.

    Cell r is ``data[offsets[r]:offsets[r + 1]]``; a character never reaches into the next cell.
    """
    if not (data > 127).any():
        return data, offsets
    out, places = np.empty(data.size * 3, np.uint8), np.zeros_like(offsets)
    _transcode(data, offsets, _usual(), *_points(), out, places)
    return out[: places[-1]], places


@cache
def _usual() -> NDArray[np.uint32]:
    """The three bytes that most two-byte codes take in UTF-8, by lead and second byte; else 0."""
    first, _ = _points()
    points = first.reshape(126, 191)
    packed = np.zeros((128, 256), np.uint32)
    long = points >= 0x800
    bytes_ = (0xE0 | points >> 12), (0x80 | points >> 6 & 0x3F), (0x80 | points & 0x3F)
    found = bytes_[0] | bytes_[1] << 8 | bytes_[2] << 16
    packed[1:127, 0x40:0xFF] = np.where(long, found, 0)
    return packed.reshape(-1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _transcode(
    data: np.ndarray,
    offsets: np.ndarray,
    usual: np.ndarray,
    pairs: np.ndarray,
    fours: np.ndarray,
    out: np.ndarray,
    places: np.ndarray,
) -> None:
    at = 0
    for row in range(offsets.size - 1):
        i, end = offsets[row], offsets[row + 1]
        while i < end:
            lead = np.uint32(data[i])
            if lead < 128:
                out[at] = lead
                at += 1
                i += 1
                continue
            packed = np.uint32(0)
            if i + 1 < end:
                packed = usual[(lead - np.uint32(128)) << np.uint32(8) | np.uint32(data[i + 1])]
            if packed:
                out[at] = packed & np.uint32(255)
                out[at + 1] = packed >> np.uint32(8) & np.uint32(255)
                out[at + 2] = packed >> np.uint32(16)
                at += 3
                i += 2
            else:
                point, length = _character(data, i, end, pairs, fours)
                at = _put(point, out, at)
                i += length
        places[row + 1] = at


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _character(
    data: np.ndarray, i: int, end: int, pairs: np.ndarray, fours: np.ndarray
) -> tuple[int, int]:
    """The code point that begins at byte `i` and the bytes it takes."""
    lead, point, length = int(data[i]), -1, 1
    second = int(data[i + 1]) if i + 1 < end else 0
    if 0x81 <= lead <= 0xFE and 0x40 <= second <= 0xFE:
        point, length = pairs[(lead - 0x81) * 191 + second - 0x40], 2
    elif 0x81 <= lead <= 0xFE and 0x30 <= second <= 0x39 and i + 3 < end:
        third, fourth = int(data[i + 2]), int(data[i + 3])
        if 0x81 <= third <= 0xFE and 0x30 <= fourth <= 0x39:
            length = 4
            place = (
                ((lead - 0x81) * 10 + second - 0x30) * 1260 + (third - 0x81) * 10 + fourth - 0x30
            )
            if place < fours.size:
                point = fours[place]
            elif 0x10000 <= place - 123_464 <= 0x10FFFF:  # 90 30 81 30 is U+10000
                point = place - 123_464
    return (point, length) if point >= 0 else (0xFFFD, 1)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _put(point: int, out: np.ndarray, at: int) -> int:
    """Write the UTF-8 of a code point at `at`; the place behind it."""
    if point < 0x80:
        out[at] = point
        return at + 1
    if point < 0x800:
        out[at] = 0xC0 | (point >> 6)
        out[at + 1] = 0x80 | (point & 0x3F)
        return at + 2
    if point < 0x10000:
        out[at] = 0xE0 | (point >> 12)
        out[at + 1] = 0x80 | ((point >> 6) & 0x3F)
        out[at + 2] = 0x80 | (point & 0x3F)
        return at + 3
    out[at] = 0xF0 | (point >> 18)
    out[at + 1] = 0x80 | ((point >> 12) & 0x3F)
    out[at + 2] = 0x80 | ((point >> 6) & 0x3F)
    out[at + 3] = 0x80 | (point & 0x3F)
    return at + 4

"""Finds the rows and cells of delimited text in its bytes, quotes included.

Works on the bytes as they came: in GB18030 as in UTF-8, no part of a longer character is a comma,
semicolon, tab, quote or line break. Every row keeps its place, so its text can be kept exactly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from numba import njit

if TYPE_CHECKING:
    import numpy as np

GOOD, BLANK, QUOTE = 0, 1, 2
"""A row that can be cut into cells, an empty line, a row whose quotes do not work out."""

LONGEST_ROW = 1024 * 1024
"""Bytes from the beginning of a row within which a quoted cell has to end."""

_LF, _CR, _BLANK, _MARK = 10, 13, 32, 34
_MORE, _BROKEN = -1, -2


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _quoted_end(raw: np.ndarray, at: int, limit: int, mark: int, final: bool) -> int:
    """Where the quoted cell that opens at `at` closes, before `limit`; `_MORE` where the bytes
    given do not tell, `_BROKEN` where it does not close or text follows its end."""
    j, n = at + 1, raw.size
    while j < limit and (raw[j] != _MARK or (j + 1 < n and raw[j + 1] == _MARK)):
        j += 1 if raw[j] != _MARK else 2
    if j + 1 >= n and not final:
        return _MORE
    if j >= limit:
        return _BROKEN
    ended = j + 1 == n or raw[j + 1] == mark or raw[j + 1] == _LF or raw[j + 1] == _CR
    return j if ended else _BROKEN


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _line_end(raw: np.ndarray, at: int) -> int:
    """The place after the line break (LF, CR LF or CR) at or behind `at`."""
    while at < raw.size and raw[at] != _LF and raw[at] != _CR:
        at += 1
    pair = at + 1 < raw.size and raw[at] == _CR and raw[at + 1] == _LF
    return min(at + (2 if pair else 1), raw.size)


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def scan(
    raw: np.ndarray,
    mark: int,
    final: bool,
    starts: np.ndarray,
    kinds: np.ndarray,
    widths: np.ndarray,
    begins: np.ndarray,
    ends: np.ndarray,
) -> int:
    """Fill in the rows of `raw` from its beginning and return how many there are.

    ``starts[r]`` and ``starts[r + 1]`` bound row r, ``kinds[r]`` is `GOOD`, `BLANK` or `QUOTE`,
    ``widths[r]`` counts its cells (of a `QUOTE` row: up to the fault); ``begins[c, r]`` and
    ``ends[c, r]`` bound the text of cell c, ``ends`` negated where quotes in it are doubled.
    Stops at a row that is not complete (unless `final`) or when the arrays are full. A row whose
    quotes do not work out is taken to be its first line alone, so that one lost quote does not
    swallow what follows.
    """
    i, row, n = 0, 0, raw.size
    while i < n and row < kinds.size:
        at, cells, kind, fault = i, 0, GOOD, 0
        while True:
            begin, end = at, at
            if at < n and raw[at] == _MARK:
                end = _quoted_end(raw, at, min(n, i + LONGEST_ROW), mark, final)
                if end < 0:
                    break
                begin, at = at + 1, end + 1
                for k in range(begin, end):
                    if raw[k] == _MARK:
                        end = -end
                        break
            else:
                while at < n and raw[at] != mark and raw[at] != _LF and raw[at] != _CR:
                    if raw[at] == _MARK and kind == GOOD:
                        kind, fault = QUOTE, cells + 1
                    at += 1
                end = at
            if cells < begins.shape[0]:
                begins[cells, row], ends[cells, row] = begin, end
            cells += 1
            if at >= n or raw[at] != mark:
                break
            at += 1
        if end == _BROKEN:
            kind, at, fault = QUOTE, i, cells + 1
            while at < n and raw[at] != _LF and raw[at] != _CR:
                at += 1
        if end == _MORE or (not final and at + 1 >= n):
            break
        kinds[row] = BLANK if at == i else kind
        widths[row] = cells if kind == GOOD else fault
        i = _line_end(raw, at)
        row += 1
        starts[row] = i
    return row


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def gather(
    raw: np.ndarray, begins: np.ndarray, ends: np.ndarray, out: np.ndarray, offsets: np.ndarray
) -> bool:
    """Copy the cells of one column behind each other into `out`; ``offsets[r]`` is where cell r
    begins. Doubled quotes become single. Tells whether the column is plain: only ASCII, no NUL,
    no blank at either end of a cell."""
    at, plain = 0, True
    for row in range(begins.size):
        begin, end = begins[row], ends[row]
        if end >= 0:
            for k in range(begin, end):
                out[at] = raw[k]
                plain &= 0 < raw[k] < 128
                at += 1
        else:
            k = begin
            while k < -end:
                out[at] = raw[k]
                plain &= 0 < raw[k] < 128
                at += 1
                k += 2 if raw[k] == _MARK else 1
        if at > offsets[row]:
            plain &= out[offsets[row]] > _BLANK and out[at - 1] > _BLANK
        offsets[row + 1] = at
    return plain

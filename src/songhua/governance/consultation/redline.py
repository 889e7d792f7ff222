"""花脸稿: what became of each clause between two versions, to the character.

A redline is exact: applied to the old text it gives the new one (`apply`), and nothing else.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Literal

from songhua.governance.consultation.alignment import align
from songhua.kit.errors import require

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from songhua.governance.consultation.clauses import Clause

Kind = Literal["kept", "changed", "moved", "added", "removed"]
# A figure or a foreign word is one token and every other character its own: readers want to see
# 100 become 500, not one digit of it.
_TOKEN = re.compile(r"[0-9]+(?:[.,][0-9]+)*[%％]?|[A-Za-z]+|.", re.DOTALL)
_SENTENCE = re.compile(r"[^。；;!！?？\n]*[。；;!！?？\n]?", re.DOTALL)
MOST_TOKENS = 4000  # longer clauses are compared by sentences: the comparison is quadratic


@dataclass(frozen=True)
class Piece:
    """A stretch of text that was kept, deleted or inserted."""

    kind: Literal["keep", "delete", "insert"]
    text: str


@dataclass(frozen=True)
class Change:
    """What became of one clause. `at` is where it stood in the old text; a clause that moved may
    have been changed too, as its pieces show."""

    kind: Kind
    old: Clause | None
    new: Clause | None
    at: int | None
    pieces: tuple[Piece, ...]


def redline(old: Sequence[Clause], new: Sequence[Clause]) -> tuple[Change, ...]:
    """Every clause of both versions once, in the order of the new text; what was removed stands
    where it stood."""
    pairs = {b: a for a, b in align(old, new)}
    staying = _longest_rise([pairs[b] for b in sorted(pairs)])
    starts = [0, *accumulate(len(clause.text) for clause in old)]
    gone = iter(sorted(set(range(len(old))) - set(pairs.values())))
    waiting = next(gone, None)
    changes: list[Change] = []
    for b, clause in enumerate(new):
        a = pairs.get(b)
        while waiting is not None and a in staying and a is not None and waiting < a:
            changes.append(_removed(old[waiting], starts[waiting]))
            waiting = next(gone, None)
        if a is None:
            changes.append(Change("added", None, clause, None, (Piece("insert", clause.text),)))
            continue
        same = old[a].text == clause.text
        kind: Kind = "moved" if a not in staying else "kept" if same else "changed"
        pieces = differences(old[a].text, clause.text)
        changes.append(Change(kind, old[a], clause, starts[a], pieces))
    while waiting is not None:
        changes.append(_removed(old[waiting], starts[waiting]))
        waiting = next(gone, None)
    return tuple(changes)


def apply(text: str, changes: Sequence[Change]) -> str:
    """The new text. Raises `InputError` ``redline_other_text`` unless `text` is the old one, to
    the last character."""
    new, read = "", 0
    for change in changes:
        old = "".join(piece.text for piece in change.pieces if piece.kind != "insert")
        at = change.at or 0
        require(text[at : at + len(old)] == old, "text", "redline_other_text", old.strip()[:20])
        read += len(old)
        new += "".join(piece.text for piece in change.pieces if piece.kind != "delete")
    require(read == len(text), "text", "redline_other_text", text.strip()[:20])
    return new


def differences(old: str, new: str) -> tuple[Piece, ...]:
    """What to keep, delete and insert to make `new` of `old`.

    >>> [(p.kind, p.text) for p in differences("最高100万元", "最高500万元")]
    [('keep', '最高'), ('delete', '100'), ('insert', '500'), ('keep', '万元')]
    """
    parts = [(True, old, new)] if old == new else list(_parts(old, new))
    pieces: list[Piece] = []
    for same, group in groupby(parts, key=lambda part: part[0]):
        found = list(group)
        before = "".join(part[1] for part in found)
        after = "".join(part[2] for part in found)
        if same:
            pieces.append(Piece("keep", before))
        else:
            pieces += [Piece("delete", before), Piece("insert", after)]
    return tuple(piece for piece in pieces if piece.text)


def _parts(old: str, new: str) -> Iterator[tuple[bool, str, str]]:
    """(same, old part, new part). One character that happens to stay between two changes is
    counted with them: a reader takes in words."""
    first, second = _tokens(old), _tokens(new)
    if len(first) + len(second) > MOST_TOKENS:
        first, second = _SENTENCE.findall(old), _SENTENCE.findall(new)
    codes = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    for n, (tag, a, b, c, d) in enumerate(codes):
        before, after = "".join(first[a:b]), "".join(second[c:d])
        inside = 0 < n < len(codes) - 1
        yield tag == "equal" and not (inside and len(before) == 1), before, after


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _removed(clause: Clause, at: int) -> Change:
    return Change("removed", clause, None, at, (Piece("delete", clause.text),))


def _longest_rise(places: Sequence[int]) -> set[int]:
    """The most of `places` that stand in rising order; the others were moved."""
    tails: list[int] = []
    ends: list[int] = []
    before: dict[int, int | None] = {}
    for place in places:
        at = bisect_left(tails, place)
        before[place] = ends[at - 1] if at else None
        tails[at:], ends[at:] = [place, *tails[at + 1 :]], [place, *ends[at + 1 :]]
    rise: set[int] = set()
    last = ends[-1] if ends else None
    while last is not None:
        rise.add(last)
        last = before[last]
    return rise

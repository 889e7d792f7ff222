"""Where two lists of leaf hashes part: what was changed, removed, inserted, moved."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Change = Literal["log_changed", "log_removed", "log_inserted", "log_moved"]


def differences(
    signed: Sequence[bytes], found: Sequence[bytes]
) -> Iterator[tuple[Change, int, int]]:
    """Each change with the first and last index it touches: in `found` for what was inserted,
    in `signed` for all else. Nothing is said only of equal lists.

    >>> list(differences([b"a", b"b", b"c"], [b"a", b"c", b"d"]))
    [('log_removed', 1, 1), ('log_inserted', 2, 2)]
    """
    run: tuple[Change, int, int] | None = None
    for change, place in _each(signed, found):
        if run and run[0] == change and run[2] + 1 == place:
            run = (change, run[1], place)
            continue
        if run:
            yield run
        run = (change, place, place)
    if run:
        yield run


def _each(signed: Sequence[bytes], found: Sequence[bytes]) -> Iterator[tuple[Change, int]]:
    gone, new = Counter(signed), Counter(found)
    gone, new = gone - new, new - gone
    here = there = 0
    while here < len(signed) and there < len(found):
        old, now = signed[here], found[there]
        lost, added = gone[old] > 0, new[now] > 0
        if old == now:
            lost = added = False
        elif lost:
            yield ("log_changed" if added else "log_removed"), here
        elif added:
            yield "log_inserted", there
        else:
            yield "log_moved", here
        gone[old] -= lost
        new[now] -= added
        here += lost or not added
        there += added or not lost
    yield from (("log_removed", place) for place in range(here, len(signed)))
    yield from (("log_inserted", place) for place in range(there, len(found)))

"""Where the entries of an export part from what was signed, as closely as its files can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from songhua.exchange.log import folder as form
from songhua.exchange.log.differences import differences
from songhua.exchange.log.files import ROW
from songhua.exchange.log.records import records
from songhua.exchange.log.tree import Frontier, Hasher, row
from songhua.kit.errors import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from songhua.exchange.log.checkpoints import Checkpoint

Finding = Problem  # one thing that does not hold: `where` it is, and `text` in both languages


def located(
    export: Path, hasher: Hasher, covered: int, unmet: Sequence[Checkpoint], size: int
) -> Iterator[Finding]:
    """Which of the `size` entries part from the `unmet` checkpoints; the first `covered` do not.

    The index tells them one by one, if its own hashes give the newest root. Else only spans.
    """
    oldest, newest = unmet[0], unmet[-1]
    leaves = _indexed(export, newest.size)
    frontier = Frontier(hasher)
    for leaf in leaves:
        frontier.add(leaf)
    if (frontier.size, frontier.root()) == (newest.size, newest.root):
        with (export / form.ENTRIES).open("rb") as stream:
            found = [hasher.leaf(entry) for entry, _ in records(stream)]
        for change, first, last in differences(leaves, found):
            yield Finding(span(first, last), change)
        return
    if oldest.size <= size:
        last = max(covered, oldest.size - 1)
        yield Finding(span(covered, last), "log_root_differs", str(oldest.size))
    if size < newest.size:
        yield Finding(span(size, newest.size - 1), "log_short", str(newest.size))


def _indexed(export: Path, size: int) -> list[bytes]:
    """The leaf hashes that the index holds, at most `size`."""
    found = []
    with (export / form.INDEX).open("rb") as stream:
        for index in range(size):
            stream.seek(row(0, index) * ROW.size)
            held = stream.read(ROW.size)
            if len(held) < ROW.size:
                break
            found.append(ROW.unpack(held)[0])
    return found


def span(first: int, last: int) -> str:
    """How a person reads the entries from `first` to `last`."""
    return f"{form.ENTRIES} {first}" if first == last else f"{form.ENTRIES} {first}–{last}"

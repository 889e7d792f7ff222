"""Where a log is kept: what every store can do, and one in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from songhua.exchange.log.checkpoints import Checkpoint
from songhua.exchange.log.tree import Digest, Frontier, Hasher, Tree, row
from songhua.kit.errors import Conflict, Problem, require

if TYPE_CHECKING:
    from collections.abc import Iterable

    from songhua.exchange.log.notes import Note


class Store(Tree, Protocol):
    """Entries in the order in which they came, their subtree hashes, and the signed checkpoints."""

    origin: str

    def entry(self, index: int) -> bytes:
        """The bytes of an entry. Raises ``log_size`` beyond the end."""

    def append(self, entries: Iterable[bytes]) -> range:
        """Add entries, all kept for good when this returns; their indices."""

    def newest(self) -> Note | None:
        """The checkpoint of the largest size kept, if there is one."""

    def keep(self, note: Note) -> Note:
        """Keep a signed checkpoint, or further signatures of one; the note as it is then kept.

        Signatures are the caller's to verify. Raises ``log_fork`` where another text is kept for
        that size.
        """


def joined(kept: Note | None, note: Note) -> Note:
    """A kept checkpoint with the signatures of another of the same text."""
    if kept is not None and kept.text != note.text:
        raise Conflict(Problem(f"size {Checkpoint.of(note).size}", "log_fork"))
    return kept.merged(note) if kept else note


class MemoryStore:
    """A log that ends with the process."""

    def __init__(self, origin: str, digest: Digest = "sha256") -> None:
        self.origin, self.hasher = origin, Hasher(digest)
        self._frontier = Frontier(self.hasher)
        self._rows: list[bytes] = []
        self._entries: list[bytes] = []
        self._notes: dict[int, Note] = {}

    @property
    def size(self) -> int:
        return len(self._entries)

    def node(self, level: int, index: int) -> bytes:
        return self._rows[row(level, index)]

    def entry(self, index: int) -> bytes:
        require(0 <= index < self.size, "index", "log_size", index)
        return self._entries[index]

    def append(self, entries: Iterable[bytes]) -> range:
        first = self.size
        for entry in entries:
            self._rows += self._frontier.add(self.hasher.leaf(entry))
            self._entries.append(entry)
        return range(first, self.size)

    def newest(self) -> Note | None:
        return self._notes[max(self._notes)] if self._notes else None

    def keep(self, note: Note) -> Note:
        size = Checkpoint.of(note).size
        self._notes[size] = joined(self._notes.get(size), note)
        return self._notes[size]

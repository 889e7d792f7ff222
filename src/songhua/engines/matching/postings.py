"""Which documents hold a term and how often, term by term: a part of an index that never changes
once it is built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    Counted = tuple[NDArray[np.int32], NDArray[np.float32]]


@dataclass(frozen=True)
class Postings:
    """``slots[starts[t]:starts[t+1]]`` are the documents with term t, `counts` how often each."""

    starts: NDArray[np.int64]
    slots: NDArray[np.int32]
    counts: NDArray[np.float32]

    @classmethod
    def of(cls, documents: Sequence[Counted], first: int, terms: int) -> Postings:
        """Of documents, each (terms, counts), that stand in the slots from `first` on."""
        sizes = [len(held) for held, _ in documents]
        held = np.concatenate([np.empty(0, np.int32), *(terms for terms, _ in documents)])
        counts = np.concatenate([np.empty(0, np.float32), *(counts for _, counts in documents)])
        slots = np.repeat(np.arange(first, first + len(documents), dtype=np.int32), sizes)
        order = np.argsort(held, kind="stable")
        starts = np.zeros(terms + 1, np.int64)
        np.cumsum(np.bincount(held, minlength=terms), out=starts[1:])
        return cls(starts, slots[order], counts[order])

    def holding(self, term: int) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The slots of the documents with a term, and its counts; a term from later has none."""
        if term + 1 >= len(self.starts):
            return self.slots[:0], self.counts[:0]
        part = slice(self.starts[term], self.starts[term + 1])
        return self.slots[part], self.counts[part]

"""Pages of an answer. What a plan gives of files that never change is always the same, so a page
is cut from a longer stretch that is read once and kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING

from songhua.exchange.enforcement.execution import Batch, execute, size

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence
    from pathlib import Path

    from songhua.exchange.enforcement.execution import Readers
    from songhua.exchange.enforcement.planning import Plan

STRETCH = 1000  # rows
CELL_BYTES = 64  # what a value takes in memory beside its text, about


class Pages:
    """The last stretches that were read, of `most_bytes` together. Safe for threads.

    A stretch is kept under the whole of its plan's text, keys of pseudonyms and files: whoever
    gets one was granted exactly the rows and columns that are in it.
    """

    def __init__(self, readers: Readers, most_bytes: int = 64 << 20) -> None:
        self._readers, self._left = readers, most_bytes
        self._most = most_bytes // 8  # of one stretch
        self._kept: OrderedDict[Hashable, tuple[Batch, int]] = OrderedDict()
        self._lock = Lock()

    def read(
        self, plan: Plan, tables: Mapping[str, Sequence[Path]], limit: int, offset: int
    ) -> tuple[Batch, int | None]:
        """At most `limit` rows of the plan from `offset` on, and how many it has in all where its
        end was seen on the way (None: not known). Raises what `execute` does, and `ValueError` for
        a plan that is bound to a volume: its rows are no longer the same."""
        if plan.reasons or plan.most_bytes is not None:
            raise ValueError("the plan is bound to what is left of a volume")
        if limit > STRETCH:
            return self._read(plan, tables, limit, offset), None
        found: Batch = []
        for begin in range(offset - offset % STRETCH, offset + limit, STRETCH):
            stretch = self._stretch(plan, tables, begin)
            found += stretch[max(0, offset - begin) : offset + limit - begin]
            if len(stretch) < STRETCH:
                return found, begin + len(stretch) if stretch or not begin else None
        return found, None

    def _stretch(self, plan: Plan, tables: Mapping[str, Sequence[Path]], begin: int) -> Batch:
        files = tuple((name, tuple(tables[name])) for name in plan.sources)
        key = (plan.sql, tuple(sorted(plan.parameters.items())), files, begin)
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        rows = self._read(plan, tables, STRETCH, begin)
        self._keep(key, rows, size(rows) + CELL_BYTES * len(rows) * len(plan.columns))
        return rows

    def _read(
        self, plan: Plan, tables: Mapping[str, Sequence[Path]], limit: int, offset: int
    ) -> Batch:
        paged = replace(plan, sql=f"{plan.sql} LIMIT {limit} OFFSET {offset}")
        return [row for batch in execute(paged, tables, None, self._readers) for row in batch]

    def _keep(self, key: Hashable, rows: Batch, taken: int) -> None:
        with self._lock:
            if taken > self._most or key in self._kept:
                return
            self._kept[key] = (rows, taken)
            self._left -= taken
            while self._left < 0:
                self._left += self._kept.popitem(last=False)[1][1]

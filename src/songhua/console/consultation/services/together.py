"""Writers of one process that meet at the database go through together.

A database has one writer at a time. Who waits for it leaves what they bring on a heap; who comes
to write writes the whole heap, in one transaction, and everybody learns what became of theirs.
Alone, a writer waits for nobody.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Generic, TypeVar

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(eq=False)
class _Waiting(Generic[Given, Made]):
    given: Given
    found: Made | Exception | None = None


class Together(Generic[Given, Made]):
    """`store` takes a list and gives for each the record made of it or the exception it meets; it
    is one transaction. What it raises itself is tried again one by one, and is then theirs."""

    def __init__(self, store: Callable[[list[Given]], list[Made | Exception]]) -> None:
        self.store = store
        self.heap: deque[_Waiting[Given, Made]] = deque()
        self.lock = Lock()

    def write(self, given: Given) -> Made:
        """The record made of `given`, once it is kept; or what stood in its way, raised."""
        mine: _Waiting[Given, Made] = _Waiting(given)
        if connection.in_atomic_block:  # what others bring is not for this transaction
            self._all([mine])
        else:
            self.heap.append(mine)
            with self.lock:
                if mine.found is None:
                    self._all([self.heap.popleft() for _ in range(len(self.heap))])
        assert mine.found is not None
        if isinstance(mine.found, Exception):
            raise mine.found
        return mine.found

    def _all(self, batch: list[_Waiting[Given, Made]]) -> None:
        try:
            found = self.store([one.given for one in batch])
        except Exception as error:
            if len(batch) == 1:
                batch[0].found = error
                return
            for one in batch:
                self._all([one])
            return
        for one, result in zip(batch, found, strict=True):
            one.found = result

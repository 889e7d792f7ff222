"""Connections that wait for the next question instead of being opened anew for it."""

from __future__ import annotations

from collections import OrderedDict
from contextlib import contextmanager
from itertools import count
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    import duckdb


class Pool:
    """The `most` last used connections, each under the key of what it shows. Safe for threads: a
    connection serves one question at a time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._idle: OrderedDict[tuple[Hashable, int], duckdb.DuckDBPyConnection] = OrderedDict()
        self._lock = Lock()
        self._numbers = count()

    @contextmanager
    def connection(
        self, key: Hashable, opened: Callable[[], duckdb.DuckDBPyConnection]
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A connection for one question, `opened` where none waits under `key`. One whose question
        failed is not used again."""
        connection = self._take(key) or opened()
        sound = False
        try:
            yield connection
            sound = True
        finally:
            if not (sound and self._keep(key, connection)):
                connection.close()

    def _take(self, key: Hashable) -> duckdb.DuckDBPyConnection | None:
        with self._lock:
            found = next((kept for kept in reversed(self._idle) if kept[0] == key), None)
            return self._idle.pop(found) if found else None

    def _keep(self, key: Hashable, connection: duckdb.DuckDBPyConnection) -> bool:
        with self._lock:
            if not self._most:
                return False
            self._idle[key, next(self._numbers)] = connection
            if len(self._idle) > self._most:
                self._idle.popitem(last=False)[1].close()
            return True

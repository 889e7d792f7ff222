"""Connections that wait for the next question answer as fresh ones do, and see no more."""

from __future__ import annotations

import threading
import time

import duckdb
import pytest

from songhua.exchange.enforcement import Limits, Readers, execute
from songhua.kit.errors import InputError

from .test_enforcement_execution import files

__all__ = ["files"]

SLOW = (
    "SELECT count(*) FROM devices AS a JOIN devices AS b ON a.reading < b.reading"
    " JOIN devices AS c ON b.reading < c.reading"
)


def rows(plan, files, readers, limits=None):
    return [row for batch in execute(plan, files, limits, readers) for row in batch]


def test_the_same_question_is_answered_the_same_by_the_connection_kept(ask, files, monkeypatch):
    readers, opened = Readers(), []
    connect = duckdb.connect
    monkeypatch.setattr(duckdb, "connect", lambda *a, **k: opened.append(1) or connect(*a, **k))
    made = ask("SELECT owner, rooms FROM homes ORDER BY rooms")
    opened.clear()
    answers = [rows(made, files, readers) for _ in range(5)]
    assert answers == [[("王**", 2), ("1*", 3)]] * 5 and len(opened) == 1


def test_other_columns_or_files_are_another_connection(ask, files):
    readers = Readers()
    few = ask("SELECT rooms FROM homes ORDER BY 1")
    more = ask("SELECT owner, rooms FROM homes ORDER BY rooms")
    assert rows(few, files, readers) == [(2,), (3,)]
    assert rows(more, files, readers) == [("王**", 2), ("1*", 3)]
    assert rows(few, {"homes": []}, readers) == []
    assert rows(few, files, readers) == [(2,), (3,)]


def test_a_connection_whose_question_failed_or_was_left_is_closed(ask, files):
    readers = Readers()
    with pytest.raises(InputError):
        rows(ask("SELECT CAST(owner AS INTEGER) FROM homes"), files, readers)
    left = execute(ask("SELECT reading FROM devices"), files, Limits(batch_rows=10), readers)
    next(left)
    left.close()
    assert not readers._pool._idle


def test_no_more_wait_than_were_asked_for(ask, files):
    readers = Readers(2)
    for number in range(5):
        rows(ask(f"SELECT rooms FROM homes WHERE rooms > {number}"), files, readers)
        rows(ask(f"SELECT owner FROM homes WHERE rooms > {number}"), files, readers)
    assert len(readers._pool._idle) <= 2


def test_many_ask_at_once_and_the_slow_one_alone_is_stopped(ask, files):
    readers, told = Readers(), []
    quick = ask("SELECT rooms FROM homes ORDER BY 1")

    def slow():
        try:
            rows(ask(SLOW), files, readers, Limits(seconds=0.5))
        except InputError as error:
            told.append(error.problems[0].code)

    thread, begun = threading.Thread(target=slow), time.monotonic()
    thread.start()
    while thread.is_alive():
        assert rows(quick, files, readers) == [(2,), (3,)]
        assert time.monotonic() - begun < 60
    thread.join()
    assert told == ["query_too_slow"]

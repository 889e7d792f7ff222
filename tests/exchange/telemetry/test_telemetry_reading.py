"""Live readers see what is new, once, and the latest reading of each device."""

from __future__ import annotations

from datetime import timedelta

import pytest

from songhua.exchange.telemetry import upkeep
from songhua.exchange.telemetry.manifest import GRACE
from songhua.kit.errors import Conflict

M, N = "supply_c", "回水温度/℃"


def test_since_gives_each_commit_once_even_after_a_merge(town):
    with town.open() as store:
        store.write(town.batch(("甲", M, 3, 1.0)))
        cursor = town.reader.cursor()
        assert town.reader.since(cursor).readings.is_empty()
        store.write(town.batch(("甲", M, 2, 2.0), ("甲", N, 2, 9.0)))
        store.write(town.batch(("甲", M, 1, 3.0)))
        upkeep.compact(store, before=town.now.date() + timedelta(days=1))
        tail = town.reader.since(cursor, M)
        assert tail.readings["value"].to_list() == [2.0, 3.0]
        assert town.reader.since(cursor).readings.height == 3
        assert town.reader.since(tail.cursor, M).readings.is_empty()
        town.now += 2 * GRACE
        upkeep.compact(store)
        with pytest.raises(Conflict, match="telemetry_cursor_expired"):
            town.reader.since(cursor)


def test_latest_follows_the_writer_and_late_data_does_not_replace_it(town):
    def latest(*devices):
        found = town.reader.latest(M, devices or None)
        return dict(found.select("device_id", "value").rows())

    with town.open() as store:
        assert latest() == {}
        store.write(town.batch(("甲", M, 3, 1.0), ("乙", M, 2, 2.0), ("丙", M, 90, 7.0)))
        assert latest() == {"甲": 1.0, "乙": 2.0}  # 丙 fell silent days before
        store.write(town.batch(("甲", M, 1, 3.0), ("乙", M, 5, 4.0), ("甲", N, 0, 5.0)))
        assert latest() == {"甲": 3.0, "乙": 2.0}
        assert latest("乙", "无") == {"乙": 2.0}
        for hours in (0.2, 0.1):
            store.write(town.batch(("甲", M, hours, hours)))
        upkeep.compact(store, before=town.now.date() + timedelta(days=1))
        town.now += 2 * GRACE
        upkeep.compact(store)
        assert latest() == {"甲": 0.1, "乙": 2.0}  # what it had seen so far is gone


def test_a_new_reader_knows_the_latest_of_the_newest_days_only(town):
    with town.open() as store:
        store.write(town.batch(("甲", M, 1, 1.0), ("乙", M, 30, 2.0), ("丙", M, 90, 7.0)))
    assert town.reader.latest(M)["device_id"].to_list() == ["乙", "甲"]

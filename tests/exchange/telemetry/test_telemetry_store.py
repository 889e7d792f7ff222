"""A store keeps every good reading once, whatever comes twice, late, or wrong."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.exchange.telemetry import keys, upkeep
from songhua.exchange.telemetry.checking import OUT_OF_RANGE
from songhua.exchange.telemetry.manifest import GRACE
from songhua.kit.errors import Conflict, InputError

M, N = "supply_c", "回水温度/℃"
ROWS = st.tuples(
    st.sampled_from(["甲", "乙", "丙"]),
    st.sampled_from([M, N]),
    st.sampled_from([0, 0.25, 1, 11.999, 12, 12.5, 40, 40.25, 900]),
    st.sampled_from([1.0, 2.0]),
)
STEPS = st.lists(
    st.one_of(
        st.lists(ROWS, max_size=8),
        st.sampled_from(["open again", "merge small", "merge closed days", "sweep"]),
    ),
    max_size=10,
)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(STEPS, st.sampled_from([0, 3, 1000]))
def test_store_is_a_dict_that_keeps_the_first_value(make_town, monkeypatch, steps, keys_held):
    """Through batches, merges and openings, with any number of keys in memory."""
    monkeypatch.setattr(upkeep, "FEWEST", 2)
    monkeypatch.setattr(keys.KnownKeys.__init__, "__defaults__", (keys_held,))
    town, expected, store = make_town(), {}, None
    store = town.open()
    for step in steps:
        if step == "open again":
            store.close()
            store = town.open()
        elif step == "merge small":
            upkeep.compact(store)
        elif step == "merge closed days":
            upkeep.compact(store, before=town.now.date())
        elif step == "sweep":
            town.now += 2 * GRACE
            store.manifest.sweep(town.now)
            town.now -= 2 * GRACE
        else:
            commit = store.write(town.batch(*step))
            duplicates = conflicts = 0
            for device, metric, hours, value in step:
                key = device, metric, town.now - timedelta(hours=hours)
                duplicates += expected.get(key) == value
                conflicts += expected.setdefault(key, value) != value
            assert commit.duplicates == duplicates
            assert commit.rejected.get("reading_conflict", 0) == conflicts
            assert commit.stored == len(step) - duplicates - conflicts
        assert town.stored() == expected
    store.close()
    assert town.reader.counts().get("stored", 0) == len(expected)


def test_the_first_value_stays_and_the_other_is_told(town):
    with town.open() as store:
        store.write(town.batch(("甲", M, 1, 20.0)))
        commit = store.write(town.batch(("甲", M, 1, 21.0), ("甲", M, 1, 20.0)))
    assert (commit.stored, commit.duplicates) == (0, 1)
    assert commit.rejected == {"reading_conflict": 1}
    assert "21.0" in commit.examples[0].text("en")
    assert list(town.stored().values()) == [20.0]


def test_late_data_goes_to_its_own_day(town):
    with town.open() as store:
        commit = store.write(
            town.batch(("甲", M, 0, 1.0), ("甲", M, 0.9, 1.0), ("甲", M, 500, 2.0))
        )
    assert commit.late == 1
    days = {
        pl.read_parquet(path)["ts_utc"].dt.date().unique().item() for path in town.reader.files()
    }
    assert days == {town.now.date(), (town.now - timedelta(hours=500)).date()}
    long_ago = town.now - timedelta(hours=500)
    assert town.reader.scan(M, long_ago, long_ago + timedelta(hours=1)).collect().height == 1


def test_what_cannot_be_true_is_refused_and_counted_by_reason(town):
    wrong = {
        "reading_future": ("甲", M, -5.001 / 60, 1.0),
        "reading_not_finite": ("甲", M, 1, float("nan")),
        "reading_device_unknown": ("丁", M, 1, 1.0),
        "reading_metric_unknown": ("甲", "flow", 1, 1.0),
        "reading_malformed": ("甲", M, 1, None),
        "reading_quality": ("甲", M, 1, 1.0, 128),
    }
    with town.open() as store:
        commit = store.write(town.batch(*wrong.values(), ("甲", M, -5 / 60, 1.0)))
        more = store.write(town.batch(*[("丁", M, h, 1.0) for h in range(20)]))
    assert commit.rejected == dict.fromkeys(wrong, 1)
    assert {problem.code for problem in commit.examples} == set(wrong)
    assert commit.stored == len(town.stored()) == 1
    assert more.rejected == {"reading_device_unknown": 20}
    assert len(more.examples) == 5
    counts = town.reader.counts()
    assert (counts["reading_device_unknown"], counts["commits"]) == (21, 2)
    assert len(town.reader.examples()) == 11
    assert all("{" not in problem.text(w) for problem in commit.examples for w in ("zh", "en"))


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_no_infinite_value_is_stored(town, value):
    with town.open() as store:
        assert store.write(town.batch(("甲", M, 1, value))).rejected == {"reading_not_finite": 1}


def test_values_outside_the_range_are_stored_and_flagged(town):
    rows = [("甲", M, 1, -40.0), ("甲", M, 2, 120.0), ("甲", M, 3, 120.1, 3), ("甲", M, 4, -41.0)]
    with town.open() as store:
        assert store.write(town.batch(*rows)).flagged == 2
    held = town.reader.scan(M, town.now - timedelta(days=1), town.now).sort("ts_utc").collect()
    assert held["quality"].to_list() == [OUT_OF_RANGE, OUT_OF_RANGE + 3, 0, 0]


def test_a_scan_contains_its_start_and_not_its_end(town):
    with town.open() as store:
        store.write(
            town.batch(("甲", M, 2, 1.0), ("甲", M, 1, 2.0), ("乙", M, 2, 3.0), ("甲", N, 2, 4.0))
        )
    start = town.now - timedelta(hours=2)
    found = town.reader.scan(M, start, start + timedelta(hours=1)).collect()
    assert sorted(found["value"]) == [1.0, 3.0]
    only = town.reader.scan(M, start, town.now, ["乙", "无"]).collect()
    assert only["value"].to_list() == [3.0]
    assert town.reader.scan("flow", start, town.now).collect().is_empty()
    with pytest.raises(InputError, match="telemetry_interval"):
        town.reader.files(M, town.now, start)


def test_a_reader_goes_on_with_what_it_was_given(town):
    """A scan made before further batches, a merge and a retention still gives what it promised."""
    with town.open() as store:
        for hours in range(1, 6):
            store.write(town.batch(("甲", M, hours, 1.0)))
        scan = town.reader.scan(M, town.now - timedelta(days=2), town.now)
        store.write(town.batch(("甲", M, 7, 1.0)))
        upkeep.compact(store, before=town.now.date() + timedelta(days=1))
        assert scan.collect().height == 5
        assert len(town.reader.files()) == 1
        town.now += GRACE + timedelta(seconds=1)
        assert store.manifest.sweep(town.now) == 6
        assert len(list(town.folder.rglob("*.parquet"))) == 1
        assert len(town.stored()) == 6


def test_days_beyond_the_retention_of_their_metric_go(town):
    with town.open() as store:
        store.write(
            town.batch(*[(d, m, h, 1.0) for d in "甲乙" for m in (M, N) for h in (1, 13, 37)])
        )
        assert upkeep.retain(store, {M: 2}) == 2
        assert {(m, (town.now - at).days) for _, m, at in town.stored()} == {(M, 0), (N, 0), (N, 1)}
        assert store.write(town.batch(("甲", M, 37, 2.0))).stored == 1
        with pytest.raises(InputError, match="telemetry_days"):
            upkeep.retain(store, {M: 0})


def test_one_writer_at_a_time(town):
    with town.open(), pytest.raises(Conflict, match="telemetry_in_use"):
        town.open()
    town.open().close()


def test_merging_rewrites_a_reading_a_few_times_at_most(town, monkeypatch):
    """64 equal batches, merged by fours: the files stay few, and what is written stays small."""
    monkeypatch.setattr(upkeep, "FEWEST", 4)
    written = 0
    with town.open() as store:
        for number in range(64):
            store.write(town.batch(("甲", M, number / 100, 1.0)))
            before = set(town.reader.files())
            upkeep.compact(store)
            written += sum(pl.read_parquet(p).height for p in set(town.reader.files()) - before)
            assert len(town.reader.files()) < 12
    assert len(town.stored()) == 64
    assert written <= 4 * 64

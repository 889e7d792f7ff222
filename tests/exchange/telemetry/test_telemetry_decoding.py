"""Any message is either readings or refused and counted; none stops the intake."""

from __future__ import annotations

import json

import polars as pl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from songhua.exchange.telemetry import decoding
from songhua.exchange.telemetry.rejections import Rejections

GOOD = {"device_id": "甲", "metric": "supply_c", "ts_utc": "2026-01-05T08:00:00Z", "value": 1}


def _frame(readings, now, rejections=None):
    received_at = pl.Series([now] * len(readings), dtype=decoding.READING["received_at"])
    return decoding.frame(readings, received_at, rejections or Rejections())


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2026-01-05T08:00:00Z", "2026-01-05T08:00:00"),
        ("2026-01-05T08:00:00.5+00:00", "2026-01-05T08:00:00.500000"),
        ("2026-01-05T08:00:00.123456789Z", "2026-01-05T08:00:00.123456"),
        ("2024-02-29T23:59:59.999999Z", "2024-02-29T23:59:59.999999"),
        ("2026-01-05T08:00:00", None),
        ("2026-01-05T08:00:00+08:00", None),
        ("2026-01-05T08:00:00-00:00", None),
        ("2026-01-05 08:00:00Z", None),
        ("2026-02-30T08:00:00Z", None),
        ("2026-01-05T24:00:00Z", None),
        ("2026-01-05T08:00Z", None),
        ("２026-01-05T08:00:00Z", None),
        ("1767600000", None),
        ("", None),
    ],
)
def test_only_instants_that_say_utc_are_read(town, text, read):
    rejections = Rejections()
    found = _frame([GOOD | {"ts_utc": text}], town.now, rejections)["ts_utc"].to_list()
    assert [at.replace(tzinfo=None).isoformat() for at in found] == ([read] if read else [])
    assert rejections.counts == ({} if read else {"reading_time": 1})


@pytest.mark.parametrize("text", ["0000-01-01T00:00:00Z", "1969-12-31T23:59:59.999Z"])
def test_an_instant_before_1970_is_refused(town, text):
    with town.open() as store:
        commit = store.write(_frame([GOOD | {"ts_utc": text}], town.now))
    assert (commit.stored, commit.rejected) == (0, {"reading_time": 1})


@pytest.mark.parametrize(
    "change",
    [
        {"value": "1.0"}, {"value": True}, {"value": None}, {"value": [1]}, {"device_id": 7},
        {"metric": None}, {"ts_utc": 1767600000}, {"quality": "good"}, {"quality": 2**63},
        {"quality": 1.0}, {"quality": None},
    ],
)  # fmt: skip
def test_a_field_of_the_wrong_type_is_not_guessed_at(town, change):
    with town.open() as store:
        commit = store.write(_frame([GOOD | change, GOOD], town.now))
    assert (commit.stored, commit.rejected) == (1, {"reading_malformed": 1})


def test_a_nan_spoils_its_reading_and_not_its_message(town):
    payload = json.dumps([GOOD | {"value": float("nan")}, GOOD, GOOD | {"value": float("-inf")}])
    with town.open() as store:
        commit = store.write(_frame(decoding.objects(payload.encode()), town.now))
    assert (commit.stored, commit.rejected) == (1, {"reading_not_finite": 2})


@pytest.mark.parametrize(
    "payload",
    [b"", b"[", b"7", b'"text"', b"null", b"\xff\xfe", b"[" * 10_000, b'["\\ud800", NaN]'],
)
def test_what_is_no_json_of_readings_is_told_apart(payload):
    assert decoding.objects(payload) is None


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
READINGS = st.fixed_dictionaries(
    {}, optional={name: st.just(good) | ANYTHING for name, good in (GOOD | {"quality": 0}).items()}
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(READINGS | ANYTHING, max_size=4))
@example([GOOD | {"value": 10**400, "quality": -(10**400)}])
@example([GOOD | {"device_id": "\x00", "metric": "/../.."}])
def test_every_reading_is_stored_or_counted(make_town, readings):
    payload = json.dumps(readings, ensure_ascii=True).encode()
    found = decoding.objects(payload)
    town = make_town()
    if found is None:  # json writes lone surrogates, which are no text
        return
    with town.open() as store:
        rejections = Rejections()
        commit = store.write(_frame(found, town.now, rejections), rejections)
    assert commit.stored + commit.duplicates + sum(commit.rejected.values()) == len(readings)

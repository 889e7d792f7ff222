"""17:00:00 counts and 17:00:01 does not, whatever the zone the clock speaks in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.consultation import in_time, phase
from songhua.governance.consultation.closing import refusal
from songhua.kit.errors import InputError
from songhua.kit.time import ZONE

CLOSES = datetime(2022, 7, 18, 17, tzinfo=ZONE)
OPENED = datetime(2022, 7, 8, 9, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("moment", "counts"),
    [("16:59:59.999999", True), ("17:00:00", True), ("17:00:00.999999", True), ("17:00:01", False)],
)
def test_the_closing_second_counts_and_the_next_does_not(moment, counts):
    received = datetime.fromisoformat(f"2022-07-18 {moment}").replace(tzinfo=ZONE)
    assert in_time(received, CLOSES) is counts
    assert in_time(received.astimezone(UTC), CLOSES.astimezone(UTC)) is counts
    assert (phase(received, OPENED, CLOSES, None) == "open") is counts


@given(st.integers(-(10**9), 10**9))
def test_counting_stops_once_and_for_all(microseconds):
    received = CLOSES + timedelta(microseconds=microseconds)
    assert in_time(received, CLOSES) is (microseconds < 1_000_000)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(InputError):
        in_time(datetime(2022, 7, 18, 17), CLOSES)  # noqa: DTZ001


def test_what_officers_enter_counts_by_when_it_was_received():
    late = CLOSES + timedelta(days=2)
    cases = {
        CLOSES: None, OPENED: None, OPENED - timedelta(seconds=1): "opinion_before_opening",
        CLOSES + timedelta(seconds=1): "opinion_after_closing",
    }  # fmt: skip
    for received, code in cases.items():
        found = refusal(received, late, OPENED, CLOSES)
        assert (found and found.code) == code
    found = refusal(CLOSES, CLOSES - timedelta(hours=1), OPENED, CLOSES)
    assert found.code == "opinion_from_the_future"
    assert refusal(CLOSES, late, None, None).code == "opinion_before_opening"


def test_a_consultation_goes_through_its_phases_by_the_clock():
    after = CLOSES + timedelta(seconds=1)
    assert phase(OPENED, None, None, None) == "draft"
    assert phase(OPENED, OPENED, CLOSES, None) == "open"
    assert phase(after, OPENED, CLOSES, None) == "closed"
    assert phase(after, OPENED, CLOSES, after) == "answered"

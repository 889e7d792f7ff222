"""Working days follow the notices; an unpublished year is refused; periods hold their months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.calendar import WorkCalendar
from songhua.governance.periods import (
    add_months,
    month_end,
    month_index,
    parse_period,
    quarter_of,
)
from songhua.kit.errors import InputError

CALENDAR = WorkCalendar()
days = st.dates(date(2020, 1, 1), date(2025, 6, 30))


def test_the_holidays_and_makeup_days_of_2023():
    expected = {
        date(2023, 1, 27): False,  # Spring Festival, a Friday
        date(2023, 1, 28): True,  # made up on a Saturday
        date(2023, 6, 25): True,  # Sunday made up for Dragon Boat
        date(2023, 9, 29): False,  # Mid-Autumn
        date(2023, 10, 7): True,
        date(2023, 7, 1): False,  # an ordinary Saturday
    }
    assert {day: CALENDAR.is_workday(day) for day in expected} == expected


def test_an_unpublished_year_is_refused_and_named():
    with pytest.raises(InputError) as caught:
        CALENDAR.is_workday(date(2090, 3, 1))
    problem = caught.value.problems[0]
    assert (problem.code, problem.value) == ("calendar_year_unknown", "2090")
    assert "国务院" in problem.text("zh") and "2090" in problem.text("en")


def test_days_without_a_declared_year_do_not_make_the_year_known():
    with pytest.raises(InputError):
        WorkCalendar(holidays=frozenset({date(2090, 1, 2)})).is_workday(date(2090, 1, 2))


def test_a_declared_year_is_counted_from_the_table():
    calendar = WorkCalendar(
        holidays=frozenset({date(2090, 1, 2)}),
        makeup_days=frozenset({date(2090, 1, 7)}),
        years=frozenset({2090}),
    )
    assert not calendar.is_workday(date(2090, 1, 2))  # a Monday
    assert calendar.is_workday(date(2090, 1, 7))  # a Saturday
    assert calendar.is_workday(date(2090, 1, 3))
    assert not calendar.is_workday(date(2090, 1, 8))


def test_an_explicit_day_wins_over_the_published_table():
    day = date(2023, 7, 3)
    assert CALENDAR.is_workday(day)
    assert not WorkCalendar(holidays=frozenset({day})).is_workday(day)


def test_a_day_cannot_be_both():
    both = frozenset({date(2023, 7, 3)})
    with pytest.raises(InputError):
        WorkCalendar(holidays=both, makeup_days=both)


@given(days, st.integers(0, 40))
def test_adding_and_counting_working_days_undo_each_other(day, count):
    end = CALENDAR.add_workdays(day, count)
    assert CALENDAR.workdays_between(day, end) == count
    assert CALENDAR.workdays_between(end, day) == -count
    assert count == 0 or (end > day and CALENDAR.is_workday(end))


@given(days, st.integers(0, 40), st.integers(0, 40))
def test_counts_add_up(day, first, second):
    middle, end = day + timedelta(first), day + timedelta(first + second)
    between = CALENDAR.workdays_between
    assert between(day, middle) + between(middle, end) == between(day, end)


def test_negative_counts_are_refused():
    with pytest.raises(InputError):
        CALENDAR.add_workdays(date(2023, 7, 3), -1)


def test_a_rest_day_moves_to_the_next_working_day():
    assert CALENDAR.workday_on_or_after(date(2023, 9, 29)) == date(2023, 10, 7)
    assert CALENDAR.workday_on_or_after(date(2023, 10, 7)) == date(2023, 10, 7)


@given(days)
def test_a_month_ends_the_day_before_the_next(day):
    end = month_end(day)
    assert (end + timedelta(1)).day == 1 and month_index(end) == month_index(day)
    assert add_months(add_months(day, 5), -5) == day.replace(day=1)
    assert quarter_of(day) == -(-day.month // 3)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last", "months", "zh", "en"),
    [
        ("2023-06", "month", (2023, 6, 1), (2023, 6, 30), 1, "2023年6月", "June 2023"),
        ("2023Q4", "quarter", (2023, 10, 1), (2023, 12, 31), 3, "2023年第四季度", "Q4 2023"),
        ("2024", "year", (2024, 1, 1), (2024, 12, 31), 12, "2024年", "2024"),
        ("２０２３ｑ１", "quarter", (2023, 1, 1), (2023, 3, 31), 3, "2023年第一季度", "Q1 2023"),
    ],
)
def test_periods_are_read(text, kind, first, last, months, zh, en):
    period = parse_period(text)
    assert (period.kind, period.first, period.last) == (kind, date(*first), date(*last))
    assert (len(period.months), period.label_zh, period.label_en) == (months, zh, en)


@pytest.mark.parametrize(
    "text", ["", "2023-13", "2023-00", "2023Q5", "23-06", "2023-06-01", "0001"]
)
def test_other_periods_are_refused(text):
    with pytest.raises(InputError):
        parse_period(text)

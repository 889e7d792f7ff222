"""Requests for data: every state can be left or is an end, and days are counted, never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.calendar import WorkCalendar
from songhua.governance.sharing import Deadline, due_on, light, standard
from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue

CALENDAR = WorkCalendar()
ENDS = {"withdrawn", "revoked", "expired"}


def test_every_state_but_the_ends_can_be_left_and_is_spoken_in_both_languages():
    table = standard()
    assert {row.source for row in table.transitions} == set(table.states) - ENDS
    for kind, words in (("state", table.states), ("role", table.roles)):
        assert all(f"request_{kind}_{word}" in catalogue() for word in words)
    assert all(f"request_action_{row.action}" in catalogue() for row in table.transitions)


@pytest.mark.parametrize(
    ("entered", "workdays", "due"),
    [
        (date(2023, 9, 28), 2, date(2023, 10, 8)),  # over Mid-Autumn and National Day
        (date(2024, 2, 8), 1, date(2024, 2, 9)),  # New Year's Eve was a working day in 2024
        (date(2024, 2, 9), 1, date(2024, 2, 18)),  # a Sunday worked in for the Spring Festival
        (date(2025, 4, 30), 10, date(2025, 5, 19)),  # over Labour Day, the first to the fifth
    ],
)
def test_working_days_are_the_statutory_ones(entered, workdays, due):
    rule = Deadline(**{"state": "reviewing", "workdays": workdays, "from": "2020-01-01",
                       "basis": "x"})  # fmt: skip
    assert due_on([rule], "reviewing", entered, CALENDAR) == due
    assert due_on([rule], "draft", entered, CALENDAR) is None


def test_the_rule_is_the_one_in_force_on_the_day_of_entry():
    old = {"state": "checking", "workdays": 5, "from": "2020-01-01", "until": "2025-08-01",
           "basis": "旧"}  # fmt: skip
    new = {"state": "checking", "workdays": 2, "from": "2025-08-01", "basis": "新"}
    rules = [Deadline(**old), Deadline(**new)]
    assert due_on(rules, "checking", date(2025, 7, 31), CALENDAR) == date(2025, 8, 7)
    assert due_on(rules, "checking", date(2025, 8, 1), CALENDAR) == date(2025, 8, 5)
    assert due_on(rules, "checking", date(2019, 12, 31), CALENDAR) is None
    with pytest.raises(InputError):
        due_on([*rules, Deadline(**new)], "checking", date(2025, 8, 1), CALENDAR)


def test_an_unknown_year_is_an_error_and_not_a_guess():
    with pytest.raises(InputError) as caught:
        due_on(standard().deadlines, "granted", date(2031, 12, 20), CALENDAR)
    assert caught.value.problems[0].code == "calendar_year_unknown"


@given(st.dates(date(2020, 1, 1), date(2025, 11, 30)), st.integers(0, 15), st.integers(0, 5))
def test_the_light_only_ever_gets_worse(entered, workdays, warning):
    due = CALENDAR.add_workdays(entered, workdays)
    days = [entered + timedelta(days=n) for n in range((due - entered).days + 3)]
    order = ["in_time", "near", "over"]
    lights = [order.index(light(due, day, CALENDAR, warning)) for day in days]
    assert lights == sorted(lights) and lights[-1] == 2
    assert light(due, due, CALENDAR, warning) == "near"

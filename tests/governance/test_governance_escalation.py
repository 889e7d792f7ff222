"""The ladder: one rung at a time, never down, and every rung has its own clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance import triggers
from songhua.governance.calendar import WorkCalendar
from songhua.governance.escalation import LEVELS, SOURCES, CaseFacts, EscalationRules, next_step
from songhua.kit.errors import InputError

CALENDAR = WorkCalendar()
TODAY = date(2023, 6, 15)  # a Thursday
NONE = CaseFacts()
days = st.dates(date(2023, 1, 1), date(2023, 12, 31))
occasions = st.one_of(
    st.sampled_from(SOURCES).map(lambda source: triggers.noted(source, "x")),
    st.integers(1, 6).map(triggers.missed_months),
)
cases = st.builds(
    CaseFacts,
    level=st.sampled_from([None, *LEVELS]),
    opened_on=st.one_of(st.none(), days),
    answered_on=st.one_of(st.none(), days),
    resolved=st.booleans(),
    missed_at_level=st.integers(0, 3),
)


def step(case, *occasions, today=TODAY, rules=None):
    return next_step(case, occasions, today, CALENDAR, rules)


@given(cases, st.lists(occasions, max_size=4), days)
def test_levels_never_skip_and_never_go_down(case, found, today):
    taken = step(case, *found, today=today)
    before = -1 if case.level is None else LEVELS.index(case.level)
    after = -1 if taken.level is None else LEVELS.index(taken.level)
    assert after == before + (taken.action in ("open", "raise"))
    assert taken.reasons
    assert taken.due_on is None or taken.action in ("open", "raise", "wait")
    for reason in taken.reasons:
        for language in ("zh", "en"):
            text = reason.text(language)
            assert text != reason.code and "{" not in text and "@" not in text


@given(cases, days)
def test_only_an_answered_and_resolved_case_closes(case, today):
    closes = step(case, today=today).action == "close"
    assert closes == bool(case.level and case.resolved and case.answered_on)


@pytest.mark.parametrize("source", SOURCES)
def test_each_of_the_five_occasions_opens_a_reminder_with_five_working_days(source):
    taken = step(NONE, triggers.noted(source, "报送进展"))
    assert (taken.action, taken.level) == ("open", "reminder")
    # 16, 19, 20, 21 June; 22-24 are Dragon Boat; Sunday the 25th is made up.
    assert taken.due_on == date(2023, 6, 25)
    assert "报送进展" in taken.reasons[0].text("zh")


def test_a_year_of_silence_climbs_the_ladder_month_by_month():
    case, seen = NONE, []
    for month in range(1, 5):
        answered = replace(case, answered_on=TODAY)  # answered, so only the misses count
        taken = step(answered, triggers.missed_months(month))
        seen.append((taken.action, taken.level))
        case = CaseFacts(taken.level, TODAY, taken.due_on, missed_at_level=month)
    assert seen == [
        ("open", "reminder"),
        ("raise", "supervision"),
        ("raise", "interview"),
        ("wait", "interview"),
    ]


def test_an_old_silence_still_begins_with_a_reminder_and_waits_for_its_clock():
    opened = step(NONE, triggers.missed_months(3))
    assert opened.level == "reminder"
    case = CaseFacts("reminder", TODAY, opened.due_on, missed_at_level=3)
    tomorrow = TODAY + timedelta(days=1)
    assert step(case, triggers.missed_months(3), today=tomorrow).action == "wait"
    assert step(case, triggers.missed_months(4), today=tomorrow).level == "supervision"


def test_an_unanswered_rung_is_raised_the_day_after_its_last_day():
    case = CaseFacts("reminder", TODAY, date(2023, 6, 21))
    assert step(case, today=date(2023, 6, 21)).action == "wait"
    raised = step(case, today=date(2023, 6, 26))
    assert (raised.action, raised.level) == ("raise", "supervision")
    assert raised.due_on == CALENDAR.add_workdays(date(2023, 6, 26), 3)
    assert "工作提示" in raised.reasons[0].text("zh")


def test_the_last_day_is_counted_from_the_opening_when_not_given():
    case = CaseFacts("supervision", TODAY)
    assert step(case).due_on == CALENDAR.add_workdays(TODAY, 3)


def test_an_answer_without_result_waits_and_an_interview_has_nothing_above():
    answered = CaseFacts("reminder", TODAY, TODAY, answered_on=TODAY)
    assert step(answered, today=date(2023, 8, 1)).reasons[0].code == "case_answered_unresolved"
    top = step(CaseFacts("interview", TODAY, TODAY), today=date(2023, 8, 1))
    assert (top.action, [r.code for r in top.reasons]) == ("wait", ["case_unanswered", "case_top"])


def test_a_resolved_case_closes_first_and_the_new_occasion_opens_a_new_one():
    new = triggers.noted("leader_instruction", "批示")
    resolved = CaseFacts("supervision", TODAY, TODAY, answered_on=TODAY, resolved=True)
    assert step(resolved, new).action == "close"
    assert step(NONE, new).level == "reminder"
    assert step(NONE).action == "nothing"


def test_a_deadline_is_near_from_fifteen_working_days():
    due = date(2023, 7, 7)
    first = next(
        day
        for day in (date(2023, 6, 1) + timedelta(n) for n in range(45))
        if triggers.approaching_deadline(due, day, CALENDAR)
    )
    assert CALENDAR.workdays_between(first, due) == 15
    assert CALENDAR.workdays_between(first - timedelta(1), due) in (15, 16)
    passed = triggers.approaching_deadline(due, date(2023, 7, 8), CALENDAR)
    assert passed.reason.code == "case_deadline_passed"


def test_an_unpublished_year_is_asked_for_only_when_it_matters():
    last = date(2090, 12, 31)
    calendar = WorkCalendar(years=frozenset({2090}))
    assert triggers.approaching_deadline(date(2091, 3, 31), date(2090, 11, 1), calendar) is None
    assert triggers.approaching_deadline(date(2091, 1, 5), last, calendar)
    with pytest.raises(InputError):
        triggers.approaching_deadline(date(2091, 1, 31), last, calendar)


def test_rules_are_strict_and_marked_as_defaults():
    for field in EscalationRules.model_fields.values():
        assert "默认值(非文件规定)" in str(field.description)
    for wrong in (
        {"deadline_workdays": 0},
        {"deadlines": 1},
        {"missed_months": {"reminder": 2, "supervision": 2, "interview": 3}},
    ):
        with pytest.raises(ValidationError):
            EscalationRules(**wrong)

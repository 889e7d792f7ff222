"""Lights: every reason is named, worst first; silence never brightens a light."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance.lights import Light, TaskFacts, Thresholds, light
from songhua.kit.errors import InputError

TODAY = date(2023, 6, 15)
GOOD = TaskFacts(date(2023, 12, 31), Decimal(50), Decimal(50), date(2023, 5, 1))
DARKNESS = {"blue": 0, "green": 1, "grey": 2, "yellow": 3, "red": 4}
percents = st.integers(0, 100).map(Decimal)
facts = st.builds(
    TaskFacts,
    due=st.one_of(st.none(), st.dates(date(2023, 1, 1), date(2024, 1, 1))),
    planned_percent=st.one_of(st.none(), percents),
    actual_percent=st.one_of(st.none(), percents),
    reports_due_missing=st.integers(0, 4),
    state=st.sampled_from(["active", "closing"]),
    previous_light=st.sampled_from([None, "red", "yellow", "grey", "green"]),
    open_cases=st.integers(0, 2),
)


def codes(found: Light):
    return [reason.code for reason in found.reasons]


@pytest.mark.parametrize(
    ("change", "colour", "first"),
    [
        ({}, "green", "light_on_plan"),
        ({"actual_percent": Decimal(45)}, "green", "light_on_plan"),
        ({"actual_percent": Decimal("44.9")}, "yellow", "light_behind_yellow"),
        ({"actual_percent": Decimal(35)}, "yellow", "light_behind_yellow"),
        ({"actual_percent": Decimal("34.9")}, "red", "light_behind_red"),
        ({"actual_percent": None}, "grey", "light_no_data"),
        ({"planned_percent": None}, "grey", "light_no_plan"),
        ({"planned_percent": None, "reports_due_missing": 1}, "yellow", "light_missing"),
        ({"reports_due_missing": 1}, "yellow", "light_missing"),
        ({"reports_due_missing": 2}, "red", "light_missing"),
        ({"due": date(2023, 6, 15)}, "green", "light_due_soon"),
        ({"due": date(2023, 6, 14)}, "red", "light_overdue"),
        ({"due": date(2023, 6, 14), "state": "closing"}, "yellow", "light_awaiting_acceptance"),
        ({"open_cases": 1}, "yellow", "light_open_cases"),
        ({"previous_light": "red"}, "yellow", "light_recovering"),
        ({"previous_light": "yellow"}, "green", "light_on_plan"),
        ({"state": "closed", "due": date(2023, 1, 1)}, "blue", "light_done"),
        ({"state": "suspended", "reports_due_missing": 3}, "grey", "light_suspended"),
    ],
)
def test_known_lights(change, colour, first):
    found = light(replace(GOOD, **change), TODAY)
    assert (found.colour, codes(found)[0]) == (colour, first)


def test_a_missing_report_is_grey_where_the_office_allows_one():
    rules = Thresholds(yellow_missing_months=2, red_missing_months=3)
    shades = [light(replace(GOOD, reports_due_missing=n), TODAY, rules).colour for n in range(4)]
    assert shades == ["green", "grey", "yellow", "red"]


def test_a_red_task_that_is_half_caught_up_or_silent_stays_red():
    half = replace(GOOD, actual_percent=Decimal(40), previous_light="red")
    silent = replace(GOOD, actual_percent=None, previous_light="red")
    assert {light(half, TODAY).colour, light(silent, TODAY).colour} == {"red"}
    assert light(half, TODAY, Thresholds(yellow_after_red=False)).colour == "yellow"


@given(facts)
def test_red_is_never_followed_by_green(task):
    assert light(replace(task, previous_light="red"), TODAY).colour in ("red", "yellow")


@given(facts, st.integers(1, 3))
def test_silence_or_less_progress_never_brightens(task, more):
    before = DARKNESS[light(task, TODAY).colour]
    silent = replace(task, reports_due_missing=task.reports_due_missing + more)
    assert DARKNESS[light(silent, TODAY).colour] >= before
    if task.actual_percent:
        less = replace(task, actual_percent=task.actual_percent - 1)
        assert DARKNESS[light(less, TODAY).colour] >= before


@given(facts)
def test_every_light_gives_reasons_in_both_languages(task):
    found = light(task, TODAY)
    assert found.reasons
    for reason in found.reasons:
        for language in ("zh", "en"):
            assert reason.text(language) != reason.code and "{" not in reason.text(language)


def test_all_reasons_are_named_worst_first():
    task = replace(GOOD, due=date(2023, 6, 1), actual_percent=Decimal(40), open_cases=2)
    assert codes(light(task, TODAY)) == [
        "light_overdue",
        "light_behind_yellow",
        "light_open_cases",
    ]


def test_thresholds_are_strict_and_marked_as_defaults():
    for field in Thresholds.model_fields.values():
        assert "默认值(非文件规定" in str(field.description)
    for wrong in ({"red_behind_points": 1}, {"yelow": 1}, {"yellow_missing_months": 3}):
        with pytest.raises(ValidationError):
            Thresholds(**wrong)


def test_impossible_facts_are_refused():
    for change in ({"actual_percent": Decimal(101)}, {"reports_due_missing": -1}):
        with pytest.raises(InputError):
            replace(GOOD, **change)

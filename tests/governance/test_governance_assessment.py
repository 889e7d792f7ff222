"""Scores show their formula; what was not due neither gives nor takes; reports explain."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance.assessment import UnitFacts, Weights, assess
from songhua.governance.months import MonthFacts
from songhua.governance.report_rules import ReportFacts, check_report
from songhua.kit.errors import InputError

percents = st.integers(0, 100).map(Decimal)
units = st.integers(0, 12).flatmap(
    lambda due: st.builds(
        UnitFacts,
        st.just(due),
        st.integers(0, due),
        st.lists(st.tuples(percents, st.one_of(st.none(), percents)), max_size=6).map(tuple),
        st.just(5),
        st.integers(0, 5),
    )
)


def test_a_worked_example():
    """0.4 * 11/12 + 0.4 * (1 + 0.75) / 2 + 0.2 * 1/2 = 0.81666… -> 81.7"""
    progress = ((Decimal(50), Decimal(60)), (Decimal(40), Decimal(30)))
    found = assess(UnitFacts(12, 11, progress, 2, 1))
    assert found.score == Decimal("81.7")
    assert found.formula("zh") == (
        "得分 = 100 × (按时填报 0.4×11/12 + 进度完成 0.4×0.8750 + 按时答复 0.2×1/2) = 81.7"
    )
    assert found.reasons == ()


def test_half_is_rounded_up_once():
    weights = Weights(on_time=1, progress=0, answered=0)
    assert assess(UnitFacts(2000, 1249), weights).score == Decimal("62.5")  # 62.45
    assert assess(UnitFacts(10000, 6244), weights).score == Decimal("62.4")  # 62.44


def test_a_unit_with_nothing_due_has_no_score_but_a_reason():
    found = assess(UnitFacts(0, 0, ((Decimal(0), Decimal(0)),)))
    assert found.score is None
    assert "不评分" in found.formula("zh") and found.reasons[0].code == "assess_nothing_due"


def test_a_missing_figure_is_left_out_and_said_aloud():
    one = assess(UnitFacts(2, 2, ((Decimal(50), Decimal(50)),)))
    two = assess(UnitFacts(2, 2, ((Decimal(50), Decimal(50)), (Decimal(50), None))))
    assert one.score == two.score == Decimal("100.0")
    assert [reason.code for reason in two.reasons] == [
        "assess_missing_excluded",
        "assess_part_unused",
    ]
    assert "÷ (0.4+0.4)" in two.formula("en")


@given(units)
def test_scores_stay_between_0_and_100_and_the_shown_formula_gives_them(unit):
    found = assess(unit)
    assert found.score is not None and 0 <= found.score <= 100
    shown = found.formula("en").split("=")[1]
    shown = re.sub(r"[a-z]", "", shown).replace("×", "*").replace("÷", "/")
    assert abs(eval(shown) - float(found.score)) <= 0.06


@given(units)
def test_one_more_report_on_time_never_lowers_the_score(unit):
    if unit.reports_on_time < unit.reports_due:
        more = replace(unit, reports_on_time=unit.reports_on_time + 1)
        assert assess(more).score >= assess(unit).score


def test_wrong_counts_percents_and_weights_are_refused():
    for wrong in (
        UnitFacts(1, 2),
        UnitFacts(1, 1, ((Decimal(50), Decimal(101)),)),
        UnitFacts(1, 1, ((Decimal(50), Decimal("NaN")),)),
    ):
        with pytest.raises(InputError):
            assess(wrong)
    for wrong in ({"on_time": Decimal("0.5")}, {"speed": 1}):
        with pytest.raises(ValidationError):
            Weights(**wrong)


TODAY, JUNE = date(2023, 7, 3), MonthFacts(date(2023, 6, 1))


@pytest.mark.parametrize(
    ("given", "fields", "notes"),
    [
        ({"percent": 50}, [], []),
        ({"percent": None}, [("percent", "report_percent_missing")], []),
        ({"percent": 101}, [("percent", "out_of_range")], []),
        ({"percent": 50, "previous_percent": 51}, [("percent", "percent_fell")], []),
        ({"percent": 50, "previous_percent": 51, "reason": "口径调整"}, [], []),
        (
            {"percent": 50, "previous_percent": 51, "reason": " "},
            [("percent", "percent_fell")],
            [],
        ),
        ({"percent": 50, "planned_percent": 55}, [], []),
        ({"percent": 50, "planned_percent": 56}, [("summary", "reason_required")], []),
        ({"percent": 50, "planned_percent": 56, "summary": "设备未到货"}, [], []),
        ({"percent": 100}, [], ["report_done_unproven"]),
        ({"percent": 100, "has_evidence": True}, [], []),
    ],
)
def test_what_a_report_must_explain(given, fields, notes):
    exact = {name: Decimal(value) if type(value) is int else value for name, value in given.items()}
    found = check_report(ReportFacts(JUNE, **exact), TODAY)
    assert [(problem.where, problem.code) for problem in found.problems] == fields
    assert [note.code for note in found.notes] == notes


def test_month_and_field_problems_come_together():
    shut = MonthFacts(date(2023, 6, 1), closed=True)
    found = check_report(ReportFacts(shut, Decimal(1), Decimal(9), Decimal(2)), TODAY)
    codes = [problem.code for problem in found.problems]
    assert codes == ["month_closed", "percent_fell", "reason_required"]

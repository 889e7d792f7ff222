"""Targets: bounds count as the words say, gaps follow the oracle, and missing is never 0."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.governance.targets import WORDS, crosscheck, crosscheck_reason, judge
from songhua.kit.errors import InputError

PROGRAMME = Path(__file__).parents[3] / "shared" / "data" / "programme"
figures = st.decimals(0, 5000, places=2)


def rows(name):
    path = PROGRAMME / name
    if not path.exists():
        pytest.skip(f"{name} is not beside the repository")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_every_row_of_the_indicator_oracle():
    targets = {row["kpi_id"]: row for row in rows("kpi_targets.csv")}
    seen = 0
    for row in rows("kpi_oracle_dev.csv"):
        target = targets[row["kpi_id"]]
        goal = Decimal(target[f"target_{row['year']}"])
        seen += 1
        if "+" in row["actual"]:
            parts = [Decimal(part) for part in row["actual"].split("+")]
            assert crosscheck(goal, parts) == row["expected"], row
            continue
        actual = Decimal(row["actual"]) if row["actual"] else None
        places = 2 if target["unit"] == "亿元" else 0
        judged = judge(actual, target["comparator"], goal, places)
        assert judged.state == row["expected"], row
        assert ("" if judged.gap is None else str(judged.gap)) == row["gap"], row
    assert seen == 7


@pytest.mark.parametrize(
    ("actual", "word", "target", "places", "state", "gap"),
    [
        ("99.99", "达到", "100", 2, "not_met", "0.01"),
        ("100", "以上", "100", 0, "met", "0"),
        ("99", "不低于", "100", 0, "not_met", "1"),
        ("2001", "超过", "2000", 0, "met", "0"),
        ("1999", "超过", "2000", 0, "not_met", "2"),
        ("600.01", "突破", "600", 2, "met", "0.00"),
        ("599.999", "突破", "600", 2, "not_met", "0.01"),
    ],
)
def test_known_answers(actual, word, target, places, state, gap):
    judged = judge(Decimal(actual), WORDS[word], Decimal(target), places)
    assert (judged.state, str(judged.gap)) == (state, gap)


def test_a_missing_figure_is_neither_met_nor_zero():
    judged = judge(None, ">=", Decimal(0), 0)
    assert (judged.state, judged.gap) == ("missing", None)
    assert "不按 0 计" in judged.reason.text("zh")


@given(figures, figures, st.sampled_from([">=", ">"]))
def test_more_is_never_worse(actual, target, comparator):
    here, more = (judge(x, comparator, target, 2) for x in (actual, actual + 1))
    assert here.gap >= more.gap >= 0
    assert not (here.state == "met" and more.state == "not_met")


@given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([">=", ">"]))
def test_adding_the_gap_of_a_count_meets_the_target_and_one_less_does_not(a, t, comparator):
    gap = judge(Decimal(a), comparator, Decimal(t), 0).gap
    assert judge(a + gap, comparator, Decimal(t), 0).state == "met"
    if gap:
        assert judge(a + gap - 1, comparator, Decimal(t), 0).state == "not_met"


def test_parts_with_a_hole_are_missing_not_inconsistent():
    assert crosscheck(Decimal(800), [Decimal(500), None, Decimal(100)]) == "missing"
    assert crosscheck(None, [Decimal(1)]) == crosscheck(Decimal(0), []) == "missing"
    assert crosscheck(Decimal(800), list(map(Decimal, (500, 200, 100)))) == "consistent"
    reason = crosscheck_reason(Decimal(800), list(map(Decimal, (500, 200, 99))))
    assert "500+200+99" in reason.text("en") and "799" in reason.text("zh")


def test_nan_is_refused():
    with pytest.raises(InputError):
        judge(Decimal("NaN"), ">=", Decimal(1), 0)

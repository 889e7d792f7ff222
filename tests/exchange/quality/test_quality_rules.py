"""Rules are data that is refused where it makes no sense; rules about the table as a whole."""

from __future__ import annotations

import json
from datetime import date
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest

from songhua.exchange.quality import (
    DEFAULT_WEIGHTS,
    check,
    department_scores,
    read_rules,
    score,
    tickets,
)
from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue

DAY = date(2024, 6, 1)
FRAME = pl.LazyFrame({"a": ["1", "x", "", "4"], "d": ["2024-05-01", "2030-01-01", "", "坏"]})


def rules(*listed):
    return read_rules({"table": "t", "department": "统计局", "rules": list(listed)})


@pytest.mark.parametrize(
    ("rule", "where", "code"),
    [
        ({"rule": "requird", "column": "a"}, "rules.0", "param_invalid"),
        ({"rule": "required"}, "rules.0.required.column", "param_missing"),
        ({"rule": "required", "column": "a", "x": 1}, "rules.0.required.x", "param_unknown"),
        ({"rule": "type", "column": "a", "type": "int"}, "rules.0.type.type", "param_choice"),
        ({"rule": "range", "column": "a"}, "rules.0", "rule_limits"),
        ({"rule": "range", "column": "a", "low": 2, "high": 1}, "rules.0", "rule_limits"),
        (
            {"rule": "range", "column": "a", "low": 2, "high": "2024-01-01"},
            "rules.0",
            "rule_limits",
        ),
        ({"rule": "range", "column": "a", "low": True}, "rules.0.range.low", "param_invalid"),
        ({"rule": "range", "column": "a", "low": "NaN"}, "rules.0.range.low", "param_invalid"),
        ({"rule": "length", "column": "a", "least": 3, "most": 2}, "rules.0", "rule_limits"),
        ({"rule": "pattern", "column": "a", "pattern": "(?=x)"}, "rules.0.pattern", "rule_pattern"),
        ({"rule": "codes", "column": "a", "codes": []}, "rules.0.codes.codes", "param_invalid"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_with_its_place(rule, where, code):
    with pytest.raises(InputError) as caught:
        rules(rule)
    assert (where, code) in [(p.where, p.code) for p in caught.value.problems]


def test_contradicting_types_are_refused():
    with pytest.raises(InputError, match="rule_types_differ"):
        rules(*({"rule": "type", "column": "a", "type": kind} for kind in ("date", "text")))
    with pytest.raises(InputError, match="rule_types_differ"):
        rules(
            {"rule": "type", "column": "a", "type": "date"},
            {"rule": "type", "column": "d", "type": "number"},
            {"rule": "compare", "left": "a", "operator": "<", "right": "d"},
        )


def test_rules_are_read_from_json():
    given = {"table": "t", "rules": [{"rule": "unique", "columns": ["a", "d"]}]}
    assert read_rules(json.dumps(given)) == read_rules(given)
    with pytest.raises(InputError, match="param_json"):
        read_rules('{"table":')


def test_what_a_rule_needs_and_nobody_gave_is_told():
    with pytest.raises(InputError, match="rule_needs_day"):
        check(FRAME, rules({"rule": "freshness", "column": "d", "days": 1}))
    with pytest.raises(InputError, match="rule_needs_table"):
        check(FRAME, rules({"rule": "reference", "column": "a", "table": "other"}))


@pytest.mark.parametrize(("days", "fresh"), [(31, True), (30, False)])
def test_a_day_in_the_future_does_not_make_a_table_fresh(days, fresh):
    report = check(FRAME, rules({"rule": "freshness", "column": "d", "days": days}), day=DAY)
    assert (("freshness", "d") not in report.counts()) is fresh
    assert report.counts()["type", "d"] == 1  # a day is asked for, and 坏 is none


@pytest.mark.parametrize(
    ("previous", "broken"), [(None, False), (4, False), (5, False), (6, True), (3, False)]
)
def test_a_table_may_not_lose_more_rows_than_allowed(previous, broken):
    report = check(FRAME, rules({"rule": "row_drop", "most_percent": 20}), previous_rows=previous)
    assert bool(report.counts()) is broken


def test_a_reference_has_to_stand_in_the_other_table():
    rule = rules({"rule": "reference", "column": "a", "table": "other"})
    report = check(FRAME, rule, references={"other": ["1", "4"]})
    assert [(d.row, d.value) for _, d in report.examples()] == [(3, "x")]


def test_counts_are_exact_when_few_are_listed(tmp_path):
    frame = pl.LazyFrame({"a": ["x"] * 1000})
    rule = rules({"rule": "type", "column": "a", "type": "number"})
    report = check(frame, rule, listed=3, folder=tmp_path)
    assert report.counts() == {("type", "a"): 1000}
    assert [d.row for _, d in report.examples()] == [2, 3, 4]
    assert pl.read_parquet(report.defects)["row"].to_list() == list(range(2, 1002))
    assert [p.name for p in tmp_path.iterdir()] == ["defects.parquet"]


def test_a_warning_neither_costs_points_nor_makes_a_row_faulty():
    rule = {"rule": "type", "column": "a", "type": "number", "severity": "warning"}
    report = check(FRAME, rules(rule))
    assert report.sound and report.faulty_rows == 0 and report.counts()
    assert score(report).total == 100


def test_the_score_is_the_weighted_mean_of_what_was_checked():
    report = check(FRAME, rules({"rule": "required", "column": "a"}))
    found = score(report)
    # Completeness: the table itself 1, required 3/4; validity: whole rows 1; the rest unknown.
    assert found.dimensions["completeness"] == Fraction(175, 2)
    assert found.dimensions["timeliness"] is None
    assert found.total == Fraction(175, 4) + 50
    assert score(report, {"completeness": 1}).total == Fraction(175, 2)
    assert score(report, {}).total is None
    assert department_scores([found, found]) == {"统计局": found.total}
    assert sum(DEFAULT_WEIGHTS.values()) == 100


def test_tickets_say_what_to_mend():
    report = check(
        FRAME,
        rules(
            {"rule": "required", "column": "a", "severity": "warning"},
            {"rule": "type", "column": "a", "type": "integer"},
            {"rule": "range", "column": "a", "low": 2},
        ),
    )
    found = tickets(report)
    assert [(t.code, t.count, t.severity) for t in found] == [
        ("cell_not_int64", 1, "error"), ("cell_too_low", 1, "error"), ("cell_empty", 1, "warning"),
    ]  # fmt: skip
    assert found[1].department == "统计局"
    assert found[1].examples[0].text("en") == "1 (≥ 2): below the limit. Check it."


def test_every_code_has_its_sentences():
    import songhua.exchange.quality as package

    source = "".join(p.read_text("utf-8") for p in Path(package.__file__).parent.glob("*.py"))
    mine = {code for code in catalogue() if code.startswith(("quality_", "rule_"))}
    named = {word for word in source.split('"') if word.startswith(("quality_", "rule_"))}
    assert named <= catalogue().keys() and {c for c in mine if c.startswith("quality_")} <= named

"""What stands against opening a dataset is told in full, and what was not looked at counts."""

from __future__ import annotations

import polars as pl

from songhua.exchange.privacy.opening import ResourceField, Thresholds, release_check
from songhua.exchange.privacy.risk import measure
from songhua.exchange.privacy.scanning import scan
from songhua.kit.messages import catalogue

TABLE = pl.DataFrame(
    {
        "district": ["a", "a", "b"],
        "phone": ["13812345678", "13912345678", "13712345678"],
        "contact": ["张*", "李*", "王*"],
        "ill": ["x", "x", "y"],
    }
)


def _codes(problems):
    return {problem.code for problem in problems}


def test_every_obstacle_is_named():
    fields = [ResourceField(name) for name in TABLE.columns] + [ResourceField("wage", True)]
    risk = measure(TABLE, ["district"], ["ill"])
    found = release_check(fields, TABLE.columns, scan(TABLE), risk)
    assert _codes(found) == {
        "opening_not_scanned", "opening_sensitive", "opening_identifier", "opening_k", "opening_l",
        "opening_t",
    }  # fmt: skip
    told = {problem.code: problem.text("zh") for problem in found}
    assert "k = 1 < 5（默认值）" in told["opening_k"]
    assert all(catalogue()[problem.code]["en"] for problem in found)


def test_thresholds_that_were_decided_are_not_called_defaults():
    risk = measure(TABLE, ["district"])
    [problem] = release_check([], [], [], risk, Thresholds(k=2))
    assert "默认值" not in problem.text("zh")
    assert not release_check([], [], [], risk, Thresholds(k=1))


def test_a_doubtful_finding_asks_for_a_persons_eye():
    named = TABLE.select(pl.col("contact").alias("姓名"))
    found = release_check([ResourceField("姓名")], ["姓名"], scan(named), None, Thresholds())
    assert _codes(found) == {"opening_suspected", "opening_not_measured"}


def test_findings_in_columns_that_stay_behind_do_not_count():
    risk = measure(pl.concat([TABLE] * 5), ["district"])
    assert not release_check([ResourceField("district")], ["district"], scan(TABLE), risk)

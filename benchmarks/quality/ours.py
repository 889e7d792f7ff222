"""Our side: `songhua.exchange.quality.check` on the whole file, every defect kept in Parquet."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
from draw import INDUSTRIES, drawn

from songhua.exchange.quality import check, read_rules

RULES = read_rules(
    {
        "table": "firms",
        "rules": [
            {"rule": "unique", "columns": ["统一编号"]},
            {"rule": "required", "column": "单位名称"},
            {"rule": "length", "column": "单位名称", "most": 60},
            {"rule": "codes", "column": "行业代码", "codes": INDUSTRIES},
            {"rule": "type", "column": "成立日期", "type": "date"},
            {"rule": "type", "column": "从业人数", "type": "integer"},
            {"rule": "range", "column": "从业人数", "low": 0, "high": 100_000},
            {"rule": "type", "column": "注册资本", "type": "number"},
            {"rule": "pattern", "column": "邮政编码", "pattern": "[0-9]{6}"},
        ],
    }
)


def solve(case: dict) -> dict:
    """Seconds from the path to the report, and the number and place of every defect by rule."""
    path = drawn(case)
    with TemporaryDirectory() as folder:
        begun = time.perf_counter()
        report = check(path, RULES, folder=Path(folder))
        seconds = time.perf_counter() - begun
        found = pl.read_parquet(report.defects)
    answer = {}
    for (rule, column), some in found.group_by("rule", "column"):
        name = "ragged" if rule == "structure" else f"{rule} {column}"
        answer[f"{name}: defects"] = some.height
        answer[f"{name}: rows"] = int(some["row"].sum())
    return {"seconds": seconds, "answer": answer, "work": report.rows}

"""The fast checker finds what a plain one finds, cell by cell, in random tables."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.exchange.quality import check, read_rules

from . import reference

DAY = date(2024, 6, 1)
RULES = [
    {"rule": "unique", "columns": ["编号"]},
    {"rule": "unique", "columns": ["名称", "类别"]},
    {"rule": "required", "column": "名称"},
    {"rule": "length", "column": "名称", "least": 2, "most": 6},
    {"rule": "codes", "column": "类别", "codes": ["01", "02", "其他"]},
    {"rule": "pattern", "column": "编号", "pattern": "[A-Z]{2}[0-9]+"},
    {"rule": "type", "column": "人数", "type": "integer"},
    {"rule": "range", "column": "人数", "low": 0, "high": 1000},
    {"rule": "type", "column": "金额", "type": "number"},
    {"rule": "range", "column": "金额", "low": Decimal("-0.5")},
    {"rule": "type", "column": "起", "type": "date"},
    {"rule": "type", "column": "止", "type": "date"},
    {"rule": "range", "column": "起", "low": date(2000, 1, 1), "high": date(2024, 12, 31)},
    {"rule": "compare", "left": "起", "operator": "<=", "right": "止"},
    {"rule": "type", "column": "时刻", "type": "datetime"},
    {"rule": "type", "column": "在营", "type": "boolean"},
    {"rule": "credit_code", "column": "代码"},
    {"rule": "resident_id", "column": "身份证"},
    {"rule": "mobile", "column": "手机"},
]
DAYS = """2024-01-05|2024-1-5|2024/1/5|2024.1.5|20240105|2024年1月5日|2023-02-29|20240230|2024-13-01
24-1-5|2024-1/5|２０２４-01-05|1999-12-31|2025-1-1|2024/1/5 0:00|2024-01-05 08:00|2024015|45296|今天
0000-01-01"""
CELLS = {
    "编号": """AB1|AB2|AB1 |ab1|AB|ＡＢ1|AB001|A"B""",
    "名称": """松花江|松|中,央|第一*第二|引"号|　全角空格　|很长很长的名称|㐂镕|𠮷野家""",
    "类别": """01|02|1|其他|０１|02 |null""",
    "人数": """0|12|-1|1000|1001|１２|1,000|12.0|12.5|十二|1e3x|+7
007|99999999999999999999999999""",
    "金额": """0.1|-0.5|-0.51|1,234.50|12,34|NaN|inf|.5|1.|３.５|--1""",
    "起": DAYS,
    "止": DAYS,
    "时刻": """2024-01-05|2024-1-5|20240105|2024-01-05 08:00|2024/1/5 8:00:59|2024-01-05T23:59:59
2024-1-5 24:00|20240105 12:60|2024-02-30 08:00|8:00""",
    "在营": """是|否|TRUE|1|y|maybe|有|１""",
    "代码": """91110000600037341L|91110000600037341l|91110000600037341M|9111000060003734IL|91110000
９1110000600037341L|N1110000600037341L""",
    "身份证": """11010519491231002X|11010519491231002x|110105194912310021|110105491231002
110105491331002|990105194912310021|110105194902300024|11010520991231002X|x""",
    "手机": """13812345678|12812345678|138 1234 5678|+8613812345678|１3812345678|1381234567""",
}
CELLS = {
    name: [cell.replace("*", "\n") for cell in cells.replace("\n", "|").split("|")]
    for name, cells in CELLS.items()
}
HEADINGS = list(CELLS)
ROW = st.tuples(*(st.sampled_from(["", " ", *cells]) for cells in CELLS.values())).map(list)
RAGGED = ROW.flatmap(lambda row: st.sampled_from([row[:-1], [*row, "多"], row[:1]]))
BLANK = st.just([])


def written(rows, line_end="\r\n"):
    text = io.StringIO()
    csv.writer(text, lineterminator=line_end).writerows([HEADINGS, *rows])
    return text.getvalue()


def found(source, **given):
    report = check(
        source, read_rules({"table": "t", "rules": RULES}), day=DAY, listed=10**6, **given
    )
    listed = [(d.row, d.column, rule, d.code) for rule, d in report.examples() if rule != "table"]
    assert len(listed) == sum(
        n for (rule, _), n in report.counts().items() if rule != "table"
    )  # fmt: skip
    return listed, report


@settings(deadline=None, max_examples=60)
@given(
    rows=st.lists(st.one_of(ROW, ROW, ROW, RAGGED, BLANK), max_size=12),
    codec=st.sampled_from(["gb18030", "utf-8", "utf-8-sig"]),
    line_end=st.sampled_from(["\r\n", "\n"]),
)
def test_the_same_defects_as_row_by_row(tmp_path_factory, rows, codec, line_end):
    path = tmp_path_factory.mktemp("t") / "t.csv"
    text = written(rows, line_end)
    path.write_bytes(text.encode(codec))
    listed, report = found(path)
    expected = reference.defects(text, RULES, DAY)
    assert sorted(listed, key=str) == sorted(expected, key=str)
    assert report.rows == sum(bool(row) for row in rows)
    warnings = {"quality_resident_old"}
    assert report.faulty_rows == len({row for row, *_, code in expected if code not in warnings})


@pytest.mark.parametrize("name", HEADINGS)
def test_every_awkward_value_once_in_every_column(tmp_path, name):
    sound = [cells[0] for cells in CELLS.values()]
    at = HEADINGS.index(name)
    rows = [[*sound[:at], cell, *sound[at + 1 :]] for cell in ["", *CELLS[name]]]
    path = tmp_path / "t.csv"
    path.write_bytes(written(rows).encode("gb18030"))
    expected = reference.defects(written(rows), RULES, DAY)
    assert sorted(found(path)[0], key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("chunk", [40, 64, 257, 1000])
def test_the_size_of_the_chunks_changes_nothing(tmp_path, monkeypatch, chunk):
    rows = [[cells[(i * (at + 3)) % len(cells)] for at, cells in enumerate(CELLS.values())]
            for i in range(60)]  # fmt: skip
    rows[7:7] = [[], ["松", '散"']]
    path = tmp_path / "t.csv"
    path.write_bytes(written(rows).encode("gb18030"))
    whole, report = found(path)
    monkeypatch.setattr("songhua.exchange.quality.reading.CHUNK", chunk + 400)
    parts, again = found(path)
    assert sorted(parts, key=str) == sorted(whole, key=str)
    assert (again.rows, again.faulty_rows) == (report.rows, report.faulty_rows)

"""Headings are recognised as people write them; records come only when nothing is wrong."""

from __future__ import annotations

import datetime as dt
import time
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from songhua.kit.errors import InputError, Problem
from songhua.kit.messages import catalogue
from songhua.tables import Field, Grid, match, read, read_pasted, to_csv, to_xlsx, unpivot

from .files import ACTUAL, FUNDS, PLANNED, UNIT, book, raw, table, text

FIELDS = [UNIT, PLANNED, ACTUAL, FUNDS]


def problems(grid: Grid, fields: list[Field] = FIELDS, **options: Any) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        match(grid, fields, key=("unit",), **options)
    for problem in caught.value.problems:
        assert problem.code in catalogue()
        for language in ("zh", "en"):
            assert "{" not in problem.text(language)
    return caught.value.problems


def test_an_office_sheet_with_merged_headers() -> None:
    def fill(made: Any, sheet: Any) -> None:
        sheet.merge_range("A1:E1", "哈尔滨市六月月报")
        sheet.merge_range("A2:E2", "单位：万元")
        sheet.merge_range("A3:A4", "序号")
        sheet.merge_range("B3:B4", "责任\n单位")
        sheet.merge_range("C3:D3", "进 度")
        sheet.write_row("C4", ["计划（％）", "实际(%)"])
        sheet.merge_range("E3:E4", "到位资金（万元）")
        sheet.write_row("A5", [1, "科技局", "４０", 37.1, "１，２００．５０"])
        sheet.write("A6", 2)
        sheet.write("B6", "工信局")
        sheet.write("C6", 0.5, made.add_format({"num_format": "0%"}))
        sheet.write("D6", 0)
        sheet.write_row("A8", ["合 计", "", "", "", 1200.5])
        sheet.merge_range("A9:E9", "注：数据截至 6 月 30 日")

    records = match(read(book(fill), "a.xlsx"), FIELDS, key=("unit",), allow=("序号",))
    assert [record.row for record in records] == [5, 6]
    assert records[0].values == {
        "unit": "科技局",
        "planned": Decimal(40),
        "actual": Decimal("37.1"),
        "funds": Decimal("1200.50"),
    }
    assert records[1].values["planned"] == 50
    assert records[1].values["funds"] is None
    assert records[0].place("actual") == "D5"


def test_a_unit_merged_over_several_rows_belongs_to_each() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row("A1", ["单位", "任务"])
        sheet.merge_range("A2:A3", "科技局")
        sheet.write_column("B2", ["一", "二"])

    task = Field("task", ("任务",), text)
    records = match(read(book(fill), "a.xlsx"), [UNIT, task], key=("unit", "task"))
    assert [tuple(record.values.values()) for record in records] == [
        ("科技局", "一"),
        ("科技局", "二"),
    ]


def test_two_header_rows_without_merges() -> None:
    grid = read("单位,进度,,备注\n,计划,实际,\n科技局,40,37.5,好\n".encode("gb18030"), "a.csv")
    records = match(grid, FIELDS, key=("unit",), allow=("备注",))
    assert records[0].values["actual"] == Decimal("37.5")


def test_the_same_subtitle_under_two_groups_needs_the_group() -> None:
    grid = read_pasted("单位\t进度\t\t资金\t\n\t计划\t实际\t计划\t实际\n科技局\t1\t2\t3\t4")
    both = [
        UNIT,
        replace(PLANNED, titles=("进度/计划",)),
        replace(ACTUAL, titles=("资金/实际",)),
    ]
    record = match(grid, both, key=("unit",), allow=("进度/实际", "资金/计划"))[0]
    assert (record.values["planned"], record.values["actual"]) == (1, 4)
    alone = [UNIT, replace(PLANNED, titles=("计划",))]
    codes = {p.code for p in problems(grid, alone)}
    assert {"table_missing_columns", "table_unknown_columns"} <= codes


def test_a_different_unit_is_a_different_column() -> None:
    for heading, fits in (("到位资金", True), ("到位资金（万元）", True), ("到位资金(元)", False)):
        grid = read_pasted(f"单位\t{heading}\n科技局\t1")
        if fits:
            assert match(grid, [UNIT, FUNDS], key=("unit",))[0].values["funds"] == 1
        else:
            assert problems(grid, [UNIT, FUNDS])[0].code == "table_unknown_columns"


def test_every_fault_of_the_header_is_said_at_once() -> None:
    grid = read_pasted("单位\t完成进度\t完成进度(%)\t怪列\t\n科技局\t1\t2\t3\t孤儿")
    found = {p.code: p for p in problems(grid)}
    assert set(found) == {
        "table_missing_columns",
        "table_duplicate_columns",
        "table_unknown_columns",
        "table_untitled_column",
    }
    assert "D 怪列" in found["table_unknown_columns"].value
    assert "B 完成进度" in found["table_duplicate_columns"].value


def test_every_fault_of_the_cells_is_said_at_once() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row("A1", ["单位", "计划", "实际"])
        sheet.write_row("A2", ["科技局", "四十", 101])
        sheet.write_row("A3", ["", 1])
        sheet.write_formula("C3", "=NA()", None, "#N/A")
        sheet.write_row("A4", ["科技局", 1, 2])

    found = problems(read(book(fill), "a.xlsx"))
    assert [(p.where.split()[0], p.code, p.row, p.column) for p in found] == [
        ("B2", "not_a_number", 2, "B 计划"),
        ("C2", "out_of_range", 2, "C 实际"),
        ("A3", "empty", 3, "A 单位"),
        ("C3", "table_cell_error", 3, "C 实际"),
        ("A4", "table_duplicate_key", 4, "A4"),
    ]
    assert found[0].value == "四十"
    assert "科技局 (A2)" in found[-1].value


def test_no_header_is_said_plainly() -> None:
    assert problems(read_pasted("随便\t写写\n1\t2"))[0].code == "table_no_header"
    assert problems(Grid([], "空"))[0].code == "table_no_header"
    assert problems(read_pasted("注\n" * 15 + "单位\t计划\t实际\n"))[0].code == "table_no_header"


def test_a_thousand_problems_are_enough() -> None:
    grid = read_pasted("单位\t计划\t实际\n" + "".join(f"u{n}\tx\t1\n" for n in range(1500)))
    found = problems(grid)
    assert len(found) == 1001
    assert (found[-1].code, found[-1].value) == ("table_more_problems", "500")


WIDE = [replace(PLANNED, titles=("计划",)), replace(ACTUAL, titles=("实际",))]
CASE = Field("case", ("情况",), text, required=False)


def test_months_over_columns_become_records() -> None:
    def fill(made: Any, sheet: Any) -> None:
        sheet.merge_range("A1:G1", "2023年月报")
        sheet.merge_range("A2:A3", "单位")
        sheet.merge_range("B2:D2", "２０２３年６月")
        sheet.merge_range("E2:G2", dt.date(2023, 7, 1), made.add_format({"num_format": "yyyy-mm"}))
        sheet.write_row("B3", ["计划", "实际", "情况"] * 2)
        sheet.write_row("A4", ["科技局", 40, 37.1, "正常", 50])
        sheet.write("F4", 48)
        sheet.write_row("A5", ["工信局", 30, 31])

    data = book(fill)
    records = unpivot(read(data, "a.xlsx"), [UNIT], [*WIDE, CASE], key=("unit", "month"))
    assert [(r.row, r.values["month"], r.place("actual")) for r in records] == [
        (4, dt.date(2023, 6, 1), "C4"),
        (4, dt.date(2023, 7, 1), "F4"),
        (5, dt.date(2023, 6, 1), "C5"),
    ]
    assert records[0].values["case"] == "正常"


def test_a_wide_table_with_one_value_a_month() -> None:
    grid = read_pasted("单位\t2023-06\t2023年7月\n科技局\t1\t\n工信局\t2\tx")
    with pytest.raises(InputError) as caught:
        unpivot(grid, [UNIT], WIDE[:1])
    assert [(p.code, p.row) for p in caught.value.problems] == [("not_a_number", 3)]


@pytest.mark.parametrize(
    ("pasted", "code"),
    [
        ("单位\t2023年6月\t\n\t计划\t情况\n科技局\t1\t2", "table_missing_columns"),
        ("单位\t2023年6月\t\t\n\t计划\t实际\t计划\na\t1\t2\t3", "table_duplicate_columns"),
        ("单位\t2023年6月\t\t\n\t计划\t实际\t怪\na\t1\t2\t3", "table_unknown_columns"),
        ("单位\t计划\t实际\n科技局\t1\t2", "table_no_months"),
    ],
)
def test_faults_of_a_wide_header(pasted: str, code: str) -> None:
    with pytest.raises(InputError) as caught:
        unpivot(read_pasted(pasted), [UNIT], [*WIDE, CASE])
    assert code in [problem.code for problem in caught.value.problems]


@pytest.mark.slow
def test_time_for_two_hundred_thousand_rows() -> None:
    names = ["单位", "计划", "实际", "到位资金(万元)", "甲", "乙", "丙", "丁"]
    fields = [*FIELDS, *(Field(name, (name,), raw) for name in names[4:])]

    def rows() -> Any:
        for n in range(200_000):
            yield [f"u{n}", n % 100, Decimal(n % 1000) / 10, n, "正常", "推进中", n, "甲乙丙"]

    for name, write in (
        ("a.xlsx", lambda: to_xlsx("s", names, rows())),
        ("a.csv", lambda: to_csv(names, rows())),
    ):
        times = [time.perf_counter()]
        data = write()
        times.append(time.perf_counter())
        grid = read(data, name)
        times.append(time.perf_counter())
        records = match(grid, fields, key=("unit",))
        times.append(time.perf_counter())
        assert len(records) == 200_000
        write_s, read_s, match_s = (b - a for a, b in pairwise(times))
        print(
            f"\n200k x 8 {name} ({len(data) / 2**20:.1f} MiB): write {write_s:.1f} s, "
            f"check+read {read_s:.1f} s, match {match_s:.1f} s"
        )


def test_table_helper_is_read_back() -> None:
    assert read(table([["单位"], ["a"]]), "a.xlsx").cells == [["单位"], ["a"]]

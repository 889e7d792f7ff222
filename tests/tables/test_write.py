"""What we write is shown and never run, and reads back as what it was."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.kit.errors import InputError, Problem
from songhua.tables import (
    Field,
    annotated_copy,
    error_sheet,
    match,
    read,
    read_pasted,
    to_csv,
    to_xlsx,
)
from songhua.tables.read import ERRORS

from .files import ACTUAL, UNIT, raw

FORMULAS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    " =1",
]


@pytest.mark.parametrize("text", [*FORMULAS, "'=1", "''=1", "﹦1"])
def test_formulas_are_neutral_and_come_back(text: str) -> None:
    data = to_csv(["=h"], [[text]])
    assert "\"'" + text + '"' in data.decode("utf-8-sig")
    assert read(data, "a.csv").cells == [["=h"], [text]]
    workbook = to_xlsx("s", ["=h"], [[text]])
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")
    assert read(workbook, "a.xlsx").cells[0] == ["=h"]


def test_negative_numbers_stay_numbers() -> None:
    assert b"-5,-0.000001,100000\r\n" in to_csv(
        ["a", "b", "c"], [[-5, Decimal("-1E-6"), Decimal("1E+5")]]
    )
    assert read(to_xlsx("s", ["a"], [[-5]]), "a.xlsx").cells[1] == [-5]


def test_links_and_long_numbers_are_text() -> None:
    row = ["https://example.org", "{=1}", 12345678901234567890, Decimal("0.1234567890123456789")]
    cells = read(to_xlsx("s", ["a", "b", "c", "d"], [row]), "a.xlsx").cells[1]
    assert cells == [*row[:2], "12345678901234567890", "0.1234567890123456789"]


def test_an_instant_is_written_as_the_clock_in_harbin() -> None:
    moment = dt.datetime(2023, 6, 30, 16, 30, tzinfo=dt.UTC)
    assert b'"2023-07-01 00:30:00"' in to_csv(["a"], [[moment]])
    assert read(to_xlsx("s", ["a"], [[moment]]), "a.xlsx").cells[1] == [
        dt.datetime.fromisoformat("2023-07-01 00:30")
    ]


def test_a_text_too_long_for_a_cell_is_refused_not_lost() -> None:
    with pytest.raises(InputError) as caught:
        to_xlsx("s", ["a"], [["长" * 40_000]])
    assert caught.value.problems[0].code == "table_text_too_long"


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n\t=+-@＝＋－＠'_x"),
    min_size=1,
    max_size=30,
).filter(
    lambda s: (
        not s.isspace()
        and s.strip() not in ERRORS
        and not s.strip().endswith(("合计", "总计", "共计", "小计"))
        and "total" not in s.casefold()
        and "sum" not in s.casefold()
        and "\ufffe" not in s
        and "\uffff" not in s
    )
)
NUMBER = st.one_of(
    st.integers(-(10**14), 10**14), st.decimals("-1e9", "1e9", places=3, allow_nan=False)
)
DAY = st.dates(dt.date(1900, 3, 1), dt.date(2200, 1, 1))
ROW = st.tuples(TEXT, NUMBER, DAY, st.one_of(st.none(), TEXT))
NAMES = ["=键", "数", "日", "备注"]


def _number(cell: object, where: str) -> Decimal:
    return Decimal(str(cell))


def _day(cell: object, where: str) -> dt.date:
    return cell if isinstance(cell, dt.date) else dt.date.fromisoformat(str(cell))


FIELDS = [
    Field("key", ("=键",), raw),
    Field("number", ("数",), _number),
    Field("day", ("日",), _day),
    Field("note", ("备注",), raw, required=False),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(ROW, max_size=5, unique_by=lambda row: row[0]))
def test_what_is_written_reads_back(rows: list[tuple[str, Decimal, dt.date, str | None]]) -> None:
    for name, data in (
        ("a.csv", to_csv(NAMES, iter(rows))),
        ("a.xlsx", to_xlsx("s", NAMES, iter(rows))),
    ):
        records = match(read(data, name), FIELDS, key=("key",))
        assert [tuple(record.values.values()) for record in records] == rows


PROBLEMS = [Problem("B2 实际", "not_a_number", "=x", 2, "B 实际"), Problem("a", "table_no_header")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_error_sheet_names_place_and_remedy(language: str) -> None:
    cells = read(error_sheet(PROBLEMS, language), "a.xlsx").cells  # type: ignore[arg-type]
    assert cells[1][:4] == [2, "B 实际", "=x", "not_a_number"]
    assert cells[1][4] == PROBLEMS[0].text(language)  # type: ignore[arg-type]
    assert cells[2][1] == "a"


def test_the_annotated_copy_marks_bad_cells() -> None:
    grid = read_pasted("单位\t实际\n科技局\tx\n工信局\t#N/A\n=1\t5")
    with pytest.raises(InputError) as caught:
        match(grid, [UNIT, ACTUAL], key=("unit",))
    data = annotated_copy(grid, caught.value.problems)
    copied = read(data, "a.xlsx")
    assert [row[0] for row in copied.cells] == ["单位", "科技局", "工信局", "=1"]
    assert copied.cells[1][1] == "x"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        comments = archive.read("xl/comments1.xml").decode()
    assert 'ref="B2"' in comments and 'ref="B3"' in comments

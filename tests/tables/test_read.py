"""A cell is read as it was written: exact numbers, real dates, merged areas filled."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from songhua.kit.errors import InputError
from songhua.tables import Limits, read, read_pasted

from .files import book, table

NOON = dt.datetime.fromisoformat("2023-06-01T12:30:00")


def code(error: pytest.ExceptionInfo[InputError]) -> str:
    return error.value.problems[0].code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_encodings_and_delimiters_are_recognised(encoding: str, mark: str) -> None:
    text = f'月报\n单位{mark}说明\n科技局{mark}"两行\n文字{mark}""引号"""\n'
    grid = read(text.encode(encoding), "a.csv")
    assert grid.cells[1:] == [["单位", "说明"], ["科技局", f'两行\n文字{mark}"引号"']]
    assert grid.cells[0] == ["月报", None]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_broken_encoding_is_placed(mark: bytes) -> None:
    data = mark + "单位".encode() + b"\n\xff\xff"
    with pytest.raises(InputError) as caught:
        read(data, "a.csv")
    assert code(caught) == "table_encoding"
    assert caught.value.problems[0].value == str(len(mark) + 7)


def test_an_open_quote_is_reported() -> None:
    with pytest.raises(InputError) as caught:
        read(b'a,b\n"open,1\n2,3\n', "a.csv")
    assert code(caught) == "table_csv_quotes"


def test_excels_own_first_line_and_errors_in_csv() -> None:
    grid = read(b"sep=;\r\na;b\r\n1;#DIV/0!\r\n", "a.csv")
    assert grid.cells == [["a", "b"], ["1", None]]
    assert grid.faults == {(1, 1): ("table_cell_error", "#DIV/0!")}


def test_too_many_rows_or_columns_are_refused() -> None:
    for data in (b"1\n" * 40, b"1," * 30):
        with pytest.raises(InputError) as caught:
            read(data, "a.csv", limits=Limits(max_rows=5, max_columns=10))
        assert code(caught) == "table_too_large"


def test_pasted_text() -> None:
    assert read_pasted('a\t"x\ny"\r\n1\t\r\n').cells == [["a", "x\ny"], ["1", None]]
    assert read_pasted("a,b").cells == [["a", "b"]]


def test_every_kind_of_cell() -> None:
    def fill(made: Any, sheet: Any) -> None:
        day = made.add_format({"num_format": 'yyyy"年"m"月"'})
        moment = made.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        share = made.add_format({"num_format": "0.0%"})
        literal = made.add_format({"num_format": '0.0" 50% "'})
        sheet.write_row(2, 1, [37.1, 5, -2, "１２", True, 0.1 + 0.2, 1e-7])
        sheet.write(3, 1, 45078, day)
        sheet.write_datetime(3, 2, NOON, moment)
        sheet.write(3, 3, 0.375, share)
        sheet.write(3, 4, 0.375, literal)
        sheet.write_formula(3, 5, "=1/0", None, "#DIV/0!")
        sheet.write(3, 6, 123456789012345678)
        sheet.write(3, 7, "   ")

    grid = read(book(fill), "a.xlsx")
    assert grid.name == "月报"
    assert grid.cells[0] == [None] * 8
    assert grid.cells[2] == [
        None,
        Decimal("37.1"),
        5,
        -2,
        "１２",
        True,
        Decimal("0.3"),
        Decimal("1E-7"),
    ]
    assert grid.cells[3] == [
        None,
        dt.date(2023, 6, 1),
        NOON,
        "37.5%",
        Decimal("0.375"),
        None,
        None,
        None,
    ]
    assert grid.faults[3, 5] == ("table_cell_error", "#DIV/0!")
    assert grid.faults[3, 6][0] == "table_long_number"


def test_merged_areas_are_filled() -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range("A1:C1", "标题")
        sheet.merge_range("A2:A3", "科技局")
        sheet.write("B2", 1)
        sheet.write("B3", 2)
        sheet.write("C3", 3)

    assert read(book(fill), "a.xlsx").cells == [
        ["标题"] * 3,
        ["科技局", 1, None],
        ["科技局", 2, 3],
    ]


def test_sheets_by_name_by_number_and_the_first_visible() -> None:
    def fill(made: Any, sheet: Any) -> None:
        sheet.write(0, 0, "hidden")
        other = made.add_worksheet("七月")
        other.write(0, 0, "seen")
        other.activate()
        sheet.hide()

    data = book(fill)
    assert read(data, "a.xlsx").cells == [["seen"]]
    assert read(data, "a.xlsx", 0).cells == [["hidden"]]
    assert read(data, "a.xlsx", "七月").cells == [["seen"]]
    for wrong in ("八月", 9):
        with pytest.raises(InputError) as caught:
            read(data, "a.xlsx", wrong)
        assert code(caught) == "table_no_sheet"


def test_an_empty_sheet_is_an_empty_grid() -> None:
    assert read(table([]), "a.xlsx").cells == []

"""What is written to a workbook is read back the same, and what is wrong is named by its cell."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings

from songhua.exchange.catalogue import (
    Catalogue,
    read_catalogue,
    write_catalogue,
    write_template,
)
from songhua.kit.errors import InputError
from songhua.tables import check_upload

from .entries import CITY, HOMES, READINGS, catalogues
from .workbooks import Book, cell_of


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_template_is_an_empty_catalogue_with_choices(language):
    data = write_template(language)
    assert read_catalogue(data) == Catalogue()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert b"<dataValidation " in parts.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_catalogue_comes_back_equal(language):
    assert read_catalogue(write_catalogue(CITY, language)) == CITY


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(catalogues())
@example(Catalogue())
def test_any_catalogue_comes_back_equal(catalogue):
    assert read_catalogue(write_catalogue(catalogue)) == catalogue


def test_nothing_written_is_a_formula():
    hostile = change({cell_of("信息资源名称", 2): '=HYPERLINK("http://x")'})
    again = write_catalogue(read_catalogue(hostile))
    with zipfile.ZipFile(io.BytesIO(again)) as parts:
        sheets = [parts.read(n) for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
    assert len(sheets) == 4 and not any(b"<f>" in sheet for sheet in sheets)
    assert read_catalogue(again).by_name["homes"].title_zh.startswith("=HYPERLINK")


def change(cells: dict[str, object]) -> bytes:
    """The workbook of the city with some cells changed."""
    return Book(write_catalogue(CITY)).set(cells).save()


def problems(data: bytes) -> set[tuple[str, str]]:
    with pytest.raises(InputError) as caught:
        read_catalogue(data)
    for problem in caught.value.problems:
        assert problem.text("zh") != problem.code != problem.text("en")
        assert "{" not in problem.text("zh") + problem.text("en")
    return {(problem.where, problem.code) for problem in caught.value.problems}


def test_offices_may_write_as_they_are_used_to():
    cells = {
        cell_of("信息资源代码", 2): "３０７００１／０００００１",
        cell_of("共享类型", 2): " 有条件 共享",
        cell_of("更新周期", 2): "按月",
        cell_of("发布日期", 2): "２０２６年１月５日",
        cell_of("更新日期", 2): datetime(2026, 3, 1, 15, 30),  # noqa: DTZ001 (a spreadsheet knows no zone)
        cell_of("起始日期", 2): "2025.10.20",
        cell_of("截止日期", 2): 20260420,
        cell_of("关键词", 2): "供热，住户、",
        cell_of("是否向社会开放", 2): "√",
        cell_of("数据类型", 4, "信息项"): "数值型Ｎ",
        cell_of("最大值", 4, "信息项"): "５,０００.5",
    }
    assert read_catalogue(change(cells)) == CITY


def test_titles_above_blank_rows_and_merged_cells_are_forgiven():
    book = Book(write_catalogue(CITY))
    book.set({f"信息项!A{row}": None for row in (3, 4, 5)})
    book.merges["信息项"] = ["A2:A5"]
    book.grids["信息项"][5:5] = [[None] * 14] * 3
    book.grids["目录"][0:0] = [["哈尔滨市政务信息资源目录"], []]
    book.merges["目录"] = ["A1:F1"]
    assert read_catalogue(book.save()) == CITY


def test_columns_may_stand_in_any_order_and_optional_ones_be_missing():
    book = Book(write_catalogue(CITY))
    left_out = book.grids["目录"][0].index("英文摘要")
    book.grids["目录"] = [
        [None, *reversed(row[:left_out] + row[left_out + 1 :])] for row in book.grids["目录"]
    ]
    homes = replace(HOMES, summary_en="")
    assert read_catalogue(book.save()) == Catalogue((homes, READINGS), CITY.code_tables)


def test_every_wrong_cell_is_named_at_once():
    wrong = {
        cell_of("信息资源名称", 2): (None, "empty"),
        cell_of("共享条件", 2): (None, "catalogue_conditions_missing"),
        cell_of("联系人", 2): ("张\x01", "catalogue_text_illegible"),
        cell_of("电子邮箱", 2): ("heat.example.cn", "catalogue_email"),
        cell_of("提供方代码", 2): ("91110000600037341X", "uscc_check_digit"),
        cell_of("英文标识", 3): ("第一", "catalogue_slug_malformed"),
        cell_of("共享类型", 3): ("看情况共享", "catalogue_word_unknown"),
        cell_of("发布日期", 3): ("2026-02-30", "not_a_date"),
        cell_of("信息资源格式", 3): ("CSV；磁带", "catalogue_word_unknown"),
        cell_of("主键", 3): ("nobody", "catalogue_key_unknown"),
        cell_of("信息资源代码", 6, "信息项"): ("307001/000009", "catalogue_field_orphan"),
        cell_of("数据类型", 3, "信息项"): ("谜型", "catalogue_word_unknown"),
        cell_of("信息项是否开放", 5, "信息项"): ("是", "catalogue_open_sensitive"),
        cell_of("数据长度", 5, "信息项"): ("四十", "not_a_number"),
        cell_of("最大值", 4, "信息项"): (-60, "catalogue_limits_crossed"),
        cell_of("代码", 3, "代码表"): ("230102", "catalogue_code_table_twice"),
    }
    found = problems(change({place: value for place, (value, _) in wrong.items()}))
    assert found == {(place, code) for place, (_, code) in wrong.items()}


def test_a_code_that_cannot_be_read_does_not_blame_its_fields():
    place = cell_of("信息资源代码", 2)
    assert problems(change({place: "907001/1"})) == {(place, "catalogue_code_malformed")}


def test_fields_without_any_resource_are_not_dropped_in_silence():
    book = Book(write_catalogue(CITY))
    del book.grids["目录"][1:]
    assert {code for _, code in problems(book.save())} == {"catalogue_field_orphan"}


def test_what_contradicts_another_row_is_named_by_its_cell():
    cells = {
        cell_of("信息资源代码", 3): "307001/000001",
        cell_of("英文标识", 3): "homes",
    }
    found = problems(change(cells))
    assert (cell_of("信息资源代码", 3), "catalogue_code_twice") in found
    assert (cell_of("英文标识", 3), "catalogue_name_twice") in found

    cells = {
        cell_of("关联资源代码", 3): "307001/000009",
        cell_of("代码表", 3, "信息项"): "GB/T 0000",
        cell_of("引用", 6, "信息项"): "homes.nobody",
    }
    assert problems(change(cells)) == {
        (cell_of("关联资源代码", 3), "catalogue_related_unknown"),
        (cell_of("代码表", 3, "信息项"), "catalogue_code_table_unknown"),
        (cell_of("引用", 6, "信息项"), "catalogue_reference_unknown"),
    }


def test_a_reference_to_a_row_that_cannot_be_read_is_not_called_unknown():
    cells = {cell_of("主题", 2): "天外"}
    assert problems(change(cells)) == {(cell_of("主题", 2), "catalogue_word_unknown")}


def test_sheets_and_headings_are_checked_first():
    book = Book(write_catalogue(CITY)).set({"目录!B1": "信息资源名称", "目录!D1": "领导批示"})
    del book.grids["信息项"]
    assert problems(book.save()) == {
        ("信息项", "catalogue_sheet_missing"),
        ("目录!C1", "catalogue_column_twice"),
        ("目录!D1", "catalogue_column_unknown"),
        ("目录!A1", "catalogue_column_missing"),
    }


def test_what_is_written_may_be_uploaded_again():
    assert check_upload(write_catalogue(CITY), "目录.xlsx") == "xlsx"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"code,name\n1,2\n"])
def test_what_is_no_workbook_is_said_to_be_none(data):
    assert problems(data) == {("file", "catalogue_not_workbook")}


def test_numbers_keep_every_digit():
    cells = {cell_of("最大值", 4, "信息项"): 0.1, cell_of("联系电话", 2): 45184600000}
    read = read_catalogue(change(cells)).by_name["homes"]
    assert read.field("area_m2").high == Decimal("0.1")
    assert read.contact_phone == "45184600000"


def test_days_before_spreadsheets_are_kept():
    old = replace(HOMES, temporal_start=date(1898, 6, 9))
    catalogue = Catalogue((old,), CITY.code_tables)
    assert read_catalogue(write_catalogue(catalogue)) == catalogue

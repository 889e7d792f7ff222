"""Whatever is brought to the door: it is the table it claims to be, or it is refused in words."""

from __future__ import annotations

import io
import struct
import time
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.messages import catalogue
from songhua.tables import Limits, check_upload, read

from .files import book, table, with_parts, with_sheet

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1024 * 1024


def refused(data: bytes, name: str = "a.xlsx", limits: Limits | None = None) -> str:
    with pytest.raises(InputError) as caught:
        check_upload(data, name, limits)
    problem = caught.value.problems[0]
    assert problem.code in catalogue()
    assert problem.text("zh") != problem.text("en")
    return problem.code


def test_ordinary_files_pass(tmp_path: Path) -> None:
    assert check_upload(table([["单位"], [1]]), "六月月报.XLSX") == "xlsx"
    assert check_upload("单位,值\n".encode("gb18030"), "a.csv") == "csv"
    assert check_upload(b"a\tb\n", "a.tsv") == "tsv"
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n")
    assert check_upload(path, "a.csv") == "csv"


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.xls", b"x", "upload_xls"),
        ("a.et", b"x", "upload_xls"),
        ("a.xlsm", b"PK\x03\x04", "upload_macros"),
        ("a.ods", b"PK\x03\x04", "upload_ods"),
        ("a.pdf", b"%PDF", "upload_extension"),
        ("a", b"x", "upload_extension"),
        ("a.xlsx", b"", "upload_empty"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "upload_xls"),
        (
            "a.xlsx",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "upload_encrypted",
        ),
        ("a.xlsx", b"a,b\n1,2\n", "upload_not_workbook"),
        ("a.xlsx", b"<html><table>", "upload_html"),
        ("a.csv", b"\xef\xbb\xbf<HTML><table>", "upload_html"),
        ("a.csv", b"PK\x03\x04", "upload_not_text"),
        ("a.csv", b"a,b\n1,\x00\n", "upload_binary"),
        ("a.csv", "a,b".encode("utf-16"), "upload_utf16"),
    ],
)
def test_the_content_is_what_the_name_says(name: str, data: bytes, code: str) -> None:
    assert refused(data, name) == code


@pytest.mark.parametrize(
    "name",
    [
        "../a.csv",
        "..\\a.csv",
        "/etc/a.csv",
        "C:a.csv",
        "a\x00.csv",
        "a\u202ecsv.xlsx",
        "a\n.csv",
        ".csv",
        "a.csv ",
        "月" * 100 + ".csv",
        "x" * 90 + "\u202e.csv",
    ],
)
def test_hostile_names_are_refused(name: str) -> None:
    assert refused(b"a,b\n", name) == "upload_name"


def test_a_large_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "large.xlsx"
    with path.open("wb") as stream:
        stream.truncate(50 * MIB)
    started = time.perf_counter()
    with pytest.raises(InputError) as caught:
        check_upload(path, "large.xlsx")
    print(f"\n50 MiB refused in {(time.perf_counter() - started) * 1000:.2f} ms")
    assert caught.value.problems[0].code == "upload_too_large"
    assert refused(bytes(50 * MIB)) == "upload_too_large"


def test_a_bomb_is_counted_not_believed() -> None:
    bomb = with_parts({"xl/media/x.bin": bytes(60 * MIB)})
    assert len(bomb) < MIB
    assert refused(bomb) == "upload_ratio"
    assert refused(bomb, limits=Limits(max_ratio=5000, max_unpacked_bytes=MIB)) == (
        "upload_unpacks_too_large"
    )


def test_sizes_that_lie_are_found() -> None:
    data = bytearray(with_parts({"zz.bin": bytes(4 * MIB)}))
    entry = data.rindex(b"PK\x01\x02")
    for at in (entry + 24, data.rindex(b"PK\x03\x04") + 22):
        data[at : at + 4] = struct.pack("<I", 10)
    assert refused(bytes(data)) == "upload_ratio"
    assert refused(bytes(data), limits=Limits(max_ratio=5000)) == "upload_zip_lies"


def test_members_that_overlap_are_refused() -> None:
    data = bytearray(with_parts({"y.bin": b"y" * 50, "z.bin": b"y" * 50}))
    last = data.rindex(b"PK\x01\x02")
    before = data.rindex(b"PK\x01\x02", 0, last)
    data[last + 42 : last + 46] = data[before + 42 : before + 46]
    assert refused(bytes(data)) in ("upload_zip_overlap", "upload_zip_damaged")
    name = bytes(data).rindex(b"z.bin")
    data[name : name + 5] = b"y.bin"
    assert refused(bytes(data)) in ("upload_zip_overlap", "upload_zip_damaged")


def test_many_members_are_refused() -> None:
    parts: dict[str, bytes | str] = {f"x/{n}": "" for n in range(2100)}
    assert refused(with_parts(parts)) == "upload_too_many_members"


@pytest.mark.parametrize("path", ["../../evil", "/evil", "a\\b", "x/../y", "C:evil"])
def test_path_tricks_are_refused(path: str) -> None:
    assert refused(with_parts({path: "x"})) == "upload_zip_path"


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"xl/vbaProject.bin": b"x"}, "upload_macros"),
        ({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}, "upload_ods"),
        ({"XL/Workbook.xml": "<workbook/>"}, "upload_zip_overlap"),
    ],
)
def test_other_archives_are_refused(parts: dict[str, bytes | str], code: str) -> None:
    assert refused(with_parts(parts)) == code


def test_an_archive_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "x")
    assert refused(out.getvalue()) == "upload_not_workbook"
    assert refused(out.getvalue() + b"trailer") == "upload_zip_damaged"
    assert refused(b"prefix" + out.getvalue()) == "upload_not_workbook"


FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def test_one_cell_in_the_far_corner_is_refused() -> None:
    data = with_sheet(FAR)
    assert len(data) < 10_000
    assert refused(data) == "upload_sheet_too_large"
    with pytest.raises(InputError):
        read(data, "a.xlsx")


def test_a_far_cell_cannot_hide_in_another_part_or_encoding() -> None:
    xml = f"<x:worksheet><x:sheetData>{FAR}</x:sheetData></x:worksheet>"
    broken = b"\x89PNG" + xml.encode()
    assert refused(with_parts({"xl/media/image1.png": broken})) == "upload_xml_damaged"
    bound = xml.replace("<x:worksheet>", '<x:worksheet xmlns:x="u">')
    assert refused(with_parts({"xl/media/image1.png": bound})) == "upload_sheet_too_large"
    told = f'<?xml version="1.0" encoding="utf-7"?><w><sheetData>{FAR}</sheetData></w>'
    assert refused(with_parts({"xl/worksheets/sheet1.xml": told})) == "upload_sheet_too_large"


def test_cells_without_addresses_are_counted() -> None:
    row = "<row>" + "<c><v>1</v></c>" * 201 + "</row>"
    assert refused(with_sheet(row)) == "upload_sheet_too_large"
    rows = "<row/>" * 30 + "<row><c><v>1</v></c></row>"
    assert refused(with_sheet(rows), limits=Limits(max_rows=5)) == "upload_sheet_too_large"


def test_formats_down_to_the_last_row_do_no_harm() -> None:
    sheet = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576" s="0"/></row>'
    )
    assert read(with_sheet(sheet), "a.xlsx").cells == [[1]]


def test_two_cells_may_not_span_a_huge_rectangle() -> None:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="200000"><c r="GR200000"><v>1</v></c></row>'
    )
    assert refused(with_sheet(far)) == "upload_sheet_too_large"


def test_one_long_string_may_not_be_shared_a_million_times() -> None:
    strings = f'<sst xmlns="u"><si><t>{"长" * 30_000}</t></si></sst>'
    rows = "".join(
        f'<row r="{n}">' + '<c t="s"><v>0</v></c>' * 100 + "</row>" for n in range(1, 101)
    )
    for trick in ("<v>0</v>", "<f>1</f><v>0</v>", "<v> +0</v>"):
        cells = rows.replace("<v>0</v>", trick)
        sheet = f'<worksheet xmlns="u"><sheetData>{cells}</sheetData></worksheet>'
        data = with_parts({"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": strings})
        assert refused(data) == "upload_unpacks_too_large"
    assert refused(with_sheet('<row><c t="s"><v>0</v><v>0</v></c></row>')) == "upload_xml_damaged"


def test_billion_laughs_are_refused() -> None:
    laughs = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
    assert refused(with_sheet('<row r="1"><c r="A1"><v>&b;</v></c></row>', laughs)) == (
        "upload_doctype"
    )
    assert refused(with_parts({"xl/workbook.xml": laughs + "<workbook/>"})) == "upload_doctype"


def test_a_merge_over_everything_fills_only_the_data() -> None:
    xml = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
        '<row r="1"><c r="A1"><v>7</v></c></row></sheetData><mergeCells>'
        '<mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    )
    assert read(with_parts({"xl/worksheets/sheet1.xml": xml}), "a.xlsx").cells == [[7]]


@given(st.binary(max_size=300), st.sampled_from(["a.xlsx", "a.csv", "a.tsv"]))
def test_any_bytes_end_in_a_table_or_in_words(data: bytes, name: str) -> None:
    try:
        read(data, name)
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)


VALID = book(lambda _, sheet: sheet.write_row(0, 0, ["单位", 1, 2.5]))


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255))
def test_one_changed_byte_ends_in_a_table_or_in_words(at: int, value: int) -> None:
    data = bytearray(VALID)
    data[at] = value
    try:
        read(bytes(data), "a.xlsx")
    except InputError as error:
        assert all(problem.code in catalogue() for problem in error.problems)

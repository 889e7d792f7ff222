"""What is true of every document: the same bytes, the same figures, nothing executed."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from songhua.documents import Column, Report, Section, Table, render
from songhua.documents.docx import render_docx
from songhua.documents.figures import clean
from songhua.documents.word_template import default_template
from songhua.kit.errors import InputError

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
import reports  # noqa: E402

PROGRAM = """
import hashlib, sys
sys.path.insert(0, sys.argv[1])
import reports
from songhua.documents import render
for report in (reports.bulletin(60), reports.hostile(), reports.english()):
    for name, made in render(report).items():
        print(name, hashlib.sha256(made).hexdigest())
"""


def pdf_pages(made: bytes) -> list[str]:
    pages = [page.extract_text() for page in PdfReader(BytesIO(made)).pages]
    return [re.sub(r"[\s\u200b]+", "", page) for page in pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def docx_text(made: bytes) -> str:
    book = docx.Document(BytesIO(made))
    lines = [paragraph.text for paragraph in book.paragraphs]
    lines += [cell.text for table in book.tables for row in table.rows for cell in row.cells]
    return "\n".join(lines)


def sheets(made: bytes) -> dict[str, list[list[object]]]:
    book = CalamineWorkbook.from_filelike(BytesIO(made))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def totalled(table: Table) -> Table:
    return replace(table, totals=("合计", None))


@pytest.fixture(scope="module")
def long() -> tuple[Report, dict[str, bytes]]:
    report = reports.bulletin(300)
    return report, render(report)


def test_the_bytes_depend_on_the_report_alone() -> None:
    answers = []
    for seed, zone, language in (("1", "UTC", "C.UTF-8"), ("77", "Asia/Shanghai", "C")):
        ours = {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "PYTHONUTF8": "1"}
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, str(HERE)],
            env=os.environ | ours,
            capture_output=True,
            text=True,
            check=True,
        )
        answers.append(done.stdout)
    assert answers[0] == answers[1]
    assert answers[0].count("\n") == 9
    again = hashlib.sha256(render(reports.bulletin(60), ["docx"])["docx"]).hexdigest()
    assert f"docx {again}" in answers[0]


def test_every_row_and_total_is_in_the_pdf(long: tuple[Report, dict[str, bytes]]) -> None:
    report, made = long
    pages = pdf_pages(made["pdf"])
    text = "".join(pages)
    table = report.sections[1].tables[0]
    assert all(str(row[0]) in text for row in table.rows)
    assert table.totals is not None
    assert f"合计{table.totals[3]:,}{table.totals[4]:,}{table.totals[5]:,}" in text
    for number, page in enumerate(pages, start=1):
        assert "模拟数据" in page
        assert report.audit_head in page
        assert f"第{number}页共{len(pages)}页" in page
    wide = [page for page in pages if "M-0" in page]
    assert all("责任部门" in page for page in wide)  # the head repeats


def test_the_pdf_dates_itself_by_the_day_of_issue(long: tuple[Report, dict[str, bytes]]) -> None:
    reader = PdfReader(BytesIO(long[1]["pdf"]))
    assert reader.metadata is not None
    assert str(reader.metadata["/CreationDate"]).startswith("D:20230705")
    boxes = {(page.mediabox.width > page.mediabox.height) for page in reader.pages}
    assert boxes == {True, False}  # the wide table lies on its side, the rest stands


def test_every_row_is_in_the_word_file(long: tuple[Report, dict[str, bytes]]) -> None:
    report, made = long
    book = docx.Document(BytesIO(made["docx"]))
    table = next(t for t in book.tables if t.cell(0, 0).text == "序号")
    assert len(table.rows) == 302
    keys = [cell.text for cell in table.columns[0].cells]
    assert keys == ["序号", *(str(row[0]) for row in report.sections[1].tables[0].rows), "合计"]
    assert "w:tblHeader" in table.rows[0]._tr.xml
    assert 'w:eastAsia="宋体"' in table.rows[1]._tr.xml
    assert book.core_properties.created == book.core_properties.modified
    assert book.core_properties.created.date() == report.issued_on
    header = book.sections[0].header.paragraphs[0].text
    footer = book.sections[0].footer._element.xml
    assert "模拟数据" in header
    assert report.audit_head in footer and "NUMPAGES" in footer
    assert [s.page_width > s.page_height for s in book.sections] == [False, True, False]
    with ZipFile(BytesIO(made["docx"])) as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert names[0] == "[Content_Types].xml" and names[1:] == sorted(names[1:])


def test_the_sheets_hold_numbers_equal_to_the_ledger(
    long: tuple[Report, dict[str, bytes]],
) -> None:
    report, made = long
    table = report.sections[1].tables[0]
    assert table.totals is not None
    rows = sheets(made["xlsx"])["2 重点事项进展"]
    body = rows[3 : 3 + 300]
    assert [row[0] for row in body] == [row[0] for row in table.rows]
    for written, row in zip(body, table.rows, strict=True):
        assert Decimal(str(written[5])) == row[5]
        assert written[7] == row[7]
        assert written[4] == ("缺报" if row[4] is None else row[4])
        if isinstance(row[6], Decimal):
            assert Decimal(str(written[6])) == row[6] / 100
    totals = rows[3 + 300]
    assert totals[0] == "合计"
    assert [Decimal(str(totals[at])) for at in (3, 4, 5)] == [*table.totals[3:6]]
    assert "模拟数据" in str(rows[1][0])
    summary = sheets(made["xlsx"])["摘要"]
    assert ["投入资金（万元）", 101229.0] in [row[:2] for row in summary]
    assert ["新增企业（家）", "缺报"] in [row[:2] for row in summary]


def test_hostile_text_stays_text() -> None:
    report = reports.hostile()
    made = render(report)
    pdf = "".join(pdf_pages(made["pdf"]))
    word = squeezed(docx_text(made["docx"]))
    cells = {cell for rows in sheets(made["xlsx"]).values() for row in rows for cell in row}
    for text in reports.HOSTILE:
        assert squeezed(clean(text)) in pdf
        assert squeezed(clean(text)) in word
        assert clean(text).strip() in {str(cell).strip() for cell in cells}
    with ZipFile(BytesIO(made["xlsx"])) as archive:
        parts = [archive.read(n) for n in archive.namelist() if "worksheets/sheet" in n]
    assert len(parts) == 3
    assert not any(b"<f>" in part or b"<f " in part for part in parts)


def test_a_sign_without_a_glyph_prints_its_number() -> None:
    made = render(reports.bulletin(1, issuer="\U0002ebf0办公室", summary=(("🙂", "x"),)), ["pdf"])
    text = "".join(pdf_pages(made["pdf"]))
    assert "〔U+1F642〕" in text and "〔U+2EBF0〕办公室" in text


def test_unknown_is_not_zero() -> None:
    columns = (
        Column("a", "甲", "text"),
        Column("b", "乙", "int"),
        Column("c", "丙", "percent"),
        Column("d", "丁", "date"),
        Column("e", "戊", "light"),
        Column("f", "己", "month"),
    )
    table = Table("空缺", columns, ((None,) * 6, ("x", 0, Decimal(0), None, None, None)),
                  (None,) * 6, missing="未评审")  # fmt: skip
    made = render(reports.bulletin(sections=(Section("一", (), (table,)),)))
    assert "".join(pdf_pages(made["pdf"])).count("未评审") == 9
    assert docx_text(made["docx"]).count("未评审") == 9
    rows = sheets(made["xlsx"])["1 空缺"]
    assert rows[3] == ["未评审"] * 6
    assert rows[4] == ["x", 0, 0, "未评审", "未评审", "未评审"]
    assert rows[5] == [""] * 6


def test_empty_tables_and_reports() -> None:
    empty = Table("无", reports.MATTERS, ())
    made = render(reports.bulletin(sections=(Section("", (), (empty, empty)), Section("尾"))))
    assert "".join(pdf_pages(made["pdf"])).count("（无记录）") == 2
    assert "（无记录）" in docx_text(made["docx"])
    assert sheets(made["xlsx"])["1 无"][3][0] == "（无记录）"
    assert sheets(made["xlsx"])["2 无"][2][0] == "序号"
    bare = reports.bulletin(
        sections=(), summary=(), recipients=(), subtitle="", number="", simulated=False
    )
    made = render(bare)
    assert "模拟" not in "".join(pdf_pages(made["pdf"])) + docx_text(made["docx"])
    assert len(PdfReader(BytesIO(made["pdf"])).pages) == 1


def test_very_long_text_wraps_inside_its_column() -> None:
    columns = (Column("k", "编号", "text"), Column("t", "说明", "text", 0.5))
    texts = ("很长的说明。" * 1500, "A" * 3000, "https://example.org/" + "path/" * 300)
    table = Table("长文", columns, tuple((f"K{at}", text) for at, text in enumerate(texts)))
    made = render(reports.bulletin(sections=(Section("一", texts, (table,)),)))
    reader = PdfReader(BytesIO(made["pdf"]))
    assert len(reader.pages) > 5
    right = []
    for page in reader.pages:
        page.extract_text(
            visitor_text=lambda text, cm, tm, *_: right.append(cm[4] + tm[4]) if text.strip() else 0
        )
    assert max(right) < 596
    text = "".join(pdf_pages(made["pdf"]))
    assert text.count("A" * 100) > 1 or text.count("A") >= 6000
    made |= render(reports.bulletin(sections=(Section("", (), (totalled(table),)),)), ["pdf"])
    assert "合计" in pdf_pages(made["pdf"])[-1]
    assert texts[0] in docx_text(made["docx"])
    assert texts[0] in {row[1] for row in sheets(made["xlsx"])["1 长文"][3:]}


@pytest.mark.parametrize("count", range(36, 42))
def test_totals_never_stand_alone_on_a_page(count: int) -> None:
    pages = pdf_pages(render(reports.bulletin(count), ["pdf"])["pdf"])
    assert f"M-{count:04d}" in next(
        page for page in pages[1:] if "合计2" in page or "合计1" in page
    )


def test_many_columns_still_fit_the_page() -> None:
    columns = tuple(Column(f"c{n}", f"指标{n}", "decimal") for n in range(22))
    rows = tuple(tuple(Decimal(n * m * 1000) for n in range(22)) for m in range(5))
    made = render(reports.bulletin(sections=(Section("一", (), (Table("宽", columns, rows),)),)))
    assert "84,000.00" in "".join(pdf_pages(made["pdf"]))


def test_english() -> None:
    made = render(reports.english())
    pages = pdf_pages(made["pdf"])
    text = "".join(pages)
    assert "SIMULATEDDATA" in pages[-1]
    assert f"Page1of{len(pages)}" in pages[0]
    assert "Table1.Districts" in text and "5July2023" in text and "2023-06" in text
    assert "notreported" in text and "Green" in text
    words = docx_text(made["docx"])
    assert "Copies to: Mayor's office; Bureaus." in words
    assert not re.search("[一-龥]", text + words)
    assert list(sheets(made["xlsx"])) == ["Summary", "1 Districts"]


def test_figures_that_excel_cannot_keep_are_text() -> None:
    columns = (Column("n", "n", "decimal"), Column("i", "i", "int"))
    big = Decimal("12345678901234567.89")
    table = Table("大", columns, ((big, 2**60), (Decimal("-0.001"), -5)), (big, None))
    made = render(reports.bulletin(sections=(Section("一", (), (table,)),)))
    rows = sheets(made["xlsx"])["1 大"]
    assert rows[3] == ["12,345,678,901,234,567.89", "1,152,921,504,606,846,976"]
    assert rows[4] == [-0.001, -5]
    text = "".join(pdf_pages(made["pdf"]))
    assert "12,345,678,901,234,567.89" in text and "-0.00" not in text


def test_an_office_may_bring_its_own_template() -> None:
    source = docx.Document()
    source.add_paragraph("本局模板 {{ title }} & {{ period }}")
    source.add_paragraph("{%p for s in parts %}")
    source.add_paragraph("{%p for t in s.tables %}")
    source.add_paragraph("{{ t.title }}")
    source.add_paragraph("{{p t.grid }}")
    source.add_paragraph("{%p endfor %}")
    source.add_paragraph("{%p endfor %}")
    out = BytesIO()
    source.save(out)
    made = render_docx(reports.bulletin(3), out.getvalue())
    assert made == render_docx(reports.bulletin(3), out.getvalue())
    text = docx_text(made)
    assert "本局模板 人工智能创新发展试验区建设情况季度通报" in text and "M-0003" in text
    assert render_docx(reports.bulletin(3), default_template())[:2] == b"PK"


@pytest.mark.parametrize(
    "text",
    [
        "{{ tilte }}",
        "{% for x in %}",
        "{{ title.__class__.__mro__[1].__subclasses__() }}",
        "{{ 1 / 0 }}",
    ],
)
def test_a_bad_template_is_the_offices_to_mend(text: str) -> None:
    source = docx.Document()
    source.add_paragraph(text)
    out = BytesIO()
    source.save(out)
    with pytest.raises(InputError) as caught:
        render_docx(reports.bulletin(1), out.getvalue())
    assert "模板" in caught.value.problems[0].text("zh")
    with pytest.raises(InputError):
        render_docx(reports.bulletin(1), b"not a zip")


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("int", 1.5), ("int", True), ("decimal", 0.1), ("decimal", Decimal("NaN")),
        ("date", datetime(2023, 1, 1)), ("light", "amber"), ("text", 3), ("int", "3"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_cell_of_another_kind_is_refused(kind: str, cell: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        Table("t", (Column("c", "c", kind),), ((cell,),))  # type: ignore[arg-type]


def test_rows_must_fit_the_columns() -> None:
    with pytest.raises(ValueError, match="2 cells for 1 columns"):
        Table("t", (Column("c", "c", "text"),), (("a", "b"),))
    with pytest.raises(ValueError, match="needs columns"):
        Table("t", (), ())
    with pytest.raises(ValueError, match="unknown format"):
        render(reports.bulletin(1), ["odt"])  # type: ignore[list-item]
    assert date(2023, 7, 5) == reports.bulletin(1).issued_on

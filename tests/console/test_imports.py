"""Office files: read as they come, checked as a whole, saved as a whole or not at all."""

from __future__ import annotations

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
import xlsxwriter
from django.conf import settings as live
from django.core.files.uploadedfile import SimpleUploadedFile
from python_calamine import CalamineWorkbook

from songhua.console import files
from songhua.console.ledger.models import (
    AuditEntry,
    ImportBatch,
    IndicatorValue,
    MonthlyPlan,
    MonthlyReport,
    Task,
)
from songhua.console.ledger.services import audit, imports, tasks
from songhua.kit.errors import InputError, NotAllowed

from .city import CREDIT_CODE, City, month, on, rows_now

DAY = "2024-02-02"
HEAD = ["任务编号", "月份", "完成进度(%)", "完成情况", "滞后原因"]


@pytest.fixture(autouse=True)
def day():
    """One working day for every act of these tests."""
    with on(DAY):
        yield


def upload(city: City, who: str, name: str, content: bytes, kind: str = "reports"):
    """The upload form, as a browser sends it."""
    given = {"kind": kind, "file": SimpleUploadedFile(name, content)}
    return city.client(who).post("/imports/upload/", given)


def kept_files() -> list[Path]:
    root = Path(live.DATA_DIR) / "files"
    return [path for path in root.rglob("*") if path.is_file()] if root.exists() else []


def merged_book(rows: list[list[object]]) -> bytes:
    """A workbook as offices make them: a title, and headings merged over two rows."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("月报")
        sheet.merge_range(0, 0, 0, 4, "２０２４年１月调度情况表")
        for column, title in enumerate(HEAD):
            sheet.merge_range(1, column, 2, column, title)
        for number, row in enumerate(rows, start=3):
            sheet.write_row(number, 0, row)
        sheet.write(3 + len(rows), 0, "合计")
    return out.getvalue()


def text_table(head: list[str], rows: list[list[object]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode("gb18030")


def test_a_workbook_with_merged_headings_and_full_width_digits_is_understood(city):
    content = merged_book(
        [["H-1", "２０２４年１月", "８．５％", "开工", ""], ["H-2", "2024-01", 9, "立项", ""]]
    )
    response = upload(city, "staff", "一月.xlsx", content)
    assert response.status_code == 302
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.rows, batch.problems) == ("done", 2, [])
    found = dict(MonthlyReport.objects.values_list("task__code", "percent"))
    assert found == {"H-1": Decimal("8.5"), "H-2": Decimal(9)}
    assert {r.batch_id for r in MonthlyReport.objects.all()} == {batch.pk}
    assert city.task("H-1").actual_percent == Decimal("8.5")
    assert files.load(batch.sha256) == content
    assert audit.verify() == []


def test_a_gb18030_csv_is_understood(city):
    content = text_table(HEAD, [["H-1", "2024年1月", "8", "䶮工程开工", ""]])
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    upload(city, "staff", "月报.csv", content)
    assert MonthlyReport.objects.get().summary == "䶮工程开工"


def test_rows_pasted_from_a_spreadsheet_are_reported(city):
    cells = "\t".join(HEAD) + "\r\nH-1\t2024-01\t８\t开工\t\r\nH-2\t2024/1\t9%\t立项\t\r\n"
    response = city.client("staff").post("/ledger/paste/", {"cells": cells})
    assert response.status_code == 302
    assert MonthlyReport.objects.count() == 2
    assert audit.verify() == []


def test_one_bad_pasted_row_saves_none(city):
    before = rows_now()
    cells = "\t".join(HEAD) + "\nH-1\t2024-01\t8\t开工\t\nH-2\t2024-01\t-9\t立项\t\n"
    response = city.client("staff").post("/ledger/paste/", {"cells": cells})
    assert response.status_code == 422
    assert "负数" in response.content.decode() and "第 3 行" in response.content.decode()
    assert rows_now() == before and not ImportBatch.objects.exists()


def test_every_problem_is_named_by_row_and_column_and_nothing_is_saved(city):
    rows = [
        ["H-1", "2024-01", "8", "", ""],
        ["H-2", "2024-01", "NaN", "", ""],
        ["H-3", "十三月", "9.123", "", ""],
        ["H-1", "2024-01", "8", "", ""],
        ["", "2024-01", "8", "", ""],
    ]
    before = {k: v for k, v in rows_now().items() if k != "AuditEntry"}
    upload(city, "staff", "月报.csv", text_table(HEAD, rows))
    batch = ImportBatch.objects.get()
    assert batch.state == "refused" and batch.rows is None
    found = {(p["row"], p["code"]) for p in batch.problems}
    assert found == {
        (3, "not_finite"), (4, "not_a_month"), (4, "too_many_decimals"),
        (5, "table_duplicate_key"), (6, "empty"),
    }  # fmt: skip
    assert all(p["column"] for p in batch.problems)
    assert {k: v for k, v in rows_now().items() if k != "AuditEntry"} == before
    assert list(AuditEntry.objects.order_by("-seq").values_list("action", flat=True)[:2]) == [
        "import_refused", "import_received"
    ]  # fmt: skip
    assert city.task("H-1").last_month is None


def test_an_unknown_task_and_a_wrong_month_are_named_by_row(city):
    rows = [["Z-9", "2024-01", "8", "", ""], ["H-1", "2024-01", "8", "", ""]]
    upload(city, "staff", "a.csv", text_table(HEAD, rows))
    [problem] = ImportBatch.objects.get().problems
    assert (problem["code"], problem["row"], problem["value"]) == ("task_unknown", 2, "Z-9")
    assert problem["column"]
    rows = [["H-1", "2023-12", "8", "", ""], ["H-2", "2024-03", "30", "", ""]]
    upload(city, "staff", "b.csv", text_table(HEAD, rows))
    problems = ImportBatch.objects.first().problems
    assert [(p["row"], p["code"]) for p in problems] == [
        (2, "month_before_start"), (3, "month_future")
    ]  # fmt: skip
    assert not MonthlyReport.objects.exists()


TASK_HEAD = [
    "任务编号", "任务名称", "对应任务", "责任部门", "开始日期", "完成时限", "企业名称",
    "统一社会信用代码",
]  # fmt: skip


def test_wrong_units_codes_and_dates_in_a_task_list_are_all_said_at_once(city):
    rows = [
        ["N-1", "新任务", "OB-001", "市港口局", "2024-01-01", "2024/6/30", "", CREDIT_CODE],
        ["N-2", "新任务", "OB-001", "市渔业局", "2024-01-01", "2024-06-30", "", ""],
        ["N-3", "新任务", "OB-999", "市港务局", "一月", "2024-06-30", "", "91110000600037341M"],
        ["N-1", "新任务", "OB-001", "市港务局", "2024-01-01", "2024-06-30", "", ""],
    ]
    before = Task.objects.count()
    upload(city, "office", "清单.csv", text_table(TASK_HEAD, rows), kind="tasks")
    batch = ImportBatch.objects.get()
    assert {(p["row"], p["code"]) for p in batch.problems} == {
        (3, "unit_unknown"), (4, "obligation_unknown"), (4, "not_a_date"),
        (4, "uscc_check_digit"), (5, "table_duplicate_key"),
    }  # fmt: skip
    assert all(p["row"] and p["column"] for p in batch.problems)
    assert Task.objects.count() == before


def test_a_good_task_list_knows_units_by_alias_and_dates_in_chinese(city):
    rows = [
        ["N-1", "新任务", "OB-001", "市港口局", "2024年1月1日", "2024/6/30", "甲公司", CREDIT_CODE]
    ]
    upload(city, "office", "清单.csv", text_table(TASK_HEAD, rows), kind="tasks")
    batch = ImportBatch.objects.get()
    assert batch.problems == []
    task = city.task("N-1")
    assert (task.lead_unit.code, task.state, str(task.due)) == (
        "harbour_bureau", "active", "2024-06-30"
    )  # fmt: skip
    rows = [["N-1", "又一个", "OB-001", "市港务局", "2024-01-01", "2024-06-30", "", ""]]
    upload(city, "office", "清单.csv", text_table(TASK_HEAD, rows), kind="tasks")
    [problem] = ImportBatch.objects.first().problems
    assert (problem["row"], problem["code"]) == (2, "task_code_taken")


def test_plans_and_indicators_come_in_through_files_too(city):
    Task.objects.filter(code="H-3").update(due="2025-12-31")
    upload(
        city, "staff", "计划.csv",
        text_table(["任务编号", "月份", "计划进度"], [["H-3", "2025-01", "100"]]), kind="plans",
    )  # fmt: skip
    assert MonthlyPlan.objects.filter(month=month("2025-01")).get().percent == 100
    upload(
        city, "office", "指标.csv",
        text_table(["指标", "月份", "指标值"], [["智能泊位", "2024-01", "3"]]), kind="indicators",
    )  # fmt: skip
    assert IndicatorValue.objects.get().value == 3
    # The due date was moved behind the services' back, and only that is found.
    assert {f.subject.partition(":")[0] for f in audit.verify()} == {"task"}


def test_months_across_the_top_are_read_and_an_empty_month_is_no_report(city):
    head = [
        ["序号", "任务编号", "任务名称", "2024年1月", "", "", "2024年2月", "", ""],
        ["", "", "", "计划", "实际", "完成情况", "计划", "实际", "完成情况"],
    ]
    rows = [["1", "H-1", "甲", "10", "９．５", "已完成", "20", "", ""]]
    upload(city, "staff", "月报.csv", text_table(head[0], [head[1], *rows]))
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.rows) == ("done", 1), batch.problems
    report = MonthlyReport.objects.get()
    assert (report.month, report.percent, report.summary) == (
        month("2024-01"),
        Decimal("9.5"),
        "已完成",
    )
    assert audit.verify() == []


def test_a_summary_without_its_figure_is_a_problem_with_its_place(city):
    head = ["任务编号", "2024年1月", ""]
    upload(
        city,
        "staff",
        "月报.csv",
        text_table(head, [["", "实际", "完成情况"], ["H-1", "", "已完成"]]),
    )
    [problem] = ImportBatch.objects.get().problems
    assert (problem["code"], problem["row"], problem["where"]) == ("empty", 3, "B3")
    assert MonthlyReport.objects.count() == 0


def test_the_error_sheet_downloads_and_opens(city):
    rows = [["H-1", "2024-01", "=1+1", "", ""], ["H-2", "2024-01", "-3", "", ""]]
    upload(city, "staff", "月报.csv", text_table(HEAD, rows))
    batch = ImportBatch.objects.get()
    response = city.client("staff").get(f"/imports/{batch.pk}/errors.xlsx")
    assert response.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    sheet = book.get_sheet_by_index(0).to_python()
    assert sheet[0] == ["行", "列", "填写的值", "规则", "如何改正"]
    assert [row[0] for row in sheet[1:]] == [2, 3]
    assert sheet[1][2] == "=1+1"  # text, not a formula
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(response.content)).read(
        "xl/worksheets/sheet1.xml"
    )


def test_the_template_comes_back_in_with_rows_added(city):
    response = city.client("staff").get("/imports/template-reports.xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(response.content)).get_sheet_by_index(0)
    head = sheet.to_python()[0]
    upload(city, "staff", "月报.csv", text_table(head, [["H-1", "2024-01", "8", "", ""]]))
    assert ImportBatch.objects.get().state == "done"


# What is refused at the door.


def test_a_file_of_fifty_megabytes_is_413_and_nothing_is_kept(city):
    response = upload(city, "staff", "大.csv", b"x" * (50 * 1024 * 1024))
    assert response.status_code == 413
    assert "MB" in response.content.decode()
    assert not ImportBatch.objects.exists() and kept_files() == []


def test_a_file_that_hides_its_size_is_cut_off_and_nothing_is_kept(city, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    with pytest.raises(InputError) as caught:
        imports.receive(city.staff, "reports", "大.csv", (b"x" * 65536 for _ in range(100)))
    assert caught.value.problems[0].code == "file_too_large"
    assert not ImportBatch.objects.exists() and kept_files() == []


def test_a_zip_bomb_is_refused(city):
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(merged_book([]))) as whole,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed,
    ):
        for name in whole.namelist():
            packed.writestr(name, whole.read(name))
        packed.writestr("xl/media/image1.xml", b" " * (64 * 1024 * 1024))
    assert len(bomb.getvalue()) < 200_000
    response = upload(city, "staff", "小.xlsx", bomb.getvalue())
    assert response.status_code == 422
    assert not ImportBatch.objects.exists() and kept_files() == []


@pytest.mark.parametrize(
    ("name", "content"),
    [("月报.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600), ("月报.exe", b"MZ"),
     ("月报.xlsx", b"<html></html>"), ("空.csv", b""), ("月报.csv", b"PK\x03\x04xx")],
)  # fmt: skip
def test_what_is_not_a_table_is_refused_with_what_to_do(city, name, content):
    response = upload(city, "staff", name, content)
    assert response.status_code == 422
    assert not ImportBatch.objects.exists() and kept_files() == []


def test_no_file_at_all_is_said(city):
    response = city.client("staff").post("/imports/upload/", {"kind": "reports"})
    assert response.status_code == 422


# Who may bring what.


def test_staff_cannot_report_for_another_unit(city):
    rows = [["H-1", "2024-01", "8", "", ""], ["W-1", "2024-01", "8", "", ""]]
    upload(city, "staff", "月报.csv", text_table(HEAD, rows))
    [problem] = ImportBatch.objects.get().problems
    assert (problem["code"], problem["row"]) == ("task_unknown", 3)
    assert not MonthlyReport.objects.exists()


def test_supporting_a_task_does_not_let_a_unit_import_for_it(city):
    city.task("W-1").supporting.add(city.units["harbour_bureau"])
    upload(city, "staff", "月报.csv", text_table(HEAD, [["W-1", "2024-01", "8", "", ""]]))
    assert ImportBatch.objects.get().state == "refused"


@pytest.mark.parametrize("who", ["leader", "enterprise", "reviewer", "public"])
def test_other_roles_bring_in_nothing(city, who):
    response = upload(city, who, "月报.csv", text_table(HEAD, [["H-1", "2024-01", "8", "", ""]]))
    assert response.status_code == 403
    with pytest.raises(NotAllowed):
        imports.receive(city.people[who], "reports", "a.csv", [b"a,b\n"])
    assert not ImportBatch.objects.exists() and kept_files() == []


def test_staff_bring_in_reports_and_plans_but_no_tasks_or_indicators(city):
    for kind in ("tasks", "indicators", "nonsense"):
        content = text_table(TASK_HEAD, [])
        assert upload(city, "staff", "a.csv", content, kind=kind).status_code == 403
    assert not ImportBatch.objects.exists()


def test_a_colleagues_file_is_not_shown(city):
    upload(city, "staff", "月报.csv", text_table(HEAD, [["H-1", "2024-01", "-8", "", ""]]))
    pk = ImportBatch.objects.get().pk
    assert city.client("weather").get(f"/imports/{pk}/").status_code == 404
    assert city.client("weather").get(f"/imports/{pk}/errors.xlsx").status_code == 404
    assert city.client("office").get(f"/imports/{pk}/").status_code == 200


# Processing again.


def test_processing_a_file_again_changes_nothing(city):
    upload(city, "staff", "月报.csv", text_table(HEAD, [["H-1", "2024-01", "8", "", ""]]))
    batch, before = ImportBatch.objects.get(), rows_now()
    assert imports.process(batch.pk) == "done"
    assert rows_now() == before


def test_two_workers_that_take_the_same_file_save_it_once(city, monkeypatch):
    """The second worker asked for the state before the first one was done."""
    upload(city, "staff", "月报.csv", text_table(HEAD, [["H-1", "2024-01", "8", "", ""]]))
    batch, before = ImportBatch.objects.get(), rows_now()
    ImportBatch.objects.update(state="running")
    read = imports.read

    def slowly(*arguments: object) -> object:
        ImportBatch.objects.update(state="done")  # the first worker commits meanwhile
        return read(*arguments)

    monkeypatch.setattr(imports, "read", slowly)
    assert imports.process(batch.pk) == "done"
    batch.refresh_from_db()
    assert (batch.state, batch.problems) == ("done", [])
    assert rows_now() == before


# What goes out.

DANGEROUS = ("=1+1", "+86 451", "-2+3", "@SUM(A1)", "\t=1", "＝1+1")


@pytest.fixture
def dangerous(city: City) -> City:
    obligation = city.task("H-1").obligation
    for number, title in enumerate(DANGEROUS):
        tasks.create(
            city.office, code=f"D-{number}", title=f"{title} 危险", obligation=obligation,
            lead_unit=city.units["harbour_bureau"], start=month("2024-01"), due=month("2024-06"),
        )  # fmt: skip
    Task.objects.filter(code="D-4").update(title="\t=1 危险")
    return city


def test_an_exported_csv_holds_nothing_that_a_spreadsheet_would_run(dangerous):
    content = dangerous.client("office").get("/ledger/export.csv").content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    titles = {row[0]: row[1] for row in rows[1:]}
    for number in range(len(DANGEROUS)):
        assert titles[f"D-{number}"][0] == "'"
    assert titles["H-1"] == "任务 H-1"


def test_an_exported_workbook_holds_text_and_no_formula(dangerous):
    content = dangerous.client("office").get("/ledger/export.xlsx").content
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml and b"hyperlink" not in xml
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    titles = {row[0]: row[1] for row in sheet.to_python()[1:]}
    assert titles["D-0"] == "=1+1 危险"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_holds_only_the_rows_a_person_sees(city, form):
    for who, expected in (
        ("office", {"H-1", "H-2", "H-3", "W-1", "P-1"}), ("weather", {"W-1"}),
        ("enterprise", {"P-1"}),
    ):  # fmt: skip
        content = city.client(who).get(f"/ledger/export.{form}").content
        if form == "csv":
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        else:
            book = CalamineWorkbook.from_filelike(io.BytesIO(content))
            rows = book.get_sheet_by_index(0).to_python()
        assert {row[0] for row in rows[1:]} == expected
    assert city.client("public").get(f"/ledger/export.{form}").status_code == 403


def test_an_unknown_figure_is_an_empty_cell_in_an_export(city):
    content = city.client("office").get("/ledger/export.csv").content
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert {row["完成进度(%)"] for row in rows} == {""}

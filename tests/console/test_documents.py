"""What is issued says what the records say, and an issued document never changes."""

from __future__ import annotations

import io
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from songhua.console import files
from songhua.console.ledger.models import AuditEntry, Document, Task
from songhua.console.ledger.services import audit, documents, months, notices, tasks
from songhua.documents import render
from songhua.governance.periods import parse_period
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .city import City, codes, month, on, spoken

CITY = ZoneInfo("Asia/Shanghai")
LIGHTS = ("red", "yellow", "green", "blue", "grey")
LEVELS = ("reminder", "supervision", "interview")


@pytest.fixture
def played(city: City) -> City:
    """January and February: reports in time and late, a correction, a closing, the ladder."""
    with on("2024-02-02"):
        city.report("H-1", "2024-01", 8)
        city.report("P-1", "2024-01", 3, summary="设备未到")
        city.report("H-1", "2024-01", 9, correction=True, reason="核对")
        city.accepted("H-2")
        tasks.submit_closing(city.staff, city.task("H-2"), "任务完成")
        tasks.decide_closing(city.reviewer, city.task("H-2"), passed=True, opinion="同意")
    for day in ("02-07", "02-09", "02-21", "02-22", "02-27", "03-04", "03-08", "03-12"):
        with on(f"2024-{day}"):
            notices.daily_clock()
            if day == "02-09":
                city.report("H-3", "2024-01", 8, by="office")
            if day == "02-22":
                months.close(city.office, month("2024-01"))
            if day == "03-04":
                city.report("H-1", "2024-02", 17)
    return city


def counted(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()[0]


def bounds(period: object) -> tuple[datetime, datetime]:
    """The instants between which the civil days of a period lie."""
    first = datetime.combine(period.first, datetime.min.time(), CITY)
    last = datetime.combine(period.last + timedelta(days=1), datetime.min.time(), CITY)
    return first, last


def by_sql(text: str, today: date) -> dict[str, int]:
    """The totals of a period counted anew on the tables, with nothing of the service."""
    period = parse_period(text)
    first, last = period.first, period.last
    begins, ends = bounds(period)
    stands = "state NOT IN ('draft', 'cancelled')"
    return {
        "tasks": counted(f"SELECT count(*) FROM ledger_task WHERE {stands} AND start <= %s", last),
        "reports_due": sum(
            counted(
                f"SELECT count(*) FROM ledger_task WHERE {stands} AND start < %s AND due >= %s",
                parse_period(f"{m:%Y-%m}").last + timedelta(days=1), m,
            )
            for m in period.months
            if m < today.replace(day=1)
        ),
        "reports_in": counted(
            "SELECT count(*) FROM ledger_monthlyreport"
            " WHERE is_current AND month BETWEEN %s AND %s",
            first, last,
        ),
        "on_time": counted(
            "SELECT count(*) FROM ledger_monthlyreport WHERE is_current AND on_time"
            " AND month BETWEEN %s AND %s",
            first, last,
        ),
        "evidence": counted(
            "SELECT count(*) FROM ledger_evidence e JOIN ledger_task t ON t.id = e.task_id"
            f" WHERE t.{stands} AND t.start <= %s AND e.submitted_at < %s",
            last, ends,
        ),
        "closed": counted(
            "SELECT count(*) FROM ledger_task WHERE closed_at >= %s AND closed_at < %s",
            begins, ends,
        ),
        **{
            level: counted(
                "SELECT count(*) FROM ledger_notice WHERE level = %s"
                " AND opened_on BETWEEN %s AND %s",
                level, first, last,
            )
            for level in LEVELS
        },
    }  # fmt: skip


@pytest.mark.parametrize("text", ["2024-01", "2024-02", "2024-03", "2024Q1", "2024"])
def test_every_total_equals_what_sql_counts_anew(played, text):
    with on("2024-03-12"):
        row = documents.issue(played.office, "", text)
    expected = by_sql(text, date(2024, 3, 12))
    assert {name: row.totals[name] for name in expected} == expected
    assert sum(row.totals[c] for c in LIGHTS) == row.totals["tasks"]
    assert set(row.totals) == set(expected) | set(LIGHTS)
    assert any(row.totals[level] for level in LEVELS) or text == "2024-01"


def test_the_lights_of_an_open_month_are_those_of_the_ledger(played):
    with on("2024-03-12"):
        row = documents.issue(played.office, "monthly_review", "2024-02")
    for colour in LIGHTS:
        assert row.totals[colour] == counted(
            "SELECT count(*) FROM ledger_task WHERE light = %s", colour
        )


def sheet_of(row: Document, title: str) -> list[list[object]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(files.load(row.files["xlsx"])))
    name = next(n for n in book.sheet_names if title in n)
    return book.get_sheet_by_name(name).to_python()


def test_the_sheets_of_a_document_add_up_to_its_totals(played):
    with on("2024-03-12"):
        row = documents.issue(played.office, "monthly_review", "2024-01")
    book = CalamineWorkbook.from_filelike(io.BytesIO(files.load(row.files["xlsx"])))
    found = [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]
    text = "\n".join(str(cell) for sheet in found for line in sheet for cell in line)
    for code in ("H-1", "H-2", "H-3", "W-1", "P-1"):
        assert code in text
    assert "缺报" in text  # W-1 never reported: a word, and no zero


def test_a_closed_months_document_keeps_the_lights_of_its_closing(played):
    with on("2024-02-23"):
        first = documents.issue(played.office, "monthly_review", "2024-01")
    Task.objects.update(light="green", missing_months=0)
    with on("2024-06-03"):
        again = documents.issue(played.office, "monthly_review", "2024-01")
    assert {c: again.totals[c] for c in LIGHTS} == {c: first.totals[c] for c in LIGHTS}
    assert first.totals["red"] + first.totals["yellow"] > 0


def test_the_snapshot_holds_the_lights_that_the_ledger_shows_after_closing(city):
    """Closing makes a month's missing reports count: the file and the page must agree."""
    with on("2024-02-02"):  # before the month expired by itself
        city.report("H-1", "2024-01", 8)
        notices.daily_clock()
        window = months.close(city.office, month("2024-01"))
    found = dict(months.store().query("SELECT task, light FROM t", {"t": [window.snapshot]}))
    assert found == dict(Task.objects.values_list("code", "light"))
    assert found == dict(Task.objects.values_list("code", "month_light"))
    assert found["W-1"] == "yellow"


def test_a_second_edition_leaves_the_first_byte_for_byte(played):
    with on("2024-03-12"):
        first = documents.issue(played.office, "", "2024-02")
        kept = {form: files.load(digest) for form, digest in first.files.items()}
        played.report("W-1", "2024-02", 10, by="office", summary="迟报")
        second = documents.issue(played.office, "", "2024-02")
    assert (first.edition, second.edition) == (1, 2)
    assert second.files["pdf"] != first.files["pdf"]
    first.refresh_from_db()
    client = played.client("office")
    for form, content in kept.items():
        assert files.load(first.files[form]) == content
        response = client.get(f"/documents/{first.pk}.{form}")
        assert b"".join(response.streaming_content) == content
    assert audit.verify() == []


def test_the_same_records_on_the_same_day_make_the_same_bytes(played):
    with on("2024-03-12"):
        report, _ = documents.build(parse_period("2024-02"), "zh")
        again, _ = documents.build(parse_period("2024-02"), "zh")
    assert render(report) == render(again)


def pdf_text(content: bytes) -> str:
    pages = PdfReader(io.BytesIO(content)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("simulated", [True, False])
def test_a_simulated_document_says_so_on_paper_and_a_real_one_does_not(played, settings, simulated):
    settings.SIMULATED = simulated
    with on("2024-03-12"):
        row = documents.issue(played.office, "", "2024-02")
        page = played.client("office").get("/documents/").content.decode()
    text = pdf_text(files.load(row.files["pdf"]))
    assert ("模拟" in text) is simulated
    assert ("模拟" in page) is simulated
    assert "冰港市" in text and "2024年2月" in text


def test_the_anchor_printed_on_the_paper_is_the_end_of_the_log_at_its_making(played):
    with on("2024-03-12"):
        head = audit.head()
        row = documents.issue(played.office, "", "2024-02")
    assert row.audit_head == head
    assert head[:20].replace(" ", "") in pdf_text(files.load(row.files["pdf"]))
    entry = AuditEntry.objects.order_by("-seq").first()
    assert entry.action == "document_issued" and row.files["pdf"] in entry.payload


def test_what_cannot_be_issued_is_refused_and_leaves_no_document(played):
    with on("2024-03-12"):
        for text, error, code in (
            ("二月", InputError, "period_unreadable"),
            ("2024-13", InputError, "period_unreadable"),
            ("2024-04", Conflict, "period_not_begun"),
        ):
            with pytest.raises(error) as caught:
                documents.issue(played.office, "", text)
            assert codes(caught.value) == [("period", code)]
            spoken(caught.value.problems)
        with pytest.raises(InputError):
            documents.issue(played.office, "annual_summary", "2024-02")
        for who in ("staff", "leader", "reviewer"):
            with pytest.raises(NotAllowed):
                documents.issue(played.people[who], "", "2024-02")
        response = played.client("office").post("/documents/issue/", {"period": "二月"})
        assert response.status_code == 422
    assert not Document.objects.exists()


def test_a_full_width_period_names_the_same_document(played):
    with on("2024-03-12"):
        client = played.client("office")
        assert client.post("/documents/issue/", {"period": "２０２４Ｑ１"}).status_code == 302
        assert client.post("/documents/issue/", {"period": "2024q1"}).status_code == 302
    assert list(Document.objects.order_by("pk").values_list("period", "edition")) == [
        ("2024Q1", 1), ("2024Q1", 2)
    ]  # fmt: skip


def test_the_public_sees_a_document_once_it_is_published(played):
    with on("2024-03-12"):
        row = documents.issue(played.office, "", "2024-02")
        address = f"/documents/{row.pk}.pdf"
        for who in ("public", "enterprise"):
            assert played.client(who).get(address).status_code == 404
        assert played.client("staff").post(f"/documents/{row.pk}/publish/").status_code == 403
        played.client("office").post(f"/documents/{row.pk}/publish/")
        for who in ("public", "enterprise"):
            response = played.client(who).get(address)
            assert response.status_code == 200
            assert b"".join(response.streaming_content)[:5] == b"%PDF-"
        assert played.client("public").get(f"/documents/{row.pk}.exe").status_code == 404

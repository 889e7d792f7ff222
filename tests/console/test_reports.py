"""Monthly reports: an unknown figure is never 0, a wrong one saves nothing, an old one stays."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as quick
from hypothesis import strategies as st

from songhua.console.ledger import selectors
from songhua.console.ledger.models import AuditEntry, MonthlyReport, MonthWindow
from songhua.console.ledger.services import audit, months, notices, reports
from songhua.governance.periods import add_months
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .city import City, codes, month, on, rows_now, spoken

TODAY = "2024-03-05"  # February is reported until the seventh


def test_a_month_without_a_report_has_no_figure_and_none_is_made_up(city):
    with on("2024-04-15"):
        city.report("H-2", "2024-03", 25, by="office")
        notices.daily_clock()
    task = city.task("H-1")
    assert task.actual_percent is None
    assert task.light == "red" and task.missing_months == 3
    cells = {cell.month: cell.report for cell in selectors.month_cells(task)}
    assert set(cells.values()) == {None}
    assert not MonthlyReport.objects.filter(task=task).exists()
    recent = selectors.recent_months([task, city.task("H-2")], date(2024, 4, 15))
    assert [m["actual"] for m in recent["rows"][task.pk]] == [None] * 6
    with on("2024-04-15"):
        months.close(city.office, month("2024-03"))
        snapshot = MonthWindow.objects.get(month=month("2024-03")).snapshot
    found = dict(months.store().query("SELECT task, actual FROM t", {"t": [snapshot]}))
    assert found["H-1"] is None and found["H-2"] == Decimal("25.00")


WRONG = {
    "not a number": ({"month": "2024-02", "percent": "NaN"}, ("percent", "not_finite")),
    "infinite": ({"month": "2024-02", "percent": "Infinity"}, ("percent", "not_finite")),
    "negative": ({"month": "2024-02", "percent": "-1"}, ("percent", "negative")),
    "three decimals": ({"month": "2024-02", "percent": "9.125"}, ("percent", "too_many_decimals")),
    "more than a hundred": ({"month": "2024-02", "percent": "100.01"}, ("percent", "out_of_range")),
    "words": ({"month": "2024-02", "percent": "一半"}, ("percent", "not_a_number")),
    "nothing": ({"month": "2024-02", "percent": ""}, ("percent", "empty")),
    "no month": ({"month": "", "percent": "20"}, ("month", "not_a_month")),
    "month thirteen": ({"month": "2024-13", "percent": "20"}, ("month", "not_a_month")),
    "before the start": ({"month": "2023-12", "percent": "20"}, ("month", "month_before_start")),
    "long before": ({"month": "1999-12", "percent": "20"}, ("month", "month_before_start")),
    "the future": ({"month": "2024-04", "percent": "20"}, ("month", "month_future")),
    "a month again": ({"month": "2024-01", "percent": "20"}, ("month", "month_reported_already")),
    "less than before": (
        {"month": "2024-02", "percent": "7", "summary": "略有调整"}, ("percent", "percent_fell")
    ),
    "behind without a word": (
        {"month": "2024-02", "percent": "9", "summary": "  "}, ("summary", "reason_required")
    ),
    "correction without reason": (
        {"month": "2024-01", "percent": "9", "correction": "1"},
        ("reason", "correction_without_reason"),
    ),
    "correction of nothing": (
        {"month": "2024-02", "percent": "16", "correction": "1", "reason": "核对"},
        ("month", "nothing_to_correct"),
    ),
}  # fmt: skip


@pytest.fixture
def reported(city: City) -> City:
    """January is in with 8 percent."""
    with on("2024-02-02"):
        city.report("H-1", "2024-01", 8)
    return city


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_report_names_its_field_in_both_languages_and_saves_nothing(reported, name):
    entry, expected = WRONG[name]
    before = rows_now()
    with on(TODAY), pytest.raises(InputError) as caught:
        reports.submit_report(
            reported.staff, reported.task("H-1"), entry, correction="correction" in entry
        )
    assert expected in codes(caught.value)
    spoken(caught.value.problems)
    assert rows_now() == before
    task = reported.task("H-1")
    assert (task.last_month, task.actual_percent) == (month("2024-01"), Decimal(8))


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", WRONG)
def test_the_page_says_what_to_mend_and_nothing_is_saved(reported, name, language):
    entry, (where, code) = WRONG[name]
    before = rows_now()
    client = reported.client("staff")
    client.cookies["songhua_language"] = language
    with on(TODAY):
        response = client.post("/tasks/H-1/report/", entry)
        with pytest.raises(InputError) as caught:
            reports.submit_report(
                reported.staff, reported.task("H-1"), entry, correction="correction" in entry
            )
    assert response.status_code == 422
    problem = next(p for p in caught.value.problems if (p.where, p.code) == (where, code))
    sentence = problem.text("en" if language == "en" else "zh")
    known = [word for word in sentence.replace(problem.where, "\0").split("\0") if len(word) > 3]
    page = response.content.decode()
    assert known and all(escape(part) in page for part in known), sentence
    assert rows_now() == before


def test_everything_wrong_with_a_report_is_said_at_once(reported):
    with on(TODAY), pytest.raises(InputError) as caught:
        reports.submit_report(
            reported.staff, reported.task("H-1"), {"month": "二月", "percent": "-1.234"}
        )
    assert [p.where for p in caught.value.problems] == ["month", "percent"]
    with on(TODAY), pytest.raises(InputError) as caught:
        reports.submit_report(
            reported.staff, reported.task("H-1"), {"month": "2024-02", "percent": "1"}
        )
    assert codes(caught.value) == [("percent", "percent_fell"), ("summary", "reason_required")]


def test_full_width_digits_percent_signs_and_chinese_months_are_understood(reported):
    with on(TODAY):
        row = reported.report("H-1", "２０２４年２月", "１６．５％")
    assert (row.month, row.percent) == (month("2024-02"), Decimal("16.5"))


def test_a_fall_with_its_reason_is_taken(reported):
    with on(TODAY):
        row = reported.report("H-1", "2024-02", 7, reason="设备退回")
    assert row.reason == "设备退回" and reported.task("H-1").actual_percent == 7


# Closed, expired and approved.


def _refusals(city: City, **more: object) -> set[str]:
    with pytest.raises(Conflict) as caught:
        city.report("H-1", "2024-01", 9, **more)
    spoken(caught.value.problems)
    return {p.code for p in caught.value.problems}


def test_closed_expired_and_approved_are_three_different_refusals(city):
    with on("2024-02-20"):  # the last day was the sixth
        assert _refusals(city) == {"month_expired"}
    with on("2024-02-02"):
        months.close(city.office, month("2024-01"))
        assert _refusals(city) == {"month_closed"}


def test_an_approved_figure_is_refused_as_approved(reported):
    with on("2024-02-05"):
        assert months.approve(reported.office, month("2024-01")) == 1
        assert _refusals(reported, correction=True, reason="核对") == {"report_approved"}
        response = reported.client("staff").post(
            "/tasks/H-1/report/",
            {"month": "2024-01", "percent": "9", "correction": "1", "reason": "核对"},
        )
    assert response.status_code == 409
    assert "的数据已核准" in response.content.decode()


@pytest.mark.parametrize(
    ("day", "close", "sentence"),
    [("2024-02-20", False, "填报时限 2024-02-06 已过"), ("2024-02-02", True, "关账")],
)
def test_closed_and_expired_answer_409_with_their_own_sentence(city, day, close, sentence):
    with on(day):
        if close:
            months.close(city.office, month("2024-01"))
        before = rows_now()
        response = city.client("staff").post(
            "/tasks/H-1/report/", {"month": "2024-01", "percent": "8"}
        )
        assert response.status_code == 409
        assert sentence in response.content.decode()
        assert rows_now() == before


def test_the_last_day_for_reports_is_included(city):
    with on("2024-02-06"):  # the fifth working day: Sunday the fourth made up for the festival
        assert city.report("H-1", "2024-01", 8).on_time
    with on("2024-02-07"), pytest.raises(Conflict):
        city.report("H-2", "2024-01", 8)


def test_the_office_may_enter_late_and_the_report_is_not_on_time(city):
    with on("2024-02-20"):
        row = city.report("H-1", "2024-01", 8, by="office")
    assert not row.on_time


def test_a_month_that_is_not_over_cannot_be_closed_and_none_twice(city):
    with on("2024-01-31"), pytest.raises(Conflict) as caught:
        months.close(city.office, month("2024-01"))
    assert codes(caught.value) == [("month", "month_not_over")]
    with on("2024-02-10"):
        months.close(city.office, month("2024-01"))
        with pytest.raises(Conflict) as caught:
            months.close(city.office, month("2024-01"))
    assert codes(caught.value) == [("month", "month_closed")]
    with on("2024-02-10"), pytest.raises(NotAllowed):
        months.close(city.staff, month("2024-01"))


def test_nobody_approves_their_own_figures(city):
    with on("2024-02-05"):
        city.report("H-1", "2024-01", 8, by="office")
        assert months.approve(city.office, month("2024-01")) == 0
        assert months.approve(city.deputy, month("2024-01")) == 1


# Corrections.


def test_a_correction_keeps_the_old_figure_and_links_to_it(reported):
    first = MonthlyReport.objects.get()
    with on("2024-02-05"):
        second = reported.report("H-1", "2024-01", 9, correction=True, reason="漏计一项")
        third = reported.report("H-1", "2024-01", 10, correction=True, reason="再核对")
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.percent, first.is_current, first.supersedes_id) == (8, False, None)
    assert (second.percent, second.is_current, second.supersedes_id) == (9, False, first.pk)
    assert (third.percent, third.is_current, third.supersedes_id) == (10, True, second.pk)
    assert MonthlyReport.objects.get(is_current=True) == third
    assert third.on_time == first.on_time
    assert reported.task("H-1").actual_percent == 10
    entry = AuditEntry.objects.get(subject=f"monthlyreport:{third.pk}")
    assert entry.action == "report_corrected"
    assert audit.verify() == []


def test_correcting_an_earlier_month_leaves_the_latest_figure(reported):
    with on("2024-03-05"):
        reported.report("H-1", "2024-02", 16)
        reported.report("H-1", "2024-01", 9, by="office", correction=True, reason="核对")
    task = reported.task("H-1")
    assert (task.last_month, task.actual_percent) == (month("2024-02"), 16)


@quick(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(st.text(max_size=12), st.decimals().map(str), st.floats().map(repr)))
def test_whatever_is_typed_a_report_is_saved_exactly_or_not_at_all(text, city):
    before = MonthlyReport.objects.count()
    with on("2024-02-02"):
        try:
            row = city.report("H-1", "2024-01", text)
        except (InputError, Conflict):
            assert MonthlyReport.objects.count() == before
            return
    row.refresh_from_db()
    assert 0 <= row.percent <= 100 and row.percent == round(row.percent, 2)
    row.delete()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_corrections_made_at_once_stand_in_a_row(city):
    with on("2024-02-02"):
        city.report("H-1", "2024-01", 8)
    start = threading.Barrier(4)
    failed: list[BaseException] = []

    def correct(percent: int) -> None:
        try:
            start.wait()
            with on("2024-02-05"):
                city.report("H-1", "2024-01", percent, correction=True, reason="核对")
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=correct, args=(n,)) for n in (10, 11, 12, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not failed
    chain, row = [], MonthlyReport.objects.get(is_current=True)
    while row is not None:
        chain.append(row.percent)
        row = row.supersedes
    assert len(chain) == 5 and set(chain) == {8, 10, 11, 12, 13} and chain[-1] == 8
    assert audit.verify() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_of_two_first_reports_sent_at_once_one_is_taken(city):
    start = threading.Barrier(2)
    answers: list[str] = []

    def send() -> None:
        try:
            start.wait()
            with on("2024-02-02"):
                city.report("H-1", "2024-01", 8)
            answers.append("taken")
        except InputError as error:
            answers.append(error.problems[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(answers) == ["month_reported_already", "taken"]
    assert MonthlyReport.objects.count() == 1


def test_an_overdue_task_goes_on_reporting_from_its_page(city):
    task = city.task("H-1")
    late = add_months(task.due, 2).replace(day=1)
    with on(str(late)):
        notices.daily_clock()
        ended = f"{add_months(late, -1):%Y-%m}"
        page = city.client("staff").get("/tasks/H-1/").content.decode()
        assert f'value="{ended}"' in page
        given = {"month": ended, "percent": "60", "summary": "仍在推进"}
        assert city.client("staff").post("/tasks/H-1/report/", given).status_code == 302
        assert (
            f"{ended[:4]}年{int(ended[5:])}月"
            in city.client("staff").get("/tasks/H-1/").content.decode()
        )
    assert city.task("H-1").actual_percent == 60


def test_an_expired_month_is_offered_to_the_office_only(city):
    with on("2024-02-20"):
        notices.daily_clock()
        offered = {
            who: 'value="2024-01"' in city.client(who).get("/tasks/H-1/").content.decode()
            for who in ("staff", "office")
        }
    assert offered == {"staff": False, "office": True}

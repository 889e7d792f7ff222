"""The log holds every act, and whatever is changed afterwards is found."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as quick
from hypothesis import strategies as st

from songhua.console import clock, files
from songhua.console.ledger.models import (
    Acceptance,
    AuditEntry,
    Evidence,
    Indicator,
    IndicatorValue,
    MonthlyPlan,
    MonthlyReport,
    Task,
)
from songhua.console.ledger.services import (
    audit,
    documents,
    imports,
    indicators,
    months,
    notices,
    tasks,
)
from songhua.console.ledger.services.programme import load_programme
from songhua.programmes.load import load

from .city import ICE_HARBOUR, City, month, on

COLUMNS = ("seq", "at", "actor", "action", "subject", "payload", "previous", "digest")


def play(city: City) -> City:
    """A little of everything that is recorded."""
    with on("2024-02-02"):
        city.report("H-1", "2024-01", 8)
        city.report("H-1", "2024-01", 9, correction=True, reason="核对")
        imports.take_in_pasted(
            city.staff, "任务编号\t月份\t完成进度\nH-2\t2024-01\t8\nH-3\t2024-01\t8.5\n"
        )
        city.accepted("H-2")
        tasks.submit_closing(city.staff, city.task("H-2"), "任务完成")
        tasks.decide_closing(city.reviewer, city.task("H-2"), passed=True, opinion="同意")
        indicators.submit(
            city.office, Indicator.objects.get(code="berths"), {"month": "2024-01", "value": "3"}
        )
    with on("2024-02-07"):
        notices.daily_clock()
        months.close(city.office, month("2024-01"))
    return city


@pytest.fixture
def played(city: City) -> City:
    """The city after a play of acts."""
    return play(city)


def run_sql(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def names() -> set[str]:
    return {finding.subject for finding in audit.verify()}


def test_after_a_play_of_acts_everything_holds(played):
    assert audit.verify() == []
    assert AuditEntry.objects.count() > 30
    assert list(AuditEntry.objects.values_list("seq", flat=True)) == list(
        range(1, AuditEntry.objects.count() + 1)
    )


def test_an_entry_outside_its_acts_transaction_is_refused(transactional_db):
    assert not connection.in_atomic_block
    with pytest.raises(RuntimeError):
        audit.record("x", "y", "z")
    assert not AuditEntry.objects.exists()


def test_an_act_that_fails_leaves_no_entry(played):
    before = AuditEntry.objects.count()
    with pytest.raises(ValueError), transaction.atomic():
        audit.record("x", "y", "z")
        raise ValueError
    assert AuditEntry.objects.count() == before


@quick(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_one_changed_byte_in_any_column_of_any_entry_is_found(data, played):
    count = AuditEntry.objects.count()
    seq = data.draw(st.integers(1, count), "entry")
    column = data.draw(st.sampled_from(COLUMNS), "column")
    entry = AuditEntry.objects.get(seq=seq)
    with transaction.atomic():
        if column == "seq":
            run_sql("UPDATE ledger_auditentry SET seq = %s WHERE seq = %s", count + 7, seq)
        elif column == "at":
            step = timedelta(microseconds=data.draw(st.sampled_from([1, -1, 10**6]), "step"))
            AuditEntry.objects.filter(seq=seq).update(at=entry.at + step)
        else:
            before = getattr(entry, column)
            place = data.draw(st.integers(0, len(before) - 1), "place")
            letter = data.draw(
                st.sampled_from(sorted({"x", "0", "}", '"', "[", "十"} - {before[place]})), "letter"
            )
            changed = before[:place] + letter + before[place + 1 :]
            run_sql(f"UPDATE ledger_auditentry SET {column} = %s WHERE seq = %s", changed, seq)
        assert audit.verify() != [], (seq, column)
        transaction.set_rollback(True)
    assert AuditEntry.objects.get(seq=seq) == entry


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own types whole")
def test_a_byte_of_a_moment_as_sqlite_writes_it_is_found_too(played):
    with connection.cursor() as cursor:
        cursor.execute("SELECT CAST(at AS TEXT) FROM ledger_auditentry WHERE seq = 5")
        text = cursor.fetchone()[0]
    for place, letter in enumerate(text):
        if letter == " ":
            continue  # it only parts the day from the hour
        changed = text[:place] + ("9" if letter != "9" else "8") + text[place + 1 :]
        with transaction.atomic():
            run_sql("UPDATE ledger_auditentry SET at = %s WHERE seq = 5", changed)
            assert "audit 5" in names(), changed
            transaction.set_rollback(True)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its own types whole")
def test_a_moment_that_is_none_in_a_figures_row_is_found(played):
    key = MonthlyReport.objects.order_by("pk").first().pk
    run_sql(
        "UPDATE ledger_monthlyreport SET reported_at = '2024-13-01 00:00:00' WHERE id = %s", key
    )
    assert names() == {f"monthlyreport:{key}"}


FIGURES = [
    ("ledger_monthlyreport", "percent", "99"),
    ("ledger_monthlyreport", "summary", "改过"),
    ("ledger_monthlyreport", "month", "2024-02-01"),
    ("ledger_monthlyreport", "on_time", None),
    ("ledger_monthlyplan", "percent", "1"),
    ("ledger_indicatorvalue", "value", "4"),
    ("ledger_evidence", "sha256", "0" * 64),
    ("ledger_evidence", "title", "改过"),
    ("ledger_acceptance", "statement", "改过"),
]


@pytest.mark.parametrize(("table", "column", "value"), FIGURES)
def test_a_figure_changed_in_its_row_is_found(played, table, column, value):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        keys = [key for (key,) in cursor.fetchall()]
    assert keys
    for key in keys:
        with transaction.atomic():
            if value is None:
                run_sql(f"UPDATE {table} SET {column} = NOT {column} WHERE id = %s", key)
            else:
                run_sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", value, key)
            assert audit.verify() != [], (table, key)
            transaction.set_rollback(True)
    assert audit.verify() == []


@pytest.mark.parametrize(
    "model", [MonthlyReport, MonthlyPlan, IndicatorValue, Evidence, Acceptance]
)
def test_a_deleted_row_is_found(played, model):
    table = model._meta.db_table
    used = set(model.objects.values_list("supersedes", flat=True)) if hasattr(
        model, "supersedes"
    ) else set()  # fmt: skip
    for key in model.objects.exclude(pk__in=used - {None}).values_list("pk", flat=True):
        with transaction.atomic():
            run_sql(f"DELETE FROM {table} WHERE id = %s", key)
            assert audit.verify() != [], key
            transaction.set_rollback(True)


def test_a_row_slipped_in_beside_the_services_is_found(played):
    report = MonthlyReport.objects.filter(is_current=True).first()
    report.pk, report.month, report.supersedes = None, month("2024-03"), None
    report.save(force_insert=True)
    assert names() == {f"monthlyreport:{report.pk}"}


def test_a_deleted_entry_is_found(played):
    for seq in (1, 7, AuditEntry.objects.count() - 1):
        with transaction.atomic():
            run_sql("DELETE FROM ledger_auditentry WHERE seq = %s", seq)
            assert f"audit {seq}" in names()
            transaction.set_rollback(True)


def test_an_end_cut_off_with_its_rows_is_found_by_the_anchor_on_a_document(played):
    with on("2024-02-08"):
        row = documents.issue(played.office, "monthly_review", "2024-01")
    anchor = row.audit_head
    seq = int(anchor.partition(":")[0])
    assert audit.verify((anchor,)) == []
    run_sql("DELETE FROM ledger_auditentry WHERE seq >= %s", seq)
    assert f"audit {seq}" in names()
    run_sql("DELETE FROM ledger_document")
    assert audit.verify() == [], "without the paper nothing shows that an end is missing"
    assert [f.subject for f in audit.verify((anchor,))] == [f"audit {seq}"]
    with on("2024-02-08"), transaction.atomic():
        audit.record("x", "something_else", "x:1")
    assert [f.subject for f in audit.verify((anchor,))] == [f"audit {seq}"]


def test_a_log_rewritten_from_the_start_is_found_by_the_anchor(played):
    anchor = audit.head()
    entries = list(AuditEntry.objects.order_by("seq"))
    entries[3].payload = entries[3].payload.replace("}", ',"more":1}')
    previous = audit.GENESIS
    for entry in entries:
        entry.previous, entry.digest = previous, audit._digest(previous, entry)
        previous = entry.digest
        entry.save()
    assert audit.verify() == []
    assert audit.verify((anchor,)) != []


@pytest.mark.parametrize(
    "anchor", ["", "x", "3", "3:", "-1:00", "²:0", "9" * 30 + ":0", "999999:" + "0" * 64]
)
def test_an_anchor_that_is_none_is_a_finding_and_no_fault(played, anchor):
    assert len(audit.verify((anchor,))) == 1


def test_the_page_verifies_and_says_what_it_found(played):
    client = played.client("office")
    assert client.post("/audit/verify/").status_code == 200
    run_sql("UPDATE ledger_monthlyreport SET percent = 77 WHERE percent = 9")
    page = client.post("/audit/verify/").content.decode()
    assert "monthlyreport:" in page
    assert played.client("staff").post("/audit/verify/").status_code == 403
    assert client.get("/audit/").status_code == 200


def test_equal_values_have_one_form_whatever_their_type_or_scale():
    from datetime import UTC, date, datetime, timezone
    from decimal import Decimal

    east = timezone(timedelta(hours=8))
    assert audit.canonical(Decimal("8.00")) == audit.canonical(Decimal("8")) == '"8"'
    assert audit.canonical(Decimal("0E+3")) == audit.canonical(Decimal("-0.00")) == '"0"'
    assert audit.canonical(Decimal("1E+2")) == '"100"'
    assert audit.canonical(datetime(2024, 1, 1, 8, tzinfo=east)) == audit.canonical(
        datetime(2024, 1, 1, tzinfo=UTC)
    )
    assert audit.canonical({"b": 1, "a": date(2024, 1, 1)}) == '{"a":"2024-01-01","b":1}'
    with pytest.raises(TypeError):
        audit.canonical(1 + 2j)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_keep_one_chain(city):
    start = threading.Barrier(6)
    failed: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait()
            for step in range(8):
                with transaction.atomic():
                    audit.record(f"writer-{number}", "wrote", f"x:{step}", at=clock.now())
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    before = AuditEntry.objects.count()
    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert AuditEntry.objects.count() == before + 48
    assert audit.verify() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_single_reports_and_a_pasted_batch_at_once_are_all_vouched_for(city):
    start = threading.Barrier(4)
    failed: list[BaseException] = []

    def single(code: str) -> None:
        with on("2024-02-02"):
            city.report(code, "2024-01", 8, by="office")

    def pasted() -> None:
        with on("2024-02-02"):
            imports.take_in_pasted(
                city.office, "任务编号\t月份\t完成进度\nH-3\t2024-01\t8\nP-1\t2024-01\t8.5\n"
            )

    def act(what: object, *values: object) -> None:
        try:
            start.wait()
            what(*values)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(single, c)) for c in ("H-1", "H-2", "W-1")]
    threads.append(threading.Thread(target=act, args=(pasted,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not failed
    assert MonthlyReport.objects.count() == 5
    assert audit.verify() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="threads need PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_acts_of_every_kind_at_once_never_wait_for_each_other_in_a_ring(city):
    with on("2024-02-02"):
        for code in ("H-1", "H-2", "H-3", "P-1", "W-1"):
            city.report(code, "2024-01", 8, by="office")

    def correct() -> None:
        for percent in range(9, 15):
            city.report("H-1", "2024-01", percent, by="office", correction=True, reason="核对")

    def clock_strikes() -> None:
        for _ in range(6):
            notices.daily_clock()

    def instruct() -> None:
        for _ in range(6):
            notices.add_trigger(
                city.leader, city.task("H-1"), source="leader_instruction", title="查"
            )

    def approve() -> None:
        for _ in range(6):
            months.approve(city.deputy, month("2024-01"))

    def prove() -> None:
        for _ in range(6):
            city.proof("H-1")

    def reload() -> None:
        for _ in range(3):
            load_programme("setup", load(ICE_HARBOUR))

    acts = (correct, clock_strikes, instruct, approve, prove, reload)
    start = threading.Barrier(len(acts))
    failed: list[BaseException] = []

    def act(what: object) -> None:
        try:
            start.wait()
            with on("2024-02-05"):
                what()
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(what,)) for what in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not failed
    assert audit.verify() == []


def test_a_file_whose_content_was_changed_or_lost_is_found(city):
    proof = city.proof("H-1")
    assert audit.verify() == []
    path = files.path_of(proof.sha256)
    path.write_bytes(b"as changed")
    assert [f.subject for f in audit.verify()] == [f"evidence:{proof.pk}"]
    path.unlink()
    assert [f.subject for f in audit.verify()] == [f"evidence:{proof.pk}"]


def test_a_state_that_was_changed_behind_the_services_is_found(city):
    Task.objects.filter(code="H-1").update(state="closed")
    assert [f.subject for f in audit.verify()] == [f"task:{city.task('H-1').pk}"]

"""Work for the worker: taken by one, ended once by its holder, taken up again when it is lost."""

from __future__ import annotations

import threading
import uuid
from datetime import datetime, time, timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.utils import timezone

from songhua.console import clock, worker
from songhua.console.ledger.models import AuditEntry, Task
from songhua.console.ledger.services import audit
from songhua.console.people.models import User
from songhua.console.runs.models import Run, Schedule, Table
from songhua.console.runs.services import (
    decisions,
    retention,
    runs,
    schedules,
    supervise,
    tables,
    work,
)
from songhua.kit.errors import Conflict, InputError, NotAllowed
from songhua.kit.time import ZONE

pytestmark = pytest.mark.django_db


@pytest.fixture
def quiet(settings):
    """Jobs wait in the queue, so that a test decides when a worker comes."""
    settings.TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}


@pytest.fixture
def office(db) -> User:
    return User.objects.create_user("desk", password="x", role="office")


@pytest.fixture
def numbers(quiet, office, toy_scenario) -> Table:
    """The toy's sample, brought in and checked."""
    made = tables.sample(office, "toy", "numbers")
    assert made.state == "queued"
    assert supervise.next_work() == f"table:{made.pk}"
    made.refresh_from_db()
    assert made.state == "done", made.problems
    return made


@pytest.fixture
def city_task(ice_harbour) -> Task:
    """An active task of the ledger."""
    from .city import found

    return next(iter(found().tasks.values()))


def ask(office: User, numbers: Table, action: str = "count_slowly", **params: object) -> Run:
    return runs.ask(office, "toy", action, tables={"numbers": numbers.pk}, params=params)


def stray_files() -> list[str]:
    return [
        path.name
        for folder in (work.attempts(), work.uploads())
        if folder.is_dir()
        for path in folder.iterdir()
    ]


def test_a_run_ends_with_its_tables_and_indicators_and_leaves_nothing_else(office, numbers):
    run = ask(office, numbers)
    assert supervise.next_work() == f"run:{run.pk}"
    run.refresh_from_db()
    assert (run.state, run.attempts, run.token) == ("done", 1, None)
    (made,) = run.outputs.all()
    assert made.dataset == "totals" and work.store().path(made.digest).is_file()
    assert set(run.kpis) == {"mean_kg", "drawn_share"}
    assert stray_files() == [] and work.sweep() == 0
    assert audit.verify() == []


def test_the_same_question_gives_the_same_answer_under_the_same_digest(office, numbers):
    first, second = ask(office, numbers), ask(office, numbers)
    other = runs.ask(
        office, "toy", "count_slowly", tables={"numbers": numbers.pk}, params={}, seed=2
    )
    for _ in range(3):
        supervise.next_work()
    for run in (first, second, other):
        run.refresh_from_db()
    assert first.digest == second.digest != other.digest
    assert first.kpis == second.kpis != other.kpis
    assert {t.digest for t in first.outputs.all()} == {t.digest for t in second.outputs.all()}


@pytest.mark.parametrize(
    ("how", "code"),
    [("fail", "out_of_range"), ("infeasible", "out_of_range"), ("crash", "work_broken"),
     ("undeclared", "work_broken"), ("not_finite", "work_broken"), ("die", "work_died")],
)  # fmt: skip
def test_every_bad_end_is_a_failure_with_its_reason(office, numbers, how, code):
    run = ask(office, numbers, "misbehave", how=how)
    supervise.next_work()
    run.refresh_from_db()
    assert run.state == "failed" and run.problems[0]["code"] == code
    assert run.outputs.count() == 0 and stray_files() == []
    assert ("Traceback" in run.trace) is (code == "work_broken")
    assert audit.verify() == []


def test_two_workers_never_hold_the_same_work(office, numbers):
    run = ask(office, numbers)
    mine = work.take()
    assert mine.pk == run.pk and work.take() is None


def test_who_lost_the_work_cannot_end_it(office, numbers, settings):
    run = ask(office, numbers)
    slow = work.take()
    Run.objects.filter(pk=run.pk).update(beat_at=timezone.now() - timedelta(hours=1))
    assert work.recover() == 1
    quick = work.take()
    assert quick.pk == slow.pk and quick.token != slow.token
    assert not work.beat(slow, 0.5) and work.beat(quick, 0.5)
    work.fail(slow, [])
    work.stopped(slow)
    run.refresh_from_db()
    assert run.state == "running" and run.token == quick.token
    work.stopped(quick)
    run.refresh_from_db()
    assert run.state == "cancelled"


def test_work_lost_too_often_fails_with_that_reason(office, numbers):
    run = ask(office, numbers)
    for _ in range(work.MOST_ATTEMPTS):
        assert work.take() is not None
        Run.objects.filter(pk=run.pk).update(beat_at=timezone.now() - timedelta(hours=1))
        work.recover()
    run.refresh_from_db()
    assert run.state == "failed" and run.problems[0]["code"] == "work_lost"
    assert work.take() is None


def test_live_work_is_left_alone_and_a_lost_bell_rings_again(office, numbers):
    from django_tasks_db.models import DBTaskResult

    ask(office, numbers)
    held = work.take()
    assert work.recover() == 0
    held.refresh_from_db()
    assert held.state == "running"
    waiting = ask(office, numbers)
    DBTaskResult.objects.all().delete()
    work.recover()
    assert DBTaskResult.objects.count() == 1
    work.recover()
    assert DBTaskResult.objects.count() == 1, "one bell for one piece of work is enough"
    assert work.take().pk == waiting.pk


def test_waiting_work_is_cancelled_at_once_and_running_work_when_its_holder_looks(office, numbers):
    waiting = ask(office, numbers)
    work.cancel(office, waiting)
    waiting.refresh_from_db()
    assert waiting.state == "cancelled"
    with pytest.raises(Conflict):
        work.cancel(office, waiting)
    endless = ask(office, numbers, seconds=3600, steps=100_000)
    asked = []

    def look() -> bool:
        if not asked:
            work.cancel(office, endless)
            asked.append(1)
        return False

    assert supervise.next_work(look) == f"run:{endless.pk}"
    endless.refresh_from_db()
    assert endless.state == "cancelled" and stray_files() == []
    assert audit.verify() == []


def test_a_worker_that_stops_gives_its_work_back_without_counting_it(office, numbers):
    run = ask(office, numbers, seconds=3600, steps=100_000)
    supervise.next_work(lambda: True)
    run.refresh_from_db()
    assert (run.state, run.attempts, run.token) == ("queued", 0, None)
    assert stray_files() == []


def test_what_takes_too_long_is_stopped(office, numbers, settings):
    settings.RUN_MAX_SECONDS = 0.5
    run = ask(office, numbers, seconds=3600, steps=100_000)
    supervise.next_work()
    run.refresh_from_db()
    assert run.state == "failed" and run.problems[0]["code"] == "work_too_long"


def test_a_bad_file_is_refused_with_its_places_and_nothing_is_kept(quiet, office, toy_scenario):
    content = b"item,kind,weight_kg\na,red,1\nb,green,x\n"
    made = tables.receive(office, "toy", "numbers", "bad.csv", [content])
    supervise.next_work()
    made.refresh_from_db()
    assert made.state == "failed" and made.digest == ""
    assert {(p["row"], p["column"], p["code"]) for p in made.problems} == {
        (3, "kind", "cell_choice"), (3, "weight_kg", "cell_not_float64"),
    }  # fmt: skip
    assert stray_files() == [] and work.store().digests() == set()


def test_an_upload_cut_off_leaves_nothing(quiet, office, toy_scenario, settings):
    def broken():
        yield b"item,kind\n"
        raise ConnectionError("the client is gone")

    with pytest.raises(ConnectionError):
        tables.receive(office, "toy", "numbers", "x.csv", broken())
    settings.TABLE_MAX_BYTES = 10
    with pytest.raises(InputError) as caught:
        tables.receive(office, "toy", "numbers", "x.csv", [b"x" * 11])
    assert caught.value.problems[0].code == "file_too_large"
    with pytest.raises(InputError):
        tables.receive(office, "toy", "numbers", "x.csv", [])
    assert stray_files() == [] and Table.objects.count() == 0


def test_sweeping_deletes_what_no_record_names_and_nothing_else(office, numbers):
    ask(office, numbers)
    held = work.take()
    (work.attempts() / str(held.token)).mkdir(parents=True)
    (work.attempts() / str(uuid.uuid4())).mkdir()
    orphan = work.store().folder / f"{'0' * 64}.parquet"
    orphan.write_bytes(b"PAR1")
    assert work.sweep() == 2
    assert (work.attempts() / str(held.token)).is_dir() and not orphan.exists()
    assert work.store().path(numbers.digest).is_file()


def test_the_clock_goes_on_after_a_beat_that_failed(monkeypatch, caplog):
    stop, beats = threading.Event(), []

    def recover() -> None:
        beats.append(1)
        if len(beats) == 1:
            raise OperationalError("the database is away")
        stop.set()

    monkeypatch.setattr(worker, "TICK_SECONDS", 0.0)
    monkeypatch.setattr(worker.work_service, "recover", recover)
    monkeypatch.setattr(worker.schedules, "tick", lambda: 0)
    bell = SimpleNamespace(daily_clock=SimpleNamespace(enqueue=lambda: None))
    monkeypatch.setattr(worker, "jobs", bell)
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    worker._keep_time(stop)
    assert len(beats) == 2 and "missed a beat" in caplog.text


def test_a_dropped_table_keeps_its_record_and_frees_its_rows(
    office, numbers, django_capture_on_commit_callbacks
):
    run = ask(office, numbers)
    with pytest.raises(Conflict):
        tables.drop(office, numbers)
    supervise.next_work()
    with django_capture_on_commit_callbacks(execute=True):
        tables.drop(office, numbers)
    assert not work.store().path(numbers.digest).exists()
    assert run.inputs.get().table.dropped_at is not None
    with pytest.raises(InputError) as caught:
        ask(office, numbers)
    assert caught.value.problems[0].code == "table_not_ready"
    assert audit.verify() == []


def test_old_rows_are_dropped_unless_a_decision_or_evidence_stands_on_them(
    office, numbers, settings, city_task
):
    loose, decided, attested = (ask(office, numbers) for _ in range(3))
    other = tables.sample(office, "toy", "numbers")
    while supervise.next_work():
        pass
    decisions.propose(office, decided, text="x", indicator="mean_kg")
    for run in (loose, attested):
        run.refresh_from_db()
    runs.attach(office, attested, "mean_kg", city_task)
    newest = ask(office, other)
    supervise.next_work()
    with clock.pinned(clock.today() + timedelta(days=settings.KEEP_DAYS - 1)):
        assert retention.expire() == 0
    with clock.pinned(clock.today() + timedelta(days=settings.KEEP_DAYS + 1)):
        assert retention.expire() == 1, "the loose run's table only"
    written = Table.objects.filter(run__isnull=False).order_by("pk")
    assert [t.dropped_at is not None for t in written] == [True, False, False, False]
    assert newest.outputs.get().digest != "" and work.store().path(numbers.digest).is_file()
    assert audit.verify() == []


def test_every_mistake_in_a_question_is_told_at_once_and_nothing_is_asked(office, numbers):
    with pytest.raises(InputError) as caught:
        runs.ask(
            office, "toy", "count_slowly", tables={"numbers": 10**6, "others": 1},
            params={"steps": 0, "speed": 1}, seed=-1,
        )  # fmt: skip
    told = {(p.where, p.code) for p in caught.value.problems}
    assert told == {
        ("seed", "seed_range"), ("steps", "param_at_least"), ("speed", "param_unknown"),
        ("others", "table_unknown"), ("numbers", "table_not_found"),
    }  # fmt: skip
    for scenario, action in (("nowhere", "count_slowly"), ("toy", "nothing")):
        with pytest.raises(InputError):
            runs.ask(office, scenario, action, tables={}, params={})
    assert Run.objects.count() == 0


def test_only_the_office_and_the_responsible_department_may_ask(numbers):
    for role in ("leader", "reviewer", "enterprise", "public"):
        with pytest.raises(NotAllowed):
            ask(User(username=role, role=role), numbers)
        assert Run.objects.count() == 0


def test_a_changed_record_no_longer_fits_its_audit_entry(office, numbers):
    run = ask(office, numbers)
    supervise.next_work()
    Run.objects.filter(pk=run.pk).update(kpis={"mean_kg": 99, "drawn_share": 0.5})
    assert [f.subject for f in audit.verify()] == [f"run:{run.pk}"]


def at(hour: int, minute: int = 0, day: int = 4) -> datetime:
    return datetime(2024, 11, day, hour, minute, tzinfo=ZONE)


def test_due_times_are_full_quarters_and_the_citys_time_of_day():
    quarter, day = Schedule.Every.QUARTER_HOUR, Schedule.Every.DAY
    assert schedules.following(quarter, None, at(9, 7)) == at(9, 15)
    assert schedules.following(quarter, None, at(9, 15)) == at(9, 30)
    assert schedules.following(day, time(6), at(5, 59)) == at(6)
    assert schedules.following(day, time(6), at(6)) == at(6, day=5)


@pytest.mark.parametrize(
    ("missed", "made"), [("latest", [12, 0]), ("all", None), ("skip", [12, 0])]
)
def test_missed_times_follow_their_rule_and_no_time_runs_twice(office, numbers, missed, made):
    with clock.pinned(at(9).date(), time(9, 7)):
        row = schedules.create(
            office, "toy", "count_slowly", params={}, every="quarter_hour", missed=missed
        )
    with clock.pinned(at(9).date(), time(12, 5)):
        schedules.tick()
        schedules.tick()
    due = sorted(timezone.localtime(r.due_at) for r in row.runs.all())
    expected = [at(12)] if made else [at(9, 15) + i * timedelta(minutes=15) for i in range(12)]
    assert due == expected
    row.refresh_from_db()
    assert row.next_at == at(12, 15)


def test_a_long_absence_is_skipped_where_the_rule_says_so(office, numbers):
    with clock.pinned(at(9).date(), time(5, 0)):
        row = schedules.create(
            office, "toy", "count_slowly", params={}, every="day", at=time(6), missed="skip"
        )
    with clock.pinned(at(9).date(), time(12, 0)):
        assert schedules.tick() == 0
    row.refresh_from_db()
    assert row.next_at == at(6, day=5) and row.runs.count() == 0


def test_a_schedule_without_its_table_says_so_and_tries_again(quiet, office, toy_scenario):
    with clock.pinned(at(9).date(), time(9, 7)):
        row = schedules.create(office, "toy", "count_slowly", params={}, every="quarter_hour")
    with clock.pinned(at(9).date(), time(9, 16)):
        assert schedules.tick() == 0
    row.refresh_from_db()
    assert row.problems[0]["code"] == "table_missing" and row.next_at == at(9, 30)
    tables.sample(office, "toy", "numbers")
    supervise.next_work()
    with clock.pinned(at(9).date(), time(9, 31)):
        assert schedules.tick() == 1
    assert AuditEntry.objects.filter(action="run_asked").count() == 1

"""工作提示 → 督办 → 约谈: each step when its working days are over, never twice, never unasked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from songhua.console.ledger.models import (
    AuditEntry,
    CalendarYear,
    MonthWindow,
    Notice,
    Task,
    Trigger,
)
from songhua.console.ledger.services import audit, notices
from songhua.console.ledger.services.calendar import known_until, load_year, work_calendar
from songhua.kit.errors import Conflict, InputError, NotAllowed

from .city import City, codes, month, on, spoken


def alone(city: City, code: str) -> Task:
    """Leave one task running, so that a test reads one case."""
    Task.objects.exclude(code=code).update(state="suspended")
    return city.task(code)


def steps(task: Task) -> list[tuple[str, str, str]]:
    """The rungs climbed: level, day opened, last day to answer."""
    rows = Notice.objects.filter(task=task).order_by("pk")
    return [(n.level, str(n.opened_on), str(n.due_on)) for n in rows]


def play(first: str, last: str) -> None:
    """The daily clock on each day."""
    day = date.fromisoformat(first)
    while day <= date.fromisoformat(last):
        with on(str(day)):
            notices.daily_clock()
        day += timedelta(days=1)


def test_a_missed_month_climbs_from_reminder_to_interview_by_working_days(city):
    task = alone(city, "W-1")
    play("2024-02-01", "2024-02-29")
    # January is due on 6 February; the Spring Festival rests from the 10th to the 17th, and
    # Sunday the 18th is worked.
    assert steps(task) == [
        ("reminder", "2024-02-07", "2024-02-20"),
        ("supervision", "2024-02-21", "2024-02-26"),
        ("interview", "2024-02-27", "2024-02-29"),
    ]
    chain = Notice.objects.get(level="interview")
    assert chain.raised_from.raised_from.level == "reminder"
    assert Notice.objects.filter(ended_on=None).get() == chain
    assert {n.source for n in Notice.objects.all()} == {"task_monitoring"}
    play("2024-03-01", "2024-03-06")
    assert len(steps(task)) == 3  # there is no rung above
    # The other tasks were suspended behind the services' back, and only that is found.
    assert {f.subject.partition(":")[0] for f in audit.verify()} == {"task"}


def test_a_unit_that_answers_in_time_climbs_no_further(city):
    task = alone(city, "W-1")
    play("2024-02-01", "2024-02-07")
    notice = Notice.objects.get(task=task)
    with on("2024-02-20"):
        response = city.client("weather").post(
            f"/notices/{notice.pk}/answer/", {"answer": "本周补报"}
        )
    assert response.status_code == 302
    play("2024-02-20", "2024-03-06")
    assert [level for level, *_ in steps(task)] == ["reminder"]


def test_an_answered_and_resolved_case_ends(city):
    task = alone(city, "W-1")
    play("2024-02-01", "2024-02-07")
    notice = Notice.objects.get(task=task)
    with on("2024-02-08"):
        with pytest.raises(Conflict) as caught:
            notices.resolve(city.office, notice)
        assert codes(caught.value) == [("notice", "notice_unanswered")]
        with pytest.raises(NotAllowed):
            notices.answer(city.staff, notice, "别的单位")
        with pytest.raises(InputError):
            notices.answer(city.weather, notice, "  ")
        notices.answer(city.weather, notice, "已补报")
        with pytest.raises(Conflict):
            notices.answer(city.weather, notice, "再答")
        with pytest.raises(NotAllowed):
            notices.resolve(city.weather, notice)
        city.report("W-1", "2024-01", 8, by="office")
        notices.resolve(city.office, notice)
    play("2024-02-08", "2024-03-06")
    notice.refresh_from_db()
    assert str(notice.ended_on) == "2024-02-08" and notice.resolved_by == city.office
    assert len(steps(task)) == 1


def test_a_settled_miss_does_not_open_the_same_case_again_but_the_next_miss_does(city):
    task = alone(city, "W-1")
    play("2024-02-01", "2024-02-07")
    with on("2024-02-08"):
        notice = Notice.objects.get(task=task)
        notices.answer(city.weather, notice, "说明")
        notices.resolve(city.office, notice)
    play("2024-02-08", "2024-03-07")
    assert len(steps(task)) == 1
    play("2024-03-08", "2024-03-08")  # February was due on the seventh of March
    assert [s[:2] for s in steps(task)] == [("reminder", "2024-02-07"), ("reminder", "2024-03-08")]


def test_reports_in_time_open_nothing(city):
    task = alone(city, "W-1")
    with on("2024-02-02"):
        city.report("W-1", "2024-01", 8, by="weather")
    play("2024-02-02", "2024-02-29")
    assert steps(task) == []


def test_a_leaders_instruction_opens_a_case(city):
    with on("2024-01-15"):
        response = city.client("leader").post(
            "/tasks/W-1/trigger/", {"source": "leader_instruction", "title": "请加快海冰预报"}
        )
        assert response.status_code == 302
        notice = Notice.objects.get()
        assert (notice.level, notice.source) == ("reminder", "leader_instruction")
        assert notice.unit.code == "weather_bureau" and str(notice.due_on) == "2024-01-22"
        assert Trigger.objects.get().taken_up
        assert city.task("W-1").light_reasons
        with pytest.raises(NotAllowed):
            notices.add_trigger(
                city.leader, city.task("W-1"), source="ministry_requirement", title="不归领导录"
            )
        with pytest.raises(InputError):
            notices.add_trigger(city.office, city.task("W-1"), source="daily_assessment", title=" ")
    page = city.client("weather").get("/notices/").content.decode()
    assert "W-1" in page


def test_a_second_instruction_waits_while_a_case_is_open_and_opens_the_next(city):
    task = alone(city, "W-1")
    with on("2024-01-15"):
        notices.add_trigger(city.leader, task, source="leader_instruction", title="甲")
        notices.add_trigger(city.leader, task, source="leader_instruction", title="乙")
        first = Notice.objects.get()
        notices.answer(city.weather, first, "照办")
        notices.resolve(city.office, first)
    play("2024-01-16", "2024-01-16")
    assert [s[:2] for s in steps(task)] == [
        ("reminder", "2024-01-15"), ("reminder", "2024-01-16")
    ]  # fmt: skip
    assert not Trigger.objects.filter(taken_up=False).exists()


def test_the_clock_twice_on_a_day_changes_nothing(city):
    for day in ("2024-02-07", "2024-02-21", "2024-02-27"):
        with on(day):
            notices.daily_clock()
            before = (
                list(Notice.objects.order_by("pk").values()),
                list(Task.objects.order_by("pk").values()),
                list(MonthWindow.objects.values()),
                AuditEntry.objects.count(),
            )
            again = notices.daily_clock()
            assert again == {"windows": 0, "lights": 0}
            after = (
                list(Notice.objects.order_by("pk").values()),
                list(Task.objects.order_by("pk").values()),
                list(MonthWindow.objects.values()),
                AuditEntry.objects.count(),
            )
            assert after == before


def test_a_clock_that_missed_days_takes_one_step_when_it_wakes(city):
    task = alone(city, "W-1")
    play("2024-02-29", "2024-02-29")
    assert [s[:2] for s in steps(task)] == [("reminder", "2024-02-29")]


def test_national_day_moves_the_clocks(city):
    task = alone(city, "W-1")
    for number, percent in enumerate(range(8, 72, 8), start=1):
        with on("2024-09-10"):
            city.report("W-1", f"2024-0{number}", percent, by="office")
    play("2024-09-18", "2024-10-31")
    # September is due five working days after the 30th: 8, 9, 10, 11 and Saturday the 12th.
    assert str(MonthWindow.objects.get(month=month("2024-09")).expires_on) == "2024-10-12"
    assert steps(task)[0] == ("reminder", "2024-10-13", "2024-10-18")


def test_an_instruction_before_national_day_is_answered_after_it(city):
    with on("2024-09-29"):
        notices.add_trigger(
            city.leader, city.task("H-1"), source="leader_instruction", title="节前检查"
        )
    notice = Notice.objects.get(task__code="H-1")
    assert str(notice.due_on) == "2024-10-11"  # 30 September, then 8, 9, 10, 11 October


# A year whose holidays nobody has loaded.


@pytest.fixture
def far(city: City) -> City:
    """One task that runs through 2040, a year that the calendar does not know."""
    alone(city, "W-1")
    Task.objects.update(start=date(2040, 1, 1), due=date(2040, 12, 31))
    return city


def test_a_year_without_a_calendar_is_said_and_nothing_is_half_written(far):
    before = (Notice.objects.count(), MonthWindow.objects.count(), AuditEntry.objects.count())
    with on("2040-02-20"):
        for act in (
            notices.daily_clock,
            lambda: far.report("W-1", "2040-01", 8, by="weather"),
            lambda: notices.add_trigger(
                far.leader, far.task("W-1"), source="leader_instruction", title="查"
            ),
        ):
            with pytest.raises(InputError) as caught:
                act()
            assert {p.code for p in caught.value.problems} == {"calendar_year_unknown"}
            assert "2040" in caught.value.problems[0].text("zh")
            spoken(caught.value.problems)
        response = far.client("weather").post(
            "/tasks/W-1/report/", {"month": "2040-01", "percent": "8"}
        )
    assert response.status_code == 422 and "2040" in response.content.decode()
    assert not Trigger.objects.exists()
    assert before == (
        Notice.objects.count(), MonthWindow.objects.count(), AuditEntry.objects.count()
    )  # fmt: skip


def test_once_the_year_is_loaded_the_clock_goes_on(far):
    with on("2040-02-20"):
        load_year(far.office, 2040, [date(2040, 1, 1), date(2040, 2, 13)], [date(2040, 2, 4)])
        assert work_calendar().covers(2040) and known_until(2040) == 2040
        notices.daily_clock()
        window = MonthWindow.objects.get(month=month("2040-01"))
        assert str(window.expires_on) == "2040-02-06"  # 1, 2, 3, Saturday 4, 6
        assert Notice.objects.get().level == "reminder"


def test_before_the_new_year_is_published_the_clock_goes_on_with_what_it_knows(city):
    Task.objects.update(start=date(2039, 12, 1), due=date(2042, 12, 31))
    load_year(city.office, 2039, [date(2039, 1, 1)], [])
    with on("2039-12-20"):
        notices.daily_clock()  # nothing that is due depends on the year to come
        notices.add_trigger(
            city.leader, city.task("W-1"), source="leader_instruction", title="年底检查"
        )
    assert str(Notice.objects.get().due_on) == "2039-12-27"
    with on("2039-12-28"), pytest.raises(InputError):
        notices.add_trigger(
            city.leader, city.task("H-1"), source="leader_instruction", title="年底检查"
        )


def test_a_year_is_loaded_whole_or_refused_with_every_problem(city):
    with pytest.raises(InputError) as caught:
        load_year(city.office, 2040, [date(2039, 12, 31), date(2040, 5, 1)], [date(2040, 5, 1)])
    assert sorted(code for _, code in codes(caught.value)) == [
        "calendar_both", "calendar_other_year"
    ]  # fmt: skip
    with pytest.raises(InputError):
        load_year(city.office, 2040, [], [])
    assert not CalendarYear.objects.exists()


def test_the_clock_asks_the_database_no_more_for_many_tasks_than_for_few(city):
    def cost() -> int:
        with on("2024-01-20"), CaptureQueriesContext(connection) as found:
            notices.daily_clock()
        return len(found)

    cost()
    few = cost()
    model = city.task("W-1")
    for number in range(60):
        model.pk, model.code = None, f"X-{number}"
        model.save(force_insert=True)
    cost()
    assert cost() <= few

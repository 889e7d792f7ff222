"""Two years of the office, played through the real services on simulated figures.

`songhua sim ledger` starts from an empty installation in a folder of its own, so it never touches
records that exist. The same seed gives the same acts, the same rows and the same bytes in every
document. Units have characters: most report in time, some late, a few not at all for a while.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from songhua.console import verdict

if TYPE_CHECKING:
    from songhua.console.ledger.models import Document, Obligation, Task
    from songhua.console.people.models import Unit, User

BEGIN = date(2022, 9, 1)  # the month after the policy was issued
PASSWORD = "Songhua-2023"


@dataclass
class City:
    """The people of the simulation and what has to be remembered between its days."""

    rng: random.Random
    office: User
    approver: User  # figures that the office itself entered are approved by a colleague
    reviewer: User
    leader: User
    staff: dict[int, User]
    enterprises: list[User]
    habits: dict[int, tuple[float, float]] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    documents: list[Document] = field(default_factory=list)
    compared: int = 0
    wrong: list[str] = field(default_factory=list)


def run(*, months: int, tasks: int, seed: int, out: Path) -> int:
    """Play, write the documents to `out`, print what the play has shown. 1 if a promise broke."""
    out.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="songhua-sim-"))
    os.environ["SONGHUA_DATA_DIR"] = str(folder)
    os.environ["SONGHUA_SIMULATED"] = "1"
    os.environ["SONGHUA_SECRET_KEY"] = "simulation"
    os.environ.pop("SONGHUA_DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "songhua.console.settings")
    import django

    django.setup()
    try:
        from songhua.console.demo import prepare

        with _on(BEGIN):
            prepare()
            city = _found(random.Random(seed), tasks, PASSWORD)
        end = _play(city, months, documents=True)
        with _on(end):
            _write(city, out)
            return verdict.pronounce(city)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def play_demo(months: int, day: str, password: str, tasks: int = 300) -> None:
    """Fill an installation that exists with `months` of simulated work that ends on `day`."""
    from songhua.console import clock

    with clock.pinned(BEGIN):
        city = _found(random.Random(2022), tasks, password)
    _play(city, months, documents=True, until=date.fromisoformat(day))


def _on(day: date) -> object:
    from songhua.console import clock

    return clock.pinned(day)


def _found(rng: random.Random, count: int, password: str) -> City:
    """The accounts, and `count` active tasks with their monthly plans."""
    from django.contrib.auth.hashers import make_password

    from songhua.console.ledger.models import Obligation, Task
    from songhua.console.ledger.services.programme import current
    from songhua.console.people.models import Unit
    from songhua.console.people.services import create_account

    hashed = make_password(password)  # once: hashing is slow on purpose

    def account(username: str, name: str, role: str, **more: object) -> User:
        return create_account(
            "simulation", username=username, name=name, role=role, password_hash=hashed, **more
        )[0]

    units = list(Unit.objects.all())
    lead = next(u for u in units if u.code == current().lead_unit)
    city = City(
        rng,
        account("office", "办公室 甲", "office"),
        account("office2", "办公室 己", "office"),
        account("reviewer", "验收专家 乙", "reviewer"),
        account("leader", "领导 丙", "leader"),
        {
            u.pk: account(
                "staff" if u == lead else f"staff-{u.code}"[:150], f"{u.name_zh} 经办", "staff",
                unit=u,
            )
            for u in units
        },
        [account("enterprise", "企业 丁", "enterprise", credit_code=credit_code(rng))],
    )  # fmt: skip
    account("public", "公众 戊", "public")
    for unit in units:  # chance to report in time, and speed against the plan
        city.habits[unit.pk] = (rng.choice([0.97, 0.95, 0.92, 0.85, 0.7]), rng.gauss(0.97, 0.09))
    obligations = list(Obligation.objects.prefetch_related("units"))
    for number in range(count):
        _task(city, number, obligations[number % len(obligations)], units)
    led = Counter(Task.objects.order_by("lead_unit").values_list("lead_unit", flat=True))
    quiet = min(led, key=lambda pk: (led[pk], pk))
    city.habits[quiet] = (0.25, 0.9)  # one unit hardly reports or answers, so the ladder is seen
    return city


def credit_code(rng: random.Random) -> str:
    """A made-up unified social credit code with a right check digit (GB 32100-2015)."""
    from stdnum.cn import uscc

    body = "91230199MA" + "".join(rng.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(7))
    return body + str(uscc.calc_check_digit(body))


WORDS = ("方案编制", "平台建设", "试点示范", "成果应用", "标准研制", "年度评估")


def _task(city: City, number: int, obligation: Obligation, units: list[Unit]) -> None:
    from songhua.console.ledger.models import Task
    from songhua.console.ledger.services import plans
    from songhua.console.ledger.services import tasks as task_service

    rng = city.rng
    named = list(obligation.units.all())
    unit = named[(number // 7) % len(named)] if number % 8 else units[number % len(units)]
    start = date(2022, 9, 1)
    due = min(
        obligation.deadline or date(2025, 12, 31),
        date(2023 + (number % 3), rng.choice([3, 6, 9, 12]), 28),
    )
    if due <= date(2022, 12, 31):
        due = date(2023, 6, 28)
    parent = None
    enterprise: dict[str, object] = {}
    if number % 10 == 9:
        parent = Task.objects.filter(level="task", lead_unit=unit).order_by("-pk").first()
        if parent is not None:
            owner = city.enterprises[0]
            enterprise = {
                "enterprise": "冰城示例智能科技有限公司（模拟）",
                "credit_code": owner.credit_code,
                "investment_fen": rng.randrange(50_000_000, 9_000_000_000, 100),
            }
    title = f"{obligation.title_zh[:60]}（{WORDS[number % len(WORDS)]}）"
    task = task_service.create(
        city.office, code=f"T{number + 1:04d}", title=title, obligation=obligation,
        lead_unit=unit, start=start, due=due, parent=parent, **enterprise,
    )  # fmt: skip
    span = (due.year - start.year) * 12 + due.month - start.month + 1
    entries = []
    for step in range(span):
        index = start.year * 12 + start.month - 1 + step
        percent = Decimal(100 * (step + 1) / span).quantize(Decimal("0.1"))
        entries.append((date(index // 12, index % 12 + 1, 1), min(percent, Decimal(100)), ""))
    task_service.act(city.office, task, "activate")
    plans.submit_plan(city.staff[unit.pk], task, entries)


def _play(city: City, months: int, *, documents: bool, until: date | None = None) -> date:
    """Every working day of `months` months; the last day played."""
    from songhua.console import clock
    from songhua.console.ledger.services import notices
    from songhua.console.ledger.services.calendar import work_calendar

    with clock.pinned(BEGIN):
        calendar = work_calendar()
    index = BEGIN.year * 12 + BEGIN.month - 1 + months
    end = until or date(index // 12, index % 12 + 1, 1) + timedelta(days=19)
    day = BEGIN
    while day <= end:
        if calendar.is_workday(day):
            with clock.pinned(day):
                _report_day(city, day, calendar)
                notices.daily_clock()
                _answer_day(city)
                _office_day(city, day, calendar, documents=documents)
        day += timedelta(days=1)
    return end


def _report_day(city: City, day: date, calendar: object) -> None:
    """Units report on the first working days of a month, each by its habit: those with many tasks
    paste from their spreadsheet, the others fill in the form."""
    from songhua.console.ledger.models import Task
    from songhua.console.ledger.services import imports, reports

    first = day.replace(day=1)
    passed = calendar.workdays_between(first - timedelta(days=1), day)
    month = (first - timedelta(days=1)).replace(day=1)
    if passed > 5 or month < BEGIN:
        return
    rows = Task.objects.filter(state="active", start__lte=day).select_related("lead_unit")
    due: dict[int, list[Task]] = {}
    for task in rows.order_by("code"):
        reported = task.last_month is not None and task.last_month >= month
        if task.lead_unit_id % 5 == passed - 1 and not reported:
            due.setdefault(task.lead_unit_id, []).append(task)
    for unit, tasks in due.items():
        diligence, speed = city.habits[unit]
        given = [
            (task, _figures(task, month, speed, city.rng))
            for task in tasks
            if city.rng.random() < diligence
        ]
        if len(given) >= 3:
            lines = ["任务编号\t月份\t完成进度(%)\t完成情况\t滞后原因"]
            lines += ["\t".join([task.code, *row.values()]) for task, row in given]
            imports.take_in_pasted(city.staff[unit], "\n".join(lines))
        else:
            for task, row in given:
                reports.submit_report(city.staff[unit], task, row)


def _figures(task: Task, month: date, speed: float, rng: random.Random) -> dict[str, str]:
    span = (task.due.year - task.start.year) * 12 + task.due.month - task.start.month + 1
    done = (month.year - task.start.year) * 12 + month.month - task.start.month + 1
    aim = 100 * done / span * speed + rng.gauss(0, 3)
    percent = max(task.actual_percent or Decimal(0), Decimal(f"{min(100.0, max(0.0, aim)):.1f}"))
    return {
        "month": f"{month:%Y-%m}",
        "percent": str(percent),
        "summary": f"累计完成 {percent}%（模拟）",
        "reason": "设备到货较晚，已调整后续安排（模拟）",
    }


def _answer_day(city: City) -> None:
    """Units answer notices, the diligent sooner; the office resolves what was answered."""
    from songhua.console.ledger.models import Notice
    from songhua.console.ledger.services import notices

    for notice in Notice.objects.filter(ended_on=None).select_related("task", "unit"):
        diligence, _ = city.habits[notice.unit_id]
        if notice.answered_on is None:
            if city.rng.random() < diligence / 4:
                text = "已安排专人补报，月底前赶上进度（模拟）"
                notices.answer(city.staff[notice.unit_id], notice, text)
        elif city.rng.random() < 0.5 and notice.task.missing_months == 0:
            notices.resolve(city.office, notice)


def _office_day(city: City, day: date, calendar: object, *, documents: bool) -> None:
    """Indicators on the 8th working day; evidence and closings; on the 10th the month is closed."""
    first = day.replace(day=1)
    passed = calendar.workdays_between(first - timedelta(days=1), day)
    month = (first - timedelta(days=1)).replace(day=1)
    if month < BEGIN:
        return
    if passed == 8:
        _indicators(city, month)
        _evidence(city)
        _try_illegal_close(city)
        _correct(city, month)
    if passed == 9:
        _closings(city)
    if passed == 10:
        _close_month(city, month, documents=documents)


PATHS = {  # simulated levels at the end of 2023 relative to the 2023 target
    "core_industry_yi": 1.04, "related_industry_yi": 0.93, "firms": 1.08, "platforms": 1.02,
    "talent_master": 1.1, "talent_phd": 0.95, "talent_prof": 1.0,
}  # fmt: skip


def _indicators(city: City, month: date) -> None:
    from songhua.console.ledger.models import Indicator, IndicatorValue
    from songhua.console.ledger.services import indicators
    from songhua.console.ledger.services.programme import current

    step = (month.year - 2022) * 12 + month.month  # 21 … : December 2023 is 24
    values: dict[str, Decimal] = {}
    totals = {rule.total: rule.parts for rule in current().crosschecks}
    rows = Indicator.objects.prefetch_related("targets")
    for indicator in sorted(rows, key=lambda i: (i.code in totals, i.pk)):
        last = indicator.values.filter(is_current=True).order_by("-month").first()
        if indicator.code in totals:
            value = sum((values[p] for p in totals[indicator.code]), Decimal(0))
        else:
            goal = indicator.targets.all()[0].value
            aim = float(goal) * PATHS.get(indicator.code, 1.0) * (0.35 + 0.65 * (step - 8) / 16)
            drawn = aim * (1 + city.rng.gauss(0, 0.012))
            value = Decimal(f"{drawn:.{indicator.places}f}")
            if last is not None:
                value = max(value, last.value)
        values[indicator.code] = value
        given = {"month": f"{month:%Y-%m}", "value": str(value)}
        if not IndicatorValue.objects.filter(indicator=indicator, month=month).exists():
            indicators.submit(city.office, indicator, given)


def _evidence(city: City) -> None:
    from songhua.console.ledger.models import Task
    from songhua.console.ledger.services import evidence

    rows = Task.objects.filter(state="active", actual_percent__gte=60, evidence_count=0)
    for task in rows.select_related("lead_unit").order_by("code")[:15]:
        text = f"{task.code} 阶段成果证明（模拟）".encode()
        submitted = evidence.submit_file(
            city.staff[task.lead_unit_id], task, title="阶段成果证明（模拟）",
            filename=f"{task.code}.txt", chunks=[text],
        )  # fmt: skip
        if city.rng.random() < 0.9:
            evidence.decide(city.reviewer, submitted, accepted=True)


def _closings(city: City) -> None:
    from songhua.console.ledger.models import Task
    from songhua.console.ledger.services import tasks
    from songhua.kit.errors import Conflict

    rows = Task.objects.filter(state="active", actual_percent__gte=97, evidence_count__gt=0)
    for task in rows.select_related("lead_unit").order_by("code")[:10]:
        try:
            tasks.submit_closing(city.staff[task.lead_unit_id], task, "任务完成，申请验收（模拟）")
        except Conflict:
            continue
        passed = city.rng.random() < 0.85
        opinion = "符合验收要求" if passed else "材料不足，退回补充"
        try:
            tasks.decide_closing(city.reviewer, task, passed=passed, opinion=opinion)
        except Conflict:
            continue


def _try_illegal_close(city: City) -> None:
    """Once: closing without evidence, closing one's own, closing somebody else's, over the web."""
    if "illegal_close" in city.facts:
        return
    from django.test import Client

    from songhua.console.ledger.models import Task

    task = Task.objects.filter(state="active", evidence_count=0).order_by("code").first()
    if task is None:
        return
    own = city.staff[task.lead_unit_id]
    other = next(u for key, u in city.staff.items() if key != task.lead_unit_id)
    answers = []
    for who, address, given in (
        (own, "submit", {"statement": "申请验收"}),
        (city.reviewer, "decide", {"passed": "1", "opinion": "同意"}),
        (own, "decide", {"passed": "1", "opinion": "同意"}),
        (other, "submit", {"statement": "申请验收"}),
    ):
        client = Client(SERVER_NAME="localhost")
        client.force_login(who)
        answers.append(client.post(f"/tasks/{task.code}/{address}/", given).status_code)
    city.facts["illegal_close"] = (
        f"{task.code}: no evidence {answers[0]}, not submitted {answers[1]}, "
        f"own submission {answers[2]}, another unit's {answers[3]}"
    )
    task.refresh_from_db()
    city.facts["illegal_close_ok"] = str(
        answers[0] == 409 and answers[1] == 409 and answers[2] == 403
        and answers[3] in {403, 404} and task.state == "active"
    )  # fmt: skip


def _correct(city: City, month: date) -> None:
    """Each quarter one figure is corrected, with its reason."""
    from songhua.console.ledger.models import MonthlyReport
    from songhua.console.ledger.services import reports

    if month.month % 3:
        return
    rows = MonthlyReport.objects.filter(
        month=month, is_current=True, approved_at=None, percent__gte=2
    )
    report = rows.select_related("task__lead_unit").order_by("task__code").first()
    if report is None:
        return
    new = reports.submit_report(
        city.office, report.task,
        {"month": f"{month:%Y-%m}", "percent": str(report.percent - 1),
         "summary": report.summary, "reason": "核对后更正（模拟）"},
        correction=True,
    )  # fmt: skip
    report.refresh_from_db()
    city.facts["correction"] = (
        f"{report.task.code} {month:%Y-%m}: {report.percent}% kept, now {new.percent}%"
    )
    city.facts["correction_ok"] = str(not report.is_current and new.supersedes_id == report.pk)


def _close_month(city: City, month: date, *, documents: bool) -> None:
    from songhua.console.ledger.services import documents as document_service
    from songhua.console.ledger.services import months as month_service

    for person in (city.office, city.approver):
        month_service.approve(person, month)
    month_service.close(city.office, month)
    if not documents:
        return
    periods = [("monthly_review", f"{month:%Y-%m}")]
    if month.month % 3 == 0:
        periods.append(("quarterly_bulletin", f"{month.year}Q{month.month // 3}"))
    if month.month == 12:
        periods.append(("annual_summary", f"{month.year}"))
    for kind, period in periods:
        row = document_service.issue(city.office, kind, period)
        verdict.compare(city, row)
        if kind != "monthly_review":
            document_service.publish(city.office, row)
        city.documents.append(row)


def _write(city: City, out: Path) -> None:
    from songhua.console import files

    for row in city.documents:
        for form, sha256 in row.files.items():
            (out / f"{row.period}-{row.kind}.{form}").write_bytes(files.load(sha256))

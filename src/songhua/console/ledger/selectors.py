"""What the pages read. Each function says how many queries it makes; none grows with the data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.core.paginator import Paginator
from django.db.models import Case, Count, Prefetch, Q, Value, When

from songhua.console import clock
from songhua.console.ledger.models import (
    Acceptance,
    Evidence,
    Indicator,
    IndicatorValue,
    MonthlyPlan,
    MonthlyReport,
    MonthWindow,
    Notice,
    Obligation,
    Task,
)
from songhua.console.people.models import Role, Unit, User
from songhua.governance.periods import add_months, month_end, month_index
from songhua.kit import figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from django.core.paginator import Page
    from django.db.models import QuerySet

COLOURS = ("red", "yellow", "green", "blue", "grey")
WORST_FIRST = Case(
    *(When(light=colour, then=Value(rank)) for rank, colour in enumerate(COLOURS)),
    default=Value(len(COLOURS)),
)
SORTS = {
    "code": ("code",), "due": ("due", "code"), "light": ("severity", "code"),
    "actual": ("actual_percent", "code"), "unit": ("lead_unit_id", "code"),
    "missing": ("missing_months", "code"),
}  # fmt: skip
PAGE_SIZE = 50


def tasks(user: User, given: Mapping[str, str]) -> QuerySet[Task]:
    """The rows that `user` sees under the filters q, unit, light, state, level, obligation,
    district, report (a name of ``REPORTED``) of a month, and the sort (a name of ``SORTS``, with
    "-" for descending)."""
    rows = Task.objects.visible_to(user).select_related("lead_unit")
    if words := given.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=words) | Q(code__icontains=words))
    for name, column in (
        ("unit", "lead_unit__code"), ("light", "light"), ("state", "state"), ("level", "level"),
        ("obligation", "obligation__code"), ("district", "district"),
    ):  # fmt: skip
        if given.get(name):
            rows = rows.filter(**{column: given[name]})
    if given.get("report") in REPORTED and given.get("month"):
        month = figures.month(given["month"], "month")
        rows = rows.filter(_reported(month)[given["report"]])
    sort = given.get("sort", "code")
    columns = SORTS.get(sort.removeprefix("-"), SORTS["code"])
    if "severity" in columns:
        rows = rows.annotate(severity=WORST_FIRST)
    return rows.order_by(*(f"-{c}" if sort.startswith("-") else c for c in columns))


def evidence_of_run(user: User, run_id: str) -> list[Evidence]:
    """Where a run's indicators stand as evidence, on tasks that `user` sees: 1 query."""
    seen = Task.objects.visible_to(user)
    rows = Evidence.objects.filter(kind=Evidence.Kind.RUN, run_id=run_id, task__in=seen)
    return list(rows.select_related("task", "submitted_by").order_by("-pk"))


def attested_runs() -> list[str]:
    """The runs that stand as evidence of some task: 1 query."""
    rows = Evidence.objects.filter(kind=Evidence.Kind.RUN)
    return list(rows.values_list("run_id", flat=True).distinct())


def page(rows: QuerySet[Task], number: str) -> Page[Task]:
    """One page of rows: 2 queries."""
    return Paginator(rows, PAGE_SIZE).get_page(number)


@dataclass
class IndicatorState:
    """An indicator with its targets and its reported series (current figures only, by month)."""

    indicator: Indicator
    series: list[tuple[date, object]] = field(default_factory=list)

    @property
    def latest(self) -> tuple[date, object] | None:
        """The last reported month and figure; None where nothing was ever reported."""
        return self.series[-1] if self.series else None


def indicator_states(codes: list[str] | None = None) -> list[IndicatorState]:
    """Every indicator with targets and series: 3 queries."""
    rows = Indicator.objects.select_related("owner").prefetch_related("targets")
    if codes is not None:
        rows = rows.filter(code__in=codes)
    states = {row.pk: IndicatorState(row) for row in rows}
    values = IndicatorValue.objects.filter(is_current=True, indicator__in=list(states))
    for key, month, value in values.order_by("month").values_list("indicator", "month", "value"):
        states[key].series.append((month, value))
    return list(states.values())


def light_counts(user: User) -> dict[str, int]:
    """How many tasks shine in each colour: 1 query."""
    rows = Task.objects.visible_to(user).exclude(state="cancelled").order_by()
    counts = dict(rows.values_list("light").annotate(n=Count("pk")))
    return {colour: counts.get(colour, 0) for colour in COLOURS}


@dataclass(frozen=True)
class UnitLights:
    """A unit's tasks by colour."""

    code: str
    name_zh: str
    name_en: str
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All its tasks."""
        return sum(self.counts.values())


def lights_by_unit(user: User) -> list[UnitLights]:
    """Units with tasks, the reddest first: 1 query."""
    rows = (
        Task.objects.visible_to(user)
        .exclude(state="cancelled")
        .order_by()
        .values_list("lead_unit__code", "lead_unit__name_zh", "lead_unit__name_en", "light")
        .annotate(n=Count("pk"))
    )
    units: dict[str, UnitLights] = {}
    for code, zh, en, light, n in rows:
        unit = units.setdefault(code, UnitLights(code, zh, en, dict.fromkeys(COLOURS, 0)))
        unit.counts[light] = n
    return sorted(units.values(), key=lambda u: (-u.counts["red"], -u.counts["yellow"], u.code))


def lights_by_district(user: User) -> dict[str, dict[str, int]]:
    """``{adcode: {colour: tasks}}`` for tasks that stand in a district: 1 query."""
    rows = Task.objects.visible_to(user).exclude(district="").exclude(state="cancelled")
    found: dict[str, dict[str, int]] = {}
    for district, light, n in (
        rows.order_by().values_list("district", "light").annotate(n=Count("pk"))
    ):
        found.setdefault(district, dict.fromkeys(COLOURS, 0))[light] = n
    return found


def red_list(user: User, limit: int = 12) -> list[Task]:
    """The red tasks, longest unreported first: 1 query."""
    rows = Task.objects.visible_to(user).filter(light="red").select_related("lead_unit")
    return list(rows.order_by("-missing_months", "due", "code")[:limit])


def notices(user: User, *, only_open: bool = False) -> QuerySet[Notice]:
    """The notices on rows that `user` sees."""
    rows = Notice.objects.select_related("task", "unit").filter(
        task__in=Task.objects.visible_to(user)
    )
    if user.role in {Role.LEADER, Role.OFFICE, Role.REVIEWER}:
        rows = Notice.objects.select_related("task", "unit")
    elif user.role == Role.STAFF:
        rows = Notice.objects.select_related("task", "unit").filter(unit=user.unit)
    return rows.filter(ended_on=None) if only_open else rows


def due_in(month: date) -> Q:
    """The tasks whose report of `month` is due: begun, not past their due month, not closed
    before it. The wall, the desk, the documents and the scores all count these."""
    return (
        Q(start__lte=month_end(month), due__gte=month)
        & ~Q(state__in=["draft", "cancelled", "suspended"])
        & (Q(closed_at=None) | Q(closed_at__gte=clock.midnight(month)))
    )


REPORTED = ("due", "came", "on_time", "missing")


def _reported(month: date) -> dict[str, Q]:
    """The condition on a task for each name of ``REPORTED``."""
    reports = MonthlyReport.objects.filter(month=month, is_current=True)
    came = Q(pk__in=reports.values("task"))
    on_time = Q(pk__in=reports.filter(on_time=True).values("task"))
    due = due_in(month)
    return {"due": due, "came": came, "on_time": on_time, "missing": due & ~came}


def reporting(user: User, month: date) -> dict[str, object]:
    """How many reports of `month` are due, in, in on time and missing, on rows that `user` sees;
    each is the number of rows of ``tasks`` under the filters month and report: 1 query."""
    seen = Task.objects.visible_to(user).order_by()
    counts = {f"{how}_n": Count("pk", filter=q) for how, q in _reported(month).items()}
    found = seen.aggregate(**counts)  # `due` alone would hide the column of that name
    return {"month": month} | {how: found[f"{how}_n"] for how in REPORTED}


@dataclass(frozen=True)
class Waiting:
    """Something that waits for a person in another app: what, where, by when, in which light."""

    title: object
    address: str
    due: date | None
    light: str


# Each gives what waits for a person; the other apps enter themselves when they are ready.
ELSEWHERE: list[Callable[[User], list[Waiting]]] = []


@dataclass(frozen=True)
class Todo:
    """What waits for a person, in the order in which it is asked for."""

    reports: list[Task]
    reports_total: int
    notices: list[Notice]
    evidence: list[Evidence]
    closings: list[Acceptance]
    approvals: list[tuple[date, int]]
    elsewhere: list[Waiting]


def todo(user: User, month: date, limit: int = 30) -> Todo:
    """Reports of `month` not yet in, notices to answer, evidence and closings to decide, months
    with figures to approve: at most 6 queries, and those of the other apps."""
    reports: list[Task] = []
    total = 0
    open_notices: list[Notice] = []
    evidence: list[Evidence] = []
    closings: list[Acceptance] = []
    approvals: list[tuple[date, int]] = []
    if user.role in {Role.STAFF, Role.ENTERPRISE}:
        mine = Task.objects.visible_to(user).filter(
            Q(last_month__lt=month) | Q(last_month=None),
            state="active",
            start__lte=month_end(month),
        )
        if user.role == Role.STAFF:
            mine = mine.filter(lead_unit=user.unit)
        total = mine.count()
        reports = list(mine.select_related("lead_unit").order_by("due", "code")[:limit])
    if user.role == Role.STAFF:
        open_notices = list(
            notices(user, only_open=True).filter(answered_on=None).order_by("due_on")[:limit]
        )
    if user.role == Role.OFFICE:
        open_notices = list(
            notices(user, only_open=True).exclude(answered_on=None).order_by("answered_on")[:limit]
        )
        waiting = MonthlyReport.objects.filter(is_current=True, approved_at=None)
        approvals = list(
            waiting.order_by("-month").values_list("month").annotate(n=Count("pk"))[:6]
        )
    if user.role in {Role.OFFICE, Role.REVIEWER}:
        evidence = list(
            Evidence.objects.filter(state=Evidence.State.SUBMITTED)
            .exclude(submitted_by=user)
            .select_related("task", "task__lead_unit")
            .order_by("submitted_at")[:limit]
        )
        closings = list(
            Acceptance.objects.filter(passed=None)
            .exclude(submitted_by=user)
            .select_related("task", "task__lead_unit")
            .order_by("submitted_at")[:limit]
        )
    elsewhere = [one for waiting in ELSEWHERE for one in waiting(user)]
    return Todo(reports, total, open_notices, evidence, closings, approvals, elsewhere)


@dataclass(frozen=True)
class MonthCell:
    """A task's month: what was planned, what stands reported, and what was reported before."""

    month: date
    plan: MonthlyPlan | None
    report: MonthlyReport | None
    earlier: tuple[MonthlyReport, ...]
    window: MonthWindow | None


def month_cells(task: Task) -> list[MonthCell]:
    """Every month of a task from its start to its due month, and on to the present or the last
    reported one where it is overdue: 3 queries."""
    plans = {p.month: p for p in task.plans.filter(is_current=True)}
    reports: dict[date, list[MonthlyReport]] = {}
    for report in task.reports.select_related("reported_by", "approved_by"):
        reports.setdefault(report.month, []).append(report)
    windows = {w.month: w for w in MonthWindow.objects.all()}
    last = max([task.due, *reports])
    if task.state in {"active", "closing"}:
        last = max(last, clock.today())
    cells = []
    for month in months_between(task.start, last):
        versions = reports.get(month, [])
        current = next((r for r in versions if r.is_current), None)
        earlier = tuple(r for r in versions if not r.is_current)
        cells.append(MonthCell(month, plans.get(month), current, earlier, windows.get(month)))
    return cells


def months_between(first: date, last: date) -> list[date]:
    """First days of the months from that of `first` to that of `last`, both included."""
    return [add_months(first, i) for i in range(month_index(last) - month_index(first) + 1)]


def recent_months(tasks: Sequence[Task], day: date, count: int = 6) -> dict[str, object]:
    """Planned and reported percents of the last `count` ended months for `tasks`: 2 queries.

    ``{"labels": [month…], "rows": {task pk: [{"plan": …, "actual": …}…]}}``; None is not known.
    """
    labels = [add_months(day, -i) for i in range(count, 0, -1)]
    keys = [task.pk for task in tasks]
    rows = {key: [{"plan": None, "actual": None} for _ in labels] for key in keys}
    for model, name in ((MonthlyPlan, "plan"), (MonthlyReport, "actual")):
        found = model.objects.filter(task__in=keys, month__in=labels, is_current=True)
        for task, month, percent in found.values_list("task_id", "month", "percent"):
            rows[task][labels.index(month)][name] = percent
    return {"labels": labels, "rows": rows}


def obligations(given: Mapping[str, str]) -> QuerySet[Obligation]:
    """Obligations under the filters q, kind, unit, module; with their units and task counts."""
    rows = Obligation.objects.prefetch_related("units").annotate(
        task_count=Count("tasks", distinct=True),
        evidence_count=Count("tasks__evidence", distinct=True),
        closed_count=Count("tasks", filter=Q(tasks__state="closed"), distinct=True),
        red_count=Count("tasks", filter=Q(tasks__light="red"), distinct=True),
    )
    if words := given.get("q", "").strip():
        rows = rows.filter(
            Q(title_zh__icontains=words)
            | Q(title_en__icontains=words)
            | Q(code__icontains=words)
            | Q(article__icontains=words)
        )
    for name, column in (("kind", "kind"), ("unit", "units__code"), ("module", "module")):
        if given.get(name):
            rows = rows.filter(**{column: given[name]})
    return rows.order_by("code")


def answering(obligation: Obligation, user: User) -> QuerySet[Task]:
    """The tasks that answer an obligation, as far as `user` may see them, with their evidence."""
    return (
        Task.objects.visible_to(user)
        .filter(obligation=obligation)
        .select_related("lead_unit")
        .prefetch_related(Prefetch("evidence", Evidence.objects.order_by("-submitted_at")))
    )


def month_progress() -> list[dict[str, object]]:
    """Every month's window with its reports due, in, on time and approved: 3 queries."""
    counts = {
        row["month"]: row
        for row in MonthlyReport.objects.filter(is_current=True)
        .order_by()
        .values("month")
        .annotate(
            reports=Count("pk"),
            on_time=Count("pk", filter=Q(on_time=True)),
            approved=Count("approved_at"),
        )
    }
    nothing = {"reports": 0, "on_time": 0, "approved": 0}
    windows = list(MonthWindow.objects.select_related("closed_by"))
    due = _due_counts([window.month for window in windows])
    return [
        {"window": window, "due": due[window.month], **(counts.get(window.month) or nothing)}
        for window in windows
    ]


def _due_counts(months: list[date]) -> dict[date, int]:
    """How many reports are due in each of many months: 1 query."""
    found = Task.objects.aggregate(**{f"m{m:%Y%m}": Count("pk", filter=due_in(m)) for m in months})
    return {month: found[f"m{month:%Y%m}"] for month in months}


def units_with_tasks() -> QuerySet[Unit]:
    """Units that lead at least one task, for filters: 1 query."""
    return Unit.objects.filter(tasks__isnull=False).distinct()

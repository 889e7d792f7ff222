"""What people see of the requests for shared data: their unit's, in either direction; the office
and the leaders see all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, Q
from django.urls import reverse
from django.utils import timezone

from songhua.console import clock
from songhua.console.design import say
from songhua.console.exchange.models import Correction, Distribution, Request
from songhua.console.exchange.sharing_words import rule_word
from songhua.console.ledger.selectors import Waiting
from songhua.console.ledger.services.calendar import work_calendar
from songhua.console.people.models import Role
from songhua.governance.sharing import light, standard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.exchange.models import Entry, Grant
    from songhua.console.people.models import User
    from songhua.governance.sharing import Deadline

MOST = 30  # of each kind in a to-do
SEEING_ALL = (Role.OFFICE, Role.LEADER)
TURNS = {"requester": ("draft", "returned", "refused", "delivered"),
         "provider": ("reviewing", "granted"), "office": ("checking", "disputed")}  # fmt: skip
COLOURS = {"in_time": "green", "near": "yellow", "over": "red", "none": "grey"}


def requests(user: User) -> QuerySet[Request]:
    """The requests that `user` may open; a draft is its own unit's alone."""
    rows = Request.objects.select_related("entry__unit", "unit")
    if user.role in SEEING_ALL:
        return rows.exclude(state="draft")
    if user.role != Role.STAFF or user.unit_id is None:
        return rows.none()
    return rows.filter(Q(unit=user.unit_id) | Q(entry__unit=user.unit_id) & ~Q(state="draft"))


def listed(user: User, view: str) -> QuerySet[Request]:
    """One side of them: ``mine`` (my unit asks), ``asked`` (of my unit), otherwise all."""
    sides = {"mine": Q(unit=user.unit_id), "asked": Q(entry__unit=user.unit_id)}
    return requests(user).filter(sides[view]) if view in sides else requests(user)


def turn(user: User) -> QuerySet[Request]:
    """The requests whose next step is this person's, the most urgent first; for the office also
    those that are late with anybody."""
    own = Q(unit=user.unit_id, state__in=TURNS["requester"]) | Q(
        entry__unit=user.unit_id, state__in=TURNS["provider"]
    )
    office = Q(state__in=TURNS["office"]) | Q(due_on__lt=clock.today())
    wanted = {Role.STAFF: own, Role.OFFICE: office}
    rows = requests(user).filter(wanted.get(user.role, Q(pk=None)))
    return rows.order_by(F("due_on").asc(nulls_last=True), "pk")


def states(rows: QuerySet[Request]) -> list[tuple[str, int]]:
    """How many stand in each state that occurs, in the order of the flow."""
    found = dict(rows.order_by().values_list("state").annotate(n=Count("pk")))
    return [(state, found[state]) for state in standard().states if state in found]


def lamp() -> Callable[[date | None], str]:
    """Gives the light of something due on a day, as the pages draw it. The calendar is read once,
    and only where something is due."""
    calendar, today, days = cache(work_calendar), clock.today(), standard().warning_workdays

    def colour(due: date | None) -> str:
        return COLOURS["none" if due is None else light(due, today, calendar(), days)]

    return colour


def lit(rows: Iterable[Request]) -> list[tuple[Request, str]]:
    """Requests with their lights."""
    colour = lamp()
    return [(row, colour(row.due_on)) for row in rows]


def deadline(row: Request) -> Deadline | None:
    """The rule by which the present step is due."""
    last = row.steps.last()
    since = timezone.localdate(last.made_at) if last else clock.today()
    return next((rule for rule in standard().deadlines if rule.holds(row.state, since)), None)


def columns(entry: Entry) -> list[dict[str, Any]]:
    """The columns of a dataset's tables, each name once; of its record where it has no table."""
    tables = entry.distributions.filter(removed_at=None, current__isnull=False)
    found: dict[str, dict[str, Any]] = {}
    for table in tables.select_related("current"):
        for column in table.current.columns:
            if column["name"] != "_id":  # the row number is part of every grant
                found.setdefault(column["name"], column)
    known = {field.get("name"): field for field in entry.about.get("fields", [])}
    return [known.get(name, {}) | column for name, column in found.items()] or list(known.values())


@dataclass(frozen=True)
class Difference:
    """One thing in which a grant is not what was asked for."""

    what: str
    asked: str
    granted: str


def differences(row: Request, grant: Grant) -> list[Difference]:
    """Where a grant gives less, more or otherwise than its request asked."""
    asked, given = set(row.columns), set(grant.columns)
    pairs = [
        (str(say("未授予的字段", "columns not granted")), "、".join(sorted(asked - given)), ""),
        (str(say("另外授予的字段", "columns in addition")), "", "、".join(sorted(given - asked))),
        (str(say("行条件", "rows")), row.rows, grant.rows),
        (str(say("起", "from")), _day(row.wanted_from), _day(grant.valid_from)),
        (
            str(say("止（不含）", "until (excluded)")),
            _day(row.wanted_until),
            _day(grant.valid_until),
        ),
    ]  # fmt: skip
    found = [Difference(*each) for each in pairs if each[1] != each[2]]
    return found + [Difference(column, "", _rule(rule)) for column, rule in grant.rules.items()]


def _day(given: date | None) -> str:
    return given.isoformat() if given else ""


def _rule(given: dict[str, Any]) -> str:
    figures = [str(value) for key, value in given.items() if key != "rule"]
    return " ".join([rule_word(given["rule"]), "、".join(figures)]).strip()


def corrections(user: User) -> QuerySet[Correction]:
    """The reports of wrong values that `user` may read: their unit's, in either direction."""
    rows = Correction.objects.select_related(
        "distribution__entry__unit", "unit", "created_by", "answered_by"
    )
    if user.role in SEEING_ALL:
        return rows
    if user.role != Role.STAFF or user.unit_id is None:
        return rows.none()
    return rows.filter(Q(unit=user.unit_id) | Q(distribution__entry__unit=user.unit_id))


def used_by(user: User) -> QuerySet[Distribution]:
    """The tables that the people of a unit may say something of: of any dataset that is shared."""
    if user.role != Role.STAFF or user.unit_id is None:
        return Distribution.objects.none()
    rows = Distribution.objects.filter(
        removed_at=None, current__isnull=False, entry__state="active"
    ).exclude(entry__unit=user.unit_id)
    shared = Q(entry__tier="unconditional") | Q(entry__is_open=True)
    granted = Q(grants__unit=user.unit_id, grants__revoked_at=None)
    return rows.filter(shared | granted).select_related("entry", "current").distinct()


def waiting(user: User) -> list[Waiting]:
    """What the exchange wants of a person: requests whose turn it is (see `turn`) and errors in
    data to be answered: at most 3 queries."""
    colour = lamp()
    found = [
        Waiting(
            say("数据共享申请 #{n}：{title}", "Data request {n}: {title}", n=row.pk,
                title=row.entry.title),
            reverse("sharing_request", args=[row.pk]), row.due_on, colour(row.due_on),
        )
        for row in turn(user)[:MOST]
    ]  # fmt: skip
    told = corrections(user).filter(_to_answer(user), accepted=None).order_by("due_on")
    return found + [
        Waiting(
            say("数据校核 #{n}：{title}", "Data correction {n}: {title}", n=row.pk,
                title=row.distribution.entry.title),
            f"{reverse('sharing_corrections')}#correction-{row.pk}", row.due_on, colour(row.due_on),
        )
        for row in told[:MOST]
    ]  # fmt: skip


def _to_answer(user: User) -> Q:
    if user.role == Role.OFFICE:
        return Q(due_on__lt=clock.today())
    return Q(distribution__entry__unit=user.unit_id or 0)

"""What people see of the files that departments bring, and of the quality of what they provide."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Avg, Count, F, OuterRef, Subquery
from django.urls import reverse

from songhua.console.design import say
from songhua.console.exchange import selectors
from songhua.console.exchange.models import Distribution, Intake
from songhua.console.ledger.selectors import Waiting
from songhua.console.people.models import Role

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from songhua.console.people.models import User

MOST = 20
FLAWED = (Intake.State.HELD, Intake.State.ACCEPTED, Intake.State.FAILED)


def intakes(user: User) -> QuerySet[Intake]:
    """The files that `user` may see: those of their unit, to the office all."""
    rows = Intake.objects.select_related("distribution__entry__unit", "created_by", "version")
    if user.role == Role.OFFICE:
        return rows
    own = user.role == Role.STAFF and user.unit_id is not None
    return rows.filter(distribution__entry__unit=user.unit_id) if own else rows.none()


def newest(rows: QuerySet[Intake]) -> QuerySet[Intake]:
    """The newest file of each table."""
    last = Intake.objects.filter(distribution=OuterRef("distribution")).order_by("-pk")
    return rows.filter(pk=Subquery(last.values("pk")[:1]))


def to_mend(rows: QuerySet[Intake]) -> list[dict[str, Any]]:
    """The tickets of the newest file of each table, where that has errors."""
    return [
        {"intake": row, **ticket}
        for row in newest(rows).filter(state__in=FLAWED)
        for ticket in row.tickets
    ]


def waiting(user: User) -> list[Waiting]:
    """The files that wait for their department to mend or accept them: 1 query."""
    if user.role != Role.STAFF:
        return []
    rows = newest(intakes(user)).filter(state__in=(Intake.State.HELD, Intake.State.FAILED))
    return [
        Waiting(
            say("数据文件待修改：{t}", "A file to be mended: {t}", t=row.distribution.entry.title),
            reverse("intake", args=[row.pk]), None, "yellow",
        )
        for row in rows[:MOST]
    ]  # fmt: skip


def departments(user: User) -> list[dict[str, Any]]:
    """The quality of what each department provides, the worst first: its tables (``tables``), how
    many have points (``measured``) and their mean (``score``; None: none has)."""
    rows = _tables(user).values("entry__unit__code", "entry__unit__name_zh", "entry__unit__name_en")
    counted = rows.annotate(
        tables=Count("pk"), measured=Count("current__score"), score=Avg("current__score")
    )
    return list(counted.order_by(F("score").asc(nulls_last=True), "entry__unit__code"))


def worst(user: User) -> QuerySet[Distribution]:
    """The tables with the fewest points."""
    rows = _tables(user).filter(current__score__isnull=False, current__score__lt=100)
    return rows.select_related("entry__unit", "current").order_by("current__score", "pk")[:MOST]


def _tables(user: User) -> QuerySet[Distribution]:
    return Distribution.objects.order_by().filter(
        entry__in=selectors.visible(user).order_by().values("pk"),
        current__isnull=False, removed_at=None,
    )  # fmt: skip

"""Who and what there was on a day. A merged subject's rows are read with the kept one's, so that
two entries of one firm count once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Window
from django.db.models.functions import Coalesce, RowNumber

from songhua.console.growth.models import Carrier, LadderMove, Layer, Place, Site, Tenancy
from songhua.console.people.models import Role
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.counts import living

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.people.models import User


def kept(name: str = "subject") -> Coalesce:
    """The subject that a row counts for: its own, or what that was merged into."""
    return Coalesce(f"{name}__merged_into", name)


def _newest(rows: QuerySet[Any], *order: str) -> QuerySet[Any]:
    """Of `rows` the first for each subject in `order`, with ``kept``. The choice is made before
    anything is filtered further."""
    place = Window(RowNumber(), partition_by=[F("kept")], order_by=order)
    first = rows.annotate(kept=kept()).annotate(place=place).filter(place=1)
    return rows.model._default_manager.filter(pk__in=first.values("pk")).annotate(kept=kept())


def addresses(on: date) -> QuerySet[Place]:
    """The newest address of each subject on a day."""
    return _newest(Place.objects.filter(as_of__lte=on), "-as_of", "-pk")


def inside(rows: QuerySet[Subject], on: date, districts: Collection[str]) -> QuerySet[Subject]:
    """Those of `rows` whose address lies in one of `districts`."""
    there = addresses(on).filter(district__in=districts)
    return rows.filter(pk__in=there.values("kept"))


def firms(on: date) -> QuerySet[Subject]:
    """The enterprises of the registry."""
    return living(on).filter(kind=Subject.Kind.ENTERPRISE)


def firms_unplaced(on: date) -> QuerySet[Subject]:
    """The enterprises without an address, which no zone counts."""
    return firms(on).exclude(pk__in=addresses(on).values("kept"))


def stays() -> QuerySet[Tenancy]:
    """Every stay, with the firm (``kept``) and the carrier (``home``) that it counts for."""
    home = Coalesce("carrier__subject__merged_into__carrier", "carrier")
    return Tenancy.objects.annotate(kept=kept("firm"), home=home)


def staying(on: date) -> Q:
    """Tenancies that run on a day."""
    return Q(moved_in__lte=on) & (Q(left_on=None) | Q(left_on__gt=on))


def tenants(on: date, carriers: Collection[int] | None = None) -> QuerySet[Subject]:
    """The firms in a carrier, or in one of these."""
    rows = stays().filter(staying(on))
    if carriers is not None:
        rows = rows.filter(home__in=carriers)
    return firms(on).filter(pk__in=rows.values("kept"))


def carriers(on: date, stage: str = "") -> QuerySet[Carrier]:
    """The carriers that are described, of one stage or of all. Where a carrier was merged into one
    that nobody described, its own description goes on."""
    there = living(on).filter(kind=Subject.Kind.CARRIER)
    alone = Q(subject__merged_into__in=there, subject__merged_into__carrier=None)
    rows = Carrier.objects.filter(Q(subject__in=there) | alone)
    rows = rows.select_related("subject__operator")
    return rows.filter(stage=stage) if stage else rows


def with_firms(rows: QuerySet[Carrier], on: date) -> QuerySet[Carrier]:
    """`rows` with ``firms``: how many are in each, two entries of one firm counted once."""
    held = (
        stays()
        .filter(staying(on), home=OuterRef("pk"), kept__in=firms(on).values("pk"))
        .order_by()
        .values("home")
        .annotate(n=Count("kept", distinct=True))
    )
    return rows.annotate(firms=Coalesce(Subquery(held.values("n")), 0))


def carriers_in(on: date, districts: Collection[str]) -> list[int]:
    """The keys of the carriers whose address lies in one of `districts`: 1 query."""
    homes = inside(Subject.objects.filter(kind=Subject.Kind.CARRIER), on, districts)
    rows = carriers(on).filter(subject__in=homes.values("pk"))
    return list(rows.values_list("pk", flat=True))


def own_carriers(user: User, on: date) -> QuerySet[Carrier]:
    """The carriers that `user` may open: officials all, an enterprise what it runs."""
    rows = carriers(on)
    if user.role != Role.ENTERPRISE:
        return rows
    code = user.credit_code
    own = Q(subject__credit_code=code) | Q(
        subject__credit_code="", subject__operator__credit_code=code
    )
    return rows.filter(own) if code else rows.none()


def _last_moves(on: date) -> QuerySet[LadderMove]:
    """The move of each firm that was confirmed last by a day."""
    rows = LadderMove.objects.filter(state=LadderMove.State.CONFIRMED, decided_on__lte=on)
    return _newest(rows, "-year", "-pk")


def rungs(on: date, firms: Collection[int] | None = None) -> dict[int, str]:
    """The rung of each firm that was ever moved, "" for none any more: 1 query."""
    rows = _last_moves(on)
    rows = rows if firms is None else rows.filter(kept__in=firms)
    return dict(rows.values_list("kept", "after"))


def on_ladder(on: date, *wanted: str) -> QuerySet[Subject]:
    """The enterprises that hold one of the rungs `wanted`, or any."""
    rows = _last_moves(on)
    rows = rows.filter(after__in=wanted) if wanted else rows.exclude(after="")
    return firms(on).filter(pk__in=rows.values("kept"))


def moves(on: date, kind: str) -> QuerySet[LadderMove]:
    """The promotions or drops that were confirmed by a day."""
    rows = LadderMove.objects.filter(
        kind=kind, state=LadderMove.State.CONFIRMED, decided_on__lte=on
    )
    return rows.select_related("subject__merged_into")


def sites(on: date, kind: str, *, waiting: bool | None = None) -> QuerySet[Site]:
    """Buildings or axis projects known on a day: those that wait, those in use, or all."""
    rows = Site.objects.filter(kind=kind, since__lte=on).select_related("used_by")
    in_use = Q(opened_on__lte=on)
    if waiting is None:
        return rows
    return rows.exclude(in_use) if waiting else rows.filter(in_use)


def layer(kind: str, zone: str = "") -> Layer | None:
    """The layer in use."""
    return Layer.objects.filter(kind=kind, zone=zone).first()


def family(subject: Subject) -> list[int]:
    """The keys of a subject and of what was merged into it."""
    merged = Subject.objects.filter(merged_into=subject).values_list("pk", flat=True)
    return [subject.pk, *merged]


def whole_months(since: date, on: date) -> int:
    """How many whole months lie between two days."""
    return (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)


def months_staying(on: date, firms: Collection[int] | None = None) -> dict[int, int]:
    """How many whole months the longest running stay of each firm has lasted: 1 query."""
    rows = stays().filter(staying(on))
    rows = rows if firms is None else rows.filter(kept__in=firms)
    found: dict[int, int] = {}
    for firm, since in rows.values_list("kept", "moved_in"):
        found[firm] = max(found.get(firm, 0), whole_months(since, on))
    return found

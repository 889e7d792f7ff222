"""The demonstration zones in figures that open their records.

The plan gives no boundaries, so a zone is its districts; a boundary that was brought in is drawn
and measured.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.urls import reverse

from songhua.console.design.bilingual import choose, field
from songhua.console.growth import selectors
from songhua.console.growth.models import Carrier, Site
from songhua.console.growth.words import word, words
from songhua.console.ledger.counted import Collection
from songhua.console.ledger.models import Task
from songhua.console.ledger.services.programme import current
from songhua.kit.errors import InputError, Problem

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

    from songhua.console.people.models import User
    from songhua.programmes.model import Zone

CORES = {"innovation_services_zone": 1_530_000}
"""Square metres that the plan gives for the core of a zone (附件1 二(六)2)."""


@dataclass(frozen=True)
class Row:
    """A zone and its counts: `counts` are (what, number, address of the records)."""

    zone: Zone
    counts: tuple[tuple[str, int, str], ...]


def zone_of(code: str) -> Zone:
    """The zone of the programme with this code."""
    for zone in current().zones:
        if zone.code == code:
            return zone
    raise InputError(Problem("zone", "growth_zone_unknown", code))


def districts_of(code: str) -> list[str]:
    """The districts of a zone; none where the programme has no such zone."""
    return [str(d) for zone in current().zones if zone.code == code for d in zone.districts]


def districts_named(zone: Zone) -> str:
    """The districts of a zone in words: shorter than its name."""
    names = {d.adcode: field(d, "name") for d in current().districts}
    return choose("、", ", ").join(names[code] for code in zone.districts)


def _everywhere(what: str, on: date) -> QuerySet[Any]:
    """The records of a kind in all of the city: subjects count by their address, sites by their
    district."""
    match what:
        case "firms":
            return selectors.firms(on)
        case "ladder":
            return selectors.on_ladder(on)
        case "vacant" | "reused":
            return selectors.sites(on, Site.Kind.VACANT, waiting=what == "vacant")
        case "sites" | "opened":
            return selectors.sites(on, Site.Kind.AXIS, waiting=what == "sites")
    raise InputError(Problem("what", "growth_not_a_choice", what))


def records(zone: Zone, what: str, on: date, user: User) -> QuerySet[Any]:
    """The records of a kind that lie in a zone on a day, as far as `user` may see them. The firms
    in a zone's carriers count wherever their own address is."""
    districts = districts_of(zone.code)
    match what:
        case "carriers":
            return selectors.carriers(on).filter(pk__in=selectors.carriers_in(on, districts))
        case "tenants":
            return selectors.tenants(on, selectors.carriers_in(on, districts))
        case "projects":
            own = Q(district__in=districts) | Q(district="", lead_unit__code__in=zone.units)
            rows = Task.objects.visible_to(user).filter(own, start__lte=on)
            return rows.filter(level=Task.Level.PROJECT)
    rows = _everywhere(what, on)
    if rows.model is Site:
        return rows.filter(district__in=districts)
    return selectors.inside(rows, on, districts)


def counts(what: str, on: date, user: User) -> list[int]:
    """How many `records` of a kind each zone has."""
    zones = current().zones
    if what in ("carriers", "tenants", "projects"):
        return [records(zone, what, on, user).count() for zone in zones]
    rows = _everywhere(what, on)
    if rows.model is not Site:
        rows = selectors.addresses(on).filter(kept__in=rows.values("pk"))
    by_district = Counter(rows.order_by().values_list("district", flat=True))
    return [sum(by_district[code] for code in districts_of(zone.code)) for zone in zones]


def collection(zone: Zone, what: str, user: User) -> Collection:
    """The same records as a page lists them."""
    zh, en = words("what").get(what, (what, what))
    return Collection(
        f"zone_{what}", f"{zone.name_zh}：{zh}", f"{zone.name_en}: {en}",
        rows=lambda on: records(zone, what, on, user), name=str, day=_since, address=record_address,
    )  # fmt: skip


def _since(row: Model) -> date:
    for name in ("since", "start"):
        if hasattr(row, name):
            return getattr(row, name)
    return row.subject.since


def record_address(row: Model) -> str:
    """The own page of a record of a zone."""
    match row:
        case Carrier():
            return reverse("carrier", args=[row.pk])
        case Task():
            return reverse("task", args=[row.code])
        case Site():
            return reverse("sites") + f"?kind={row.kind}#site-{row.pk}"
    return reverse("growth_firm", args=[row.pk])


def table(on: date, user: User) -> list[Row]:
    """Every zone with every count."""
    kinds = tuple(words("what"))
    columns = [counts(what, on, user) for what in kinds]
    return [
        Row(zone, tuple(zip(kinds, numbers, (address(zone, w, on) for w in kinds), strict=True)))
        for zone, numbers in zip(current().zones, zip(*columns, strict=True), strict=True)
    ]


def address(zone: Zone, what: str, on: date) -> str:
    """The page that lists exactly the records behind a count."""
    return reverse("zone_records", args=[zone.code, what]) + f"?on={on}"


def days(on: date, back: int = 6) -> list[date]:
    """The ends of the last half years, and the day itself."""
    ends = [date(y, m, d) for y in range(on.year - 4, on.year + 1) for m, d in ((6, 30), (12, 31))]
    return [*[end for end in ends if end < on][-back:], on]


def over_time(what: str, on: date, user: User) -> dict[str, Any]:
    """One line a zone."""
    asked = days(on)
    found = [counts(what, day, user) for day in asked]
    return {
        "kind": "line", "places": 0, "min": 0,
        "title": choose("各示范区{w}变化", "{w} by zone over time", w=word("what", what)),
        "x": [str(day) for day in asked], "x_label": choose("截至", "As of"),
        "series": [
            {"name": districts_named(zone), "values": [numbers[place] for numbers in found]}
            for place, zone in enumerate(current().zones)
        ],
    }  # fmt: skip


def core_check(zone: Zone, area_m2: int | None) -> tuple[int, Decimal] | None:
    """The area that the plan gives for a core and by how many percent ours differs; None where
    the plan gives none or no boundary was brought in."""
    said = CORES.get(zone.code)
    if said is None or not area_m2:
        return None
    return said, round(Decimal(100 * (area_m2 - said)) / said, 1)

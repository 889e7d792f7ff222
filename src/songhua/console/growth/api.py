"""Carriers, stays, ladder moves, sites and zones for programs."""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema

from songhua.console import clock
from songhua.console.growth import selectors
from songhua.console.growth import zones as zone_tables
from songhua.console.growth.models import Carrier, LadderMove, Site, Tenancy
from songhua.console.runs.api.given import Before, Most
from songhua.console.runs.api.rows import page
from songhua.console.runs.api.shown import REFUSALS
from songhua.console.subsidies.models import Subject

router = Router(tags=["企业培育 / Growth"])


class CarrierShown(Schema):
    """A carrier as it stands today; `firms` is how many are in it."""

    id: int
    name: str
    credit_code: str
    stage: Literal["makerspace", "incubator", "accelerator"]
    backing: Literal["public", "private", "mixed"]
    investors: str
    capacity: int | None
    area_m2: int | None
    services: list[str]
    since: date
    firms: int


class TenancyShown(Schema):
    """A stay of a firm in a carrier, up to but without `left_on`."""

    id: int
    carrier: int
    firm: str
    credit_code: str
    moved_in: date
    left_on: date | None
    outcome: str


class MoveShown(Schema):
    """A promotion or drop and what was decided; `figures` are exact fractions as text."""

    id: int
    firm: str
    credit_code: str
    year: int
    kind: Literal["promotion", "drop"]
    before: str
    after: str
    figures: dict[str, str | None]
    state: Literal["proposed", "confirmed", "refused", "withdrawn"]
    decided_on: date | None


class SiteShown(Schema):
    """A building that stood empty, or a project of the axis."""

    id: int
    kind: Literal["vacant", "axis"]
    name: str
    district: str
    lon: float
    lat: float
    address: str
    area_m2: int | None
    owner: str
    since: date
    opened_on: date | None


class ZoneShown(Schema):
    """A zone with its counts on the day."""

    code: str
    name_zh: str
    name_en: str
    districts: list[str]
    counts: dict[str, int]


class CarrierList(Schema):
    """A page of carriers, and the number to go on below."""

    rows: list[CarrierShown]
    next: int | None


class TenancyList(Schema):
    """A page of stays, and the number to go on below."""

    rows: list[TenancyShown]
    next: int | None


class MoveList(Schema):
    """A page of moves, and the number to go on below."""

    rows: list[MoveShown]
    next: int | None


class SiteList(Schema):
    """A page of sites, and the number to go on below."""

    rows: list[SiteShown]
    next: int | None


class ZoneList(Schema):
    """Every zone, on the day given."""

    on: date
    rows: list[ZoneShown]


def _kept(subject: Subject) -> Subject:
    return subject.merged_into or subject


def _carrier(row: Carrier) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in
            ("stage", "backing", "investors", "capacity", "area_m2", "services")}  # fmt: skip
    return said | {
        "id": row.pk, "name": row.subject.name, "credit_code": row.subject.organisation_code,
        "since": row.subject.since, "firms": row.firms,
    }  # fmt: skip


def _tenancy(row: Tenancy) -> dict[str, Any]:
    firm = _kept(row.firm)
    return {
        "id": row.pk, "carrier": row.carrier_id, "firm": firm.name,
        "credit_code": firm.credit_code, "moved_in": row.moved_in, "left_on": row.left_on,
        "outcome": row.outcome,
    }  # fmt: skip


def _move(row: LadderMove) -> dict[str, Any]:
    firm = _kept(row.subject)
    names = ("year", "kind", "before", "after", "figures", "state", "decided_on")
    said = {name: getattr(row, name) for name in names}
    return said | {"id": row.pk, "firm": firm.name, "credit_code": firm.credit_code}


def _site(row: Site) -> dict[str, Any]:
    return {"id": row.pk} | {
        name: getattr(row, name) for name in SiteShown.model_fields if name != "id"
    }


@router.get(
    "/carriers", url_name="carriers", response={200: CarrierList, **REFUSALS},
    summary="培育载体 / List carriers",
)  # fmt: skip
def carriers(request: HttpRequest, before: Before = None, most: Most = 50) -> dict[str, Any]:
    """The carriers of today, the newest first."""
    on = clock.today()
    rows = selectors.with_firms(selectors.carriers(on), on)
    return page(rows.select_related("subject__merged_into"), _carrier, before, most)


@router.get(
    "/tenancies", url_name="tenancies", response={200: TenancyList, **REFUSALS},
    summary="入驻和退出 / List stays in carriers",
)  # fmt: skip
def tenancies(request: HttpRequest, before: Before = None, most: Most = 50) -> dict[str, Any]:
    """Every stay, past and present."""
    rows = Tenancy.objects.select_related("firm__merged_into")
    return page(rows, _tenancy, before, most)


@router.get(
    "/ladder-moves", url_name="ladder_moves", response={200: MoveList, **REFUSALS},
    summary="晋级和退级 / List moves on the ladder",
)  # fmt: skip
def ladder_moves(request: HttpRequest, before: Before = None, most: Most = 50) -> dict[str, Any]:
    """What was proposed and decided."""
    rows = LadderMove.objects.select_related("subject__merged_into")
    return page(rows, _move, before, most)


@router.get(
    "/sites", url_name="sites", response={200: SiteList, **REFUSALS},
    summary="闲置楼宇和示范带项目 / List buildings and axis projects",
)  # fmt: skip
def sites(request: HttpRequest, before: Before = None, most: Most = 50) -> dict[str, Any]:
    """Vacant buildings, and projects of the axis."""
    return page(Site.objects.all(), _site, before, most)


@router.get(
    "/zones", url_name="zones", response={200: ZoneList, **REFUSALS},
    summary="示范区指标 / Zones in figures",
)  # fmt: skip
def zones(request: HttpRequest, on: date | None = None) -> dict[str, Any]:
    """Every zone with its counts on a day, today unless given."""
    day = on or clock.today()
    rows = [
        {
            "code": row.zone.code, "name_zh": row.zone.name_zh, "name_en": row.zone.name_en,
            "districts": [str(code) for code in row.zone.districts],
            "counts": {what: number for what, number, _ in row.counts},
        }
        for row in zone_tables.table(day, request.user)
    ]  # fmt: skip
    return {"on": day, "rows": rows}

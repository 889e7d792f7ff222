"""The kinds of workbooks: their columns, how a row is entered, how what is known is written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from songhua.console import clock
from songhua.console.growth import figures, selectors
from songhua.console.growth.models import Carrier, Place, Site, Tenancy
from songhua.console.growth.services import carriers, places
from songhua.console.growth.services.given import (
    choice,
    day,
    district,
    latitude,
    longitude,
    text,
    whole,
    year,
)
from songhua.console.growth.words import choices, word
from songhua.console.ledger.services.programme import current
from songhua.console.subsidies.models import Subject
from songhua.console.subsidies.services.registry import name_key, put_fact
from songhua.governance.cultivation.facts import FirmYear
from songhua.kit import money
from songhua.kit.errors import InputError, Problem
from songhua.kit.figures import credit_code, decimal
from songhua.tables import Field

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from decimal import Decimal

    from songhua.console.people.models import User

Values = dict[str, Any]


class Known:
    """What a workbook refers to, read once for all of its rows."""

    @cached_property
    def subjects(self) -> dict[str, Subject]:
        """Active organisations by credit code; a merged one's code leads to the kept one."""
        rows = Subject.objects.exclude(credit_code="").select_related("merged_into")
        found = {row.credit_code: row.merged_into or row for row in rows}
        return {code: row for code, row in found.items() if row.state == Subject.State.ACTIVE}

    @cached_property
    def carriers(self) -> dict[str, Carrier]:
        """Carriers by the key of their name."""
        rows = selectors.carriers(clock.today())
        return {row.subject.name_key: row for row in rows}

    @cached_property
    def figures(self) -> dict[int, dict[int, FirmYear]]:
        """Yearly figures by firm."""
        return figures.yearly(clock.today())

    @cached_property
    def places(self) -> dict[int, Place]:
        """The newest address of each subject."""
        rows = Place.objects.select_related("subject").order_by("as_of", "pk")
        return {row.subject.merged_into_id or row.subject_id: row for row in rows}

    def subject(self, code: str, where: str, missing: str) -> Subject:
        """The organisation with a credit code."""
        if code not in self.subjects:
            raise InputError(Problem(where, missing, code))
        return self.subjects[code]

    def carrier(self, name: str, where: str) -> Carrier:
        """The carrier with a name."""
        if name_key(name) not in self.carriers:
            raise InputError(Problem(where, "growth_carrier_unknown", name))
        return self.carriers[name_key(name)]


@dataclass(frozen=True)
class Kind:
    """`put` enters a row and says whether anything changed; `rows` writes what is on record."""

    fields: tuple[Field, ...]
    key: tuple[str, ...]
    put: Callable[[User, Values, Known], bool]
    rows: Callable[[date], Iterator[list[Any]]]


def _services(value: object, where: str) -> list[str]:
    parts = str(value).replace(",", "、").replace("，", "、").split("、")
    return [choice(choices("service"))(part, where) for part in parts if part.strip()]


def _yuan(value: object, where: str) -> Decimal:
    return decimal(value, where)


CODE = Field("code", ("统一社会信用代码", "Credit code"), credit_code)
LOCATED = (
    Field("district", ("区县（市）", "District"), district),
    Field("lon", ("经度", "Longitude"), longitude),
    Field("lat", ("纬度", "Latitude"), latitude),
    Field("address", ("地址", "Address"), text(200), required=False),
)


def _put_carrier(actor: User, values: Values, known: Known) -> bool:
    row = known.carriers.get(name_key(values["name"] or ""))
    said = {name: values[name] for name in carriers.SAID} | {"services": values["services"] or []}
    if row is None:
        operator = known.subject(values["operator"], "operator", "growth_operator_unknown")
        row = carriers.enter(
            actor, said, name=values["name"], operator=operator, since=values["since"]
        )
        known.carriers[row.subject.name_key] = row
        return True
    clean = said | {"services": sorted(said["services"]), "investors": said["investors"] or ""}
    if clean == {name: getattr(row, name) for name in carriers.SAID}:
        return False
    carriers.change(actor, row, said)
    return True


def _carrier_rows(on: date) -> Iterator[list[Any]]:
    for row in selectors.carriers(on):
        operator = row.subject.operator
        yield [
            row.subject.name, operator.credit_code if operator else row.subject.credit_code,
            word("stage", row.stage), word("backing", row.backing), row.investors, row.capacity,
            row.area_m2, "、".join(word("service", code) for code in row.services),
            row.subject.since,
        ]  # fmt: skip


def _put_tenancy(actor: User, values: Values, known: Known) -> bool:
    home = known.carrier(values["carrier"], "carrier")
    firm = known.subject(values["code"], "code", "growth_firm_unknown")
    stays = selectors.stays().filter(home=home.pk, kept=firm.pk)
    row, changed = stays.filter(moved_in=values["moved_in"]).first(), False
    if row is None:
        row, changed = carriers.move_in(actor, home, firm, on=values["moved_in"]), True
    ended = (values["left_on"], values["outcome"] or "")
    if ended == (row.left_on, row.outcome):
        return changed
    if values["left_on"] is None:
        raise InputError(Problem("left_on", "growth_differs", str(row.left_on)))
    carriers.move_out(actor, row, on=values["left_on"], outcome=ended[1])
    return True


def _tenancy_rows(on: date) -> Iterator[list[Any]]:
    rows = Tenancy.objects.filter(moved_in__lte=on, carrier__in=selectors.carriers(on))
    for row in rows.select_related("carrier__subject", "firm__merged_into"):
        firm = row.firm.merged_into or row.firm
        outcome = word("outcome", row.outcome) if row.outcome else None
        yield [row.carrier.subject.name, firm.credit_code, row.moved_in, row.left_on, outcome]


def _put_figures(actor: User, values: Values, known: Known) -> bool:
    firm = known.subject(values["code"], "code", "growth_firm_unknown")
    before = known.figures.get(firm.pk, {}).get(values["year"], FirmYear())
    changed = False
    for name, column in figures.FIGURES.items():
        value = values[name]
        if value is None or money.fen(value, name) == getattr(before, column):
            continue
        put_fact(
            actor, firm, name=name, value=f"{value:f}", as_of=date(values["year"], 12, 31),
            source=values["source"],
        )  # fmt: skip
        changed = True
    return changed


def _figure_rows(on: date) -> Iterator[list[Any]]:
    known = figures.yearly(on)
    for firm in selectors.firms(on):
        for when, said in sorted(known.get(firm.pk, {}).items()):
            amounts = [getattr(said, column) for column in figures.FIGURES.values()]
            yield [
                firm.credit_code, when,
                *(None if fen is None else _yuan(money.yuan(fen), "") for fen in amounts),
                "平台导出",
            ]  # fmt: skip


def _put_place(actor: User, values: Values, known: Known) -> bool:
    row = _subject_or_carrier(values, known)
    old = known.places.get(row.pk)
    names = ("district", "lon", "lat")
    if old and [getattr(old, n) for n in names] == [values[n] for n in names]:
        return False
    places.put(actor, row, values)
    return True


def _subject_or_carrier(values: Values, known: Known) -> Subject:
    if values["carrier"]:
        return known.carrier(values["carrier"], "carrier").subject
    if not values["code"]:
        raise InputError(Problem("code", "empty"))
    return known.subject(values["code"], "code", "growth_firm_unknown")


def _place_rows(on: date) -> Iterator[list[Any]]:
    names = {str(d.adcode): d.name_zh for d in current().districts}
    newest: dict[int, Place] = {}
    rows = Place.objects.filter(as_of__lte=on).select_related("subject__merged_into")
    for row in rows.order_by("as_of", "pk"):
        newest[(row.subject.merged_into or row.subject).pk] = row
    for row in newest.values():
        subject = row.subject.merged_into or row.subject
        carrier = subject.name if subject.kind == Subject.Kind.CARRIER else None
        yield [
            None if carrier else subject.credit_code, carrier, names.get(row.district),
            row.lon, row.lat, row.address, row.as_of,
        ]  # fmt: skip


def _put_site(actor: User, values: Values, known: Known) -> bool:
    row = Site.objects.filter(kind=values["kind"], name=values["name"]).first()
    user = None
    if values["used_by"]:
        user = known.subject(values["used_by"], "used_by", "growth_firm_unknown")
    changed = row is None
    if row is None:
        row = places.enter_site(actor, values)
    if values["opened_on"] == row.opened_on:
        return changed
    if row.opened_on is not None or values["opened_on"] is None:
        raise InputError(Problem("opened_on", "growth_differs", str(row.opened_on)))
    places.open_site(actor, row, on=values["opened_on"], used_by=user)
    return True


def _site_rows(on: date) -> Iterator[list[Any]]:
    names = {str(d.adcode): d.name_zh for d in current().districts}
    for row in Site.objects.filter(since__lte=on).select_related("used_by"):
        yield [
            word("site", row.kind), row.name, names.get(row.district), row.lon, row.lat,
            row.address, row.area_m2, row.owner, row.since, row.opened_on,
            row.used_by.credit_code if row.used_by else None,
        ]  # fmt: skip


KINDS: dict[str, Kind] = {
    "carriers": Kind(
        (
            Field("name", ("载体名称", "Carrier"), text(120)),
            Field("operator", ("运营单位信用代码", "Operator's credit code"), credit_code),
            Field("stage", ("类型", "Stage"), choice(choices("stage"))),
            Field("backing", ("投资来源", "Money"), choice(choices("backing"))),
            Field("investors", ("投资方", "Investors"), text(200), required=False),
            Field("capacity", ("可容纳企业（家）", "Capacity (firms)"), whole, required=False),
            Field("area_m2", ("面积（平方米）", "Area (m2)"), whole, required=False),
            Field("services", ("服务", "Services"), _services, required=False),
            Field("since", ("成立日期", "Since"), day),
        ),
        ("name",), _put_carrier, _carrier_rows,
    ),
    "tenancies": Kind(
        (
            Field("carrier", ("载体名称", "Carrier"), text(120)),
            CODE,
            Field("moved_in", ("入驻日期", "Moved in"), day),
            Field("left_on", ("退出日期", "Left on"), day, required=False),
            Field("outcome", ("退出情形", "Outcome"), choice(choices("outcome")), required=False),
        ),
        ("carrier", "code", "moved_in"), _put_tenancy, _tenancy_rows,
    ),
    "figures": Kind(
        (
            CODE,
            Field("year", ("年度", "Year"), year),
            Field("revenue_yuan", ("主营业务收入（元）", "Revenue (yuan)"), _yuan, required=False),
            Field("research_yuan", ("研发投入（元）", "Research (yuan)"), _yuan, required=False),
            Field("valuation_yuan", ("企业估值（元）", "Valuation (yuan)"), _yuan, required=False),
            Field("source", ("来源", "Source"), text(200)),
        ),
        ("code", "year"), _put_figures, _figure_rows,
    ),
    "places": Kind(
        (
            Field("code", CODE.titles, credit_code, required=False),
            Field("carrier", ("载体名称", "Carrier"), text(120), required=False),
            *LOCATED,
            Field("as_of", ("起始日期", "As of"), day),
        ),
        ("code", "carrier", "as_of"), _put_place, _place_rows,
    ),
    "sites": Kind(
        (
            Field("kind", ("类别", "Kind"), choice(choices("site"))),
            Field("name", ("名称", "Name"), text(120)),
            *LOCATED,
            Field("area_m2", ("面积（平方米）", "Area (m2)"), whole, required=False),
            Field("owner", ("权属单位", "Owner"), text(120), required=False),
            Field("since", ("闲置或开工日期", "Since"), day),
            Field("opened_on", ("启用或建成日期", "Opened on"), day, required=False),
            Field("used_by", ("使用单位信用代码", "User's credit code"), credit_code,
                  required=False),
        ),
        ("kind", "name"), _put_site, _site_rows,
    ),
}  # fmt: skip

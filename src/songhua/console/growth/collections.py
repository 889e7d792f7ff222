"""What of growth the plan counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse

from songhua.console.growth import cohorts, ladder, reach, selectors, zones
from songhua.console.growth.models import Carrier, LadderMove, Layer, Site
from songhua.console.growth.words import words
from songhua.console.ledger.counted import Collection
from songhua.console.ledger.counted import register as enter
from songhua.governance.cultivation.ladder import default_ladder
from songhua.kit.messages import sentence

if TYPE_CHECKING:
    from datetime import date

    from django.db.models import QuerySet

    from songhua.console.subsidies.models import Subject

STARTUPS, CORE = "innovation_entrepreneurship_zone", "innovation_services_zone"
FARMS = "agricultural_innovation_park"


def _firms(key: str, zh: str, en: str, rows: object) -> Collection:
    return Collection(
        key, zh, en, rows=rows, name=str, day=lambda row: row.since,
        address=lambda row: reverse("growth_firm", args=[row.pk]),
    )  # fmt: skip


def _carriers(key: str, zh: str, en: str, rows: object) -> Collection:
    return Collection(
        key, zh, en, rows=rows, name=str, day=lambda row: row.subject.since,
        address=lambda row: reverse("carrier", args=[row.pk]),
    )  # fmt: skip


def _moves(key: str, kind: str, zh: str, en: str) -> Collection:
    return Collection(
        key, zh, en, rows=lambda on: selectors.moves(on, kind), name=str,
        day=lambda row: row.decided_on,
        address=lambda row: reverse("growth_firm", args=[_kept(row)]),
    )  # fmt: skip


def _kept(row: LadderMove) -> int:
    return row.subject.merged_into_id or row.subject_id


def _sites(key: str, kind: str, zh: str, en: str, *, waiting: bool) -> Collection:
    return Collection(
        key, zh, en, rows=lambda on: selectors.sites(on, kind, waiting=waiting), name=str,
        day=lambda row: row.since if waiting else row.opened_on,
        address=lambda row: reverse("sites") + f"?kind={kind}#site-{row.pk}",
    )  # fmt: skip


def _layers(key: str, zh: str, en: str, **which: str) -> Collection:
    return Collection(
        key, zh, en,
        rows=lambda on: Layer.objects.filter(entered_at__date__lte=on, **which),
        name=str, day=lambda row: row.entered_at.date(), address=lambda row: reverse("zones"),
    )  # fmt: skip


def _warned(on: date) -> QuerySet[Subject]:
    return selectors.firms(on).filter(pk__in=list(ladder.alerts_of(on)))


def _startups(on: date) -> QuerySet[Subject]:
    return selectors.tenants(on, selectors.carriers_in(on, zones.districts_of(STARTUPS)))


def _within(on: date) -> QuerySet[Subject]:
    found = reach.reached(on, "walk")
    keys = found.keys("firms", reach.MINUTES, "within") if found else []
    return selectors.firms(on).filter(pk__in=keys)


def register() -> None:
    """Carriers, their firms, the ladder, buildings, the axis, layers."""
    for stage, (zh, en) in words("stage").items():
        enter(
            _carriers(f"carriers_{stage}", zh, f"{en}s",
                      lambda on, stage=stage: selectors.carriers(on, stage))
        )  # fmt: skip
    for rung in default_ladder().rungs:
        code = f"cultivation_{rung}"
        enter(
            _firms(f"ladder_{rung}", sentence(code, "zh"), f"Firms on the rung “{rung}”",
                   lambda on, rung=rung: selectors.on_ladder(on, rung))
        )  # fmt: skip
    enter(
        _carriers("carriers", "培育载体", "Carriers", selectors.carriers),
        _carriers("carriers_private", "社会资本参与的载体", "Carriers with private money",
                  lambda on: selectors.carriers(on).exclude(backing=Carrier.Backing.PUBLIC)),
        _firms("carrier_tenants", "在孵企业", "Firms in carriers", selectors.tenants),
        _firms("ladder_firms", "梯队企业", "Firms on the ladder", selectors.on_ladder),
        _firms("firms_unplaced", "未登记位置的企业", "Firms without an address",
               selectors.firms_unplaced),
        _firms("firms_warned", "预警企业", "Firms with a warning", _warned),
        _firms("firms_founded", "成立过的企业", "Firms ever founded", cohorts.founded),
        _moves("ladder_promotions", LadderMove.Kind.PROMOTION, "晋级记录", "Promotions"),
        _moves("ladder_drops", LadderMove.Kind.DROP, "退级记录", "Drops"),
        _sites("buildings_vacant", Site.Kind.VACANT, "闲置楼宇", "Vacant buildings", waiting=True),
        _sites("buildings_reused", Site.Kind.VACANT, "已盘活楼宇", "Buildings in use again",
               waiting=False),
        _sites("axis_under_way", Site.Kind.AXIS, "示范带在建项目", "Axis projects under way",
               waiting=True),
        _sites("axis_finished", Site.Kind.AXIS, "示范带建成项目", "Axis projects finished",
               waiting=False),
        _layers("axis_layers", "示范带图层", "Layers of the axis", kind=Layer.Kind.AXIS),
        _layers("zone_layers", "示范区图层", "Layers of the zones", kind=Layer.Kind.ZONE),
        _layers("core_layers", "深哈产业园核心区图层", "Layers of the Shenzhen-Harbin core",
                kind=Layer.Kind.ZONE, zone=CORE),
        _layers("farm_layers", "农业示范园区图层", "Layers of the agricultural park",
                kind=Layer.Kind.ZONE, zone=FARMS),
        _firms("startup_zone_tenants", "创新创业示范区在孵企业",
               "Firms in carriers of the entrepreneurship zone", _startups),
        _firms("firms_within_reach", "步行十分钟可达载体的企业",
               "Firms within ten minutes on foot of a carrier", _within),
    )  # fmt: skip

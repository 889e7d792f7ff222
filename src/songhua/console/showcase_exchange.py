"""What the demonstration shows of the exchange: a few datasets of several departments, a request
under review, a grant in use. All through the real services; all simulated."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from songhua.console import clock
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import contents, door, entries, evidence, sharing
from songhua.console.people.models import Role, Unit, User

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.console.exchange.models import Distribution, Request

SAID = "模拟数据，仅供演示。"
HOUSING, CULTURE = "housing_urban_rural_development_bureau", "culture_tourism_bureau"
TRANSPORT, HEALTH = "transport_bureau", "health_commission"
DATASETS: tuple[dict[str, Any], ...] = (
    {"name": "heating-stations", "title": "换热站清单（模拟）", "title_en": "Heating stations",
     "unit": HOUSING, "tier": "unconditional", "is_open": True, "cycle": "yearly",
     "keywords": ["供热", "换热站"], "table": "stations"},
    {"name": "room-temperatures", "title": "居民室温监测（模拟）", "title_en": "Room temperatures",
     "unit": HOUSING, "tier": "conditional", "basis": "按房间汇总后提供，不含住户信息",
     "cycle": "daily", "keywords": ["供热", "室温"], "table": "rooms"},
    {"name": "ice-snow-visitors", "title": "冰雪景区日客流（模拟）", "title_en": "Visitors by day",
     "unit": CULTURE, "tier": "unconditional", "is_open": True, "cycle": "daily",
     "keywords": ["冰雪", "旅游", "客流"], "table": "visitors"},
    {"name": "road-temperatures", "title": "寒区道路路面温度（模拟）", "title_en": "Road surface",
     "unit": TRANSPORT, "tier": "unconditional", "is_open": True, "cycle": "hourly",
     "keywords": ["道路", "结冰"], "table": "roads"},
    {"name": "fever-visits", "title": "发热门诊逐日就诊量（模拟）", "title_en": "Fever visits",
     "unit": HEALTH, "tier": "conditional", "basis": "用于疫情防控和应急调度", "cycle": "daily",
     "keywords": ["医疗", "发热门诊"], "table": "visits"},
)  # fmt: skip


def play_exchange(day: date) -> None:
    """Datasets from half a year ago, one request granted and used, another waiting."""
    rng = np.random.default_rng(20220708)
    with clock.pinned(day - timedelta(days=120)):
        tables = {given["name"]: _publish(given, day, rng) for given in DATASETS}
    with clock.pinned(day - timedelta(days=40)):
        request = _ask(TRANSPORT, "room-temperatures", "供热管线施工期间的交通组织")
        sharing.take(User.objects.get(username="office"), request, "pass")
    with clock.pinned(day - timedelta(days=33)):
        sharing.grant(_staff(HOUSING), request, {"columns": ["building", "read_on", "room_c"]})
        sharing.take(_staff(HOUSING), request, "deliver")
        query = f"SELECT * FROM {tables['room-temperatures'].sql_name} LIMIT 200"
        door.deliver(_staff(TRANSPORT), query, route="demonstration")
    with clock.pinned(day - timedelta(days=3)):
        waiting = _ask(CULTURE, "fever-visits", "景区高峰期的医疗保障")
        sharing.take(User.objects.get(username="office"), waiting, "pass")
    evidence.seal()


def _publish(given: dict[str, Any], day: date, rng: Generator) -> Distribution:
    fields = {key: value for key, value in given.items() if key not in {"unit", "table"}}
    unit = Unit.objects.get(code=given["unit"])
    actor = _staff(given["unit"])
    columns, rows = TABLES[given["table"]](day, rng)
    made = entries.create(
        actor, {**fields, "unit": unit, "state": Entry.State.ACTIVE, "summary": SAID}
    )
    table = entries.distribute(
        actor, made, {"name": given["title"], "form": "CSV", "sql_name": entries.sql_name(made)}
    )
    contents.create(actor, table, columns)
    contents.append(actor, table, rows)
    entries.touch(made)
    return table


def _ask(code: str, name: str, purpose: str) -> Request:
    entry = Entry.objects.get(name=name)
    columns = [column["name"] for column in entry.distributions.get().current.columns]
    wanted = [name for name in columns if name != contents.ROW][:3]
    asked = {"purpose": purpose, "basis": "部门职责（模拟）", "columns": wanted}
    return sharing.take(_staff(code), sharing.draft(_staff(code), entry, asked), "submit")


def _staff(code: str) -> User:
    return User.objects.filter(role=Role.STAFF, unit__code=code).order_by("pk")[0]


def _columns(**kinds: str) -> list[dict[str, Any]]:
    return [{"name": name, "type": kind, "open": True} for name, kind in kinds.items()]


def _days(day: date, count: int) -> list[date]:
    return [day - timedelta(days=120 + count - n) for n in range(count)]


def _stations(day: date, rng: Generator) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    n = 60
    rows = pl.DataFrame(
        {
            "station": [f"S{number:03}" for number in range(n)],
            "district": [("道里区", "南岗区", "香坊区", "松北区")[k % 4] for k in range(n)],
            "longitude": np.round(126.55 + 0.2 * rng.random(n), 4),
            "latitude": np.round(45.68 + 0.14 * rng.random(n), 4),
            "area_m2": rng.integers(20_000, 400_000, n),
        }
    )
    return _columns(station="TEXT", district="TEXT", longitude="DOUBLE", latitude="DOUBLE",
                    area_m2="BIGINT"), rows  # fmt: skip


def _rooms(day: date, rng: Generator) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    days = _days(day, 30)
    pairs = [(f"B{building:02}", at) for building in range(20) for at in days]
    rows = pl.DataFrame(
        {
            "building": [building for building, _ in pairs],
            "read_on": [at for _, at in pairs],
            "room_c": np.round(20.5 + rng.normal(0, 1.3, len(pairs)), 1),
            "household": [f"户{n:04}" for n in range(len(pairs))],
        }
    )
    columns = _columns(building="TEXT", read_on="DATE", room_c="DOUBLE", household="TEXT")
    columns[-1]["open"] = False
    return columns, rows


def _visitors(day: date, rng: Generator) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    days = _days(day, 90)
    places = ("冰雪大世界", "太阳岛雪博会", "中央大街")
    pairs = [(place, at) for place in places for at in days]
    rows = pl.DataFrame(
        {
            "place": [place for place, _ in pairs],
            "day": [at for _, at in pairs],
            "visitors": rng.poisson([9000 + 5000 * (at.weekday() >= 5) for _, at in pairs]),
        }
    )
    return _columns(place="TEXT", day="DATE", visitors="BIGINT"), rows


def _roads(day: date, rng: Generator) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    days = _days(day, 60)
    pairs = [(road, at) for road in ("机场路", "松花江大桥", "绕城高速") for at in days]
    rows = pl.DataFrame(
        {
            "road": [road for road, _ in pairs],
            "day": [at for _, at in pairs],
            "surface_c": np.round(-8 + rng.normal(0, 5, len(pairs)), 1),
        }
    )
    return _columns(road="TEXT", day="DATE", surface_c="DOUBLE"), rows


def _visits(day: date, rng: Generator) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    days = _days(day, 60)
    rows = pl.DataFrame(
        {"day": days, "visits": rng.poisson(180, len(days)), "scans": rng.poisson(60, len(days))}
    )
    return _columns(day="DATE", visits="BIGINT", scans="BIGINT"), rows


TABLES = {
    "stations": _stations, "rooms": _rooms, "visitors": _visitors, "roads": _roads,
    "visits": _visits,
}  # fmt: skip

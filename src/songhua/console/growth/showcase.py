"""What the demonstration shows of growth: firms with figures, carriers, zones, a made-up street
net. All through the real services; all simulated."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np
from stdnum.cn import uscc

from songhua.console import clock
from songhua.console.growth.services import carriers, layers, moves, places
from songhua.console.people.models import Role, User
from songhua.console.subsidies.services import registry
from songhua.governance.zones.areas import square_metres
from songhua.governance.zones.layers import Feature

if TYPE_CHECKING:
    from numpy.random import Generator

    from songhua.console.subsidies.models import Subject

FIRMS = 60
FIELDS = (
    "智能供暖",
    "智慧农业",
    "机器人",
    "冰雪装备",
    "医学影像",
    "寒地交通",
    "工业视觉",
    "语音识别",
)
CENTRES = {"230103": (126.63, 45.74), "230109": (126.50, 45.82), "230108": (126.65, 45.59),
           "230184": (127.16, 44.92)}  # fmt: skip
SHARES = (0.5, 0.2, 0.2, 0.1)
CARRIERS = (
    ("学府众创空间（模拟）", "makerspace", "mixed", 20, "230103", ["space", "mentoring"]),
    ("南岗孵化器（模拟）", "incubator", "private", 30, "230103", ["space", "finance", "law"]),
    ("深哈加速器（模拟）", "accelerator", "private", 15, "230109", ["testing", "market"]),
    ("平房机器人孵化器（模拟）", "incubator", "public", 25, "230108", ["space", "testing"]),
)
SITES = (
    ("vacant", "学府路 3 号楼（模拟）", "230103", 8200, None),
    ("vacant", "大直街 41 号厂房（模拟）", "230103", 5600, None),
    ("vacant", "通达街 7 号楼（模拟）", "230103", 3100, 90),
    ("axis", "学府路成果转化中心（模拟）", "230103", 12000, 60),
    ("axis", "深哈园区中试楼（模拟）", "230109", 26000, None),
    ("axis", "平房智能装备展示馆（模拟）", "230108", 9000, None),
)

ASKED = {
    "field": "智慧供热", "shortlisted": True, "government_investment": False, "is_investor": True,
    "total_investment_yuan": "6000000",
}  # fmt: skip
"""What clause four asks about a firm."""


def show(day: date) -> None:
    """Nine months ago firms, carriers and figures; the ladder twice; zones and roads."""
    rng = np.random.default_rng(20220709)
    office = User.objects.get(username="office")
    staff = User.objects.filter(role=Role.STAFF).order_by("pk")[0]
    began = day - timedelta(days=275)
    with clock.pinned(began):
        firms = [_firm(office, number, began, rng) for number in range(FIRMS)]
        _figures(staff, firms, range(began.year - 3, began.year), rng)
        homes = [_carrier(staff, firms[n], given) for n, given in enumerate(CARRIERS)]
        _confirm(office, began.year - 1)
        _layers(staff)
    for number, firm in enumerate(firms[:28]):
        with clock.pinned(began + timedelta(days=4 * number)):
            home = homes[number % len(homes)]
            stay = carriers.move_in(staff, home, firm, on=clock.today() - timedelta(days=60))
        if number % 7 == 6:
            with clock.pinned(day - timedelta(days=30)):
                carriers.move_out(staff, stay, on=clock.today(), outcome="graduated")
    with clock.pinned(day - timedelta(days=45)):
        _figures(staff, firms, range(began.year, day.year), rng)
        for name, value in ASKED.items():
            registry.put_fact(
                staff, firms[1], name=name, value=value, as_of=clock.today(), source="模拟"
            )
        for firm in firms[-6:]:
            registry.end(office, firm, on=clock.today(), reason="注销（模拟）")
        _confirm(office, day.year - 1, leave=4)
    with clock.pinned(day - timedelta(days=20)):
        _sites(staff, began, rng)


def _firm(office: User, number: int, day: date, rng: Generator) -> Subject:
    body = f"91230199MA1D{number:05d}"
    since = date(day.year - int(rng.integers(1, 8)), int(rng.integers(1, 13)), 15)
    firm = registry.register(
        office, kind="enterprise", name=f"{FIELDS[number % len(FIELDS)]}{number + 1}号企业（模拟）",
        credit_code=body + str(uscc.calc_check_digit(body)), since=min(since, day),
    )  # fmt: skip
    district = list(CENTRES)[int(rng.choice(len(CENTRES), p=SHARES))]
    _put(office, firm, district, firm.since, rng)
    return firm


def _put(actor: User, subject: Subject, district: str, since: date, rng: Generator) -> None:
    places.put(actor, subject, _at(district, rng) | {"as_of": since})


def _at(district: str, rng: Generator, spread: float = 0.012) -> dict[str, str]:
    lon, lat = CENTRES[district]
    x, y = rng.normal(0, spread, 2)
    return {"district": district, "lon": f"{lon + x:.5f}", "lat": f"{lat + y:.5f}",
            "address": ""}  # fmt: skip


def _figures(actor: User, firms: list[Subject], years: range, rng: Generator) -> None:
    """Revenue that mostly grows, research beside it, and some figures that never came."""
    for number, firm in enumerate(firms):
        base, pace = 2_000_000 * (1 + number % 9), 0.85 + 0.08 * (number % 8)
        for year in years:
            if year <= firm.since.year or rng.random() < 0.06:
                continue
            revenue = int(base * pace ** (year - 2018))
            said = {
                "revenue_yuan": revenue,
                "research_yuan": int(revenue * 0.01 * (2 + number % 8)),
            }
            for name, value in said.items():
                registry.put_fact(
                    actor, firm, name=name, value=str(value), as_of=date(year, 12, 31),
                    source="年报（模拟）",
                )  # fmt: skip


def _carrier(staff: User, operator: Subject, given: tuple) -> object:
    name, stage, backing, capacity, district, services = given
    said = {"stage": stage, "backing": backing, "capacity": str(capacity), "services": services}
    made = carriers.enter(staff, said, name=name, operator=operator, since=date(2020, 6, 1))
    rng = np.random.default_rng(capacity)
    places.put(staff, made.subject, _at(district, rng, 0.003) | {"as_of": date(2020, 6, 1)})
    return made


def _confirm(office: User, year: int, leave: int = 0) -> None:
    made = moves.evaluate(office, year)
    keys = [move.pk for move in made][: len(made) - leave]
    if keys:
        moves.decide(office, keys, confirmed=True)


def _sites(staff: User, began: date, rng: Generator) -> None:
    for kind, name, district, area, opened in SITES:
        given = _at(district, rng, 0.006) | {
            "kind": kind, "name": name, "area_m2": str(area), "since": began,
            "owner": "某国资公司（模拟）",
        }  # fmt: skip
        row = places.enter_site(staff, given)
        if opened is not None:
            places.open_site(staff, row, on=began + timedelta(days=opened))


def _layers(staff: User) -> None:
    """A street net, the axis, and the core of the plan's area: none of them surveyed."""
    lon, lat = CENTRES["230103"]
    step = range(-6, 7)
    net = [[[lon + 0.005 * n, lat + 0.0035 * m] for m in step] for n in step]
    net += [[[lon + 0.005 * n, lat + 0.0035 * m] for n in step] for m in step]
    axis = [list(CENTRES[code]) for code in ("230109", "230103", "230108")]
    core = _square(CENTRES["230109"], 1_530_000)
    for kind, zone, name, shape, parts in (
        ("roads", "", "学府路一带道路（模拟）", "LineString", net),
        ("axis", "", "南北主轴（模拟）", "LineString", [axis]),
        ("zone", "innovation_services_zone", "深哈核心区（模拟）", "Polygon", [[core]]),
    ):
        features = [
            {"type": "Feature", "properties": {"highway": "secondary"},
             "geometry": {"type": shape, "coordinates": part}}
            for part in parts
        ]  # fmt: skip
        text = json.dumps({"type": "FeatureCollection", "features": features})
        given = {"kind": kind, "zone": zone, "name": name, "source": "模拟", "simulated": "1"}
        layers.bring(staff, given, filename=f"{kind}.geojson", chunks=[text.encode()])


def _square(middle: tuple[float, float], area_m2: int) -> list[list[float]]:
    """A square of an area around a place."""
    (x, y), corners = middle, ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))
    ring = tuple((x + a * 0.01 / np.cos(np.radians(y)), y + b * 0.01) for a, b in corners)
    scale = (area_m2 / square_metres([Feature({}, (ring,), ((ring,),))])) ** 0.5
    return [[x + (lon - x) * scale, y + (lat - y) * scale] for lon, lat in ring]

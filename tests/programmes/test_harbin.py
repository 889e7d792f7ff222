"""The bundled plan: complete, resolved, with the right comparators and in our own words."""

from __future__ import annotations

import csv
import json
from datetime import date
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.messages import catalogue
from songhua.programmes.load import bundled, counts

HARBIN = bundled()
SHARED = Path(__file__).parents[2].parent / "shared" / "data" / "programme"
absent = pytest.mark.skipif(
    not (SHARED / "obligations.csv").is_file(), reason="the official text is not attached here"
)


def test_all_216_obligations_are_there_in_order() -> None:
    assert [o.id for o in HARBIN.obligations] == [f"OB-{n:03d}" for n in range(1, 217)]


def test_titles_differ_and_are_short() -> None:
    titles = [o.title_zh for o in HARBIN.obligations]
    assert len(set(titles)) == 216
    assert len({o.title_en for o in HARBIN.obligations}) == 216
    assert max(map(len, titles)) <= 40


def test_every_unit_resolves_by_code_name_and_alias() -> None:
    for unit in HARBIN.units:
        for name in (unit.code, unit.name_zh, *unit.aliases):
            assert HARBIN.unit(name) is unit
    for obligation in HARBIN.obligations:
        assert [HARBIN.unit(code).code for code in obligation.units] == list(obligation.units)


@pytest.mark.parametrize(
    ("alias", "name"),
    [
        ("市交通局", "市交通运输局"),
        ("市文旅局", "市文化旅游局"),
        ("市市场监管局", "市市场监督管理局"),
        ("五常", "五常市政府"),
    ],
)
def test_the_texts_second_names_are_known(alias: str, name: str) -> None:
    assert HARBIN.unit(alias).name_zh == name


def test_a_name_nobody_has_is_refused() -> None:
    with pytest.raises(KeyError):
        HARBIN.unit("市外星事务局")


def test_comparators_follow_the_verbs() -> None:
    seen = {i.code: (i.verb, i.comparator) for i in HARBIN.indicators}
    assert seen == {
        "core_industry_yi": ("达到", ">="),
        "related_industry_yi": ("突破", ">"),
        "firms": ("超过", ">"),
        "platforms": (None, ">="),
        "talent": (None, ">="),
        "talent_master": (None, ">="),
        "talent_phd": (None, ">="),
        "talent_prof": ("不低于", ">="),
    }


@given(st.integers(0, 5000))
def test_2000_firms_are_not_more_than_2000(actual: int) -> None:
    firms = HARBIN.indicator("firms")
    assert firms.met(Decimal(actual), 2023) == (actual >= 2001)
    assert HARBIN.indicator("platforms").met(Decimal(actual), 2023) == (actual >= 60)


def test_counts() -> None:
    found = counts(HARBIN)
    assert found["obligations"] == 216
    assert found["units"] == 41
    assert found["units.district"] == found["districts"] == 18
    assert found["obligations.with_indicator"] == 16
    assert found["crosscheck.talent.2023"] == found["crosscheck.talent.2025"] == 1
    assert sum(n for k, n in found.items() if k.startswith("units.")) == 41


def test_deadlines_and_cycles() -> None:
    consultation = HARBIN.obligation("OB-211")
    assert (consultation.deadline, consultation.deadline_time) == (date(2022, 7, 18), "17:00")
    assert HARBIN.obligation("OB-191").cycle == ("monthly", "quarterly", "yearly")
    assert HARBIN.obligation("OB-195").cycle == ("monthly",)
    assert HARBIN.obligation("OB-216").deadline == date(2023, 12, 31)


def test_groups_of_units_are_expanded_and_marked() -> None:
    fields = HARBIN.obligation("OB-180")
    assert {HARBIN.unit(u).district for u in fields.units} == {
        "230184",
        "230124",
        "230129",
        "230113",
    }
    assert len(HARBIN.obligation("OB-075").units) == 8
    assert not HARBIN.obligation("OB-182").unit_stated


def test_zones_lie_in_their_districts_and_the_map_has_every_district() -> None:
    entry = files("songhua.programmes") / "harbin_2022" / "districts.geojson"
    shapes = json.loads(entry.read_text(encoding="utf-8"))["features"]
    rings = {str(s["properties"]["adcode"]): s["geometry"]["coordinates"][0] for s in shapes}
    assert set(rings) == {d.adcode for d in HARBIN.districts}
    for zone in HARBIN.zones:
        x, y = float(zone.lon_approx), float(zone.lat_approx)
        assert any(_inside(x, y, rings[code]) for code in zone.districts), zone.code


def _inside(x: float, y: float, ring: list[list[float]]) -> bool:
    edges = zip(ring, ring[1:] + ring[:1], strict=True)
    crossed = [
        (a[1] > y) != (b[1] > y) and x < (b[0] - a[0]) * (y - a[1]) / (b[1] - a[1]) + a[0]
        for a, b in edges
    ]
    return sum(crossed) % 2 == 1


def test_records_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        HARBIN.obligations[0].title_zh = "改写"  # type: ignore[misc]


def test_every_sentence_of_ours_is_in_both_languages() -> None:
    ours = {code: s for code, s in catalogue().items() if code.startswith("programme_")}
    assert ours
    assert all(s["zh"] and s["en"] for s in ours.values())


@absent
def test_facts_agree_with_the_reading_of_the_text() -> None:
    with (SHARED / "obligations.csv").open(encoding="utf-8") as stream:
        read = {row["id"]: row for row in csv.DictReader(stream)}
    for duty in HARBIN.obligations:
        row = read[duty.id]
        assert duty.kind == row["kind"]
        if row["comparator"] in {">=", ">", "="}:
            seen = (duty.comparator, duty.value, duty.unit)
            assert seen == (row["comparator"], row["value"], row["unit"]), duty.id


@absent
def test_titles_are_our_own_words() -> None:
    """No title shares 16 characters in a row with any fragment of the official text."""
    with (SHARED / "obligations.csv").open(encoding="utf-8") as stream:
        quotes = "\n".join(_half(row["quote"]) for row in csv.DictReader(stream))
    for duty in HARBIN.obligations:
        title = _half(duty.title_zh)
        runs = [title[n : n + 16] for n in range(len(title) - 15)]
        assert not [run for run in runs if run in quotes], duty.id


def _half(text: str) -> str:
    return text.translate(str.maketrans("，：（）；", ",:();"))

"""What the charts and the map are given: plain data, gaps instead of zeros, honest intervals."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import translation

from songhua.console.design.charts import table
from songhua.console.ledger import charts
from songhua.console.ledger.outlook import Outlook
from songhua.console.ledger.selectors import COLOURS, MonthCell, UnitLights
from songhua.console.ledger.services.programme import current, outlines
from songhua.governance.forecast import forecast


@dataclass
class Targets:
    rows: list[SimpleNamespace] = field(default_factory=list)

    def all(self) -> list[SimpleNamespace]:
        return self.rows


def outlook(figures: list[tuple[int, str]]) -> Outlook:
    """An indicator that must reach 100 by the end of 2023, reported in months of that year."""
    targets = [
        SimpleNamespace(due=date(2023, 12, 31), value=Decimal(100)),
        SimpleNamespace(due=date(2025, 12, 31), value=Decimal(150)),
    ]
    indicator = SimpleNamespace(
        name_zh="产业规模", name_en="Industry", unit_zh="亿元", unit_en="100 million yuan",
        places=2, comparator=">=", targets=Targets(targets),
    )  # fmt: skip
    series = tuple((date(2023, month, 1), Decimal(value)) for month, value in figures)
    ahead = forecast(series, Decimal(100), date(2023, 12, 31)) if series else None
    state = "not_met" if series else "missing"
    return Outlook(indicator, series, targets[0], state, None, ahead)


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(COLOURS, 0) | given


def values(chart: dict[str, object]) -> list[list[object]]:
    return [series["values"] for series in chart["series"]]


def test_units_are_stacked_by_colour_and_every_colour_is_there() -> None:
    chart = charts.units([UnitLights("a", "甲局", "Bureau A", counts(red=2, green=1))])
    assert [series["light"] for series in chart["series"]] == list(COLOURS)
    assert sum(v[0] for v in values(chart)) == 3
    assert chart["x"] == ["甲局"]


def test_scores_stand_in_the_order_of_time_and_a_missing_score_is_a_gap() -> None:
    rows = [
        SimpleNamespace(month=date(2023, 6, 1), score=None),
        SimpleNamespace(month=date(2023, 5, 1), score=Decimal("87.5")),
    ]
    chart = charts.scores(rows)
    assert chart["x"] == ["2023-05", "2023-06"]
    assert values(chart) == [[87.5, None]]


def test_a_month_without_a_report_is_a_gap_and_never_zero() -> None:
    plan, report = SimpleNamespace(percent=Decimal(40)), SimpleNamespace(percent=Decimal(0))
    cells = [
        MonthCell(date(2023, 1, 1), plan, None, (), None),
        MonthCell(date(2023, 2, 1), None, report, (), None),
    ]
    assert values(charts.task_progress(cells)) == [[40.0, None], [None, 0.0]]


def test_an_indicator_nobody_reported_has_no_chart() -> None:
    assert charts.indicator(outlook([])) is None


def test_the_forecast_starts_at_the_last_report_ends_in_the_targets_month_and_widens() -> None:
    state = outlook([(1, "60"), (2, "63"), (3, "65"), (4, "70"), (6, "76")])
    chart = charts.indicator(state)
    assert chart["x"][0] == "2023-01" and chart["x"][-1] == "2023-12"
    reported, ahead = chart["series"]
    assert reported["values"][4] is None, "the missing May stays a gap"
    assert ahead["values"][4] is None and ahead["values"][5] == 76.0
    band = ahead["band"]
    widths = [h - low for low, h in zip(band["low"], band["high"], strict=True) if h is not None]
    assert widths == sorted(widths) and widths[0] == 0 and widths[-1] > widths[1]
    assert band["low"][-1] == pytest.approx(state.forecast.low)
    assert ahead["values"][-1] == pytest.approx(state.forecast.median)


def test_every_target_is_a_line() -> None:
    chart = charts.indicator(outlook([(1, "60"), (2, "63")]))
    assert [(t["name"], t["value"]) for t in chart["targets"]] == [
        ("2023 年目标", 100.0), ("2025 年目标", 150.0),
    ]  # fmt: skip
    assert len(chart["series"]) == 1, "too few reports for a forecast: none is drawn"


def test_a_district_shows_its_worst_light_and_none_without_tasks() -> None:
    programme = current()
    first, second = programme.districts[:2]
    rows = charts.district_rows(programme, {first.adcode: counts(green=5, yellow=1, grey=2)})
    assert (rows[0].light, rows[0].total) == ("yellow", 8)
    assert (rows[1].adcode, rows[1].light, rows[1].total) == (second.adcode, None, 0)
    assert len(rows) == len(programme.districts)


def test_the_map_speaks_the_outlines_own_keys_and_carries_the_caveat() -> None:
    programme = current()
    drawn = charts.district_map(programme, {})
    features = json.loads(outlines())["features"]
    keys = {feature["properties"][drawn["key"]] for feature in features}
    assert {region["key"] for region in drawn["regions"]} == keys
    assert "审图号" in drawn["description"]
    assert len(drawn["markers"]) == len(programme.zones)


def test_the_inset_holds_the_small_districts_of_the_core() -> None:
    (west, south), (east, north) = charts.district_map(current(), {})["core"]["bounds"]
    assert west < 126.63 < east and south < 45.73 < north
    assert east - west < 1.5


def test_zones_are_told_apart_without_the_words_they_share() -> None:
    names = [marker["name"] for marker in charts.zone_map(current())["markers"]]
    assert names[0] == "创新创业示范区"
    assert len(set(names)) == len(names)
    with translation.override("en"):
        assert charts.zone_map(current())["markers"][0]["name"].startswith("innovation")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_everything_is_plain_data_in_the_readers_language(language: str) -> None:
    programme = current()
    with translation.override(language):
        state = outlook([(1, "60"), (2, "63"), (3, "65"), (4, "70")])
        drawn = [
            charts.units([UnitLights("a", "甲局", "Bureau A", counts(red=2))]),
            charts.scores([SimpleNamespace(month=date(2023, 5, 1), score=Decimal("87.5"))]),
            charts.indicator(state),
        ]
        maps = [charts.district_map(programme, {}), charts.zone_map(programme)]
        for data in (*drawn, *maps):
            json.dumps(data)
        for chart in drawn:
            assert len(table(chart)["rows"]) == len(chart["x"])
    assert drawn[0]["x"] == (["Bureau A"] if language == "en" else ["甲局"])

"""Charts drawn from a declaration: never more points than a browser can bear, and it is said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import polars as pl
import pytest

from songhua.console.design import charts as design
from songhua.console.runs import charts, thinning
from songhua.console.runs.services.work import store
from songhua.kit.spec import Chart


@pytest.fixture
def draw(toy_scenario, tmp_path):
    """``draw(chart, frame, …)``: the pictures of one run, or of two, that wrote these tables."""

    def drawn(chart: Chart, *frames: pl.DataFrame) -> list[dict]:
        runs = []
        for number, frame in enumerate(frames, 1):
            path = tmp_path / f"{number}.parquet"
            frame.write_parquet(path)
            runs.append({
                "totals": SimpleNamespace(
                    digest=store().take(path), rows=frame.height, run_id=number, dropped_at=None
                )
            })  # fmt: skip
        object.__setattr__(toy_scenario, "charts", (chart,))
        return charts.pictures(toy_scenario, runs)

    return drawn


def table(rows: int) -> pl.DataFrame:
    numbers = pl.arange(rows, eager=True)
    return pl.DataFrame({
        "x": numbers, "weight_kg": numbers * 1.0, "items": numbers % 7,
        "kind": pl.Series(["red", "blue"] * rows).head(rows), "lon": 126.0 + numbers / rows,
        "lat": 45.0 + numbers / rows,
        "at": pl.Series([datetime(2023, 1, 1, tzinfo=UTC)] * rows) + numbers * timedelta(minutes=5),
    })  # fmt: skip


def points(picture: dict) -> int:
    if "points" in picture:
        return len(picture["points"])
    return sum(len(s.get("values") or s["points"]) for s in picture["series"])


@pytest.mark.parametrize(
    "chart",
    [
        Chart("totals", "line", "x", ("weight_kg",)),
        Chart("totals", "line", "at", ("weight_kg", "items"), by="kind"),
        Chart("totals", "bar", "x", ("weight_kg",), by="kind"),
        Chart("totals", "scatter", "x", ("weight_kg",), by="kind"),
        Chart("totals", "scatter", "at", ("weight_kg", "items")),
        Chart("totals", "map", "lon", ("lat", "weight_kg"), by="kind"),
        Chart("totals", "map", "lon", ("lat",), by="kind"),
    ],
)
def test_a_large_table_is_drawn_with_few_points_and_says_so(draw, chart):
    (picture,) = draw(chart, table(30_000))
    assert 0 < points(picture) <= thinning.MOST * 1.1
    assert "30000" in picture["description"]
    if chart.kind == "scatter" and chart.by:  # whose kinds alternate from row to row
        assert min(len(series["points"]) for series in picture["series"]) > 500
    (picture,) = draw(chart, table(40))
    assert picture["description"] == ""


def test_a_small_table_is_drawn_as_it_is_with_gaps_where_nothing_is_known(draw):
    frame = pl.DataFrame({
        "kind": ["red", "red", "blue"], "x": [1, 2, 1], "weight_kg": [1.5, None, 3.0],
    })  # fmt: skip
    (picture,) = draw(Chart("totals", "line", "x", ("weight_kg",), by="kind"), frame)
    assert picture["x"] == ["1", "2"] and picture["unit"] == "kg"
    assert picture["series"] == [
        {"name": "蓝", "values": [3.0, None]}, {"name": "红", "values": [1.5, None]},
    ]  # fmt: skip


def test_rows_at_one_place_are_averaged_and_that_is_said(draw):
    frame = pl.DataFrame({"kind": ["a", "a", "b"], "weight_kg": [1.0, 3.0, 5.0]})
    (picture,) = draw(Chart("totals", "bar", "kind", ("weight_kg",)), frame)
    assert picture["series"][0]["values"] == [2.0, 5.0] and "平均" in picture["description"]


def test_only_the_largest_of_many_series_and_categories_are_drawn(draw):
    names = [f"n{i}" for i in range(5000)]
    frame = pl.DataFrame({"kind": names, "x": [1] * 5000, "weight_kg": [1.0] * 5000})
    (picture,) = draw(Chart("totals", "line", "x", ("weight_kg",), by="kind"), frame)
    assert len(picture["series"]) == thinning.MOST_SERIES and "5000" in picture["description"]
    (picture,) = draw(Chart("totals", "bar", "kind", ("weight_kg",)), frame)
    assert len(picture["x"]) <= thinning.MOST and "类" in picture["description"]


def test_means_over_steps_keep_the_whole_curve(draw):
    (picture,) = draw(Chart("totals", "line", "x", ("weight_kg",)), table(100_000))
    for x, y in zip(picture["x"], picture["series"][0]["values"], strict=True):
        assert abs(float(x.replace(",", "")) - y) < 100


def test_an_instant_is_drawn_on_the_citys_clock(draw):
    (picture,) = draw(Chart("totals", "line", "at", ("weight_kg",)), table(3))
    assert picture["x"][0] == "2023-01-01 08:00"
    (picture,) = draw(Chart("totals", "scatter", "at", ("weight_kg",)), table(3))
    assert picture["x_type"] == "time" and picture["series"][0]["points"][0][0].endswith("08:00:00")


def test_two_runs_share_a_picture_and_a_map_has_one_for_each(draw):
    (picture,) = draw(Chart("totals", "line", "x", ("weight_kg",)), table(5), table(7))
    assert [s["name"][:2] for s in picture["series"]] == ["#1", "#2"]
    assert picture["series"][0]["values"][5:] == [None, None]
    maps = draw(Chart("totals", "map", "lon", ("lat", "items")), table(5), table(7))
    assert [len(m["points"]) for m in maps] == [5, 7]


def test_a_maps_classes_hold_their_values_and_the_unknown_has_its_own(draw):
    frame = table(100).with_columns(
        pl.when(pl.col("x") > 0).then(pl.col("weight_kg")).alias("weight_kg")
    )
    (picture,) = draw(Chart("totals", "map", "lon", ("lat", "weight_kg")), frame)
    found = [p["class"] for p in picture["points"]]
    assert found[0] == 5 and found[1:] == sorted(found[1:])
    assert picture["classes"][-1] == {"name": "无数据", "colour": 0}
    assert set(found) == set(range(6))
    (picture,) = draw(Chart("totals", "map", "lon", ("lat", "weight_kg")), frame.tail(1))
    assert len(picture["classes"]) == 1


def test_a_dropped_or_empty_table_has_no_picture(draw):
    assert draw(Chart("totals", "line", "x", ("weight_kg",)), table(5).head(0)) == []
    assert draw(Chart("elsewhere", "line", "x", ("weight_kg",)), table(5)) == []


def test_a_scatters_points_are_listed_as_a_table_too(draw):
    (picture,) = draw(Chart("totals", "scatter", "x", ("weight_kg",)), table(2))
    assert design.table(picture)["rows"] == [["重量", 0, "0"], ["重量", 1, "1"]]


def test_a_map_by_kinds_tells_the_rest_and_the_unknown_apart(draw):
    frame = table(9).with_columns(pl.Series("kind", [None, *"aabbcdef"]))
    (picture,) = draw(Chart("totals", "map", "lon", ("lat",), by="kind"), frame)
    assert [c["name"] for c in picture["classes"]] == ["a", "b", "c", "d", "其他", "无数据"]
    assert [p["class"] for p in picture["points"]] == [5, 0, 0, 1, 1, 2, 3, 4, 4]

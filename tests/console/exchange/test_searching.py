"""Datasets are found by any part of their words, in Chinese too, and counted by facet."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from songhua.console.exchange import searching
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import entries


def make(city, name, title, **more):
    unit = city.units["weather_bureau"]
    return entries.create(
        city.weather, {"name": name, "title": title, "unit": unit, "state": "active", **more}
    )


@pytest.fixture
def three(empty_city):
    make(empty_city, "heat-load", "集中供热负荷", keywords=["供热", "能源"], theme="energy")
    make(empty_city, "heat-stations", "换热站", summary="集中供热的换热站清单", keywords=["供热"])
    make(empty_city, "ice", "冰厚 100%_满", is_open=True, theme="energy")
    return Entry.objects.all()


def names(rows, text, **chosen):
    found = searching.ordered(searching.matching(rows, text, chosen), text)
    return [row.name for row in found]


def test_two_characters_are_enough_and_titles_come_first(three):
    assert names(three, "供热") == ["heat-load", "heat-stations"]
    assert names(three, "集中供热 清单") == ["heat-stations"]
    assert names(three, "HEAT") and names(three, "气象局") and not names(three, "没有")


def test_signs_that_sql_reads_as_patterns_are_what_they_are(three):
    assert names(three, "100%_满") == ["ice"] and names(three, "1%满") == []
    assert names(three, "\\") == [] and names(three, "'") == [] and names(three, '"') == []
    assert names(three, "ice\0") == names(three, '"""') == names(three, "ice* OR") == []


def test_facets_count_what_was_found(three):
    found = searching.facets(searching.matching(three, "供热"), ["keyword", "theme", "unit"])
    assert [(f.value, f.count) for f in found["keyword"]] == [("供热", 2), ("能源", 1)]
    assert [(f.value, f.count) for f in found["theme"]] == [("energy", 1)]
    assert [(f.value, f.count) for f in found["unit"]] == [("weather_bureau", 2)]
    assert names(three, "", keyword=["供热", "能源"]) == ["heat-load"]
    assert names(three, "", theme=["energy"], open=[True]) == ["ice"]


def test_a_changed_dataset_is_found_by_its_new_words_alone(empty_city, three):
    entries.change(empty_city.weather, three.get(name="ice"), {"title": "雪深"})
    assert names(three, "雪深") == ["ice"] and names(three, "冰厚") == []


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(st.sampled_from("供热冰厚%_ab\\' \""), min_size=1, max_size=5))
def test_the_index_says_the_same_as_looking_at_every_row(three, text):
    words = text.lower().split()
    wanted = {row.name for row in three if all(word in row.found_by for word in words)}
    assert set(names(three, text)) == wanted

"""The language of CKAN's searches means here what it means there."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from songhua.console.exchange.ckan.conditions import condition
from songhua.console.exchange.ckan.lucene import Group, Range, Unreadable, Word, parse
from songhua.console.exchange.models import Entry
from songhua.console.exchange.services import entries, themes


def test_words_stand_with_and_unless_or_is_said():
    assert parse("a b").must == (Word("", "a"), Word("", "b"))
    assert parse("a OR b").may == (Word("", "a"), Word("", "b"))
    assert parse("+a -b NOT c").never == (Word("", "b"), Word("", "c"))
    assert parse('tags:("b c" OR d)').must == (
        Group(may=(Word("tags", "b c", quoted=True), Word("tags", "d"))),
    )
    assert parse("m:[2024-01-01 TO *]").must == (Range("m", "2024-01-01", None),)
    assert parse(r"a\:b").must == (Word("", "a:b"),)


@pytest.mark.parametrize("text", ["(a", "a)", '"a', "a OR", "name:", "{!func}x", "+", "x " * 300])
def test_what_is_none_of_the_language_is_told(text):
    with pytest.raises(Unreadable):
        parse(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from('ab "()+-:*[]{}\\ORNOTAND '), max_size=30))
def test_a_text_is_read_or_refused_and_nothing_else_happens(text):
    with suppress(Unreadable):
        parse(text)


@pytest.fixture
def three(empty_city):
    def make(name, title, **more):
        unit = empty_city.units["weather_bureau"]
        said = {"name": name, "title": title, "unit": unit, "state": "active", **more}
        return entries.create(empty_city.weather, said)

    row = make("heat-load", "集中供热负荷", keywords=["heat"], licence="cc-by",
               extras={"author": "A", "extras": [{"key": "spatial", "value": "城区"}]})  # fmt: skip
    entries.distribute(empty_city.weather, row, {"name": "a", "form": "CSV"})
    make("heat-stations", "换热站", summary="集中供热 stations", keywords=["heat", "station"])
    make(
        "ice",
        "冰厚",
        is_open=True,
        groups=[themes.create(empty_city.office, "river", {"title": "松花江"})],
    )


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("供热", {"heat-load", "heat-stations"}),
        ("集中供热 stations", {"heat-stations"}),
        ('"stations 集中"', set()),
        ("tags:heat -tags:station", {"heat-load"}),
        ("tags:(station OR nothing)", {"heat-stations"}),
        ("-tags:heat", {"ice"}),
        ("name:heat*", {"heat-load", "heat-stations"}),
        ("res_format:CSV", {"heat-load"}),
        ("groups:river", {"ice"}),
        ("groups:*", {"ice"}),
        ("organization:weather_bureau", {"heat-load", "heat-stations", "ice"}),
        ("organization:weather", set()),
        ("license_id:cc-by", {"heat-load"}),
        ("author:A", {"heat-load"}),
        ("spatial:城区", {"heat-load"}),
        ("extras_spatial:城", set()),
        ("private:false", {"ice"}),
        ("title:冰厚", {"ice"}),
        ("dataset_type:dataset site_id:any", {"heat-load", "heat-stations", "ice"}),
        ("dataset_type:harvest", set()),
        ("id:nothing", set()),
        ("metadata_modified:[2020-01-01T00:00:00Z TO *]", {"heat-load", "heat-stations", "ice"}),
        ("metadata_modified:[* TO 2020-01-01T00:00:00Z]", set()),
    ],
)
def test_a_search_finds_what_it_says(three, text, names):
    rows = Entry.objects.filter(condition(parse(text)))
    assert [row.name for row in rows.order_by("name")] == sorted(names)


def test_an_instant_that_is_none_is_told(three):
    with pytest.raises(Unreadable):
        condition(parse("metadata_modified:[yesterday TO *]"))

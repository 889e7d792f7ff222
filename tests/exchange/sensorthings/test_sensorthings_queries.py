"""A query is read as the standard says, or refused as a whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.exchange.sensorthings import filters, options
from songhua.exchange.sensorthings.filters import Both, Compare, Either, Match, Not
from songhua.kit.errors import InputError

A, B, C = (Compare((name,), "eq", 1) for name in "abc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a eq 1 or b eq 1 and c eq 1", Either(A, Both(B, C))),
        ("(a eq 1 or b eq 1) and c eq 1", Both(Either(A, B), C)),
        ("not a eq 1 and b eq 1", Both(Not(A), B)),
        ("not (a eq 1 and b eq 1)", Not(Both(A, B))),
        ("1 eq a", A),
        ("5 lt result", Compare(("result",), "gt", 5)),
        ("name eq 'O''Hara and (so) on'", Compare(("name",), "eq", "O'Hara and (so) on")),
        ("result ge -1.5e3", Compare(("result",), "ge", -1500.0)),
        ("Thing/Locations/name ne null", Compare(("Thing", "Locations", "name"), "ne", None)),
        ("@iot.id eq 3", Compare(("@iot.id",), "eq", 3)),
        ("phenomenonTime gt 2024-01-05T08:00:00+08:00",
         Compare(("phenomenonTime",), "gt", datetime(2024, 1, 5, tzinfo=UTC))),
        ("substringof('ice', name)", Match(("name",), "substringof", "ice")),
        ("startswith(Thing/name, '港')", Match(("Thing", "name"), "startswith", "港")),
    ],
)  # fmt: skip
def test_a_filter_is_read_with_the_precedence_of_the_standard(text, tree):
    assert filters.read(text) == tree


@pytest.mark.parametrize(
    "text",
    ["", "a", "a eq", "eq 1", "a eq b", "1 eq 1", "a eq 'x", "a eq 1)", "(a eq 1", "a eq 1 b eq 1",
     "a == 1", "a eq 1; drop", "length(a) eq 1", "substringof(name, 'x')", "not", "a eq 1 and",
     "a eq 2024-13-45T00:00:00Z", "a eq 0001-01-01T00:00:00+14:00", "a/ eq 1", "a eq \"x\"",
     "(" * 60 + "a eq 1" + ")" * 60, "a eq '" + "x" * 5000 + "'"],
)  # fmt: skip
def test_what_is_no_filter_is_refused(text):
    with pytest.raises(InputError) as caught:
        filters.read(text)
    assert [p.code for p in caught.value.problems] == ["sensorthings_query"]


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text):
    for work in (lambda: filters.read(text), lambda: options.read({"$expand": text}),
                 lambda: options.read({"$orderby": text, "$select": text})):  # fmt: skip
        try:
            work()
        except InputError as error:
            assert error.problems


def test_expansions_nest_in_both_ways_of_writing():
    nested = options.read({"$expand": "Datastreams($expand=Sensor($select=name);$top=2),Locations"})
    assert list(nested.expand) == ["Datastreams", "Locations"]
    assert nested.expand["Datastreams"].top == 2
    assert nested.expand["Datastreams"].expand["Sensor"].select == ("name",)
    by_path = options.read({"$expand": "Datastreams/Sensor,Datastreams/Observations($top=1)"})
    assert set(by_path.expand["Datastreams"].expand) == {"Sensor", "Observations"}
    assert by_path.expand["Datastreams"].expand["Observations"].top == 1


def test_a_filter_within_an_expansion_may_hold_marks_in_quotes():
    found = options.read({"$expand": "Datastreams($filter=name eq 'a;b,(c';$skip=1)"})
    assert found.expand["Datastreams"].filter == Compare(("name",), "eq", "a;b,(c")


def test_pages_are_bounded_and_orders_read():
    found = options.read({"$top": "999999", "$orderby": "Thing/name desc, id"})
    assert found.top == options.MOST
    assert found.orderby == ((("Thing", "name"), True), (("id",), False))


@pytest.mark.parametrize(
    "given_", [{"$top": "-1"}, {"$skip": "x"}, {"$count": "yes"}, {"$apply": "x"}, {"top": "1"},
               {"$expand": "A(B"}, {"$expand": "A/B/C/D/E/F/G"}, {"$select": "a b"},
               {"$orderby": "a up"}, {"$resultFormat": "csv"}, {"$expand": "A(x=1)"}],
)  # fmt: skip
def test_other_options_are_refused(given_):
    with pytest.raises(InputError):
        options.read(given_)

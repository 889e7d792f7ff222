"""Parameters are strict: what is not understood is named, never ignored or guessed."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, ValidationError

from songhua.kit.errors import InputError
from songhua.kit.params import Params, choices, parse


class Sample(Params):
    """One parameter of each kind."""

    count: int = Field(3, ge=1, le=10)
    rate: float = Field(0.5, gt=0, lt=1)
    how: Literal["fast", "exact"] = "fast"
    limit: float | None = Field(None, ge=0, le=100)
    name: str


def wrong(**given_values: object) -> list[tuple[str, str, str]]:
    with pytest.raises(InputError) as caught:
        parse(Sample, {"name": "a"} | given_values)
    return [(p.where, p.code, p.value) for p in caught.value.problems]


@pytest.mark.parametrize(
    ("given_values", "problem"),
    [
        ({"cuont": 3}, ("cuont", "param_unknown", "3")),
        ({"count": 0}, ("count", "param_at_least", "1")),
        ({"count": 11}, ("count", "param_at_most", "10")),
        ({"count": 2.5}, ("count", "param_whole", "2.5")),
        ({"count": "many"}, ("count", "not_a_number", "many")),
        ({"count": None}, ("count", "not_a_number", "None")),
        ({"rate": 0}, ("rate", "param_above", "0.0")),
        ({"rate": 1}, ("rate", "param_below", "1.0")),
        ({"rate": "nan"}, ("rate", "not_finite", "nan")),
        ({"limit": float("inf")}, ("limit", "not_finite", "inf")),
        ({"how": "slow"}, ("how", "param_choice", "'fast' or 'exact'")),
    ],
)
def test_each_defect_has_its_place_code_and_limit(given_values, problem):
    assert wrong(**given_values) == [problem]


def test_a_missing_parameter_is_named():
    with pytest.raises(InputError) as caught:
        parse(Sample, {})
    assert [(p.where, p.code) for p in caught.value.problems] == [("name", "param_missing")]


def test_all_defects_are_named_at_once():
    assert {where for where, *_ in wrong(count=0, rate=2, how="slow", extra=1)} == {
        "count", "rate", "how", "extra",
    }  # fmt: skip


@given(st.integers(1, 10), st.floats(0.01, 0.99), st.sampled_from(["fast", "exact"]))
def test_text_as_forms_send_it_gives_the_same(count, rate, how):
    typed = parse(Sample, {"count": count, "rate": rate, "how": how, "name": "a"})
    text = parse(Sample, {"count": str(count), "rate": repr(rate), "how": how, "name": "a"})
    assert typed == text
    assert parse(Sample, typed.model_dump(mode="json")) == typed


@given(st.dictionaries(st.text(max_size=6), st.none() | st.text(max_size=6) | st.floats()))
def test_anything_else_is_refused_with_sentences(given_values):
    with pytest.raises(InputError) as caught:
        parse(Sample, {k: v for k, v in given_values.items() if k != "name"})
    for problem in caught.value.problems:
        assert problem.text("zh") != problem.text("en")


def test_parameters_do_not_change():
    with pytest.raises(ValidationError):
        parse(Sample, {"name": "a"}).count = 4


def test_choices_are_those_of_a_literal():
    assert choices(Sample, "how") == ("fast", "exact")
    assert choices(Sample, "count") == choices(Sample, "limit") == ()

"""Money is whole fen, exact both ways, and rounded once."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from songhua.kit.errors import InputError
from songhua.kit.money import fen, share, yuan

AMOUNTS = st.integers(0, 10**14)
RATES = st.fractions(0, 1, max_denominator=10**6)


@given(AMOUNTS)
def test_yuan_and_fen_are_each_others_inverse(amount):
    assert fen(yuan(amount), "amount") == amount


@given(AMOUNTS)
def test_what_is_owed_is_written_with_a_minus(amount):
    assert yuan(-amount) == ("-" if amount else "") + yuan(amount)


@given(AMOUNTS, RATES)
def test_a_share_is_never_more_than_half_a_fen_off(amount, rate):
    assert abs(share(amount, rate) - amount * rate) <= Fraction(1, 2)


@given(AMOUNTS, RATES)
def test_a_debt_is_shared_as_a_credit_is(amount, rate):
    assert share(-amount, rate) == -share(amount, rate)


@given(st.integers(0, 10**9))
def test_half_a_fen_goes_away_from_zero(amount):
    assert share(2 * amount + 1, Fraction(1, 2)) == amount + 1


def test_a_share_by_thirds_is_not_lost_in_a_float():
    assert share(10**17 + 1, Fraction(1, 3)) == (10**17 + 1 + 1) // 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0.005", "too_many_decimals"), ("-1", "negative"), ("nan", "not_finite"),
        ("", "empty"), ("一百", "not_a_number"), ("1e13", "out_of_range"),
    ],
)  # fmt: skip
def test_what_is_no_amount_is_named(text, code):
    with pytest.raises(InputError) as caught:
        fen(text, "amount")
    assert [(p.where, p.code) for p in caught.value.problems] == [("amount", code)]

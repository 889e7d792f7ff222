"""Scores are exact, missing ones are never 0, and agreement has the answers of the literature."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from songhua.governance.challenges.agreement import kendall_w, krippendorff_alpha
from songhua.governance.challenges.scoring import Criterion, Method, matrix, rank, total
from songhua.kit.errors import InputError


def criterion(code: str, most: int, weight: str) -> Criterion:
    return Criterion(code=code, most=most, weight=Decimal(weight), zh=code, en=code)


ONE = Method(criteria=(criterion("a", 100, "1"),))
TWO = Method(criteria=(criterion("a", 10, "0.3"), criterion("b", 20, "0.7")))


def scored(*points: int, method: Method = ONE):
    """One bid, an expert for each number."""
    return {f"e{n}": {"a": Decimal(value)} for n, value in enumerate(points)}


def test_a_total_is_exact_and_the_mean_leaves_out_both_ends():
    assert total({"a": Decimal(5), "b": Decimal(7)}, TWO) == Fraction(395, 10)
    (only,) = rank({"x": scored(10, 100, 70, 71, 72)}, ONE)
    assert only.score == 71
    assert set(only.trimmed) == {"e0", "e1"}
    assert set(only.outliers) == {"e0", "e1"}
    (third,) = rank({"x": scored(70, 70, 71, 71, 71)}, ONE)
    assert third.score == Fraction(212, 3)
    assert third.outliers == ()


def test_a_missing_score_is_left_out_and_told_and_too_few_give_none():
    half = scored(80, 80, 80) | {"e3": {"a": None}, "e4": {}}
    (one,) = rank({"x": half}, ONE)
    assert (one.score, one.rank, one.totals["e3"]) == (80, 1, None)
    assert [r.code for r in one.reasons] == ["score_missing"]
    best, none = rank({"x": scored(10, 10, 10), "y": scored(99, 99) | {"e2": {}}}, ONE)
    assert (best.bid, none.bid, none.score, none.rank) == ("x", "y", None, None)
    assert none.reasons[0].code == "score_too_few"
    (partly,) = rank({"x": {"e0": {"a": Decimal(9)}}}, TWO)
    assert partly.totals == {"e0": None}


def test_level_bids_are_parted_by_the_weightiest_criterion_or_share_the_rank():
    def bid(a, b):
        return {f"e{n}": {"a": Decimal(a), "b": Decimal(b)} for n in range(3)}

    # 30·a/10 + 70·b/20: (7, 6) and (0, 12) are both 42
    got = rank({"x": bid(7, 6), "y": bid(0, 12), "z": bid(0, 12), "w": bid(1, 1)}, TWO)
    assert [(r.bid, r.rank) for r in got] == [("y", 1), ("z", 1), ("x", 3), ("w", 4)]
    assert [r.code for r in got[0].reasons] == ["score_tied"]
    assert got[2].reasons == ()


def test_what_experts_are_called_decides_nothing():
    """Two experts share the highest total with other points: whichever is trimmed, the same."""
    points = {"x": [(10, 0), (3, 6), (0, 0)], "y": [(10, 0), (10, 0), (0, 0)],
              "z": [(3, 6), (3, 6), (0, 0)]}  # fmt: skip
    for names in ("abc", "bac", "cba"):
        given = {
            bid: {
                n: {"a": Decimal(a), "b": Decimal(b)} for n, (a, b) in zip(names, row, strict=True)
            }
            for bid, row in points.items()
        }
        assert [r.bid for r in rank(given, TWO)] == ["z", "x", "y"]


@pytest.mark.parametrize("given", ["-1", "10.5", "NaN", "Infinity"])
def test_points_outside_their_range_are_refused(given):
    with pytest.raises(InputError):
        total({"a": Decimal(given), "b": Decimal(1)}, TWO)
    with pytest.raises(InputError):
        total({"a": Decimal(1), "c": Decimal(1)}, TWO)


def test_a_method_must_be_whole():
    for bad in ({"least": 2}, {"criteria": (criterion("a", 1, "0.9"),)},
                {"criteria": (criterion("a", 1, "0.5"), criterion("a", 1, "0.5"))}):  # fmt: skip
        with pytest.raises(ValidationError):
            Method(**{"criteria": ONE.criteria} | bad)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.lists(st.integers(0, 100), min_size=5, max_size=5), min_size=1, max_size=5))
def test_the_order_of_experts_and_bids_changes_nothing(rows):
    bids = {f"b{n}": scored(*row) for n, row in enumerate(rows)}
    turned = {b: dict(reversed(given.items())) for b, given in reversed(bids.items())}
    here = {r.bid: (r.score, r.rank) for r in rank(bids, ONE)}
    assert here == {r.bid: (r.score, r.rank) for r in rank(turned, ONE)}
    keys = [(Fraction(sum(sorted(row)[1:-1]), 3), sum(row)) for row in rows]
    for bid, own in zip(bids, keys, strict=True):
        assert here[bid] == (own[0], sum(other > own for other in keys) + 1)


NONE = None
RELIABILITY = [  # Krippendorff 2011, four observers and twelve units
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]


def test_alpha_and_w_have_the_published_answers():
    assert round(float(krippendorff_alpha(RELIABILITY)), 3) == 0.849
    siegel = [[1, 6, 3, 2, 5, 4], [1, 5, 6, 4, 2, 3], [6, 3, 2, 5, 4, 1]]
    assert kendall_w(siegel) == Fraction(306, 1890)


def test_agreement_has_no_answer_where_nothing_differs_or_is_missing():
    assert krippendorff_alpha([[3, 3], [3, 3]]) is None
    assert krippendorff_alpha([[1, 2]]) is None
    assert kendall_w([[1, 2], [1, None]]) is None
    assert kendall_w([[2, 2], [2, 2]]) is None
    assert kendall_w([[1], [2]]) is None
    assert kendall_w([]) is None


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_w_is_friedmans_statistic_over_its_most(data):
    """W = χ²/(m (n − 1)) with the tie correction, as SciPy computes Friedman's χ²."""
    from scipy.stats import friedmanchisquare

    items, raters = data.draw(st.integers(3, 6)), data.draw(st.integers(2, 6))
    row = st.lists(st.integers(0, 5), min_size=items, max_size=items)
    ratings = data.draw(st.lists(row, min_size=raters, max_size=raters))
    w = kendall_w(ratings)
    if all(len(set(r)) == 1 for r in ratings):
        assert w is None
        return
    chi = friedmanchisquare(*zip(*ratings, strict=True)).statistic
    assert float(w) == pytest.approx(chi / (raters * (items - 1)))
    assert 0 <= w <= 1


@given(st.lists(st.integers(0, 50), min_size=2, max_size=8).filter(lambda v: len(set(v)) > 1))
def test_experts_who_say_the_same_agree_wholly(values):
    assert krippendorff_alpha([values] * 3) == 1
    assert kendall_w([values] * 3) == 1


def test_the_matrix_has_a_row_for_every_expert():
    results = rank({"y": scored(1, 2, 3), "x": scored(4, 5) | {"e2": {}}}, ONE)
    assert matrix(results) == [[4, 1], [5, 2], [None, 3]]
